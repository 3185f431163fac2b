"""Incidents, and who is concerned and was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from seiyaku.incidents import Incident, Report
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import PersonId
from seiyaku.store import tables
from seiyaku.store.prepared import Row
from seiyaku.store.store import Store, into

ToldState = Literal["open", "told", "refused"]


@dataclass(frozen=True)
class Concerned:
    """Somebody whose data leaked, and whether they could be told."""

    person: PersonId
    state: ToldState
    told_at: datetime | None


class IncidentStore:
    """Incidents by id."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, incident: Incident, people: Sequence[PersonId]) -> None:
        """Record an incident and whom it concerns."""
        rows = [{"incident": incident.id, "person": p, "state": "open"} for p in people]
        with self._store.together():
            self._store.write(into(tables.incidents), _row(incident))
            self._store.write(into(tables.incident_people), rows)

    def save(self, incident: Incident) -> None:
        """Write the incident as it is now."""
        table, row = tables.incidents, _row(incident)
        self._store.write(sa.update(table).where(table.c.id == incident.id).values(**row))

    def get(self, incident: str) -> Incident:
        """The incident called `incident`.

        Raises:
            InvalidInput: SY194 there is none.
        """
        table = tables.incidents
        row = self._store.one(sa.select(table).where(table.c.id == incident))
        if row is None:
            raise InvalidInput(f"there is no incident `{incident}`", code="SY194")
        return _incident(row)

    def all(self) -> tuple[Incident, ...]:
        """Every incident, oldest first."""
        rows = self._store.read(sa.select(tables.incidents).order_by(tables.incidents.c.known_at))
        return tuple(_incident(row) for row in rows)

    def concerned(self, incident: str) -> tuple[Concerned, ...]:
        """Everybody whose data leaked, sorted."""
        table = tables.incident_people
        rows = self._store.read(
            sa.select(table).where(table.c.incident == incident).order_by(table.c.person)
        )
        return tuple(Concerned(PersonId(r.person), r.state, r.told_at) for r in rows)

    def told(self, incident: str, one: Concerned) -> None:
        """Write down whether somebody could be told."""
        table = tables.incident_people
        self._store.write(
            sa.update(table)
            .where(table.c.incident == incident, table.c.person == one.person)
            .values(state=one.state, told_at=one.told_at)
        )


def _row(incident: Incident) -> dict[str, Any]:
    row = asdict(incident)
    reports = [{**asdict(r), "at": r.at.isoformat()} for r in incident.reports]
    return {**row, "reports": reports, "counts": int(incident.counts)}


def _incident(row: Row) -> Incident:
    values = row._asdict()
    values["counts"] = bool(values["counts"])
    for name in ("datasets", "triggers"):
        values[name] = tuple(values[name])
    values["reports"] = tuple(
        Report(r["stage"], datetime.fromisoformat(r["at"]), r["sha256"]) for r in values["reports"]
    )
    return Incident(**values)

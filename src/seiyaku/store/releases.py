"""Records of what was given and received, and who the third parties are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from seiyaku.kernel.errors import NotPermitted
from seiyaku.kernel.ids import PersonId
from seiyaku.releases.model import Party, Release, ReleaseState
from seiyaku.store import tables
from seiyaku.store.prepared import Row
from seiyaku.store.store import Store

NOT_HELD: Final = date.min
"""Stands for a record that no law wants kept."""
_AT_ONCE: Final = 500
_OPEN: Final = frozenset({"intended", "unknown"})


class ReleaseStore:
    """Releases by id; the witness of the evidence is `app.releasing`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, releases: Sequence[Release]) -> tuple[Release, ...]:
        """Write down those not there yet, and give them back.

        A record that counts from the last release keeps the earlier ones of its kind alive.
        """
        with self._store.together():
            known = {r.id for r in self.get([release.id for release in releases])}
            by_id = {r.id: r for r in releases if r.id not in known}
            fresh = tuple(by_id.values())
            self._store.write(sa.insert(tables.releases), [_row(r) for r in fresh])
            for release in fresh:
                self._prolong(release)
        return fresh

    def get(self, ids: Sequence[str]) -> tuple[Release, ...]:
        """The releases with these ids, in their order; those unknown are left out."""
        table, found = tables.releases, {}
        for start in range(0, len(ids), _AT_ONCE):
            wanted = table.c.id.in_(ids[start : start + _AT_ONCE])
            found.update(
                {r.id: _release(r) for r in self._store.read(sa.select(table).where(wanted))}
            )
        return tuple(found[i] for i in dict.fromkeys(ids) if i in found)

    def settle(self, ids: Sequence[str], state: ReleaseState, at: datetime) -> tuple[Release, ...]:
        """Write what became of them, and give back those that were open until now.

        Raises:
            NotPermitted: SY260 one was never intended; SY261 one ended otherwise.
        """
        with self._store.together():
            found = self.get(ids)
            _require_open(ids, found, state)
            changing = [r for r in found if r.state != state]
            ended = tuple(replace(r, state=state, ended_at=at) for r in changing)
            self._store.write(_SETTLE, [_ended(r) for r in ended])
        return ended

    def untold(self) -> tuple[Release, ...]:
        """Releases whose state the evidence may not hold, oldest first."""
        table = tables.releases
        waiting = sa.select(table).where(table.c.told == 0).order_by(table.c.at, table.c.id)
        return tuple(_release(r) for r in self._store.read(waiting))

    def mark_told(self, ids: Sequence[str]) -> None:
        """Note that the evidence holds the state of these."""
        self._store.write(_TOLD, [{"this": one} for one in ids])

    def of_person(self, person: PersonId) -> tuple[Release, ...]:
        """Everything given and received of one person, oldest first."""
        return self.of_people([person])

    def of_people(self, people: Sequence[PersonId]) -> tuple[Release, ...]:
        """Everything given and received of these people, oldest first."""
        if len(people) == 1:
            found = [_release(r) for r in self._store.read(_OF_ONE, this=people[0])]
        else:
            among = tables.releases.c.person.in_
            parts = [people[n : n + _AT_ONCE] for n in range(0, len(people), _AT_ONCE)]
            found = [_release(r) for p in parts for r in self._store.read(_ALL.where(among(p)))]
        return tuple(sorted(found, key=lambda release: (release.at, release.id)))

    def recipients(self) -> frozenset[str]:
        """Everyone to whom anything was ever recorded as given."""
        table = tables.releases
        query = sa.select(table.c.recipient).where(table.c.direction == "provided").distinct()
        return frozenset(row.recipient for row in self._store.read(query))

    def intended_before(self, at: datetime) -> tuple[Release, ...]:
        """Releases of which nobody said what became, intended before `at`."""
        table = tables.releases
        old = sa.select(table).where(table.c.state == "intended", table.c.at < at)
        return tuple(_release(r) for r in self._store.read(old.order_by(table.c.at, table.c.id)))

    def dispose(self, today: date) -> int:
        """Destroy the records whose period is over, and what opens their entries.

        Returns:
            How many records went.
        """
        table, nonces = tables.releases, tables.nonces
        over = table.c.kept_until < today.isoformat()
        with self._store.together():
            ids = sa.select(table.c.id).where(over)
            self._store.write(sa.delete(nonces).where(nonces.c.request.in_(ids)))
            return self._store.write(sa.delete(table).where(over))

    def _prolong(self, release: Release) -> None:
        """Records that end some time after the *last* release wait for this one."""
        if release.manner == "other" or release.kept_until is None:
            return
        table, until = tables.releases, release.kept_until.isoformat()
        self._store.write(
            sa.update(table)
            .where(
                table.c.person == release.person,
                table.c.recipient == release.recipient,
                table.c.direction == release.direction,
                table.c.manner == release.manner,
                table.c.kept_until < until,
            )
            .values(
                kept_until=until,
                held_until=sa.case((table.c.required == 1, until), else_=table.c.held_until),
            )
        )


class PartyStore:
    """Third parties by word."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def name(self, parties: Iterable[Party]) -> None:
        """Say who they are; a word named again is changed."""
        table, rows = tables.parties, [asdict(p) for p in parties]
        with self._store.together():
            forget = sa.delete(table).where(table.c.word == sa.bindparam("this"))
            self._store.write(forget, [{"this": row["word"]} for row in rows])
            self._store.write(sa.insert(table), rows)

    def all(self) -> dict[str, Party]:
        """Everyone named, by word."""
        rows = self._store.read(sa.select(tables.parties))
        return {row.word: Party(**row._asdict()) for row in rows}


_ALL: Final = sa.select(tables.releases)
_OF_ONE: Final = _ALL.where(tables.releases.c.person == sa.bindparam("this"))
_SETTLE: Final = (
    sa.update(tables.releases)
    .where(tables.releases.c.id == sa.bindparam("this"))
    .values(
        {c: sa.bindparam(f"new_{c}") for c in ("state", "ended_at", "held_until")} | {"told": 0}
    )
)
_TOLD: Final = (
    sa.update(tables.releases).where(tables.releases.c.id == sa.bindparam("this")).values(told=1)
)


def _ended(release: Release) -> dict[str, Any]:
    """What failed was no provision: no law wants its record kept."""
    return {
        "this": release.id,
        "new_state": release.state,
        "new_ended_at": release.ended_at,
        "new_held_until": (release.held_until or NOT_HELD).isoformat(),
    }


def _require_open(ids: Sequence[str], found: Sequence[Release], state: ReleaseState) -> None:
    known = {r.id for r in found}
    for one in ids:
        if one not in known:
            raise NotPermitted(
                f"release `{one}` was never intended",
                code="SY260",
                hint="write the intent down before anything goes",
            )
    for release in found:
        if release.state != state and (release.state not in _OPEN or state == "intended"):
            raise NotPermitted(
                f"release `{release.id}` is {release.state}, and cannot be {state}",
                code="SY261",
                hint="what was sent or failed stays so: intend another release",
            )


def _row(release: Release) -> dict[str, Any]:
    return {
        **asdict(release),
        "items": list(release.items),
        "cites": list(release.cites),
        "record": dict(release.record),
        "required": int(release.required),
        "kept_until": (release.kept_until or date.max).isoformat(),
        "held_until": (release.held_until or NOT_HELD).isoformat(),
        "reference": release.reference or None,
        "told": 0,
    }


def _release(row: Row) -> Release:
    values = dict(row._asdict())
    del values["held_until"], values["told"]  # what the first says follows from the rest
    kept_until = date.fromisoformat(values["kept_until"])
    values |= {
        "items": tuple(values["items"]),
        "cites": tuple(values["cites"]),
        "required": bool(values["required"]),
        "kept_until": None if kept_until == date.max else kept_until,
        "reference": values["reference"] or "",
    }
    return Release(**values)

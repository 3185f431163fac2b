"""What somebody of the controller has to see to, from the day it was found to its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from seiyaku.kernel.errors import InvalidInput
from seiyaku.store import tables
from seiyaku.store.store import Store, into


@dataclass(frozen=True)
class Duty:
    """One thing to see to.

    Args:
        code: what was found (``supervision-overdue``). subject: word or id it is about; never
            a person. cite: clause that promises it. owner: staff identifier, empty where
            nobody is named. since_at: since when it is due; None where it always was.
        actor: who did it; empty where it was found no more.
        evidence_sha256: digest of what proves it; empty while it is open, or found no more.
    """

    id: str
    code: str
    subject: str
    cite: str
    owner: str
    since_at: datetime | None
    opened_at: datetime
    done_at: datetime | None = None
    actor: str = ""
    evidence_sha256: str = ""


class DutyStore:
    """Duties by id."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, duties: Sequence[Duty]) -> tuple[Duty, ...]:
        """Add those never opened before, also not by another process; they come back."""
        with self._store.together():
            self._store.alone("duties")
            known = {row.id for row in self._store.read(sa.select(tables.duties.c.id))}
            new = tuple(d for d in duties if d.id not in known)
            self._store.write(into(tables.duties), [asdict(d) for d in new])
        return new

    def all(self, *, done: bool = True) -> tuple[Duty, ...]:
        """Every duty, oldest first; without those that ended when `done` is False."""
        table = tables.duties
        rows = self._store.read(sa.select(table).order_by(table.c.opened_at, table.c.id))
        found = (Duty(**row._asdict()) for row in rows)
        return tuple(d for d in found if done or d.done_at is None)

    def get(self, duty: str) -> Duty:
        """The duty called `duty`.

        Raises:
            InvalidInput: SY195 there is none.
        """
        row = self._store.one(sa.select(tables.duties).where(tables.duties.c.id == duty))
        if row is None:
            raise InvalidInput(f"there is no duty `{duty}`", code="SY195")
        return Duty(**row._asdict())

    def end(self, duties: Sequence[Duty]) -> None:
        """Write down when each ended, by whom, and the digest of what proves it."""
        table, places = tables.duties, ("done_at", "actor", "evidence_sha256")
        done = (
            sa.update(table)
            .where(table.c.id == sa.bindparam("this"))
            .values({name: sa.bindparam(f"new_{name}") for name in places})
        )
        rows = [{"this": d.id, **{f"new_{n}": getattr(d, n) for n in places}} for d in duties]
        self._store.write(done, rows)

"""What is held of people and may be right no longer: since when, and who was asked about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from seiyaku.kernel.ids import PersonId
from seiyaku.store import tables
from seiyaku.store.store import Store, into

WhyStale = Literal["unconfirmed", "bounced"]


@dataclass(frozen=True)
class Stale:
    """One thing of one person.

    Args:
        subject: item, or dataset whose every item it is. since_at: last word that it is right,
            or when that became doubtful. reminded_at: when the person was asked; None while not.
    """

    person: PersonId
    subject: str
    why: WhyStale
    since_at: datetime
    reminded_at: datetime | None = None


class StaleStore:
    """Stale things by person."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> tuple[Stale, ...]:
        """Everything that is doubtful now, by person."""
        table = tables.stale
        rows = self._store.read(sa.select(table).order_by(table.c.person, table.c.subject))
        return tuple(Stale(**row._asdict()) for row in rows)

    def of(self, person: PersonId) -> tuple[Stale, ...]:
        """What is doubtful of one person."""
        rows = self._store.read(sa.select(tables.stale).where(tables.stale.c.person == person))
        return tuple(Stale(**row._asdict()) for row in rows)

    def replace(self, found: Sequence[Stale]) -> tuple[Stale, ...]:
        """Keep exactly these; one known before keeps when its person was asked."""
        with self._store.together():
            self._store.alone("stale")
            known = {(s.person, s.subject, s.why): s for s in self.all()}
            kept = tuple(_with(known.get((s.person, s.subject, s.why)), s) for s in found)
            self._store.write(sa.delete(tables.stale))
            self._store.write(into(tables.stale), [asdict(s) for s in kept])
        return kept

    def reminded(self, one: Stale, at: datetime) -> None:
        """Write down that the person was asked."""
        table = tables.stale
        self._store.write(
            sa.update(table)
            .where(table.c.person == one.person, table.c.subject == one.subject)
            .values(reminded_at=at)
        )


def _with(before: Stale | None, now: Stale) -> Stale:
    """Whoever was asked since the same moment is not asked again."""
    same = before is not None and before.since_at == now.since_at
    return replace(now, reminded_at=before.reminded_at) if same and before else now

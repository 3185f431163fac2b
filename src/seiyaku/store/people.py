"""What people said: standing events as they came, and facts that decisions lean on."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from seiyaku.assurance.model import Assurance, Assurances, Membership
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.codec import events_from_json, events_to_json
from seiyaku.standing.model import Erasure, Event
from seiyaku.store import tables
from seiyaku.store.store import Store, into

_FACT: TypeAdapter[Assurance] = TypeAdapter(Assurance)
_MEMBER: TypeAdapter[Membership] = TypeAdapter(Membership)
_FORGET_GONE = sa.delete(tables.gone).where(tables.gone.c.person_key == sa.bindparam("this"))


class StandingStore:
    """Events of each person, append-only."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, events: Iterable[Event]) -> None:
        """Add events; nothing that was said is ever overwritten.

        Raises:
            Conflict: SY521 another process appended to the same person at the same moment.
        """
        rows: list[dict[str, Any]] = []
        with self._store.together():
            last: dict[str, int] = {}
            for event in events:
                seq = last.get(event.person, self._last(event.person)) + 1
                last[event.person] = seq
                [written] = events_to_json([event])
                rows.append({"person": event.person, "seq": seq, "at": event.at, "event": written})
            self._store.write(into(tables.standing_events), rows)
            _note_change(self._store, last)

    def of(self, person: PersonId) -> tuple[Event, ...]:
        """Everything `person` said, in the order recorded; an erased one is known as erased."""
        table = tables.standing_events
        found = self._store.read(
            sa.select(table.c.event).where(table.c.person == person).order_by(table.c.seq)
        )
        events = events_from_json(row.event for row in found)
        erased_at = self._gone(person)
        return events if erased_at is None else (*events, Erasure(person, erased_at))

    def of_many(self, people: Sequence[PersonId]) -> dict[PersonId, tuple[Event, ...]]:
        """What each of a few thousand people said, as `of`; read in one go."""
        table, gone = tables.standing_events, tables.gone
        found: dict[PersonId, list[Any]] = {person: [] for person in people}
        select = sa.select(table.c.person, table.c.event).where(table.c.person.in_(people))
        for row in self._store.read(select.order_by(table.c.person, table.c.seq)):
            found[row.person].append(row.event)
        keys = {self._key(person): person for person in people}
        erased = sa.select(gone.c.person_key, gone.c.at).where(gone.c.person_key.in_(keys))
        erased_at = {keys[row.person_key]: row.at for row in self._store.read(erased)}
        return {
            person: (
                *events_from_json(events),
                *((Erasure(person, erased_at[person]),) if person in erased_at else ()),
            )
            for person, events in found.items()
        }

    def erase(self, people: Sequence[PersonId], at: datetime) -> None:
        """Remember by keyed digest alone that these people were erased."""
        keys = dict.fromkeys(self._key(person) for person in people)
        rows = [{"person_key": key, "status": "erased", "at": at} for key in keys]
        with self._store.together():
            self._store.write(_FORGET_GONE, [{"this": key} for key in keys])
            self._store.write(into(tables.gone), rows)
            _note_change(self._store, [None])  # a name here would outlive the erasure

    def everyone(self) -> tuple[PersonId, ...]:
        """Everybody who said something, sorted."""
        table = tables.standing_events
        rows = self._store.read(sa.select(table.c.person).distinct().order_by(table.c.person))
        return tuple(PersonId(row.person) for row in rows)

    def _last(self, person: str) -> int:
        table = tables.standing_events
        row = self._store.one(sa.select(sa.func.max(table.c.seq)).where(table.c.person == person))
        return int(row[0] or 0) if row else 0

    def _gone(self, person: PersonId) -> datetime | None:
        table = tables.gone
        row = self._store.one(sa.select(table.c.at).where(table.c.person_key == self._key(person)))
        return None if row is None else row.at

    def _key(self, person: str) -> str:
        return hmac.new(self._store.secret("gone"), person.encode(), hashlib.sha256).hexdigest()


class AssuranceStore:
    """Dated facts and memberships of registers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(self, facts: Iterable[Assurance]) -> None:
        """Add facts; an earlier one stays as it was."""
        rows = [{"fact": _FACT.dump_python(f, mode="json")} for f in facts]
        with self._store.together():
            self._store.write(into(tables.assurances), rows)
            _note_change(self._store, [None])

    def enrol(self, members: Iterable[Membership]) -> None:
        """Add members of registers."""
        rows = [{"member": _MEMBER.dump_python(m, mode="json")} for m in members]
        with self._store.together():
            self._store.write(into(tables.memberships), rows)
            _note_change(self._store, [None])

    def all(self) -> Assurances:
        """Everything recorded, oldest first."""
        facts = self._store.read(sa.select(tables.assurances.c.fact).order_by("id"))
        members = self._store.read(sa.select(tables.memberships.c.member).order_by("id"))
        return Assurances(
            tuple(_FACT.validate_python(row.fact) for row in facts),
            tuple(_MEMBER.validate_python(row.member) for row in members),
        )


class ChangeStore:
    """How far the store has come, so that doors in other processes keep up."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def last(self) -> int:
        """The number of the last change; it grows with everything said or recorded."""
        row = self._store.one(sa.select(sa.func.max(tables.changes.c.id)))
        return int(row[0] or 0) if row else 0

    def since(self, change: int) -> frozenset[PersonId] | None:
        """People who said something after `change`; None where everybody may be concerned."""
        table = tables.changes
        rows = self._store.read(sa.select(table.c.person).distinct().where(table.c.id > change))
        people = frozenset(row.person for row in rows)
        return None if None in people else people


def _note_change(store: Store, people: Iterable[str | None]) -> None:
    store.alone("changes")  # a number seen later must not have been given earlier
    store.write(into(tables.changes), [{"person": person} for person in people])

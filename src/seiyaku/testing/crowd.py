"""People kept in memory, for tests of doors: they say things, and facts are recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from threading import Lock

from seiyaku.assurance.model import Assurance, Assurances, Membership
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.fold import fold
from seiyaku.standing.model import Event, Standing


class Crowd:
    """`seiyaku.doors.people.People` without a store.

    Args:
        kind: kind of the people added without one.

    Examples:
        >>> crowd = Crowd("user")
        >>> crowd.add("7")
        >>> crowd.change(), list(crowd.everybody())
        (1, ['7'])
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._kinds: dict[PersonId, str] = {}
        self._said: dict[PersonId, tuple[Event, ...]] = {}
        self._assurances = Assurances()
        self._changes: list[PersonId | None] = []
        self._lock = Lock()

    def add(self, person: str, kind: str | None = None) -> None:
        """Know someone who has said nothing yet."""
        with self._lock:
            self._kinds[PersonId(person)] = kind or self._kind
            self._changes.append(PersonId(person))

    def say(self, *events: Event) -> None:
        """Record what people said; who was not known is from now on."""
        with self._lock:
            for event in events:
                self._kinds.setdefault(event.person, self._kind)
                self._said[event.person] = (*self._said.get(event.person, ()), event)
                self._changes.append(event.person)

    def record(self, *facts: Assurance) -> None:
        """Record dated facts."""
        with self._lock:
            known = self._assurances
            self._assurances = Assurances((*known.facts, *facts), known.memberships)
            self._changes.append(None)

    def enrol(self, *members: Membership) -> None:
        """Record members of registers."""
        with self._lock:
            known = self._assurances
            self._assurances = Assurances(known.facts, (*known.memberships, *members))
            self._changes.append(None)

    def standing(self, person: PersonId, at: datetime) -> Standing | None:
        """Where `person` stands at `at`; None where nobody knows them."""
        kind = self._kinds.get(person)
        return fold(person, kind, self._said.get(person, ()), at) if kind else None

    def everybody(self) -> Iterator[PersonId]:
        """Everyone known."""
        return iter(tuple(self._kinds))

    def assurances(self) -> Assurances:
        """Dated facts and registers as they are now."""
        return self._assurances

    def change(self) -> int:
        """How much was recorded."""
        return len(self._changes)

    def changed_since(self, change: int) -> frozenset[PersonId] | None:
        """Who said something after `change`; None where it may concern everybody."""
        moved = frozenset(self._changes[change:])
        return None if None in moved else frozenset(person for person in moved if person)

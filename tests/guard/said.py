"""People who say things while a test runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from seiyaku.assurance.model import Assurances
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.fold import fold
from seiyaku.standing.model import Event, Standing


class Said:
    """`seiyaku.doors.people.People` in memory."""

    def __init__(self, kinds: dict[PersonId, str], assurances: Assurances | None = None) -> None:
        self.kinds = kinds
        self.facts = assurances or Assurances()
        self._events: dict[PersonId, list[tuple[int, Event]]] = {}
        self._change = self._facts_change = 0

    def say(self, *events: Event) -> None:
        """Record what people said."""
        for event in events:
            self._change += 1
            self._events.setdefault(event.person, []).append((self._change, event))

    def learn(self, facts: Assurances) -> None:
        """Other facts from now on."""
        self._change += 1
        self._facts_change, self.facts = self._change, facts

    def standing(self, person: PersonId, at: datetime) -> Standing | None:
        if person not in self.kinds:
            return None
        events = [event for _, event in self._events.get(person, ())]
        return fold(person, self.kinds[person], events, at)

    def everybody(self) -> Iterator[PersonId]:
        return iter(tuple(self.kinds))

    def assurances(self) -> Assurances:
        return self.facts

    def change(self) -> int:
        return self._change

    def changed_since(self, change: int) -> frozenset[PersonId] | None:
        if self._facts_change > change:
            return None
        late = (p for p, said in self._events.items() if said[-1][0] > change)
        return frozenset(late)

"""The people of an installation as its doors know them: the company's rows, and what they said."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from seiyaku.app import persons
from seiyaku.app.self_map import prefix_of
from seiyaku.app.wiring import Parts
from seiyaku.assurance.model import Assurances
from seiyaku.datamap.find import person_id
from seiyaku.datamap.model import system_of
from seiyaku.datamap.system import Step
from seiyaku.gate.traits import settled
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import DatasetId, PersonId
from seiyaku.standing.fold import fold
from seiyaku.standing.model import Standing
from seiyaku.store.people import ChangeStore

_AT_ONCE: Final = 5_000
"""People whose words are read in one go."""


class HomePeople:
    """`seiyaku.doors.people.People` over the control plane and the company's systems.

    Someone is known who said something, or who has a row of their own.

    Args:
        without: systems whose rows are left to the door, which reads them itself.
    """

    def __init__(self, parts: Parts, without: Collection[str] = ()) -> None:
        self._parts, self._without = parts, frozenset(without)
        self._store = parts.repositories
        self._changes = ChangeStore(parts.repositories.store)

    def standing(self, person: PersonId, at: datetime) -> Standing | None:
        """Where `person` stands at `at`; None where nobody knows them."""
        events = self._store.standing.of(person)
        if not events and not self._has_row(person):
            return None
        return fold(person, persons.kind_of(self._parts, person), events, at)

    def everybody(self) -> Iterator[PersonId]:
        """Everyone with a row of their own or who said something, each once."""
        yield from dict.fromkeys((*self._rows(), *self._store.standing.everyone()))

    def standings(self, at: datetime) -> Iterator[tuple[Standing, bool]]:
        """Where everybody stands at `at`, and whether time alone changes nothing of it."""
        everybody = self.everybody()
        while some := tuple(islice(everybody, _AT_ONCE)):
            for person, events in self._store.standing.of_many(some).items():
                standing = fold(person, persons.kind_of(self._parts, person), events, at)
                yield standing, settled(standing) and standing.events == len(events)

    def assurances(self) -> Assurances:
        """Dated facts and registers as they are now."""
        return self._store.assurances.all()

    def change(self) -> int:
        """The number of the last change of the store."""
        return self._changes.last()

    def changed_since(self, change: int) -> frozenset[PersonId] | None:
        """People who said something after `change`; None where it may concern everybody."""
        return self._changes.since(change)

    def _has_row(self, person: PersonId) -> bool:
        kind = persons.kind_of(self._parts, person)
        for name in self._roots():
            system = self._parts.system(system_of(name))
            surfaces = {system.id: system.surface()}
            try:
                handles = persons.roots(self._parts, kind, [person], surfaces)
            except InvalidInput:  # no such key can stand in a row
                return False
            if any(system.locate([Step(name, (), root=True)], handles).rows.values()):
                return True
        return False

    def _rows(self) -> Iterator[PersonId]:
        for name in self._roots():
            dataset = self._parts.datamap.dataset(name)
            prefix = prefix_of(self._parts.datamap, name)
            table = dataset.table or name.partition(".")[2]
            for key, _ in self._parts.system(system_of(name)).texts(table, dataset.key[0]):
                yield PersonId(prefix + person_id((key,)))

    def _roots(self) -> Iterator[DatasetId]:
        read = frozenset(self._parts.read_systems()) - self._without
        for name, dataset in self._parts.datamap.persons():
            if system_of(name) in read and len(dataset.key) == 1:
                yield name

"""What a door needs to know of people: where each stands now, and who said something since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, Protocol, runtime_checkable

from seiyaku.assurance.model import Assurances
from seiyaku.gate.traits import settled
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import Standing


class People(Protocol):
    """People, their standings and the dated facts, as the store has them.

    Several doors in several processes read one store: `change` is how they keep up.
    """

    def standing(self, person: PersonId, at: datetime) -> Standing | None:
        """Where `person` stands at `at`; None where nobody knows them."""
        ...

    def everybody(self) -> Iterator[PersonId]:
        """Everyone known."""
        ...

    def assurances(self) -> Assurances:
        """Dated facts and registers as they are now."""
        ...

    def change(self) -> int:
        """A number that grows with every event, fact and membership recorded."""
        ...

    def changed_since(self, change: int) -> frozenset[PersonId] | None:
        """People who said something after `change`; None where it may concern everybody."""
        ...


_FAR: Final = datetime(9999, 1, 1, tzinfo=UTC)


def stays(people: People, standing: Standing) -> bool:
    """Whether time alone changes nothing of a standing: nothing is of this moment or to come.

    Clocks of two machines differ: what another one recorded may lie a little ahead.
    """
    if not settled(standing):
        return False
    later = people.standing(standing.person, _FAR)
    return later is not None and later.events == standing.events


@runtime_checkable
class ReadAtOnce(Protocol):
    """People who can be read all together, in far less time than one by one."""

    def standings(self, at: datetime) -> Iterator[tuple[Standing, bool]]:
        """Where everybody stands at `at`, and whether it `stays`."""
        ...


def everybody_stands(people: People, at: datetime) -> Iterator[tuple[Standing, bool]]:
    """Where everybody stands at `at`, and whether it `stays`; together where that can be."""
    if isinstance(people, ReadAtOnce):
        yield from people.standings(at)
        return
    for person in people.everybody():
        standing = people.standing(person, at)
        if standing is not None:
            yield standing, stays(people, standing)

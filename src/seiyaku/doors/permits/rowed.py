"""People with a row of their own count as known, though they never said anything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from seiyaku.assurance.model import Assurances
from seiyaku.doors.people import People
from seiyaku.doors.permits.laid import Laid
from seiyaku.doors.permits.layout import Layout
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import Standing


class WithRows:
    """`People`, and beside them whoever has a row in the database permits are laid into.

    Args:
        people: those who said something. laid: the database, whose rows are read when needed.
    """

    def __init__(self, people: People, laid: Laid, layout: Layout) -> None:
        self._people, self._laid, self._layout = people, laid, layout
        self._kinds: dict[PersonId, str] = {}

    def standing(self, person: PersonId, at: datetime) -> Standing | None:
        """Where `person` stands at `at`; someone who only has a row said nothing."""
        found = self._people.standing(person, at)
        kind = self._kinds.get(person)
        return found or (Standing(person, kind, at) if kind else None)

    def everybody(self) -> Iterator[PersonId]:
        """Everyone known here or there, each once."""
        self._kinds = dict(self._rows(new=False))
        yield from dict.fromkeys((*self._people.everybody(), *self._kinds))

    def assurances(self) -> Assurances:
        """Dated facts and registers as they are now."""
        return self._people.assurances()

    def change(self) -> int:
        """The number of the last event, fact or membership; rows do not count."""
        return self._people.change()

    def changed_since(self, change: int) -> frozenset[PersonId] | None:
        """People who said something after `change`, and those whose row came since."""
        said = self._people.changed_since(change)
        if said is None:
            return None
        came = dict(self._rows(new=True))
        self._kinds |= came
        return said | came.keys()

    def _rows(self, *, new: bool) -> Iterator[tuple[PersonId, str]]:
        for root in self._layout.roots:
            for key in self._laid.keys(root, new=new):
                yield PersonId(root.prefix + key), root.kind

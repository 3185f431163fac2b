"""What is permitted of a person, as the numbers of their row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from seiyaku.doors.people import People
from seiyaku.doors.permits.layout import Layout, Root
from seiyaku.gate.answers import Answer, Answers
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling
from seiyaku.gate.traits import Traits
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import Standing

Row = tuple[int, ...]


@dataclass(frozen=True)
class Epoch:
    """What permits hold for.

    Args:
        version: of the policy in force. change: number of the last change they know of.
        until: the first second they no longer hold; None where none is known.
    """

    version: str
    change: int
    until: datetime | None


class Permits:
    """The permits of everybody under what holds at one moment.

    Args:
        traits: kept from one moment to the next, so that people are taken apart alike.
    """

    def __init__(
        self, layout: Layout, gate: Gate, people: People, at: datetime, traits: Traits
    ) -> None:
        self.layout = layout
        self._people, self._at, self._traits = people, at, traits
        # INVARIANT: read before any standing, so that what comes meanwhile is read again.
        change = people.change()
        answers = Answers(gate, traits, people.assurances(), at)
        self._columns = [_Column(layout, answers, h) for h in layout.handlings.values()]
        until = answers.until and answers.until.replace(microsecond=0)
        self.epoch = Epoch(_version(layout, answers), change, until)

    def row(self, standing: Standing) -> Row:
        """The numbers of a person, in the order of `Layout.columns`."""
        mask = self._traits.mask(standing)
        return tuple(word for column in self._columns for word in column.words(mask))

    def rows(
        self, root: Root, people: Iterable[PersonId] | None = None
    ) -> Iterator[tuple[str, Row | None]]:
        """Keys and numbers of `people` of a root, everybody without; None of one unknown."""
        for person in self._people.everybody() if people is None else people:
            standing = self._people.standing(person, self._at)
            if standing is not None and standing.kind == root.kind:
                yield str(person).removeprefix(f"{root.kind}:"), self.row(standing)
            elif standing is None and self._home(person) == root:
                yield str(person).removeprefix(f"{root.kind}:"), None

    def _home(self, person: PersonId) -> Root:
        """Where someone unknown would stand: kinds but the first are told before the key."""
        roots = self.layout.roots
        named = (root for root in roots if str(person).startswith(f"{root.kind}:"))
        return next(named, roots[0])


class _Column:
    """The decisions of one handling, kept by the traits that matter to any of them."""

    def __init__(self, layout: Layout, answers: Answers, handling: Handling) -> None:
        self._layout = layout
        self._answers: list[tuple[Answer, int]] = [
            (answers.of(handling, slot.item, slot.source), 1 << bit)
            for slot, bit in layout.bits.items()
        ]
        self._memo: dict[int, Row] = {}
        self._known = self._relevant = 0

    def words(self, mask: int) -> Row:
        if mask > self._known:
            self._learn(mask)
        key = mask & self._relevant
        found = self._memo.get(key)
        return found if found is not None else self._memo.setdefault(key, self._decided(mask))

    def _learn(self, mask: int) -> None:
        self._known = (1 << mask.bit_length()) - 1
        self._relevant = 0
        for answer, _ in self._answers:
            self._relevant |= answer.relevant

    def _decided(self, mask: int) -> Row:
        permitted = sum(bit for answer, bit in self._answers if answer.decide(mask).permitted)
        return self._layout.words(permitted)


def _version(layout: Layout, answers: Answers) -> str:
    """The version in force: every decision tells it."""
    told = (
        answers.of(handling, slot.item, slot.source).decide(0).version
        for handling in layout.handlings.values()
        for slot in layout.slots
    )
    return next(told, "")

"""Answers kept by the traits they depend on: each is decided once and then looked up.

An `Answers` holds for one version of the policy, one day of the law and one set of live facts;
`until` says when the first of these ends.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from datetime import datetime
from threading import Lock
from typing import Final, Generic, TypeVar

from seiyaku.assurance.model import Assurance, Assurances, Membership
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Decision, Handling, Question
from seiyaku.gate.relevance import Relevance
from seiyaku.gate.traits import NOBODY, Traits

MOST_KEPT: Final = 50_000
"""Questions kept at most, whatever words callers bring; then they are learned anew."""


MOST_AT_ONCE: Final = 500
"""Whole masks an answer finds at once; people of more are found by their relevant bits."""
T = TypeVar("T")


class AtOnce(dict[int, T], Generic[T]):
    """What is kept by the whole mask: no Python code runs where it was asked before."""

    __slots__ = ("_find",)

    def __init__(self, find: Callable[[int], T]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, mask: int) -> T:
        found = self._find(mask)
        if len(self) < MOST_AT_ONCE:
            self[mask] = found
        return found


class _Kept(ABC):
    """What is kept by relevant traits, and learns of the traits that come."""

    __slots__ = ("_growing", "_known", "_relevant")

    def __init__(self) -> None:
        self._known = self._relevant = 0
        self._growing = Lock()
        self._grow()

    @property
    def relevant(self) -> int:
        """Mask of the traits that may matter; a trait outside it never changes the answer."""
        self._grow()
        return self._relevant

    def _grow(self) -> None:
        """Learn of the traits that came; what is remembered of the others stays true."""
        # INVARIANT: `_relevant` is set before `_known`, so that no bit is overlooked meanwhile.
        with self._growing:
            self._relevant, self._known = self._grown()

    @abstractmethod
    def _grown(self) -> tuple[int, int]:
        """The relevant bits, and the bits of every trait known."""


class Answer(_Kept):
    """The decisions of one handling of one item, for every combination of traits.

    Args:
        at_once: the same by look-up, for whoever asks in a hurry: ``answer.at_once[mask]``.
    """

    __slots__ = ("_assurances", "_gate", "_memo", "_question", "_relevance", "at_once")

    def __init__(
        self, gate: Gate, relevance: Relevance, assurances: Assurances, question: Question
    ) -> None:
        self._gate, self._relevance = gate, relevance
        self._assurances, self._question = assurances, question
        self._memo: dict[int, Decision] = {}
        self.at_once = AtOnce(self.decide)
        super().__init__()

    def decide(self, mask: int) -> Decision:
        """The decision for a person with these traits."""
        if mask > self._known:
            self._grow()
        key = mask & self._relevant
        found = self._memo.get(key)
        return found if found is not None else self._decided(key)

    def _grown(self) -> tuple[int, int]:
        return self._relevance.grown()

    def _decided(self, key: int) -> Decision:
        standing = self._relevance.standing(key)
        found = self._gate.decide(standing, self._assurances, self._question)
        return self._memo.setdefault(key, found)


class Allowed(_Kept):
    """The items one handling is permitted with, for every combination of traits."""

    __slots__ = ("_answers", "_memo", "_traits", "at_once")

    def __init__(self, traits: Traits, answers: dict[str, Answer]) -> None:
        self._traits, self._answers = traits, answers
        self._memo: dict[int, tuple[str, ...]] = {}
        self.at_once = AtOnce(self.items)
        super().__init__()

    def items(self, mask: int) -> tuple[str, ...]:
        """The items permitted for a person with these traits, in written order."""
        if mask > self._known:
            self._grow()
        key = mask & self._relevant
        found = self._memo.get(key)
        return found if found is not None else self._found(key)

    def _grown(self) -> tuple[int, int]:
        known = len(self._traits)
        relevant = 0
        for answer in self._answers.values():
            relevant |= answer.relevant
        return relevant & ((1 << known) - 1), (1 << known) - 1

    def _found(self, key: int) -> tuple[str, ...]:
        items = (item for item, answer in self._answers.items() if answer.decide(key).permitted)
        return self._memo.setdefault(key, tuple(items))


class Answers:
    """Every answer asked for so far, under what holds from `at` until `until`.

    Safe to use from several threads.

    Args:
        gate: the full engine, which decides what is not yet known.
        traits: shared by all who ask. assurances: dated facts and registers.
        at: aware; the moment asked about, and the first this holds for.
    """

    def __init__(self, gate: Gate, traits: Traits, assurances: Assurances, at: datetime) -> None:
        self._gate, self._traits, self._assurances, self._at = gate, traits, assurances, at
        self._answers: dict[tuple[Handling, str, str | None], Answer] = {}
        self._allowed: dict[tuple[Handling, str | None], Allowed] = {}
        self.until = min(_turns(gate, assurances, at), default=None)
        """First moment at which a version, a law, a fact or a membership begins or ends."""

    def of(self, handling: Handling, item: str, source: str | None = None) -> Answer:
        """The answer of one handling of one item; grows as traits do.

        Args:
            source: where the value came from, when known.
        """
        key = (handling, item, source)
        found = self._answers.get(key)
        if found is None:
            if len(self._answers) >= MOST_KEPT:
                self._answers.clear()
            found = self._answers.setdefault(key, self._answer(*key))
        return found

    def allowed(self, handling: Handling, source: str | None = None) -> Allowed:
        """The items of the policy that one handling is permitted with; grows as traits do."""
        key = (handling, source)
        found = self._allowed.get(key)
        if found is None:
            if len(self._allowed) >= MOST_KEPT:
                self._allowed.clear()
            items = self._gate.declared_items(self._at)
            answers = {item: self.of(handling, item, source) for item in items}
            found = self._allowed.setdefault(key, Allowed(self._traits, answers))
        return found

    def _answer(self, handling: Handling, item: str, source: str | None) -> Answer:
        question = handling.question(NOBODY, item, self._at, source=source)
        relevance = Relevance(self._gate, self._traits, self._assurances, question)
        return Answer(self._gate, relevance, self._assurances, question)


def _turns(gate: Gate, assurances: Assurances, at: datetime) -> Iterator[datetime]:
    yield from (moment for moment in gate.turns if moment > at)
    every: tuple[Assurance | Membership, ...] = (*assurances.facts, *assurances.memberships)
    for dated in every:
        if dated.from_at > at:
            yield dated.from_at
        if dated.until_at is not None and dated.until_at > at:
            yield dated.until_at

"""A question prepared once, to be asked about one person after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import monotonic

from seiyaku.doors.code.epoch import Epoch, Epochs
from seiyaku.gate.answers import AtOnce
from seiyaku.gate.ask import HandlingNotPermitted
from seiyaku.gate.model import Decision, Handling


class Prepared:
    """May this handling be done with this item of a person, now? `LiveGate.prepare` makes it.

    Args:
        asked: decides about a person not met. hint: words near an unknown one.
    """

    __slots__ = ("_asked", "_bound", "_epochs", "_hint", "handling", "item", "source")

    def __init__(
        self,
        epochs: Epochs,
        handling: Handling,
        item: str,
        source: str | None,
        asked: Callable[[str], Decision],
        hint: Callable[[Decision], str],
    ) -> None:
        self._epochs, self._asked, self._hint = epochs, asked, hint
        self.handling, self.item, self.source = handling, item, source
        self._bound = self._bind(epochs.now)

    def may(self, person: str) -> Decision:
        """The decision about one person."""
        epoch = self._epochs.now
        if monotonic() >= epoch.check_at:
            epoch = self._epochs.followed()
        bound = self._bound
        if bound[0] is not epoch:
            bound = self._bound = self._bind(epoch)
        try:
            return bound[1][epoch.masks[person]]
        except KeyError:  # a person not met
            return self._asked(person)

    def require(self, person: str) -> Decision:
        """As `may`, for code that goes on only when permitted.

        Raises:
            HandlingNotPermitted: SY200 refused, SY201 undecided; it carries the decision.
        """
        decision = self.may(person)
        if not decision.permitted:
            raise HandlingNotPermitted(decision, self.handling.act, self._hint(decision))
        return decision

    def decisions(self, people: Iterable[str]) -> Iterator[tuple[str, Decision]]:
        """The decision about each of many people, in their order."""
        return ((person, self.may(person)) for person in people)

    def among(self, people: Iterable[str]) -> Iterator[str]:
        """Those of `people` of whom it is permitted, in their order."""
        return (person for person in people if self.may(person).permitted)

    def _bind(self, epoch: Epoch) -> tuple[Epoch, AtOnce[Decision]]:
        return epoch, epoch.kept.of(self.handling, self.item, self.source).at_once

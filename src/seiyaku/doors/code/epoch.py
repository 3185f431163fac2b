"""What holds from one moment until the next version, law, fact or membership begins or ends."""

from __future__ import annotations

from datetime import datetime
from threading import RLock
from time import monotonic
from typing import Final

from seiyaku.doors.people import People, stays
from seiyaku.gate.answers import Answers, AtOnce
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Decision
from seiyaku.gate.traits import Traits
from seiyaku.kernel.clock import Clock
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import Standing

_TRIES: Final = 20


class Epoch:
    """Answers and people's bits under one state of versions, laws and facts.

    Args:
        masks: bits of the people met. answers, allowed: by the words they were asked with.
        check_at: when, by the machine's own count of seconds, to look for changes again.
    """

    __slots__ = ("allowed", "answers", "assurances", "at", "change", "check_at", "kept", "masks")

    def __init__(self, gate: Gate, traits: Traits, people: People, at: datetime) -> None:
        # The number is read first: what comes in between is then followed once more, not missed.
        self.change = people.change()
        self.assurances = people.assurances()
        self.at = at
        self.kept = Answers(gate, traits, self.assurances, at)
        self.masks: dict[str, int] = {}
        self.answers: dict[tuple[object, ...], AtOnce[Decision]] = {}
        self.allowed: dict[tuple[object, ...], AtOnce[tuple[str, ...]]] = {}
        self.check_at = 0.0

    def holds_at(self, at: datetime) -> bool:
        """Whether nothing began or ended since."""
        until = self.kept.until
        return self.at <= at and (until is None or at < until)


class Epochs:
    """The epoch that holds now, and everyone's bits in it.

    Args:
        every_s: seconds between two looks for changes; 0 looks before every answer.
    """

    def __init__(
        self, gate: Gate, traits: Traits, people: People, clock: Clock, every_s: float
    ) -> None:
        self._gate, self._traits, self._people, self.clock = gate, traits, people, clock
        self._every_s, self._lock = every_s, RLock()
        self.now = Epoch(gate, traits, people, clock.now())

    def followed(self) -> Epoch:
        """The epoch of this moment, without the bits of people who said something since."""
        with self._lock:
            at, epoch = self.clock.now(), self.now
            change = self._people.change()
            moved = self._people.changed_since(epoch.change) if change != epoch.change else ()
            if moved is None or not epoch.holds_at(at):
                # One assignment: who is deciding has the old state or the new one, whole.
                epoch = self.now = Epoch(self._gate, self._traits, self._people, at)
            else:
                for person in moved:
                    epoch.masks.pop(person, None)
                epoch.change = change
            epoch.check_at = monotonic() + self._until_next_look(epoch, at)
            return epoch

    def _until_next_look(self, epoch: Epoch, at: datetime) -> float:
        until = epoch.kept.until
        return self._every_s if until is None else min(self._every_s, (until - at).total_seconds())

    def met(self, person: str) -> tuple[Epoch, int | None]:
        """The bits of a person and the epoch they hold in; None for one nobody knows.

        They are kept until the person says something more, unless time alone may change them.

        Raises:
            SystemUnavailable: SY321 the store changes faster than it can be read.
        """
        with self._lock:  # what changes meanwhile is dropped after this is kept
            epoch, standing = self.read(person)
            if standing is None:
                return epoch, None
            mask = self._traits.mask(standing)
            if stays(self._people, standing):
                epoch.masks[person] = mask
            return epoch, mask

    def read(self, person: str) -> tuple[Epoch, Standing | None]:
        """Where a person stands now, as the store has it, with the facts of the same moment.

        Raises:
            SystemUnavailable: SY321 the store changes faster than it can be read.
        """
        for _ in range(_TRIES):
            epoch = self.followed()
            standing = self._people.standing(PersonId(person), self.clock.now())
            if self._people.change() == epoch.change:
                return epoch, standing
        raise SystemUnavailable(
            "people's standing changes faster than it can be read", code="SY321", hint="ask again"
        )

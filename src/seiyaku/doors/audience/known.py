"""Everybody as they stand now: read once, then kept up with what people say."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from seiyaku.doors.audience.ids import BLOCK, Ids
from seiyaku.doors.audience.population import Population, coded
from seiyaku.doors.people import People, everybody_stands, stays
from seiyaku.gate.answers import Answers
from seiyaku.gate.decide import Gate
from seiyaku.gate.traits import Traits
from seiyaku.kernel.clock import Clock
from seiyaku.kernel.ids import PersonId

REMEMBERED: Final = 100_000
"""Rows changed last that are remembered for those who follow; who is further behind begins anew."""


class Known:
    """People's bits and ids, and the answers that hold now; for one thread at a time.

    Args:
        change: number of the last change read; None before everybody was read.
        moved: rows changed since, newest last. moves: how many times a row changed.
    """

    def __init__(self, gate: Gate, people: People, clock: Clock) -> None:
        self._gate, self._people, self._clock = gate, people, clock
        self._unsettled: set[PersonId] = set()
        self.traits = Traits()
        self.population, self.ids = Population(), Ids()
        self.change: int | None = None
        self.moved: deque[int] = deque(maxlen=REMEMBERED)
        self.moves = 0
        self._answers: Answers | None = None

    @property
    def answers(self) -> Answers:
        """The answers of the moment last caught up with."""
        assert self._answers is not None
        return self._answers

    def catch_up(self) -> datetime:
        """Learn what was said and recorded since; the moment of what is known now."""
        # The number is read first: what comes in between is then read once more, not missed.
        at, change = self._clock.now(), self._people.change()
        if change != self.change:
            changed = None if self.change is None else self._people.changed_since(self.change)
            if changed is None:
                self._read_everybody(at)
                self._answers = None
            else:
                self._read(changed, at)
            self.change = change
        self._read(tuple(self._unsettled), at)
        answers = self._answers
        if answers is None or (answers.until is not None and answers.until <= at):
            self._answers = Answers(self._gate, self.traits, self._people.assurances(), at)
        return at

    def _read(self, people: Iterable[PersonId], at: datetime) -> None:
        for person in people:
            row, mask = self.ids.row(person), self._mask(person, at)
            if mask is not None:
                row = self.ids.add(person) if row is None else row
                self.population.put(row, mask)
            elif row is not None:
                self.population.remove(row)
                self.ids.forget(person)
            if row is not None:
                self.moved.append(row)
                self.moves += 1

    def _read_everybody(self, at: datetime) -> None:
        self.population, self.ids = Population(), Ids()
        self._unsettled = set()
        everybody = self._masks(at)
        while some := tuple(islice(everybody, BLOCK)):
            self.population.fill(*coded([mask for _, mask in some]))
            for person, _ in some:
                self.ids.add(person)

    def _masks(self, at: datetime) -> Iterator[tuple[PersonId, int]]:
        for standing, lasts in everybody_stands(self._people, at):
            if not lasts:
                self._unsettled.add(standing.person)
            yield standing.person, self.traits.mask(standing)

    def _mask(self, person: PersonId, at: datetime) -> int | None:
        standing = self._people.standing(person, at)
        self._unsettled.discard(person)
        if standing is None:
            return None
        if not stays(self._people, standing):
            self._unsettled.add(person)
        return self.traits.mask(standing)

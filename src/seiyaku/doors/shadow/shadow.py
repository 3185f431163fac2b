"""Run a coming version beside the one in force, over everybody."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from seiyaku.assurance.model import Assurances
from seiyaku.doors.people import People, everybody_stands
from seiyaku.doors.shadow.coming import coming_history
from seiyaku.doors.shadow.questions import Asked, asked_of
from seiyaku.doors.shadow.report import Change, ShadowReport
from seiyaku.gate.answers import Answer, Answers
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Decision, Handling
from seiyaku.gate.traits import NOBODY, Traits
from seiyaku.kernel.ids import PersonId
from seiyaku.laws import Laws
from seiyaku.policy.history import History
from seiyaku.policy.model import Policy
from seiyaku.standing.model import Standing

Pair = tuple[Decision, Decision]


class Shadow:
    """A coming version beside the one in force; nothing it answers has any effect.

    Everybody is counted by their traits, so that each question is decided once for all who
    stand alike.

    Args:
        history: the versions there are. coming: a draft, or a version whose day has not come.
        at: the moment asked about; the coming version is taken to be in force from then on.
        accepted: whether everybody is taken to have accepted the coming version.

    Raises:
        InvalidInput: SY126 the coming version does not come after the one in force.
    """

    def __init__(
        self,
        history: History,
        laws: Laws,
        coming: Policy,
        people: People,
        at: datetime,
        *,
        accepted: bool = False,
    ) -> None:
        later = coming_history(history, coming, at)
        now = history.in_force(at)
        self.at, self.people, self._traits = at, people, Traits()
        assurances = people.assurances()
        both = [policy for policy in (now, coming) if policy is not None]
        self._asked = asked_of(both, laws, assurances, at)
        self._before = _Side(Gate(history, laws), self._traits, assurances, at)
        self._after = _Side(Gate(later, laws), self._traits, assurances, at)
        self._ids = (now.version.id if now else "", coming.version.id)
        self._accepted = self._acceptance(coming.version.id) if accepted else 0

    def _acceptance(self, version: str) -> int:
        """The bit of having accepted a version."""
        plain = Standing(NOBODY, "", self.at)
        told = replace(plain, accepted=((version, self.at),))
        return self._traits.mask(told) & ~self._traits.mask(plain)

    def report(self) -> ShadowReport:
        """Everything that would be answered otherwise, counted."""
        masks = Counter(mask for _, mask in self._everybody())
        changes = _changes(self._told(masks))
        return ShadowReport(*self._ids, self.at, masks.total(), len(self._asked), changes)

    def write(self, path: Path) -> int:
        """Write whom it concerns to a CSV file, a line for each person and change; how many.

        The file names people: it is personal data and to be kept as such.
        """
        known: dict[int, list[tuple[str, ...]]] = {}
        lines = 0
        with path.open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(("person", *_COLUMNS))
            for person, mask in self._everybody():
                if mask not in known:
                    known[mask] = list(self._lines(mask))
                out.writerows((person, *line) for line in known[mask])
                lines += len(known[mask])
        return lines

    def _lines(self, mask: int) -> Iterator[tuple[str, ...]]:
        for asked, (before, after), _ in self._told({mask: 1}):
            h = asked.handling
            words = (h.act, asked.item, asked.source, h.purpose, h.recipient, h.country)
            yield (*(word or "" for word in words), before.outcome, after.outcome)

    def _everybody(self) -> Iterator[tuple[PersonId, int]]:
        for standing, _ in everybody_stands(self.people, self.at):
            yield standing.person, self._traits.mask(standing)

    def _told(self, masks: Mapping[int, int]) -> Iterator[tuple[Asked, Pair, int]]:
        """What moves; once only where it moves alike in any circumstances."""
        for plain, favourable in self._asked.items():
            moved, at_best = self._moved(plain, masks), self._moved(favourable, masks)
            yield from ((plain, pair, people) for pair, people in moved.items())
            if at_best != moved:
                yield from ((favourable, pair, people) for pair, people in at_best.items())

    def _moved(self, asked: Asked, masks: Mapping[int, int]) -> Mapping[Pair, int]:
        """The pairs of decisions with different outcomes, and of how many people."""
        before, after = self._before.of(asked), self._after.of(asked)
        found: Counter[Pair] = Counter()
        for mask, people in _alike(before, after, masks).items():
            pair = before.decide(mask), after.decide(mask | self._accepted)
            if pair[0].outcome != pair[1].outcome:
                found[pair] += people
        return found


class _Side:
    """One of the two versions; of the circumstances it is told those it has a word for."""

    def __init__(self, gate: Gate, traits: Traits, assurances: Assurances, at: datetime) -> None:
        self._answers = Answers(gate, traits, assurances, at)
        nothing = self._answers.of(Handling("keep"), "").decide(0)
        self._contexts = gate.vocabulary(nothing.version).get("unknown_context", frozenset())

    def of(self, asked: Asked) -> Answer:
        """The answer to a question."""
        known = asked.handling.contexts & self._contexts
        return self._answers.of(replace(asked.handling, contexts=known), asked.item, asked.source)


_COLUMNS = ("act", "item", "source", "purpose", "recipient", "country", "before", "after")


def _alike(before: Answer, after: Answer, masks: Mapping[int, int]) -> Mapping[int, int]:
    """People by the traits that matter to one of the two."""
    relevant = before.relevant | after.relevant
    found: Counter[int] = Counter()
    for mask, people in masks.items():
        found[mask & relevant] += people
    return found


def _changes(told: Iterable[tuple[Asked, Pair, int]]) -> tuple[Change, ...]:
    """One line for the sources of an item that change alike."""
    sources: defaultdict[Change, list[str]] = defaultdict(list)
    for asked, (before, after), people in told:
        line = Change(asked.handling, asked.item, (), before, after, people)
        sources[line] += [asked.source] if asked.source else []
    lines = (replace(line, sources=tuple(words)) for line, words in sources.items())
    return tuple(sorted(lines, key=lambda change: -change.people))

"""Asking the gate about everybody at once, as people stand now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from threading import Lock

from seiyaku.doors.audience.audience import Audience
from seiyaku.doors.audience.diagram import Diagram, diagram
from seiyaku.doors.audience.ids import BLOCK, Ids
from seiyaku.doors.audience.left_out import LeftOut, left_out
from seiyaku.doors.audience.population import Population, coded
from seiyaku.doors.audience.program import compile
from seiyaku.doors.audience.verdicts import Verdicts, verdicts
from seiyaku.doors.people import People
from seiyaku.gate.answers import Answer, Answers
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling
from seiyaku.gate.traits import Traits, settled
from seiyaku.kernel.clock import Clock
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import PersonId


class Audiences:
    """Everybody's standing as bits, kept up with what people say.

    The first question reads everybody; later ones read who said something since. Safe to use
    from several threads: every answer is of one moment.

    Args:
        gate: over all versions of the policy. clock: the present.
    """

    def __init__(self, gate: Gate, people: People, clock: Clock) -> None:
        self._gate, self._people, self._clock = gate, people, clock
        self._traits = Traits()
        self._population, self._ids = Population(), Ids()
        self._unsettled: set[PersonId] = set()
        self._change: int | None = None
        self._answers: Answers | None = None
        self._lock = Lock()

    def audience(
        self,
        purpose: str,
        items: Sequence[str],
        recipient: str | None = None,
        *,
        country: str | None = None,
        relation: str | None = None,
        contexts: Iterable[str] = (),
        sources: Mapping[str, str] | None = None,
        masked: bool = False,
    ) -> Audience:
        """The people whose items may all be used for a purpose, or sent to a recipient.

        Args:
            sources: where an item's values came from, for items of which that is known.
        """
        handling = Handling(
            "send" if recipient else "use",
            purpose,
            recipient,
            relation,
            country,
            contexts=frozenset(contexts),
            masked=masked,
        )
        return self.of(handling, items, sources)

    def of(
        self, handling: Handling, items: Sequence[str], sources: Mapping[str, str] | None = None
    ) -> Audience:
        """The people for whom a handling is permitted with every item.

        Raises:
            InvalidInput: SY100 no item is named: nothing is permitted by silence.
        """
        if not items:
            raise InvalidInput("an audience of no items", hint="name at least one item")
        with self._lock:
            at = self._catch_up()
            answers = self._asked(handling, items, sources)
            found = self._decided(answers)
            return Audience(
                handling,
                tuple(items),
                tuple(sorted((sources or {}).items())),
                answers[items[0]].decide(0).version,
                at,
                self._change or 0,
                self._population.select(compile(found)),
                self._ids,
            )

    def left_out(
        self, handling: Handling, items: Sequence[str], sources: Mapping[str, str] | None = None
    ) -> LeftOut:
        """How many people a handling leaves out, by item and reason."""
        with self._lock:
            self._catch_up()
            answers = self._asked(handling, items, sources)
            return left_out(self._gate, answers, self._population.combinations())

    def verdicts(self, handling: Handling, item: str, source: str | None = None) -> Verdicts:
        """The decision about everybody, with its reasons, to be looked up in any order."""
        with self._lock:
            self._catch_up()
            [answer] = self._asked(handling, [item], {item: source} if source else None).values()
            return verdicts(self._population, self._ids, answer)

    def _asked(
        self, handling: Handling, items: Sequence[str], sources: Mapping[str, str] | None
    ) -> Mapping[str, Answer]:
        assert self._answers is not None
        known = sources or {}
        return {item: self._answers.of(handling, item, known.get(item)) for item in items}

    def _decided(self, answers: Mapping[str, Answer]) -> Diagram[bool]:
        relevant = 0
        for answer in answers.values():
            relevant |= answer.relevant
        some = {mask & relevant for mask in self._population.combinations()} or {0}
        return diagram(
            {mask: all(a.decide(mask).permitted for a in answers.values()) for mask in some}
        )

    def read_again(self) -> None:
        """Read everybody at the next question: whoever came without a word said is then known."""
        with self._lock:
            self._change = None

    # -- keeping up -----------------------------------------------------------------------

    def _catch_up(self) -> datetime:
        """Learn what was said and recorded since; the moment of what is known now."""
        at, change = self._clock.now(), self._people.change()
        if change != self._change:
            changed = None if self._change is None else self._people.changed_since(self._change)
            if changed is None:
                self._read_everybody(at)
                self._answers = None
            else:
                self._read(changed, at)
            self._change = change
        self._read(tuple(self._unsettled), at)
        answers = self._answers
        if answers is None or (answers.until is not None and answers.until <= at):
            self._answers = Answers(self._gate, self._traits, self._people.assurances(), at)
        return at

    def _read(self, people: Iterable[PersonId], at: datetime) -> None:
        for person in people:
            row = self._ids.row(person)
            mask = self._mask(person, at)
            if mask is not None:
                self._population.put(self._ids.add(person) if row is None else row, mask)
            elif row is not None:
                self._population.remove(row)
                self._ids.forget(person)

    def _read_everybody(self, at: datetime) -> None:
        self._population, self._ids = Population(), Ids()
        self._unsettled = set()
        everybody = iter(self._people.everybody())
        while people := tuple(islice(everybody, BLOCK)):
            masks = [(p, m) for p in people if (m := self._mask(p, at)) is not None]
            self._population.fill(*coded([mask for _, mask in masks]))
            for person, _ in masks:
                self._ids.add(person)

    def _mask(self, person: PersonId, at: datetime) -> int | None:
        standing = self._people.standing(person, at)
        self._unsettled.discard(person)
        if standing is None:
            return None
        if not settled(standing):
            self._unsettled.add(person)
        return self._traits.mask(standing)

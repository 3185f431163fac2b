"""Asking the gate about everybody at once, as people stand now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from seiyaku.doors.audience.audience import Audience
from seiyaku.doors.audience.diagram import Diagram, diagram
from seiyaku.doors.audience.known import Known
from seiyaku.doors.audience.left_out import LeftOut, left_out
from seiyaku.doors.audience.program import compile
from seiyaku.doors.audience.verdicts import Verdicts, verdicts
from seiyaku.doors.people import People
from seiyaku.gate.answers import Answer
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling
from seiyaku.kernel.clock import Clock
from seiyaku.kernel.errors import InvalidInput


@dataclass(frozen=True)
class Held:
    """One question about everybody, while nothing moves.

    Args:
        at: the moment asked about. known: everybody. answers: of each item.
    """

    at: datetime
    known: Known
    answers: Mapping[str, Answer]

    @property
    def version(self) -> str:
        """The version in force."""
        return next(iter(self.answers.values())).decide(0).version

    def diagram(self) -> Diagram:
        """Whether every item is permitted, by the traits people have."""
        relevant = 0
        for answer in self.answers.values():
            relevant |= answer.relevant
        some = {mask & relevant for mask in self.known.population.combinations()} or {0}
        return diagram(
            {mask: all(a.decide(mask).permitted for a in self.answers.values()) for mask in some}
        )


class Audiences:
    """Everybody's standing as bits, kept up with what people say.

    The first question reads everybody; later ones read who said something since. Safe to use
    from several threads: every answer is of one moment.

    Args:
        gate: over all versions of the policy. clock: the present.
    """

    def __init__(self, gate: Gate, people: People, clock: Clock) -> None:
        self._gate, self._lock = gate, Lock()
        self._known = Known(gate, people, clock)

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
        with self.held(handling, items, sources) as held:
            return Audience(
                handling,
                tuple(items),
                tuple(sorted((sources or {}).items())),
                held.version,
                held.at,
                held.known.change or 0,
                held.known.population.select(compile(held.diagram())),
                held.known.ids,
            )

    def left_out(
        self, handling: Handling, items: Sequence[str], sources: Mapping[str, str] | None = None
    ) -> LeftOut:
        """How many people a handling leaves out, by item and reason; raises as `of`."""
        with self.held(handling, items, sources) as held:
            return left_out(self._gate, held.answers, held.known.population.combinations())

    def verdicts(self, handling: Handling, item: str, source: str | None = None) -> Verdicts:
        """The decision about everybody, with its reasons, to be looked up in any order."""
        with self.held(handling, [item], {item: source} if source else None) as held:
            return verdicts(held.known.population, held.known.ids, held.answers[item])

    @contextmanager
    def held(
        self, handling: Handling, items: Sequence[str], sources: Mapping[str, str] | None = None
    ) -> Iterator[Held]:
        """Everybody as they stand now, and still while inside; raises as `of`."""
        if not items:
            raise InvalidInput("an audience of no items", hint="name at least one item")
        told = sources or {}
        with self._lock:
            at = self._known.catch_up()
            answers = {i: self._known.answers.of(handling, i, told.get(i)) for i in items}
            yield Held(at, self._known, answers)

    def read_again(self) -> None:
        """Read everybody at the next question: whoever came without a word said is then known."""
        with self._lock:
            self._known.change = None

"""One consistent state of people and facts, and what the gate answers in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from seiyaku.doors.authzen.entities import Action, Context, Resource, Subject, handling
from seiyaku.doors.people import People
from seiyaku.gate.answers import Answers
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Decision, Reason
from seiyaku.gate.traits import Traits
from seiyaku.kernel.clock import Clock
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.history import History
from seiyaku.policy.model import Policy
from seiyaku.standing.model import Standing

_UNKNOWN = Decision("undecided", (Reason("unknown_person"),), "", 2)


class Live:
    def __init__(self, gate: Gate, people: People, clock: Clock) -> None:
        self.gate, self.people, self.clock = gate, people, clock
        self.traits = Traits()
        self.seen = people.change()
        at = clock.now()
        self.facts = people.assurances()
        self.answers = Answers(gate, self.traits, self.facts, at)
        self.kinds: dict[Subject, int] = {}
        for p in people.everybody():
            s = people.standing(p, at)
            if s:
                self.kinds[s.kind, p] = self.traits.mask(s)


class Presence:
    """The present, one request after the other; answers found are kept between them."""

    def __init__(self, live: Live, history: History) -> None:
        self._live, self._history, self._memo = live, history, {}

    def now(self) -> Present:
        return Present(self._live, self._history, self._memo)


class Present:
    """The gate, asked at one moment."""

    def __init__(self, live: Live, history: History, memo: dict) -> None:
        self._history = history
        self._live = live
        self._memo = memo
        self._masks = live.kinds
        self._at = live.clock.now()
        self._standings: dict[tuple[PersonId, datetime], Standing | None] = {}

    def decide(
        self, subject: Subject, action: Action, resource: Resource, context: Context
    ) -> Decision:
        """The decision now, or at the moment the context names."""
        answer = self._memo.get((action, resource, context))
        if answer is None:
            return self._first(subject, action, resource, context)
        mask = self._masks.get(subject)
        return _UNKNOWN if mask is None else answer.decide(mask)

    def _first(
        self, subject: Subject, action: Action, resource: Resource, context: Context
    ) -> Decision:
        if context.at or resource.data_at:
            return self._slow(subject, action, resource, context)
        if resource.item is None:
            return Decision("undecided", (Reason("unknown_item"),), "", 2)
        h = handling(action, context, resource.masked)
        self._memo[action, resource, context] = self._live.answers.of(
            h, resource.item, resource.source
        )
        return self.decide(subject, action, resource, context)

    def _slow(
        self, subject: Subject, action: Action, resource: Resource, context: Context
    ) -> Decision:
        at = context.at or self._at
        standing = self._standing(subject[1], at)
        if standing is None or standing.kind != subject[0]:
            return _UNKNOWN
        if resource.item is None:
            return Decision("undecided", (Reason("unknown_item"),), "", 2)
        h = handling(action, context, resource.masked)
        question = h.question(
            subject[1], resource.item, at, source=resource.source, data_at=resource.data_at
        )
        return self._live.gate.decide(standing, self._live.facts, question)

    def policy(self, at: datetime | None) -> Policy | None:
        """The version in force then; now where no moment is named."""
        return self._history.in_force(at or self._at)

    def items(self, at: datetime | None) -> tuple[str, ...]:
        """The items it declares."""
        return self._live.gate.declared_items(at or self._at)

    def subjects(self, kind: str) -> Iterator[Subject]:
        """Everybody known; whoever is of another kind is permitted nothing as this one."""
        return ((kind, person) for k, person in self._masks if k == kind)

    def _standing(self, person: PersonId, at: datetime) -> Standing | None:
        key = (person, at)
        if key not in self._standings:
            self._standings[key] = self._live.people.standing(person, at)
        return self._standings[key]

"""One consistent state of people and facts, and what the gate answers in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from seiyaku.doors.authzen.entities import Action, Context, Resource, Subject, handling_of
from seiyaku.doors.people import People
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Decision, Reason
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.history import History
from seiyaku.policy.model import Policy
from seiyaku.standing.model import Standing


class Present:
    """The gate, asked at one moment."""

    def __init__(self, gate: Gate, history: History, people: People, at: datetime) -> None:
        self._history = history
        self._gate = gate
        self._people = people
        self._assurances = people.assurances()
        self._at = at
        self._standings: dict[tuple[PersonId, datetime], Standing | None] = {}

    def decide(
        self, subject: Subject, action: Action, resource: Resource, context: Context
    ) -> Decision:
        at = context.at or self._at
        standing = self._standing(subject.id, at)
        if standing is None or standing.kind != subject.type:
            return Decision("undecided", (Reason("unknown_person"),), "", 2)
        if resource.item is None:
            return Decision("undecided", (Reason("unknown_item"),), "", 2)
        handling = handling_of(action, context, resource.masked)
        question = handling.question(
            subject.id, resource.item, at, source=resource.source, data_at=resource.data_at
        )
        return self._gate.decide(standing, self._assurances, question)

    def hint(self, decision: Decision) -> str:
        return self._gate.hint(decision)

    def policy(self, at: datetime | None) -> Policy | None:
        """The version in force then; now where no moment is named."""
        return self._history.in_force(at or self._at)

    def items(self, at: datetime | None) -> tuple[str, ...]:
        """The items it declares."""
        return self._gate.declared_items(at or self._at)

    def subjects(self, kind: str) -> Iterator[Subject]:
        """Everybody known; whoever is of another kind is permitted nothing as this one."""
        return (Subject(kind, person) for person in self._people.everybody())

    def _standing(self, person: PersonId, at: datetime) -> Standing | None:
        key = (person, at)
        if key not in self._standings:
            self._standings[key] = self._people.standing(person, at)
        return self._standings[key]

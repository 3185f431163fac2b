"""One consistent state of people and facts, and what the gate answers in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from time import monotonic

from seiyaku.doors.authzen.entities import NOWHERE, Action, Context, Resource, Subject, handling
from seiyaku.doors.authzen.message import Json
from seiyaku.doors.authzen.reader import Words
from seiyaku.doors.code.epoch import Epoch, Epochs
from seiyaku.doors.code.unknown import HINT, decided_of_nobody
from seiyaku.doors.people import People
from seiyaku.gate.answers import Answer
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Decision
from seiyaku.gate.traits import NOBODY, Traits
from seiyaku.kernel.clock import Clock
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.history import History
from seiyaku.policy.model import Policy
from seiyaku.standing.model import Standing

Asked = tuple[Action, Resource, Context]
NO_ITEM = ""
"""The word of a resource nobody has a name for: no policy declares it."""
_MOST_KEPT = 50_000
"""Questions kept between requests, without their people."""
_COUNT_S = 60.0


class Kept:
    """What is kept from one request to the next, without people."""

    def __init__(self, epoch: Epoch) -> None:
        self.epoch = epoch
        self.answers: dict[Asked, Answer] = {}
        self.plain: dict[Words, Answer] = {}

    @property
    def full(self) -> bool:
        """Whether callers brought so many words that these are learned anew."""
        return max(len(self.answers), len(self.plain)) > _MOST_KEPT


class Presence:
    """The present, one request after the other; it keeps up with what people say.

    Args:
        gate: the engine. history: the versions of the policy, for what a search may find.
        people: everyone's standing, as the store has it. clock: what time it is.
        every_s: seconds between two looks at what people said.
    """

    def __init__(
        self, gate: Gate, history: History, people: People, clock: Clock, every_s: float = 0.05
    ) -> None:
        self.gate, self.history, self.people, self.clock = gate, history, people, clock
        self.traits = Traits()
        self.epochs = Epochs(gate, self.traits, people, clock, every_s)
        self._kept = Kept(self.epochs.now)
        self.kinds: dict[str, int] = {}
        self._everybody: tuple[PersonId, ...] = ()
        self._counted_at = -_COUNT_S

    def now(self) -> Present:
        """What holds at this moment."""
        epoch = self.epochs.now
        if monotonic() >= epoch.check_at:
            epoch = self.epochs.followed()
        return Present(self, self.kept_in(epoch))

    def kept_in(self, epoch: Epoch) -> Kept:
        """What is kept of questions asked in this epoch."""
        if epoch is not self._kept.epoch or self._kept.full:
            self._kept = Kept(epoch)
        return self._kept

    def kind(self, word: str) -> int:
        """The bit of a kind of people; 0 where nobody of it has been met."""
        if word not in self.kinds:
            self.kinds.update(_kinds(self.traits))
        return self.kinds.get(word, 0)

    def hint(self, decision: Decision) -> str:
        """What may have been meant, where a word or the person is unknown."""
        unknown = any(reason.code == "unknown_person" for reason in decision.reasons)
        return "; ".join(filter(None, (HINT if unknown else "", self.gate.hint(decision))))

    def everybody(self) -> tuple[PersonId, ...]:
        """Everyone known, counted anew once a minute."""
        if monotonic() - self._counted_at >= _COUNT_S:
            self._everybody, self._counted_at = tuple(self.people.everybody()), monotonic()
        return self._everybody


class Present:
    """The gate, asked under one state of versions, laws and facts; it moves on as a whole."""

    def __init__(self, presence: Presence, kept: Kept) -> None:
        self._presence, self._kept = presence, kept
        self._standings: dict[tuple[PersonId, datetime | None], Standing | None] = {}

    def known(self, request: Json, words: Words | None) -> Decision | None:
        """The decision, where a plain request's words have all been asked before."""
        answer = self._kept.plain.get(words) if words is not None else None
        if answer is None:
            return None
        subject = request["subject"]
        try:
            mask = self._kept.epoch.masks[subject["id"]]
            known = mask & self._presence.kinds[subject["type"]]
            return answer.at_once[mask] if known else None
        except (KeyError, TypeError):
            return None

    def learn(self, words: Words | None, action: Action, resource: Resource) -> None:
        """Keep the words of a plain request that was read and found sound; see `known`."""
        if words is not None:
            self._kept.plain[words] = self._answer(action, resource, NOWHERE)

    def decide(
        self, subject: Subject, action: Action, resource: Resource, context: Context
    ) -> Decision:
        """The decision now, or at the moment the context names."""
        if context.at or resource.data_at:
            return self._in_full(subject, action, resource, context)
        mask = self._mask(subject)  # first: facts may have moved on with the person
        answer = self._answer(action, resource, context)
        return decided_of_nobody(answer.decide(0)) if mask is None else answer.decide(mask)

    def policy(self, at: datetime | None) -> Policy | None:
        """The version in force then; now where no moment is named."""
        return self._presence.history.in_force(at or self._presence.clock.now())

    def items(self, at: datetime | None) -> tuple[str, ...]:
        """The items it declares."""
        return self._presence.gate.declared_items(at or self._presence.clock.now())

    def subjects(self, kind: str) -> Iterator[Subject]:
        """Everybody known, as people of a kind; who is of another is permitted nothing."""
        return ((kind, person) for person in self._presence.everybody())

    def _answer(self, action: Action, resource: Resource, context: Context) -> Answer:
        found = self._kept.answers.get((action, resource, context))
        if found is None:
            doing = handling(action, context, resource.masked)
            found = self._kept.epoch.kept.of(doing, resource.item or NO_ITEM, resource.source)
            self._kept.answers[action, resource, context] = found
        return found

    def _mask(self, subject: Subject) -> int | None:
        kind, person = subject
        mask = self._kept.epoch.masks.get(person)
        if mask is None:
            epoch, mask = self._presence.epochs.met(person)
            self._kept = self._presence.kept_in(epoch)
        return mask if mask is not None and mask & self._presence.kind(kind) else None

    def _in_full(
        self, subject: Subject, action: Action, resource: Resource, context: Context
    ) -> Decision:
        """The full engine's decision, with every moment of what the person said."""
        kind, person = subject
        found = self._standing(person, context.at)
        known = found is not None and found.kind == kind
        at = context.at or (found.at if found is not None else self._presence.clock.now())
        standing = found if found is not None and known else Standing(NOBODY, "", at)
        question = handling(action, context, resource.masked).question(
            person, resource.item or NO_ITEM, at, source=resource.source, data_at=resource.data_at
        )
        facts = self._kept.epoch.assurances
        decided = self._presence.gate.decide(standing, facts, question)
        return decided if known else decided_of_nobody(decided)

    def _standing(self, person: PersonId, at: datetime | None) -> Standing | None:
        """Where a person stands then; where `at` is None, now, with the facts of now."""
        if (person, at) not in self._standings:
            self._standings[person, at] = self._read(person, at)
        return self._standings[person, at]

    def _read(self, person: PersonId, at: datetime | None) -> Standing | None:
        if at is not None:
            return self._presence.people.standing(person, at)
        epoch, standing = self._presence.epochs.read(person)
        self._kept = self._presence.kept_in(epoch)
        return standing


def _kinds(traits: Traits) -> Iterator[tuple[str, int]]:
    kinds, *_ = traits.groups
    while kinds:
        bit = kinds & -kinds
        [trait] = traits.of(bit)
        yield trait.value, bit
        kinds ^= bit

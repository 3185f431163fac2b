"""The gate as a running service asks it: about this person, now."""

from __future__ import annotations

import logging
from datetime import datetime
from time import monotonic
from typing import Any, Unpack

from seiyaku.doors.code.epoch import Epoch, Epochs
from seiyaku.doors.code.prepared import Prepared
from seiyaku.doors.code.unknown import HINT, decided_of_nobody
from seiyaku.doors.code.verbs import About, Circumstances, Further, Verbs
from seiyaku.doors.handling import require_handling
from seiyaku.doors.people import People
from seiyaku.gate.answers import MOST_KEPT
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Case, Decision, Handling
from seiyaku.gate.traits import Traits
from seiyaku.kernel.clock import Clock
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.diff import Widening, widenings
from seiyaku.policy.model import Act
from seiyaku.standing.model import Standing

Key = tuple[Any, ...]
_log = logging.getLogger(__name__)


class LiveGate(Verbs):
    """Answers for now, from memory, and follows what people say.

    A question with a case or with the moment of the data goes to the full engine; every other
    is looked up by the person's traits. Safe to use from several threads.

    Args:
        gate: the engine. people: everyone's standing, as the store has it.
        clock: what time it is.
        every_s: seconds between two looks at the store for what others recorded. 0 looks
            before every answer; `follow` looks before the next.

    Raises:
        SystemUnavailable: from every question, where the store cannot be read.
    """

    def __init__(self, gate: Gate, people: People, clock: Clock, *, every_s: float = 0.05) -> None:
        self.gate, self.people, self.traits = gate, people, Traits()
        self._epochs = Epochs(gate, self.traits, people, clock, every_s)
        for widening in self.widenings():
            _log.warning("%s", widening)

    def may(
        self,
        act: Act,
        person: str,
        item: str,
        *,
        purpose: str | None = None,
        source: str | None = None,
        **about: Unpack[Further],
    ) -> Decision:
        """May `act` be done now with `item` of `person`?

        Args:
            about: further words, as in `Question`; contexts and scopes are frozen sets.
        """
        epoch = self._epochs.now
        if monotonic() >= epoch.check_at:
            epoch = self._epochs.followed()
        key = (act, item, purpose, source, *about.items())
        try:
            return epoch.answers[key][epoch.masks[person]]
        except KeyError:  # not asked in these words before, or a person not met
            return self._asked(key, person, about)

    def may_use(
        self,
        person: str,
        item: str,
        *,
        purpose: str | None = None,
        source: str | None = None,
        **about: Unpack[Further],
    ) -> Decision:
        """May `item` be used for `purpose`? Law: APPI 18."""
        # The questions asked most are `may` written out, which spares half of its cost.
        epoch = self._epochs.now
        if monotonic() >= epoch.check_at:
            epoch = self._epochs.followed()
        if about:
            return self.may("use", person, item, purpose=purpose, source=source, **about)
        try:
            return epoch.answers["use", item, purpose, source][epoch.masks[person]]
        except KeyError:
            return self._asked(("use", item, purpose, source), person, about)

    def may_send(
        self,
        person: str,
        item: str,
        *,
        purpose: str | None = None,
        source: str | None = None,
        recipient: str | None = None,
        country: str | None = None,
        **about: Unpack[Circumstances],
    ) -> Decision:
        """May `item` be sent to `recipient` for `purpose`? Law: APPI 27, 28."""
        epoch = self._epochs.now
        if monotonic() >= epoch.check_at:
            epoch = self._epochs.followed()
        key: Key = ("send", item, purpose, source, recipient, country)
        if about:
            key = (*key, *about.items())
        try:
            return epoch.answers[key][epoch.masks[person]]
        except KeyError:
            return self._asked(key, person, {**about, "recipient": recipient, "country": country})

    def allowed_items(
        self,
        person: str,
        *,
        purpose: str | None = None,
        act: Act = "use",
        source: str | None = None,
        **about: Unpack[Further],
    ) -> tuple[str, ...]:
        """The declared items for which the question is permitted, in written order."""
        epoch = self._epochs.now
        if monotonic() >= epoch.check_at:
            epoch = self._epochs.followed()
        key: Key = (act, purpose, source)
        if about:
            key = (*key, *about.items())
        try:
            return epoch.allowed[key][epoch.masks[person]]
        except KeyError:
            return self._allowed(key, person, about)

    def prepare(self, act: Act, item: str, **about: Unpack[About]) -> Prepared:
        """A question without its person and case, to be asked about many people."""
        parts: dict[str, Any] = dict(about)
        source = parts.pop("source", None)
        handling = Handling(act, **parts)

        def asked(person: str) -> Decision:
            return self.decide(handling, person, item, source=source)

        return Prepared(self._epochs, handling, item, source, asked, self.hint)

    def here(self, act: Act, item: str, *, source: str | None = None) -> Decision:
        """May `act` be done with `item` for the person and purpose of the current handling?

        Raises:
            NotPermitted: SY250 the handling names no person, SY251 there is no handling.
        """
        occasion = require_handling()
        handling = occasion.handling(act)
        question = occasion.question(handling, item, self._epochs.clock.now(), source)
        case, data_at = occasion.case, occasion.data_at
        return self.decide(
            handling, question.person, item, source=source, case=case, data_at=data_at
        )

    def require_here(self, act: Act, *items: str, source: str | None = None) -> None:
        """As `here`, for every item.

        Raises:
            HandlingNotPermitted: SY200 refused, SY201 undecided; it carries the decision.
        """
        for item in items:
            self.insist(act, self.here(act, item, source=source))

    def decide(
        self,
        handling: Handling,
        person: str,
        item: str,
        *,
        source: str | None = None,
        case: Case | None = None,
        data_at: datetime | None = None,
    ) -> Decision:
        """As `may`, for a door that has the handling at hand."""
        if case is not None or data_at is not None:
            return self._in_full(handling, person, item, source, case, data_at)
        epoch = self._epochs.now
        if monotonic() >= epoch.check_at:
            epoch = self._epochs.followed()
        mask = epoch.masks.get(person)
        if mask is None:
            epoch, mask = self._epochs.met(person)
        answer = epoch.kept.of(handling, item, source)
        return answer.decide(mask) if mask is not None else decided_of_nobody(answer.decide(0))

    def widenings(self) -> tuple[Widening, ...]:
        """What the version in force, or one to come, permits beyond the one before it.

        Each is logged as a warning when the gate is made.
        """
        history = self.gate.history
        now = history.in_force(self._epochs.clock.now())
        since = history.rank(now.version.id) if now else 0
        found = widenings(history, self.gate.laws)
        return tuple(widening for widening in found if history.rank(widening.version) >= since)

    def follow(self) -> None:
        """Look at the store before the next answer: something was recorded in this process."""
        self._epochs.now.check_at = 0.0

    def load(self) -> int:
        """Meet everybody now rather than when first asked about; how many there are."""
        return sum(self._epochs.met(person)[1] is not None for person in self.people.everybody())

    def hint(self, decision: Decision) -> str:
        """What may have been meant, where a word or the person is unknown."""
        unknown = any(reason.code == "unknown_person" for reason in decision.reasons)
        return "; ".join(filter(None, (HINT if unknown else "", self.gate.hint(decision))))

    def _asked(self, key: Key, person: str, about: Further) -> Decision:
        act, item, purpose, source, *_ = key
        parts: dict[str, Any] = dict(about)
        case, data_at = parts.pop("case", None), parts.pop("data_at", None)
        handling = Handling(act, purpose, **parts)
        if case is None and data_at is None:
            _keep(self._epochs.now, key, handling, item, source)
        return self.decide(handling, person, item, source=source, case=case, data_at=data_at)

    def _allowed(self, key: Key, person: str, about: Further) -> tuple[str, ...]:
        act, purpose, source, *_ = key
        parts: dict[str, Any] = dict(about)
        if parts.pop("case", None) is not None or parts.pop("data_at", None) is not None:
            items = self.gate.declared_items(self._epochs.clock.now())
            payload = self.decide_payload(
                act, person, items, purpose=purpose, source=source, **about
            )
            return payload.permitted
        epoch, mask = self._epochs.met(person)
        allowed = epoch.kept.allowed(Handling(act, purpose, **parts), source)
        if len(epoch.allowed) >= MOST_KEPT:
            epoch.allowed.clear()
        epoch.allowed[key] = allowed.at_once
        return allowed.items(mask) if mask is not None else ()

    def _in_full(
        self,
        handling: Handling,
        person: str,
        item: str,
        source: str | None,
        case: Case | None,
        data_at: datetime | None,
    ) -> Decision:
        """The full engine's decision, with every moment of what the person said."""
        epoch, known = self._epochs.read(person)
        standing = known or Standing(PersonId(person), "", self._epochs.clock.now())
        question = handling.question(
            standing.person, item, standing.at, source=source, case=case, data_at=data_at
        )
        decision = self.gate.decide(standing, epoch.assurances, question)
        return decision if known is not None else decided_of_nobody(decision)


def _keep(epoch: Epoch, key: Key, handling: Handling, item: str, source: str | None) -> None:
    if len(epoch.answers) >= MOST_KEPT:
        epoch.answers.clear()
    epoch.answers[key] = epoch.kept.of(handling, item, source).at_once

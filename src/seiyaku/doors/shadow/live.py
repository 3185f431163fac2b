"""A coming version beside a live gate: what is really asked is counted, not the whole world."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from threading import Lock
from typing import Any, Unpack

from seiyaku.doors.code import LiveGate, Prepared
from seiyaku.doors.code.verbs import About
from seiyaku.doors.people import People
from seiyaku.doors.shadow.coming import coming_history
from seiyaku.doors.shadow.report import Change, ShadowReport
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Case, Decision, Handling
from seiyaku.kernel.clock import Clock
from seiyaku.laws import Laws
from seiyaku.policy.history import History
from seiyaku.policy.model import Act, Policy

_Key = tuple[Handling, str, str | None, Decision, Decision]


class ShadowedGate(LiveGate):
    """Answers by the version in force; asks the coming one the same, and only counts.

    Every question costs twice or three times as much. What goes wrong in the shadow is counted
    and never raised.

    Args:
        coming: a draft, or a version whose day has not come; taken to be in force from now on.

    Raises:
        InvalidInput: SY126 the coming version does not come after the one in force.
    """

    def __init__(
        self,
        history: History,
        laws: Laws,
        coming: Policy,
        people: People,
        clock: Clock,
        *,
        every_s: float = 0.05,
    ) -> None:
        super().__init__(Gate(history, laws), people, clock, every_s=every_s)
        self._since, self._clock = clock.now(), clock
        self._versions = history.in_force(self._since), coming
        later = Gate(coming_history(history, coming, self._since), laws)
        self._coming = LiveGate(later, people, clock, every_s=every_s)
        self._counted: Counter[_Key] = Counter()
        self._asked_of_both = self._failed = 0
        self._counting = Lock()

    def may(self, act: Act, person: str, item: str, **about: Unpack[About]) -> Decision:
        """As `LiveGate.may`."""
        parts: dict[str, Any] = dict(about)
        whole = {word: parts.pop(word, None) for word in ("source", "case", "data_at")}
        return self.decide(Handling(act, **parts), person, item, **whole)

    def may_use(self, person: str, item: str, **about: Unpack[About]) -> Decision:
        """As `LiveGate.may_use`."""
        return self.may("use", person, item, **about)

    def may_send(self, person: str, item: str, **about: Unpack[About]) -> Decision:
        """As `LiveGate.may_send`."""
        return self.may("send", person, item, **about)

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
        """As `LiveGate.decide`; what the coming version answers is counted where it differs."""
        about: dict[str, Any] = {"source": source, "case": case, "data_at": data_at}
        decision = super().decide(handling, person, item, **about)
        try:
            after = self._coming.decide(handling, person, item, **about)
        except Exception:
            # Whatever it was: nobody's work may end because of a version not yet in force.
            after = None
        with self._counting:
            self._asked_of_both += 1
            self._failed += after is None
            if after is not None and after.outcome != decision.outcome:
                self._counted[handling, item, source, decision, after] += 1
        return decision

    def allowed_items(
        self, person: str, *, act: Act = "use", **about: Unpack[About]
    ) -> tuple[str, ...]:
        """As `LiveGate.allowed_items`."""
        items = self.gate.declared_items(self._clock.now())
        return self.decide_payload(act, person, items, **about).permitted

    def prepare(self, act: Act, item: str, **about: Unpack[About]) -> Prepared:
        """As `LiveGate.prepare`."""
        parts: dict[str, Any] = dict(about)
        source = parts.pop("source", None)
        handling = Handling(act, **parts)

        def asked(person: str) -> Decision:
            return self.decide(handling, person, item, source=source)

        return _Shadowed(self._epochs, handling, item, source, asked, self.hint)

    def report(self) -> ShadowReport:
        """What was answered differently since the start."""
        with self._counting:
            counted, asked, failed = self._counted.copy(), self._asked_of_both, self._failed
        now, coming = self._versions
        changes = tuple(
            Change(handling, item, (source,) if source else (), before, after, times)
            for (handling, item, source, before, after), times in counted.most_common()
        )
        ids = now.version.id if now else "", coming.version.id
        return ShadowReport(*ids, self._since, 0, asked, changes, failed)


class _Shadowed(Prepared):
    """A prepared question that is asked in full each time, so that it is counted."""

    def may(self, person: str) -> Decision:
        """As `Prepared.may`."""
        return self._asked(person)

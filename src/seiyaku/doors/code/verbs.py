"""The verbs of the door: one for each act, each asking or insisting."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ParamSpec, TypedDict, TypeVar, Unpack

from seiyaku.doors.code.requires import requiring
from seiyaku.gate.ask import HandlingNotPermitted, PayloadDecision
from seiyaku.gate.model import Case, Decision
from seiyaku.policy.model import Act

P = ParamSpec("P")
R = TypeVar("R")


class Circumstances(TypedDict, total=False):
    """Further parts of a `Question` a caller may name; see there for their meaning."""

    relation: str | None
    route: str | None
    contexts: frozenset[str]
    scopes: frozenset[str]
    masked: bool
    case: Case | None
    data_at: datetime | None


class Further(Circumstances, total=False):
    """The parts of a `Question` beside act, person, item, purpose, source and moment."""

    recipient: str | None
    country: str | None


class About(Further, total=False):
    """The parts of a `Question` beside act, person, item and moment."""

    purpose: str | None
    source: str | None


class Verbs(ABC):
    """Verbs over `may`; `LiveGate` inherits them."""

    @abstractmethod
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
        """May `act` be done now with `item` of `person`?"""

    @abstractmethod
    def hint(self, decision: Decision) -> str:
        """What may have been meant, where a word or the person is unknown."""

    def may_collect(self, person: str, item: str, **about: Unpack[About]) -> Decision:
        """May `item` be collected? Law: APPI 17, 20."""
        return self.may("collect", person, item, **about)

    def may_use(self, person: str, item: str, **about: Unpack[About]) -> Decision:
        """May `item` be used for ``purpose=``? Law: APPI 18."""
        return self.may("use", person, item, **about)

    def may_send(self, person: str, item: str, **about: Unpack[About]) -> Decision:
        """May `item` be sent to ``recipient=`` for ``purpose=``? Law: APPI 27, 28."""
        return self.may("send", person, item, **about)

    def may_keep(self, person: str, item: str, **about: Unpack[About]) -> Decision:
        """May `item` still be kept? ``data_at=`` says when it arose. Law: APPI 22."""
        return self.may("keep", person, item, **about)

    def require(self, act: Act, person: str, *items: str, **about: Unpack[About]) -> None:
        """Go on only where `act` is permitted with every one of `items`.

        Raises:
            HandlingNotPermitted: SY200 refused, SY201 undecided; it carries the decision.
        """
        for item in items:
            self.insist(act, self.may(act, person, item, **about))

    def require_collect(self, person: str, *items: str, **about: Unpack[About]) -> None:
        """As `may_collect`, of every item; raises as `require`."""
        self.require("collect", person, *items, **about)

    def require_use(self, person: str, *items: str, **about: Unpack[About]) -> None:
        """As `may_use`, of every item; raises as `require`."""
        self.require("use", person, *items, **about)

    def require_send(self, person: str, *items: str, **about: Unpack[About]) -> None:
        """As `may_send`, of every item; raises as `require`."""
        self.require("send", person, *items, **about)

    def require_keep(self, person: str, *items: str, **about: Unpack[About]) -> None:
        """As `may_keep`, of every item; raises as `require`."""
        self.require("keep", person, *items, **about)

    def decide_payload(
        self, act: Act, person: str, items: Iterable[str], **about: Unpack[About]
    ) -> PayloadDecision:
        """Ask about every item of a payload alike; what may go, and what may not and why."""
        asked = dict.fromkeys(items)
        return PayloadDecision({item: self.may(act, person, item, **about) for item in asked})

    def requires(
        self, *items: str, act: Act = "use", person: str = "person", **about: Unpack[About]
    ) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """A decorator: the function runs where every item is permitted, within the handling.

        Args:
            person: name of the parameter that holds the person.

        Raises:
            InvalidInput: SY100 the function has no such parameter.
        """

        def insist(whose: str) -> None:
            self.require(act, whose, *items, **about)

        parts = {word: value for word, value in about.items() if word not in ("source", "masked")}
        return requiring(insist, person, parts)

    def insist(self, act: Act, decision: Decision) -> None:
        """Raise unless the decision permits; raises as `require`."""
        if not decision.permitted:
            raise HandlingNotPermitted(decision, act, self.hint(decision))

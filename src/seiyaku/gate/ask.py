"""Asking the gate in words: one verb per act, and errors that carry their decision.

`may_*` returns a `Decision`; `require_*` raises `HandlingNotPermitted`. A payload is asked
item by item, so that what may go can go and the rest is named.
"""

from __future__ import annotations

import difflib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from seiyaku.assurance.model import Assurances
from seiyaku.gate.model import Case, Decision, Question, Reason
from seiyaku.kernel.errors import NotPermitted
from seiyaku.policy.model import Act
from seiyaku.standing.model import Standing

_WORD = re.compile(r"[a-z][a-z0-9_]{0,59}|[A-Z]{2,3}|[0-9]{1,3}")
Vocabulary = Mapping[str, frozenset[str]]


class About(TypedDict, total=False):
    """The parts of a `Question` a caller may name; see there for their meaning."""

    purpose: str | None
    source: str | None
    recipient: str | None
    relation: str | None
    country: str | None
    route: str | None
    contexts: frozenset[str]
    case: Case | None
    data_at: datetime | None
    scopes: frozenset[str]
    masked: bool


class HandlingNotPermitted(NotPermitted):
    """The gate did not permit a handling; `decision` says by which clauses.

    Code ``SY200``: refused. ``SY201``: undecided, the configuration has a gap. The message
    holds words and citations only, never the person.
    """

    def __init__(self, decision: Decision, act: Act, hint: str = "") -> None:
        self.decision = decision
        code = "SY201" if decision.outcome == "undecided" else "SY200"
        reasons = "; ".join(shown(reason) for reason in decision.reasons)
        super().__init__(f"may not {act}: {decision.outcome}: {reasons}", code=code, hint=hint)


@dataclass(frozen=True)
class PayloadDecision:
    """A payload asked item by item.

    Args:
        decisions: what was decided for each item, in the order asked.
    """

    decisions: Mapping[str, Decision]

    @property
    def permitted(self) -> tuple[str, ...]:
        """The reduced payload: items that may go, in the order asked."""
        return tuple(item for item, d in self.decisions.items() if d.permitted)

    @property
    def denied(self) -> tuple[str, ...]:
        """Items that may not go, in the order asked."""
        return tuple(item for item, d in self.decisions.items() if not d.permitted)


class Asking(ABC):
    """Verbs over `decide`; the gate inherits them."""

    @abstractmethod
    def decide(self, standing: Standing, assurances: Assurances, question: Question) -> Decision:
        """The decision; the gate says how."""

    @abstractmethod
    def vocabulary(self, version: str) -> Vocabulary:
        """The words of a version, by the code that says one is unknown."""

    @abstractmethod
    def declared_items(self, at: datetime) -> tuple[str, ...]:
        """The items of the version in force at `at`."""

    def may(
        self,
        act: Act,
        standing: Standing,
        assurances: Assurances,
        item: str,
        at: datetime,
        **about: Unpack[About],
    ) -> Decision:
        """May `act` be done with `item` of the person of `standing` at `at`?"""
        return self.decide(standing, assurances, Question(act, standing.person, item, at, **about))

    def may_collect(
        self,
        standing: Standing,
        assurances: Assurances,
        item: str,
        at: datetime,
        **about: Unpack[About],
    ) -> Decision:
        """May `item` be collected? Law: APPI 17, 20."""
        return self.may("collect", standing, assurances, item, at, **about)

    def may_use(
        self,
        standing: Standing,
        assurances: Assurances,
        item: str,
        at: datetime,
        **about: Unpack[About],
    ) -> Decision:
        """May `item` be used for ``purpose=``? Law: APPI 18."""
        return self.may("use", standing, assurances, item, at, **about)

    def may_send(
        self,
        standing: Standing,
        assurances: Assurances,
        item: str,
        at: datetime,
        **about: Unpack[About],
    ) -> Decision:
        """May `item` be sent to ``recipient=`` for ``purpose=``? Law: APPI 27, 28."""
        return self.may("send", standing, assurances, item, at, **about)

    def may_keep(
        self,
        standing: Standing,
        assurances: Assurances,
        item: str,
        at: datetime,
        **about: Unpack[About],
    ) -> Decision:
        """May `item` still be kept? ``data_at=`` says when it arose. Law: APPI 22."""
        return self.may("keep", standing, assurances, item, at, **about)

    def require(
        self,
        act: Act,
        standing: Standing,
        assurances: Assurances,
        item: str,
        at: datetime,
        **about: Unpack[About],
    ) -> Decision:
        """As `may`, for code that goes on only when permitted.

        Raises:
            HandlingNotPermitted: SY200 refused, SY201 undecided; it carries the decision.
        """
        decision = self.may(act, standing, assurances, item, at, **about)
        if not decision.permitted:
            raise HandlingNotPermitted(decision, act, self.hint(decision))
        return decision

    def require_collect(
        self,
        standing: Standing,
        assurances: Assurances,
        item: str,
        at: datetime,
        **about: Unpack[About],
    ) -> Decision:
        """As `may_collect`; raises as `require`."""
        return self.require("collect", standing, assurances, item, at, **about)

    def require_use(
        self,
        standing: Standing,
        assurances: Assurances,
        item: str,
        at: datetime,
        **about: Unpack[About],
    ) -> Decision:
        """As `may_use`; raises as `require`."""
        return self.require("use", standing, assurances, item, at, **about)

    def require_send(
        self,
        standing: Standing,
        assurances: Assurances,
        item: str,
        at: datetime,
        **about: Unpack[About],
    ) -> Decision:
        """As `may_send`; raises as `require`."""
        return self.require("send", standing, assurances, item, at, **about)

    def require_keep(
        self,
        standing: Standing,
        assurances: Assurances,
        item: str,
        at: datetime,
        **about: Unpack[About],
    ) -> Decision:
        """As `may_keep`; raises as `require`."""
        return self.require("keep", standing, assurances, item, at, **about)

    def decide_payload(
        self,
        act: Act,
        standing: Standing,
        assurances: Assurances,
        items: Iterable[str],
        at: datetime,
        **about: Unpack[About],
    ) -> PayloadDecision:
        """Ask about every item of a payload alike; what may go, and what may not and why."""
        asked = dict.fromkeys(items)
        return PayloadDecision(
            {item: self.may(act, standing, assurances, item, at, **about) for item in asked}
        )

    def allowed_items(
        self,
        act: Act,
        standing: Standing,
        assurances: Assurances,
        at: datetime,
        **about: Unpack[About],
    ) -> tuple[str, ...]:
        """The declared items for which the question is permitted, in written order."""
        items = self.declared_items(at)
        return self.decide_payload(act, standing, assurances, items, at, **about).permitted

    def hint(self, decision: Decision) -> str:
        """Near words for the ones nobody declared; empty where there are none."""
        words = self.vocabulary(decision.version)
        near = (
            (reason.about, difflib.get_close_matches(reason.about, sorted(words[reason.code]), n=1))
            for reason in decision.reasons
            if reason.code in words
        )
        return "; ".join(
            f"`{found[0]}` is declared, `{_safe(word)}` is not" for word, found in near if found
        )


def shown(reason: Reason) -> str:
    """A reason in words that may be logged: code, what it is about, citation.

    What is no word of a policy is not repeated: it may be data that came in by mistake.

    Examples:
        >>> shown(Reason("unknown_item", "", "aki@example.jp"))
        'unknown_item `(no word)`'
        >>> shown(Reason("item_not_for_purpose", "CLOSM-4.4", "email"))
        'item_not_for_purpose `email` CLOSM-4.4'
    """
    about = f"`{_safe(reason.about)}`" if reason.about else ""
    return " ".join(part for part in (reason.code, about, reason.cite) if part)


def _safe(words: str) -> str:
    return words if all(_WORD.fullmatch(word) for word in re.split("[:,]", words)) else "(no word)"

"""A policy of one item, one purpose and one recipient, to be changed in one place at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from seiyaku.assurance import Assurance, Assurances, Membership
from seiyaku.gate import spec
from seiyaku.gate.model import Decision, Question
from seiyaku.kernel.ids import PersonId
from seiyaku.laws import load_packs
from seiyaku.policy.history import History
from seiyaku.policy.model import Policy
from seiyaku.standing import Event, fold

Json = dict[str, Any]
SOMEBODY = PersonId("7")
PUBLISHED = datetime(2026, 3, 1, tzinfo=UTC)
WORD = {"ja": "語", "en": "word"}


def day(n: float) -> datetime:
    """`n` days after the first version was published."""
    return PUBLISHED + timedelta(days=n)


def pledge() -> Json:
    """The policy file, as a mapping."""
    return {
        "seiyaku": 1,
        "service": "tiny",
        "prefix": "T",
        "service_name": WORD,
        "version": {"id": "v1", "enacted_on": PUBLISHED.date(), "published_at": PUBLISHED},
        "source": {
            "url": "none",
            "retrieved_on": "unknown",
            "sha256": "0" * 64,
            "language": "en",
        },
        "controller": {"name": WORD},
        "regimes": ["jp-appi", "jp-records"],
        "clauses": {},
        "people": {"user": {"name": WORD}},
        "sources": {"person": {"name": WORD}, "login": {"name": WORD}},
        "contexts": {"ordering": {"name": WORD}, "asking": {"name": WORD}},
        "items": {
            "email": {
                "clause": "3.1",
                "name": WORD,
                "personal": "none",
                "sources": {"person": {}, "login": {}},
            }
        },
        "purposes": {"serve": {"clause": "4.1", "name": WORD, "items": ["email"]}},
        "recipients": {
            "printer": {
                "clause": "6.1",
                "name": WORD,
                "basis": "entrust",
                "countries": ["JP"],
                "purposes": ["serve"],
                "items": ["email"],
            }
        },
    }


class World:
    """The tiny policy with changes, a person's words, and facts; it answers by the spec."""

    def __init__(self, *changes: Json) -> None:
        self.file = pledge()
        for change in changes:
            self.file = _merged(self.file, change)
        self.versions = [Policy.model_validate(self.file)]
        self.events: list[Event] = []
        self.facts = [fact(k, "printer") for k in ("trustee_record", "supervision")]
        self.members: list[Membership] = []
        self.kind = "user"
        self.packs: tuple[str, ...] = ("jp-appi", "jp-records")

    def then(self, change: Json, on: float = 30, **version: Any) -> World:
        """A further version, published `on` days after the first."""
        at = day(on)
        named = {"id": f"v{len(self.versions) + 1}", "enacted_on": at.date(), "published_at": at}
        self.file = _merged(self.file, change | {"version": {**named, **version}})
        self.versions.append(Policy.model_validate(self.file))
        return self

    def said(self, *events: Event) -> World:
        """The person said this too."""
        self.events += events
        return self

    def with_facts(self, *facts: Assurance | Membership) -> World:
        """This is recorded too."""
        self.facts += [f for f in facts if isinstance(f, Assurance)]
        self.members += [f for f in facts if isinstance(f, Membership)]
        return self

    def ask(self, act: Any = "use", item: str = "email", n: float = 10, **parts: Any) -> Decision:
        """The spec's answer on day `n`; use and send are for `serve` unless said otherwise."""
        if act in ("use", "send") and "case" not in parts:
            parts = {"purpose": "serve", **parts}
        if act == "send" and "case" not in parts:
            parts = {"recipient": "printer", **parts}
        parts["contexts"] = frozenset(parts.get("contexts", ()))
        question = Question(act=act, person=SOMEBODY, item=item, at=day(n), **parts)
        standing = fold(SOMEBODY, self.kind, self.events, question.at)
        assurances = Assurances(tuple(self.facts), tuple(self.members))
        history = History(tuple(self.versions))
        return spec.decide(history, load_packs(self.packs), standing, assurances, question)


def _merged(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    merged = {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
    return {key: value for key, value in merged.items() if value is not None}


def fact(kind: str, subject: str, **parts: Any) -> Assurance:
    """A dated fact that holds from before the first version on."""
    return Assurance(kind, subject, parts.pop("from_at", day(-1)), "file", **parts)


def said(decision: Decision) -> tuple[int, str, set[tuple[str, str, str]]]:
    """A decision as (step, outcome, reasons), for one comparison."""
    reasons = {(r.code, r.cite, r.about) for r in decision.reasons}
    assert decision.reasons == tuple(sorted(set(decision.reasons)))
    return decision.step, decision.outcome, reasons

"""Whole policies and their histories: one to three versions of a small service."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from seiyaku.policy.history import History
from seiyaku.policy.model import Policy, Version
from seiyaku.testing.strategies.parts import PARTS, VARIANTS, Dice, text
from seiyaku.testing.strategies.vocabulary import (
    CLAUSES,
    CONTEXTS,
    ITEMS,
    KNOWS,
    PEOPLE,
    SOURCES,
    START,
    day,
    seldom,
)


@cache
def _frame(seed: int) -> Policy:
    """All of a policy but items, purposes and recipients."""
    dice = Dice("frame", seed)
    safety = {"law": "life_body_property", "conditions": ["police_report"]}
    return Policy.model_validate(
        {
            "seiyaku": 1,
            "service": "small",
            "prefix": "SMALL",
            "service_name": text("small"),
            "version": {"id": "v1", "enacted_on": START.date()},
            "source": {
                "url": "none",
                "retrieved_on": "unknown",
                "sha256": "0" * 64,
                "language": "en",
            },
            "controller": {"name": text("small"), **dice.mostly(_TOLD, {})},
            "regimes": ["jp-appi", "jp-records"],
            "clauses": {},
            "people": {word: {"name": text(word)} for word in PEOPLE},
            "sources": {word: {"name": text(word)} for word in SOURCES},
            "contexts": {word: {"name": text(word)} for word in CONTEXTS},
            "acknowledgements": {KNOWS: {"clause": "7.1", "name": text("chain")}},
            "items": {},
            "purposes": {},
            "exceptions": {
                "safety": {"clause": "6.8", "name": text("safety"), **safety},
                "own_rights": {"clause": "6.9", "name": text("own rights"), "law": None},
            },
            "never": dice.mostly({}, {"train": "5.1"}, {"send": "5.2"}),
            "opened_by_consent": dice.any(None, {"purposes": "5.3", "recipients": "5.4"}),
            "foreign_consent": dice.mostly(None, *_FOREIGN),
            "minors": dice.any(None, None, None, *MINORS),
            "retention": _retention(dice),
            "rights": {"disclosure": {"clause": "11.1"}, "complaint": {"clause": "11.2"}},
            "exports": _exports(dice),
            "contradictions": _contradictions(dice),
        }
    )


_TOLD = {part: text(part) for part in ("address", "representative", "responsible")}
_FOREIGN = tuple({"clause": "6.7", "deemed": deemed} for deemed in (False, True))
MINORS = (
    {"clause": "10.1", "minimum_age": 13, "attestation": "orders"},
    {"clause": "10.1", "minimum_age": 13, "guardian_below": 18, "attestation": "orders"},
    {"clause": "10.1", "guardian_below": 18},
)


def _retention(dice: Dice) -> dict[str, Any]:
    held = dice.any(["orders"], ["orders", "address"], list(ITEMS))
    law = dice.mostly("jp-records.books", "jp-records.unheard_of")
    logs = dice.any(["location"], ["location", "orders"])
    return {
        "books": {"clause": "9.2", "items": held, "after": "ordered", "law": law},
        "logs": {"clause": "9.1", "items": logs, "after": "collected", "days": 30},
    }


def _exports(dice: Dice) -> dict[str, Any]:
    kind = dice.any("statistics", "research", "publication")
    recipients = [] if kind == "publication" else dice.any(["agency"], [], ["partners"])
    file = {"clause": "8.1", "name": text("file"), "kind": kind, "recipients": recipients}
    return {"counts": {**file, "items": dice.some(ITEMS), "k": dice.any(5, 2, 10)}}


def _contradictions(dice: Dice) -> dict[str, Any]:
    collect = {"clauses": ["3.3", "3.3c"], "items": ["location"]}
    purpose = {"clauses": ["4.3", "4.3c"], "purposes": ["newsletter"]}
    settled = {
        "gathering": collect | {"stricter": "3.3c"},
        "asking": purpose | {"stricter": "4.3c"},
    }
    everything = {"all": {"clauses": ["3.3", "4.3"]}}
    return dict(dice.mostly(settled, {"gathering": collect}, {"asking": purpose}, everything))


seeds = st.integers(0, VARIANTS)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """One small policy, not yet published."""
    parts = {
        part: {word: make(word, draw(seeds)) for word in words}
        for part, (words, make) in PARTS.items()
    }
    return _frame(draw(seeds)).model_copy(update=parts)


@st.composite
def _revised(draw: st.DrawFn, policy: Policy) -> Policy:
    """`policy` with one or two parts drawn anew or left out: wider here, narrower there."""
    for _ in range(draw(st.integers(1, 2))):
        part = draw(st.sampled_from(sorted(PARTS)))
        words, make = PARTS[part]
        word = draw(st.sampled_from(words))
        changed = {key: value for key, value in getattr(policy, part).items() if key != word}
        if draw(st.booleans()):
            changed[word] = make(word, draw(seeds))
        policy = policy.model_copy(update={part: changed})
    return policy


@st.composite
def histories(draw: st.DrawFn) -> History:
    """One to three versions of a policy, published thirty days apart; at times a draft last."""
    pledges = [draw(policies())]
    for _ in range(draw(st.sampled_from((1, 2, 0)))):
        pledges.append(draw(_revised(pledges[-1])))
    draft = len(pledges) > 1 and draw(seldom)
    last = len(pledges) - 1
    return History(
        tuple(
            pledge.model_copy(update={"version": _version(n, draft and n == last, draw(seeds))})
            for n, pledge in enumerate(pledges)
        )
    )


@cache
def _version(n: int, draft: bool, seed: int) -> Version:
    dice, published = Dice("version", seed), day(30 * n)
    later = {"effective": "on_date", "effective_on": published.date() + timedelta(days=5)}
    return Version.model_validate(
        {
            "id": f"v{n + 1}",
            "enacted_on": published.date(),
            "published_at": None if draft else published,
            "related_changes": dice.mostly([], list(CLAUSES), ["3.1", "4.1", "6.1"]),
            **dice.mostly({}, later),
        }
    )

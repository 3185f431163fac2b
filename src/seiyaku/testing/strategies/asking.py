"""Questions that ask for something else, or not for enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from hypothesis import strategies as st

from seiyaku.gate.model import Case
from seiyaku.policy.model import LEGAL_RETENTION
from seiyaku.testing.strategies.draft import Disturbance, Draft
from seiyaku.testing.strategies.vocabulary import (
    ACTS,
    COUNTRIES,
    ITEMS,
    MEMBERS,
    PURPOSES,
    RECIPIENTS,
    ROUTES,
    SOURCES,
    day,
    seldom,
)


def asking(*choices: Mapping[str, Any]) -> Disturbance:
    """The question says something else."""

    def disturb(draw: st.DrawFn, w: Draft) -> None:
        w.ask(**draw(st.sampled_from(choices)))

    return disturb


def early(draw: st.DrawFn, w: Draft) -> None:
    w.at = day(draw(st.sampled_from((-1, 2))))
    w.ask(at=w.at, data_at=None)


def unknown_word(draw: st.DrawFn, w: Draft) -> None:
    part = draw(st.sampled_from(("item", "purpose", "source", "recipient", "country", "contexts")))
    word = {"country": "XX", "contexts": frozenset({"nowhere", "ordering"})}.get(part, "stranger")
    w.ask(**{part: word})


def other_word(draw: st.DrawFn, w: Draft) -> None:
    """A declared word, but perhaps not beside the others."""
    words: dict[str, Sequence[Any]] = {
        "item": ITEMS,
        "purpose": (*PURPOSES, LEGAL_RETENTION, "train_model"),
        "source": (*SOURCES, None),
        "recipient": (*RECIPIENTS, *MEMBERS, "police"),
        "country": (*COUNTRIES, None),
        "route": ROUTES,
        "act": ACTS,
    }
    part = draw(st.sampled_from(sorted(words)))
    w.ask(**{part: draw(st.sampled_from(words[part]))})


def request(draw: st.DrawFn, w: Draft) -> None:
    code = draw(st.sampled_from(("disclosure", "correction", "complaint", "closure", "wish")))
    w.ask(case=Case("own_request", code))
    if not draw(seldom):
        w.ask(purpose=None, recipient=None)


def demand(draw: st.DrawFn, w: Draft) -> None:
    """An authority, or a danger; with and without what it takes."""
    whole: tuple[tuple[Literal["legal_demand", "exception"], str, str], ...] = (
        ("legal_demand", "law", "police"),
        ("exception", "life_body_property", "hospital"),
        ("exception", "safety", "printer"),
    )
    kind, code, recipient = draw(st.sampled_from(whole))
    needed = ("legal_basis", "danger", "consent_impractical", "police_report")
    made = Case(kind, code, frozenset(needed), "kato", "d1")
    flaws: tuple[dict[str, Any], ...] = (
        {"conditions": frozenset(needed[:3])},
        {"conditions": frozenset(needed[1:])},
        {"approver": None},
        {"document": None},
        {"code": draw(st.sampled_from(("own_rights", "whim", "state_cooperation")))},
        {"kind": "legal_demand"},
    )
    if draw(st.booleans()):
        made = replace(made, **draw(st.sampled_from(flaws)))
    w.ask(
        case=made,
        purpose=draw(st.sampled_from((None, w.q.purpose))),
        recipient=draw(st.sampled_from((recipient, recipient, recipient, "school", None))),
        act=draw(st.sampled_from(("send", "send", "use"))),
    )


def legally(draw: st.DrawFn, w: Draft) -> None:
    """Kept, or used, for the law alone."""
    purpose, act = draw(
        st.sampled_from(((LEGAL_RETENTION, "use"), (LEGAL_RETENTION, "keep"), (None, "keep")))
    )
    w.ask(item="orders", purpose=purpose, act=act, source=None)


def old(draw: st.DrawFn, w: Draft) -> None:
    """Data whose time is over."""
    w.ask(
        data_at=w.at - timedelta(days=draw(st.sampled_from((29, 30, 31)))),
        item=draw(st.sampled_from(("location", "orders", w.q.item))),
    )


question_says = asking(
    {"purpose": None},
    {"recipient": None},
    {"country": None},
    {"relation": None},
    {"contexts": frozenset()},
    {"source": None},
    {"source": None, "purpose": "newsletter"},
    {"route": "adequacy"},
    {"route": "consent"},
    {"masked": False},
    {"scopes": frozenset()},
    {"scopes": frozenset({"mail"})},
)

"""Rules on purposes: whether they say anything, and whether people can say no."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from seiyaku.policy.lint.context import Context, Found, listed
from seiyaku.policy.model import Purpose

_SAME_HAND: Final = frozenset({"entrust", "succession"})
"""Bases on which the receiver acts for the controller, or in its place."""
_CATCH_ALL_PURPOSE: Final = re.compile(
    r"\bother purposes?\b|^other\b"
    r"|\b(?:related|incidental|ancillary) to (?:the|these|those) (?:above|foregoing|purposes?)"
    r"|付随|(?:前各号|上記|これら).{0,4}関連|^その他",
    re.IGNORECASE,
)
_AIMS: Final = tuple(
    re.compile(rf"\b{stem}", re.IGNORECASE)
    for stem in ("improv", "advert", "personali[sz]", "recommend", "statistic", "market research")
)
"""Aims that policies like to repeat."""
_LEARNS: Final = re.compile(
    r"improv|personali[sz]|tailor|recommend|analy|改善|最適化|分析", re.IGNORECASE
)


def catch_all_purpose(context: Context) -> Iterator[Found]:
    """A purpose says "related to the above": it specifies nothing."""
    for word, purpose in context.policy.purposes.items():
        if is_catch_all(purpose):
            yield Found(
                ("purposes", word, "name"),
                f"`{word}` specifies no purpose",
                "say what it is for, or drop it",
                purpose.clause,
            )


def overlapping_purposes(context: Context) -> Iterator[Found]:
    """One aim stands in several clauses: it is unclear which one binds."""
    for word, purpose in context.policy.purposes.items():
        if purpose.also:
            yield Found(
                ("purposes", word, "also"),
                f"`{word}` stands in {listed([purpose.clause, *purpose.also])}",
                "say it once in the published text",
                purpose.clause,
            )
    for aim in _AIMS:
        sharing = [w for w, p in context.policy.purposes.items() if aim.search(p.name.en)]
        if len(sharing) > 1:
            yield Found(
                ("purposes", sharing[1], "name"),
                f"{listed(sharing)} share an aim",
                "say it once, or say what sets them apart",
                context.policy.purposes[sharing[1]].clause,
            )


def missing_opt_out(context: Context) -> Iterator[Found]:
    """Promotion is sent and no clause says how to stop it."""
    for word, purpose in context.policy.purposes.items():
        if purpose.promotes and purpose.opt_out is None:
            yield Found(
                ("purposes", word),
                f"`{word}` promotes and has no opt-out",
                "name the clause that lets people say no under `opt_out`",
                purpose.clause,
                at_key=True,
            )
    for word, recipient in context.policy.recipients.items():
        promoting = [p for p in map(context.purpose, recipient.purposes) if p and p.promotes]
        if promoting and recipient.basis not in _SAME_HAND and recipient.opt_out is None:
            yield Found(
                ("recipients", word),
                f"`{word}` receives for promotion and has no opt-out",
                "name the clause that lets people say no to it under `opt_out`",
                recipient.clause,
                at_key=True,
            )


def training_ban_under_tension(context: Context) -> Iterator[Found]:
    """Training on the data is banned while a purpose usually done by learned models stands."""
    ban = context.policy.never.get("train")
    if ban is None:
        return
    for word, purpose in context.policy.purposes.items():
        if _LEARNS.search(purpose.name.en) or _LEARNS.search(purpose.name.ja):
            yield Found(
                ("purposes", word),
                f"`{word}` often learns from data, which clause `{ban}` forbids",
                "keep it to rules and statistics, and say so",
                purpose.clause,
                at_key=True,
            )


def is_catch_all(purpose: Purpose) -> bool:
    """Whether a purpose is named "other" or "related to the above"."""
    return any(_CATCH_ALL_PURPOSE.search(name) for name in (purpose.name.en, purpose.name.ja))

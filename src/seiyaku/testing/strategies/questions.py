"""Questions drawn from a policy: their words are put together by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from seiyaku.gate.model import Question
from seiyaku.policy.model import Act, Policy
from seiyaku.testing.strategies.vocabulary import (
    ACTS,
    CLASSES,
    CONTEXTS,
    COUNTRIES,
    ITEMS,
    MEMBERS,
    PERSON,
    PURPOSES,
    RECIPIENTS,
    SCOPES,
    START,
    laws,
    seldom,
)


@st.composite
def questions(
    draw: st.DrawFn,
    policy: Policy,
    at: datetime = START,
    acts: Sequence[Act] = (*ACTS, "send"),
) -> Question:
    """A question the policy could permit: its words are drawn together from `policy`.

    Where the policy puts nothing together, the words are declared ones all the same.
    """
    act = draw(st.sampled_from(acts))
    purpose = draw(st.sampled_from(sorted(policy.purposes) or PURPOSES))
    recipient = draw(st.sampled_from(sorted(policy.recipients) or RECIPIENTS))
    if act == "send" and recipient in policy.recipients:
        purpose = draw(st.sampled_from(policy.recipients[recipient].purposes or (purpose,)))
    had = [_had(policy.purposes.get(purpose))] if act != "collect" else []
    had += [_had(policy.recipients.get(recipient))] if act == "send" else []
    together = set(policy.items).intersection(*had) or set(policy.items) or set(ITEMS)
    item = draw(st.sampled_from(sorted(together)))
    sources = policy.items[item].sources if item in policy.items else {}
    fits = [s for s, d in sources.items() if d.only is None or purpose in d.only]
    named = act in ("use", "send") or draw(seldom)
    return Question(
        act=act,
        person=PERSON,
        item=item,
        at=at,
        purpose=purpose if named else None,
        source=draw(st.sampled_from([*fits, *fits, None])),
        recipient=_asked(recipient) if act == "send" else None,
        relation="buyer_of",
        country=draw(st.sampled_from(_where(policy, recipient))) if act == "send" else None,
        contexts=frozenset(CONTEXTS),
        data_at=at if draw(st.booleans()) else None,
        scopes=frozenset(SCOPES),
        masked=act == "send",
    )


def _had(part: Any) -> set[str]:
    if part is None:
        return set(ITEMS)
    return {*part.items, *(w for words in part.items_when.values() for w in words)}


def _asked(recipient: str) -> str:
    return MEMBERS[0] if recipient in CLASSES else recipient


def _where(policy: Policy, recipient: str) -> Sequence[str | None]:
    """A country the recipient is in; none needs saying where it is in one only."""
    if recipient in CLASSES:
        return (None, "US")
    declared = policy.recipients[recipient].countries if recipient in policy.recipients else ()
    named = [c for code in declared for c in COUNTRIES if c in laws().expand_country(code)]
    return named + ([None] if len(declared) == 1 else []) or [None]

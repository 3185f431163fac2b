"""Worlds: everything a permission needs is there, then at most three things are disturbed."""

from __future__ import annotations

from hypothesis import strategies as st

from seiyaku.assurance.model import Assurance, Membership
from seiyaku.gate.model import Question
from seiyaku.policy.model import Policy
from seiyaku.standing.model import Acceptance, Acknowledged, AgeBand, Consent, Event, Scope
from seiyaku.testing.strategies.asking import (
    demand,
    early,
    legally,
    old,
    other_word,
    question_says,
    request,
    unknown_word,
)
from seiyaku.testing.strategies.draft import Disturbance, Draft
from seiyaku.testing.strategies.pledging import (
    deemed,
    derived,
    guarded,
    hollow,
    linked,
    masked,
    referring,
    unaccepted,
    unacknowledged,
    untold,
    widened,
)
from seiyaku.testing.strategies.policies import histories
from seiyaku.testing.strategies.questions import questions
from seiyaku.testing.strategies.recording import facts, members, reading
from seiyaku.testing.strategies.saying import (
    applicant,
    consents,
    opened,
    person_said,
    status,
    stop,
    withdraw,
    young,
)
from seiyaku.testing.strategies.vocabulary import (
    CLASSES,
    ITEMS,
    KNOWS,
    MEMBERS,
    PERSON,
    PURPOSES,
    RECIPIENTS,
    World,
    day,
)


@st.composite
def worlds(draw: st.DrawFn, first: Disturbance | None = None) -> World:
    """A history, the laws, a standing, assurances, and a question about all of them.

    Args:
        first: a disturbance that is always there; a test that takes one of `DISTURBANCES`
            after the other gives every step its fair share.
    """
    history = draw(histories())
    at = day(draw(st.sampled_from((75, 40, 20, 100))))
    policy = history.in_force(at) or history.versions[0]
    draft = Draft(history, at, draw(questions(policy, at)))
    draft.events += _satisfied(draft.q)
    draft.facts += _assured(draft.q, policy)
    draft.members += _registered(draw)
    if first is not None:
        first(draw, draft)
    for _ in range(draw(st.sampled_from((0, 0, 1, 2) if first else (1, 2, 0, 3)))):
        draw(st.sampled_from(DISTURBANCES))(draw, draft)
    return draft.finished()


def _satisfied(q: Question) -> list[Event]:
    """Everything a person can say that a permission may need."""
    named = Scope(
        items=ITEMS, purposes=PURPOSES, recipients=(*RECIPIENTS, *MEMBERS, q.recipient or "printer")
    )
    consent = Consent(
        PERSON,
        day(-2),
        named,
        "v1",
        presented_at=day(-3),
        countries=("JP", "US", "EU"),
        informed=("country_name", "country_system", "recipient_measures"),
    )
    newest: list[Event] = [Acceptance(PERSON, day(1 + 30 * n), f"v{n + 1}") for n in range(3)]
    return [
        consent,
        Acknowledged(PERSON, day(-2), KNOWS, "v1"),
        AgeBand(PERSON, day(-2), at_least=20),
        *newest,
    ]


def _assured(q: Question, policy: Policy) -> list[Assurance]:
    kinds = ("trustee_record", "supervision", "opt_out_filing", "training_opt_out")
    facts = [Assurance(k, r, day(-5), "file") for k in kinds for r in (*RECIPIENTS, *MEMBERS)]
    facts += [
        Assurance("equivalent_measures", r, day(-5), "file", about=c)
        for r in (*RECIPIENTS, *MEMBERS)
        for c in ("US", "DE")
    ]
    purpose = policy.purposes.get(q.purpose or "")
    meant = purpose.clause if purpose else None
    facts += [Assurance("reading", r, day(-5), "file", about=meant) for r in RECIPIENTS]
    return facts


def _registered(draw: st.DrawFn) -> list[Membership]:
    countries = draw(st.sampled_from([("US",), ("JP",), ("JP", "US")]))
    word = draw(st.sampled_from(CLASSES))
    return [Membership(f"{word}_register", "shop_a", day(-5), countries=countries)]


DISTURBANCES: tuple[Disturbance, ...] = (
    consents,
    widened,
    facts,
    other_word,
    unknown_word,
    question_says,
    hollow,
    members,
    reading,
    request,
    demand,
    status,
    legally,
    old,
    young,
    stop,
    person_said,
    withdraw,
    guarded,
    unaccepted,
    unacknowledged,
    applicant,
    opened,
    deemed,
    untold,
    linked,
    derived,
    masked,
    referring,
    early,
)
"""Every way a drawn world is disturbed; a test holds that together they reach every step."""

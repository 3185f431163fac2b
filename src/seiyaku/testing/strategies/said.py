"""What people say, in any order, and what it is about."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from seiyaku.gate.model import Question
from seiyaku.standing.model import (
    Acceptance,
    Acknowledged,
    AgeBand,
    Closure,
    Consent,
    Erasure,
    Event,
    Freeze,
    Guardian,
    OptIn,
    OptOut,
    Resumption,
    Scope,
    Suspension,
    Withdrawal,
)
from seiyaku.testing.strategies.vocabulary import (
    ITEMS,
    KNOWS,
    MEMBERS,
    PERSON,
    PURPOSES,
    RECIPIENTS,
    START,
    day,
)


def scopes() -> st.SearchStrategy[Scope]:
    """Scopes over the small vocabulary; every part may be empty."""
    part = st.lists(st.sampled_from(ITEMS), max_size=2, unique=True)
    why = st.lists(st.sampled_from(PURPOSES), max_size=2, unique=True)
    who = st.lists(st.sampled_from((*RECIPIENTS, *MEMBERS)), max_size=2, unique=True)
    return st.builds(lambda a, b, c: Scope(tuple(a), tuple(b), tuple(c)), part, why, who)


def events() -> st.SearchStrategy[list[Event]]:
    """What one person might say, in any order and at times that all differ."""
    one = st.one_of(
        st.builds(
            Consent,
            st.just(PERSON),
            st.just(START),
            scopes(),
            st.sampled_from(("v1", "v2")),
            st.sampled_from((None, day(-1))),
            st.sampled_from(((), ("US",))),
            st.sampled_from(("explicit", "deemed")),
        ),
        *(
            st.builds(kind, st.just(PERSON), st.just(START), scopes())
            for kind in (Withdrawal, Suspension, Resumption, OptOut, OptIn)
        ),
        st.builds(Acceptance, st.just(PERSON), st.just(START), st.sampled_from(("v1", "v2"))),
        st.builds(AgeBand, st.just(PERSON), st.just(START), st.none() | st.integers(10, 20)),
        st.sampled_from([kind(PERSON, START) for kind in (Guardian, Freeze, Closure, Erasure)]),
        st.just(Acknowledged(PERSON, START, KNOWS, "v1")),
    )
    said = st.lists(st.tuples(st.integers(0, 99), one), max_size=8, unique_by=lambda pair: pair[0])
    return said.map(lambda pairs: [replace(event, at=day(n)) for n, event in pairs])


@st.composite
def aimed(draw: st.DrawFn, q: Question) -> Scope:
    """A scope that names some of the question's own words."""
    parts = [[w] if w and draw(st.booleans()) else [] for w in (q.item, q.purpose, q.recipient)]
    return Scope(*(tuple(part) for part in parts))

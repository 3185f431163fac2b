"""People who said less, or something besides, or are somebody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from seiyaku.policy.model import Minors
from seiyaku.standing.model import (
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
from seiyaku.testing.strategies.asking import legally
from seiyaku.testing.strategies.draft import Disturbance, Draft
from seiyaku.testing.strategies.pledging import guarded
from seiyaku.testing.strategies.policies import MINORS
from seiyaku.testing.strategies.said import aimed, scopes
from seiyaku.testing.strategies.vocabulary import PERSON, START, day, seldom


def saying(*events: Event) -> Disturbance:
    """The person said one of these besides."""

    def disturb(draw: st.DrawFn, w: Draft) -> None:
        w.events.append(draw(st.sampled_from(events)))

    return disturb


def status(draw: st.DrawFn, w: Draft) -> None:
    ended: Any = draw(st.sampled_from((Freeze, Closure, Erasure)))
    w.events.append(ended(PERSON, w.at))
    if draw(st.booleans()):
        legally(draw, w)


def young(draw: st.DrawFn, w: Draft) -> None:
    bands: tuple[dict[str, int], ...] = (
        {"below": 13},
        {"below": 16},
        {"at_least": 13},
        {"at_least": 13, "below": 18},
        {},
    )
    w.events[:] = [e for e in w.events if not isinstance(e, AgeBand)]
    w.events.append(AgeBand(PERSON, day(-1), **draw(st.sampled_from(bands))))
    if draw(seldom):
        w.events.append(Guardian(PERSON, day(-1)))
    w.revise(minors=Minors.model_validate(draw(st.sampled_from(MINORS))))


def stop(draw: st.DrawFn, w: Draft) -> None:
    make: Any = draw(st.sampled_from((Suspension, OptOut)))
    lift: Any = Resumption if make is Suspension else OptIn
    w.events.append(make(PERSON, w.at, draw(aimed(w.q) | scopes())))
    if draw(seldom):
        w.events.append(lift(PERSON, w.at, draw(scopes())))


def consents(draw: st.DrawFn, w: Draft) -> None:
    """Consents are missing, taken back, late, uninformed, narrow or merely deemed."""
    changes: tuple[dict[str, Any] | None, ...] = (
        None,
        {"at": w.at},
        {"presented_at": None},
        {"informed": ("country_name",)},
        {"countries": ("JP",)},
        {"kind": "deemed"},
        {"scope": draw(scopes())},
        {"scope": draw(aimed(w.q))},
    )
    if draw(st.booleans()):
        guarded(draw, w)
    change = draw(st.sampled_from(changes))
    given = [event for event in w.events if isinstance(event, Consent)]
    w.events[:] = [event for event in w.events if not isinstance(event, Consent)]
    if change is not None:
        w.events += [replace(consent, **change) for consent in given]


def withdraw(draw: st.DrawFn, w: Draft) -> None:
    if draw(st.booleans()):
        guarded(draw, w)
    w.events.append(Withdrawal(PERSON, day(5), draw(aimed(w.q) | scopes())))


def applicant(draw: st.DrawFn, w: Draft) -> None:
    w.kind = draw(st.sampled_from(("applicant", "visitor")))


def opened(draw: st.DrawFn, w: Draft) -> None:
    """The person named a purpose or recipient that nobody declared."""
    named = Scope((w.q.item,), (w.q.purpose or "serve", "survey"), ("friend",))
    said = Consent(
        PERSON, day(-1), named, "v1", day(-2), draw(st.sampled_from((("JP",), ("US",), ())))
    )
    w.events.append(said)
    w.ask(**draw(st.sampled_from(({"purpose": "survey"}, {"recipient": "friend", "act": "send"}))))


person_said = saying(Suspension(PERSON, START), OptOut(PERSON, START), Withdrawal(PERSON, START))

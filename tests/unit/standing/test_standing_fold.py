"""Folding events into a standing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import PersonId
from seiyaku.standing import (
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
    Standing,
    Suspension,
    Withdrawal,
    fold,
    remainder,
)

ME = PersonId("7")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def folded(*events: Event, hours: float = 100) -> Standing:
    return fold(ME, "user", events, at(hours))


def test_nothing_said_is_an_active_person_of_unknown_age() -> None:
    assert folded() == Standing(ME, "user", at(100))


def test_an_event_counts_from_its_own_moment_on() -> None:
    event = Suspension(ME, at(1))
    assert folded(event, hours=1).suspensions == (Scope(),)
    assert folded(event, hours=0.999).suspensions == ()


def test_a_withdrawal_touches_earlier_consents_it_overlaps_and_no_later_one() -> None:
    ads = Consent(ME, at(1), Scope(("email",), ("ads",)), "v1")
    again = Consent(ME, at(3), Scope(("email",), ("ads",)), "v1")
    other = Consent(ME, at(1), Scope(("email",), ("ship",)), "v1")
    back = Withdrawal(ME, at(2), Scope(purposes=("ads",)))
    touched = {live.consent: live.withdrawn for live in folded(ads, other, back, again).consents}
    assert touched == {ads: (back,), other: (), again: ()}


def test_a_withdrawal_about_something_the_consent_never_named_leaves_it() -> None:
    consent = Consent(ME, at(1), Scope(items=("email",)), "v1")
    left = folded(consent, Withdrawal(ME, at(2), Scope(recipients=("printer",))))
    assert left.consents[0].withdrawn == ()
    taken = folded(consent, Withdrawal(ME, at(2)))
    assert len(taken.consents[0].withdrawn) == 1


@pytest.mark.parametrize(("stop", "lift"), [(Suspension, Resumption), (OptOut, OptIn)])
def test_lifting_leaves_what_it_does_not_cover(stop: Any, lift: Any) -> None:
    part = "suspensions" if stop is Suspension else "opt_outs"
    both = stop(ME, at(1), Scope(purposes=("ads", "mail")))
    one = lift(ME, at(2), Scope(purposes=("ads",)))
    assert getattr(folded(both, one), part) == (Scope(purposes=("mail",)),)
    assert getattr(folded(both, lift(ME, at(2))), part) == ()
    assert getattr(folded(both, lift(ME, at(0.5))), part) == (both.scope,)
    assert getattr(folded(both, both), part) == (both.scope,)


@pytest.mark.parametrize(
    ("stop", "lifted", "left"),
    [
        (Scope(), Scope(), ()),
        (Scope(), Scope(items=("a",)), (Scope(),)),
        (Scope(items=("a",)), Scope(items=("b",)), (Scope(items=("a",)),)),
        (Scope(items=("a",)), Scope(items=("a", "b")), ()),
        (Scope(items=("a",)), Scope(items=("a",), purposes=("p",)), (Scope(items=("a",)),)),
        (
            Scope(("a", "b"), ("p", "q")),
            Scope(("a",), ("p",)),
            (Scope(("b",), ("p", "q")), Scope(("a",), ("q",))),
        ),
    ],
)
def test_what_is_left_of_a_stop(stop: Scope, lifted: Scope, left: tuple[Scope, ...]) -> None:
    assert remainder(stop, lifted) == left


def test_the_newest_band_counts_and_a_guardian_stays() -> None:
    young = AgeBand(ME, at(1), at_least=13)
    found = AgeBand(ME, at(2), below=13)
    standing = folded(young, found, Guardian(ME, at(3)))
    assert (standing.at_least, standing.below, standing.guardian) == (None, 13, True)


def test_the_status_only_climbs_and_says_since_when() -> None:
    erased = folded(Freeze(ME, at(1)), Erasure(ME, at(3)), Closure(ME, at(4)), Freeze(ME, at(5)))
    assert (erased.status, erased.since) == ("erased", at(3))
    assert folded(Freeze(ME, at(1)), Closure(ME, at(2)), hours=1).status == "frozen"


def test_acceptances_and_acknowledgements_keep_their_moments() -> None:
    standing = folded(
        Acceptance(ME, at(2), "v2"),
        Acceptance(ME, at(1), "v1"),
        Acknowledged(ME, at(3), "chain", "v2"),
    )
    assert standing.accepted == (("v1", at(1)), ("v2", at(2)))
    assert standing.acknowledged == (("chain", at(3)),)


def test_an_event_of_somebody_else_is_refused_without_naming_anyone() -> None:
    with pytest.raises(InvalidInput) as refused:
        folded(Freeze(PersonId("aki@example.jp"), at(1)))
    assert refused.value.code == "SY120"
    assert "aki" not in str(refused.value) + refused.value.hint()

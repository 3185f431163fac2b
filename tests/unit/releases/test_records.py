"""What the record of a release says, by basis, route and country; and when it says too little."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyaku.assurance import Assurance, Assurances, Membership
from seiyaku.kernel.errors import NotPermitted
from seiyaku.kernel.ids import PersonId
from seiyaku.laws import load_packs
from seiyaku.policy import Policy, parse_policy
from seiyaku.releases import (
    Giving,
    Party,
    Receiving,
    Recording,
    Release,
    receipt_of,
    release_of,
    require_complete,
    to_recall,
)
from seiyaku.releases.ground import ground_of, record_wanted
from seiyaku.services import path
from seiyaku.standing import Consent, Event, Scope, Standing, Withdrawal, fold

AT = datetime(2026, 11, 20, tzinfo=UTC)
BEFORE = AT - timedelta(days=30)
AKI = PersonId("1")
POLICY = parse_policy(path("closm-i") / "policy.yaml").policy
LAWS = load_packs(POLICY.regimes)
TODAY = LAWS.at(date(2026, 11, 20))
PRINTER = Party("printful", "Printful, Inc.", "Charlotte", "the president")


def printing(**changed: Any) -> Policy:
    """CLOSM i with its printer told otherwise."""
    printer = POLICY.recipients["printful"].model_copy(update=changed)
    return POLICY.model_copy(update={"recipients": {**POLICY.recipients, "printful": printer}})


def standing(*events: Event) -> Standing:
    """Where aki stands after saying this."""
    return fold(AKI, "user", events, AT)


def agreed(*items: str, **about: Any) -> Consent:
    """A consent to what goes to the printer."""
    scope = Scope(items, about.pop("purposes", ("ship_goods",)), ("printful",))
    return Consent(AKI, BEFORE, scope, "2026-02-16", presented_at=BEFORE, **about)


def release(
    policy: Policy = POLICY,
    *events: Event,
    assurances: Assurances | None = None,
    parties: tuple[Party, ...] = (PRINTER,),
    **about: Any,
) -> Release:
    """The release of a name to the printer in the United States."""
    words = {"recipient": "printful", "items": ("name",), "purpose": "ship_goods", "country": "US"}
    named = {p.word: p for p in parties}
    recording = Recording(policy, LAWS, assurances or Assurances(), named, AT)
    return release_of(recording, standing(*events), Giving(AKI, **{**words, **about}))


@pytest.mark.parametrize("basis", [b.code for p in TODAY.packs for b in p.bases])
@pytest.mark.parametrize(
    ("route", "country"),
    [(None, "JP"), ("adequacy", "DE"), ("equivalent_measures", "US"), ("consent", "US")],
)
def test_every_record_that_is_wanted_can_be_written(
    basis: str, route: str | None, country: str
) -> None:
    wanted = record_wanted(TODAY, basis, route, country)
    assert not wanted or TODAY.record_content(basis) is not None


def test_a_contractor_abroad_with_measures_needs_no_record() -> None:
    found = release()
    assert (found.basis, found.route, found.country) == ("entrust", "equivalent_measures", "US")
    assert (found.required, found.record, found.missing) == (False, {}, ())


def test_a_route_is_the_one_of_the_country_or_of_its_group() -> None:
    assert release(country="DE").route == "adequacy"
    assert release(country="BR").route is None
    assert release(country="BR").required


def test_a_contractor_abroad_by_consent_needs_one_that_names_the_consent() -> None:
    policy = printing(routes={"US": "consent"}, countries=("US",))
    bare = release(policy)
    assert (bare.route, bare.required, bare.missing) == ("consent", True, ("consent_obtained",))
    named = release(policy, agreed("name", countries=("US",)))
    assert named.record["consent_obtained"] == "2026-10-21T00:00:00+00:00 (2026-02-16)"
    assert release(policy, agreed("name", countries=("FR",))).missing == ("consent_obtained",)
    assert release(policy, agreed("email", countries=("US",))).missing == ("consent_obtained",)


def test_a_deemed_or_withdrawn_consent_is_none() -> None:
    policy = printing(basis="consent", countries=("JP",), routes={})
    assert release(policy, agreed("name"), country="JP").missing == ()
    deemed = replace(agreed("name"), kind="deemed")
    assert release(policy, deemed, country="JP").missing == ("consent_obtained",)
    back = Withdrawal(AKI, AT, Scope(recipients=("printful",)))
    assert release(policy, agreed("name"), back, country="JP").missing == ("consent_obtained",)
    elsewhere = Withdrawal(AKI, AT, Scope(items=("email",)))
    assert release(policy, agreed("name"), elsewhere, country="JP").missing == ()


def test_the_only_country_of_a_recipient_need_not_be_named() -> None:
    policy = printing(countries=("JP",), routes={})
    assert release(policy, country=None).country == "JP"
    several = release(country=None)
    assert (several.country, several.required) == (None, True)


def test_who_received_is_named_by_the_policy_where_nobody_else_does() -> None:
    policy = printing(basis="opt_out", countries=("JP",), routes={})
    bare = release(policy, parties=(), country="JP")
    assert bare.record["third_party_name"] == "Printful, Inc."
    assert bare.missing == ("third_party_address", "third_party_representative")
    alone = Party("printful", "Ken Abe", "Tokyo 1-1")
    assert release(policy, parties=(alone,), country="JP").missing == ()


def test_related_information_needs_the_word_of_the_recipient_while_it_holds() -> None:
    policy = printing(basis="related_info", countries=("JP",), routes={})
    live = Assurance("recipient_confirms_consent", "printful", BEFORE, "letter 3")
    found = release(policy, assurances=Assurances((live,)), country="JP")
    assert (found.record["consent_confirmed"], found.missing) == ("letter 3", ())
    assert "person_identifier" not in found.record
    lapsed = replace(live, until_at=AT)
    again = release(policy, assurances=Assurances((lapsed,)), country="JP")
    assert again.missing == ("consent_confirmed",)


def test_a_member_of_two_classes_goes_on_no_basis_at_all() -> None:
    classes = {
        word: POLICY.recipients["printful"].model_copy(update={"register_name": word})
        for word in ("makers", "shippers")
    }
    policy = POLICY.model_copy(update={"recipients": classes})
    members = tuple(Membership(w, "acme", BEFORE, countries=("JP",)) for w in classes)
    one = release(policy, assurances=Assurances((), members[:1]), recipient="acme", country=None)
    assert (one.basis, one.country, one.required) == ("entrust", "JP", False)
    two = release(policy, assurances=Assurances((), members), recipient="acme")
    assert (two.basis, two.missing) == ("none", ("record_content",))


def test_a_recipient_that_a_consent_opened_is_recorded_by_consent() -> None:
    opened = POLICY.model_copy(update={"opened_by_consent": None})
    giving = Giving(AKI, "acme", ("name",), "ship_goods", country="US")
    assert ground_of(opened, TODAY, Assurances(), giving, AT).basis == "none"
    cast = parse_policy(path("custom-cast") / "policy.yaml").policy
    ground = ground_of(cast, TODAY, Assurances(), giving, AT)
    assert (ground.basis, ground.route) == ("consent", "consent")


def test_a_demand_or_an_exception_leaves_no_record_of_the_law() -> None:
    for about in ({"recipient": "police", "country": None}, {"case": "exception"}):
        found = release(**about)  # type: ignore[arg-type]
        assert (found.basis, found.required, found.missing) == ("exception", False, ())


def test_a_receipt_says_what_must_be_confirmed() -> None:
    recording = Recording(POLICY, LAWS, Assurances(), {"printful": PRINTER}, AT)
    whole = Receiving(
        AKI, "printful", ("email",), "opt_out", how_acquired="shop", published="list no. 7"
    )
    receipt = receipt_of(recording, standing(), whole)
    assert (receipt.direction, receipt.missing) == ("received", ())
    assert receipt.record["received_on"] == "2026-11-20"
    unlisted = receipt_of(recording, standing(), replace(whole, published=""))
    assert unlisted.missing == ("published_by_commission",)
    ours = receipt_of(recording, standing(), replace(whole, basis="entrust", country="JP"))
    assert (ours.required, ours.missing) == (False, ())


@given(st.data())
def test_no_record_lacking_anything_passes(data: st.DataObject) -> None:
    policy = printing(basis="opt_out", countries=("JP",), routes={})
    found = release(policy, country="JP")
    require_complete([found])
    element = data.draw(st.sampled_from([*found.record, "means"]))
    lacking = (
        replace(found, means=None)
        if element == "means"
        else replace(found, record={**found.record, element: ""})
    )
    with pytest.raises(NotPermitted) as caught:
        require_complete([found, lacking])
    assert f"`{element}`" in str(caught.value)
    assert AKI not in str(caught.value).split()


def test_who_must_be_told_is_whoever_has_something() -> None:
    sent = replace(release(), state="sent")
    more = replace(sent, items=("email",), id="b")
    failed = replace(sent, items=("phone",), id="c", state="failed")
    court = replace(sent, recipient="court", basis="exception", id="d")
    came = replace(sent, recipient="giver", direction="received", id="e")
    every = (sent, more, failed, court, came)
    assert to_recall(every) == (("printful", ("email", "name")),)
    assert to_recall(every, items=("email", "phone")) == (("printful", ("email",)),)
    assert to_recall(every, recipients=("court", "giver")) == ()

"""`Laws`: what the packs answer, and on which day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from seiyaku.laws import Laws, load_pack, load_packs, pack_ids, parse_pack
from seiyaku.laws.resources import pack_source

TODAY = date(2026, 11, 22)
LAWS = load_packs(["jp-appi", "jp-telecom-27-12", "jp-records", "jp-appi-2026"])
NOW = LAWS.at(TODAY)
BASES = ("entrust", "consent", "joint_use", "succession", "opt_out", "exception", "related_info")
ROUTES = ("domestic", "adequacy", "equivalent_measures", "consent")


@pytest.mark.parametrize(
    "code, cited, consent, escapes, requires",
    [
        ("entrust", "APPI 27(5)(i)", False, False, ("trustee_record", "supervision")),
        ("consent", "APPI 27(1)", True, False, ()),
        ("joint_use", "APPI 27(5)(iii)", False, False, ()),
        ("succession", "APPI 27(5)(ii)", False, False, ()),
        ("opt_out", "APPI 27(2)", False, False, ("opt_out_filing",)),
        ("exception", "APPI 27(1)", False, True, ()),
        ("related_info", "APPI 31(1)", True, False, ("recipient_confirms_consent",)),
    ],
)
def test_a_basis_says_what_it_needs(
    code: str, cited: str, consent: bool, escapes: bool, requires: tuple[str, ...]
) -> None:
    basis = NOW.basis(code)
    assert basis is not None
    assert str(basis.citation) == cited
    assert (basis.needs_consent, basis.escapes_foreign_rule) == (consent, escapes)
    assert basis.requires == requires


def test_joint_use_names_the_person_responsible_in_three_values() -> None:
    basis = NOW.basis("joint_use")
    assert basis is not None
    responsible = {e for e in basis.elements if e.startswith("responsible_")}
    assert responsible == {"responsible_name", "responsible_address", "responsible_representative"}


def test_opt_out_never_covers_special_care_data() -> None:
    basis = NOW.basis("opt_out")
    assert basis is not None
    assert set(basis.never_for) == {"special_care", "improperly_acquired", "received_by_opt_out"}


@pytest.mark.parametrize(
    "code, conditions",
    [
        ("law", {"legal_basis", "document"}),
        ("life_body_property", {"danger", "consent_impractical"}),
        ("public_health_children", {"special_need", "consent_impractical"}),
        ("state_cooperation", {"authority", "legal_duty", "consent_hinders_duty"}),
    ],
)
def test_an_exception_needs_all_its_conditions_for_provision_and_for_use(
    code: str, conditions: set[str]
) -> None:
    for found in (NOW.exception(code), NOW.purpose_exception(code)):
        assert found is not None
        assert set(found.conditions) == conditions | {"approver"}


@pytest.mark.parametrize("code", ["own_rights", "any_lawful_case", "other_lawful", "", None])
def test_what_a_policy_alone_calls_an_exception_is_none(code: str | None) -> None:
    assert NOW.exception(code) is None
    assert NOW.purpose_exception(code) is None


def test_every_exception_asks_for_an_approver() -> None:
    pack = load_pack("jp-appi")
    for exception in (*pack.exceptions, *pack.purpose_exceptions):
        assert exception.conditions[-1] == "approver"


def test_only_kinds_the_law_knows_may_invoke_an_exception() -> None:
    kinds = NOW.recipient_kinds
    assert {"police", "court", "prosecutor", "tax_office", "hospital"} <= set(kinds)
    assert {"child_welfare_office", "local_government", "ppc"} <= set(kinds)
    assert "private_detective" not in kinds
    assert "state_cooperation" in kinds["police"].exceptions
    assert "state_cooperation" not in kinds["hospital"].exceptions
    with pytest.raises(TypeError):
        kinds["spy"] = kinds["police"]  # type: ignore[index]


def test_routes_abroad_say_countries_assurances_and_what_to_tell() -> None:
    adequacy, measures, consent = (NOW.route(code) for code in ROUTES[1:])
    assert adequacy is not None
    assert measures is not None
    assert consent is not None
    assert len(adequacy.countries) == 31
    assert {"GB", "DE", "IS", "NO"} <= adequacy.countries
    assert "US" not in adequacy.countries
    assert measures.requires == ("equivalent_measures",)
    assert not measures.needs_consent
    assert consent.elements == ("country_name", "country_system", "recipient_measures")
    assert consent.needs_consent
    assert NOW.route("teleport") is None


def test_consent_deemed_from_use_opens_no_transfer_abroad() -> None:
    assert NOW.deemed_consent_opens_foreign_transfer is False
    assert Laws(()).deemed_consent_opens_foreign_transfer is False


def test_countries_are_iso_codes_and_groups_expand() -> None:
    assert len(NOW.expand_country("EU")) == 27
    assert NOW.expand_country("EEA") - NOW.expand_country("EU") == {"IS", "LI", "NO"}
    assert NOW.expand_country("US") == {"US"}
    assert NOW.expand_country("ZZ") == frozenset()
    assert NOW.known_country("NO")
    assert not NOW.known_country("EU")
    assert not NOW.known_country("jp")
    assert NOW.is_domestic("JP")
    assert not NOW.is_domestic("US")
    assert not NOW.is_domestic(None)
    assert all(NOW.known_country(c) for c in NOW.expand_country("EEA"))


@pytest.mark.parametrize(
    "basis, route, country, required",
    [
        ("entrust", "domestic", "JP", False),
        ("entrust", None, "JP", False),
        ("entrust", "adequacy", "DE", False),
        ("entrust", "equivalent_measures", "US", False),
        ("entrust", "consent", "US", True),
        ("joint_use", "domestic", "JP", False),
        ("joint_use", "consent", "US", True),
        ("succession", "consent", "US", True),
        ("exception", "domestic", "JP", False),
        ("exception", "consent", "US", False),
        ("consent", "domestic", "JP", True),
        ("consent", "adequacy", "DE", True),
        ("opt_out", "domestic", "JP", True),
        ("related_info", "domestic", "JP", True),
        ("entrust", "domestic", "US", True),
        ("entrust", None, None, True),
        ("a_new_basis", "domestic", "JP", True),
    ],
)
def test_need_of_a_record_goes_by_basis_route_and_country(
    basis: str, route: str | None, country: str | None, required: bool
) -> None:
    assert NOW.record_required(basis, route, country) is required


def test_every_pair_of_basis_and_route_has_one_record_rule() -> None:
    pack = load_pack("jp-appi")
    for basis in BASES:
        for route in ROUTES:
            rules = [r for r in pack.record_rules if basis in r.bases and route in r.routes]
            assert len(rules) == 1, (basis, route)


def test_records_are_kept_one_or_three_years() -> None:
    years = {code: keeping.years for code, keeping in NOW.record_keeping.items()}
    assert years == {"contract_in_lieu": 1, "bulk": 3, "other": 3}


KINDS = [
    "disclosure",
    "provision_records",
    "purpose_notice",
    "correction",
    "addition",
    "deletion",
    "suspension",
    "stop_provision",
    "foreign_measures",
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_statutory_request_has_a_rule(kind: str) -> None:
    rule = NOW.request(kind)
    assert rule is not None
    assert rule.clock.statutory == "without_delay"


def test_a_fee_is_allowed_for_telling_and_forbidden_for_mending() -> None:
    fees = {kind: rule.fee for kind in KINDS if (rule := NOW.request(kind))}
    assert {k for k, fee in fees.items() if fee == "allowed"} == {
        "disclosure",
        "provision_records",
        "purpose_notice",
    }
    assert {k for k, fee in fees.items() if fee == "not_stated"} == {"foreign_measures"}


def test_grounds_refusals_and_forms_are_named_with_their_article() -> None:
    disclosure, suspension = NOW.request("disclosure"), NOW.request("suspension")
    assert disclosure is not None
    assert suspension is not None
    assert disclosure.forms == ("electronic", "paper", "operator_defined")
    assert disclosure.form_chosen_by == "person"
    assert [str(r.citation) for r in disclosure.refusals] == [
        "APPI 33(2)(i)",
        "APPI 33(2)(ii)",
        "APPI 33(2)(iii)",
    ]
    assert {g.code for g in suspension.grounds} >= {"no_longer_needed", "beyond_purpose"}
    assert {str(s.citation) for s in suspension.substitutes} == {
        "APPI 35(2) proviso",
        "APPI 35(6) proviso",
    }


def test_a_complaint_is_no_statutory_request() -> None:
    assert NOW.request("complaint") is None


def test_books_are_kept_by_a_rule_nobody_verified() -> None:
    books = NOW.keeping("jp-records.books")
    assert books is not None
    assert not books.verified
    assert (books.years, books.may_be_years) == (7, 10)
    assert books.columns == ("order_lines", "amounts", "dates", "counterparty")
    assert NOW.keeping("jp-appi.books") is None
    assert NOW.keeping("books") is None
    assert NOW.keeping("jp-records.ledgers") is None


def test_external_transmission_asks_three_things_of_each() -> None:
    rule = NOW.transmission
    assert rule is not None
    assert rule.required.codes == ("information_sent", "recipient_name", "purpose")
    assert "opt_out_measure" in rule.exempt.codes
    assert "measure_exists" in rule.opt_out_publish.codes
    assert len(rule.covered_services.codes) == 4
    assert not rule.form.verified


def test_the_notice_must_show_its_items_and_special_care_has_eleven_classes() -> None:
    assert {"name", "address", "representative", "security_measures"} <= {
        item.code for item in NOW.public_items
    }
    assert len(NOW.special_care) == 11


def test_a_leak_has_four_triggers_and_nine_items() -> None:
    breach = NOW.breach
    assert breach is not None
    assert {t.code: (t.min_persons, t.final_days) for t in breach.triggers} == {
        "special_care": (1, 30),
        "financial_damage": (1, 30),
        "wrongful_purpose": (1, 60),
        "many_persons": (1001, 30),
    }
    assert len(breach.items.codes) == 9
    assert len(breach.person_notice_items.codes) == 5
    assert breach.trigger("typo") is None


# -- days ------------------------------------------------------------------------------


def test_the_act_of_2026_is_not_in_force_today() -> None:
    assert [rule.code for rule in NOW.minors] == ["ppc_guidance"]
    assert "children" in {change.code for change in NOW.changes}


def test_the_act_of_2026_counts_from_the_latest_day_it_sets_itself() -> None:
    last = date(2028, 7, 16)
    assert "act_2026" not in {r.code for r in LAWS.at(last - timedelta(days=1)).minors}
    assert "act_2026" in {r.code for r in LAWS.at(last).minors}
    assert LAWS.at(last).changes == ()


def test_a_child_between_the_two_ages_depends_on_the_case() -> None:
    (guidance,) = NOW.minors
    act = LAWS.at(date(2029, 1, 1)).minors[-1]
    assert [guidance.guardian(age) for age in (12, 13, 15, 16)] == [
        "needed",
        "depends",
        "depends",
        "not_needed",
    ]
    assert [act.guardian(age) for age in (15, 16)] == ["needed", "not_needed"]


def test_before_its_first_day_a_pack_answers_nothing() -> None:
    early = LAWS.at(date(2022, 3, 31))
    assert early.basis("entrust") is None
    assert early.request("disclosure") is None
    assert early.breach is None
    assert early.recipient_kinds == {}
    assert early.public_items == ()
    assert LAWS.at(date(2023, 6, 15)).transmission is None
    assert LAWS.at(date(2023, 6, 16)).transmission is not None


def test_an_ended_entry_gives_way_to_the_one_that_follows() -> None:
    text = pack_source("jp-records").decode()
    start = text.index("  - code: books")
    entry = text[start:]
    old = entry.replace("2022-04-01", "2000-01-01\n    valid_to: 2022-03-31").replace(
        "years: 7", "years: 5"
    )
    laws = Laws((parse_pack((text[:start] + old + entry).encode(), "changed.yaml"),))
    before, after = (
        laws.at(day).keeping("jp-records.books") for day in (date(2022, 3, 31), date(2022, 4, 1))
    )
    undated = laws.keeping("jp-records.books")
    assert before is not None
    assert after is not None
    assert undated is not None
    assert (before.years, after.years, undated.years) == (5, 7, 7)


def test_across_packs_the_entry_that_began_later_counts_whatever_the_order() -> None:
    text = pack_source("jp-appi").decode().replace("id: jp-appi", "id: later")
    later = parse_pack(text.replace("2022-04-01", "2030-01-01").encode(), "later.yaml")
    later = later.model_copy(
        update={"bases": tuple(b.model_copy(update={"requires": ()}) for b in later.bases)}
    )
    for packs in ((load_pack("jp-appi"), later), (later, load_pack("jp-appi"))):
        old, new = (Laws(packs).at(date(y, 1, 1)).basis("entrust") for y in (2029, 2030))
        assert old is not None
        assert new is not None
        assert (len(old.requires), len(new.requires)) == (2, 0)


def test_a_draft_never_counts() -> None:
    text = pack_source("jp-appi-2026").decode().replace("status: promulgated", "status: draft")
    laws = Laws((parse_pack(text.encode(), "draft.yaml"),))
    assert laws.at(date(2099, 1, 1)).minors == ()
    assert len(laws.at(date(2099, 1, 1)).changes) == 9


def test_laws_are_a_value() -> None:
    assert load_packs(pack_ids()) == load_packs(pack_ids())
    assert hash(NOW) == hash(LAWS.at(TODAY))
    assert NOW != LAWS
    assert load_packs(["jp-appi", "jp-appi"]) == load_packs(["jp-appi"])
    assert Laws(()).basis("consent") is None


def test_every_fact_can_be_listed_with_its_doubt() -> None:
    facts = LAWS.citations()
    topics = {fact.topic: fact for fact in facts}
    assert str(topics["bases.entrust"].citation) == "APPI 27(5)(i)"
    assert not topics["keeping.books"].verified
    assert set(LAWS.unverified()) == {fact for fact in facts if not fact.verified}
    assert len(facts) == len(set(facts))

"""Steps 7, 8 and 9 of the order of precedence, and the rule on versions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tiny_world import SOMEBODY, WORD, World, day, fact, said

from seiyaku.assurance import Membership
from seiyaku.laws import load_packs
from seiyaku.policy.model import LEGAL_RETENTION
from seiyaku.standing import Acceptance, Acknowledged, Consent, OptOut, Scope, Withdrawal

ALL = Scope(("email",), ("serve",), ("printer",))
SAID = Consent(SOMEBODY, day(2), ALL, "v1", presented_at=day(1))
TOLD = ("country_name", "country_system", "recipient_measures")


def printer(**change: Any) -> dict[str, Any]:
    return {"recipients": {"printer": change}}


ABROAD = printer(countries=["US", "EU"], routes={"US": "equivalent_measures", "EU": "adequacy"})
CHECKED = fact("equivalent_measures", "printer", about="US")


# -- 7. together --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "cite"),
    [
        ({"items": {"email": {"people": ["guest"]}}}, "T-3.1"),
        ({"purposes": {"serve": {"people": ["guest"]}}}, "T-4.1"),
        ({"people": {"user": None, "guest": {"name": WORD}}}, ""),
    ],
)
def test_what_is_for_other_kinds_of_people_is_refused(change: Any, cite: str) -> None:
    assert said(World(change).ask()) == (7, "refused", {("other_people", cite, "user")})


def test_words_that_do_not_stand_together_are_all_named() -> None:
    more = {
        "items": {"phone": World().file["items"]["email"] | {"clause": "3.2", "sources": {}}},
        "purposes": {"ship": {"clause": "4.2", "name": WORD, "items": ["phone"]}},
    }
    decision = World(more, printer(relation="buyer_of")).ask(
        "send", purpose="ship", source="person", country="US"
    )
    want = {
        ("item_not_for_purpose", "T-4.2", "email"),
        ("purpose_not_for_recipient", "T-6.1", "ship"),
        ("relation_missing", "T-6.1", "buyer_of"),
        ("country_not_declared", "T-6.1", "US"),
    }
    assert said(decision) == (7, "refused", want)
    phone = World(more).ask("send", "phone", source="person", relation="buyer_of")
    assert said(phone)[2] == {
        ("source_not_declared", "T-3.2", "person"),
        ("item_not_for_purpose", "T-4.1", "phone"),
        ("item_not_for_recipient", "T-6.1", "phone"),
    }


def test_a_context_opens_an_item_and_collecting_and_only_while_it_is_present() -> None:
    when = {"items": [], "items_when": {"ordering": ["email"], "asking": ["email"]}}
    w = World({"purposes": {"serve": when}}, printer(**when))
    purpose = ("context_missing", "T-4.1", "asking,ordering")
    assert said(w.ask("send"))[2] == {purpose, ("context_missing", "T-6.1", "asking,ordering")}
    assert w.ask("send", contexts=["asking"]).permitted
    collect = {"items": {"email": {"collect": {"clause": "3.1c", "contexts": ["ordering"]}}}}
    assert said(World(collect).ask("collect", contexts=["asking"]))[2] == {
        ("context_missing", "T-3.1c", "ordering")
    }
    assert World(collect).ask("collect", contexts=["ordering"]).permitted
    assert World(collect).ask().permitted


def test_legal_retention_serves_only_what_the_law_holds() -> None:
    decision = World().ask(purpose=LEGAL_RETENTION)
    want = {("item_not_for_purpose", "T-3.1", "email")}
    assert said(decision) == (7, "refused", want)


def test_a_route_must_be_the_declared_one_and_open_by_law() -> None:
    w = World(ABROAD).with_facts(CHECKED)
    other = w.ask("send", country="US", route="consent")
    assert said(other) == (7, "refused", {("route_not_declared", "T-6.1", "consent")})
    shut = World(printer(countries=["US"], routes={"US": "adequacy"})).ask("send")
    assert said(shut) == (7, "refused", {("route_not_open", "APPI 28(1)", "adequacy:US")})


def test_a_kind_of_the_law_gets_nothing_without_a_case() -> None:
    police = World().ask("send", recipient="police")
    assert said(police) == (7, "refused", {("kind_needs_case", "APPI 27(1)", "police")})
    declared = World(printer(basis="exception")).ask("send")
    assert said(declared) == (7, "refused", {("kind_needs_case", "T-6.1", "printer")})


# -- 8. consent ---------------------------------------------------------------------------

CONSENTED = {"purposes": {"serve": {"consent": {"clause": "4.1c"}}}}


@pytest.mark.parametrize(
    ("consent", "codes"),
    [
        (None, {"consent_missing"}),
        (SAID, {"granted"}),
        (replace(SAID, scope=Scope(purposes=("serve",))), {"granted"}),
        (replace(SAID, scope=Scope(items=("email",))), {"consent_missing"}),
        (replace(SAID, scope=Scope(("phone",), ("serve",))), {"consent_missing"}),
        (replace(SAID, kind="deemed"), {"consent_missing"}),
        (replace(SAID, presented_at=None), {"consent_not_informed"}),
        (replace(SAID, presented_at=SAID.at), {"consent_not_informed"}),
        (replace(SAID, at=day(10)), {"consent_too_late"}),
        (replace(SAID, at=day(11)), {"consent_missing"}),
    ],
)
def test_a_purpose_that_needs_consent(consent: Consent | None, codes: set[str]) -> None:
    scope = Scope(("email",), ("serve",))
    w = World(CONSENTED)
    if consent is not None:
        w.said(consent if consent.scope != ALL else replace(consent, scope=scope))
    decision = w.ask()
    assert {r.code for r in decision.reasons} == codes
    assert decision.permitted or said(decision)[2] == {(c, "T-4.1c", "serve") for c in codes}


def test_consent_to_a_provision_is_not_consent_to_the_use_itself() -> None:
    assert said(World(CONSENTED).said(SAID).ask())[2] == {("consent_missing", "T-4.1c", "serve")}
    assert World(CONSENTED).said(SAID).ask("send").permitted


@pytest.mark.parametrize(
    ("withdrawn", "left"),
    [
        (Scope(), False),
        (Scope(purposes=("serve",)), False),
        (Scope(items=("email",), purposes=("serve",)), False),
        (Scope(items=("phone",)), True),
        (Scope(recipients=("printer",)), True),
    ],
)
def test_a_withdrawal_takes_back_what_it_reaches(withdrawn: Scope, left: bool) -> None:
    given = replace(SAID, scope=Scope(("email", "phone"), ("serve",)))
    decision = World(CONSENTED).said(given, Withdrawal(SOMEBODY, day(5), withdrawn)).ask()
    assert decision.permitted is left
    if not left:
        assert said(decision)[2] == {("consent_withdrawn", "T-4.1c", "serve")}


def test_one_whole_consent_is_enough_and_otherwise_every_flaw_is_told() -> None:
    late = replace(SAID, at=day(10), scope=Scope(("email",), ("serve",)))
    hasty = replace(late, at=day(2), presented_at=None)
    w = World(CONSENTED).said(late, hasty)
    assert {r.code for r in w.ask().reasons} == {"consent_too_late", "consent_not_informed"}
    assert w.said(replace(late, at=day(3))).ask().permitted


def test_consent_to_an_item_must_be_older_than_the_data() -> None:
    collect = {"items": {"email": {"collect": {"clause": "3.1c", "consent": True}}}}
    given = replace(SAID, scope=Scope(items=("email",)))
    w = World(collect).said(given)
    assert w.ask("collect").permitted
    late = w.ask("collect", data_at=day(2))
    assert said(late) == (8, "refused", {("consent_too_late", "T-3.1c", "email")})
    bundled = World(collect).said(replace(given, scope=Scope(purposes=("serve",))))
    assert said(bundled.ask("collect"))[2] == {("consent_missing", "T-3.1c", "email")}


@pytest.mark.parametrize("part", ["items", "purposes", "recipients"])
def test_consent_to_a_provision_names_item_purpose_and_recipient(part: str) -> None:
    w = World(printer(basis="consent"))
    assert w.said(SAID).ask("send").permitted
    w.events = [replace(SAID, scope=replace(ALL, **{part: ()}))]
    assert said(w.ask("send"))[2] == {("consent_missing", "T-6.1", "printer")}


def test_consent_to_a_class_and_a_stop_of_a_class_reach_its_members() -> None:
    w = World(printer(basis="consent", register="shops")).said(SAID)
    w.with_facts(Membership("shops", "shop_a", day(-1), countries=("JP",)))
    assert w.ask("send", recipient="shop_a").permitted
    w.said(OptOut(SOMEBODY, day(3), Scope(recipients=("printer",))))
    assert said(w.ask("send", recipient="shop_a"))[2] == {("opted_out", "", "printer")}


def test_consent_as_the_route_abroad_needs_the_country_and_all_that_the_law_wants_told() -> None:
    w = World(printer(countries=["US"], routes={"US": "consent"}))
    law = load_packs(["jp-appi"]).route("consent")
    about = (str(law and law.citation), "printer:US")
    given = replace(SAID, countries=("US",), informed=TOLD)
    for consent, code in (
        (replace(given, countries=("DE",)), "consent_missing"),
        (replace(given, informed=TOLD[:2]), "consent_not_informed"),
        (replace(given, kind="deemed"), "consent_missing"),
    ):
        w.events = [consent]
        assert said(w.ask("send")) == (8, "refused", {(code, *about)})
    w.events = [given]
    assert w.ask("send").permitted


def test_the_policys_own_consent_to_a_country_may_be_deemed_where_it_says_so() -> None:
    foreign = {"foreign_consent": {"clause": "6.3", "deemed": True}}
    deemed = Consent(SOMEBODY, day(1), Scope(), "v1", kind="deemed", countries=("EU",))
    w = World(ABROAD, foreign).with_facts(CHECKED).said(deemed)
    assert w.ask("send", country="DE").permitted
    refused = w.ask("send", country="US")
    assert said(refused) == (8, "refused", {("transfer_consent_missing", "T-6.3", "US")})
    strict = World(ABROAD, {"foreign_consent": {"clause": "6.3"}}).said(deemed)
    assert said(strict.ask("send", country="DE"))[2] == {
        ("transfer_consent_missing", "T-6.3", "DE")
    }


def test_an_acknowledgement_comes_before_collecting_and_before_the_purpose() -> None:
    known = {"acknowledgements": {"chain": {"clause": "7.1", "name": WORD}}}
    asks = {
        "items": {"email": {"collect": {"clause": "3.1c", "acknowledgement": "chain"}}},
        "purposes": {"serve": {"acknowledgement": "chain"}},
    }
    w = World(known, asks)
    own = ("acknowledgement_missing", "T-7.1", "chain")
    assert said(w.ask()) == (8, "refused", {own, ("acknowledgement_missing", "T-4.1", "chain")})
    assert said(w.ask("collect"))[2] == {own, ("acknowledgement_missing", "T-3.1c", "chain")}
    assert w.said(Acknowledged(SOMEBODY, day(2), "chain", "v1")).ask().permitted
    assert said(w.ask("collect", data_at=day(2)))[0] == 8


def test_a_reading_lifts_the_conditions_of_the_clause_that_does_not_count() -> None:
    asks = {"items": {"email": {"collect": {"clause": "3.1c", "consent": True}}}}
    clash = {"clauses": ["3.1", "3.1c"], "stricter": "3.1c", "items": ["email"]}
    w = World(asks, {"contradictions": {"clash": clash}})
    assert said(w.ask("collect"))[2] == {("consent_missing", "T-3.1c", "email")}
    w.with_facts(fact("reading", "clash", about="3.1", by="sato", until_at=day(20)))
    assert w.ask("collect").permitted
    assert said(w.ask("collect", n=20))[0] == 8


# -- versions -----------------------------------------------------------------------------

SHIP = {"purposes": {"ship": {"clause": "4.2", "name": WORD, "items": ["email"]}}}


def test_what_a_material_change_brought_waits_for_acceptance_of_it_or_a_later_version() -> None:
    w = World().then(SHIP).then({}, on=60)
    want = (8, "refused", {("version_not_accepted", "T-4.2", "v2")})
    assert said(w.ask(purpose="ship", n=40)) == want
    assert said(w.ask(purpose="ship", n=70)) == want
    w.events = [Acceptance(SOMEBODY, day(5), "v1"), Acceptance(SOMEBODY, day(6), "unheard_of")]
    assert said(w.ask(purpose="ship", n=70)) == want
    for version in ("v2", "v3"):
        w.events = [Acceptance(SOMEBODY, day(61), version)]
        assert w.ask(purpose="ship", n=70).permitted
    w.events = []
    assert w.ask(n=70).permitted


def test_a_related_change_moves_for_everyone() -> None:
    assert World().then(SHIP, related_changes=["4.2"]).ask(purpose="ship", n=40).permitted
    assert not World().then(SHIP, related_changes=["3.1"]).ask(purpose="ship", n=40).permitted


def test_a_grant_that_was_gone_for_a_while_is_a_new_one() -> None:
    w = World(SHIP).then({"purposes": {"ship": None}}).then(SHIP, on=60)
    assert said(w.ask(purpose="ship", n=40))[2] == {("unknown_purpose", "", "ship")}
    assert said(w.ask(purpose="ship", n=70))[2] == {("version_not_accepted", "T-4.2", "v3")}


@pytest.mark.parametrize(
    ("first", "second", "act", "cite"),
    [
        (
            {"items": {"email": {"never": {"keep": "3.1n"}}}},
            {"items": {"email": {"never": None}}},
            "keep",
            "3.1",
        ),
        (CONSENTED, {"purposes": {"serve": {"consent": None}}}, "use", "4.1"),
        (printer(basis="consent"), printer(basis="entrust"), "send", "6.1"),
        (printer(items=["phone"]), printer(items=["email"]), "send", "6.1"),
        (printer(countries=["US"]), printer(countries=["JP"]), "send", "6.1"),
        (
            {"items": {"email": {"collect": {"clause": "3.1c", "contexts": ["ordering"]}}}},
            {"items": {"email": {"collect": None}}},
            "collect",
            "3.1",
        ),
    ],
)
def test_dropping_a_condition_is_a_widening(first: Any, second: Any, act: str, cite: str) -> None:
    w = World(first).then(second)
    want = (8, "refused", {("version_not_accepted", f"T-{cite}", "v2")})
    assert said(w.ask(act, n=40)) == want
    assert w.said(Acceptance(SOMEBODY, day(31), "v2")).ask(act, n=40).permitted


def test_a_narrowing_binds_those_who_accepted_the_wider_version() -> None:
    w = World().then({"items": {"email": {"never": {"use": "3.1n"}}}})
    w.said(Acceptance(SOMEBODY, day(5), "v1"))
    assert w.ask(n=29).permitted
    assert said(w.ask(n=30)) == (1, "refused", {("never", "T-3.1n", "use")})
    assert w.ask(n=30).version == "v2"


# -- 9. permitted -------------------------------------------------------------------------


def test_a_permission_cites_the_clauses_that_carry_it() -> None:
    sources = {"items": {"email": {"sources": {"login": {"clause": "2.4", "only": ["serve"]}}}}}
    kept = {"retention": {"logs": {"clause": "9.2", "items": ["email"], "after": "closure"}}}
    w = World(sources, kept, ABROAD).with_facts(CHECKED)
    for decision, cites in (
        (w.ask("collect"), {"T-3.1"}),
        (w.ask("keep"), {"T-9.2"}),
        (World().ask("keep"), {"T-3.1"}),
        (w.ask(source="person"), {"T-4.1"}),
        (w.ask(source="login"), {"T-4.1", "T-2.4"}),
        (World().ask("send"), {"T-6.1", "T-4.1", "APPI 27(5)(i)"}),
        (w.ask("send", country="US"), {"T-6.1", "T-4.1", "APPI 27(5)(i)", "APPI 28(3)"}),
        (w.ask("send", country="DE"), {"T-6.1", "T-4.1", "APPI 27(5)(i)", "APPI 28(1)"}),
    ):
        assert said(decision) == (9, "permitted", {("granted", cite, "") for cite in cites})


def test_the_law_of_the_day_is_asked() -> None:
    early = World({"version": {"published_at": "2022-03-01T00:00:00Z"}})
    early.events = []
    lapse = early.ask("send", n=-1461)
    assert said(lapse)[2] == {("basis_unstated", "T-6.1", "printer")}

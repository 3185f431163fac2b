"""Steps 0, 1 and 2 of the order of precedence."""

from __future__ import annotations

from typing import Any

import pytest
from tiny_world import SOMEBODY, World, day, fact, said

from seiyaku.assurance import Membership
from seiyaku.gate.model import Case
from seiyaku.policy.model import LEGAL_RETENTION
from seiyaku.standing import Consent, Scope, Withdrawal

HOLD = {
    "retention": {
        "books": {
            "clause": "9.1",
            "items": ["email"],
            "after": "ordered",
            "law": "jp-records.books",
        }
    }
}
CLASS = {"recipients": {"printer": {"register": "shops"}}}


def test_before_the_first_version_nothing_can_be_decided() -> None:
    assert said(World().ask(n=-0.1)) == (0, "undecided", {("no_policy_in_force", "", "")})
    assert World().ask(n=0).permitted


@pytest.mark.parametrize("act", ["collect", "use", "send", "keep"])
def test_a_banned_act_is_refused_by_the_item_and_by_the_policy(act: str) -> None:
    w = World({"items": {"email": {"never": {act: "3.1n"}}}, "never": {act: "5.1"}})
    assert said(w.ask(act)) == (1, "refused", {("never", "T-3.1n", act), ("never", "T-5.1", act)})


def test_a_ban_on_training_refuses_the_purpose_train_model_even_where_nobody_declared_it() -> None:
    decision = World({"never": {"train": "5.1"}}).ask(purpose="train_model")
    assert said(decision) == (1, "refused", {("never", "T-5.1", "train")})
    assert said(World().ask(purpose="train_model"))[2] == {("unknown_purpose", "", "train_model")}


def test_the_law_shuts_special_care_items_out_of_the_opt_out_basis() -> None:
    w = World(
        {
            "items": {"email": {"special_care": "creed"}},
            "recipients": {"printer": {"basis": "opt_out"}},
        }
    )
    assert said(w.ask("send")) == (1, "refused", {("never", "APPI 27(2)", "special_care")})
    demand = Case("legal_demand", "law", frozenset({"legal_basis"}), "kato", "d1")
    assert w.ask("send", recipient="police", case=demand).permitted


def test_a_closed_list_of_the_item_and_of_its_source_refuse_other_purposes() -> None:
    only = {"only": {"clause": "3.1o", "purposes": []}}
    sources = {"login": {"clause": "2.4", "only": ["other"]}, "person": {"only": ["serve"]}}
    w = World({"items": {"email": only | {"sources": sources}}})
    want = {("outside_only", "T-3.1o", "serve"), ("outside_only", "T-2.4", "serve")}
    assert said(w.ask(source="login")) == (1, "refused", want)
    assert said(w.ask(source="person"))[2] == {("outside_only", "T-3.1o", "serve")}


def test_sources_that_differ_must_be_named_and_sources_that_agree_need_not() -> None:
    login = {"clause": "2.4", "only": ["other"]}
    w = World({"items": {"email": {"sources": {"login": login}}}})
    assert said(w.ask()) == (2, "undecided", {("source_unstated", "T-2.4", "login")})
    assert w.ask(source="person").permitted
    both = World({"items": {"email": {"sources": {"login": login, "person": {"only": []}}}}})
    want = {("outside_only", "T-2.4", "serve"), ("outside_only", "T-3.1", "serve")}
    assert said(both.ask()) == (1, "refused", want)


def test_legal_retention_is_outside_no_list_where_the_law_holds_the_item() -> None:
    only = {"items": {"email": {"only": {"clause": "3.1o", "purposes": ["serve"]}}}}
    assert World(only, HOLD).ask(purpose=LEGAL_RETENTION).permitted
    refused = World(only).ask(purpose=LEGAL_RETENTION)
    assert said(refused) == (1, "refused", {("outside_only", "T-3.1o", LEGAL_RETENTION)})


@pytest.mark.parametrize(
    ("part", "word", "code"),
    [
        ("item", "face", "unknown_item"),
        ("purpose", "survey", "unknown_purpose"),
        ("source", "broker", "unknown_source"),
        ("recipient", "friend", "unknown_recipient"),
        ("country", "XX", "unknown_country"),
        ("country", "EU", "unknown_country"),
        ("contexts", "lottery", "unknown_context"),
    ],
)
def test_a_word_nobody_declared_is_undecided(part: str, word: str, code: str) -> None:
    decision = World().ask("send", **{part: [word] if part == "contexts" else word})
    assert said(decision) == (2, "undecided", {(code, "", word)})


def test_all_unknown_words_are_named_at_once_even_beside_a_case() -> None:
    case = Case("exception", "whim")
    decision = World().ask("send", "face", purpose="survey", recipient="friend", case=case)
    want = {
        ("unknown_item", "", "face"),
        ("unknown_purpose", "", "survey"),
        ("unknown_recipient", "", "friend"),
    }
    assert said(decision) == (2, "undecided", want)


def test_a_use_names_its_purpose_and_a_send_its_recipient() -> None:
    assert said(World().ask(purpose=None))[2] == {("purpose_unstated", "", "")}
    both = World().ask("send", purpose=None, recipient=None)
    assert said(both)[2] == {("purpose_unstated", "", ""), ("recipient_unstated", "", "")}
    assert World().ask("keep").permitted
    assert World().ask("collect").permitted


@pytest.mark.parametrize(
    ("change", "want"),
    [
        ({"items": []}, {("empty_list", "T-6.1", "items:printer")}),
        ({"purposes": []}, {("empty_list", "T-6.1", "purposes:printer")}),
        ({"countries": []}, {("empty_list", "T-6.1", "countries:printer")}),
        ({"basis": "none"}, {("basis_unstated", "T-6.1", "printer")}),
        (
            {"basis": "none", "countries": []},
            {("basis_unstated", "T-6.1", "printer"), ("empty_list", "T-6.1", "countries:printer")},
        ),
        ({"countries": ["JP", "US"]}, {("country_unstated", "T-6.1", "printer")}),
        ({"countries": ["EU"]}, {("country_unstated", "T-6.1", "printer")}),
        ({"countries": ["US"]}, {("route_unstated", "T-6.1", "printer:US")}),
    ],
)
def test_what_a_recipient_leaves_open_is_undecided(change: Any, want: Any) -> None:
    assert said(World({"recipients": {"printer": change}}).ask("send")) == (2, "undecided", want)


def test_a_basis_that_no_named_law_knows_is_no_basis() -> None:
    w = World()
    w.packs = ("jp-records",)
    assert said(w.ask("send"))[2] == {("basis_unstated", "T-6.1", "printer")}


def test_a_purpose_without_items_is_an_empty_list() -> None:
    decision = World({"purposes": {"serve": {"items": []}}}).ask()
    assert said(decision) == (2, "undecided", {("empty_list", "T-4.1", "items:serve")})


def test_basis_route_and_recipient_each_demand_their_facts() -> None:
    abroad = {"countries": ["US"], "routes": {"US": "equivalent_measures"}, "requires": ["seal"]}
    w = World({"recipients": {"printer": abroad}})
    lapsed = fact("equivalent_measures", "printer", about="US", until_at=day(9))
    w.with_facts(lapsed, fact("equivalent_measures", "printer", about="DE"))
    want = {
        ("assurance_lapsed", "APPI 28(3)", "equivalent_measures:printer:US"),
        ("assurance_missing", "T-6.1", "seal:printer"),
    }
    assert said(w.ask("send", n=9)) == (2, "undecided", want)
    w.with_facts(fact("seal", "printer"))
    assert w.ask("send", n=8.9).permitted
    w.facts = []
    assert {r.about for r in w.ask("send").reasons} >= {
        "trustee_record:printer",
        "supervision:printer",
    }


def test_a_class_is_asked_by_member() -> None:
    shop = Membership("shops", "shop_a", day(-1), countries=("JP",))
    facts = [fact(k, "shop_a") for k in ("trustee_record", "supervision")]
    w = World(CLASS).with_facts(*facts)
    want = {("member_unstated", "T-6.1", "printer"), ("empty_list", "T-6.1", "members:printer")}
    assert said(w.ask("send"))[2] == want
    assert said(w.ask("send", recipient="shop_a"))[2] == {("unknown_recipient", "", "shop_a")}
    w.with_facts(shop)
    assert said(w.ask("send"))[2] == {("member_unstated", "T-6.1", "printer")}
    assert w.ask("send", recipient="shop_a").permitted


def test_a_member_of_two_classes_is_ambiguous_and_one_without_country_open() -> None:
    two = {"recipients": {"dealer": World(CLASS).file["recipients"]["printer"] | {"clause": "6.2"}}}
    w = World(CLASS, two).with_facts(Membership("shops", "shop_a", day(-1)))
    want = {("member_unstated", "T-6.1", "shop_a"), ("member_unstated", "T-6.2", "shop_a")}
    assert said(w.ask("send", recipient="shop_a"))[2] == want
    facts = [fact(k, "shop_a") for k in ("trustee_record", "supervision")]
    one = World(CLASS).with_facts(Membership("shops", "shop_a", day(-1)), *facts)
    asked = one.ask("send", recipient="shop_a")
    assert said(asked)[2] == {("empty_list", "T-6.1", "countries:shop_a")}


def test_a_live_consent_opens_a_purpose_and_a_recipient_only_under_a_clause() -> None:
    named = Scope(("email",), ("survey",), ("friend",))
    given = Consent(SOMEBODY, day(2), named, "v1", presented_at=day(1))
    opened = {"opened_by_consent": {"purposes": "5.1", "recipients": "5.2"}}
    asked = {"purpose": "survey", "recipient": "friend", "country": "JP"}
    assert said(World().said(given).ask("send", **asked))[0] == 2
    want = {("granted", cite, "") for cite in ("T-5.1", "T-5.2", "APPI 27(1)")}
    assert said(World(opened).said(given).ask("send", **asked)) == (9, "permitted", want)
    assert said(World(opened).said(given).ask("send", n=1, **asked))[0] == 2
    back = World(opened).said(given, Withdrawal(SOMEBODY, day(5), Scope(recipients=("friend",))))
    assert said(back.ask("send", **asked)) == (
        2,
        "undecided",
        {("unknown_recipient", "", "friend"), ("unknown_purpose", "", "survey")},
    )


def test_a_contradiction_without_a_stricter_side_is_open_until_a_named_person_reads_it() -> None:
    clash = {"contradictions": {"clash": {"clauses": ["4.1", "3.1"], "purposes": ["serve"]}}}
    w = World(clash)
    want = {("open_contradiction", "T-4.1", "clash"), ("open_contradiction", "T-3.1", "clash")}
    assert said(w.ask()) == (2, "undecided", want)
    assert w.ask("keep").permitted
    w.with_facts(fact("reading", "clash", about="9.9"))
    assert said(w.ask())[0] == 2
    w.facts = [fact("reading", "clash", about=about) for about in ("4.1", None)]
    assert said(w.ask())[0] == 2
    w.facts = [fact("reading", "clash", about="4.1", by="sato")]
    assert w.ask().permitted
    w.with_facts(fact("reading", "clash", about="3.1", by="kato"))
    assert said(w.ask())[0] == 2


def test_of_a_member_of_two_classes_the_law_looks_at_either_basis() -> None:
    care = {"items": {"email": {"special_care": "creed"}}}
    two = World(CLASS).file["recipients"]["printer"] | {"clause": "6.2", "basis": "opt_out"}
    w = World(care, CLASS, {"recipients": {"dealer": two}})
    w.with_facts(Membership("shops", "shop_a", day(-1)))
    assert said(w.ask("send", recipient="shop_a")) == (
        1,
        "refused",
        {("never", "APPI 27(2)", "special_care")},
    )

"""What an item is made of, what a linked service may give, what goes out masked, and to whom."""

from __future__ import annotations

from typing import Any

import pytest
from tiny_world import SOMEBODY, WORD, World, day, fact, said

from seiyaku.assurance import Membership
from seiyaku.gate.model import Case
from seiyaku.policy.model import LEGAL_RETENTION
from seiyaku.standing import Acceptance

Json = dict[str, Any]
RAW = {"raw": {"clause": "3.8", "name": WORD, "personal": "none"}}
STEP = {"step": {**RAW["raw"], "clause": "3.9", "derived_from": ["raw"]}}
MADE = {"items": {**RAW, **STEP, "email": {"derived_from": ["step"]}}}


def item(**parts: Any) -> Json:
    return {"items": {"email": parts}}


def raw(**parts: Any) -> Json:
    return {"items": {"raw": parts}}


def printer(**parts: Any) -> Json:
    return {"recipients": {"printer": parts}}


# -- derived items ------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["collect", "use", "send", "keep"])
def test_a_ban_reaches_what_is_made_of_the_item_at_any_remove(act: str) -> None:
    w = World(MADE, raw(never={act: "3.8n"}), {"items": {"step": {"never": {act: "3.9n"}}}})
    want = {("never", "T-3.8n", act), ("never", "T-3.9n", act)}
    assert said(w.ask(act)) == (1, "refused", want)
    assert World(MADE).ask(act).permitted


def test_a_ban_on_training_reaches_what_is_made_of_the_item() -> None:
    w = World(MADE, raw(never={"train": "3.8n"}))
    assert said(w.ask(purpose="train_model")) == (1, "refused", {("never", "T-3.8n", "train")})


def test_a_closed_list_reaches_what_is_made_of_the_item_beside_its_own() -> None:
    closed = {"clause": "3.8o", "purposes": ["ship"]}
    w = World(MADE, raw(only=closed), item(only={"clause": "3.1o", "purposes": ["serve"]}))
    assert said(w.ask()) == (1, "refused", {("outside_only", "T-3.8o", "serve")})
    both = {("outside_only", "T-3.8o", "other"), ("outside_only", "T-3.1o", "other")}
    assert said(w.ask(purpose="other")) == (1, "refused", both)
    assert w.ask("keep").permitted


def test_no_case_and_no_law_on_keeping_reaches_past_a_ban_on_what_it_is_made_of() -> None:
    books = {"clause": "9.1", "items": ["email"], "after": "ordered", "law": "jp-records.books"}
    w = World(MADE, raw(never={"send": "3.8n", "use": "3.8n"}), {"retention": {"books": books}})
    demand = Case("legal_demand", "law", frozenset({"legal_basis"}), "kato", "d1")
    decision = w.ask("send", recipient="police", case=demand)
    assert said(decision) == (1, "refused", {("never", "T-3.8n", "send")})
    assert said(w.ask(purpose=LEGAL_RETENTION))[0] == 1


def test_what_an_item_is_made_of_binds_only_downwards_and_only_where_declared() -> None:
    w = World(MADE, item(never={"keep": "3.1n"}))
    assert w.ask("keep", item="raw").permitted
    assert World(MADE, {"items": {"raw": None}}).ask("keep").permitted


def test_letting_go_of_what_an_item_was_made_of_is_a_widening() -> None:
    w = World(MADE, raw(never={"keep": "3.8n"})).then(item(derived_from=[]))
    want = (8, "refused", {("version_not_accepted", "T-3.1", "v2")})
    assert said(w.ask("keep", n=40)) == want
    assert w.said(Acceptance(SOMEBODY, day(31), "v2")).ask("keep", n=40).permitted


# -- scopes of a linked service -----------------------------------------------------------

LINKED = item(sources={"login": {"clause": "2.4", "scope": "profile"}, "person": None})


def test_what_a_linked_service_was_not_allowed_to_give_is_not_collected() -> None:
    w = World(LINKED)
    want = (7, "refused", {("scope_not_granted", "T-2.4", "profile")})
    for source in ("login", None):
        for scopes in (frozenset[str](), frozenset({"mail"})):
            assert said(w.ask("collect", source=source, scopes=scopes)) == want
        assert w.ask("collect", source=source, scopes=frozenset({"profile", "mail"})).permitted


@pytest.mark.parametrize("act", ["use", "send", "keep"])
def test_a_scope_is_asked_to_collect_and_for_nothing_else(act: str) -> None:
    assert World(LINKED).ask(act).permitted


def test_where_one_source_is_free_an_unnamed_one_asks_no_scope() -> None:
    w = World(LINKED, item(sources={"person": {}}))
    assert w.ask("collect").permitted
    assert said(w.ask("collect", source="login"))[0] == 7


def test_where_every_source_has_a_scope_one_of_them_is_enough() -> None:
    w = World(LINKED, item(sources={"person": {"scope": "mail"}}))
    want = {("scope_not_granted", "T-2.4", "profile"), ("scope_not_granted", "T-3.1", "mail")}
    assert said(w.ask("collect")) == (7, "refused", want)
    assert w.ask("collect", scopes=frozenset({"mail"})).permitted


@pytest.mark.parametrize(
    ("change", "source", "wider"),
    [
        ({"login": {"scope": None}}, "login", True),
        ({"login": {"scope": "mail"}}, "login", True),
        ({"login": {"clause": "2.5"}}, "login", False),
        ({"person": {}}, None, True),
        ({"person": {"scope": "mail"}}, None, True),
        ({"person": {}}, "login", False),
    ],
)
def test_a_scope_let_go_is_a_widening(change: Json, source: str | None, wider: bool) -> None:
    w = World(LINKED).then(item(sources=change))
    decision = w.ask("collect", n=40, source=source, scopes=frozenset({"profile", "mail"}))
    codes = {r.code for r in decision.reasons}
    assert codes == ({"version_not_accepted"} if wider else {"granted"})


# -- masked payloads ----------------------------------------------------------------------


def test_a_recipient_of_masked_text_gets_nothing_else() -> None:
    w = World(printer(masked="6.1m", requires=["training_opt_out"]))
    assert {r.about for r in w.ask("send", masked=True).reasons} == {"training_opt_out:printer"}
    w.with_facts(fact("training_opt_out", "printer", until_at=day(20)))
    assert said(w.ask("send")) == (7, "refused", {("not_masked", "T-6.1m", "printer")})
    assert w.ask("send", masked=True).permitted
    assert said(w.ask("send", masked=True, n=20))[:2] == (2, "undecided")


def test_masking_opens_no_item_and_no_purpose() -> None:
    w = World(printer(masked="6.1m", purposes=["ship"], items=["phone"]))
    codes = {r.code for r in w.ask("send", masked=True).reasons}
    assert codes == {"purpose_not_for_recipient", "item_not_for_recipient"}


def test_a_member_of_a_class_is_masked_as_its_class_is_told() -> None:
    w = World(printer(masked="6.1m", register="shops"))
    w.with_facts(Membership("shops", "ai", day(-1), countries=("JP",)))
    w.with_facts(*(fact(kind, "ai") for kind in ("trustee_record", "supervision")))
    decision = w.ask("send", recipient="ai")
    assert said(decision) == (7, "refused", {("not_masked", "T-6.1m", "ai")})


def test_masking_let_go_is_a_widening() -> None:
    w = World(printer(masked="6.1m")).then(printer(masked=None))
    want = (8, "refused", {("version_not_accepted", "T-6.1", "v2")})
    assert said(w.ask("send", n=40)) == want
    assert said(w.ask("send", n=40, masked=True)) == want


# -- references and joint use -------------------------------------------------------------

REFERRING = {
    **printer(reference=["4.2", "4.1"], purposes=["serve", "ship"]),
    "purposes": {"ship": {"clause": "4.2", "name": WORD, "items": ["email"]}},
}


def test_a_reference_opens_nothing_until_one_reading_stands() -> None:
    w = World(REFERRING)
    want = (2, "undecided", {("unresolved_reference", "T-6.1", "printer")})
    assert said(w.ask("send")) == want
    held = w.facts
    for abouts in (("3.1",), (None,), ("4.1", "4.2")):
        w.facts = [*held, *(fact("reading", "printer", about=about) for about in abouts)]
        assert said(w.ask("send")) == want
    w.facts = [*held, fact("reading", "printer", about="4.1", until_at=day(20))]
    assert w.ask("send").permitted
    assert said(w.ask("send", n=20)) == want


def test_a_reading_opens_the_purpose_it_names_and_no_other() -> None:
    w = World(REFERRING).with_facts(fact("reading", "printer", about="4.1"))
    refused = {("purpose_not_for_recipient", "T-6.1", "ship")}
    assert said(w.ask("send", purpose="ship")) == (7, "refused", refused)
    other = World(REFERRING, printer(purposes=["ship"]))
    other.with_facts(fact("reading", "printer", about="4.1"))
    assert said(other.ask("send"))[0] == 7


def test_a_version_that_settles_a_reference_is_a_widening() -> None:
    w = World(REFERRING).then(printer(reference=None))
    want = (8, "refused", {("version_not_accepted", "T-6.1", "v2")})
    assert said(w.ask("send", n=40)) == want


ALL_TOLD = dict.fromkeys(("address", "representative", "responsible"), WORD)


@pytest.mark.parametrize(
    ("left", "element"),
    [
        ("address", "responsible_address"),
        ("representative", "responsible_representative"),
        ("responsible", "responsible_name"),
        ("operator", "scope_of_users"),
    ],
)
def test_joint_use_waits_until_every_element_was_told(left: str, element: str) -> None:
    told = World(printer(basis="joint_use", operator="Group"), {"controller": ALL_TOLD})
    assert told.ask("send").permitted
    change = printer(operator=None) if left == "operator" else {"controller": {left: None}}
    w = World(printer(basis="joint_use", operator="Group"), {"controller": ALL_TOLD}, change)
    want = {("empty_list", "T-6.1", f"{element}:printer")}
    assert said(w.ask("send")) == (2, "undecided", want)
    assert w.ask("use").permitted


def test_joint_use_without_items_or_purposes_is_told_once() -> None:
    w = World(printer(basis="joint_use", operator="Group", items=[]), {"controller": ALL_TOLD})
    assert said(w.ask("send"))[2] == {("empty_list", "T-6.1", "items:printer")}

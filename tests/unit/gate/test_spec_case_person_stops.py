"""Steps 3 to 6 of the order of precedence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tiny_world import SOMEBODY, World, day, said

from seiyaku.gate.model import Case
from seiyaku.policy.model import LEGAL_RETENTION
from seiyaku.standing import (
    AgeBand,
    Closure,
    Erasure,
    Freeze,
    Guardian,
    OptOut,
    Resumption,
    Scope,
    Suspension,
)

BOOKS = {"clause": "9.1", "items": ["email"], "after": "ordered", "law": "jp-records.books"}
HOLD = {"retention": {"books": BOOKS}}
LOGS = {
    "retention": {"logs": {"clause": "9.2", "items": ["email"], "after": "collected", "days": 30}}
}
BOTH = {
    ("legal_retention", "T-9.1", "books"),
    ("legal_retention", "Corporation Tax Rule 59", "books"),
}
ONLY = {("legal_retention_only", cite, about) for _, cite, about in BOTH}
DANGER = frozenset({"danger", "consent_impractical"})
DEMAND = Case("legal_demand", "law", frozenset({"legal_basis"}), "kato", "d1")
RESCUE = Case("exception", "life_body_property", DANGER, "kato")


# -- 3. the case --------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["use", "send"])
def test_the_persons_own_request_is_carried_whatever_they_stopped(act: str) -> None:
    w = World({"rights": {"disclosure": {"clause": "11.1"}}}).said(Suspension(SOMEBODY, day(1)))
    want = {("own_request", "T-11.1", "disclosure"), ("own_request", "APPI 33(1)", "disclosure")}
    assert said(w.ask(act, case=Case("own_request", "disclosure"))) == (3, "permitted", want)


def test_an_own_request_opens_nothing_beyond_itself() -> None:
    own = Case("own_request", "disclosure")
    assert said(World().ask(case=own, purpose="serve"))[2] == {("granted", "T-4.1", "")}
    assert said(World().ask("send", case=own, recipient="police"))[0] == 2
    assert said(World().ask("collect", case=own))[2] == {("granted", "T-3.1", "")}
    correction = replace(own, code="correction")
    assert said(World().ask("collect", case=correction))[2] == {
        ("own_request", "APPI 34(1)", "correction")
    }


def test_a_request_that_neither_law_nor_policy_grants_is_refused() -> None:
    decision = World().ask(case=Case("own_request", "closure"))
    assert said(decision) == (3, "refused", {("no_such_exception", "", "closure")})
    w = World({"rights": {"closure": {"clause": "11.9"}}})
    assert said(w.ask(case=Case("own_request", "closure")))[2] == {
        ("own_request", "T-11.9", "closure")
    }


def test_a_legal_demand_needs_basis_document_and_approver() -> None:
    w = World(
        {
            "exceptions": {
                "by_law": {"clause": "6.8", "name": {"ja": "法", "en": "law"}, "law": "law"}
            }
        }
    )
    asked = {"recipient": "police"}
    want = {("legal_demand", "APPI 27(1)(i)", "law"), ("legal_demand", "T-6.8", "law")}
    assert said(w.ask("send", case=DEMAND, **asked)) == (3, "permitted", want)
    bare = Case("legal_demand", "law")
    missing = {
        ("condition_missing", "APPI 27(1)(i)", c) for c in ("legal_basis", "document", "approver")
    }
    assert said(w.ask("send", case=bare, **asked)) == (3, "refused", missing)
    by_word = replace(DEMAND, code="by_law")
    assert w.ask("send", case=by_word, **asked).permitted


def test_only_an_authority_may_demand_and_only_what_its_kind_may_invoke() -> None:
    refused = World().ask("send", case=DEMAND, recipient="printer")
    assert said(refused) == (3, "refused", {("not_an_authority", "", "printer")})
    school = World().ask("send", case=DEMAND, recipient="school")
    assert said(school) == (3, "refused", {("not_an_authority", "APPI 27(1)", "school")})
    assert World().ask("send", case=RESCUE, recipient="printer").permitted
    assert World().ask(case=DEMAND).permitted


def test_an_exception_needs_every_condition_of_law_and_policy() -> None:
    own = {"clause": "6.8", "name": {"ja": "安全", "en": "safety"}, "law": "life_body_property"}
    w = World({"exceptions": {"safety": own | {"conditions": ["police_report"]}}})
    asked = {"recipient": "hospital"}
    want = {("condition_missing", "T-6.8", "police_report")}
    assert said(w.ask("send", case=RESCUE, **asked)) == (3, "refused", want)
    danger = replace(RESCUE, conditions=frozenset({"danger"}))
    want |= {("condition_missing", "APPI 27(1)(ii)", "consent_impractical")}
    assert said(w.ask("send", case=danger, **asked)) == (3, "refused", want)
    whole = replace(RESCUE, conditions=DANGER | {"police_report"})
    assert w.ask("send", case=whole, **asked).permitted


def test_a_use_beyond_its_purpose_rests_on_the_exceptions_from_the_purpose() -> None:
    want = {("exception", "APPI 18(3)(ii)", "life_body_property")}
    assert said(World().ask(case=RESCUE)) == (3, "permitted", want)


def test_what_the_law_does_not_except_the_policy_cannot() -> None:
    own = {"clause": "6.9", "name": {"ja": "権利", "en": "rights"}, "law": None}
    w = World({"exceptions": {"own_rights": own}})
    for code, cite in (("whim", ""), ("own_rights", "T-6.9")):
        decision = w.ask("send", case=replace(RESCUE, code=code), recipient="court")
        assert said(decision) == (3, "refused", {("no_such_exception", cite, code)})


# -- 4. legal retention -------------------------------------------------------------------


@pytest.mark.parametrize("event", [Closure, Erasure])
def test_what_the_law_holds_of_people_who_left_is_kept_and_serves_nothing_else(event: Any) -> None:
    w = World(HOLD).said(event(SOMEBODY, day(1)))
    assert said(w.ask("keep")) == (4, "permitted", BOTH)
    assert said(w.ask("keep", purpose=LEGAL_RETENTION)) == (4, "permitted", BOTH)
    assert said(w.ask(purpose=LEGAL_RETENTION)) == (4, "permitted", BOTH)
    for refused in (w.ask(), w.ask("send"), w.ask("collect"), w.ask("keep", purpose="serve")):
        assert said(refused) == (4, "refused", ONLY)


def test_a_period_that_is_over_leaves_legal_retention_or_nothing() -> None:
    old = {"data_at": day(10) - timedelta(days=30)}
    young = {"data_at": day(10) - timedelta(days=30) + timedelta(seconds=1)}
    both = {"retention": {**HOLD["retention"], **LOGS["retention"]}}
    assert said(World(both).ask("keep", **old)) == (4, "permitted", BOTH)
    assert said(World(both).ask(**old)) == (4, "refused", ONLY)
    for act in ("keep", "use", "send"):
        want = {("period_over", "T-9.2", "logs")}
        assert said(World(LOGS).ask(act, **old)) == (7, "refused", want)
        assert World(LOGS).ask(act, **young).permitted
    assert World(LOGS).ask("collect", **old).permitted


def test_a_rule_whose_law_no_pack_knows_holds_nothing() -> None:
    unknown = {"retention": {"books": {"law": "jp-records.unheard_of"}}}
    w = World(HOLD, unknown).said(Closure(SOMEBODY, day(1)))
    assert said(w.ask("keep")) == (5, "refused", {("closed", "", "")})


# -- 5. the person ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "code"), [(Freeze, "frozen"), (Closure, "closed"), (Erasure, "erased")]
)
@pytest.mark.parametrize("act", ["collect", "use", "send", "keep"])
def test_nothing_is_done_with_people_who_are_gone(event: Any, code: str, act: str) -> None:
    w = World().said(event(SOMEBODY, day(1)))
    assert said(w.ask(act)) == (5, "refused", {(code, "", "")})


def test_what_the_law_holds_of_a_frozen_person_is_kept() -> None:
    w = World(HOLD).said(Freeze(SOMEBODY, day(1)))
    assert said(w.ask("keep")) == (4, "permitted", BOTH)
    assert said(w.ask()) == (5, "refused", {("frozen", "", "")})


MINORS = {
    "minors": {"clause": "10.1", "minimum_age": 13, "guardian_below": 18, "attestation": "age"}
}
AGE = {"items": {"age": World().file["items"]["email"] | {"clause": "10.1"}}}


@pytest.mark.parametrize(
    ("band", "use", "collect"),
    [
        ({"below": 13}, {"under_age", "guardian_missing"}, {"age_not_attested"}),
        ({"below": 14}, {"guardian_missing"}, {"age_not_attested"}),
        ({"at_least": 12}, {"guardian_missing"}, {"age_not_attested"}),
        ({"at_least": 13}, {"guardian_missing"}, set()),
        ({"at_least": 18}, {"granted"}, {"granted"}),
        (None, {"granted"}, {"age_not_attested"}),
    ],
)
def test_age_bands_decide_with_what_is_known(band: Any, use: set[str], collect: set[str]) -> None:
    w = World(MINORS, AGE)
    if band is not None:
        w.said(AgeBand(SOMEBODY, day(1), **band))
    assert {r.code for r in w.ask().reasons} == use
    assert {r.code for r in w.ask("collect").reasons} == collect | (use - {"granted"})


def test_the_attestation_comes_before_everything_and_a_guardian_stands_in() -> None:
    assert said(World(MINORS, AGE).ask("collect", "age"))[2] == {("granted", "T-10.1", "")}
    w = World(MINORS).said(AgeBand(SOMEBODY, day(1), at_least=13))
    assert said(w.ask())[2] == {("guardian_missing", "T-10.1", "18")}
    assert w.said(Guardian(SOMEBODY, day(2))).ask().permitted


def test_where_only_a_guardian_is_asked_for_some_age_must_be_known_before_collecting() -> None:
    w = World({"minors": {"clause": "10.1", "guardian_below": 18}})
    assert said(w.ask("collect")) == (5, "refused", {("age_not_attested", "T-10.1", "18")})
    assert w.said(AgeBand(SOMEBODY, day(1), at_least=20)).ask("collect").permitted


# -- 6. their stops -----------------------------------------------------------------------


def test_a_suspension_stops_all_but_storage_and_ends_with_its_resumption() -> None:
    w = World().said(Suspension(SOMEBODY, day(2)))
    for act in ("collect", "use", "send"):
        assert said(w.ask(act)) == (6, "refused", {("suspended", "APPI 35(1)", "all")})
    assert w.ask("keep").permitted
    assert w.ask(n=1).permitted
    assert w.said(Resumption(SOMEBODY, day(5))).ask().permitted


@pytest.mark.parametrize(
    ("scope", "stops"),
    [
        (Scope(items=("email",)), True),
        (Scope(items=("other", "email"), purposes=("serve",)), True),
        (Scope(items=("other",)), False),
        (Scope(purposes=("other",)), False),
        (Scope(items=("email",), purposes=("other",)), False),
        (Scope(recipients=("printer",)), False),
    ],
)
def test_a_scope_stops_what_is_inside_all_its_parts(scope: Scope, stops: bool) -> None:
    right = {"rights": {"suspension": {"clause": "11.5"}}}
    decision = World(right).said(Suspension(SOMEBODY, day(1), scope)).ask()
    assert decision.permitted is not stops
    if stops:
        words = ",".join(sorted(scope.items + scope.purposes))
        assert said(decision)[2] == {("suspended", "T-11.5", words)}


def test_an_opt_out_cites_the_clause_that_offers_it() -> None:
    w = World(
        {"purposes": {"serve": {"opt_out": "4.1x"}}, "recipients": {"printer": {"opt_out": "6.1x"}}}
    )
    w.said(OptOut(SOMEBODY, day(1), Scope(purposes=("serve",), recipients=("printer",))))
    want = {("opted_out", "T-4.1x", "printer,serve"), ("opted_out", "T-6.1x", "printer,serve")}
    assert said(w.ask("send")) == (6, "refused", want)
    assert w.ask().permitted
    plain = World().said(OptOut(SOMEBODY, day(1), Scope(purposes=("serve",))))
    assert said(plain.ask())[2] == {("opted_out", "", "serve")}

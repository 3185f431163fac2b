"""Asking the gate in words: verbs, errors that carry their decision, payloads, hints."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from seiyaku.assurance.model import Assurance, Assurances
from seiyaku.gate.ask import HandlingNotPermitted
from seiyaku.gate.decide import Gate
from seiyaku.kernel.errors import NotPermitted
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.history import History
from seiyaku.policy.parse import parse_policy
from seiyaku.services import path
from seiyaku.standing.fold import fold
from seiyaku.standing.model import Acceptance, AgeBand, Closure, Consent, Scope

AT = datetime(2026, 11, 20, tzinfo=UTC)
JOINED = datetime(2026, 3, 1, tzinfo=UTC)
PERSON = PersonId("person-who-must-not-be-named")
EVENTS = (
    AgeBand(PERSON, JOINED, at_least=13),
    Acceptance(PERSON, JOINED, "2026-02-16"),
    Consent(PERSON, JOINED, Scope(), "2026-02-16", countries=("US", "EU"), kind="deemed"),
)
MEMBER = fold(PERSON, "user", EVENTS, AT)
CONTRACT = Assurances(
    tuple(
        Assurance(kind, "printful", JOINED, "contract-3", about)
        for kind, about in (
            ("trustee_record", None),
            ("supervision", None),
            ("equivalent_measures", "US"),
        )
    )
)


@pytest.fixture(scope="module")
def gate() -> Gate:
    parsed = parse_policy(path("closm-i") / "policy.yaml")
    return Gate(History((parsed.policy,)), parsed.laws)


def test_a_permitted_use_comes_back_as_a_decision_that_cites_its_clause(gate: Gate) -> None:
    decision = gate.require_use(
        MEMBER, CONTRACT, "postal_address", AT, purpose="ship_goods", source="person"
    )
    assert decision.permitted
    assert "CLOSM-4.4" in {reason.cite for reason in decision.reasons}


def test_sending_without_the_assurance_is_undecided_and_names_it(gate: Gate) -> None:
    decision = gate.may_send(
        MEMBER,
        Assurances(CONTRACT.facts[:2]),
        "postal_address",
        AT,
        purpose="ship_goods",
        source="person",
        recipient="printful",
        country="US",
    )
    assert decision.outcome == "undecided"
    assert [r.about for r in decision.reasons] == ["equivalent_measures:printful:US"]


def test_a_refusal_raises_with_its_decision_and_without_the_person(gate: Gate) -> None:
    left = fold(PERSON, "user", (*EVENTS, Closure(PERSON, JOINED)), AT)
    with pytest.raises(HandlingNotPermitted) as caught:
        gate.require_use(left, CONTRACT, "email", AT, purpose="service", source="person")
    assert isinstance(caught.value, NotPermitted)
    assert caught.value.code == "SY200"
    assert caught.value.decision.outcome == "refused"
    assert PERSON not in str(caught.value) + caught.value.hint()


def test_an_undecided_question_raises_with_a_code_of_its_own_and_a_near_word(gate: Gate) -> None:
    with pytest.raises(HandlingNotPermitted) as caught:
        gate.require_use(MEMBER, CONTRACT, "emial", AT, purpose="service", source="person")
    assert caught.value.code == "SY201"
    assert caught.value.hint() == "`email` is declared, `emial` is not"


def test_what_is_no_word_is_not_repeated_in_the_message(gate: Gate) -> None:
    with pytest.raises(HandlingNotPermitted) as caught:
        gate.require_collect(MEMBER, CONTRACT, "aki@example.jp", AT)
    assert "aki" not in str(caught.value) + caught.value.hint()
    assert caught.value.decision.reasons[0].about == "aki@example.jp"


def test_a_payload_is_reduced_to_what_may_go_and_the_rest_is_named(gate: Gate) -> None:
    answer = gate.decide_payload(
        "send",
        MEMBER,
        CONTRACT,
        ["postal_address", "birth_date", "wallet_address", "name"],
        AT,
        purpose="ship_goods",
        source="person",
        recipient="printful",
        country="US",
    )
    assert answer.permitted == ("postal_address", "name")
    assert answer.denied == ("birth_date", "wallet_address")
    assert answer.decisions["birth_date"].outcome == "undecided"
    assert answer.decisions["wallet_address"].outcome == "refused"


def test_allowed_items_are_those_the_gate_permits_one_by_one(gate: Gate) -> None:
    allowed = gate.allowed_items("use", MEMBER, CONTRACT, AT, purpose="ship_goods", source="person")
    assert "postal_address" in allowed
    assert "wallet_address" not in allowed
    for item in allowed:
        assert gate.may_use(
            MEMBER, CONTRACT, item, AT, purpose="ship_goods", source="person"
        ).permitted


def test_what_is_kept_and_collected_is_asked_with_verbs_of_their_own(gate: Gate) -> None:
    assert gate.may_collect(MEMBER, CONTRACT, "email", AT, source="person").permitted
    assert gate.may_keep(MEMBER, CONTRACT, "email", AT).permitted
    with pytest.raises(HandlingNotPermitted, match="never"):
        gate.require_keep(MEMBER, CONTRACT, "card_number", AT)
    with pytest.raises(HandlingNotPermitted, match="recipient_unstated"):
        gate.require_send(MEMBER, CONTRACT, "email", AT, purpose="service", source="person")


def test_before_there_is_a_policy_nothing_is_decided(gate: Gate) -> None:
    early = datetime(2020, 1, 1, tzinfo=UTC)
    decision = gate.may_collect(MEMBER, CONTRACT, "email", early)
    assert (decision.outcome, decision.version, decision.step) == ("undecided", "", 0)
    assert gate.allowed_items("collect", MEMBER, CONTRACT, early) == ()
    assert gate.hint(decision) == ""

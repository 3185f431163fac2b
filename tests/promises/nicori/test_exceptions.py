"""Articles 5.1 a-d and 9.1: the ways past agreement, each with all its conditions."""

from __future__ import annotations

from typing import Any

from seiyaku.assurance import Membership
from seiyaku.gate import Case
from seiyaku.testing.promises import promise

from ..homes import SINCE, Installed, about, cites, codes

LETTER = "5f" * 32


def _case(kind: Any, code: str, *stated: str, **more: str) -> Case:
    return Case(kind, code, frozenset(stated), **more)


@promise("NICO-5.1a")
def test_the_police_get_nothing_on_the_telephone(asked: Installed) -> None:
    """Given a demand of the police that names its law; without the letter it is refused, naming
    the document, and with it permitted, and the evidence holds who approved and which document.
    A demand by somebody who is no public body opens nothing.
    """
    person = asked.world.person("aki").id
    stated = ("authority", "legal_basis")
    call = _case("legal_demand", "public_institution", *stated, approver="sato")
    decision, entry = asked.ask_on(person, "send", "phone", recipient="police", case=call)
    assert (decision.outcome, codes(decision)) == ("refused", {"condition_missing"})
    assert (about(decision), entry.outcome) == ({"document"}, "refused")
    letter = _case("legal_demand", "public_institution", *stated, approver="sato", document=LETTER)
    decision, entry = asked.ask_on(person, "send", "phone", recipient="police", case=letter)
    assert decision.permitted
    assert {"NICO-5.1a", "APPI 27(1)(i)"} <= cites(decision)
    assert (entry.outcome, entry.actor, entry.detail["document"]) == ("permitted", "sato", LETTER)
    assert "NICO-5.1a" in entry.clauses
    decision, _ = asked.ask_on(person, "send", "phone", recipient="adnet1", case=letter)
    assert not decision.permitted


@promise("NICO-5.1b")
def test_a_special_provision_of_law_has_to_be_named(asked: Installed) -> None:
    """Given orders that the tax office would get under a special provision; with the statute
    left empty it is refused, naming the legal basis; with it entered, permitted and in the
    evidence.
    """
    person = asked.world.person("aki").id
    papers = {"approver": "sato", "document": LETTER}
    empty = _case("exception", "special_provision", **papers)
    decision, _ = asked.ask_on(person, "send", "purchase", recipient="tax_office", case=empty)
    assert (decision.outcome, codes(decision)) == ("refused", {"condition_missing"})
    assert about(decision) == {"legal_basis"}
    named = _case("exception", "special_provision", "legal_basis", **papers)
    decision, entry = asked.ask_on(person, "send", "purchase", recipient="tax_office", case=named)
    assert decision.permitted
    assert {"NICO-5.1b", "APPI 27(1)(i)"} <= cites(decision)
    assert (entry.detail["conditions"], entry.detail["item"]) == ("legal_basis", "purchase")
    assert (entry.detail["recipient"], entry.outcome) == ("tax_office", "permitted")


@promise("NICO-5.1c")
def test_danger_needs_that_agreement_cannot_be_had(asked: Installed) -> None:
    """Given danger to a life, and nobody tried to ask the person; an address for the fire
    service is refused, naming the agreement. That it cannot be had, without danger: refused,
    naming the danger. Both: permitted, by 5.1c, once a person approved it.
    """
    person = asked.world.person("aki").id
    words = {"recipient": "fire_department"}

    def asks(*stated: str) -> tuple[str, set[str]]:
        case = _case("exception", "life_body_property", *stated, approver="sato")
        decision, entry = asked.ask_on(person, "send", "postal_address", case=case, **words)
        assert entry.outcome == decision.outcome
        return decision.outcome, about(decision)

    assert asks("danger") == ("refused", {"consent_impractical"})
    assert asks("consent_impractical") == ("refused", {"danger"})
    assert asks("danger", "consent_impractical")[0] == "permitted"
    both = _case("exception", "life_body_property", "danger", "consent_impractical")
    alone, _ = asked.ask_on(person, "send", "postal_address", case=both, **words)
    assert (alone.outcome, about(alone)) == ("refused", {"approver"})
    whole = _case("exception", "life_body_property", *both.conditions, approver="sato")
    decision, _ = asked.ask_on(person, "send", "postal_address", case=whole, **words)
    assert cites(decision) >= {"NICO-5.1c", "APPI 27(1)(ii)"}


@promise("NICO-5.1d")
def test_defending_the_company_needs_an_approver_and_the_laws_own_danger(
    mine: Installed,
) -> None:
    """Given a fraud, and agreement that cannot be had; orders for the company's lawyer, who is
    in the register, are refused without an approver, naming the approver. The Act asks for
    danger to life, body or property beside what 5.1d prints, and cannot be switched off: stated
    and approved, it is permitted by both, and stands in the evidence.
    """
    mine.home.enrol(Membership("third_parties", "lawyer", SINCE, countries=("JP",)))
    person = mine.world.person("aki").id
    printed = ("breach_of_law_or_terms", "consent_impractical")
    words = {"recipient": "lawyer"}
    case = _case("exception", "own_rights", *printed, "danger")
    decision, entry = mine.ask_on(person, "send", "purchase", case=case, **words)
    assert (decision.outcome, about(decision)) == ("refused", {"approver"})
    assert entry.outcome == "refused"
    case = _case("exception", "own_rights", *printed, approver="counsel-1")
    decision, _ = mine.ask_on(person, "send", "purchase", case=case, **words)
    assert (decision.outcome, about(decision)) == ("refused", {"danger"})
    for left_out in printed:
        rest = {*printed, "danger"} - {left_out}
        case = _case("exception", "own_rights", *rest, approver="counsel-1")
        decision, _ = mine.ask_on(person, "send", "purchase", case=case, **words)
        assert (decision.outcome, about(decision)) == ("refused", {left_out})
    case = _case("exception", "own_rights", *printed, "danger", approver="counsel-1")
    decision, entry = mine.ask_on(person, "send", "purchase", case=case, **words)
    assert decision.permitted
    assert {"NICO-5.1d", "APPI 27(1)(ii)"} <= cites(decision)
    assert (entry.actor, entry.detail["code"]) == ("counsel-1", "own_rights")

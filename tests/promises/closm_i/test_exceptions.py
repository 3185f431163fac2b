"""Article 6.1 a-d: the ways past consent, each with all its conditions or not at all.

The policy prints one condition where the law has two; the law is laid over it, and no setting
takes it off. Whatever came of a question that rests on a case stands in the evidence.
"""

from __future__ import annotations

from typing import Any

from seiyaku.evidence import Entry
from seiyaku.gate import Case, Decision
from seiyaku.kernel import PersonId
from seiyaku.testing.promises import promise

from .conftest import Closm, cites, codes

DOCUMENT = "5f" * 32


def _send(
    closm: Closm, person: PersonId, item: str, recipient: str, case: Case, **words: Any
) -> tuple[Decision, Entry]:
    """Ask, and read the entry the question left in the evidence."""
    decision = closm.ask(person, "send", item, recipient=recipient, case=case, **words)
    log = closm.home.parts.log_reader()
    return decision, log.entry(log.checkpoint().size - 1)


@promise("CLOSM-6.1a")
def test_a_demand_of_law_needs_its_document_and_leaves_basis_and_approver(
    closm: Closm, someone: PersonId
) -> None:
    """Given a court order on file; when the police would get access logs under it: permitted,
    and the evidence holds basis and approver. Without the document: refused.
    """
    order = Case("legal_demand", "law", frozenset({"legal_basis"}), "sato", DOCUMENT)
    decision, entry = _send(closm, someone, "access_log", "police", order)
    assert decision.permitted
    assert {"CLOSM-6.1a", "APPI 27(1)(i)"} <= cites(decision)
    assert (entry.kind, entry.outcome, entry.actor) == ("decision", "permitted", "sato")
    assert (entry.detail["code"], entry.detail["document"]) == ("law", DOCUMENT)
    assert "CLOSM-6.1a" in entry.clauses
    bare = Case("legal_demand", "law", frozenset({"legal_basis"}), "sato")
    decision, _ = _send(closm, someone, "access_log", "police", bare)
    assert decision.outcome == "refused"
    assert {r.about for r in decision.reasons} == {"document"}


@promise("CLOSM-6.1b")
def test_danger_alone_does_not_open_the_way_until_consent_is_stated_to_be_impractical(
    closm: Closm, someone: PersonId
) -> None:
    """Given a post about self-harm, with no attempt at consent recorded; when the address would
    go to the police for life: refused, naming what is missing, though 6.1b prints no more than
    danger (the law adds it, and cannot be switched off). With the difficulty stated: permitted.
    Both stand in the evidence.
    """
    half = Case("exception", "life_body_property", frozenset({"danger"}), "sato")
    decision, entry = _send(closm, someone, "email", "police", half, source="person")
    assert (decision.outcome, codes(decision)) == ("refused", {"condition_missing"})
    assert {r.about for r in decision.reasons} == {"consent_impractical"}
    assert entry.outcome == "refused"
    both = frozenset({"danger", "consent_impractical"})
    whole = Case("exception", "life_body_property", both, "sato")
    decision, entry = _send(closm, someone, "email", "police", whole, source="person")
    assert decision.permitted
    assert "CLOSM-6.1b" in cites(decision)
    assert (entry.outcome, entry.actor) == ("permitted", "sato")


@promise("CLOSM-6.1c")
def test_a_child_welfare_office_gets_nothing_on_an_empty_record(
    closm: Closm, someone: PersonId
) -> None:
    """Given an exception for the sake of a child whose reason is empty; refused, naming what is
    missing. With need, difficulty of consent (the law's) and approver: permitted, and the
    evidence holds reason, approver and the field sent.
    """
    empty = Case("exception", "public_health_children")
    decision, _ = _send(closm, someone, "email", "child_welfare_office", empty, source="person")
    assert decision.outcome == "refused"
    missing = {r.about for r in decision.reasons}
    assert missing == {"special_need", "consent_impractical", "approver"}
    filled = Case(
        "exception",
        "public_health_children",
        frozenset({"special_need", "consent_impractical"}),
        "sato",
    )
    decision, entry = _send(
        closm, someone, "email", "child_welfare_office", filled, source="person"
    )
    assert decision.permitted
    assert "CLOSM-6.1c" in cites(decision)
    assert entry.detail["conditions"] == "consent_impractical,special_need"
    assert (entry.detail["item"], entry.actor) == ("email", "sato")


@promise("CLOSM-6.1d")
def test_a_tax_office_is_helped_and_a_private_detective_is_not(
    closm: Closm, someone: PersonId
) -> None:
    """Given a letter of the tax office: its authority and duty, and that asking the person would
    hinder it (the law's second condition); permitted and in the evidence. A detective is no
    authority anybody knows (undecided), a school one that may not ask this (refused).
    """
    stated = frozenset({"authority", "legal_duty", "consent_hinders_duty"})
    letter = Case("exception", "state_cooperation", stated, "sato", DOCUMENT)
    decision, entry = _send(closm, someone, "order", "tax_office", letter)
    assert decision.permitted
    assert "CLOSM-6.1d" in cites(decision)
    assert (entry.detail["recipient"], entry.outcome) == ("tax_office", "permitted")
    detective, _ = _send(closm, someone, "order", "private_detective", letter)
    assert (detective.outcome, codes(detective)) == ("undecided", {"unknown_recipient"})
    school, _ = _send(closm, someone, "order", "school", letter)
    assert (school.outcome, codes(school)) == ("refused", {"not_an_authority"})
    hindrance = Case("exception", "state_cooperation", stated - {"consent_hinders_duty"}, "sato")
    decision, _ = _send(closm, someone, "order", "tax_office", hindrance)
    assert {r.about for r in decision.reasons} == {"consent_hinders_duty"}

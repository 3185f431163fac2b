"""Article 6, bullets 2 to 5: the ways past consent, each with all its conditions or not at all."""

from __future__ import annotations

from seiyaku.gate import Case
from seiyaku.kernel import PersonId
from seiyaku.testing.promises import promise

from ..homes import Installed, about, cites, codes

DOCUMENT = "5f" * 32


@promise("CAST-6.1b")
def test_a_court_gets_what_its_order_names_and_nothing_without_the_order(
    asked: Installed, someone: PersonId
) -> None:
    """Given a request said to be required by law, without its document; logs of communication
    stay, naming the document as missing. With the order and who approved: permitted, and the
    evidence holds basis, document and approver; without an approver: refused.
    """
    basis = frozenset({"legal_basis"})
    said = Case("legal_demand", "law", basis, "sato")
    words = {"recipient": "court", "case": said}
    refused, entry = asked.ask_on(someone, "send", "communication_history", **words)
    assert (refused.outcome, codes(refused)) == ("refused", {"condition_missing"})
    assert about(refused) == {"document"}
    assert entry.outcome == "refused"
    words["case"] = Case("legal_demand", "law", basis, "sato", DOCUMENT)
    decision, entry = asked.ask_on(someone, "send", "communication_history", **words)
    assert decision.permitted
    assert {"CAST-6.1b", "APPI 27(1)(i)"} <= cites(decision)
    assert (entry.outcome, entry.actor) == ("permitted", "sato")
    assert entry.detail["document"] == DOCUMENT
    words["case"] = Case("legal_demand", "law", basis, None, DOCUMENT)
    assert about(asked.ask(someone, "send", "communication_history", **words)) == {"approver"}


@promise("CAST-6.1c")
def test_an_ambulance_gets_a_phone_number_only_where_asking_is_impractical(
    asked: Installed, someone: PersonId
) -> None:
    """Given danger, and nothing said on asking the person; their phone number stays: refused,
    naming the second condition. With both, it goes; without a case, not.
    """
    half = Case("exception", "life_body_property", frozenset({"danger"}), "sato")
    words = {"recipient": "fire_department", "case": half}
    refused, _ = asked.ask_on(someone, "send", "phone", **words)
    assert (refused.outcome, codes(refused)) == ("refused", {"condition_missing"})
    assert about(refused) == {"consent_impractical"}
    both = frozenset({"danger", "consent_impractical"})
    words["case"] = Case("exception", "life_body_property", both, "sato")
    decision, entry = asked.ask_on(someone, "send", "phone", **words)
    assert decision.permitted
    assert "CAST-6.1c" in cites(decision)
    assert (entry.detail["item"], entry.outcome) == ("phone", "permitted")
    assert asked.ask(someone, "send", "phone", recipient="fire_department").outcome != "permitted"


@promise("CAST-6.1d")
def test_a_child_welfare_office_gets_an_address_only_where_asking_is_impractical(
    asked: Installed, someone: PersonId
) -> None:
    """Given that the wellbeing of a minor needs it, and nothing said on asking; the address
    stays: refused, naming the second condition. With both, it goes.
    """
    half = Case("exception", "public_health_children", frozenset({"special_need"}), "sato")
    words = {"recipient": "child_welfare_office", "case": half}
    refused = asked.ask(someone, "send", "postal_address", **words)
    assert (refused.outcome, codes(refused)) == ("refused", {"condition_missing"})
    assert about(refused) == {"consent_impractical"}
    both = frozenset({"special_need", "consent_impractical"})
    words["case"] = Case("exception", "public_health_children", both, "sato")
    decision = asked.ask(someone, "send", "postal_address", **words)
    assert decision.permitted
    assert "CAST-6.1d" in cites(decision)


@promise("CAST-6.1e")
def test_a_ward_office_is_helped_only_where_asking_would_hinder_it(
    asked: Installed, someone: PersonId
) -> None:
    """Given authority and duty of a ward office, and nothing said on hindrance; the name stays:
    refused, naming the hindrance. With it, the name goes. A school is no such
    authority.
    """
    stated = frozenset({"authority", "legal_duty"})
    words = {
        "recipient": "local_government",
        "case": Case("exception", "state_cooperation", stated, "sato", DOCUMENT),
    }
    refused = asked.ask(someone, "send", "name", **words)
    assert (refused.outcome, codes(refused)) == ("refused", {"condition_missing"})
    assert about(refused) == {"consent_hinders_duty"}
    whole = Case(
        "exception", "state_cooperation", stated | {"consent_hinders_duty"}, "sato", DOCUMENT
    )
    words["case"] = whole
    decision = asked.ask(someone, "send", "name", **words)
    assert decision.permitted
    assert "CAST-6.1e" in cites(decision)
    school = asked.ask(someone, "send", "name", recipient="school", case=whole)
    assert (school.outcome, codes(school)) == ("refused", {"not_an_authority"})

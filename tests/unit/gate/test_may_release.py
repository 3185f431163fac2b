"""Whether a file may leave: the order of precedence, step by step, over an invented policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from seiyaku.assurance import Assurances, Membership
from seiyaku.gate.release import ExportDecision, ExportQuestion, may_release, require_release
from seiyaku.kernel.errors import NotPermitted
from seiyaku.policy import History, Policy, parse_policy
from seiyaku.releases import Column, Report, check_publication, check_rows

AT = datetime(2026, 11, 20, tzinfo=UTC)
SHA = "1" * 64
CAST = Path(__file__).parents[3] / "src/seiyaku/services/custom_cast/policy.yaml"
PARTNERS = Assurances((), (Membership("commercial_partners", "lab_y", AT, countries=("JP",)),))


@pytest.fixture(scope="module")
def policy() -> Policy:
    """The policy of Custom Cast: statistics, research rows and a publication."""
    return parse_policy(CAST).policy


def report(people: int = 50, *items: str, export: str = "attribute_statistics") -> Report:
    """The check of one row of statistics."""
    columns = {"os": Column("group", items or ("device_type",)), "n": Column("count")}
    rows = [{"os": "iOS", "n": str(people)}]
    return check_rows(export, "statistics", rows, columns, 5, SHA)


def ask(policy: Policy, **about: Any) -> ExportDecision:
    """One question about statistics for the lab, checked and fine unless said otherwise."""
    words: dict[str, Any] = {"recipient": "lab_y", "report": report(), "file_sha256": SHA, "at": AT}
    question = ExportQuestion(**{"export": "attribute_statistics", **words, **about})
    return may_release(History((policy,)), PARTNERS, question)


def told(decision: ExportDecision) -> tuple[str, int, set[tuple[str, str, str]]]:
    """Outcome, step and reasons."""
    reasons = {(r.code, r.cite, r.about) for r in decision.reasons}
    return decision.outcome, decision.step, reasons


def changed(policy: Policy, **export: Any) -> Policy:
    """The policy with its statistics told otherwise."""
    told = policy.exports["attribute_statistics"].model_copy(update=export)
    return policy.model_copy(update={"exports": {**policy.exports, "attribute_statistics": told}})


def test_a_checked_file_goes_to_a_partner_by_every_clause_of_the_export(policy: Policy) -> None:
    decision = ask(policy)
    granted = {("granted", "CAST-2.10s", ""), ("granted", "CAST-2.10", "")}
    assert told(decision) == ("permitted", 5, granted)
    assert (decision.version, decision.report) == ("2020-09-07", report().digest)


def test_no_version_no_answer(policy: Policy) -> None:
    decision = ask(policy, at=datetime(2019, 1, 1, tzinfo=UTC))
    assert told(decision) == ("undecided", 0, {("no_policy_in_force", "", "")})


@pytest.mark.parametrize("word", ["face_expression", "avatar_motion"])
def test_what_is_never_sent_leaves_in_no_file_not_even_derived(policy: Policy, word: str) -> None:
    wider = changed(policy, items=(word,))
    reasons = {("never", "CAST-3.4", word), ("outside_only", "CAST-3.2", word)}
    assert told(ask(wider, report=report(50, word))) == ("refused", 1, reasons)
    inside = ask(wider, report=report(50, word), recipient=None)
    assert told(inside) == ("refused", 1, {("outside_only", "CAST-3.2", word)})


def test_a_ban_of_the_whole_policy_stops_every_file(policy: Policy) -> None:
    banned = policy.model_copy(update={"never": {"use": "3.4"}})
    assert told(ask(banned, recipient=None)) == ("refused", 1, {("never", "CAST-3.4", "all")})
    unsent = policy.model_copy(update={"never": {"send": "3.4"}})
    assert ask(unsent, recipient=None).permitted
    assert not ask(unsent).permitted


def test_words_nobody_declared_are_undecided(policy: Policy) -> None:
    assert told(ask(policy, export="headcount")) == (
        "undecided", 2, {("unknown_export", "", "headcount")}
    )  # fmt: skip
    assert told(ask(policy, recipient="lab_z", report=report(50, "shoe_size"))) == (
        "undecided", 2, {("unknown_recipient", "", "lab_z"), ("unknown_item", "", "shoe_size")}
    )  # fmt: skip
    assert told(ask(policy, recipient="commercial_partners")) == (
        "undecided", 2, {("member_unstated", "CAST-2.17b", "commercial_partners")}
    )  # fmt: skip
    assert told(ask(changed(policy, items=()))) == (
        "undecided", 2, {("empty_list", "CAST-2.10s", "items:attribute_statistics")}
    )  # fmt: skip


def test_an_export_without_recipients_stays_inside(policy: Policy) -> None:
    inside = changed(policy, recipients=())
    refused = {("not_for_recipient", "CAST-2.10s", "lab_y")}
    assert told(ask(inside)) == ("refused", 3, refused)
    assert ask(inside, recipient=None).permitted


def test_a_membership_that_ended_opens_nothing(policy: Policy) -> None:
    early = ask(policy, at=datetime(2026, 1, 1, tzinfo=UTC))
    assert told(early) == ("undecided", 2, {("unknown_recipient", "", "lab_y")})


@pytest.mark.parametrize(
    ("about", "wrong"),
    [
        ({"report": None}, "report"),
        ({"file_sha256": "2" * 64}, "file"),
        ({"report": report(export="joint_research")}, "export"),
        ({"report": replace(report(), kind="research")}, "export"),
    ],
)
def test_a_file_nobody_checked_for_this_does_not_leave(
    policy: Policy, about: dict[str, Any], wrong: str
) -> None:
    assert told(ask(policy, **about)) == ("refused", 4, {("not_checked", "CAST-2.10s", wrong)})


def test_everything_the_check_found_is_told_at_once(policy: Policy) -> None:
    found = report(3, "device_type", "phone")
    assert told(ask(policy, report=found)) == (
        "refused", 4,
        {("item_not_for_export", "CAST-2.10s", "phone"), ("group_too_small", "CAST-2.10s", "3<5")},
    )  # fmt: skip


def test_the_policys_own_number_counts_whatever_the_check_was_told(policy: Policy) -> None:
    wider = changed(policy, k=60)
    assert told(ask(wider))[2] == {("group_too_small", "CAST-2.10s", "50<60")}
    lax = check_rows(
        "attribute_statistics", "statistics", [{"os": "iOS", "n": "3"}],
        {"os": Column("group", ("device_type",)), "n": Column("count")}, 2, SHA,
    )  # fmt: skip
    assert not ask(policy, report=lax).permitted
    text = check_publication("research_results", "Of 4 users", 3, SHA)
    words = {"export": "research_results", "recipient": None, "report": text}
    assert told(ask(policy, **words))[2] == {("not_checked", "CAST-2.19b", "k")}


def test_findings_beyond_the_list_keep_the_file_in(policy: Policy) -> None:
    silent = replace(report(), more=1)
    assert told(ask(policy, report=silent))[2] == {
        ("not_counted", "CAST-2.10s", "attribute_statistics")
    }


def test_a_decision_on_a_file_is_no_truth_value(policy: Policy) -> None:
    with pytest.raises(TypeError):
        bool(ask(policy))


def test_requiring_raises_with_the_reasons(policy: Policy) -> None:
    question = ExportQuestion("attribute_statistics", SHA, AT, "lab_y", report(3))
    with pytest.raises(NotPermitted) as caught:
        require_release(History((policy,)), PARTNERS, question)
    assert caught.value.code == "SY263"
    assert "group_too_small CAST-2.10s 3<5" in str(caught.value)
    fine = replace(question, report=report())
    assert require_release(History((policy,)), PARTNERS, fine).permitted

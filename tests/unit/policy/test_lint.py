"""Every rule of lint speaks of the policy that breaks it, at its place, and of no other."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from edits import FOLDER, TEASHOP, loc, teashop

from seiyaku.kernel.faults import SEVERITIES
from seiyaku.laws import parse_citation
from seiyaku.policy import parse_policy
from seiyaku.policy.lint import RULES, lint

CASES: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "lint-cases.yaml").read_text("utf-8"))


def test_every_rule_has_a_failing_and_a_passing_policy() -> None:
    assert sorted(CASES) == sorted(rule.id for rule in RULES)
    assert all(set(case) == {"failing", "passing"} for case in CASES.values())
    assert all(case["failing"]["edit"] != case["passing"]["edit"] for case in CASES.values())


def test_nothing_is_found_in_the_policy_all_cases_start_from() -> None:
    parsed = parse_policy(TEASHOP)
    assert lint(parsed.policy, parsed.laws, parsed.document) == ()


@pytest.mark.parametrize("rule", sorted(CASES))
def test_a_rule_speaks_of_its_failing_policy_at_the_place_and_no_other_rule_does(
    rule: str,
) -> None:
    case = CASES[rule]["failing"]
    parsed = teashop(case["edit"])
    faults = lint(parsed.policy, parsed.laws, parsed.document)
    assert {f.rule for f in faults} == {rule} | _unused(case, parsed)
    path = loc(case["at"])
    places = {parsed.document.key_place(path), parsed.document.place(path)}
    assert places & {f.place for f in faults if f.rule == rule}


@pytest.mark.parametrize("rule", sorted(CASES))
def test_a_rule_is_silent_on_its_passing_policy(rule: str) -> None:
    case = CASES[rule]["passing"]
    parsed = teashop(case["edit"])
    faults = lint(parsed.policy, parsed.laws, parsed.document)
    assert {f.rule for f in faults} == _unused(case, parsed)


def _unused(case: dict[str, Any], parsed: Any) -> set[str]:
    """Other rules that speak: the ones named, and on binding clauses the edit left alone."""
    binding = [c for c in case.get("unused", []) if "must" in parsed.policy.clauses[c].force]
    return {*case.get("also", []), *(["clause-stands-alone"] if binding else [])}


def test_every_finding_says_where_what_and_what_to_do() -> None:
    for case in CASES.values():
        parsed = teashop(case["failing"]["edit"])
        for fault in lint(parsed.policy, parsed.laws, parsed.document):
            assert fault.place.line > 0
            assert fault.message[0] == fault.message[0].lower()
            assert fault.hint
            assert fault.severity in SEVERITIES
            assert fault.severity != "error", "a finding never stops a policy from being used"
            assert fault.clause in {"", *parsed.policy.clauses}


def test_rules_have_distinct_ids_a_sentence_each_and_citations_the_packs_know() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.says.endswith("."), rule.id
        if rule.law:
            parse_citation(rule.law)


def test_a_policy_without_its_text_is_linted_too() -> None:
    parsed = teashop({"/contacts/0/email": "[email protected]"})
    faults = lint(parsed.policy, parsed.laws)
    assert [(f.rule, f.place.line) for f in faults] == [("contact-placeholder", 1)]


def test_no_finding_repeats_an_address_of_a_person_to_write_to() -> None:
    parsed = teashop({"/contacts/0/email": "taro.tanaka@example.com"})
    faults = lint(parsed.policy, parsed.laws, parsed.document)
    assert faults
    assert not any("taro" in f"{f.message}{f.hint}" for f in faults)

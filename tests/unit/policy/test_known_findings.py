"""What a person found in published policies is found by the rules, where a rule can."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from edits import FOLDER

from seiyaku.kernel.faults import Fault
from seiyaku.policy import parse_policy
from seiyaku.policy.lint import RULES, lint
from seiyaku.policy.lint.published import lint_published
from seiyaku.services import available, path

pytestmark = pytest.mark.reference

KNOWN: dict[str, dict[str, Any]] = yaml.safe_load(
    (FOLDER / "known-findings.yaml").read_text("utf-8")
)
SERVICES = {
    "CLOSM": ("closm-i", "closm-i.txt"),
    "DESK": ("deskrex", "deskrex.txt"),
    "JSER": ("jsers", "jsers.txt"),
}

READY = sorted(prefix for prefix, (service, _) in SERVICES.items() if service in available())


def found_in(service: str, text: Path) -> tuple[Fault, ...]:
    """Findings on the service's policy file and on its published text."""
    parsed = parse_policy(path(service) / "policy.yaml")
    published = lint_published(parsed.policy, text.read_text("utf-8"), text.name)
    return (*lint(parsed.policy, parsed.laws, parsed.document), *published)


def matches(fault: Fault, wanted: dict[str, Any]) -> bool:
    """Whether a fault is the finding meant."""
    named = wanted.get("names", "")
    return (
        fault.rule == wanted["rule"]
        and wanted.get("line", fault.place.line) == fault.place.line
        and (not named or f"`{named}`" in fault.message or named in fault.message.split())
    )


def unmatched(prefix: str, faults: tuple[Fault, ...]) -> Iterator[str]:
    """Known findings of a policy that a rule should have found and did not."""
    for finding, wanted in KNOWN.items():
        of_policy = finding.startswith(prefix) and "rule" in wanted
        if of_policy and not any(matches(fault, wanted) for fault in faults):
            yield f"{finding} ({wanted['rule']})"


def test_every_known_finding_has_a_rule_or_a_reason(reference: Path) -> None:
    listed = json.loads((reference / "promises" / "lint-findings.json").read_text("utf-8"))
    assert [finding["id"] for finding in listed] == list(KNOWN)
    assert all(set(entry) & {"rule", "none"} for entry in KNOWN.values())


@pytest.mark.parametrize("prefix", READY)
def test_the_rules_find_what_a_person_found(reference: Path, prefix: str) -> None:
    service, text = SERVICES[prefix]
    faults = found_in(service, reference / "policies" / text)
    assert list(unmatched(prefix, faults)) == []


def test_the_share_of_known_findings_the_rules_reach_is_said(
    reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reached = sum("rule" in entry for entry in KNOWN.values())
    with capsys.disabled():
        print(f"\nknown findings reached by a rule: {reached} of {len(KNOWN)}")
    assert reached >= 50
    assert len(RULES) > 50


@pytest.mark.parametrize("prefix", READY)
def test_every_clause_paraphrases_the_lines_it_names(reference: Path, prefix: str) -> None:
    service, text = SERVICES[prefix]
    faults = found_in(service, reference / "policies" / text)
    assert not [str(f) for f in faults if f.rule == "text-changed"]

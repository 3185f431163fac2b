"""A clause is kept only by a test that ran and passed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seiyaku.app.promises import STATES, Witness, load, report
from seiyaku.kernel.document import check_model, read_document
from seiyaku.kernel.errors import InvalidInput
from seiyaku.policy.model import Policy
from seiyaku.services import path


@pytest.fixture(scope="module")
def policy() -> Policy:
    return check_model(read_document(path("closm-i") / "policy.yaml"), Policy)


def _state(policy: Policy, *witnesses: Witness) -> str:
    found = report([policy], witnesses)
    return next(c.state for c in found.clauses if c.id == "CLOSM-9.2a")


def test_without_witness_every_clause_is_open(policy: Policy) -> None:
    found = report([policy], [])
    assert found.count("open") == len(policy.clauses) == 74


def test_a_passed_test_keeps_its_clause(policy: Policy) -> None:
    assert _state(policy, Witness("CLOSM-9.2a", "t", True)) == "kept"


def test_one_failed_test_leaves_the_clause_open(policy: Policy) -> None:
    witnesses = [Witness("CLOSM-9.2a", "t", True), Witness("CLOSM-9.2a", "u", False)]
    assert _state(policy, *witnesses) == "open"


def test_a_task_with_evidence_is_by_hand(policy: Policy) -> None:
    assert _state(policy, Witness("CLOSM-9.2a", "t", True, by_hand=True)) == "by_hand"


def test_only_a_clause_whose_proof_is_text_is_stated(policy: Policy) -> None:
    texts = {policy.cite(c) for c, text in policy.clauses.items() if text.proof == "text"}
    found = report([policy], [Witness(c, "t", True) for c in ("CLOSM-9.2a", *texts)])
    assert {c.id for c in found.clauses if c.state == "stated"} == texts
    assert found.count("kept") == 1


def test_the_report_reads_back_as_it_was_written(policy: Policy, tmp_path: Path) -> None:
    found = report([policy], [Witness("CLOSM-9.2a", "t", True, template="item")])
    out = tmp_path / "promises.json"
    out.write_text(json.dumps(found.to_json()))
    assert load(out) == found
    data = json.loads(out.read_text())
    assert data["total"] == sum(data[state] for state in STATES)
    assert data["kept_from_templates"] == 1


def test_no_report_means_no_run_yet(tmp_path: Path) -> None:
    assert load(tmp_path / "promises.json") is None


def test_a_report_that_is_none_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "promises.json"
    out.write_text('{"clauses": [{"id": 1}]}')
    with pytest.raises(InvalidInput) as caught:
        load(out)
    assert caught.value.code == "SY104"

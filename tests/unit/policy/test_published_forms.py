"""What editors and code hosts read: JSON Schema and SARIF, and the pages made from the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from edits import TEASHOP, edited, teashop

from seiyaku.datamap.model import DataMap
from seiyaku.kernel.errors import InvalidDocument
from seiyaku.kernel.faults import Fault
from seiyaku.policy.lint import RULES, lint
from seiyaku.policy.model import Policy
from seiyaku.policy.parse import parse_policy_bytes
from seiyaku.policy.reference import PAGES
from seiyaku.policy.sarif import to_sarif
from seiyaku.policy.schema import described, models_of, policy_schema, schema_of


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_reference_page_says_what_the_model_says(root: Path, name: str) -> None:
    written = (root / "docs" / "reference" / name).read_text("utf-8")
    assert written == PAGES[name](), "run `python -m seiyaku.policy.reference docs/reference`"


def test_every_key_of_the_policy_file_is_described() -> None:
    page = PAGES["policy-file.md"]()
    for model in models_of(Policy):
        _, keys = described(model)
        for key, text in keys.items():
            assert text, f"{model.__name__}.{key} is not described"
            assert f"| `{key}`" in page


def as_an_editor_reads(source: bytes) -> Any:
    """YAML as plain JSON: days and moments stay text, `6.2` is a number."""
    return json.loads(json.dumps(yaml.load(source, Loader=yaml.CSafeLoader), default=str))


def test_the_schema_is_a_schema_and_takes_the_tea_shop() -> None:
    schema = policy_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(as_an_editor_reads(TEASHOP.read_bytes()), schema)


@pytest.mark.parametrize(
    "edits",
    [
        {"/items/email/colour": "red"},
        {"/controller": None},
        {"/recipients/carrier/basis": "gift"},
        {"/purposes/Ship": {"clause": "2.1", "name": {"ja": "x", "en": "x"}}},
        {"/items/email/clause": "one"},
        {"/seiyaku": 2},
    ],
)
def test_the_schema_refuses_what_the_model_refuses(edits: dict[str, Any]) -> None:
    source = edited(edits)
    with pytest.raises(InvalidDocument):
        parse_policy_bytes(source, "x.yaml")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(as_an_editor_reads(source), policy_schema())


def test_a_clause_may_stand_unquoted_for_editors_too() -> None:
    data = as_an_editor_reads(edited({}))
    data["items"]["email"]["clause"] = 1.1
    jsonschema.validate(data, policy_schema())


def test_a_schema_of_the_data_map_is_made_the_same_way() -> None:
    schema = schema_of(DataMap, "A data map")
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"] == "A data map"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"seiyaku_datamap": 1, "service": "x", "systems": {}, "y": 1}, schema)


def findings() -> tuple[Fault, ...]:
    parsed = teashop(
        {"/contacts/0/email": "[email protected]", "/recipients/carrier/basis": "none"}
    )
    return lint(parsed.policy, parsed.laws, parsed.document)


def test_sarif_has_what_the_standard_requires() -> None:
    log = json.loads(json.dumps(to_sarif(findings())))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "seiyaku"
    assert {rule["id"] for rule in driver["rules"]} >= {rule.id for rule in RULES}
    assert len(run["results"]) == 2
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        (location,) = result["locations"]
        region = location["physicalLocation"]["region"]
        assert region["startLine"] >= 1
        assert region["startColumn"] >= 1
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "teashop.yaml"


def test_sarif_names_faults_of_the_file_that_are_no_rules_of_lint() -> None:
    with pytest.raises(InvalidDocument) as caught:
        parse_policy_bytes(edited({"/items/email/colour": "red"}), "teashop.yaml")
    (run,) = to_sarif(caught.value.faults)["runs"]
    (result,) = run["results"]
    assert result["ruleId"] == "unknown-key"
    assert result["level"] == "error"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "unknown-key"


def test_sarif_of_nothing_is_a_run_without_results() -> None:
    (run,) = to_sarif(())["runs"]
    assert run["results"] == []

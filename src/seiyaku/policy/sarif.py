"""Faults as SARIF 2.1.0, so that code hosts and editors show them where they stand.

Source: OASIS SARIF 2.1.0, sections 3.13 (log), 3.14 (run), 3.27 (result), 3.49 (rule).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, Final, Literal

from seiyaku import __version__
from seiyaku.kernel.faults import Fault, Severity
from seiyaku.policy.lint import RULES, Rule
from seiyaku.policy.lint.published import TEXT_RULES, TextRule

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
Level = Literal["none", "note", "warning", "error"]
_LEVELS: Final[dict[Severity, Level]] = {
    "info": "note",
    "low": "note",
    "medium": "warning",
    "high": "error",
    "error": "error",
}


def to_sarif(faults: Sequence[Fault]) -> dict[str, Any]:
    """`faults` as one SARIF log with one run.

    Returns:
        plain values, ready for JSON; results stand in the order of `faults`.
    """
    ids = list(dict.fromkeys((*(rule.id for rule in RULES), *(f.rule for f in faults))))
    driver = {
        "name": "seiyaku",
        "semanticVersion": __version__,
        "rules": [_rule(rule_id) for rule_id in ids],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(fault, ids.index(fault.rule)) for fault in faults],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule_id: str) -> dict[str, Any]:
    rules: tuple[Rule | TextRule, ...] = (*RULES, *TEXT_RULES)
    rule = next((r for r in rules if r.id == rule_id), None)
    if rule is None:
        return {"id": rule_id, "defaultConfiguration": {"level": "error"}}
    found: dict[str, Any] = {
        "id": rule.id,
        "shortDescription": {"text": rule.says},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"severity": rule.severity},
    }
    if rule.law:
        found["properties"]["law"] = rule.law
    return found


def _result(fault: Fault, index: int) -> dict[str, Any]:
    text = fault.message + (f" ({fault.hint})" if fault.hint else "")
    region = {"startLine": fault.place.line, "startColumn": fault.place.column}
    uri = PurePosixPath(fault.place.file.replace("\\", "/")).as_posix()
    properties = {"severity": fault.severity, **({"clause": fault.clause} if fault.clause else {})}
    return {
        "ruleId": fault.rule,
        "ruleIndex": index,
        "level": _LEVELS[fault.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
        "properties": properties,
    }

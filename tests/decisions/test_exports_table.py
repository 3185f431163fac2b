"""Files that would leave are decided upon as the clauses demand, row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from decisions.table import HERE
from seiyaku.assurance import Assurances, Membership
from seiyaku.gate.release import ExportQuestion, may_release
from seiyaku.kernel.canonical import digest
from seiyaku.kernel.document import read_document
from seiyaku.policy import History, Policy, parse_policy
from seiyaku.releases import Column, Report, check_publication, check_rows
from seiyaku.services import path as service_path

Json = dict[str, Any]
_MEMBERSHIPS = TypeAdapter(tuple[Membership, ...])
_COLUMN = TypeAdapter(Column)
_QUESTION = TypeAdapter(ExportQuestion)
FILES = sorted((HERE / "exports").glob("*.yaml"))


def table(path: Path) -> Json:
    """A table of decisions on files, as it is written."""
    value = read_document(path).data
    assert isinstance(value, dict)
    return value


def rows() -> list[tuple[Json, Json]]:
    """Every row, with its table."""
    return [(one, row) for one in map(table, FILES) for row in one["decisions"]]


def policy_of(service: str) -> Policy:
    """The published version of a service."""
    return parse_policy(service_path(service) / "policy.yaml").policy


def checked(policy: Policy, word: str, file: Json) -> Report | None:
    """The report on an invented file; none where nobody declared the export."""
    export = policy.exports.get(word)
    if export is None:
        return None
    if export.kind == "publication":
        return check_publication(word, file["text"], export.k, digest(file))
    columns = {n: _COLUMN.validate_python(c) for n, c in file["columns"].items()}
    return check_rows(word, export.kind, file["rows"], columns, export.k, digest(file))


@pytest.mark.parametrize(("whole", "row"), rows(), ids=[row["id"] for _, row in rows()])
def test_a_file_is_decided_upon_as_the_clauses_demand(whole: Json, row: Json) -> None:
    policy, ask = policy_of(whole["service"]), dict(row["ask"])
    file = whole["files"][ask.pop("file")]
    report = checked(policy, ask["export"], file) if ask.pop("checked", True) else None
    sent = whole["files"][ask.pop("sent")] if "sent" in ask else file
    question = _QUESTION.validate_python(
        {"at": whole["at"], **ask, "file_sha256": digest(sent), "report": report}
    )
    members = Assurances((), _MEMBERSHIPS.validate_python(whole["memberships"]))
    found = may_release(History((policy,)), members, question)
    assert (found.outcome, {r.code for r in found.reasons}) == (
        row["outcome"],
        set(row["reasons"]),
    ), row["says"]
    assert set(row.get("cites", ())) <= {r.cite for r in found.reasons}
    assert set(row["clauses"]) <= {policy.cite(clause) for clause in policy.clauses}


def test_every_export_of_every_policy_is_permitted_somewhere_and_refused_somewhere() -> None:
    asked = {(row["ask"]["export"], row["outcome"]) for _, row in rows()}
    for service in {whole["service"] for whole, _ in rows()}:
        for word in policy_of(service).exports:
            assert {(word, "permitted"), (word, "refused")} <= asked


def test_every_service_with_exports_has_its_table() -> None:
    from seiyaku.services import available

    named = {whole["service"] for whole, _ in rows()}
    assert {s for s in available() if policy_of(s).exports} == named

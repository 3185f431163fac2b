"""A file that would leave the house is checked, decided upon, and the decision witnessed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from uuid import uuid4

from seiyaku.app.wiring import Parts
from seiyaku.doors.exports import check_file, file_sha256
from seiyaku.evidence import Entry
from seiyaku.gate.release import ExportDecision, ExportQuestion, may_release
from seiyaku.releases.report import Column, Report


def decide_export(
    parts: Parts,
    name: str,
    path: Path,
    recipient: str | None,
    columns: Mapping[str, Column] | None,
    not_counts: Collection[str],
    transform: str,
) -> ExportDecision:
    """Check and decide; see `Home.may_release`."""
    export = parts.policy().exports.get(name)
    report = (
        check_file(path, name, export, columns, not_counts=not_counts, transform=transform)
        if export is not None
        else None
    )
    sha256 = report.sha256 if report else file_sha256(path)
    question = ExportQuestion(name, sha256, parts.clock.now(), recipient, report)
    decision = may_release(parts.history, parts.repositories.assurances.all(), question)
    parts.log.append([_entry(parts, question, decision, report)])
    return decision


def _entry(
    parts: Parts, question: ExportQuestion, decision: ExportDecision, report: Report | None
) -> Entry:
    digests = {"file": question.file_sha256, "report": decision.report}
    digests["transform"] = report.transform if report else ""
    words = {"export": question.export, "recipient": question.recipient}
    counts = {"rows": report.rows, "k": report.k} if report else {}
    if report and report.smallest is not None:
        counts["smallest"] = report.smallest
    return Entry(
        act_id=f"export-{uuid4().hex[:12]}",
        kind="release",
        at=question.at,
        service=parts.settings.service,
        clauses=tuple(dict.fromkeys(r.cite for r in decision.reasons if r.cite)),
        act="export",
        outcome=decision.outcome,
        counts=counts,
        version=decision.version,
        digests={name: digest for name, digest in digests.items() if digest},
        detail={name: word for name, word in words.items() if word},
    )

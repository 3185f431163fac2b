"""May a file in which nobody is recognised leave: a question without a person.

No opt-out, consent or suspension applies, as nobody is in it; that nobody is, a check of
exactly this file must show. The order of precedence; the first step that matches answers, with
all its reasons (each followed by what it cites; what it is about):

0.  No version is in force: undecided `no_policy_in_force`.
1.  Refused `never` (the ban's clause; the item, or ``all``): the policy, an item of the file or
    one it is derived from is never used, or never sent where the file leaves the house.
    `outside_only` (the list's clause; the item): it, or one it is derived from, has a closed list
    of purposes, of which making a file is none.
2.  Undecided. `unknown_export` (; the export) and nothing else. `empty_list` (the export's
    clause; ``items:EXPORT``): it may be made of nothing. `unknown_item` (; the item).
    `unknown_recipient` (; the recipient): neither declared nor a live member of a declared
    class. `member_unstated` (the class's clause; the class): the class itself is named.
3.  Refused `not_for_recipient` (the export's clause; the recipient): it is not among the
    export's, nor is a class it is a member of; an export without recipients stays inside.
    A publication is for everybody.
4.  Refused, what the check says (the export's clause; ...): `not_checked`: no report, or one of
    another file, export or kind, or of a text checked with a smaller `k` (; ``report``,
    ``file``, ``export``, ``k``). `item_not_for_export` (;
    the item). `group_too_small` (; ``FOUND<K``): a table in which a group is smaller than the
    export's `k`. `not_counted`: a table with rows that counts nobody, or findings left out of
    the list. Every other finding by its code (; ``COLUMN``, ``LINE:PLACE``).
5.  Permitted `granted`, one for each clause of the export.

Law: APPI 2(1): what makes nobody recognisable is no personal information.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NoReturn

from seiyaku.assurance.model import Assurances
from seiyaku.gate.model import OutcomeOfGate
from seiyaku.kernel.errors import NotPermitted
from seiyaku.policy.history import History
from seiyaku.policy.model import Ban, Export, Item, Policy
from seiyaku.releases.report import Finding, FindingCode, Report

ExportCode = (
    Literal[
        "no_policy_in_force",
        "never",
        "outside_only",
        "unknown_export",
        "empty_list",
        "unknown_item",
        "unknown_recipient",
        "member_unstated",
        "not_for_recipient",
        "not_checked",
        "item_not_for_export",
        "not_counted",
        "granted",
    ]
    | FindingCode
)


@dataclass(frozen=True, order=True)
class ExportReason:
    """Why a file may leave or not; like a `Reason` of the gate."""

    code: ExportCode
    cite: str = ""
    about: str = ""


@dataclass(frozen=True)
class ExportQuestion:
    """One question about one file.

    Args:
        export: word of the policy. file_sha256: of the file that would leave.
        recipient: who would get it; None where it stays inside, or is published.
        report: the check of the file.
    """

    export: str
    file_sha256: str
    at: datetime
    recipient: str | None = None
    report: Report | None = None


@dataclass(frozen=True)
class ExportDecision:
    """Whether the file may leave, by which clauses; no more a bool than a `Decision` is.

    Args:
        report: digest of the check it rests on, empty where there was none.
    """

    outcome: OutcomeOfGate
    reasons: tuple[ExportReason, ...]
    version: str
    step: int
    report: str = ""

    @property
    def permitted(self) -> bool:
        """Whether the file may leave."""
        return self.outcome == "permitted"

    def __bool__(self) -> NoReturn:
        raise TypeError("an ExportDecision is not a bool: read `.permitted`")


def may_release(
    history: History, assurances: Assurances, question: ExportQuestion
) -> ExportDecision:
    """Answer the question as the order of precedence above says."""
    policy = history.in_force(question.at)
    if policy is None:
        return ExportDecision("undecided", (ExportReason("no_policy_in_force"),), "", 0)
    steps: tuple[tuple[OutcomeOfGate, Iterator[ExportReason]], ...] = (
        ("refused", _never(policy, question)),
        ("undecided", _gaps(policy, assurances, question)),
        ("refused", _recipient(policy, assurances, question)),
        ("refused", _checked(policy, question)),
        ("permitted", _granted(policy, question)),
    )
    report = question.report.digest if question.report else ""
    found = ((n, outcome, sorted(set(reasons))) for n, (outcome, reasons) in enumerate(steps, 1))
    step, outcome, reasons = next(answer for answer in found if answer[2])
    return ExportDecision(outcome, tuple(reasons), policy.version.id, step, report)


def require_release(
    history: History, assurances: Assurances, question: ExportQuestion
) -> ExportDecision:
    """The decision, where it permits.

    Raises:
        NotPermitted: SY263 the file may not leave; the reasons stand in the message.
    """
    decision = may_release(history, assurances, question)
    if not decision.permitted:
        shown = "; ".join(
            " ".join(filter(None, (r.code, r.cite, r.about))) for r in decision.reasons
        )
        raise NotPermitted(
            f"`{question.export}` may not leave: {decision.outcome}: {shown}",
            code="SY263",
            hint="leave out small groups and what identifies, check the file again",
        )
    return decision


def _items(question: ExportQuestion) -> tuple[str, ...]:
    return question.report.items if question.report else ()


# -- 1: never ----------------------------------------------------------------------------


def _never(policy: Policy, question: ExportQuestion) -> Iterator[ExportReason]:
    export = policy.exports.get(question.export)
    leaves = question.recipient is not None or (export and export.kind == "publication")
    acts: tuple[Ban, ...] = ("use", "send") if leaves else ("use",)
    for act in acts:
        if act in policy.never:
            yield ExportReason("never", policy.cite(policy.never[act]), "all")
        for word, item in _lineage(policy, question):
            if act in item.never:
                yield ExportReason("never", policy.cite(item.never[act]), word)
    for word, item in _lineage(policy, question):
        if item.only is not None:
            yield ExportReason("outside_only", policy.cite(item.only.clause), word)


def _lineage(policy: Policy, question: ExportQuestion) -> Iterator[tuple[str, Item]]:
    """Each item of the file, with itself and those it is derived from."""
    return ((word, item) for word in _items(question) for item in policy.lineage(word))


# -- 2: undecided ------------------------------------------------------------------------


def _gaps(
    policy: Policy, assurances: Assurances, question: ExportQuestion
) -> Iterator[ExportReason]:
    export = policy.exports.get(question.export)
    if export is None:
        yield ExportReason("unknown_export", "", question.export)
        return
    if not export.items:
        yield ExportReason("empty_list", policy.cite(export.clause), f"items:{question.export}")
    for word in _items(question):
        if word not in policy.items:
            yield ExportReason("unknown_item", "", word)
    if question.recipient is not None:
        yield from _unknown(policy, assurances, question.recipient, question.at)


def _unknown(
    policy: Policy, assurances: Assurances, word: str, at: datetime
) -> Iterator[ExportReason]:
    declared = policy.recipients.get(word)
    if declared is not None and declared.register_name:
        yield ExportReason("member_unstated", policy.cite(declared.clause), word)
    elif not _words(policy, assurances, word, at):
        yield ExportReason("unknown_recipient", "", word)


def _words(policy: Policy, assurances: Assurances, word: str, at: datetime) -> frozenset[str]:
    """The recipient where it is declared, and the classes of which it is a live member."""
    classes = {
        name
        for name, r in policy.recipients.items()
        if r.register_name and assurances.membership(r.register_name, word, at)
    }
    return frozenset(classes | ({word} & set(policy.recipients)))


# -- 3, 4: recipient and check -----------------------------------------------------------


def _recipient(
    policy: Policy, assurances: Assurances, question: ExportQuestion
) -> Iterator[ExportReason]:
    export, word = policy.exports[question.export], question.recipient
    if word is None or (export.kind == "publication" and not export.recipients):
        return
    if not _words(policy, assurances, word, question.at) & set(export.recipients):
        yield ExportReason("not_for_recipient", policy.cite(export.clause), word)


def _checked(policy: Policy, question: ExportQuestion) -> Iterator[ExportReason]:
    export, report = policy.exports[question.export], question.report
    cite = policy.cite(export.clause)
    wrong = _not_of_this(export, question, report)
    if wrong:
        yield ExportReason("not_checked", cite, wrong)
        return
    assert report is not None
    for word in report.items:
        if word not in export.items:
            yield ExportReason("item_not_for_export", cite, word)
    if report.smallest is not None and report.smallest < export.k:
        yield ExportReason("group_too_small", cite, f"{report.smallest}<{export.k}")
    if report.more or (report.kind != "publication" and report.rows and report.smallest is None):
        yield ExportReason("not_counted", cite, question.export)
    for finding in report.findings:
        if finding.code != "group_too_small" or report.kind == "publication":
            yield ExportReason(finding.code, cite, _place(finding))


def _not_of_this(export: Export, question: ExportQuestion, report: Report | None) -> str:
    """What is wrong with the report as such; empty where it is of this file for this export."""
    if report is None:
        return "report"
    if report.sha256 != question.file_sha256:
        return "file"
    if report.export != question.export or report.kind != export.kind:
        return "export"
    # a text is searched for numbers below the k it was checked with, and for no others
    return "k" if report.kind == "publication" and report.k < export.k else ""


def _place(finding: Finding) -> str:
    where = f"{finding.line}:{finding.place}" if finding.place else str(finding.line or "")
    return " ".join(filter(None, (finding.about, where)))


# -- 5: permitted ------------------------------------------------------------------------


def _granted(policy: Policy, question: ExportQuestion) -> Iterator[ExportReason]:
    export = policy.exports[question.export]
    for clause in (export.clause, *export.also):
        yield ExportReason("granted", policy.cite(clause))

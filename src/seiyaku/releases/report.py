"""What a check of a file for export found, bound to exactly that file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from seiyaku.kernel.canonical import digest

ExportKind = Literal["statistics", "research", "publication"]
Role = Literal["group", "value", "count"]
FindingCode = Literal[
    "group_too_small",
    "told_by_difference",
    "identifier",
    "unique_values",
    "free_text",
    "exact_place",
    "exact_moment",
    "column_undeclared",
    "count_missing",
    "quoted_person",
]


@dataclass(frozen=True)
class Column:
    """What one column of the file is, as whoever made it says.

    Args:
        items: words of the policy it is made of; none for a count.
        role: ``group`` tells people apart, alone or with others; ``value`` was measured;
            ``count`` is how many people stand behind the row (statistics only).
    """

    role: Role
    items: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that keeps the file in the house, by place; never the value.

    Args:
        line: 1-based line of a text or row of a table; 0 for a whole column or the file.
        place: 1-based character in the line of a text; 0 where there is none.
        about: column or kind of identifier (``email``).
        people: how many people stand behind it, where that is what was found.
    """

    code: FindingCode
    line: int = 0
    place: int = 0
    about: str = ""
    people: int | None = None


@dataclass(frozen=True)
class Report:
    """The check of one file for one export.

    Args:
        sha256: of the file's bytes. rows: rows of data; lines of a text.
        k: the fewest people asked for. smallest: the fewest found behind any group; None
            where nobody is counted (an empty file, a text).
        findings: sorted; at most `MAX_FINDINGS` of each code, `more` tells the rest.
        transform: id of the `Transform` that made the file, where one did.
    """

    export: str
    kind: ExportKind
    sha256: str
    rows: int
    k: int
    smallest: int | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    more: int = 0
    transform: str = ""

    @property
    def items(self) -> tuple[str, ...]:
        """Words of the policy that the columns are made of, sorted."""
        return tuple(sorted({item for column in self.columns.values() for item in column.items}))

    @property
    def digest(self) -> str:
        """SHA-256 of the whole report, for the evidence."""
        return digest(
            {
                "export": self.export,
                "kind": self.kind,
                "sha256": self.sha256,
                "rows": self.rows,
                "k": self.k,
                "smallest": self.smallest,
                "columns": {n: [c.role, list(c.items)] for n, c in self.columns.items()},
                "findings": [[f.code, f.line, f.place, f.about, f.people] for f in self.findings],
                "more": self.more,
                "transform": self.transform,
            }
        )


MAX_FINDINGS = 100


def listed(findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], int]:
    """The findings sorted, at most `MAX_FINDINGS` of each code, and how many were left out."""
    kept: list[Finding] = []
    seen: dict[FindingCode, int] = {}
    for finding in findings:
        seen[finding.code] = seen.get(finding.code, 0) + 1
        if seen[finding.code] <= MAX_FINDINGS:
            kept.append(finding)
    return tuple(sorted(set(kept), key=_place)), sum(seen.values()) - len(kept)


def _place(finding: Finding) -> tuple[int, int, str, str]:
    return finding.line, finding.place, finding.code, finding.about

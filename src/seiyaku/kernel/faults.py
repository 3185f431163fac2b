"""A fault: one thing wrong at one place of a file, with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["info", "low", "medium", "high", "error"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "error")


@dataclass(frozen=True, order=True)
class Place:
    """Where in a file: 1-based line and column."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, order=True)
class Fault:
    """One finding about a document.

    Args:
        place: where it stands.
        rule: stable rule id, e.g. ``unknown-key`` or ``vague-period``.
        message: what is wrong, lower case, names in backticks, never personal data.
        severity: ``error`` stops the document from being used; the rest are findings.
        hint: what to do.
        clause: clause of the policy it concerns, where there is one.
    """

    place: Place
    rule: str
    message: str
    severity: Severity = field(default="error")
    hint: str = field(default="")
    clause: str = field(default="")

    def __str__(self) -> str:
        return f"{self.place}: {self.message} [{self.rule}]"


def at_least(severity: Severity, threshold: Severity) -> bool:
    """Whether `severity` is as grave as `threshold` or graver."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(threshold)

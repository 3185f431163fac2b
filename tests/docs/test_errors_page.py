"""Every code that can be raised is explained, and no other."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

CODE = re.compile(r"\bSY\d{3}\b")


def raised(root: Path) -> set[str]:
    """Codes written anywhere in the source."""
    files = (root / "src").rglob("*.py")
    return {code for file in files for code in CODE.findall(file.read_text("utf-8"))}


def rows(root: Path) -> list[str]:
    """The lines of the page's tables, each about one code."""
    page = (root / "docs/reference/errors.md").read_text("utf-8")
    return [line for line in page.splitlines() if line.startswith("| SY")]


def test_every_code_of_the_source_has_one_row_and_every_row_a_code(root: Path) -> None:
    explained = Counter(row.split("|")[1].strip() for row in rows(root))
    assert set(explained) == raised(root)
    assert set(explained.values()) == {1}


def test_every_row_says_what_happened_and_what_to_do(root: Path) -> None:
    assert not [row for row in rows(root) if any(not c.strip() for c in row.split("|")[1:4])]


def test_a_code_stands_under_its_branch(root: Path) -> None:
    page = (root / "docs/reference/errors.md").read_text("utf-8")
    for section in page.split("\n## SY")[1:]:
        codes = {row.split("|")[1].strip() for row in section.splitlines() if row.startswith("| S")}
        assert {code[2] for code in codes - {"SY000"}} == {section[0]}


def test_one_code_is_raised_by_one_kind_of_error(root: Path) -> None:
    found = [pair for file in (root / "src").rglob("*.py") for pair in made(file)]
    assert len(found) > 100
    assert not [(name, code) for name, code in found if BRANCHES[name] != code[2]]


def made(file: Path) -> list[tuple[str, str]]:
    """Every error built with a code of its own: its class and the code."""
    calls = [n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.Call)]
    return [
        (call.func.id, word.value.value)
        for call in calls
        for word in call.keywords
        if isinstance(call.func, ast.Name)
        and call.func.id in BRANCHES
        and word.arg == "code"
        and isinstance(word.value, ast.Constant)
    ]


BRANCHES = {
    "InvalidInput": "1",
    "NotPermitted": "2",
    "SystemUnavailable": "3",
    "WaitsForPerson": "4",
    "Conflict": "5",
    "EvidenceBroken": "6",
}

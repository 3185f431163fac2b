"""Each bad day the page tells of is shown by a test that exists, and each such test is told."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = "docs/explanation/bad-days.md"
NAMED = re.compile(r"`(tests/[\w/.]+\.py)(?:::(\w+))?`")


def named(root: Path) -> list[tuple[str, str]]:
    """Files and tests that the page names."""
    return NAMED.findall((root / PAGE).read_text("utf-8"))


def test_every_test_the_page_names_exists(root: Path) -> None:
    found = named(root)
    assert len(found) > 50
    missing = [
        f"{path}::{name}"
        for path, name in found
        if not (root / path).exists()
        or (name and f"def {name}(" not in (root / path).read_text("utf-8"))
    ]
    assert not missing


def test_every_file_of_bad_days_is_told_of(root: Path) -> None:
    told = {path for path, _ in named(root)}
    there = [*(root / "tests/chaos").glob("test_*.py")]
    there += (root / "tests/scenarios/bad_days").glob("test_*.py")
    assert {str(p.relative_to(root)) for p in there} <= told


def test_what_the_page_calls_slow_is_slow_and_nothing_else(root: Path) -> None:
    for line in (root / PAGE).read_text("utf-8").splitlines():
        for path, name in NAMED.findall(line):
            source = (root / path).read_text("utf-8")
            if name:
                before = source[: source.index(f"def {name}(")].rsplit("\n\n\n", 1)[-1]
                whole = "\npytestmark = pytest.mark.slow" in source
                slow = whole or "@pytest.mark.slow\n" in before
                assert slow == ("(slow" in line), f"{path}::{name}"

"""The published page of the laws says what the packs say."""

from __future__ import annotations

from pathlib import Path

from seiyaku.laws import load_packs, pack_ids
from seiyaku.laws.reference import render

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "laws.md"
LAWS = load_packs(pack_ids())


def test_the_page_is_in_step_with_the_packs() -> None:
    written = PAGE.read_text("utf-8")
    assert written == render(LAWS), (
        "run `python -m seiyaku.laws.reference > docs/reference/laws.md`"
    )


def test_every_doubt_stands_on_the_page() -> None:
    rows = {line.split("|")[1].strip(): line for line in render(LAWS).splitlines() if "| `" in line}
    for fact in LAWS.unverified():
        assert "**no**" in rows[f"`{fact.topic}`"]

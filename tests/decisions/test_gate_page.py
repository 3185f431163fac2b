"""The worked examples of docs/explanation/gate.md are what the definition answers."""

from __future__ import annotations

import re
from pathlib import Path

from decisions.table import every_row
from seiyaku.gate import spec
from seiyaku.laws import load_packs

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "gate.md"


def test_the_worked_examples_are_the_answers_of_the_spec() -> None:
    blocks = re.findall(r"```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    told = "".join(blocks)
    named = set(re.findall(r"^(\S+): step", told, re.M))
    assert len(named) == 9
    rows = {row.id: row for row in every_row() if row.id in named}
    for block in blocks:
        ids = re.findall(r"^(\S+): step", block, re.M)
        assert block == "".join(_written(rows[row_id]) for row_id in ids)


def _written(row) -> str:
    laws = load_packs(row.laws)
    decision = spec.decide(row.history, laws, row.standing, row.assurances, row.question)
    lines = [f"{row.id}: step {decision.step}, {decision.outcome}"]
    for reason in decision.reasons:
        about = f" ({reason.about})" if reason.about else ""
        lines.append(f"  {reason.code} {reason.cite}{about}")
    return "\n".join(lines) + "\n"

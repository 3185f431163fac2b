"""The definitional gate gives every answer that the tables of decisions demand."""

from __future__ import annotations

import pytest

from decisions.table import Decided, every_row
from seiyaku.gate import spec
from seiyaku.laws import load_packs

ROWS = list(every_row())


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_spec_decides_as_the_clauses_demand(row: Decided) -> None:
    found = spec.decide(
        row.history, load_packs(row.laws), row.standing, row.assurances, row.question
    )
    said = f"{row.says} ({', '.join(row.clauses)}): {found}"
    assert (found.outcome, {r.code for r in found.reasons}) == (row.outcome, row.reasons), said
    assert row.cites <= {reason.cite for reason in found.reasons}, said


def test_the_tables_reach_every_outcome_and_have_no_two_rows_of_one_name() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS)
    assert {row.outcome for row in ROWS} == {"permitted", "refused", "undecided"}

"""The fast gate gives every answer that the tables of decisions demand."""

from __future__ import annotations

import pytest

from decisions.table import Decided, every_row
from seiyaku.gate.decide import Gate
from seiyaku.laws import load_packs

ROWS = list(every_row())
_GATES: dict[int, Gate] = {}


def _gate(row: Decided) -> Gate:
    """One gate for all rows of one history, as a service would keep it."""
    key = id(row.history)
    if key not in _GATES:
        _GATES[key] = Gate(row.history, load_packs(row.laws))
    return _GATES[key]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_engine_decides_as_the_clauses_demand(row: Decided) -> None:
    found = _gate(row).decide(row.standing, row.assurances, row.question)
    said = f"{row.says} ({', '.join(row.clauses)}): {found}"
    assert (found.outcome, {r.code for r in found.reasons}) == (row.outcome, row.reasons), said
    assert row.cites <= {reason.cite for reason in found.reasons}, said


def test_there_are_rows_to_decide() -> None:
    assert len(ROWS) >= 100

"""How plans and results look on a terminal, shared by ``request`` and ``demo``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from click import echo

from seiyaku.cli._output import print_table

if TYPE_CHECKING:
    from seiyaku.gate.model import Decision
    from seiyaku.plans.model import ItemOutcome

WORDS = {
    "done": "erased",
    "nothing_found": "nothing found",
    "kept_by_law": "kept by law",
    "impossible": "impossible",
    "pending": "pending",
    "by_hand": "by hand",
    "unreachable": "unreachable",
}


NOTES = {"link_cut": "", "task": "needs evidence", "references": "what others pointed at"}
"""Notes whose word says too little, or says it twice."""


def show_outcomes(title: str, outcomes: Iterable[ItemOutcome], *, done: str = "erased") -> None:
    """Print outcomes as a table: where, what happens, how many rows, why, until when."""
    rows = [
        [
            str(o.dataset or o.system),
            str(o.rows) if o.dataset else "",
            _what(o, done),
            o.cite,
            NOTES.get(o.note, o.note.replace("_", " ")),
        ]
        for o in outcomes
        if o.outcome != "nothing_found"
    ]
    print_table(title, ["where", "rows", "what", "by", ""], rows)


def show_sums(outcomes: Iterable[ItemOutcome], *, done: str = "erased") -> None:
    """Print outcomes summed by what happened and why, a line each."""
    sums: dict[tuple[str, str], tuple[int, set[str]]] = {}
    for o in outcomes:
        if o.outcome != "nothing_found":
            rows, places = sums.get((_what(o, done), o.cite), (0, set()))
            sums[_what(o, done), o.cite] = (rows + o.rows, places | {str(o.dataset or o.system)})
    for (what, cite), (rows, places) in sums.items():
        head = f"{rows:>6} rows in {len(places)} places" if rows else " " * 6 + ", ".join(places)
        echo(f"  {head}: {what} ({cite})")


def _what(outcome: ItemOutcome, done: str) -> str:
    if outcome.outcome == "done":
        return "link cut" if outcome.note == "link_cut" else done
    return WORDS[outcome.outcome] + (f" until {outcome.until}" if outcome.until else "")


def show_decision(question: str, decision: Decision) -> str:
    """One decision in words: outcome, reasons, clauses."""
    reasons = "; ".join(
        " ".join(filter(None, [r.code.replace("_", " "), r.about, f"({r.cite})" if r.cite else ""]))
        for r in decision.reasons
    )
    return f"{question}\n    {decision.outcome.upper()}: {reasons}"

"""How plans and results look on a terminal, shared by ``request`` and ``demo``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from click import echo

from seiyaku.cli._output import print_table

if TYPE_CHECKING:
    from seiyaku.gate.model import Decision
    from seiyaku.plans.model import ItemOutcome
    from seiyaku.plans.waiting import Waiting

WORDS = {
    "done": "erased",
    "nothing_found": "nothing found",
    "kept_by_law": "kept by law",
    "impossible": "impossible (immutable, not read)",
    "pending": "pending",
    "by_hand": "by hand",
    "unreachable": "unreachable",
}


NOTES = {
    "link_cut": "",
    "task": "(needs evidence)",
    "references": "(strangers' references)",
    "beside_kept": "(columns beside the kept)",
    "until_answered": "(once answered)",
    "held_by_others": "(others hold it too)",
}
"""Notes whose word says too little, or says it twice."""


def show_outcomes(title: str, outcomes: Iterable[ItemOutcome], *, done: str = "erased") -> None:
    """Print outcomes as a table: where, what happens, how many rows, why, until when."""
    rows = [
        [
            str(o.dataset or o.system),
            str(o.rows) if o.dataset else "",
            " ".join(filter(None, [_what(o, done), NOTES.get(o.note, o.note.replace("_", " "))])),
            o.cite,
        ]
        for o in outcomes
        if o.outcome != "nothing_found"
    ]
    print_table(title, ["where", "rows", "what", "by"], rows)


def show_sums(outcomes: Iterable[ItemOutcome], *, done: str = "erased") -> None:
    """Print outcomes summed by what happened and why, a line each."""
    sums: dict[tuple[str, str], tuple[int, dict[str, None]]] = {}
    for o in outcomes:
        if o.outcome != "nothing_found":
            rows, places = sums.get((_what(o, done), o.cite), (0, {}))
            read = o.rows if o.dataset else 0  # nobody counted rows in a system nobody reads
            places[str(o.dataset or o.system)] = None
            sums[_what(o, done), o.cite] = (rows + read, places)
    for (what, cite), (rows, places) in sums.items():
        where = f"{_many(rows, 'row')} in {_many(len(places), 'place')}"
        echo(f"  {what} ({cite}): {where if rows else ', '.join(places)}")


def _many(number: int, word: str) -> str:
    return f"{number} {word}" + ("s" if number != 1 else "")


def _what(outcome: ItemOutcome, done: str) -> str:
    if outcome.outcome == "done":
        return "link cut" if outcome.note in ("link_cut", "held_by_others") else done
    return WORDS[outcome.outcome] + (f" until {outcome.until}" if outcome.until else "")


def show_decision(question: str, decision: Decision) -> str:
    """One decision in words: outcome, every reason, each with its clause."""
    from seiyaku.gate.words import OUTCOMES, say

    head = f"{question}\n    {OUTCOMES[decision.outcome].en.upper()}: "
    return head + "; ".join(say(reason, "en") for reason in decision.reasons)


NEEDS = {
    "day": "",
    "answer": "asked again when carried on",
    "person": "a person, with evidence",
    "system": "the system, which does not answer",
}
"""What an open outcome waits for; a day speaks for itself."""


def wait_line(wait: Waiting) -> str:
    """One open outcome: where, how many rows, why, for whom or what, until when."""
    rows = f" {_many(wait.rows, 'row')}" if wait.rows else ""
    why = f" {wait.why.replace('_', ' ')}" if wait.why else ""
    until = f"until {wait.until}" if wait.until else ""
    what = ", ".join(filter(None, [NEEDS[wait.need], until]))
    return f"{wait.dataset or wait.system}:{rows}{why}; {what}"

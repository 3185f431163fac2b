"""Who an audience leaves out and why: counts, never people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from seiyaku.gate.answers import Answer
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import OutcomeOfGate, Reason


@dataclass(frozen=True)
class Line:
    """People for whom one item is not permitted for one reason.

    Args:
        people: how many; someone with two reasons is counted for each.
    """

    item: str
    outcome: OutcomeOfGate
    reason: Reason
    people: int


@dataclass(frozen=True)
class LeftOut:
    """The whole account of an audience.

    Args:
        known: everybody. left_out: people for whom some item is not permitted.
        lines: by item and reason, most people first. hint: what to do about a question that is
            undecided; empty where none is.
    """

    known: int
    left_out: int
    lines: tuple[Line, ...]
    hint: str


def left_out(gate: Gate, answers: Mapping[str, Answer], combinations: Mapping[int, int]) -> LeftOut:
    """Count, without looking at anybody: once for each combination of traits."""
    found: Counter[tuple[str, OutcomeOfGate, Reason]] = Counter()
    hints: dict[str, None] = {}
    out = 0
    for mask, people in combinations.items():
        denied = {i: d for i, a in answers.items() if not (d := a.decide(mask)).permitted}
        out += people if denied else 0
        for item, decision in denied.items():
            found.update({(item, decision.outcome, r): people for r in decision.reasons})
            if decision.outcome == "undecided":
                hints[gate.hint(decision)] = None
    lines = (Line(*key, people) for key, people in found.most_common())
    return LeftOut(sum(combinations.values()), out, tuple(lines), "; ".join(filter(None, hints)))

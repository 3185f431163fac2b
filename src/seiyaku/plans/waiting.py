"""What a run waits for, and until when: nothing open is out of sight.

An outcome that is not final waits for one of four things: a *day* (a vendor redacts only after
90 days), an *answer* (acknowledged, not yet done; rows found again), a *person* (a task with
evidence), or a *system* that does not answer now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from seiyaku.datamap.system import OPEN_OUTCOMES
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.plans.model import ItemOutcome

Need = Literal["day", "answer", "person", "system"]
ANSWERED: Final = frozenset({"acknowledged", "waits_for_confirmation"})
"""Why an outcome waits for an answer of others, with a day on which a person asks for it."""


@dataclass(frozen=True)
class Waiting:
    """One open outcome, as whoever carries it on sees it.

    Args:
        need: what it waits for. rows: how many rows wait.
        why: short word for the reader, of the system or of the error.
        until: first day on which it can be carried on; None where nobody can say.
    """

    system: SystemId
    dataset: DatasetId | None
    need: Need
    rows: int
    why: str = ""
    until: date | None = None

    def due(self, today: date) -> bool:
        """Whether another attempt on `today` may bring it further."""
        if self.need == "person":
            return False
        return self.until is None or self.until <= today


def waiting_in(outcomes: Iterable[ItemOutcome]) -> tuple[Waiting, ...]:
    """Every outcome that is not final, in their order."""
    return tuple(
        Waiting(o.system, o.dataset, _need(o), o.rows, o.note, o.until)
        for o in outcomes
        if o.outcome in OPEN_OUTCOMES
    )


def due_systems(outcomes: Iterable[ItemOutcome], today: date) -> frozenset[SystemId]:
    """Systems that another attempt on `today` may bring to an end."""
    return frozenset(w.system for w in waiting_in(outcomes) if w.due(today))


def _need(outcome: ItemOutcome) -> Need:
    if outcome.outcome == "by_hand":
        return "person"
    if outcome.outcome == "unreachable":
        return "system"
    answered = outcome.until is None or outcome.note in ANSWERED
    return "answer" if answered else "day"

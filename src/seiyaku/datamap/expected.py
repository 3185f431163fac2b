"""How many rows a plan counted for one dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from seiyaku.datamap.system import Action, Repeated
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId


def expected_rows(actions: Sequence[Action]) -> int:
    """Own rows and referring rows together, from the actions on one dataset.

    Every action carries the count of its kind (own or referring) for the whole dataset, or 0;
    several actions of a kind choose among the same rows, so a kind counts once.
    """
    own = [a.expected for a in actions if not only_refers(a)]
    others = [a.expected for a in actions if only_refers(a)]
    return max(own, default=0) + max(others, default=0)


def require_expected(dataset: DatasetId, found: int, actions: Sequence[Action]) -> None:
    """Rows found are those that were approved: as many, or no more where it is done once more.

    Raises:
        Conflict: SY502 they are not.
    """
    expected = expected_rows(actions)
    again = all(isinstance(a, Repeated) for a in actions)
    if found > expected or (found < expected and not again):
        raise Conflict(
            f"`{dataset}`: {found} rows where the plan counted {expected}",
            code="SY502",
            hint="the data changed after the plan was made: plan again",
        )


def uncounted(actions: Sequence[Action]) -> tuple[Action, ...]:
    """The actions without their counts: what decides the statements that carry them out."""
    return tuple(replace(a, expected=0) for a in actions)


def only_refers(action: Action) -> bool:
    """Whether an action changes rows of others that refer to the people's, and none of theirs."""
    return bool(action.paths) and not action.root and not any(p.owns for p in action.paths)

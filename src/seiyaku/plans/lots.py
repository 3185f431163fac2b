"""A batch in lots: what one transaction would hold locked too long is several, each of its own.

All rows of one person in one database stay in one transaction, so lots are of people (or of
rows that go at the end of their time). They are carried out apart only where they have nothing
to do with each other: where no row belongs or refers to people of two lots, which shows in that
the rows found lot by lot add up to the rows found together. Then it is one and the same whether
they go together or one after another, and the counts of a plan are those of its lots.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from seiyaku.datamap.expected import expected_rows, only_refers
from seiyaku.datamap.system import Action, Applied, Handles, Left, Located, System, Value
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId, RunId
from seiyaku.plans.model import Group, Lot

CHANGED = "rows_changed"
"""Why a lot waits: its rows are not those that were counted, and a new plan is needed."""
Counts = Mapping[DatasetId, int]
Target = tuple[DatasetId, str]


def lots_wanted(group: Group, rows_at_once: int | None, most: int) -> int:
    """How many lots keep a transaction within `rows_at_once` on average; 1 where one does."""
    if rows_at_once is None:
        return 1
    rows = sum(_rows(group.actions).values())
    return max(1, min(most, -(-rows // max(1, rows_at_once))))


def shares(number: int, lots: int) -> tuple[slice, ...]:
    """`number` things in order divided into `lots` of one size, as near as it can be."""
    edges = [number * n // lots for n in range(lots + 1)]
    return tuple(slice(a, b) for a, b in pairwise(edges))


def in_lots(group: Group, whole: Located, found: Sequence[Located]) -> Group:
    """The group in lots; as it is where a row has to do with people of two of them.

    Args:
        whole: what was found of all people. found: of the people of each lot.
    """
    owned, referring = _sum(f.rows for f in found), _sum(f.references for f in found)
    if (owned, referring) != (_sum([whole.rows]), _sum([whole.references])):
        return group
    lots = (Lot(tuple(_expected(a, f) for a in group.actions)) for f in found)
    return replace(group, lots=tuple(lots))


def apply_in_lots(
    system: System,
    group: Group,
    run: RunId,
    handles: Sequence[Handles],
    values: Mapping[Target, Value] | None = None,
    act: Callable[[Action], Action] = lambda a: a,
) -> Applied:
    """Each lot in a transaction of its own, remembered under a name of its own.

    A lot whose rows changed since they were counted is left alone and the others are done;
    where that is so of the first, nothing is.

    Args:
        handles: of each lot. act: how an action is carried out.

    Raises:
        Conflict: the first lot cannot be done. SystemUnavailable: it does not answer; the lots
            before it are done, and known to be when it is asked again.
    """
    done: list[Applied] = []
    left: Counter[DatasetId] = Counter()
    for number, lot in enumerate(group.lots):
        expected = zip(group.actions, lot.expected, strict=True)
        actions = tuple(act(replace(a, expected=n)) for a, n in expected)
        try:
            done.append(system.apply(RunId(f"{run}.{number}"), actions, handles[number], values))
        except Conflict:
            if not done:
                raise
            left.update(_rows(actions))
    return _together(done, {d: Left("pending", n, CHANGED) for d, n in left.items() if n})


def _together(done: Sequence[Applied], left: Mapping[DatasetId, Left]) -> Applied:
    return Applied(
        deleted=_sum(a.deleted for a in done),
        blanked=_sum(a.blanked for a in done),
        kept=_sum(a.kept for a in done),
        again=all(a.again for a in done),
        left=left,
    )


def _expected(action: Action, found: Located) -> int:
    """How many of the rows an action was to find are of one lot; see `expected_rows`."""
    if not action.expected:
        return 0
    counts = found.references if only_refers(action) else found.rows
    return counts.get(action.dataset, 0)


def _rows(actions: Sequence[Action]) -> Counts:
    """Rows by dataset, each counted once however many actions choose among them."""
    of: dict[DatasetId, list[Action]] = {}
    for action in actions:
        of.setdefault(action.dataset, []).append(action)
    return {d: expected_rows(mine) for d, mine in of.items()}


def _sum(counts: Iterable[Counts]) -> Counts:
    total: Counter[DatasetId] = Counter()
    for some in counts:
        total.update(some)
    return {d: n for d, n in total.items() if n}

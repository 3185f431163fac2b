"""What totals give away: a group left out is told by the total less the groups beside it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

Cell = tuple[tuple[str, ...], int]
TOTALS: Final = frozenset({"", "*", "all", "total", "sum", "合計", "総計", "計", "全体", "すべて"})
"""Texts of a group column that stand for every group of it."""


def told_by_difference(cells: Sequence[Cell], k: int) -> Iterator[tuple[int, int]]:
    """Totals whose difference to what is listed under them is fewer than `k` people.

    Args:
        cells: texts of the group columns, and how many people, row by row.

    Yields:
        The 1-based row of the total, and the people it gives away.
    """
    patterns = [_totals(key) for key, _ in cells]
    beneath = {p: _below(cells, patterns, p) for p in dict.fromkeys(patterns) if any(p)}
    for number, ((key, people), pattern) in enumerate(zip(cells, patterns, strict=True), 1):
        for sums in beneath.get(pattern, ()):
            listed = sums.get(_kept(key, pattern))
            if listed is not None and 0 < abs(people - listed) < k:
                yield number, abs(people - listed)


def _totals(key: tuple[str, ...]) -> tuple[bool, ...]:
    return tuple(text.strip().lower() in TOTALS for text in key)


def _below(
    cells: Sequence[Cell], patterns: Sequence[tuple[bool, ...]], above: tuple[bool, ...]
) -> list[Counter[tuple[str, ...]]]:
    """Sums of each finer pattern, by the texts that the total `above` names."""
    found: defaultdict[tuple[bool, ...], Counter[tuple[str, ...]]] = defaultdict(Counter)
    for (key, people), pattern in zip(cells, patterns, strict=True):
        finer = pattern != above and all(
            up or not own for own, up in zip(pattern, above, strict=True)
        )
        if finer:
            found[pattern][_kept(key, above)] += people
    return list(found.values())


def _kept(key: tuple[str, ...], pattern: tuple[bool, ...]) -> tuple[str, ...]:
    return tuple(text for text, total in zip(key, pattern, strict=True) if not total)

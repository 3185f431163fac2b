"""What a person does not get to see of what is held, on a ground the law names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from seiyaku.requests.shown import Shown


@dataclass(frozen=True)
class Withheld:
    """Items refused of a disclosure.

    Args:
        ground: code of the law pack. cite: the article that has it.
    """

    items: tuple[str, ...]
    ground: str
    cite: str


def without(shown: Iterable[Shown], items: frozenset[str]) -> Iterator[Shown]:
    """Every dataset without these items; one that held nothing else is left out whole."""
    for one in shown:
        kept = [n for n, column in enumerate(one.columns) if column.item not in items]
        if len(kept) == len(one.columns):
            yield one
        elif any(one.columns[n].item for n in kept):
            yield _narrowed(one, kept)


def _narrowed(one: Shown, kept: list[int]) -> Shown:
    rows = (tuple(row[n] for n in kept) for row in one.rows)
    return replace(one, columns=tuple(one.columns[n] for n in kept), rows=rows)

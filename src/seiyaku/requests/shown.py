"""What a person gets to see of one dataset: the rows that the page and the files both show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seiyaku.datamap.system import Row
from seiyaku.kernel.ids import DatasetId
from seiyaku.kernel.text import Text


@dataclass(frozen=True)
class Column:
    """One column of a dataset shown.

    Args:
        item: word of the policy; None for a technical column. title: its name.
        cites: clauses that declare the item.
    """

    name: str
    item: str | None
    title: Text
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """Rows of one dataset, as the person sees them.

    Args:
        rows: read once, one after another. named_by: column that names the files in it.
    """

    dataset: DatasetId
    title: Text
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    named_by: str | None = None


@dataclass(frozen=True)
class Sample:
    """What the page shows of a dataset.

    Args:
        rows: the first of them as HTML, the same in every language. shown: how many these are.
        total: how many there are.
    """

    title: Text
    columns: tuple[Column, ...]
    rows: str
    shown: int
    total: int

"""What a person gets to see of one dataset: the rows that the page and the files both show."""

from __future__ import annotations

from collections.abc import Sequence
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
        files: column whose bytes go into ``media/``, named by the column `named_by`.
    """

    dataset: DatasetId
    title: Text
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    files: str | None = None
    named_by: str | None = None

"""Make a file of which nobody can be recognised: drop, coarsen, and leave out small groups.

Pure: rows in, rows out. What was done is a `Transform` with an id, so that the evidence names
it and the same steps can be taken again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from seiyaku.datamap.detectors import normal
from seiyaku.kernel.canonical import digest
from seiyaku.releases.check import Row, count_of

Coarse = Literal["place", "day", "month", "year", "decade"]
_DAY: Final = re.compile(r"([0-9]{4})[-/年]([0-9]{1,2})(?:[-/月]([0-9]{1,2}))?")
_NUMBER: Final = re.compile(r"(-?[0-9]+)\.([0-9]+)")


@dataclass(frozen=True)
class Transform:
    """What makes research rows of the rows of people.

    Rows of one person that come out the same are one row, so that rows that are alike are as
    many people.

    Args:
        person: the column that tells whose row it is; left out, as are those in `drop`.
        coarsen: column → how far: a position to a tenth of a degree,
            a day or moment to its day, month, year or decade.
    """

    person: str
    drop: tuple[str, ...] = ()
    coarsen: Mapping[str, Coarse] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """SHA-256 of the steps; the same steps have the same id."""
        dropped = sorted({self.person, *self.drop})
        return digest({"person": self.person, "drop": dropped, "coarsen": dict(self.coarsen)})

    def apply(self, rows: Iterable[Row]) -> list[dict[str, str]]:
        """The rows with the columns dropped and coarsened; what cannot be read becomes empty."""
        gone = {self.person, *self.drop}
        made: dict[tuple[str, ...], dict[str, str]] = {}
        for row in rows:
            kept = {n: self._cell(n, text) for n, text in row.items() if n not in gone}
            made.setdefault((row[self.person], *kept.values()), kept)
        return list(made.values())

    def _cell(self, name: str, text: str) -> str:
        how = self.coarsen.get(name)
        return text if how is None or not text else _COARSE[how](normal(text).strip())


def suppress_small_groups(rows: Iterable[Row], count: str, k: int) -> list[Row]:
    """Statistics without the groups behind which stand fewer than `k` people.

    A total beside what is left may give a group away again: leave totals out, or let
    `check_rows` look for it (``told_by_difference``).

    Args:
        count: the column that says how many people.
    """
    return [row for row in rows if (people := count_of(row[count])) is not None and people >= k]


def suppress_rare_rows(rows: Sequence[Row], groups: Sequence[str], k: int) -> list[Row]:
    """Research rows without those that fewer than `k` people share.

    Args:
        groups: the columns that together tell people apart.
    """
    sizes = Counter(tuple(row[name] for name in groups) for row in rows)
    return [row for row in rows if sizes[tuple(row[name] for name in groups)] >= k]


def _place(text: str) -> str:
    """Every coordinate to one decimal, about ten kilometres, cut towards zero."""
    return _NUMBER.sub(lambda m: f"{m[1]}.{m[2][0]}", text) if _NUMBER.search(text) else ""


def _date(parts: int) -> Callable[[str], str]:
    def cut(text: str) -> str:
        found = _DAY.match(text)
        if found is None or len([g for g in found.groups() if g]) < parts:
            return ""
        return "-".join([found[1], *(f"{int(g):02}" for g in found.groups()[1:parts])])

    return cut


def _decade(text: str) -> str:
    found = re.match(r"[0-9]{4}", text)
    return f"{found[0][:3]}0s" if found else ""


def _year(text: str) -> str:
    found = re.match(r"[0-9]{4}(?![0-9])", text)
    return found[0] if found else ""


_COARSE: Final[Mapping[Coarse, Callable[[str], str]]] = {
    "place": _place,
    "day": _date(3),
    "month": _date(2),
    "year": _year,
    "decade": _decade,
}

"""Check rows for export: nobody alone behind a group, nothing that tells who somebody is.

Statistics name how many people stand behind each row, in a column of counts. Research rows are
one a person: people who share every ``group`` column are a group. Values are never kept, only
where they stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from seiyaku.releases.identifiers import exact_moment, exact_place, identifiers
from seiyaku.releases.margins import told_by_difference
from seiyaku.releases.report import Column, ExportKind, Finding, Report, listed

Row = Mapping[str, str]
_TEXT_FROM: Final = 40
"""A cell of this many characters is what somebody wrote, not a class of people."""
_ENOUGH: Final = 10
"""From this many rows on, a column in which no value comes twice tells its rows apart."""


def check_rows(
    export: str,
    kind: ExportKind,
    rows: Iterable[Row],
    columns: Mapping[str, Column],
    k: int,
    sha256: str,
    *,
    transform: str = "",
) -> Report:
    """The report on the rows of a file.

    Args:
        rows: text by column name, an empty text where there is none.
        columns: what every column is made of; one that is not named is a finding.
        k: the fewest people behind a group. sha256: of the file the rows stand in.
    """
    held = list(rows)
    groups = _groups(kind, held, columns)
    sizes = [n for n in groups if n]
    findings, more = listed(_findings(kind, held, columns, k, groups))
    return Report(
        export,
        kind,
        sha256,
        len(held),
        k,
        min(sizes, default=None),
        dict(columns),
        findings,
        more,
        transform,
    )


def _findings(
    kind: ExportKind,
    rows: Sequence[Row],
    columns: Mapping[str, Column],
    k: int,
    groups: Sequence[int],
) -> Iterator[Finding]:
    names = tuple(rows[0]) if rows else ()
    yield from (Finding("column_undeclared", about=n) for n in names if n not in columns)
    for number, people in enumerate(groups, 1):
        if 0 < people < k:
            yield Finding("group_too_small", number, people=people)
    for name in names:
        texts = [row[name] for row in rows]
        yield from _in_column(name, texts)
        yield from _keys(name, texts) if kind == "research" else ()
    if kind == "statistics":
        yield from _statistics(rows, columns, k)


def _statistics(rows: Sequence[Row], columns: Mapping[str, Column], k: int) -> Iterator[Finding]:
    counts = [n for n, c in columns.items() if c.role == "count" and (not rows or n in rows[0])]
    if len(counts) != 1:
        yield Finding("count_missing")
        return
    named = [n for n, c in columns.items() if c.role == "group" and rows and n in rows[0]]
    for number, row in enumerate(rows, 1):
        if count_of(row[counts[0]]) is None:
            yield Finding("count_missing", number, about=counts[0])
    cells = [(tuple(row[n] for n in named), count_of(row[counts[0]]) or 0) for row in rows]
    for number, people in told_by_difference(cells, k):
        yield Finding("told_by_difference", number, people=people)


def _groups(kind: ExportKind, rows: Sequence[Row], columns: Mapping[str, Column]) -> Sequence[int]:
    """How many people stand behind each row."""
    if kind == "statistics":
        name = next((n for n, c in columns.items() if c.role == "count"), None)
        return [count_of(row.get(name or "", "")) or 0 for row in rows]
    keys = [_key(row, columns) for row in rows]
    sizes = Counter(keys)
    return [sizes[key] for key in keys]


def _key(row: Row, columns: Mapping[str, Column]) -> tuple[str, ...]:
    """What tells the person of a row apart: everything but numbers that were measured."""
    return tuple(text for name, text in row.items() if not _measured(columns.get(name), text))


def _measured(column: Column | None, text: str) -> bool:
    """Whether a cell is a number of a value column; words told as values tell people apart."""
    return column is not None and column.role != "group" and (not text or _is_number(text))


def count_of(text: str) -> int | None:
    """How many people a cell tells; None where it is no whole number of them."""
    plain = text.strip().replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() else None


def _in_column(name: str, texts: Sequence[str]) -> Iterator[Finding]:
    for number, text in enumerate(texts, 1):
        if text:
            yield from _in_cell(name, number, text)


def _keys(name: str, texts: Sequence[str]) -> Iterator[Finding]:
    """A column in which nothing repeats; of statistics every row is another group anyway."""
    filled = [text for text in texts if text]
    if len(filled) >= _ENOUGH and len(set(filled)) == len(filled) and _like_a_key(filled):
        yield Finding("unique_values", about=name)


def _in_cell(name: str, number: int, text: str) -> Iterator[Finding]:
    for kind in identifiers(text):
        yield Finding("identifier", number, about=f"{name}:{kind}")
    if len(text) >= _TEXT_FROM:
        yield Finding("free_text", number, about=name)
    if exact_place(name, text):
        yield Finding("exact_place", number, about=name)
    if exact_moment(text):
        yield Finding("exact_moment", number, about=name)


def _like_a_key(texts: Sequence[str]) -> bool:
    """Whether texts that never repeat are keys: words, long numbers, or one after the other."""
    numbers = [count_of(text) for text in texts]
    if any(number is None for number in numbers):
        return not all(_is_number(text) for text in texts)
    counted = sorted(n for n in numbers if n is not None)
    return counted[-1] >= 10**7 or counted[-1] - counted[0] == len(counted) - 1


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

"""Answers to a form as they were downloaded: CSV (also with answers of many lines) or TSV.

The first row names the questions, as Google Forms and Sheets write it; a question that stands
twice is told apart by a number. Answers are kept as they stand, an empty one is no answer.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import ColumnSurface
from seiyaku.systems._shared.lines import Heading, LineFiles
from seiyaku.systems._shared.matching import Record

_BOM = b"\xef\xbb\xbf"
LONGEST = 1 << 20
"""Bytes of one answer at most; a quotation mark that is never closed ends there."""


class Answers:
    """The codec of exported answers; the columns are the questions."""

    suffixes: tuple[str, ...] = (".csv", ".tsv")

    def columns(self, seen: Iterable[str]) -> tuple[ColumnSurface, ...]:
        return tuple(ColumnSurface(c, "text", text=True) for c in sorted(seen))

    def rows(self, lines: Iterable[bytes]) -> Iterator[tuple[bytes, Record | None]]:
        names: list[str] | None = None
        tabbed = False
        for raw in _whole(lines):
            if names is None:
                tabbed = b"\t" in raw
                names = _told_apart(_cells(raw.removeprefix(_BOM), tabbed) or [])
                yield raw, Heading(dict.fromkeys(names))
                continue
            cells = _cells(raw, tabbed)
            yield raw, _answers(names, cells)

    def empty(self, row: bytes, columns: Mapping[str, str | None], record: Record) -> bytes:
        cells = {**record, **columns}
        texts = ["" if cells[c] is None else str(cells[c]) for c in record]
        if len(_cells(row, True) or ()) == len(texts) > 1:
            return "\t".join(texts).encode()
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(texts)
        return out.getvalue().encode()


def _answers(names: list[str], cells: list[str] | None) -> Record | None:
    if cells is None or len(cells) != len(names):
        return None
    return {n: c or None for n, c in zip(names, cells, strict=True)}


def _whole(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Rows: lines put together while a quotation mark is open."""
    held, tabbed = b"", None
    for line in lines:
        if tabbed is None:
            tabbed = b"\t" in line
        held += line
        if tabbed or held.count(b'"') % 2 == 0 or len(held) > LONGEST:
            yield held
            held = b""
    if held:
        yield held


def _cells(row: bytes, tabbed: bool) -> list[str] | None:
    """The cells of a row; None where it is no row."""
    try:
        text = row.decode().rstrip("\r\n")
        if tabbed:  # written without quotation marks, line ends in answers as spaces
            return text.split("\t") if text else None
        found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    return found[0] if len(found) == 1 else None


def _told_apart(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    for number, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            names[number] = f"{name} ({seen[name]})"
    return names


def forms_export_system(system: str, entry: SystemEntry, root: Path) -> LineFiles:
    """Exported answers under `root`; see `LineFiles`."""
    return LineFiles(system, entry, root, Answers())

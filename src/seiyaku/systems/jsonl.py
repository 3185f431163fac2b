"""Files of JSON lines (``.jsonl``, also packed): one object a line, one row an object.

Numbers with a fraction are read as decimals and nested values as JSON text, so that an
export says exactly what the line says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import ColumnSurface, Value
from seiyaku.systems._shared.lines import LineFiles, by_line
from seiyaku.systems._shared.matching import Record


class JsonLines:
    """The codec of JSON lines; the columns are the keys of the objects."""

    suffixes: tuple[str, ...] = (".jsonl", ".ndjson")

    def columns(self, seen: Iterable[str]) -> tuple[ColumnSurface, ...]:
        return tuple(ColumnSurface(c, "json", text=True) for c in sorted(seen))

    def rows(self, lines: Iterable[bytes]) -> Iterator[tuple[bytes, Record | None]]:
        return by_line(lines, self.parse)

    def parse(self, line: bytes) -> Record | None:
        """The object in a line; None where there is none."""
        try:
            read = json.loads(line, parse_float=Decimal)
        except (ValueError, RecursionError):
            return None
        return {k: _value(v) for k, v in read.items()} if isinstance(read, dict) else None

    def empty(self, line: bytes, columns: Mapping[str, str | None], _record: Record) -> bytes:
        read = json.loads(line)
        read.update({c: v for c, v in columns.items() if c in read})
        return json.dumps(read, ensure_ascii=False).encode()


def _value(value: Any) -> Value:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value  # type: ignore[no-any-return]


def jsonl_system(system: str, entry: SystemEntry, root: Path) -> LineFiles:
    """Files of JSON lines under `root`; see `LineFiles`."""
    return LineFiles(system, entry, root, JsonLines())

"""Access logs in the "combined" form of nginx, plain or packed.

Columns carry the names of nginx's variables: ``remote_addr``, ``remote_user``, ``time_local``,
``request``, ``status``, ``body_bytes_sent``, ``http_referer``, ``http_user_agent``. A dash
says that there is no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import ColumnSurface, Value
from seiyaku.systems._shared.lines import LineFiles, by_line
from seiyaku.systems._shared.matching import Record
from seiyaku.systems._shared.text import text_or_bytes

_QUOTED = rb'"(?P<%s>(?:[^"\\]|\\.)*)"'
_LINE = re.compile(
    rb"(?P<remote_addr>\S+) \S+ (?P<remote_user>.*?) \[(?P<time_local>[^\]]+)\] "
    + _QUOTED % b"request"
    + rb" (?P<status>\d{3}) (?P<body_bytes_sent>\d+|-) "
    + _QUOTED % b"http_referer"
    + b" "
    + _QUOTED % b"http_user_agent"
)
_TIME = re.compile(rb"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
# not from the locale, whatever it is
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBERS = ("status", "body_bytes_sent")
_COLUMNS = (
    ColumnSurface("remote_addr", "text", text=True),
    ColumnSurface("remote_user", "text", text=True),
    ColumnSurface("time_local", "timestamp", nullable=False),
    ColumnSurface("request", "text", text=True),
    ColumnSurface("status", "integer", nullable=False),
    ColumnSurface("body_bytes_sent", "integer"),
    ColumnSurface("http_referer", "text", text=True),
    ColumnSurface("http_user_agent", "text", text=True),
)


class Combined:
    """The codec of the combined form."""

    suffixes: tuple[str, ...] = (".log",)

    def columns(self, _seen: Iterable[str]) -> tuple[ColumnSurface, ...]:
        return _COLUMNS

    def rows(self, lines: Iterable[bytes]) -> Iterator[tuple[bytes, Record | None]]:
        return by_line(lines, self.parse)

    def parse(self, line: bytes) -> Record | None:
        """What a line says; None where it is none of this form."""
        found = _LINE.match(line)
        if found is None:
            return None
        try:
            return {name: _value(name, text) for name, text in found.groupdict().items()}
        except ValueError:
            return None

    def empty(self, line: bytes, columns: Mapping[str, str | None], _record: Record) -> bytes:
        found = _LINE.match(line)
        spans = sorted((found.span(c), c) for c in columns) if found else []
        for (start, end), column in reversed(spans):
            line = line[:start] + (columns[column] or "-").encode() + line[end:]
        return line


def _value(name: str, text: bytes) -> Value:
    if text == b"-":
        return None
    if name == "time_local":
        return _moment(text)
    return int(text) if name in _NUMBERS else text_or_bytes(text)


def _moment(text: bytes) -> datetime:
    """The moment a line was written, with the zone of the server."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError("no time of an access log")
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    zone = timezone(-offset if sign == b"-" else offset)
    number = _MONTHS.index(month.decode()) + 1
    clock = (int(hour), int(minute), int(second))
    return datetime(int(year), number, int(day), *clock, tzinfo=zone)


def access_log_system(system: str, entry: SystemEntry, root: Path) -> LineFiles:
    """Access logs under `root`; see `LineFiles`."""
    return LineFiles(system, entry, root, Combined())

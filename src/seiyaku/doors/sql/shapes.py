"""Queries that differ in their values only: read once, filled in ever after.

The values of a query are set aside, and what is left is its shape. The second query of a shape
is read with stand-ins in the place of values; if filling them in gives what reading the query
itself gives, every further query of this shape is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Final

from seiyaku.doors.sql.rewrite import Rewritten
from seiyaku.kernel.errors import SeiyakuError

KEPT: Final = 1024
"""Shapes remembered."""
_LEXED: Final = re.compile(
    r'"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*|/\*.*?\*/'
    r"|[A-Za-z_\u0080-\U0010ffff$][\w$]*|(?:%\([^)]*\)s)"
    r"|(?P<text>'(?:[^']|'')*')|(?P<number>\d+(?:\.\d+)?(?![\w.]))",
    re.S,
)
_STANDING: Final = re.compile(r"'seiyaku_text_(\d+)_'|\b7310(\d{6})\b")
_UNSURE: Final = re.compile(r"\\|\$[A-Za-z_]*\$|[eEnNxXbB&_]'|\[|/\*.*/\*|7310|seiyaku", re.S)
"""Texts in which a value cannot be told from its surroundings without reading them whole."""
Read = Callable[[str], Rewritten]


class Shapes:
    """The shapes seen so far; forgets them all when there are too many."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[Rewritten, list[str], list[int]] | None] = {}
        self._seen: set[Hashable] = set()

    def rewrite(self, sql: str, key: Hashable, read: Read) -> Rewritten:
        """The rewritten query, filled in where its shape is known, else as `read` gives it.

        Args:
            key: what else the answer hangs on.
        """
        if _UNSURE.search(sql):
            return read(sql)
        shape, values = shape_of(sql)
        place = (shape, key)
        known = self._known.get(place)
        if known is not None:
            return _filled(known, values)
        found = read(sql)
        if values and place not in self._known:
            self._learn(place, shape, values, found, read)
        return found

    def _learn(
        self, place: Hashable, shape: str, values: list[str], found: Rewritten, read: Read
    ) -> None:
        if len(self._seen) >= KEPT:
            self._seen.clear()
            self._known.clear()
        if place not in self._seen:
            self._seen.add(place)
            return
        try:
            template = _template(read(shape))
        except SeiyakuError:
            template = None
        if template is not None and _filled(template, values) != found:
            template = None
        self._known[place] = template


def shape_of(sql: str) -> tuple[str, list[str]]:
    """A query with stand-ins for its values, and the values."""
    values: list[str] = []

    def stand_in(match: re.Match[str]) -> str:
        if match.lastgroup is None:
            return match[0]
        values.append(match[0])
        number = len(values) - 1
        return f"'seiyaku_text_{number}_'" if match.lastgroup == "text" else f"7310{number:06}"

    return _LEXED.sub(stand_in, sql), values


def _template(read: Rewritten) -> tuple[Rewritten, list[str], list[int]]:
    """What stands between the values, and which value stands where."""
    parts, places, end = [], [], 0
    for match in _STANDING.finditer(read.sql):
        parts.append(read.sql[end : match.start()])
        places.append(int(match[1] or match[2]))
        end = match.end()
    return read, [*parts, read.sql[end:]], places


def _filled(template: tuple[Rewritten, list[str], list[int]], values: list[str]) -> Rewritten:
    read, parts, places = template
    whole = [parts[0]]
    for part, place in zip(parts[1:], places, strict=True):
        whole += (values[place], part)
    return replace(read, sql="".join(whole))

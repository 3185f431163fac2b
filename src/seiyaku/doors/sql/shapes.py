"""Queries that differ in their values only: read once, filled in ever after.

The values of a query are set aside, and what is left is its shape. The second query of a shape
is read with stand-ins in the place of values; if filling them in gives what reading the query
itself gives, every further query of this shape is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import count
from typing import Final, Literal

from seiyaku.doors.sql.rewrite import Rewritten
from seiyaku.doors.sql.text import MOST_CHARACTERS
from seiyaku.kernel.errors import SeiyakuError

KEPT: Final = 1024
"""Shapes remembered."""
_TOKENS: Final = re.compile(
    r"""('(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|(?<![\w.])\d+(?:\.\d+)?(?![\w.]))"""
)
_UNSURE: Final = re.compile(r"[\\$#\[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|--|/\*")
"""What makes it unsure, without reading the whole, where a value begins and ends."""
_STANDING: Final = re.compile(r"'seiyaku_text_(\d+)_'|\b7310(\d{6})\b")
_TEXT, _NUMBER = "\0text", "\0number"
_NAMES: Final = ('"', "`")
_TAKEN: Final = re.compile(r"7310|seiyaku", re.I)
Read = Callable[[str], Rewritten]


@dataclass(frozen=True)
class _Template:
    """What stands between the values of a rewritten query, and which value stands where."""

    read: Rewritten
    parts: tuple[str, ...]
    places: tuple[int, ...]

    def filled(self, values: list[str]) -> Rewritten:
        whole = [self.parts[0]]
        for part, place in zip(self.parts[1:], self.places, strict=True):
            whole += (values[place], part)
        known = self.read
        return Rewritten("".join(whole), known.order, known.datasets)


class Shapes:
    """The shapes seen so far; all are forgotten when there are too many."""

    def __init__(self) -> None:
        self._known: dict[Hashable, _Template | Literal["seen", "unfit"]] = {}

    def rewrite(self, sql: str, key: Hashable, read: Read) -> Rewritten:
        """The rewritten query, filled in where its shape is known, else as `read` gives it.

        Args:
            key: what else the answer hangs on.
        """
        shape, values = shape_of(sql)
        if not values:
            return read(sql)
        place = (key, shape)
        known = self._known.get(place)
        if isinstance(known, _Template):
            return known.filled(values)
        found = read(sql)
        if known is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[place] = "seen"
        elif known == "seen":
            self._known[place] = _template(shape, values, found, read) or "unfit"
        return found


def shape_of(sql: str) -> tuple[tuple[str, ...], list[str]]:
    """A query without its values, each standing as one mark, and the values.

    There are no values where it is not sure what they are.
    """
    if len(sql) > MOST_CHARACTERS or _UNSURE.search(sql):
        return (), []
    parts = _TOKENS.split(sql)
    values = []
    for n in range(1, len(parts), 2):
        token = parts[n]
        if token[0] == "'":
            if parts[n - 1][-1:].isalpha() or parts[n - 1][-1:] in ("_", "&"):
                return (), []
            parts[n] = _TEXT
        elif token[0] in _NAMES:
            continue
        else:
            parts[n] = _NUMBER
        values.append(token)
    return tuple(parts), values


def _template(
    shape: tuple[str, ...], values: list[str], found: Rewritten, read: Read
) -> _Template | None:
    """How queries of this shape are filled in; None where that differs from reading them."""
    numbers = count()
    stands = {_TEXT: "'seiyaku_text_{}_'", _NUMBER: "7310{:06}"}
    if _TAKEN.search("".join(shape)):
        return None
    with_stands = (stands[p].format(next(numbers)) if p in stands else p for p in shape)
    try:
        new = read("".join(with_stands))
    except SeiyakuError:
        return None
    pieces = _STANDING.split(new.sql)
    places = [int(a or b) for a, b in zip(pieces[1::3], pieces[2::3], strict=True)]
    template = _Template(new, tuple(pieces[::3]), tuple(places))
    return template if template.filled(values) == found else None

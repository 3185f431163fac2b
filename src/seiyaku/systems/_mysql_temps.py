"""MySQL opens a temporary table once in a statement; each further mention reads a copy.

A copy carries the name of its table within the statement, so that nothing else of it changes.
It is filled anew where its table was written since.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

_NAME = r"sy_(?:handle|own|ref|rows|gone)_\d+"
_MENTION = re.compile(rf"'(?:[^'\\]|\\.|'')*'|(?<![\w.])({_NAME})\b(?![.\w])(\s+AS\b)?")
_WRITES = re.compile(rf"(?:INSERT (?:IGNORE )?INTO|DELETE FROM|UPDATE) ({_NAME})\b")
_USING = re.compile(rf"DELETE FROM {_NAME} USING ")  # noqa: S608
_MOST = 4_000
"""Statements whose copies are remembered."""


@dataclass(frozen=True)
class Apart:
    """A statement that opens every temporary table once.

    Args:
        copies: (table, copy) of each further mention. writes: the table it changes, or "".
    """

    text: str
    copies: tuple[tuple[str, str], ...]
    writes: str


@lru_cache(_MOST)
def apart(statement: str) -> Apart:
    """The statement with a copy in place of every further mention of a temporary table."""
    named = _USING.match(statement)
    start = named.end() if named else 0  # what is named before USING is not opened there
    mentions: Counter[str] = Counter()
    copies: list[tuple[str, str]] = []

    def other(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return found[0]
        mentions[name] += 1
        if mentions[name] == 1:
            return found[0]
        copy = f"{name}_{mentions[name]}"
        copies.append((name, copy))
        return f"{copy}{found[2]}" if found[2] else f"{copy} AS {name}"

    text = statement[:start] + _MENTION.sub(other, statement[start:])
    writes = _WRITES.match(statement)
    return Apart(text, tuple(copies), writes[1] if writes else "")


@dataclass
class Copies:
    """The copies of one connection.

    Args:
        run: carries out a statement.
    """

    run: Callable[[str], object]
    _written: Counter[str] = field(default_factory=Counter)
    _filled: dict[str, int] = field(default_factory=dict)

    def written(self, table: str) -> None:
        """`table` changed: its copies are no longer what it holds."""
        self._written[table] += 1

    def ready(self, statement: str) -> str:
        """The statement to be run, every copy it reads being as its table is."""
        found = apart(statement)
        for table, copy in found.copies:
            self._fill(table, copy)
        if found.writes:
            self.written(found.writes)
        return found.text

    def _fill(self, table: str, copy: str) -> None:
        if copy not in self._filled:
            self.run(f"CREATE TEMPORARY TABLE {copy} LIKE {table}")
        elif self._filled[copy] != self._written[table]:
            self.run(f"DELETE FROM {copy}")  # noqa: S608
        else:
            return
        self.run(f"INSERT INTO {copy} SELECT * FROM {table}")  # noqa: S608
        self._filled[copy] = self._written[table]

"""Queries as text: their parameters, set aside while the query is read and put back after.

A parameter is replaced by a name of its own before parsing, so that every way to write one
passes through the same reader, and put back by that name. Where positional ones changed places
on the way, their new order is told.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from seiyaku.doors.sql.allowed import refuse
from seiyaku.doors.sql.dialects import Dialect
from seiyaku.kernel.errors import NotPermitted

MOST_CHARACTERS = 200_000
"""Longest query that is read; what is longer is data and belongs in parameters."""
DEEPEST = 100
"""Brackets within brackets; the parser calls itself for each."""
MOST_WAITING = 6
"""Joins that may stand before their conditions; the parser takes twice as long for each."""
_MARK = "seiyaku_value_"
_STANDING = re.compile(rf"{_MARK}(\d+)_", re.IGNORECASE)
_POSITIONAL = frozenset({"?", "%s"})
_STARTS = re.compile(
    r"\s*(?:\(\s*)*(select|with|values|table|from|insert|update|delete|create)\b", re.I
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ASIDE = (
    r"'(?:[^']|'')*'" r'|"(?:[^"]|"")*"' r"|`(?:[^`]|``)*`"
    r"|--[^\n]*|/\*.*?\*/|\$([A-Za-z_]*)\$.*?\$\1\$"
)  # fmt: skip
_PLAIN = re.compile(rf"{_ASIDE}|::|(\?|:[A-Za-z_]\w*|\$(?:\d+|[A-Za-z_]\w*))", re.S)
_PERCENT = re.compile(r"()(%%|%s|%\([^)]*\)s)")


class _Quiet(logging.Filter):
    """Keeps the parser from logging a query it does not know: its values are people's."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "unsupported syntax" not in str(record.msg)


logging.getLogger("sqlglot").addFilter(_Quiet())


@dataclass(frozen=True)
class Written:
    """A query with its parameters set aside.

    Args:
        sql: with a name in place of each. values: what was written there, in order.
        percent: a percent sign is written twice, as drivers with ``%s`` want it.
    """

    sql: str
    values: tuple[str, ...]
    percent: bool

    def restore(self, sql: str) -> tuple[str, tuple[int, ...] | None]:
        """The text with its parameters, and the order of the positional ones if it changed."""
        found = [int(number) for number in _STANDING.findall(sql)]
        if set(found) != set(range(len(self.values))):
            refuse("a parameter where no value can stand")
        if self.percent:
            sql = sql.replace("%", "%%")
        sql = _STANDING.sub(lambda m: self.values[int(m[1])], sql)
        return sql, self._order(found)

    def _order(self, found: Sequence[int]) -> tuple[int, ...] | None:
        places = [n for n, v in enumerate(self.values) if v in _POSITIONAL]
        rank = {n: place for place, n in enumerate(places)}
        order = tuple(rank[n] for n in found if n in rank)
        return None if order == tuple(range(len(places))) else order


def set_aside(sql: str, *, percent: bool = False) -> Written:
    """Take the parameters out of a query.

    Args:
        percent: parameters are written ``%s`` and ``%(name)s``, else ``?``, ``:name``, ``$1``.
    """
    values: list[str] = []

    def stand_in(match: re.Match[str]) -> str:
        found = match[2]
        if found == "%%":
            return "%"
        if found is None:
            return match[0]
        values.append(found)
        return f"{_MARK}{len(values) - 1}_"

    pattern = _PERCENT if percent else _PLAIN
    return Written(pattern.sub(stand_in, sql), tuple(values), percent)


def is_parameter(name: str) -> bool:
    """Whether a name stands for a parameter."""
    return name.startswith(_MARK)


def parse(sql: str, dialect: Dialect) -> exp.Expr:
    """The one statement of a text.

    Raises:
        NotPermitted: SY231 it is none, several, too long or too deep, or not understood.
    """
    _check_text(sql, dialect)
    try:
        found: list[Any] = [s for s in sqlglot.parse(sql, dialect=dialect.parser) if s is not None]
    except (SqlglotError, RecursionError, ValueError, AssertionError, TypeError, AttributeError):
        # The parser's own message quotes the query, and with it people's values
        raise NotPermitted(
            "the query is not understood",
            code="SY231",
            hint=f"it must be one statement of {dialect.name}, in its plain syntax",
        ) from None
    if len(found) != 1:
        refuse(f"{len(found)} statements", "send one at a time")
    tree: exp.Expr = found[0]
    return tree


def _check_text(sql: str, dialect: Dialect) -> None:
    if len(sql) > MOST_CHARACTERS:
        refuse(f"{len(sql)} characters", f"at most {MOST_CHARACTERS}: give values as parameters")
    if not _STARTS.match(_uncommented(sql)):
        refuse(
            "a statement of this kind",
            "SELECT, INSERT, UPDATE, DELETE and CREATE TABLE ... AS are understood",
        )
    if _CONTROL.search(sql):
        refuse("a control character")
    if dialect.name == "mariadb" and "\\" in sql:
        refuse("a backslash", "what it means hangs on settings: give the value as a parameter")
    if _depth(sql) > DEEPEST or len(_NESTED_TYPE.findall(sql)) > DEEPEST:
        refuse(f"more than {DEEPEST} brackets within each other")
    if _waiting(sql) > MOST_WAITING:
        refuse(f"more than {MOST_WAITING} joins in a row without their conditions")


def _uncommented(sql: str) -> str:
    """The text from its first word on."""
    return _LEADING.sub("", sql, count=1)


def _depth(sql: str) -> int:
    """How deep brackets go; those in strings count too, which is the strict side."""
    deepest = depth = 0
    for bracket in _BRACKETS.findall(sql):
        depth = depth + 1 if bracket in "([{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _waiting(sql: str) -> int:
    """How many joins wait for their condition at once: the parser tries every pairing."""
    most = waiting = 0
    for join, _ in _JOINS.findall(sql):
        waiting = waiting + 1 if join else max(0, waiting - 1)
        most = max(most, waiting)
    return most


_LEADING = re.compile(r"^(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)+", re.S)
_BRACKETS = re.compile(r"[()\[\]{}]")
_NESTED_TYPE = re.compile(
    r"\b(?:array|file|list|lowcardinality|map|nested|nullable|object|range|struct|union)\s*<", re.I
)
_JOINS = re.compile(r"(?<!cross )(?<!natural )\b(?:(join)|(on|using))\b", re.I)


@lru_cache(maxsize=4096)
def plain(name: str) -> bool:
    """Whether a name is written in letters every reader takes for letters."""
    return bool(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_$]*", name))

"""A rewritten query returns what the original returns where the definition left only what it may.

The judge is the query itself, run over rows that `spec.decide` filtered one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from differential.sqlqueries import COMMON, OF_DIALECT, drawn
from differential.sqlworld import HANDLINGS, closm, connect, fill, run
from seiyaku.doors.permits import Dialect
from seiyaku.doors.sql import SqlDoor

DIALECTS: tuple[Dialect, ...] = ("sqlite", "duckdb", "postgres", "mariadb")
DRAWN = 25
Table = Counter[tuple[Any, ...]]


@dataclass
class Pair:
    """A database with everything in it, and one to be filled with what the definition leaves."""

    dialect: Dialect
    whole: Any
    judge: Any
    door: SqlDoor


@pytest.fixture(params=DIALECTS, scope="module")
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    dialect: Dialect = request.param
    if dialect in ("postgres", "mariadb"):
        server = request.getfixturevalue(dialect)
        with server.database() as one, server.database() as other:
            yield from _pair(dialect, connect(dialect, one), connect(dialect, other))
    else:
        yield from _pair(dialect, connect(dialect), connect(dialect))


def _pair(dialect: Dialect, whole: Any, judge: Any) -> Iterator[Pair]:
    world = closm()
    fill(whole, dialect, world.datasets, world.rows)
    world.lay(whole, dialect)
    yield Pair(dialect, whole, judge, world.door(dialect))
    whole.close()
    judge.close()


def test_a_rewritten_query_sees_what_the_definition_leaves(pair: Pair) -> None:
    world, dialect = closm(), pair.dialect
    rows = hidden = 0
    for number, handling in enumerate(HANDLINGS):
        fill(pair.judge, dialect, world.datasets, world.filtered(handling))
        for query in (*COMMON, *OF_DIALECT[dialect], *drawn(number, DRAWN)):
            want = _rows(pair.judge, dialect, query)
            got = _rows(pair.whole, dialect, pair.door.rewrite(query, handling).sql)
            assert got == want, f"{dialect}, {handling.purpose}: {query}"
            rows += want.total()
            hidden += _rows(pair.whole, dialect, query) != want
    asked = len(HANDLINGS) * (len(COMMON) + DRAWN)
    print(f"{dialect}: {asked} queries, {rows} rows, {hidden} differ from the query unwatched")
    assert rows > asked
    assert hidden > asked / 2


def _rows(connection: Any, dialect: Dialect, query: str) -> Table:
    return Counter(_hashable(row) for row in run(connection, dialect, query))


def _hashable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(tuple(v) if isinstance(v, list) else v for v in row)

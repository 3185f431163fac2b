"""Values into the temporary tables of PostgreSQL: arrays, column by column, in one statement."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from seiyaku.datamap.system import Row, Value
from seiyaku.systems._postgres_dialect import PostgresDialect, held, readable
from seiyaku.systems._shared.sql import Temp

_BIG = 10**18


def columns_of(temp: Temp, rows: Collection[Row]) -> tuple[tuple[str, ...], list[list[Any]]]:
    """The values column by column, and as what each is sent: whole numbers as they are."""
    kinds: list[str] = []
    values: list[list[Any]] = []
    for kind, column in zip(temp.types, zip(*rows, strict=True), strict=True):
        plain = held(kind) == "bigint" and all(type(v) is int and abs(v) < _BIG for v in column)
        kinds.append("bigint" if plain else "text")
        values.append(list(column) if plain else [_text(v) for v in column])
    return tuple(kinds), values


@lru_cache(maxsize=1000)
def seeding(given: tuple[tuple[Temp, tuple[str, ...]], ...]) -> str:
    """Values into temporary tables; the parameters are arrays, column by column."""
    first, inserts = 0, []
    for temp, kinds in given:
        inserts.append(_inserting(temp, kinds, first))
        first += len(kinds)
    *others, last = inserts
    parts = ", ".join(f"seeded_{n} AS ({s})" for n, s in enumerate(others))
    return f"WITH {parts} {last}" if parts else last


def _inserting(temp: Temp, kinds: tuple[str, ...], first: int) -> str:
    """Arrays into one temporary table; texts that cannot be of its type are left out."""
    arrays = [f"CAST(${first + n + 1} AS {kind}[])" for n, kind in enumerate(kinds)]
    given = sa.table("given", *(sa.column(c) for c in temp.columns))
    values = [
        given.c[c] if given_as == "bigint" else readable(given.c[c], held(kind))
        for c, kind, given_as in zip(temp.columns, temp.types, kinds, strict=True)
    ]
    texts = [PostgresDialect().text(v) for v in values]
    filled = " AND ".join(f"({t}) IS NOT NULL" for t in texts)
    names = ", ".join(temp.columns)
    distinct = "DISTINCT " if "text" in kinds else ""
    return (
        f"INSERT INTO {temp.name} SELECT {distinct}{', '.join(texts)} "  # noqa: S608
        f"FROM unnest({', '.join(arrays)}) AS given({names}) WHERE {filled}"
    )


def _text(value: Value) -> str | None:
    """A value as PostgreSQL writes it."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = None if value is None else str(value)
    return None if text is None or "\x00" in text else text

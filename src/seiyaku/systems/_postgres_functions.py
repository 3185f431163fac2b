"""Statements that give nothing back, run by the server in one journey.

They stand in a temporary function of the connection, whose plans the server keeps: one call
does what a pipeline of many statements would, at a fraction of the work on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

MOST = 400
"""Functions one connection keeps; it is not kept after them."""


class Functions:
    """The temporary functions of one connection."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self._raw = raw
        self._names: dict[tuple[str, ...], str] = {}

    @property
    def full(self) -> bool:
        """Whether there are as many as a connection keeps."""
        return len(self._names) >= MOST

    def call(self, statements: Sequence[str]) -> int:
        """Run `statements` in order; rows changed by all of them."""
        known = tuple(statements)
        name = self._names.get(known)
        if name is None:
            name = self._names[known] = f"pg_temp.sy_run_{len(self._names)}"
            self._raw.execute(_written(name, known).as_string(self._raw).encode())
        cursor = psycopg.RawCursor(self._raw).execute(f"SELECT {name}()", prepare=True)
        return int(cursor.fetchall()[0][0])


def _written(name: str, statements: Sequence[str]) -> sql.Composable:
    counted = "GET DIAGNOSTICS sy_some = ROW_COUNT; sy_all := sy_all + sy_some;"
    each = "\n".join(f"{s};\n{counted}" for s in statements)
    body = (
        "#variable_conflict use_column\n"
        "DECLARE sy_all bigint := 0; sy_some bigint;\n"
        f"BEGIN\n{each}\nRETURN sy_all;\nEND"
    )
    head = sql.SQL(f"CREATE FUNCTION {name}() RETURNS bigint LANGUAGE plpgsql AS ")
    return head + sql.Literal(body)

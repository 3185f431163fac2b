"""The control plane as one value: what was said, asked, planned, approved and done."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from seiyaku.store import tables
from seiyaku.store.engine import answering, open_engine, reading_alone
from seiyaku.store.prepared import Row, Statements

_MAKE_SECRET = sa.insert(tables.secrets).prefix_with("OR IGNORE", dialect="sqlite")
"""Two threads may come first together; on a server `Store.alone` keeps them apart."""
_ALONE = sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("number", type_=sa.BigInteger)))


@cache
def into(table: sa.Table) -> sa.Insert:
    """The statement that adds rows to `table`; building it anew costs as much as running it."""
    return sa.insert(table).inline()


class Store:
    """Connections to the control plane; the repositories beside this file use it.

    Statements join the transaction that is open in this thread, else each is its own.

    Args:
        engine: from `open_engine`.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._lone = reading_alone(engine)
        self._statements = Statements(engine.dialect)
        self._secrets: dict[str, bytes] = {}
        self._made: dict[str, sa.Connection] = {}
        self._open: ContextVar[sa.Connection | None] = ContextVar("open", default=None)

    @classmethod
    def at(cls, place: Path | sa.URL) -> Store:
        """The store in a SQLite file or a database of PostgreSQL."""
        return cls(open_engine(place))

    @property
    def on_server(self) -> bool:
        """Whether several processes, on several machines, may work on it at once."""
        return self.engine.dialect.name != "sqlite"

    @contextmanager
    def together(self) -> Iterator[sa.Connection]:
        """One transaction: everything inside takes effect, or nothing."""
        current = self._open.get()
        if current is not None:
            yield current
            return
        with answering(), self.engine.begin() as connection:
            token = self._open.set(connection)
            try:
                yield connection
            finally:
                self._open.reset(token)

    def read(self, statement: sa.Select[Any], **values: Any) -> list[Row]:
        """All rows of a query, its named places filled with `values`."""
        with self._reading() as connection:
            found: list[Row] = self._statements.query(connection, statement, values)
            return found

    def one(self, statement: sa.Select[Any], **values: Any) -> Row | None:
        """The first row of a query, or None."""
        return next(iter(self.read(statement, **values)), None)

    def write(
        self, statement: sa.Executable, rows: dict[str, Any] | list[dict[str, Any]] | None = None
    ) -> int:
        """Run one statement (once for each of `rows`); the number of rows it touched."""
        if rows == []:
            return 0
        each = rows if isinstance(rows, list) else [rows or {}]
        with self.together() as connection:
            return self._statements.change(connection, statement, each)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        """The transaction that is open; else none, which spares a server two journeys."""
        current = self._open.get()
        if current is not None:
            yield current
            return
        with answering(), self._lone.connect() as connection:
            yield connection

    def secret(self, name: str) -> bytes:
        """A key of the store, 32 bytes, made at its first use."""
        if name in self._secrets:
            return self._secrets[name]
        with self.together() as connection:
            found = self.one(sa.select(tables.secrets.c.value).where(_named(name)))
            if found is None:
                self.alone("secrets")
                found = self.one(sa.select(tables.secrets.c.value).where(_named(name)))
            if found is None:
                self._made[name] = connection
                value = secrets.token_bytes(32).hex()
                self.write(_MAKE_SECRET.values(name=name, value=value))
                found = self.one(sa.select(tables.secrets.c.value).where(_named(name)))
            key = bytes.fromhex(found.value)  # type: ignore[union-attr]
            # INVARIANT: what is remembered was committed: its transaction may yet be undone
            if self._made.get(name) is not connection:
                self._secrets[name] = key  # written once, never changed
            return key

    def alone(self, what: str) -> None:
        """Let nobody else write `what` until the open transaction ends.

        SQLite has one writer at a time anyway.
        """
        if self.on_server:
            number = int.from_bytes(sha256(what.encode()).digest()[:7])
            self.read(_ALONE, number=number)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()
        self._lone.dispose()


def _named(name: str) -> sa.ColumnElement[bool]:
    return tables.secrets.c.name == name

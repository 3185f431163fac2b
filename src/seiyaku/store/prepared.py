"""Statements put into the words of one database once, and sent without going through it again.

SQLAlchemy writes the statement and says how each value goes in and comes out; what is done at
every execution is only that. Executing through the library costs several times the statement.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import exc

Row: TypeAlias = Any
"""A named tuple of what a query asks for; ``_asdict()`` gives it by name."""
Values: TypeAlias = Mapping[str, Any]
_Turn: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True)
class Prepared:
    """One statement in the words of one database.

    Args:
        sql: with a place for each value, in order.
        places: name of each, and how its value goes in.
        given: values that the statement itself brings.
        row: what a row becomes. turns: how each of its values comes out; empty: as it is.
    """

    sql: str
    places: tuple[tuple[str, _Turn | None], ...]
    given: Values
    row: Callable[[Iterable[Any]], Row]
    turns: tuple[_Turn | None, ...]

    def filled(self, values: Values) -> list[Any]:
        """What goes into the places."""
        known = {**self.given, **values}
        return [known[n] if turn is None else turn(known[n]) for n, turn in self.places]

    def rows(self, found: Iterable[Sequence[Any]]) -> list[Row]:
        """The rows of an answer."""
        return [self.row(self._turned(row) if self.turns else row) for row in found]

    def _turned(self, row: Sequence[Any]) -> Iterator[Any]:
        pairs = zip(row, self.turns, strict=True)
        return (value if turn is None else turn(value) for value, turn in pairs)


class Statements:
    """The statements of one store, each prepared at its first use and kept as long as it is.

    Args:
        dialect: of the store's database, with positional places.
    """

    def __init__(self, dialect: sa.Dialect) -> None:
        self._dialect = dialect
        self._known: WeakKeyDictionary[sa.Executable, dict[tuple[str, ...], Prepared]]
        self._known = WeakKeyDictionary()

    def query(self, connection: sa.Connection, statement: sa.Select[Any], values: Values) -> Any:
        """The rows a query finds."""
        prepared = self._prepared(statement, ())
        with self._sending(connection) as cursor:
            cursor.execute(prepared.sql, prepared.filled(values))
            return prepared.rows(cursor.fetchall())

    def change(
        self, connection: sa.Connection, statement: sa.Executable, rows: Sequence[Values]
    ) -> int:
        """Run a statement once for each of `rows`; how many rows it touched."""
        prepared = self._prepared(statement, tuple(rows[0]))
        filled = [prepared.filled(row) for row in rows]
        with self._sending(connection) as cursor:
            if len(filled) == 1:
                cursor.execute(prepared.sql, filled[0])
            else:
                cursor.executemany(prepared.sql, filled)
            return int(cursor.rowcount)

    @contextmanager
    def _sending(self, connection: sa.Connection) -> Iterator[Any]:
        """A cursor; trouble is told in SQLAlchemy's classes, as everywhere else."""
        errors: Any = self._dialect.loaded_dbapi
        cursor = connection.connection.cursor()
        try:
            yield cursor
        except errors.Error as error:
            raise exc.DBAPIError.instance(None, None, error, errors.Error) from None
        finally:
            cursor.close()

    def _prepared(self, statement: sa.Executable, names: tuple[str, ...]) -> Prepared:
        known = self._known.get(statement)
        if known is None:
            known = self._known[statement] = {}
        if names not in known:
            known[names] = _prepare(statement, names, self._dialect)
        return known[names]


def _prepare(statement: Any, names: tuple[str, ...], dialect: sa.Dialect) -> Prepared:
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    if compiled.post_compile_params:  # a list stands in it: it is used once
        words = {"render_postcompile": True}
        compiled = statement.compile(dialect=dialect, compile_kwargs=words)
    places = tuple((n, _inwards(compiled.binds.get(n), dialect)) for n in compiled.positiontup)
    columns = list(statement.selected_columns) if isinstance(statement, sa.Select) else []
    row = namedtuple("row", [c.name for c in columns], rename=True)  # type: ignore[misc]
    turns = tuple(_outwards(c.type, dialect) for c in columns)
    return Prepared(str(compiled), places, compiled.params, row._make, turns if any(turns) else ())


def _inwards(place: Any, dialect: sa.Dialect) -> _Turn | None:
    return place.type.dialect_impl(dialect).bind_processor(dialect) if place is not None else None


def _outwards(kind: Any, dialect: sa.Dialect) -> _Turn | None:
    turn: _Turn | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return turn

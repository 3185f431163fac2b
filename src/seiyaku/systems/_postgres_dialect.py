"""How PostgreSQL differs: typed temporary tables, casts that refuse nothing, days and zones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import UserDefinedType

from seiyaku.systems._shared.sql import Among, Expression, Setting, Temp

_HELD: Mapping[str, str] = {
    "smallint": "bigint",
    "integer": "bigint",
    "bigint": "bigint",
    "numeric": "numeric",
    "uuid": "uuid",
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "bytea": "bytea",
    "tid": "tid",
}
"""Types whose values a temporary table keeps as they are; every other is kept as text."""
_SHAPES: Mapping[str, str] = {
    "bigint": r"^-?[0-9]{1,18}$",
    "numeric": r"^-?[0-9]+([.][0-9]+)?$",
    "uuid": "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$",
    "date": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "timestamp": "^[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "timestamptz": "^[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "bytea": r"^\\x([0-9a-fA-F]{2})*$",
}
"""What a text must look like to be read as one of a type."""
_SAMPLES: Mapping[str, str] = {
    "bigint": "0",
    "numeric": "0",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "date": "2000-01-01",
    "timestamp": "2000-01-01",
    "timestamptz": "2000-01-01",
    "tid": "(0,1)",
}
_TEXTS = frozenset({"text", "character varying", ""})
_OWN_EQUALITY = frozenset({"citext", "character"})
"""Text types that compare in their own way: the value found by is made one of them."""
_TOKYO = "Asia/Tokyo"


class _Type(UserDefinedType[Any]):
    """A type by the name PostgreSQL gives it."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name

    def literal_processor(self, dialect: sa.Dialect) -> Any:
        """A text that stands beside such a column is written as a text."""
        return sa.String().literal_processor(dialect)  # type: ignore[no-untyped-call]


class PostgresDialect:
    """The hooks of `_shared.sql.Dialect` for PostgreSQL."""

    rounds_unchecked = False
    _dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]

    def text(self, statement: Any) -> str:
        return str(statement.compile(dialect=self._dialect, compile_kwargs={"literal_binds": True}))

    def temp_ddl(self, temp: Temp) -> str:
        pairs = zip(temp.columns, temp.types, strict=True)
        columns = ", ".join(f"{name} {held(kind)}" for name, kind in pairs)
        return f"CREATE TEMP TABLE {temp.name} ({columns})"

    def match(
        self, column: Expression, kind: str, held_by: Expression, held_kind: str
    ) -> tuple[Expression, Expression]:
        want, have, name = held(kind), held(held_kind), base(kind)
        value = held_by
        if want != have:
            value = readable(_cast(held_by, "text"), want)
        if name in _OWN_EQUALITY:
            return column, _cast(value, "citext" if name == "citext" else "bpchar")
        if want == "text" and name not in _TEXTS:
            return _cast(column, "text"), value
        return column, value

    def delete(self, source: sa.TableClause, among: Among) -> Any:
        return sa.delete(source).where(among.within)

    def update(self, source: sa.TableClause, values: Sequence[Setting], among: Among) -> Any:
        return sa.update(source).ordered_values(*values).where(among.within)

    def delete_together(self, statements: Sequence[str]) -> Sequence[str]:
        """One statement: what may not be deferred is looked at when the statement ends."""
        if len(statements) == 1:
            return statements
        *others, last = statements
        parts = ", ".join(f"gone_{n} AS ({s})" for n, s in enumerate(others))
        return [f"WITH {parts} {last}"]

    def shown(self, column: Expression, kind: str) -> Expression:
        """Lists as JSON, everything else as it is."""
        if kind.endswith("[]"):
            return _cast(sa.func.to_json(column), "text")
        return column

    def as_text(self, column: Expression, kind: str) -> Expression:
        return column if base(kind) in _TEXTS | _OWN_EQUALITY else _cast(column, "text")

    def insert_missing(
        self, target: sa.TableClause, columns: Sequence[str], select: sa.Select[Any]
    ) -> Any:
        return insert(target).from_select(list(columns), select).on_conflict_do_nothing()

    def fill(self, temp: Temp, select: sa.Select[Any], *, alone: bool) -> Any:
        """Without an index: what is held already is taken out of what comes."""
        given = select if alone else select.except_(temp.select())
        return sa.insert(temp.table).from_select(list(temp.columns), given)

    def older_than(self, column: Expression, kind: str, cutoff_on: date) -> Expression:
        """Days end in Japan; a moment without zone is one of UTC."""
        name, cutoff = base(kind), _cast(sa.literal(cutoff_on.isoformat()), "date")
        if name == "date":
            return column < cutoff
        return _day(column, name) < cutoff

    def placeholder(self, number: int) -> str:
        return f"${number + 1}"

    def token(self) -> Expression:
        return sa.func.replace(_cast(sa.func.gen_random_uuid(), "text"), "-", "")


def making(temp: Temp) -> Sequence[str]:
    """Statements that make a temporary table and let the server count one row in it.

    Of a table it never counted it assumes 2,000 rows, and reads others whole to match them.
    """
    samples = ", ".join(f"CAST('{_SAMPLES.get(held(k), '')}' AS {held(k)})" for k in temp.types)
    return (
        PostgresDialect().temp_ddl(temp),
        f"INSERT INTO {temp.name} VALUES ({samples})",  # noqa: S608
        f"ANALYZE {temp.name}",
        f"DELETE FROM {temp.name}",  # noqa: S608
    )


def base(kind: str) -> str:
    """The name of a type without its measures: ``numeric(10,2)`` is ``numeric``."""
    return re.sub(r"\([^)]*\)", "", kind).strip()


def held(kind: str) -> str:
    """The type in which a temporary table keeps values of a column of type `kind`."""
    return _HELD.get(base(kind), "text")


def readable(text: Expression, kind: str) -> Expression:
    """A text as a value of `kind`; NULL where it does not look like one."""
    if kind not in _SHAPES:
        return text
    looks = text.op("~")(sa.literal(_SHAPES[kind]))
    return sa.case((looks, _cast(text, kind)), else_=sa.null())


def _cast(value: Any, kind: str) -> Expression:
    return sa.cast(value, _Type(kind))


def _day(column: Expression, name: str) -> Expression:
    """The day in Japan, NULL where the column tells none."""
    moment: Expression
    if name == "timestamp with time zone":
        moment = column
    elif name == "timestamp without time zone":
        moment = sa.func.timezone("UTC", column)
    elif held(name) == "bigint":
        moment = sa.func.to_timestamp(column)
    elif name in _TEXTS | _OWN_EQUALITY:
        text = _cast(column, "text")
        plain = text.op("~")(sa.literal(_SHAPES["date"]))
        day = _in_tokyo(readable(text, "timestamptz"))
        return sa.case((plain, _cast(text, "date")), else_=day)
    else:
        return _cast(sa.null(), "date")
    return _in_tokyo(moment)


def _in_tokyo(moment: Expression) -> Expression:
    return _cast(sa.func.timezone(_TOKYO, moment), "date")

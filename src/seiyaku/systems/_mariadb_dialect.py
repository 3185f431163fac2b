"""How MariaDB differs: it would compare ``'1abc'`` with 1, and texts only of one collation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles

from seiyaku.systems._shared.sql import Among, Expression, Setting, Temp

_FAMILIES = {
    "int": "tinyint smallint mediumint int bigint year bit",
    "decimal": "decimal",
    "double": "float double",
    "uuid": "uuid",
    "date": "date",
    "moment": "datetime timestamp",
    "binary": "binary varbinary tinyblob blob mediumblob longblob",
}
_FAMILY = {name: family for family, names in _FAMILIES.items() for name in names.split()}
SHAPES = {
    "int": "^-?[0-9]{1,18}$",
    "decimal": "^-?[0-9]+([.][0-9]+)?$",
    "double": "^-?[0-9]+([.][0-9]+)?$",
    "uuid": "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$",
    "date": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "moment": "^[0-9]{4}-[0-9]{2}-[0-9]{2}",
}
"""What a text must look like to be read as one of a family."""
_CASTS = {
    "int": "CAST({0} AS SIGNED)",
    "decimal": "CAST({0} AS DECIMAL(38, 10))",
    "double": "CAST({0} AS DOUBLE)",
    "uuid": "CAST({0} AS UUID)",
    "date": "CAST({0} AS DATE)",
    "moment": "CAST({0} AS DATETIME(6))",
}
_NUMBERS = frozenset({"int", "decimal", "double"})
_LENGTH = re.compile(r"\((\d+)\)")
_COLLATED = re.compile(r"character set (\w+) collate (\w+)")
_SHORT = 500
"""Characters of a text that a key of a temporary table takes whole."""


class _Written(sa.FunctionElement[Any]):
    """An expression in MariaDB's own words; ``{0}`` stands for the first argument."""

    inherit_cache = False
    name = "written"

    def __init__(self, template: str, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.template = template


@compiles(_Written)
def _compile(element: _Written, compiler: Any, **kw: Any) -> str:
    return element.template.format(*(compiler.process(c, **kw) for c in element.clauses))


class MariadbDialect:
    """The hooks of `_shared.sql.Dialect` for MariaDB."""

    rounds_unchecked = True
    _dialect = mysql.dialect(paramstyle="named")

    def text(self, statement: Any) -> str:
        return str(statement.compile(dialect=self._dialect, compile_kwargs={"literal_binds": True}))

    def temp_ddl(self, temp: Temp) -> str:
        pairs = list(zip(temp.columns, temp.types, strict=True))
        columns = ", ".join(f"{name} {held(kind)} NOT NULL" for name, kind in pairs)
        whole = "UNIQUE" if any(held(kind).startswith("text") for _, kind in pairs) else "PRIMARY"
        return (
            f"CREATE TEMPORARY TABLE {temp.name} "
            f"({columns}, {whole} KEY ({', '.join(temp.columns)})) ENGINE=InnoDB"
        )

    def match(
        self, column: Expression, kind: str, held_by: Expression, held_kind: str
    ) -> tuple[Expression, Expression]:
        want, have = family(kind), family(held_kind)
        if want == "text":
            return column, _collated(held_by, kind, held_kind)
        if want == have or {want, have} <= _NUMBERS:
            return column, held_by
        return column, readable(_Written("CAST({0} AS CHAR)", held_by), want)

    def delete(self, source: sa.TableClause, among: Among) -> Any:
        return sa.delete(source).where(among.bound)

    def update(self, source: sa.TableClause, values: Sequence[Setting], among: Among) -> Any:
        return sa.update(source).ordered_values(*values).where(among.bound)

    def delete_together(self, statements: Sequence[str]) -> Sequence[str]:
        """Foreign keys are looked at row by row here, never later: by us, then, before."""
        return ["SET foreign_key_checks = 0", *statements, "SET foreign_key_checks = 1"]

    def shown(self, column: Expression, kind: str) -> Expression:
        return column

    def as_text(self, column: Expression, kind: str) -> Expression:
        return column if family(kind) == "text" else _Written("CAST({0} AS CHAR)", column)

    def insert_missing(
        self, target: sa.TableClause, columns: Sequence[str], select: sa.Select[Any]
    ) -> Any:
        return sa.insert(target).from_select(list(columns), select).prefix_with("IGNORE")

    def fill(self, temp: Temp, select: sa.Select[Any], *, alone: bool) -> Any:
        return self.insert_missing(temp.table, temp.columns, select)

    def older_than(self, column: Expression, kind: str, cutoff_on: date) -> Expression:
        """Days end in Japan; a moment without zone is one of UTC."""
        return _day(column, family(kind)) < sa.literal(cutoff_on.isoformat())

    def placeholder(self, number: int) -> str:
        return "%s"

    def token(self) -> Expression:
        return _Written("LEFT(SHA2(CONCAT(UUID(), RAND()), 256), 20)")


def base(kind: str) -> str:
    """The name of a type without measures and marks: ``int(10) unsigned`` is ``int``."""
    return kind.partition("(")[0].partition(" ")[0]


def family(kind: str) -> str:
    """What a type compares with; everything written with letters is ``text``."""
    return _FAMILY.get(base(kind), "text")


def held(kind: str) -> str:
    """The type in which a temporary table keeps values of a column of type `kind`."""
    length = _LENGTH.search(kind)
    match family(kind):
        case "int":
            return "bigint unsigned" if "unsigned" in kind else "bigint"
        case "decimal":
            return "decimal(38, 10)"
        case "double" | "uuid" | "date" as same:
            return same
        case "moment":
            return "datetime(6)"
        case "binary":
            return f"varbinary({min(int(length[1]), 2000) if length else 2000})"
    short = length is not None and int(length[1]) <= _SHORT and "char" in base(kind)
    charset, collation = collated(kind)
    sized = f"varchar({length[1]})" if length and short else "text"
    return f"{sized} character set {charset} collate {collation}"


def collated(kind: str) -> tuple[str, str]:
    """Character set and collation of a text type; those of values from elsewhere are exact."""
    found = _COLLATED.search(kind)
    return (found[1], found[2]) if found else ("utf8mb4", "utf8mb4_bin")


def readable(text: Expression, want: str) -> Expression:
    """A text as a value of a family; NULL where it does not look like one."""
    if want not in SHAPES:
        return text
    looks = _Written("({0} REGEXP {1})", text, sa.literal(SHAPES[want]))
    return sa.case((looks, _Written(_CASTS[want], text)), else_=sa.null())


def _collated(value: Expression, kind: str, held_kind: str) -> Expression:
    """A value as text that compares as the column does."""
    charset, collation = collated(kind)
    if family(held_kind) == "text" and collated(held_kind) == (charset, collation):
        return value
    return _Written(f"CONVERT({{0}} USING {charset}) COLLATE {collation}", value)


def _day(column: Expression, name: str) -> Expression:
    """The day in Japan, NULL where the column tells none."""
    if name == "date":
        return column
    if name == "moment":
        return _Written("DATE(DATE_ADD({0}, INTERVAL 9 HOUR))", column)
    if name == "int":
        return _Written("DATE(DATE_ADD('1970-01-01', INTERVAL {0} + 32400 SECOND))", column)
    if name != "text":
        return sa.null()
    zone = "IF({0} REGEXP '[+-][0-9]{{2}}:[0-9]{{2}}$', RIGHT({0}, 6), '+00:00')"
    moment = _Written(f"DATE(CONVERT_TZ(LEFT({{0}}, 19), {zone}, '+09:00'))", column)
    plain = _Written("({0} REGEXP {1})", column, sa.literal(SHAPES["date"]))
    return sa.case((plain, _Written("CAST({0} AS DATE)", column)), else_=moment)

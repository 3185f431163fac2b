"""The schema of a PostgreSQL database, read from its catalogue in a few queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from seiyaku.systems._shared.schema import ForeignKey, SqlColumn, SqlSchema, SqlTable

Rows = Callable[[str], Sequence[Any]]

_HERE = "c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'm')"
"""Tables, and what is kept of a query: copies lie there until somebody refreshes it."""
VERSION = f"""
SELECT count(*) || ':' || coalesce(sum(a.xmin::text::bigint), 0) || ':' ||
  (SELECT count(*) || ':' || coalesce(sum(o.oid::bigint), 0) FROM pg_constraint o
   WHERE o.connamespace = current_schema()::regnamespace)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE {_HERE}"""  # noqa: S608 - constants only
"""Differs once a table, column or constraint of the schema came, went or changed."""
_COLUMNS = f"""
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
  a.attgenerated <> '' OR a.attidentity = 'a', t.typcategory = 'S' OR t.typname IN ('json', 'jsonb')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
WHERE {_HERE} AND NOT c.relispartition ORDER BY c.relname, a.attnum"""  # noqa: S608 - constants only
_KEYS = f"""
SELECT c.relname, i.indisprimary, i.indisunique AND i.indpred IS NULL AND i.indimmediate,
  (SELECT array_agg(a.attname ORDER BY k.place) FROM unnest(i.indkey::int2[])
     WITH ORDINALITY AS k(number, place)
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
     WHERE k.place <= i.indnkeyatts),
  0 = ANY(i.indkey::int2[])
FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid WHERE {_HERE}
ORDER BY c.relname, i.indexrelid"""  # noqa: S608 - constants only
_FOREIGN = f"""
SELECT c.relname, r.relname,
  (SELECT array_agg(a.attname ORDER BY k.place) FROM unnest(o.conkey)
     WITH ORDINALITY AS k(number, place)
     JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.number),
  (SELECT array_agg(a.attname ORDER BY k.place) FROM unnest(o.confkey)
     WITH ORDINALITY AS k(number, place)
     JOIN pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = k.number)
FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_class r ON r.oid = o.confrelid
WHERE o.contype = 'f' AND {_HERE} AND NOT c.relispartition ORDER BY c.relname, o.oid"""  # noqa: S608 - constants only


def read_schema(rows: Rows, *, without: str) -> SqlSchema:
    """Every table of the current schema but `without`, as it is now."""
    columns: dict[str, dict[str, SqlColumn]] = {}
    for table, name, kind, not_null, generated, text in rows(_COLUMNS):
        found = SqlColumn(name, kind, not not_null, text, generated)
        columns.setdefault(table, {})[name] = found
    keys: dict[str, tuple[str, ...]] = {}
    uniques: dict[str, list[tuple[str, ...]]] = {}
    indexes: dict[str, list[tuple[str, ...]]] = {}
    for table, primary, unique, names, expression in rows(_KEYS):
        if expression or not names:
            continue  # an index over an expression names no column
        indexes.setdefault(table, []).append(tuple(names))
        if unique:
            uniques.setdefault(table, []).append(tuple(names))
        if primary:
            keys[table] = tuple(names)
    foreign: dict[str, list[ForeignKey]] = {}
    for table, target, by, to in rows(_FOREIGN):
        foreign.setdefault(table, []).append(ForeignKey(tuple(by), target, tuple(to)))
    tables = {}
    for name, own in columns.items():
        key = keys.get(name, ())
        tables[name] = SqlTable(
            name=name,
            columns=own,
            key=key,
            uniques=tuple(uniques.get(name, ())),
            foreign_keys=tuple(foreign.get(name, ())),
            row_id=key or ("ctid",),
            row_type="" if key else "tid",
            indexes=tuple(indexes.get(name, ())),
            moves=not key,
        )
    return SqlSchema({n: t for n, t in tables.items() if n != without})

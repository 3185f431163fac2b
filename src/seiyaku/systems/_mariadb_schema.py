"""The schema of a database of MariaDB or MySQL, read from its information schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from seiyaku.systems._shared.schema import ForeignKey, SqlColumn, SqlSchema, SqlTable

Rows = Callable[[str], Sequence[Any]]

_OURS = "c.table_name NOT REGEXP '^sy_(handle|own|ref|rows|gone)_[0-9]+$'"
VERSION = f"""
SELECT CONCAT(COUNT(*), ':', COALESCE(SUM(CRC32(CONCAT_WS('|', c.table_name, c.column_name,
  c.column_type, c.is_nullable, c.column_key, c.collation_name))), 0))
FROM information_schema.columns c WHERE c.table_schema = DATABASE() AND {_OURS}"""  # noqa: S608
"""Differs once a table, column or index came, went or changed."""
_COLUMNS = f"""
SELECT c.table_name, c.column_name, c.column_type, c.is_nullable, c.character_set_name,
  c.collation_name, COALESCE(c.generation_expression, '') <> ''
FROM information_schema.columns c JOIN information_schema.tables t
  ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' AND {_OURS}
ORDER BY c.table_name, c.ordinal_position"""  # noqa: S608
_INDEXES = """
SELECT table_name, index_name, non_unique, column_name, nullable, sub_part
FROM information_schema.statistics WHERE table_schema = DATABASE()
ORDER BY table_name, index_name = 'PRIMARY' DESC, index_name, seq_in_index"""
_FOREIGN = """
SELECT table_name, constraint_name, referenced_table_name, column_name, referenced_column_name
FROM information_schema.key_column_usage
WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL
ORDER BY table_name, constraint_name, ordinal_position"""


def read_schema(rows: Rows, *, without: str) -> SqlSchema:
    """Every table of the database but `without`, as it is now."""
    columns: dict[str, dict[str, SqlColumn]] = {}
    for table, name, kind, nullable, charset, collation, generated in rows(_COLUMNS):
        full = f"{kind} character set {charset} collate {collation}" if charset else kind
        text = bool(charset) or kind == "json"
        found = SqlColumn(name, full, nullable == "YES", text, bool(generated))
        columns.setdefault(table, {})[name] = found
    indexes, uniques, keys, tells = _indexes(rows)
    foreign = _foreign(rows)
    tables = {
        name: SqlTable(
            name=name,
            columns=own,
            key=keys.get(name, ()),
            uniques=tuple(uniques.get(name, ())),
            foreign_keys=tuple(foreign.get(name, ())),
            row_id=keys.get(name, ()) or tells.get(name, ()),
            indexes=tuple(indexes.get(name, ())),
        )
        for name, own in columns.items()
    }
    return SqlSchema({n: t for n, t in tables.items() if n != without})


_Named = dict[str, list[tuple[str, ...]]]
_Keys = dict[str, tuple[str, ...]]


def _indexes(rows: Rows) -> tuple[_Named, _Named, _Keys, _Keys]:
    """Indexes, unique ones among them, primary keys, and keys that no row lacks."""
    grouped: dict[tuple[str, str], list[tuple[str, bool, bool]]] = {}
    for table, index, non_unique, column, nullable, part in rows(_INDEXES):
        whole = not non_unique and part is None
        grouped.setdefault((table, index), []).append((column, whole, nullable != "YES"))
    indexes: _Named = {}
    uniques: _Named = {}
    keys: _Keys = {}
    tells: _Keys = {}
    for (table, index), parts in grouped.items():
        if any(column is None for column, _, _ in parts):
            continue  # MySQL: of an expression
        names = tuple(column for column, _, _ in parts)
        indexes.setdefault(table, []).append(names)
        if all(whole for _, whole, _ in parts):
            uniques.setdefault(table, []).append(names)
            if all(filled for _, _, filled in parts):
                tells.setdefault(table, names)
        if index == "PRIMARY":
            keys[table] = names
    return indexes, uniques, keys, tells


def _foreign(rows: Rows) -> dict[str, list[ForeignKey]]:
    grouped: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for table, constraint, target, column, other in rows(_FOREIGN):
        grouped.setdefault((table, constraint, target), []).append((column, other))
    found: dict[str, list[ForeignKey]] = {}
    for (table, _, target), pairs in grouped.items():
        by, to = zip(*pairs, strict=True)
        found.setdefault(table, []).append(ForeignKey(by, target, to))
    return found

"""How MySQL differs from MariaDB: columns are set one after another, and no text is a key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from seiyaku.systems._mariadb_dialect import MariadbDialect, held
from seiyaku.systems._shared.sql import Among, Setting, Temp


class MysqlDialect(MariadbDialect):
    """The hooks of `_shared.sql.Dialect` for MySQL."""

    def temp_ddl(self, temp: Temp) -> str:
        """A text is no key here, its digest is; a server may insist on a primary key."""
        kinds = [held(t) for t in temp.types]
        columns = [f"{c} {k} NOT NULL" for c, k in zip(temp.columns, kinds, strict=True)]
        names = ", ".join(temp.columns)
        if any(k.startswith(("text", "varchar", "varbinary")) for k in kinds):
            digest = f"UNHEX(SHA2(CONCAT_WS(CHAR(0), {names}), 256))"
            columns.append(f"k binary(32) AS ({digest}) STORED INVISIBLE PRIMARY KEY")
        else:
            columns.append(f"PRIMARY KEY ({names})")
        return f"CREATE TEMPORARY TABLE {temp.name} ({', '.join(columns)}) ENGINE=InnoDB"

    def update(self, source: sa.TableClause, values: Sequence[Setting], among: Among) -> Any:
        """Where a value is told by a column that is set too, all are told by the rows before."""
        read = {c: _columns(value, source) for c, value in values}
        names = {column.name for column, _ in values}
        if not any(of.keys() & (names - {c.name}) for c, of in read.items()):
            return super().update(source, values, among)
        keys = {column.name: column for column, _ in among.pairs}
        held_by = {**keys, **{n: c for of in read.values() for n, c in of.items()}}
        was = sa.select(*held_by.values()).where(among.bound).subquery("was")
        return (
            sa.update(source)
            .prefix_with("/*+ NO_MERGE(was) */")
            .ordered_values(*((c, _as_before(value, source, was)) for c, value in values))
            .where(*(key == was.c[name] for name, key in keys.items()))
        )


def _columns(value: Any, source: sa.TableClause) -> dict[str, sa.ColumnClause[Any]]:
    """The columns of `source` that tell a value."""
    found = visitors.iterate(value)
    return {e.name: e for e in found if isinstance(e, sa.ColumnClause) and e.table is source}


def _as_before(value: Any, source: sa.TableClause, was: sa.Subquery) -> Any:
    def replaced(element: Any, **_: Any) -> Any:
        if isinstance(element, sa.ColumnClause) and element.table is source:
            return was.c[element.name]
        return None

    return visitors.replacement_traverse(value, {}, replaced)

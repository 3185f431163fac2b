"""Generated schemas: databases nobody drew by hand, to hold the finding of people against.

`worlds` draws a schema (people, tables hanging on them over links of every kind), a data map
that describes it, rows of several people, and who of them is asked about: links by key, by a
shared value and by several columns, cycles, self-references, two people on a row, mere
references, columns that may not be null.

`oracle` says which rows belong to the asked people, in plain Python and by the definition
alone: a row belongs to a person when it *is* one of them, or when an owning link leads from it
to a row that does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hypothesis import strategies as st

from seiyaku.datamap.model import DataMap

Engine = Literal["sqlite", "postgresql", "mariadb", "mysql"]
Rows = Mapping[str, tuple[dict[str, Any], ...]]
"""Rows by table, each a mapping from column to value, in the order of insertion."""


@dataclass(frozen=True)
class TableDraw:
    """A drawn table.

    Args:
        composite: its key is ``(part, id)``. links: drawn links. text_null: whether the
            item column may be null. how: what an erasure does with its rows.
    """

    name: str
    composite: bool
    links: tuple[LinkDraw, ...]
    text_null: bool
    how: str

    @property
    def key(self) -> tuple[str, ...]:
        return ("part", "id") if self.composite else ("id",)


@dataclass(frozen=True)
class LinkDraw:
    """A drawn link: number `n` of its table, to `to`; `kind` is ``key`` or ``value``."""

    n: int
    to: str
    kind: str
    owns: bool
    role: str | None
    on_erase: str

    def by(self, target: TableDraw) -> tuple[str, ...]:
        """Columns of the link, one for each column it points at."""
        return tuple(f"l{self.n}_{c}" for c in self.columns(target))

    def columns(self, target: TableDraw) -> tuple[str, ...]:
        """Columns it points at."""
        return ("mail",) if self.kind == "value" else target.key


@dataclass(frozen=True)
class World:
    """A drawn database: tables, rows, and the keys of the people asked about."""

    tables: tuple[TableDraw, ...]
    rows: Rows
    asked: tuple[int, ...]

    @property
    def named(self) -> dict[str, TableDraw]:
        """Tables by name; ``people`` is the root."""
        return {t.name: t for t in self.tables}

    def datamap(self) -> DataMap:
        """The data map that describes the tables."""
        datasets = {t.name: _dataset(t, self.named) for t in self.tables}
        entry = {"kind": "sqlite", "name": {"ja": "系", "en": "app"}, "datasets": datasets}
        return DataMap.model_validate(
            {"seiyaku_datamap": 1, "service": "drawn", "systems": {"app": entry}}
        )

    def write(self, path: Path) -> None:
        """Create the SQLite database at `path`."""
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=MEMORY")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        for statement in self.statements("sqlite"):
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.close()

    def statements(self, dialect: Engine) -> Iterator[str]:
        """Create and fill the tables; foreign keys are declared where a link is by key.

        Deferrable in SQLite; in the others plain ones, which are looked at at once.
        """
        inline = dialect == "sqlite"
        for table in self.tables:
            yield _ddl(table, self.named, dialect, inline=inline)
        for name, rows in self.rows.items():
            for row in rows:
                yield f"INSERT INTO {name} VALUES ({', '.join(map(_literal, row.values()))})"  # noqa: S608
        if not inline:
            for table in self.tables:
                for foreign in _foreign(table, self.named):
                    yield f"ALTER TABLE {table.name} ADD {foreign}"

    def oracle(self) -> tuple[dict[str, set[int]], dict[str, set[int]]]:
        """Places of owned rows and of referring rows, by table, by the definition alone."""
        owned = {t.name: set[int]() for t in self.tables}
        owned["people"] = {n for n, r in enumerate(self.rows["people"]) if r["id"] in self.asked}
        growing = True
        while growing:
            found = {t.name: self._linked(t, owned, owns=True) for t in self.tables}
            growing = any(rows - owned[t] for t, rows in found.items())
            owned = {t: rows | found[t] for t, rows in owned.items()}
        refer = {t.name: self._linked(t, owned, owns=False) - owned[t.name] for t in self.tables}
        return owned, refer

    def _linked(self, table: TableDraw, owned: dict[str, set[int]], *, owns: bool) -> set[int]:
        found: set[int] = set()
        for link in (k for k in table.links if k.owns is owns):
            target = self.named[link.to]
            columns, by = link.columns(target), link.by(target)
            values = {
                tuple(self.rows[target.name][n][c] for c in columns) for n in owned[target.name]
            }
            found |= {
                n
                for n, row in enumerate(self.rows[table.name])
                if None not in (key := tuple(row[c] for c in by)) and key in values
            }
        return found


def _dataset(table: TableDraw, named: Mapping[str, TableDraw]) -> dict[str, Any]:
    fields: dict[str, Any] = dict.fromkeys(table.key)
    links = []
    for link in table.links:
        target = named[link.to]
        fields.update(dict.fromkeys(link.by(target)))
        drawn = {"by": link.by(target), "to": link.to, "columns": link.columns(target)}
        more = {"owns": link.owns, "role": link.role, "on_erase": link.on_erase}
        links.append({**drawn, **more})
    fields["mail"] = "email"
    fields["body"] = {"item": "text", "blank": None if table.text_null else "gone"}
    erase = {"how": table.how}
    person = {"person": "user"} if table.name == "people" else {}
    return {"key": table.key, "links": links, "fields": fields, "erase": erase, **person}


def _ddl(table: TableDraw, named: Mapping[str, TableDraw], dialect: Engine, *, inline: bool) -> str:
    text = "VARCHAR(80)" if dialect in ("mariadb", "mysql") else "TEXT"
    columns = [f"{c} {text if c == 'part' else 'INTEGER'} NOT NULL" for c in table.key]
    for link in table.links:
        by = link.by(named[link.to])
        columns += [f"{c} {'INTEGER' if c.endswith('id') else text}" for c in by]
    columns += [f"mail {text}", f"body {text}" + ("" if table.text_null else " NOT NULL")]
    columns.append(f"PRIMARY KEY ({', '.join(table.key)})")
    if inline:
        columns += [f"{f} DEFERRABLE INITIALLY DEFERRED" for f in _foreign(table, named)]
    return f"CREATE TABLE {table.name} ({', '.join(columns)})"


def _foreign(table: TableDraw, named: Mapping[str, TableDraw]) -> Iterator[str]:
    for link in table.links:
        if link.kind == "key":
            target = named[link.to]
            by, to = ", ".join(link.by(target)), ", ".join(target.key)
            yield f"FOREIGN KEY ({by}) REFERENCES {target.name} ({to})"


def _literal(value: Any) -> str:
    return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)


_NAMES = ("people", "a", "b", "c", "d")


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A drawn `World` with two to five tables, one to four people and a few rows each."""
    names = _NAMES[: draw(st.integers(2, len(_NAMES)))]
    tables = tuple(_table(draw, name, names) for name in names)
    named = {t.name: t for t in tables}
    sizes = {n: draw(st.integers(1 if n == "people" else 0, 4)) for n in names}
    rows = {t.name: _rows(draw, t, named, sizes) for t in tables}
    people = [r["id"] for r in rows["people"]]
    asked = tuple(sorted(draw(st.sets(st.sampled_from(people), min_size=1))))
    return World(tables, rows, asked)


def _table(draw: st.DrawFn, name: str, names: tuple[str, ...]) -> TableDraw:
    if name == "people":
        return TableDraw(name, False, (), draw(st.booleans()), "delete")
    count = draw(st.integers(1, 3))
    links = tuple(_link(draw, n, names) for n in range(count))
    how = draw(st.sampled_from(("delete", "delete", "blank")))
    return TableDraw(name, draw(st.booleans()), links, draw(st.booleans()), how)


def _link(draw: st.DrawFn, n: int, names: tuple[str, ...]) -> LinkDraw:
    to = draw(st.sampled_from((*names, "people")))
    kind = draw(st.sampled_from(("key", "key", "value")))
    owns = draw(st.sampled_from((True, True, False)))
    on_erase = draw(st.sampled_from(("delete", "unlink")))
    return LinkDraw(n, to, kind, owns, draw(st.sampled_from((None, f"role{n}"))), on_erase)


def _rows(
    draw: st.DrawFn, table: TableDraw, named: Mapping[str, TableDraw], sizes: Mapping[str, int]
) -> tuple[dict[str, Any], ...]:
    rows = []
    for n in range(sizes[table.name]):
        row: dict[str, Any] = {c: "x" if c == "part" else n + 1 for c in table.key}
        for link in table.links:
            target = named[link.to]
            place = draw(st.integers(0, sizes[target.name]))  # 0: linked to nothing
            for column, by in zip(link.columns(target), link.by(target), strict=True):
                row[by] = None if place == 0 else _value(target, column, place)
        row["mail"] = draw(st.sampled_from((_mail(table, n + 1), None)))
        row["body"] = "text" if not table.text_null else draw(st.sampled_from(("text", None)))
        rows.append(row)
    return tuple(rows)


def _value(target: TableDraw, column: str, place: int) -> Any:
    if column == "part":
        return "x"
    return _mail(target, place) if column == "mail" else place


def _mail(table: TableDraw, place: int) -> str:
    return f"{table.name}{place}@example.com"

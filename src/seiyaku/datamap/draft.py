"""A first data map from the tables that exist: every column, every foreign key, no guesses.

Which item a column holds is for a person to say; until then the gap check reports it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seiyaku.datamap.system import TableSurface

PERSON_TABLES = frozenset({"users", "user", "members", "customers", "accounts", "people"})
"""Names under which people usually stand; only a hint, written as a comment."""


def draft_datamap(service: str, system: str, tables: Iterable[TableSurface]) -> str:
    """YAML of a data map with one SQLite system; every column is there, mapped to nothing.

    Args:
        service: id of the service. system: word for the database.
        tables: tables as the system's `surface()` tells them.
    """
    lines = [
        "# Draft. Say of each column which item of the policy it holds (`email: email`);",
        "# `~` says: a technical value that tells nothing of a person.",
        "seiyaku_datamap: 1",
        f"service: {service}",
        "systems:",
        f"  {system}:",
        "    kind: sqlite",
        "    name: {ja: アプリのデータベース, en: application database}",
        "    datasets:" if (all_tables := tuple(tables)) else "    datasets: {}",
    ]
    for table in all_tables:
        lines += [f"      {line}" for line in _dataset(table)]
    return "\n".join(lines) + "\n"


def _dataset(table: TableSurface) -> Iterator[str]:
    yield f"{_word(table.name)}:"
    if _word(table.name) != table.name:
        yield f"  table: {_quoted(table.name)}"
    if table.name.lower() in PERSON_TABLES:
        yield "  # person: user        # if the rows of this table are people"
    yield f"  key: [{', '.join(map(_quoted, table.key or (table.columns[0].name,)))}]"
    if table.references:
        yield "  links:"
    for by, target, columns in table.references:
        there = f", columns: [{', '.join(map(_quoted, columns))}]" if columns else ""
        yield f"    - {{by: [{', '.join(map(_quoted, by))}], to: {_word(target)}{there}}}"
    yield "  fields:"
    for column in table.columns:
        yield f"    {_quoted(column.name)}: ~"


def _word(name: str) -> str:
    word = "".join(c if c.isascii() and c.isalnum() else "_" for c in name.lower()).strip("_")
    return word if word[:1].isalpha() else f"t_{word}"


def _quoted(name: str) -> str:
    plain = name.isascii() and name.replace("_", "").isalnum() and not name.isdigit()
    reserved = name.lower() in {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
    return name if plain and not reserved else "'" + name.replace("'", "''") + "'"

"""Statements that write: what they read first is read like any query.

Values and conditions move into a query that sees only what may be seen, and the real table is
written by its key. So nothing of the statement that reads ever meets the real table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from sqlglot import exp

from seiyaku.datamap.model import Dataset
from seiyaku.doors.sql.allowed import refuse
from seiyaku.doors.sql.rewrite import QUERIES, Reading, quote_odd
from seiyaku.doors.sql.text import is_parameter
from seiyaku.kernel.errors import NotPermitted

TARGET: Final = "seiyaku_target"
SOURCE: Final = "seiyaku_source"
OURS: Final = "seiyaku_"


def statement(reading: Reading, tree: exp.Expr) -> exp.Expr:
    """The statement with every table it reads in its guise."""
    writer = _WRITERS.get(type(tree))
    if writer is not None:
        return writer(reading, tree)
    if not isinstance(tree, QUERIES):
        refuse(f"`{type(tree).__name__}` by itself")
    reading.query(tree, {})
    return tree


# -- INSERT and CREATE: the target is new, only what fills it is read --------------------------


def _insert(reading: Reading, tree: exp.Expr) -> exp.Expr:
    into = tree.this
    reading.target(into.this if isinstance(into, exp.Schema) else into)
    conflict = tree.args.get("conflict")
    if conflict is not None:
        if tree.args.get("returning") is not None:
            refuse("RETURNING beside ON CONFLICT", "it would show rows that were there before")
        _only_excluded(conflict)
    return _apart(reading, tree)


def _only_excluded(conflict: exp.Expr) -> None:
    """What a conflict writes comes from the new row: the old one is not read."""
    assigned = {id(e.this) for e in conflict.args.get("expressions") or ()}
    keys = {id(c) for k in conflict.args.get("conflict_keys") or () for c in k.walk()}
    for column in conflict.find_all(exp.Column):
        if id(column) in assigned | keys or is_parameter(column.name):
            continue
        if column.table.lower() != "excluded":
            refuse("ON CONFLICT that reads the row that was there")
    if conflict.find(exp.Table, exp.Select) is not None:
        refuse("a query within ON CONFLICT")


def _create(reading: Reading, tree: exp.Expr) -> exp.Expr:
    new = tree.this
    if str(tree.args.get("kind")).upper() != "TABLE" or not isinstance(new, exp.Table):
        refuse("CREATE of anything but a table with what a query returns")
    if not isinstance(tree.args.get("expression"), QUERIES):
        refuse("CREATE TABLE without a query")
    word = new.name.lower()
    taken = {n.lower() for n in (*reading.reader.tables, *reading.reader.views)}
    if word.startswith(OURS) or word in taken or new.args.get("db") is not None:
        refuse("CREATE TABLE under a name that is taken or kept")
    return _apart(reading, tree)


def _apart(reading: Reading, tree: exp.Expr) -> exp.Expr:
    """The statement read without its target, which is no table that it reads."""
    target = tree.this
    tree.set("this", exp.Var(this=TARGET))
    reading.query(tree, {})
    tree.set("this", target)
    for name in target.find_all(exp.Identifier):
        quote_odd(name)
    return tree


# -- UPDATE and DELETE: rows found in what may be seen, then written by key ---------------------


def _update(reading: Reading, tree: exp.Expr) -> exp.Expr:
    if tree.args.get("returning") is not None:
        refuse("UPDATE with RETURNING", "read the rows in a query of their own")
    dataset = _dataset(reading, tree.this)
    own = _own_names(tree.this)
    sets = [_assigned(e, dataset, own) for e in tree.expressions]
    read = [(column, value) for column, value in sets if _reads(value)]
    seen = _seen(tree, dataset.key, [value for _, value in read])
    reading.query(seen, {})
    source = exp.Subquery(this=seen, alias=_named(SOURCE))
    given = {id(value): _column(f"{OURS}v{n}", SOURCE) for n, (_, value) in enumerate(read)}
    pairs = [(column, given.get(id(value), value)) for column, value in sets]
    if reading.reader.showing.dialect.name == "mariadb":
        return _update_join(reading, tree, dataset.key, pairs, source)
    return exp.Update(
        this=_real(reading, tree.this, TARGET),
        expressions=[exp.EQ(this=_column(c), expression=value) for c, value in pairs],
        from_=exp.From(this=source),
        where=exp.Where(this=_same_key(dataset.key)),
    )


def _update_join(
    reading: Reading,
    tree: exp.Expr,
    key: Iterable[str],
    pairs: Iterable[tuple[str, exp.Expr]],
    source: exp.Expr,
) -> exp.Expr:
    """How MariaDB writes from another table."""
    real = _real(reading, tree.this, TARGET)
    real.set("joins", [exp.Join(this=source, on=_same_key(key))])
    sets = [exp.EQ(this=_column(c, TARGET), expression=value) for c, value in pairs]
    return exp.Update(this=real, expressions=sets)


def _delete(reading: Reading, tree: exp.Expr) -> exp.Expr:
    key = _dataset(reading, tree.this).key
    seen = _seen(tree, key, [])
    reading.query(seen, {})
    found = exp.Select(
        expressions=[_column(f"{OURS}k{n}", SOURCE) for n, _ in enumerate(key)],
        from_=exp.From(this=exp.Subquery(this=seen, alias=_named(SOURCE))),
    )
    columns = [_column(c) for c in key]
    row = columns[0] if len(columns) == 1 else exp.Tuple(expressions=columns)
    within = exp.In(this=row, query=exp.Subquery(this=found))
    return exp.Delete(this=_real(reading, tree.this, None), where=exp.Where(this=within))


def _seen(tree: exp.Expr, key: Iterable[str], values: Iterable[exp.Expr]) -> exp.Expr:
    """The rows a statement is about, as a query: their key, and the values that are read."""
    table = tree.this.copy()
    own = table.alias or table.name
    keys = [
        exp.alias_(exp.column(exp.to_identifier(c, quoted=True), _own(table)), f"{OURS}k{n}")
        for n, c in enumerate(key)
    ]
    if not own:
        refuse("a table without a name")
    others = tree.args.get("from_")
    return exp.Select(
        with_=tree.args.get("with_"),
        expressions=[*keys, *(exp.alias_(v.copy(), f"{OURS}v{n}") for n, v in enumerate(values))],
        from_=exp.From(this=table),
        joins=[exp.Join(this=others.this)] if others is not None else [],
        where=tree.args.get("where"),
    )


def _own(table: exp.Expr) -> exp.Identifier:
    alias = table.args.get("alias")
    name: exp.Identifier = (alias.this if alias is not None and alias.this else table.this).copy()
    return name


def _own_names(table: exp.Expr) -> frozenset[str]:
    return frozenset({"", table.name.lower(), (table.alias or "").lower()})


def _assigned(pair: exp.Expr, dataset: Dataset, own: frozenset[str]) -> tuple[str, exp.Expr]:
    """Column and value of one assignment."""
    column = pair.this
    if not isinstance(pair, exp.EQ) or not isinstance(column, exp.Column):
        refuse("an assignment to more than one column")
    if column.table.lower() not in own:
        refuse("an UPDATE of several tables")
    known = {name.lower(): name for name in dataset.fields}
    if column.name.lower() not in known:
        raise NotPermitted(
            f"`{column.name[:128]}` is no column in the data map",
            code="SY233",
            hint="name it in the data map, with its item or `~`",
        )
    return known[column.name.lower()], pair.expression


def _reads(value: exp.Expr) -> bool:
    """Whether a value comes from any table."""
    if value.find(exp.Query, exp.Subquery) is not None:
        return True
    return any(not is_parameter(c.name) for c in value.find_all(exp.Column))


def _dataset(reading: Reading, table: exp.Expr) -> Dataset:
    return reading.reader.showing.datamap.dataset(reading.target(table))


def _real(reading: Reading, table: exp.Expr, alias: str | None) -> exp.Table:
    """The real table a statement writes to."""
    showing = reading.reader.showing
    place = showing.place(reading.target(table))
    return exp.Table(this=exp.Var(this=place), alias=_named(alias) if alias else None)


def _named(word: str) -> exp.TableAlias:
    return exp.TableAlias(this=exp.to_identifier(word))


def _column(name: str, table: str | None = None) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table)


def _same_key(key: Iterable[str]) -> exp.Expr:
    tests = [
        exp.EQ(this=_column(c, TARGET), expression=_column(f"{OURS}k{n}", SOURCE))
        for n, c in enumerate(key)
    ]
    return exp.and_(*tests)


_WRITERS: Final[Mapping[type[exp.Expr], Callable[[Reading, exp.Expr], exp.Expr]]] = {
    exp.Insert: _insert,
    exp.Create: _create,
    exp.Update: _update,
    exp.Delete: _delete,
}

"""A query becomes one that returns only what its handling may see.

Every table of the data map gives way to the query that shows it (`shown`), wherever it stands.
Names the query gives itself (WITH) are given anew, so that none of them can stand for a table
of ours, whatever the database takes for the same name. What is neither is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from sqlglot import exp

from seiyaku.datamap.model import DataMap
from seiyaku.doors.sql import text
from seiyaku.doors.sql.allowed import check, refuse
from seiyaku.doors.sql.shown import Showing, Shown
from seiyaku.kernel.errors import NotPermitted
from seiyaku.kernel.ids import DatasetId

Refused = Literal["null", "error"]
Scope = Mapping[str, str]
DEEPEST_VIEWS = 16
QUERIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)


@dataclass(frozen=True)
class Rewritten:
    """A query that keeps to what may be seen.

    Args:
        sql: to be run in place of the original, with the same parameters.
        order: for each positional parameter of `sql`, its place in the original; None where
            they stand as before.
        datasets: what it reads, sorted.
        hidden: columns it reads that are refused for everybody, as ``dataset.column``, sorted.
    """

    sql: str
    order: tuple[int, ...] | None = None
    datasets: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    def arrange(self, parameters: Sequence[Any]) -> Sequence[Any]:
        """Positional parameters in the order `sql` wants them."""
        return parameters if self.order is None else [parameters[n] for n in self.order]


@dataclass(frozen=True)
class Reader:
    """Reads queries of one handling against one database.

    Args:
        views: the definition of each view the database has, by name.
        functions: further functions the owner vouches for.
        refused: what becomes of columns refused for everybody that a query names.
    """

    showing: Showing
    system: str
    views: Mapping[str, str] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()
    refused: Refused = "null"

    @cached_property
    def tables(self) -> Mapping[str, DatasetId]:
        """Datasets by the name their table has in the database."""
        return _tables(self.showing.datamap, self.system, self.showing)

    @cached_property
    def _shown(self) -> dict[DatasetId, Shown]:
        return {}

    def shown(self, dataset_id: DatasetId) -> Shown:
        """A table as this handling may see it; written once."""
        found = self._shown.get(dataset_id)
        if found is None:
            found = self._shown[dataset_id] = self.showing.show(dataset_id)
        return found


def _tables(datamap: DataMap, system: str, showing: Showing) -> dict[str, DatasetId]:
    fold = showing.dialect.folded
    datasets = datamap.systems[system].datasets
    return {
        fold(d.table or name, quoted=True): DatasetId(f"{system}.{name}")
        for name, d in datasets.items()
    }


@dataclass
class Reading:
    """One query being read; holds what it met."""

    reader: Reader
    met: dict[DatasetId, Shown] = field(default_factory=dict)
    _names: int = 0
    _views: int = 0

    def tree(self, sql: str) -> exp.Expr:
        """The parsed statement, everything in it known."""
        tree = text.parse(sql, self.reader.showing.dialect)
        check(tree, self.reader.functions)
        return tree

    def query(self, tree: exp.Expr, scope: Scope) -> None:
        """Put what may be seen in the place of every table of a query.

        Args:
            scope: names given by WITH that hold here, each with its new name.
        """
        todo: list[tuple[exp.Expr, Scope]] = [(tree, scope)]
        while todo:
            node, scope = todo.pop()
            given = node.args.get("with_")
            if given is not None:
                scope = self._given(given, scope)
            if isinstance(node, exp.Identifier):
                quote_odd(node)
                continue
            if isinstance(node, exp.Column):
                self._unqualify(node)
            todo += [(child, scope) for child in node.iter_expressions() if child is not given]
            if isinstance(node, exp.Table):
                self._table(node, scope)

    # -- names given by WITH ---------------------------------------------------------------

    def _given(self, given: exp.Expr, scope: Scope) -> Scope:
        """The scope with the names of a WITH; their queries are read on the way."""
        recursive = given.args.get("recursive") or self.reader.showing.dialect.recursive
        inner = dict(scope)
        if recursive:
            inner |= {self._folded(cte.args["alias"].this): "" for cte in given.expressions}
            inner |= {name: self._fresh() for name, new in inner.items() if not new}
        for cte in given.expressions:
            if not isinstance(cte.this, QUERIES):
                refuse("WITH of a statement that changes something")
            name = self._folded(cte.args["alias"].this)
            self.query(cte.this, dict(inner))
            if not recursive:
                inner[name] = self._fresh()
            cte.args["alias"].set("this", exp.to_identifier(inner[name]))
            for column in cte.args["alias"].args.get("columns") or ():
                self.query(column, inner)
        return inner

    def _fresh(self) -> str:
        self._names += 1
        return f"seiyaku_cte_{self._names}"

    def _folded(self, name: exp.Expr) -> str:
        quoted = bool(name.args.get("quoted"))
        return self.reader.showing.dialect.folded(name.name, quoted=quoted)

    # -- tables --------------------------------------------------------------------------

    def _table(self, table: exp.Table, scope: Scope) -> None:
        name = table.this
        if isinstance(name, exp.Func):
            return
        if not isinstance(name, exp.Identifier):
            refuse("a table that is not called by a name")
        word = self._folded(name)
        if table.args.get("db") is None and word in scope:
            self._alias(table, name)
            table.set("this", exp.to_identifier(scope[word]))
            return
        self._in_schema(table, name)
        self._alias(table, name)
        if word in self.reader.tables:
            self._stand_in(table, self.read(self.reader.tables[word]).sql)
        elif (view := self._view(word)) is not None:
            self._stand_in(table, view)
        else:
            raise unmapped(name.name, self.reader.system)

    def read(self, dataset_id: DatasetId) -> Shown:
        """A table as it may be seen, remembered as met."""
        shown = self.reader.shown(dataset_id)
        self.met[dataset_id] = shown
        return shown

    def target(self, table: exp.Expr) -> DatasetId:
        """The dataset a statement writes to.

        Raises:
            NotPermitted: SY233 no such table is in the data map.
        """
        if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
            refuse("a table that is not called by a name")
        self._in_schema(table, table.this)
        dataset_id = self.reader.tables.get(self._folded(table.this))
        if dataset_id is None:
            raise unmapped(table.this.name, self.reader.system)
        return dataset_id

    def _view(self, word: str) -> str | None:
        """The query a view stands for, read like any other."""
        fold = self.reader.showing.dialect.folded
        for name, definition in self.reader.views.items():
            if fold(name, quoted=True) == word:
                self._views += 1
                if self._views > DEEPEST_VIEWS:
                    refuse(f"more than {DEEPEST_VIEWS} views within each other")
                tree = self.tree(definition)
                if not isinstance(tree, QUERIES):
                    refuse(f"the view `{name}`, which is no query")
                self.query(tree, {})
                return f"({self.write(tree)})"
        return None

    def write(self, tree: exp.Expr) -> str:
        """The statement as text; comments do not pass."""
        parser = self.reader.showing.dialect.parser
        return tree.sql(dialect=parser, comments=False)

    def _stand_in(self, table: exp.Table, sql: str) -> None:
        table.set("db", None)
        table.set("this", exp.Var(this=sql))

    def _alias(self, table: exp.Table, name: exp.Identifier) -> None:
        alias = table.args.get("alias")
        if alias is None:
            table.set("alias", exp.TableAlias(this=name.copy()))
        elif alias.this is None:
            alias.set("this", name.copy())

    def _in_schema(self, table: exp.Expr, name: exp.Identifier) -> None:
        """The table lies where our tables lie.

        # INVARIANT: a name in another schema is another table, which nobody mapped.
        """
        schema = self.reader.showing.schema
        given = table.args.get("db")
        if table.args.get("catalog") is not None:
            raise unmapped(name.name, self.reader.system)
        if given is not None and (schema is None or self._folded(given) != schema):
            raise unmapped(f"{given.name}.{name.name}", self.reader.system)

    def _unqualify(self, column: exp.Column) -> None:
        """``main.users.email`` is said without its schema: the table stands there no more."""
        if column.args.get("catalog") is not None:
            refuse("a column with a database's name")
        schema = column.args.get("db")
        if schema is not None:
            if self._folded(schema) != self.reader.showing.schema:
                refuse("a column with another schema's name")
            column.set("db", None)


def unmapped(name: str, system: str) -> NotPermitted:
    """A table that no dataset of the data map describes."""
    return NotPermitted(
        f"`{name[:128]}` is no table of `{system}` in the data map",
        code="SY233",
        hint="add it to the data map, or give the definition of the view",
    )


def quote_odd(name: exp.Identifier) -> None:
    """Letters beyond ASCII are always quoted: databases differ in what they end a name with."""
    if not name.args.get("quoted") and not text.plain(name.name):
        name.set("quoted", True)


def named(reading: Reading, tree: exp.Expr) -> tuple[str, ...]:
    """Columns refused for everybody that a query names, as ``dataset.column``."""
    fold = reading.reader.showing.dialect.folded
    words = {
        fold(c.name, quoted=bool(c.this.args.get("quoted"))) for c in tree.find_all(exp.Column)
    }
    every = any(not isinstance(s.parent, exp.Count) for s in tree.find_all(exp.Star))
    return tuple(
        sorted(
            f"{dataset_id}.{column}"
            for dataset_id, shown in reading.met.items()
            for column in shown.refused
            if every or fold(column, quoted=True) in words
        )
    )


def refuse_hidden(hidden: Sequence[str], word: str) -> None:
    """Raise for columns refused for everybody.

    Raises:
        NotPermitted: SY234 there are such.
    """
    if hidden:
        raise NotPermitted(
            f"`{word}` may not see " + ", ".join(f"`{h}`" for h in hidden),
            code="SY234",
            hint="leave these columns out; `seiyaku gate` tells the clauses",
        )

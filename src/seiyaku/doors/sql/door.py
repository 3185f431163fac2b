"""The door: queries of declared handlings against one database, each read once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final

from seiyaku.assurance.model import Assurances
from seiyaku.datamap.model import DataMap
from seiyaku.doors.never_kept import NeverKept
from seiyaku.doors.permits import Layout
from seiyaku.doors.sql import own, text
from seiyaku.doors.sql.dialects import dialect_of
from seiyaku.doors.sql.indexes import indexes
from seiyaku.doors.sql.rewrite import (
    Reader,
    Reading,
    Refused,
    Rewritten,
    named,
    refuse_hidden,
)
from seiyaku.doors.sql.shapes import Shapes
from seiyaku.doors.sql.shown import Showing
from seiyaku.doors.sql.sight import Sight, closed_to
from seiyaku.doors.sql.writes import statement
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.model import Policy

_WRITES: Final = re.compile(r"\b(?:insert|update|replace|create|merge)\b", re.I)
KEPT = 4096
"""Queries remembered by their text."""


@dataclass(frozen=True)
class Database:
    """What is known of a database queries go to.

    Args:
        system: of the data map. dialect: ``postgres``, ``mariadb``, ``sqlite`` or ``duckdb``.
        schema: where its tables lie; the dialect's usual one where not told.
        views: the definition of each view, by name; a view not told is refused.
        functions: names of functions beyond the built-in ones that read nothing by themselves.
    """

    datamap: DataMap
    system: str
    dialect: str
    schema: str | None = None
    views: tuple[tuple[str, str], ...] = ()
    functions: frozenset[str] = frozenset()


def rewrite(
    sql: str,
    sight: Sight,
    database: Database,
    *,
    refused: Refused = "null",
    percent: bool = False,
    at: datetime | None = None,
) -> Rewritten:
    """The query that returns only the columns and people `sight` may see.

    Args:
        refused: columns refused for everybody are NULL, or naming one is an error.
        percent: parameters are written ``%s`` and ``%(name)s``, else ``?``, ``:name``, ``$1``.
        at: the moment periods and epochs end by; None asks the database's clock.

    Raises:
        NotPermitted: SY231 it holds what is not understood; SY232 whose rows a table holds
            cannot be told; SY233 a table is not in the data map; SY234 it names a column
            refused for everybody.
    """
    return _rewrite(sql, _reader(sight, database, refused, at), percent=percent)


def _reader(
    sight: Sight, database: Database, refused: Refused, at: datetime | None = None
) -> Reader:
    dialect = dialect_of(database.dialect)
    schema = database.schema or dialect.schema
    showing = Showing(database.datamap, dialect, sight, schema, at)
    views = dict(database.views)
    return Reader(showing, database.system, views, database.functions, refused)


def _rewrite(sql: str, reader: Reader, *, percent: bool) -> Rewritten:
    written = text.set_aside(sql, percent=percent)
    reading = Reading(reader)
    tree = reading.tree(written.sql)
    hidden_by = tree.copy() if reader.refused == "error" else tree
    tree = statement(reading, tree)
    hidden = named(reading, hidden_by) if reader.refused == "error" else ()
    refuse_hidden(hidden, reader.showing.sight.word)
    new, order = written.restore(reading.write(tree))
    return Rewritten(new, order, tuple(sorted(reading.met)))


class SqlDoor:
    """Rewrites queries to one database under one version of the policy.

    Safe to use from several threads. A coming version, or facts that change what is refused
    for everybody, ask for a new door; the database refuses the old one by itself.

    Args:
        layout: where the permits of the database stand. policy: the version in force.
        gate, assurances, since: to ask what is refused for everybody, at `since`.
        at: the moment periods and epochs end by; None asks the database's clock.
    """

    def __init__(
        self,
        database: Database,
        layout: Layout,
        policy: Policy,
        gate: Gate,
        assurances: Assurances,
        since: datetime,
        *,
        refused: Refused = "null",
        at: datetime | None = None,
    ) -> None:
        self._database, self._layout, self._policy = database, layout, policy
        self._gate, self._assurances, self._since = gate, assurances, since
        self._refused, self._at = refused, at
        self._readers: dict[tuple[Handling, bool], Reader] = {}
        self._shapes = Shapes()
        self._never = NeverKept(policy)
        self._kept = lru_cache(KEPT)(self._read)

    @property
    def dialect(self) -> str:
        """The database's language."""
        return dialect_of(self._database.dialect).name

    def rewrite(
        self,
        sql: str,
        handling: Handling,
        *,
        percent: bool = False,
        person: PersonId | None = None,
    ) -> Rewritten:
        """The query that returns only what this handling may see; see `rewrite`.

        Args:
            person: only rows of this person are there, rows of several people among them.

        Raises:
            InvalidInput: SY141 no permits are laid for the handling; SY150 the person's key
                cannot stand in a query.
            NotPermitted: SY231 to SY234 as in `rewrite`.
        """
        if person is None:
            return self._kept(sql, handling, percent, False)
        own.require_unmarked(sql)
        found = self._kept(sql, handling, percent, True)
        return replace(found, sql=own.about(found.sql, self._layout, person, percent=percent))

    def require_keepable(self, sql: str, parameters: Any = ()) -> None:
        """That a statement writes nothing the policy never keeps.

        Raises:
            NotPermitted: SY295 a value holds it; the value is not shown.
        """
        if _WRITES.search(sql):
            self._never.require_none(sql, parameters)

    def indexes(self, handling: Handling) -> tuple[str, ...]:
        """Statements the owner may run once, so that the database finds permitted people fast."""
        reader = self._reader(handling, own=False)
        return indexes(reader.showing, self._database.system)

    def _read(self, sql: str, handling: Handling, percent: bool, own: bool) -> Rewritten:
        read = partial(_rewrite, reader=self._reader(handling, own=own), percent=percent)
        return self._shapes.rewrite(sql, (handling, percent, own), read)

    def _reader(self, handling: Handling, *, own: bool) -> Reader:
        known = self._readers.get((handling, own))
        if known is not None:
            return known
        closed = closed_to(self._gate, self._layout, handling, self._assurances, self._since)
        sight = Sight(self._layout, handling, self._policy, closed, own)
        reader = _reader(sight, self._database, self._refused, self._at)
        return self._readers.setdefault((handling, own), reader)

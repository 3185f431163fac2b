"""Permits as they lie in one database: laid, kept up, and compared with what should lie there."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, Literal

from seiyaku.doors.people import People
from seiyaku.doors.permits.answering import Epoch, Permits, Row
from seiyaku.doors.permits.dialects import (
    Connection,
    Dialect,
    Words,
    key_type,
    pairs,
    typed_key,
)
from seiyaku.doors.permits.layout import EPOCH_TABLE, Layout, Root
from seiyaku.doors.permits.told import Drift, Pushed
from seiyaku.kernel.canonical import canonical_json
from seiyaku.kernel.errors import Conflict, InvalidInput
from seiyaku.kernel.ids import PersonId

_EPOCH: Final = {
    "handling": "VARCHAR(64) PRIMARY KEY",
    "items": "TEXT NOT NULL",
    "layout": "VARCHAR(64) NOT NULL",
    "version": "VARCHAR(64) NOT NULL",
    "change_number": "BIGINT NOT NULL",
    "ends_at": "BIGINT",
}
_TOLD: Final = ("layout", "version", "change_number", "ends_at")
_AT_ONCE: Final = 500


class Laid:
    """The permits of one database.

    Args:
        connection: opened by the caller for this alone; every push is one transaction of it.
    """

    def __init__(self, connection: Connection, dialect: Dialect, layout: Layout) -> None:
        self._sql = Words(dialect, connection)
        self._layout = layout
        self._types: dict[Root, str] = {}

    def push(self, permits: Permits, people: People, *, keep: bool = True) -> Pushed:
        """Write what differs: of those who said something since, or of everybody.

        Everybody is looked at when nothing was laid yet, when the epoch ended, and when facts
        or versions changed.

        Args:
            keep: False only tries: every row is taken back, and what it cost is told.

        Raises:
            InvalidInput: SY143, SY144 the people's table is not as the data map says.
            Conflict: SY542 who pushed meanwhile knew more; take new `Permits`.
        """
        started = time.perf_counter()
        self.prepare()
        self._types = {root: self._type(root) for root in self._layout.roots}
        with _transaction(self._sql, keep=keep):
            # INVARIANT: from here to the commit nobody else pushes, so no older row comes last.
            self._sql.lock(EPOCH_TABLE)
            whose = self._whose(permits.epoch, people)
            counts = [self._bring(root, permits, whose) for root in self._layout.roots]
            self._write_epoch(permits.epoch)
            if whose is None:
                self._sql.tell_planner([root.table for root in self._layout.roots])
        written, removed = sum(n for n, _ in counts), sum(n for _, n in counts)
        scope: Literal["people", "everybody"] = "everybody" if whose is None else "people"
        return Pushed(scope, written, removed, time.perf_counter() - started, permits.epoch)

    def _whose(self, coming: Epoch, people: People) -> frozenset[PersonId] | None:
        """Who said something since the last push; None where everybody has to be looked at."""
        laid = self.epoch()
        if laid is None:
            return None
        if laid.change > coming.change:
            raise Conflict(
                f"permits of change {laid.change} lie there, newer than {coming.change}",
                code="SY542",
                hint="push again; after the store was put back from a copy, drop the epoch table",
            )
        if (laid.version, laid.until) != (coming.version, coming.until):
            return None
        return people.changed_since(laid.change)

    def _bring(
        self, root: Root, permits: Permits, whose: frozenset[PersonId] | None
    ) -> tuple[int, int]:
        """Write what differs of a root; how many rows came, how many went."""
        rows = dict(permits.rows(root, whose))
        old = self._rows(root, None if whose is None else rows)
        come = {k: r for k, r in rows.items() if r is not None and old.get(k) != r}
        gone = [k for k in old if rows.get(k) is None]
        return self._write(root, come), self._remove(root, gone)

    def drift(self, permits: Permits) -> Drift:
        """Compare every row; nothing is written."""
        missing = differing = extra = 0
        for root in self._layout.roots:
            rows = {k: r for k, r in permits.rows(root) if self._typed(root, k) is not None}
            old = self._rows(root, None) if self._sql.columns(root.table) else {}
            missing += len(rows.keys() - old.keys())
            extra += len(old.keys() - rows.keys())
            differing += sum(old[k] != r for k, r in rows.items() if k in old)
        return Drift(missing, differing, extra, self.epoch())

    def keys(self, root: Root, *, new: bool = False) -> Iterator[str]:
        """Keys of the people with a row of their own; the new ones have no permits yet."""
        if root.away:
            return
        q = self._sql.quote
        query = f"SELECT t.{q(root.of_column)} FROM {q(root.of_table)} t"  # noqa: S608 quoted
        if new and self._sql.columns(root.table):
            there = f"SELECT 1 FROM {q(root.table)} p"  # noqa: S608 names are quoted
            query += f" WHERE NOT EXISTS ({there} WHERE p.person = t.{q(root.of_column)})"
        yield from (str(key) for (key,) in self._sql.read(query) if key is not None)

    def epoch(self) -> Epoch | None:
        """What the database says it holds; None where it holds nothing of this layout."""
        if not self._sql.columns(EPOCH_TABLE):
            return None
        wanted = ", ".join(("handling", *_TOLD))
        query = f"SELECT {wanted} FROM {EPOCH_TABLE}"  # noqa: S608 our own names
        found = {row[0]: row[1:] for row in self._sql.read(query)}
        mine = {found.get(name) for name in self._layout.handlings}
        told = mine.pop() if len(mine) == 1 else None
        if told is None or told[0] != self._layout.digest:
            return None
        _, version, change, ends_at = told
        until = None if ends_at is None else datetime.fromtimestamp(ends_at, UTC)
        return Epoch(version, change, until)

    def prepare(self) -> None:
        """Make the tables, and columns that came; nothing is taken away.

        Raises:
            InvalidInput: SY143, SY144 the people's table is not as the data map says.
        """
        for root in self._layout.roots:
            there = self._sql.columns(root.table)
            kind = key_type(self._sql.dialect, self._type(root))
            if not there:
                self._create(root.table, {"person": f"{kind} PRIMARY KEY", **self._numbers})
            for column in self._numbers.keys() - there.keys() if there else ():
                add = f"{self._sql.quote(column)} BIGINT DEFAULT 0"
                self._sql.run(f"ALTER TABLE {self._sql.quote(root.table)} ADD COLUMN {add}")
        if not self._sql.columns(EPOCH_TABLE):
            self._create(EPOCH_TABLE, _EPOCH)
        self._sql.end(keep=True)

    @property
    def _numbers(self) -> dict[str, str]:
        return dict.fromkeys(self._layout.columns, "BIGINT DEFAULT 0")

    def _create(self, table: str, columns: Mapping[str, str]) -> None:
        body = ", ".join(f"{self._sql.quote(c)} {kind}" for c, kind in columns.items())
        self._sql.run(f"CREATE TABLE {self._sql.quote(table)} ({body})")

    def _type(self, root: Root) -> str:
        if root not in self._types:
            kind = self._sql.columns(root.of_table).get(root.of_column)
            if kind is None:
                raise InvalidInput(
                    f"there is no column `{root.of_table}.{root.of_column}`",
                    code="SY144",
                    hint="the data map and the database differ: `seiyaku check`",
                )
            self._types[root] = kind
        return self._types[root]

    def _typed(self, root: Root, key: str) -> Any | None:
        return typed_key(self._type(root), key)

    def _rows(self, root: Root, keys: Iterable[str] | None) -> dict[str, Row]:
        """Rows as they lie there, of these keys only where some are given."""
        q = self._sql.quote
        names = ", ".join(map(q, ("person", *self._layout.columns)))
        query = f"SELECT {names} FROM {q(root.table)}"  # noqa: S608 names are quoted
        if keys is None:
            return dict(pairs(self._sql.read(query)))
        typed = [t for k in keys if (t := self._typed(root, k)) is not None]
        found: dict[str, Row] = {}
        for at in range(0, len(typed), _AT_ONCE):
            some = typed[at : at + _AT_ONCE]
            marks = ", ".join([self._sql.mark] * len(some))
            found |= pairs(self._sql.read(f"{query} WHERE person IN ({marks})", some))
        return found

    def _write(self, root: Root, rows: Mapping[str, Row]) -> int:
        typed = ((self._typed(root, key), row) for key, row in rows.items())
        ready = [(key, *row) for key, row in typed if key is not None]
        self._sql.write(root.table, ("person", *self._layout.columns), ready)
        return len(ready)

    def _remove(self, root: Root, keys: Iterable[str]) -> int:
        typed = [self._typed(root, key) for key in keys]
        for at in range(0, len(typed), _AT_ONCE):
            some = typed[at : at + _AT_ONCE]
            marks = ", ".join([self._sql.mark] * len(some))
            gone = f"DELETE FROM {self._sql.quote(root.table)}"  # noqa: S608 names are quoted
            self._sql.run(f"{gone} WHERE person IN ({marks})", some)
        return len(typed)

    def _write_epoch(self, epoch: Epoch) -> None:
        items = canonical_json([list(slot) for slot in self._layout.slots]).decode()
        ends_at = None if epoch.until is None else int(epoch.until.timestamp())
        told = (items, self._layout.digest, epoch.version, epoch.change, ends_at)
        rows = [(name, *told) for name in self._layout.handlings]
        self._sql.write(EPOCH_TABLE, tuple(_EPOCH), rows)


@contextmanager
def _transaction(sql: Words, *, keep: bool) -> Iterator[None]:
    sql.begin()
    try:
        yield
    except BaseException:
        sql.end(keep=False)
        raise
    sql.end(keep=keep)

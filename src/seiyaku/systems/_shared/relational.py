"""A relational database as a company system, whatever the engine.

Rows of one person or ten thousand are found and acted on by whole sets, in one transaction
with a marker row that says what was done: the marker and the effect stand or fall together,
so an `apply` repeated after kill -9 changes nothing more and gives the recorded counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress

import sqlalchemy as sa

from seiyaku.datamap.expected import uncounted
from seiyaku.datamap.feasible import check_feasible
from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import (
    Action,
    Applied,
    Capabilities,
    DatasetRows,
    Handles,
    Located,
    Step,
    TableSurface,
    Value,
)
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.systems._shared.acting import apply_program
from seiyaku.systems._shared.carrying import act
from seiyaku.systems._shared.engine import Asked, Engine
from seiyaku.systems._shared.finding import find_program
from seiyaku.systems._shared.marker import claim, mark
from seiyaku.systems._shared.pool import Pool
from seiyaku.systems._shared.programs import Programs
from seiyaku.systems._shared.reading import Passing, again_program, export_program, typed
from seiyaku.systems._shared.text import shown, whole
from seiyaku.systems._shared.walking import counted, counts_of, handles_of, walk

MANY = 1_000_000
"""Rows of a column nobody has counted: the answer is taken for a long one."""


class RelationalSystem:
    """One database. Safe to share between threads."""

    def __init__(self, engine: Engine, entry: SystemEntry) -> None:
        self._engine, self._entry = engine, entry
        self._pool = Pool(engine)
        self._programs = Programs(engine, entry)

    @property
    def id(self) -> SystemId:
        return self._engine.id

    @property
    def capabilities(self) -> Capabilities:
        return self._engine.capabilities()

    def surface(self) -> tuple[TableSurface, ...]:
        with self._pool.transaction(write=False) as connection:
            return self._programs.at(connection).schema.surface()

    def texts(self, table: str, column: str) -> Iterator[tuple[str, str]]:
        with self._pool.alone() as connection:
            connection.begin(write=False)
            where = f"{self.id}.{table}"
            found = self._programs.at(connection).schema.table(table, [column], where)
            source = sa.table(table, *(sa.column(c) for c in (*found.row_id, *found.columns)))
            key = found.key or found.row_id
            select = sa.select(*(source.c[c] for c in key), source.c[column])
            filled = select.where(source.c[column].is_not(None))
            asked = Asked(self._engine.dialect.text(filled), MANY)
            read = self._engine.reader_for(found.columns[column].type) or whole
            with closing(connection.streams([asked])) as given:
                for *keys, text in next(given):
                    yield "/".join(shown(k) for k in keys), whole(read(text))

    def locate(self, steps: Sequence[Step], handles: Handles) -> Located:
        with self._pool.transaction(write=False) as connection:
            key = ("find", tuple(steps))
            find = self._programs.at(connection).get(key, lambda f: find_program(f, steps))
            walk(connection, find, handles)
            owned, referring = counts_of(connection, find.owned, find.referring)
            return Located(owned, referring, handles_of(connection, find))

    def export(self, steps: Sequence[Step], handles: Handles) -> Iterator[DatasetRows]:
        """Every owned row, all of one moment, read from the database as it is taken."""
        with self._pool.transaction(write=False) as connection:
            key = ("export", tuple(steps))
            program = self._programs.at(connection).get(key, lambda f: export_program(f, steps))
            walk(connection, program.find, handles)
            (counts,) = counts_of(connection, program.find.owned)
            selects = [s for s in program.selects if counts[s.dataset]]
            asked = [Asked(s.text, counts[s.dataset], s.files) for s in selects]
            given = connection.streams(asked)
            with suppress(GeneratorExit), closing(given):  # who has seen enough may go
                for select, stream in zip(selects, given, strict=True):
                    readers = [self._engine.reader_for(t) for t in select.types]
                    with Passing(typed(readers, stream)) as rows:
                        yield DatasetRows(select.dataset, select.columns, rows)

    def read_again(self, steps: Sequence[Step], handles: Handles) -> Mapping[DatasetId, int]:
        with self._pool.transaction(write=False) as connection:
            key = ("again", tuple(steps))
            program = self._programs.at(connection).get(key, lambda f: again_program(f, steps))
            walk(connection, program.find, handles, program.own)
            found = counted(connection, [count for _, count in program.counts])
            return dict(zip((d for d, _ in program.counts), found, strict=True))

    def apply(
        self,
        run: RunId,
        actions: Sequence[Action],
        handles: Handles,
        values: Mapping[tuple[DatasetId, str], Value] | None = None,
    ) -> Applied:
        """Do `actions` in one transaction, once for each `run`.

        Raises:
            Conflict: SY502 the rows are not those the plan counted, SY503 a rule of the
                database stands against it, SY504 rows no action speaks of point at rows
                that would go, SY505 the run did something else before.
        """
        dialect = self._engine.dialect
        new, named = values or {}, sha256_hex(repr(tuple(actions)).encode())
        with self._pool.transaction(write=True) as connection:
            before = claim(connection, dialect, self.id, run, named)
            if before is not None:
                return before
            written = self._programs.at(connection)
            check_feasible(self._entry, written.schema.surface(), actions)
            to_set = tuple(new)
            plain = uncounted(actions)
            program = written.get(
                ("apply", plain, to_set), lambda f: apply_program(f, plain, to_set)
            )
            applied = act(connection, program, actions, handles, new)
            mark(connection, dialect, run, applied)
        return applied

    def close(self) -> None:
        self._pool.close()

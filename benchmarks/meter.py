"""What a request costs part by part: statements, processor time and writings forced to the disk.

Calls are counted where one part hands over to another, in the thread that makes the request.
What a part does itself counts for it; what it calls for counts for the other.
"""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import wraps
from typing import Any
from unittest import mock

import psycopg
import sqlalchemy as sa

from seiyaku.app import steps
from seiyaku.app.durable import Worker
from seiyaku.app.packages import write_package
from seiyaku.app.self_map import OWN
from seiyaku.app.steps import Steps
from seiyaku.evidence import Log
from seiyaku.store.prepared import Statements
from seiyaku.store.store import Store
from seiyaku.systems._shared.relational import RelationalSystem

DRIVER, OWN_STORE, DBOS, EVIDENCE, PACKAGE, REST = PARTS = (
    "driver",
    "own store",
    "DBOS",
    "evidence",
    "package",
    "the rest",
)


class Meter:
    """Figures of everything done while it is `on`.

    Args:
        cpu_s: processor seconds of each part. statements: sent by each part.
        syncs: writings forced to the disk by this process.
    """

    def __init__(self) -> None:
        self.cpu_s: defaultdict[str, float] = defaultdict(float)
        self.statements: Counter[str] = Counter()
        self.syncs: Counter[str] = Counter()
        self._stack: list[str] = []
        self._since = 0.0
        self._changed = False

    @contextmanager
    def on(self) -> Iterator[Meter]:
        """Measure; nothing is left behind."""
        with ExitStack() as stack:
            for owner, name, wrapped in self._wrapped():
                stack.enter_context(mock.patch.object(owner, name, wrapped))
            sa.event.listen(sa.Engine, "before_cursor_execute", self._dbos_statement)
            stack.callback(
                sa.event.remove, sa.Engine, "before_cursor_execute", self._dbos_statement
            )
            self._since = time.thread_time()
            with self._part(REST):
                yield self

    @contextmanager
    def _part(self, part: str) -> Iterator[None]:
        self._turn()
        self._stack.append(part)
        try:
            yield
        finally:
            self._turn()
            self._stack.pop()

    def _turn(self) -> None:
        now = time.thread_time()
        if self._stack:
            self.cpu_s[self._stack[-1]] += now - self._since
        self._since = now

    def _wrapped(self) -> Iterator[tuple[Any, str, Callable[..., Any]]]:
        for name in ("surface", "locate", "apply", "read_again"):
            yield RelationalSystem, name, self._timed(getattr(RelationalSystem, name), _side)
        yield RelationalSystem, "export", self._exporting(RelationalSystem.export)
        for name in ("intend", "act", "look", "tell", "export", "conclude"):
            yield Steps, name, self._timed(getattr(Steps, name), REST)
        yield Worker, "run", self._timed(Worker.run, DBOS)
        yield Log, "append", self._timed(Log.append, EVIDENCE)
        yield steps, "write_package", self._timed(write_package, PACKAGE)
        yield Statements, "query", self._stating(Statements.query)
        yield Statements, "change", self._stating(Statements.change, changes=True)
        yield Store, "together", self._together(Store.together)
        yield psycopg.Cursor, "execute", self._counting(psycopg.Cursor.execute)
        yield os, "fsync", self._syncing(os.fsync)
        yield os, "fdatasync", self._syncing(os.fdatasync)

    def _timed(
        self, call: Callable[..., Any], part: str | Callable[[Any], str]
    ) -> Callable[..., Any]:
        @wraps(call)
        def timed(first: Any, *args: Any, **named: Any) -> Any:
            with self._part(part if isinstance(part, str) else part(first)):
                return call(first, *args, **named)

        return timed

    def _exporting(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def exporting(system: Any, *args: Any) -> Generator[Any, None, None]:
            inner = call(system, *args)
            try:
                for one in self._read(inner, _side(system)):
                    yield replace(one, rows=self._read(one.rows, _side(system)))
            finally:
                inner.close()

        return exporting

    def _read(self, found: Iterable[Any], part: str) -> Iterator[Any]:
        reading, end = iter(found), object()
        while True:
            with self._part(part):
                one = next(reading, end)
            if one is end:
                return
            yield one

    def _stating(self, call: Callable[..., Any], *, changes: bool = False) -> Callable[..., Any]:
        def stating(*args: Any) -> Any:
            self.statements[OWN_STORE] += 1
            self._changed = self._changed or changes
            with self._part(OWN_STORE):
                return call(*args)

        return stating

    def _together(self, call: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def together(store: Store) -> Iterator[Any]:
            inner, outermost = call(store), store._open.get() is None
            with self._part(OWN_STORE):
                connection = inner.__enter__()
            try:
                yield connection
            except BaseException as error:
                inner.__exit__(type(error), error, error.__traceback__)
                raise
            with self._part(OWN_STORE):
                inner.__exit__(None, None, None)
            if outermost:
                self.syncs[OWN_STORE] += self._changed
                self._changed = False

        return together

    def _counting(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **named: Any) -> Any:
            self.statements[DRIVER] += 1
            return call(*args, **named)

        return counting

    def _syncing(self, call: Callable[[int], None]) -> Callable[[int], None]:
        def syncing(descriptor: int) -> None:
            self.syncs[PACKAGE if PACKAGE in self._stack else EVIDENCE] += 1
            call(descriptor)

        return syncing

    def _dbos_statement(self, *_: Any) -> None:
        self.statements[DBOS] += 1


def _side(system: Any) -> str:
    return OWN_STORE if system.id == OWN else DRIVER

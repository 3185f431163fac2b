"""Connections of one database, kept for the next call."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.systems._shared.engine import Connection, Engine


class Pool:
    """At most `engine.at_once` connections, each used by one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._free = threading.BoundedSemaphore(engine.at_once)
        self._idle: list[Connection] = []

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Connection]:
        """A transaction: committed at the end, undone and the connection let go on any error."""
        with self._free, self._engine.translated():
            connection = self._begun(write=write)
            try:
                yield connection
                connection.commit()
                if write:
                    self._engine.settle(connection)
            except BaseException:
                connection.drop()
                raise
            if connection.spent:
                connection.drop()
            else:
                self._idle.append(connection)

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """A connection of its own, outside of the pool."""
        with self._engine.translated():
            connection = self._engine.connect()
            try:
                yield connection
            finally:
                connection.drop()

    @property
    def idle(self) -> tuple[Connection, ...]:
        """Connections nobody uses."""
        return tuple(self._idle)

    def close(self) -> None:
        """Let go of the connections nobody uses."""
        while self._idle:
            self._idle.pop().drop()

    def _begun(self, *, write: bool) -> Connection:
        """A kept connection, or a new one where there is none or it was cut off meanwhile."""
        while self._idle:
            kept = self._idle.pop()
            try:
                with self._engine.translated():
                    kept.begin(write=write)
            except SystemUnavailable as error:
                kept.drop()
                if error.code != "SY304":
                    raise
            else:
                return kept
        return self._opened(write=write)

    def _opened(self, *, write: bool) -> Connection:
        connection = self._engine.connect()
        try:
            connection.begin(write=write)
        except BaseException:
            connection.drop()
            raise
        return connection

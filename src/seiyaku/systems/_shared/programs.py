"""Statements kept by what they were written for, as long as the schema stays."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar

from seiyaku.datamap.model import SystemEntry
from seiyaku.systems._shared.engine import Connection, Engine
from seiyaku.systems._shared.schema import SqlSchema
from seiyaku.systems._shared.sql import Frame, Temps

Program = TypeVar("Program")
_MOST = 200
"""Programs kept; an installation has a few dozen kinds of plan."""


class Programs:
    """The schema as last read, and what was written against it."""

    def __init__(self, engine: Engine, entry: SystemEntry) -> None:
        self._engine, self._entry = engine, entry
        self._lock = threading.Lock()
        self._temps = Temps()
        self._last: tuple[object, Written] | None = None

    def at(self, connection: Connection) -> Written:
        """What is written against the schema as it is now."""
        version = connection.version()
        with self._lock:
            if self._last is None or self._last[0] != version:
                schema, dialect = connection.schema(), self._engine.dialect
                frame = Frame(self._engine.id, self._entry, schema, dialect, self._temps)
                self._last = version, Written(frame, self._lock)
            return self._last[1]


class Written:
    """One state of the schema, and the programs written against it."""

    def __init__(self, frame: Frame, lock: threading.Lock) -> None:
        self._frame, self._lock = frame, lock
        self._made: dict[Hashable, object] = {}

    @property
    def schema(self) -> SqlSchema:
        return self._frame.schema

    def get(self, key: Hashable, write: Callable[[Frame], Program]) -> Program:
        """The program under `key`, written by `write` where there is none."""
        with self._lock:
            found = self._made.get(key)
            if found is None:
                if len(self._made) > _MOST:
                    self._made.clear()
                found = self._made[key] = write(self._frame)
        return found  # type: ignore[return-value]

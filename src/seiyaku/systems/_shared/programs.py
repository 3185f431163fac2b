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
    """The schema as last read, and the programs written against it."""

    def __init__(self, engine: Engine, entry: SystemEntry) -> None:
        self._engine, self._entry = engine, entry
        self._lock = threading.Lock()
        self._temps = Temps()
        self._schema: tuple[object, SqlSchema] | None = None
        self._made: dict[Hashable, object] = {}

    def schema(self, connection: Connection) -> SqlSchema:
        """The schema as it is now."""
        version = connection.version()
        with self._lock:
            if self._schema is None or self._schema[0] != version:
                self._schema = (version, connection.schema())
                self._made.clear()
            return self._schema[1]

    def get(
        self, connection: Connection, key: Hashable, write: Callable[[Frame], Program]
    ) -> Program:
        """The program under `key`, written by `write` where there is none."""
        schema = self.schema(connection)
        with self._lock:
            found = self._made.get(key)
            if found is None:
                if len(self._made) > _MOST:
                    self._made.clear()
                frame = Frame(
                    self._engine.id, self._entry, schema, self._engine.dialect, self._temps
                )
                found = self._made[key] = write(frame)
        return found  # type: ignore[return-value]

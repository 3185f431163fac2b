"""What connections of different databases do alike; see `engine.Connection`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from seiyaku.datamap.system import Value
from seiyaku.systems._shared.sql import Dialect, Temp

Raw = TypeVar("Raw")
"""The driver's own connection."""


class Session(ABC, Generic[Raw]):
    """One connection whose statements go to the database one by one."""

    dialect: ClassVar[Dialect]

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.made: set[str] = set()
        self.spent = False

    @abstractmethod
    def rows(self, statement: str, parameters: Sequence[Value] = ()) -> list[Any]: ...

    @abstractmethod
    def change(self, statement: str, parameters: Sequence[Value] = ()) -> int: ...

    def rows_each(self, statements: Sequence[str]) -> list[list[Any]]:
        return [self.rows(s) for s in statements]

    def run(self, statements: Sequence[str]) -> int:
        return sum(max(self.change(s), 0) for s in statements)

    def empty(self, temps: Sequence[Temp]) -> None:
        for temp in temps:
            if temp.name in self.made:
                self.change(f"DELETE FROM {temp.name}")  # noqa: S608
            else:
                self.change(self.dialect.temp_ddl(temp))
                self.made.add(temp.name)

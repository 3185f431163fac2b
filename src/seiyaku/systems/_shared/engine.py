"""What a relational system needs of its database: connections, and what its errors mean."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from seiyaku.datamap.system import Capabilities, Row, Value
from seiyaku.kernel.ids import SystemId
from seiyaku.systems._shared.schema import SqlSchema
from seiyaku.systems._shared.sql import Dialect, Temp

MARKER = "seiyaku_applied"
"""Table in the company's own database whose rows say which runs took effect there."""


Streams = Generator[Iterator[Any], None, None]
"""Answers, one after another; closed when nobody wants the rest."""


@dataclass(frozen=True)
class Asked:
    """A query whose answer is taken row by row.

    Args:
        rows: how many it will give. files: a value may be as large as a file.
    """

    statement: str
    rows: int
    files: bool = False


class Connection(Protocol):
    """One connection; errors of the driver come as they are.

    Attributes:
        made: names of the temporary tables that exist on it.
        spent: it is not worth keeping for another transaction.
    """

    made: set[str]
    spent: bool

    def begin(self, *, write: bool) -> None:
        """Start a transaction that sees one moment; the marker table exists when it writes."""
        ...

    def commit(self) -> None: ...

    def drop(self) -> None:
        """Undo what is open and let go; never raises."""
        ...

    def version(self) -> object:
        """Something that differs once the schema has changed."""
        ...

    def schema(self) -> SqlSchema:
        """Every table but the marker."""
        ...

    def rows(self, statement: str, parameters: Sequence[Value] = ()) -> list[Any]:
        """What a query gives, as the driver gives it."""
        ...

    def rows_each(self, statements: Sequence[str]) -> list[list[Any]]:
        """What each of several queries gives."""
        ...

    def streams(self, asked: Sequence[Asked]) -> Streams:
        """What each of several queries gives, all of one moment, and none of it held whole.

        The rows of one are taken before the next is asked for.
        """
        ...

    def change(self, statement: str, parameters: Sequence[Value]) -> int:
        """Rows changed by a statement with parameters."""
        ...

    def run(self, statements: Sequence[str]) -> int:
        """Run statements that give nothing back; rows changed by all of them."""
        ...

    def empty(self, temps: Sequence[Temp]) -> None:
        """Make temporary tables that do not exist yet, and empty the others."""
        ...

    def seed(self, given: Sequence[tuple[Temp, Collection[Row]]]) -> None:
        """Put values into temporary tables; what cannot be of its type finds nobody."""
        ...


@dataclass(frozen=True)
class Engine:
    """One database.

    Args:
        connect: a new connection. translated: raises the driver's errors as ours.
        at_once: how many transactions may run side by side.
        capabilities: what can be done there, as of now.
        settle: what is done after an apply took effect.
        readers: how a column of a declared type is read from what the driver gives; None
            where it stays as it is.
    """

    id: SystemId
    dialect: Dialect
    connect: Callable[[], Connection]
    translated: Callable[[], AbstractContextManager[None]]
    capabilities: Callable[[], Capabilities]
    at_once: int = 1
    settle: Callable[[Connection], None] = lambda _: None
    reader_for: Callable[[str], Callable[[Any], Value] | None] = lambda _: None

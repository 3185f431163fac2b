"""A database behind a server as a company system: what PostgreSQL, MariaDB and MySQL share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from seiyaku.datamap.system import Capabilities, Value
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import SystemId
from seiyaku.systems._shared.engine import Connection, Engine
from seiyaku.systems._shared.sql import Dialect

AT_ONCE = 8
_COVERS = ("rows", "references of other people's rows")


@dataclass(frozen=True)
class Limits:
    """How long we wait, and how much is held locked.

    Args:
        timeout_s: seconds to wait for a connection or a lock.
        statement_s: seconds one statement may take.
        rows_at_once: rows a transaction on many people should touch at most; None: any.
    """

    timeout_s: float = 5.0
    statement_s: float = 600.0
    rows_at_once: int | None = None


def served(
    system: str,
    dialect: Dialect,
    connect: Callable[[], Connection],
    translated: Callable[[str], AbstractContextManager[None]],
    limits: Limits,
    excludes: tuple[str, ...],
    reader_for: Callable[[str], Callable[[Any], Value] | None] = lambda _: None,
) -> Engine:
    """A database of a server.

    Args:
        excludes: what reading again does not see there. The rest is as in `Engine`.
    """
    can = Capabilities(
        transactional=True, covers=_COVERS, excludes=excludes, rows_at_once=limits.rows_at_once
    )
    return Engine(
        id=SystemId(system),
        dialect=dialect,
        connect=connect,
        translated=lambda: translated(system),
        capabilities=lambda: can,
        at_once=AT_ONCE,
        reader_for=reader_for,
    )


def no_address(system: str, name: str, example: str) -> InvalidInput:
    """The url of `system` leads to no database of this kind."""
    return InvalidInput(
        f"`{system}`: its url is no address of a {name} database",
        code="SY173",
        hint=f"write it as {example}",
    )

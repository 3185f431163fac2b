"""A database of MariaDB or MySQL as a company system: what both have in common."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import Capabilities
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import SystemId
from seiyaku.systems._mariadb_connection import MariadbConnection, opened
from seiyaku.systems._mariadb_errors import translated
from seiyaku.systems._mariadb_values import reader_for
from seiyaku.systems._shared.engine import Engine
from seiyaku.systems._shared.relational import RelationalSystem

AT_ONCE = 8
STATEMENT_S = 600.0
_COVERS = ("rows", "references of other people's rows")
_EXCLUDES = ("undo log until purge", "binary log", "replicas", "backups")


@dataclass(frozen=True)
class Flavour:
    """What tells one of the two from the other.

    Args:
        name: what the server calls itself. mode: words of the SQL mode beside the common ones.
        connection: how it is spoken to.
        ends: the setting that ends a long statement, after how many seconds.
    """

    name: str
    mode: str
    connection: type[MariadbConnection]
    ends: Callable[[float], tuple[str, str]]


class FamilySystem(RelationalSystem):
    """One database. Safe to share between threads.

    Args:
        system: its id in the data map. entry: its declaration there.
        url: ``mariadb://user@host:3306/database``, or with ``?unix_socket=``; no password.
        timeout_s: seconds to wait for a connection or a lock.
        statement_s: seconds one statement may take.
        rows_at_once: rows a transaction on many people should hold locked at most.
    """

    flavour: ClassVar[Flavour]

    def __init__(
        self,
        system: str,
        entry: SystemEntry,
        url: str,
        *,
        secret: str | None = None,
        timeout_s: float = 5.0,
        statement_s: float = STATEMENT_S,
        rows_at_once: int | None = None,
    ) -> None:
        flavour, seconds = self.flavour, str(max(1, math.ceil(timeout_s)))
        lies = {
            **_place(system, url, flavour.name),
            "password": secret or "",
            "connect_timeout": timeout_s,
            "read_timeout": statement_s + timeout_s,
        }
        settings = dict([flavour.ends(statement_s)])
        settings |= {
            "sql_mode": f"'STRICT_ALL_TABLES,PIPES_AS_CONCAT,NO_ENGINE_SUBSTITUTION{flavour.mode}'",
            "time_zone": "'+00:00'",
            "innodb_lock_wait_timeout": seconds,
            "lock_wait_timeout": seconds,
        }
        engine = Engine(
            id=SystemId(system),
            dialect=flavour.connection.dialect,
            connect=lambda: flavour.connection(opened(system, lies, settings, flavour.name)),
            translated=lambda: translated(system),
            capabilities=lambda: Capabilities(
                transactional=True,
                covers=_COVERS,
                excludes=_EXCLUDES,
                rows_at_once=rows_at_once,
            ),
            at_once=AT_ONCE,
            reader_for=reader_for,
        )
        super().__init__(engine, entry)


def _place(system: str, url: str, name: str) -> dict[str, Any]:
    try:
        found = sa.make_url(url)
    except sa.exc.ArgumentError:
        found = None
    if found is None or not found.database:
        raise InvalidInput(
            f"`{system}`: its url is no address of a {name} database",
            code="SY173",
            hint=f"write it as {name.lower()}://user@host:3306/database",
        )
    place = {"user": found.username, "database": found.database, "charset": "utf8mb4"}
    if "unix_socket" in found.query:
        return {**place, "unix_socket": found.query["unix_socket"]}
    return {**place, "host": found.host or "localhost", "port": found.port or 3306}

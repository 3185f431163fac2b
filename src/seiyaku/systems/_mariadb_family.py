"""A database of MariaDB or MySQL as a company system: what both have in common."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa

from seiyaku.datamap.model import SystemEntry
from seiyaku.systems._mariadb_connection import MariadbConnection, opened
from seiyaku.systems._mariadb_errors import translated
from seiyaku.systems._mariadb_values import reader_for
from seiyaku.systems._shared.relational import RelationalSystem
from seiyaku.systems._shared.served import Limits, no_address, served

_LIMITS = Limits()
_EXCLUDES = ("other databases", "undo log until purge", "binary log", "replicas", "backups")


@dataclass(frozen=True)
class Flavour:
    """What tells one of the two from the other.

    Args:
        name: what the server calls itself. mode: words of the SQL mode beside the common ones.
        connection: how it is spoken to.
        settings: of a session, beside the common ones, from the seconds a statement may take.
    """

    name: str
    mode: str
    connection: type[MariadbConnection]
    settings: Callable[[float], Mapping[str, str]]


class FamilySystem(RelationalSystem):
    """One database. Safe to share between threads.

    Args:
        system: its id in the data map. entry: its declaration there.
        url: ``mariadb://user@host:3306/database``, or with ``?unix_socket=``; no password.
        secret: the password.
    """

    flavour: ClassVar[Flavour]

    def __init__(
        self,
        system: str,
        entry: SystemEntry,
        url: str,
        *,
        secret: str | None = None,
        limits: Limits = _LIMITS,
    ) -> None:
        flavour, seconds = self.flavour, str(max(1, math.ceil(limits.timeout_s)))
        lies = {
            **_place(system, url, flavour.name),
            "password": secret or "",
            "connect_timeout": limits.timeout_s,
            "read_timeout": limits.statement_s + limits.timeout_s,
        }
        settings = {
            **flavour.settings(limits.statement_s),
            "sql_mode": f"'STRICT_ALL_TABLES,PIPES_AS_CONCAT,NO_ENGINE_SUBSTITUTION{flavour.mode}'",
            "time_zone": "'+00:00'",
            "innodb_lock_wait_timeout": seconds,
            "lock_wait_timeout": seconds,
            "net_write_timeout": str(math.ceil(limits.statement_s)),  # an answer is taken slowly
        }
        engine = served(
            system,
            flavour.connection.dialect,
            lambda: flavour.connection(opened(system, lies, settings, flavour.name)),
            translated,
            limits,
            _EXCLUDES,
            reader_for,
        )
        super().__init__(engine, entry)


def _place(system: str, url: str, name: str) -> dict[str, Any]:
    try:
        found = sa.make_url(url)
    except sa.exc.ArgumentError:
        found = None
    if found is None or not found.database:
        raise no_address(system, name, f"{name.lower()}://user@host:3306/database")
    place = {"user": found.username, "database": found.database, "charset": "utf8mb4"}
    if "unix_socket" in found.query:
        return {**place, "unix_socket": found.query["unix_socket"]}
    return {**place, "host": found.host or "localhost", "port": found.port or 3306}

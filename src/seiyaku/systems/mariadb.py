"""A MariaDB database as a company system; see `_shared.relational`.

An act reads with locks (REPEATABLE READ), so that what it counted is what it changes; reading
alone locks nobody out, and each of its statements sees its own moment (READ COMMITTED).
MySQL is a system of its own (`mysql`): it looks the same and is not.
"""

from __future__ import annotations

from seiyaku.systems._mariadb_connection import MariadbConnection
from seiyaku.systems._mariadb_family import FamilySystem, Flavour


class MariadbSystem(FamilySystem):
    """One MariaDB database; its arguments are those of `FamilySystem`."""

    flavour = Flavour(
        name="MariaDB",
        mode=",SIMULTANEOUS_ASSIGNMENT",
        connection=MariadbConnection,
        settings=lambda seconds: {"max_statement_time": str(seconds)},
    )

"""A MySQL database as a company system; see `_shared.relational` and `mariadb`.

What differs from MariaDB: a temporary table is opened once in a statement (`_mysql_temps`),
columns are set one after another (`_mysql_dialect`), and the server ends long readings alone: a
change that takes longer than it may is given up by us, and undone.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

import pymysql

from seiyaku.datamap.system import Row
from seiyaku.systems._mariadb_connection import MariadbConnection
from seiyaku.systems._mariadb_family import FamilySystem, Flavour
from seiyaku.systems._mysql_dialect import MysqlDialect
from seiyaku.systems._mysql_temps import Copies
from seiyaku.systems._shared.sql import Temp


class _MysqlConnection(MariadbConnection):
    dialect: ClassVar = MysqlDialect()

    def __init__(self, raw: pymysql.Connection[Any]) -> None:
        super().__init__(raw)
        self._copies = Copies(raw.query)

    def _seed(self, temp: Temp, rows: Collection[Row]) -> None:
        super()._seed(temp, rows)
        self._copies.written(temp.name)

    def _ready(self, statement: str) -> str:
        return self._copies.ready(statement)


def _settings(statement_s: float) -> dict[str, str]:
    """Counting few rows with several threads takes a hundred times as long as with one."""
    milliseconds = str(int(statement_s * 1000))
    return {"max_execution_time": milliseconds, "innodb_parallel_read_threads": "1"}


class MysqlSystem(FamilySystem):
    """One MySQL database, 8.0.23 or later; its arguments are those of `FamilySystem`."""

    flavour = Flavour(
        name="MySQL",
        mode="",
        connection=_MysqlConnection,
        settings=_settings,
    )

"""Real servers for tests: one of each in a session, one new database for each test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from seiyaku.kernel.errors import InvalidInput
from seiyaku.testing.servers import Database, Server, mariadb_server, mysql_server, postgres_server


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mysql: needs a MySQL, which not every machine can have")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A running PostgreSQL, started at its first use."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """A running MariaDB, started at its first use."""
    with mariadb_server() as server:
        yield server


@pytest.fixture(scope="session")
def mysql() -> Iterator[Server]:
    """A running MySQL, started at its first use; its tests skip, saying so, without it."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(mysql_server())
        except InvalidInput as error:
            pytest.skip(f"{error}")
        yield server


@pytest.fixture
def postgres_database(postgres: Server) -> Iterator[Database]:
    """A new, empty database of PostgreSQL."""
    with postgres.database() as database:
        yield database


@pytest.fixture
def mariadb_database(mariadb: Server) -> Iterator[Database]:
    """A new, empty database of MariaDB."""
    with mariadb.database() as database:
        yield database


@pytest.fixture
def mysql_database(mysql: Server) -> Iterator[Database]:
    """A new, empty database of MySQL."""
    with mysql.database() as database:
        yield database

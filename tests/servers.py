"""Real servers for tests: one of each in a session, one new database for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from seiyaku.testing.servers import Database, Server, mariadb_server, postgres_server


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

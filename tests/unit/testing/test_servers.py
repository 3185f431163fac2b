"""Throw-away servers are real, apart from each other, and gone after."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from seiyaku.kernel.errors import InvalidInput
from seiyaku.testing import servers
from seiyaku.testing.servers import Database, Server


def _one(database: Database, statement: str) -> object:
    with database.engine().connect() as connection:
        return connection.exec_driver_sql(statement).scalar_one()


def test_postgres_runs_and_its_databases_are_apart(postgres: Server) -> None:
    with postgres.database() as one, postgres.database() as other:
        one.run("CREATE TABLE t (x int)", "INSERT INTO t VALUES (7)")
        assert _one(one, "SELECT x FROM t") == 7
        assert not sa.inspect(other.engine()).has_table("t")
    assert (
        _one(postgres.root, f"SELECT count(*) FROM pg_database WHERE datname = '{one.name}'") == 0
    )


def test_mariadb_runs_and_its_databases_are_apart(mariadb: Server) -> None:
    with mariadb.database() as one, mariadb.database() as other:
        one.run("CREATE TABLE t (x int)", "INSERT INTO t VALUES (7)")
        assert _one(one, "SELECT x FROM t") == 7
        assert not sa.inspect(other.engine()).has_table("t")


@pytest.mark.mysql
def test_mysql_runs_and_is_no_mariadb(mysql_database: Database) -> None:
    mysql_database.run("CREATE TABLE t (x int)", "INSERT INTO t VALUES (7)")
    assert _one(mysql_database, "SELECT x FROM t") == 7
    assert "MariaDB" not in str(_one(mysql_database, "SELECT VERSION()"))


def test_a_role_of_the_server_connects_as_itself(postgres_database: Database) -> None:
    role = f"visitor_{postgres_database.name}"
    postgres_database.run(f"CREATE ROLE {role} LOGIN")
    try:
        assert _one(postgres_database.as_user(role), "SELECT current_user") == role
    finally:
        postgres_database.run(f"DROP ROLE {role}")


def test_a_server_leaves_no_folder_behind() -> None:
    with servers.postgres_server() as server:
        folder = server.root.socket
        assert folder.is_dir()
    assert not folder.exists()


def test_a_missing_server_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(InvalidInput) as told:
        servers._program("no-such-server")
    assert told.value.code == "SY140"
    assert "tools/servers.sh" in told.value.hint()

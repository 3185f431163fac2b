"""What the query door does not understand it refuses, quickly, and without telling values."""

from __future__ import annotations

import time

import pytest

from differential.sqlworld import HANDLINGS, closm
from seiyaku.doors.sql import SqlDoor
from seiyaku.kernel.errors import NotPermitted

SERVICE = HANDLINGS[0]
ANYWHERE = (
    "",
    "SELECT 1; DROP TABLE users",
    "DROP TABLE users",
    "TRUNCATE users",
    "GRANT SELECT ON users TO x",
    "SET x = 1",
    "EXPLAIN SELECT * FROM users",
    "SELECT * FROM seiyaku_permits_users",
    "SELECT * FROM users WHERE id IN (SELECT person FROM seiyaku_permits_users)",
    "SELECT * FROM secret",
    "SELECT * FROM elsewhere.users",
    "SELECT * FROM a.b.users",
    "SELECT elsewhere.users.email FROM users",
    "WITH x AS (DELETE FROM users RETURNING *) SELECT * FROM x",
    "MERGE INTO users USING posts ON users.id = posts.id WHEN MATCHED THEN DELETE",
    "SELECT load_extension('x')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT unheard_of(email) FROM users",
    "SELECT * FROM users\x00",
    "SELECT current_user",
    "CREATE VIEW v AS SELECT * FROM users",
    "CREATE TABLE seiyaku_permits_users AS SELECT 1",
    "CREATE TEMPORARY TABLE users AS SELECT 1",
    "CREATE TABLE x (a int)",
    "INSERT INTO seiyaku_permits_users SELECT 1",
    "UPDATE seiyaku_permits_users SET service = 0",
    "DELETE FROM seiyaku_permits_epoch",
    "INSERT INTO users (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET nickname = users.email",
    "INSERT INTO users (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 1 RETURNING email",
    "UPDATE users SET unmapped = 1",
    "UPDATE users SET nickname = email RETURNING *",
    "SELECT * FROM u\u017fers",
    "SELECT * FROM user\uff53",
    "SELECT * FROM \u212aeys",
)
IN_DIALECT = {
    "sqlite": (
        "PRAGMA table_info(users)",
        "ATTACH 'x' AS y",
        "VACUUM INTO 'x'",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM pragma_table_info('users')",
        "SELECT * FROM users WHERE id IN seiyaku_permits_users",
        "SELECT * FROM users INDEXED BY x",
        "SELECT * FROM temp.users",
        "SELECT readfile('x')",
        "SELECT * FROM fsdir('.')",
        "REPLACE INTO users SELECT * FROM users",
    ),
    "postgres": (
        "COPY users TO STDOUT",
        "COPY (SELECT 1) TO PROGRAM 'x'",
        "SELECT * FROM pg_stats",
        "SELECT * FROM pg_catalog.pg_class",
        "SELECT * FROM information_schema.columns",
        "SELECT * FROM dblink('x', 'y')",
        "SELECT 'users'::regclass",
        "SELECT * FROM ONLY users",
        "SELECT * FROM users TABLESAMPLE SYSTEM (10)",
        "SELECT query_to_xml('select * from users', true, true, '')",
        "SELECT lo_import('x')",
        "SELECT set_config('x', 'y', false)",
        "SELECT * INTO t FROM users",
        "DO $$ BEGIN END $$",
        "PREPARE a AS SELECT 1",
        "EXECUTE a",
        "DECLARE c CURSOR FOR SELECT 1",
        "SELECT pg_catalog.pg_read_file('x')",
        'SELECT * FROM "Users"',
        "SELECT U&'a\\0041'",
        "SELECT E'a\\'; DROP TABLE users; --'",
        "LOCK TABLE users",
        "SELECT * FROM users WHERE id OPERATOR(pg_catalog.=) 'x'",
        "SELECT pg_sleep(10)",
        "SELECT nextval('x')",
    ),
    "mariadb": (
        "SELECT * FROM mysql.user",
        "LOAD DATA INFILE 'x' INTO TABLE users",
        "SELECT * INTO OUTFILE 'x' FROM users",
        "SELECT load_file('x')",
        "SELECT @@version",
        "SELECT @x := 1",
        "SELECT sleep(10)",
        "SELECT 'a\\' UNION SELECT 1 -- '",
        "SELECT * FROM users PARTITION (p0)",
        "SHOW TABLES",
    ),
    "duckdb": (
        "SELECT * FROM 'f.csv'",
        "SELECT * FROM read_csv('x')",
        "SELECT * FROM read_parquet('x')",
        "SELECT getenv('x')",
        "INSTALL x",
        "ATTACH 'x'",
        "SELECT * FROM duckdb_tables()",
        "COPY users TO 'x'",
        "SELECT * FROM query('select * from users')",
        "SELECT * FROM query_table('users')",
        "SUMMARIZE users",
        "PIVOT users ON id",
        "SELECT * FROM glob('*')",
        "SELECT * FROM users USING SAMPLE 10",
    ),
}
EXHAUSTING = (
    "SELECT " + "(" * 5000 + "1" + ")" * 5000,
    "SELECT " + "NOT " * 15_000 + "1",
    "SELECT " + "- " * 15_000 + "1",
    "SELECT " + "CASE " * 5000 + "1",
    "SELECT " + "a." * 5000 + "b",
    "SELECT * FROM " + "users JOIN " * 40 + "users",
    "SELECT * FROM users" + " LEFT JOIN users" * 40 + " ON 1 = 1" * 40,
    "SELECT 1::" + "struct<a " * 15_000,
    "SELECT " + "x" * 1_000_000,
    "SELECT * FROM users WHERE id IN (" + "'x', " * 200_000 + "'x')",
)


@pytest.fixture(params=["sqlite", "duckdb", "postgres", "mariadb"], scope="module")
def door(request: pytest.FixtureRequest) -> SqlDoor:
    return closm().door(request.param)


def test_what_is_not_understood_is_refused(door: SqlDoor) -> None:
    asked = [*ANYWHERE, *IN_DIALECT[door.dialect]]
    if door.dialect == "mariadb":
        asked = [q for q in asked if "ON CONFLICT" not in q]
    for query in asked:
        with pytest.raises(NotPermitted) as refused:
            door.rewrite(query, SERVICE)
        assert refused.value.code in ("SY231", "SY233"), query


def test_a_query_made_to_exhaust_the_reader_is_refused_or_read_in_time(door: SqlDoor) -> None:
    for query in EXHAUSTING:
        began = time.process_time()
        with pytest.raises(NotPermitted):
            door.rewrite(query, SERVICE)
        assert time.process_time() - began < 2, query[:60]


def test_a_refusal_tells_no_value(
    door: SqlDoor, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for query in (
        "SELECT FROM WHERE 'taro@example.com'",
        "CREATE FANCY THING 'taro@example.com'",
        "INSERT WHAT 'taro@example.com'",
        "SELECT unheard('taro@example.com') FROM users",
    ):
        with pytest.raises(NotPermitted) as refused:
            door.rewrite(query, SERVICE)
        assert "taro" not in f"{refused.value} {refused.value.hint()} {refused.value.__cause__}"
    told = capfd.readouterr()
    assert "taro" not in caplog.text + told.out + told.err


def test_comments_and_hints_do_not_pass(door: SqlDoor) -> None:
    found = door.rewrite("SELECT /* hint */ id /*! load_file('x') */ FROM users -- all", SERVICE)
    assert "hint" not in found.sql
    assert "load_file" not in found.sql
    assert "--" not in found.sql

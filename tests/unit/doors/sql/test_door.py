"""The query door: names, views, parameters, refused columns, and what it remembers."""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from differential.sqlworld import HANDLINGS, closm, connect, fill, run
from seiyaku.datamap.model import DataMap
from seiyaku.doors.permits import layout_of
from seiyaku.doors.sql import Database, SqlDoor
from seiyaku.doors.sql.shapes import shape_of
from seiyaku.gate.model import Handling
from seiyaku.kernel.document import read_document
from seiyaku.kernel.errors import InvalidInput, NotPermitted, SeiyakuError
from seiyaku.services import path

SERVICE = HANDLINGS[0]


@pytest.fixture(scope="module")
def filled() -> Iterator[sqlite3.Connection]:
    connection = connect("sqlite")
    fill(connection, "sqlite", closm().datasets, closm().rows)
    closm().lay(connection, "sqlite")
    yield connection
    connection.close()


def rows(connection: sqlite3.Connection, query: str, door: SqlDoor | None = None) -> list[Any]:
    sql = (door or closm().door("sqlite")).rewrite(query, SERVICE).sql
    return run(connection, "sqlite", sql)


def seen(*columns: str) -> set[tuple[Any, ...]]:
    return {tuple(row[c] for c in columns) for row in closm().filtered(SERVICE)["users"]}


# -- names -------------------------------------------------------------------------------


def test_no_name_of_the_query_stands_for_a_table_of_ours(filled: sqlite3.Connection) -> None:
    everything = "SELECT id AS person, -1 AS service FROM plans"
    query = f"WITH seiyaku_permits_users AS ({everything}), t AS (SELECT 1) SELECT id FROM users"
    assert set(rows(filled, query)) == seen("id")


def test_a_table_is_found_however_it_is_written(filled: sqlite3.Connection) -> None:
    for table in ("USERS", '"users"', "`Users`", "[users]", "main.users", '"main"."USERS"'):
        assert set(rows(filled, f"SELECT id FROM {table}")) == seen("id")


def test_a_name_given_by_with_may_hide_a_table(filled: sqlite3.Connection) -> None:
    query = "WITH orders AS (SELECT id AS mine FROM users) SELECT mine FROM orders"
    assert set(rows(filled, query)) == seen("id")
    inner = "SELECT * FROM (WITH posts AS (SELECT id FROM users) SELECT id FROM posts) AS x"
    assert set(rows(filled, inner)) == seen("id")


def test_names_beyond_ascii_are_quoted(filled: sqlite3.Connection) -> None:
    query = "WITH 会員 AS (SELECT id AS 番号 FROM users) SELECT 会員.番号 FROM 会員"
    assert set(rows(filled, query)) == seen("id")


def test_a_column_nobody_mapped_is_not_there(filled: sqlite3.Connection) -> None:
    filled.execute("ALTER TABLE users ADD COLUMN unmapped DEFAULT 'secret'")
    assert "secret" not in repr(rows(filled, "SELECT * FROM users"))
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        rows(filled, "SELECT unmapped FROM users")


# -- views -------------------------------------------------------------------------------


def test_a_view_is_read_by_its_definition(filled: sqlite3.Connection) -> None:
    views = (
        ("mails", "SELECT id, email FROM users WHERE email IS NOT NULL"),
        ("mail_count", "SELECT count(*) AS n FROM mails"),
        ("round", "SELECT * FROM round"),
    )
    door = closm().door("sqlite", views=views)
    with_mail = {row for row in seen("id", "email") if row[1] is not None}
    assert set(rows(filled, "SELECT * FROM mails", door)) == with_mail
    assert rows(filled, "SELECT n FROM mail_count", door) == [(len(with_mail),)]
    with pytest.raises(NotPermitted, match="views"):
        door.rewrite("SELECT * FROM round", SERVICE)
    with pytest.raises(NotPermitted, match="in the data map"):
        closm().door("sqlite").rewrite("SELECT * FROM mails", SERVICE)


# -- whose a row is ------------------------------------------------------------------------


def test_a_table_whose_people_cannot_be_told_is_refused() -> None:
    shop, world = closm(), closm().world
    data = read_document(path("closm-i") / "datamap.yaml").data
    fields = {"id": None, "up": None, "body": "post"}
    data["systems"]["app"]["datasets"] |= {
        "loose": {"key": ["id"], "fields": fields},
        "ring": {"key": ["id"], "fields": fields, "links": [{"by": ["up"], "to": "ring"}]},
    }
    datamap = DataMap.model_validate(data)
    layout = layout_of(world.policy, datamap, "app", [SERVICE])
    known = (world.policy, shop.gate, world.assurances, world.at)
    door = SqlDoor(Database(datamap, "app", "sqlite"), layout, *known)
    for table, code in (("loose", "SY232"), ("ring", "SY142")):
        with pytest.raises(SeiyakuError) as refused:
            door.rewrite(f"SELECT id FROM {table}", SERVICE)
        assert refused.value.code == code


# -- what is refused for everybody ---------------------------------------------------------


def test_a_column_refused_for_everybody_is_null_or_an_error(filled: sqlite3.Connection) -> None:
    assert {row[0] for row in rows(filled, "SELECT auth0_sub FROM users")} == {None}
    strict = closm().door("sqlite", refused="error")
    for query in ("SELECT auth0_sub FROM users", "SELECT * FROM users", "SELECT u.* FROM users u"):
        with pytest.raises(NotPermitted) as refused:
            strict.rewrite(query, SERVICE)
        assert refused.value.code == "SY234"
        assert "app.users.auth0_sub" in str(refused.value)
    assert set(rows(filled, "SELECT id, email FROM users", strict)) == seen("id", "email")
    assert rows(filled, "SELECT count(*) FROM users", strict) == [(len(seen("id")),)]


def test_permits_whose_time_is_over_open_nothing(filled: sqlite3.Connection) -> None:
    shop, world = closm(), closm().world
    known = (world.policy, shop.gate, world.assurances, world.at)
    until = int(world.at.timestamp()) + 60
    filled.execute("UPDATE seiyaku_permits_epoch SET ends_at = ?", [until])
    try:
        for seconds, count in ((59, len(seen("id"))), (60, 0)):
            at = world.at + timedelta(seconds=seconds)
            database = Database(shop.datamap, "app", "sqlite")
            door = SqlDoor(database, shop.layout, *known, at=at)
            assert len(rows(filled, "SELECT id FROM users", door)) == count
    finally:
        filled.rollback()


def test_permits_of_another_layout_open_nothing(filled: sqlite3.Connection) -> None:
    filled.execute("UPDATE seiyaku_permits_epoch SET layout = 'x'")
    try:
        assert rows(filled, "SELECT id FROM users") == []
    finally:
        filled.rollback()


def test_a_handling_without_permits_is_refused() -> None:
    with pytest.raises(InvalidInput):
        closm().door("sqlite").rewrite("SELECT 1", Handling("use", "unheard"))


def test_a_dialect_nobody_reads_is_told() -> None:
    with pytest.raises(InvalidInput) as wrong:
        closm().door("oracle").rewrite("SELECT 1", SERVICE)  # type: ignore[arg-type]
    assert wrong.value.code == "SY148"


# -- parameters ----------------------------------------------------------------------------


def test_parameters_are_put_back_as_they_were(filled: sqlite3.Connection) -> None:
    door = closm().door("sqlite")
    found = door.rewrite("SELECT id FROM users WHERE id > ? AND id < :b LIMIT ?", SERVICE)
    assert found.order is None
    assert [found.sql.count(mark) for mark in ("?", ":b")] == [2, 1]


def test_parameters_that_change_places_are_told() -> None:
    door = closm().door("mariadb")
    found = door.rewrite("SELECT '100%%' FROM users LIMIT %s, %s", SERVICE, percent=True)
    assert found.order == (1, 0)
    assert found.arrange(["offset", "count"]) == ["count", "offset"]
    assert "'100%%'" in found.sql
    named = door.rewrite("SELECT id FROM users WHERE id = %(x)s", SERVICE, percent=True)
    assert "%(x)s" in named.sql


# -- what is remembered --------------------------------------------------------------------

_VALUES = st.one_of(
    st.integers(0, 10**6).map(str),
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), max_size=12
    ).map(lambda text: "'" + text.replace("'", "''") + "'"),
)


_QUERY = 'SELECT t1.id, "email" FROM users t1 WHERE id = {} AND email <> {} LIMIT 5'


@cache
def warm(percent: bool) -> SqlDoor:
    """A door that has seen the query with numbers and texts in either place."""
    door = closm().door("sqlite")
    for first in itertools.product(("1", "'it''s'", "2", "'x'"), ("3", "'a'", "4", "'b'")):
        door.rewrite(_QUERY.format(*first), SERVICE, percent=percent)
    return door


@settings(max_examples=60)
@given(st.tuples(_VALUES, _VALUES), st.booleans())
def test_a_query_filled_into_its_shape_is_the_query_read(
    values: tuple[str, str], percent: bool
) -> None:
    asked = _QUERY.format(*values)
    if percent:
        asked = asked.replace("%", "%%")
    got = warm(percent).rewrite(asked, SERVICE, percent=percent)
    assert got == closm().door("sqlite").rewrite(asked, SERVICE, percent=percent)


def test_a_value_ends_where_the_database_ends_it() -> None:
    assert shape_of("SELECT 'a''b', 1.5, t1, \"x'y\" FROM t WHERE a = 'it'")[1] == [
        "'a''b'",
        "1.5",
        "'it'",
    ]
    for unsure in (
        "SELECT E'a'",
        "SELECT 'a' -- 'b'",
        "SELECT $$a$$",
        "SELECT N'x'",
        "SELECT '\\'",
    ):
        assert shape_of(unsure)[1] == []


def test_an_index_answers_the_condition_of_a_rewritten_query(filled: sqlite3.Connection) -> None:
    asked = "SELECT id, email FROM users ORDER BY id"
    before = rows(filled, asked)
    told = closm().door("sqlite").rewrite(asked, SERVICE).sql
    used = 0
    for statement in closm().door("sqlite").indexes(SERVICE):
        filled.execute(statement)
        name, test = re.findall(r"`main`\.(`\w+`).* WHERE \((.*)\) <> 0", statement)[0]
        table = "seiyaku_permits_users AS p0"
        # SQLite refuses a query that cannot use the index it is told to use
        filled.execute(f"SELECT 1 FROM {table} INDEXED BY {name} WHERE (p0.{test}) <> 0")
        used += f"(p0.{test}) <> 0" in told
    assert used
    assert rows(filled, asked) == before
    assert closm().door("duckdb").indexes(SERVICE) == ()

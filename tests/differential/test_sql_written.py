"""A statement that writes finds and reads only what the definition leaves.

The judge is the same statement, run where the definition left only what it may: whatever it
changes there, and nothing else, is changed where everything stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from differential.sqlworld import HANDLINGS, Rows, closm, fill, run
from differential.test_sql_rewritten import Pair, pair

__all__ = ["pair"]

SERVICE = HANDLINGS[0]
UPDATES = (
    ("users", "UPDATE users SET nickname = 'new' WHERE email IS NOT NULL"),
    ("users", "UPDATE users SET nickname = coalesce(email, 'none')"),
    ("users", "UPDATE users SET nickname = upper(username), username = 'x' WHERE id > 'c'"),
    ("posts", "UPDATE posts SET body = 'gone' WHERE user_id IN (SELECT id FROM users "
              "WHERE email IS NOT NULL)"),
    ("posts", "UPDATE posts SET body = (SELECT max(email) FROM users "
              "WHERE users.id = posts.user_id) WHERE id > 1"),
)  # fmt: skip
FROM_OTHERS = {
    "mariadb": "UPDATE posts JOIN users u ON u.id = posts.user_id SET posts.body = u.email",
}
FROM = "UPDATE posts SET body = u.email FROM users u WHERE u.id = posts.user_id"
DELETES = (
    ("users", "DELETE FROM users WHERE email IS NOT NULL"),
    ("posts", "DELETE FROM posts WHERE user_id IN (SELECT id FROM users WHERE email IS NOT NULL)"),
    ("posts", "DELETE FROM posts"),
)
FILLED = (
    "INSERT INTO inquiries (id, email, body) SELECT 1000 + posts.id, u.email, u.nickname "
    "FROM posts JOIN users u ON u.id = posts.user_id",
    "INSERT INTO inquiries (id, email) SELECT 1000, max(email) FROM users",
    "INSERT INTO inquiries (id, email) VALUES (1000, (SELECT min(email) FROM users))",
)
COLUMNS = {"users": ("id", "nickname", "username"), "posts": ("id", "body")}


@pytest.fixture
def filled(pair: Pair) -> tuple[Pair, Rows]:
    """Both databases with their rows, and the rows the definition leaves."""
    left = closm().filtered(SERVICE)
    fill(pair.judge, pair.dialect, closm().datasets, left)
    return pair, left


@contextmanager
def both(pair: Pair, statement: str) -> Iterator[None]:
    """The statement run where everything stands, rewritten, and before the judge, as it is."""
    for connection in (pair.whole, pair.judge):
        if pair.dialect == "duckdb":
            connection.begin()
    run(pair.whole, pair.dialect, pair.door.rewrite(statement, SERVICE).sql)
    run(pair.judge, pair.dialect, statement)
    yield
    for connection in (pair.whole, pair.judge):
        connection.rollback()


def found(connection: Any, pair: Pair, table: str) -> dict[Any, tuple[Any, ...]]:
    """Rows of a table by their key."""
    columns = ", ".join(COLUMNS[table])
    return {r[0]: r for r in run(connection, pair.dialect, f"SELECT {columns} FROM {table}")}


def rows_of(rows: Rows, table: str) -> dict[Any, tuple[Any, ...]]:
    return {r["id"]: tuple(r[c] for c in COLUMNS[table]) for r in rows[table]}


def test_an_update_changes_what_it_may_find_to_what_it_may_read(filled: tuple[Pair, Rows]) -> None:
    pair, left = filled
    own = FROM_OTHERS.get(pair.dialect, FROM)
    for table, statement in (*UPDATES, ("posts", own)):
        before, judged = rows_of(closm().rows, table), rows_of(left, table)
        with both(pair, statement):
            got, want = found(pair.whole, pair, table), found(pair.judge, pair, table)
        changed = {key for key, row in want.items() if row != judged[key]}
        assert changed, statement
        for key, row in got.items():
            if key in changed:
                assert _agrees(judged[key], before[key], want[key], row), (statement, key)
            elif row != before[key]:
                # What was hidden is NULL to the judge, and may be written as it was shown
                assert row == want[key], (statement, key)


def _agrees(judged: Any, before: Any, want: Any, got: Any) -> bool:
    """Columns the judge wrote hold what it wrote; the others stand as before."""
    return all(
        g == (w if w != j else b) or g == w
        for j, b, w, g in zip(judged, before, want, got, strict=True)
    )


def test_a_delete_takes_what_it_may_find(filled: tuple[Pair, Rows]) -> None:
    pair, left = filled
    for table, statement in DELETES:
        before, judged = rows_of(closm().rows, table), rows_of(left, table)
        with both(pair, statement):
            got, want = found(pair.whole, pair, table), found(pair.judge, pair, table)
        assert before.keys() - got.keys() == judged.keys() - want.keys() != set(), statement


def test_what_fills_a_table_is_what_may_be_seen(filled: tuple[Pair, Rows]) -> None:
    pair, _ = filled
    come = "SELECT id, email, body FROM inquiries WHERE id >= 1000 ORDER BY id, email"
    for statement in FILLED:
        with both(pair, statement):
            got, want = (run(c, pair.dialect, come) for c in (pair.whole, pair.judge))
        assert got == want != [], statement


def test_a_table_made_of_a_query_holds_what_may_be_seen(filled: tuple[Pair, Rows]) -> None:
    pair, _ = filled
    with both(pair, "CREATE TEMPORARY TABLE found AS SELECT id, email FROM users"):
        got, want = (
            sorted(map(repr, run(c, pair.dialect, "SELECT * FROM found")))
            for c in (pair.whole, pair.judge)
        )
    assert got == want != []

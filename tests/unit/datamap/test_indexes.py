"""A link no index helps to follow is told, with the statement that mends it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from seiyaku.datamap import DataMap, resolve
from seiyaku.datamap.indexes import unindexed_links
from seiyaku.kernel.ids import SystemId
from seiyaku.systems.sqlite import SqliteSystem


def test_a_link_without_an_index_is_told_until_it_has_one(tmp_path: Path) -> None:
    path = tmp_path / "app.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE users (id INTEGER PRIMARY KEY);"
            "CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER);"
            "CREATE TABLE likes (user_id INTEGER, post_id INTEGER, PRIMARY KEY (user_id, post_id))"
        )
    link = {"by": "user_id", "to": "users"}
    datasets = {
        "users": {"person": "user", "key": "id", "fields": {"id": None}},
        "posts": {"key": "id", "links": [link], "fields": {"id": None, "user_id": None}},
        "likes": {
            "key": ["user_id", "post_id"],
            "links": [link],
            "fields": {"user_id": None, "post_id": None},
        },
    }
    app = {"kind": "sqlite", "name": {"ja": "店", "en": "shop"}, "datasets": datasets}
    datamap = DataMap.model_validate(
        {"seiyaku_datamap": 1, "service": "s", "systems": {"app": app}}
    )
    steps = resolve(datamap).steps
    with closing(SqliteSystem("app", datamap.systems["app"], path)) as system:
        (found,) = unindexed_links(datamap, steps, {SystemId("app"): system.surface()})
        assert (found.dataset, found.columns) == ("app.posts", ("user_id",))
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(found.create)
        assert unindexed_links(datamap, steps, {SystemId("app"): system.surface()}) == ()


def test_a_column_that_holds_shared_things_is_told_too(tmp_path: Path) -> None:
    path = tmp_path / "app.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE users (id INTEGER PRIMARY KEY, face TEXT);"
            "CREATE TABLE faces (name TEXT PRIMARY KEY)"
        )
    datasets = {
        "users": {"person": "user", "key": "id", "fields": {"id": None, "face": "image"}},
        "faces": {
            "key": "name",
            "links": [{"by": "name", "to": "users", "columns": "face"}],
            "fields": {"name": "image"},
            "erase": {"when": "last_reference"},
        },
    }
    app = {"kind": "sqlite", "name": {"ja": "店", "en": "shop"}, "datasets": datasets}
    datamap = DataMap.model_validate(
        {"seiyaku_datamap": 1, "service": "s", "systems": {"app": app}}
    )
    with closing(SqliteSystem("app", datamap.systems["app"], path)) as system:
        surfaces = {SystemId("app"): system.surface()}
        (found,) = unindexed_links(datamap, resolve(datamap).steps, surfaces)
    assert (found.dataset, found.columns) == ("app.users", ("face",))

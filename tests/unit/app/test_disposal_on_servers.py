"""Disposal tells what is over by its day on every engine, in every way a day and a key are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from seiyaku.app import Home, open_home
from seiyaku.app.disposal import Disposal
from seiyaku.app.settings import Place, Settings, write_settings
from seiyaku.kernel.actors import Actor
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.servers import Database

SATO = Actor("sato", "approver")
NAME = {"ja": "系", "en": "system"}
TYPES = {
    "postgres": {"moment": "timestamptz", "id": "uuid"},
    "mariadb": {"moment": "timestamp", "id": "uuid"},
}
TABLES = """
CREATE TABLE users (id INTEGER PRIMARY KEY, nickname VARCHAR(40))
CREATE TABLE visits (id BIGINT PRIMARY KEY, user_id INTEGER, page VARCHAR(80), at {moment} NULL)
CREATE TABLE days (id {id} PRIMARY KEY, user_id INTEGER, page VARCHAR(80), day DATE)
CREATE TABLE words (id VARCHAR(40) PRIMARY KEY, user_id INTEGER, page VARCHAR(80), at VARCHAR(40))
CREATE TABLE clicks (visit_id BIGINT, n INTEGER, x INTEGER, PRIMARY KEY (visit_id, n))
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER, wares VARCHAR(80), at {moment} NULL)
"""
U = "6f9619ff-8b86-d011-b42d-00cf4fc964f"
LAST, FIRST = "2026-05-23 14:59:59+00:00", "2026-05-23 15:00:00+00:00"
"""The last moment that is over on 2026-11-20 in Tokyo, and the first that is not."""
OLD = "2015-01-01 00:00:00+00:00"
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "users": [(1, "Aki")],
    "visits": [(2**40, 1, "/a", LAST), (2, None, "/b", FIRST), (3, 1, "/c", None)],
    "days": [(f"{U}1", 1, "/a", "2026-05-23"), (f"{U}2", None, "/b", "2026-05-24")],
    "words": [("a/b", 1, "/a", "2026-05-23T23:59:59+09:00"), ("c", 1, "/b", "2026-05-24"),
              ("d", 1, "/c", "no day")],
    "clicks": [(2**40, 1, 7), (2**40, 2, 8), (2, 1, 9)],
    "orders": [(1, 1, "tea", OLD), (2, None, "cup", OLD), (3, None, "pot", LAST)],
}  # fmt: skip
USED = {"item": "usage_history"}


def _hanging(key: Any, link: str, to: str, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"key": key, "links": [{"by": link, "to": to}], "fields": fields, **more}


def _used(day: str) -> dict[str, Any]:
    fields = {"id": None, "user_id": None, "page": USED, day: USED}
    return _hanging("id", "user_id", "users", fields, times={"collected": day})


DATASETS = {
    "users": {"person": "user", "key": "id", "fields": {"id": None, "nickname": "nickname"}},
    "visits": _used("at"),
    "days": _used("day"),
    "words": _used("at"),
    "clicks": _hanging(
        ["visit_id", "n"], "visit_id", "visits", {"visit_id": None, "n": None, "x": None}
    ),
    "orders": _hanging(
        "id",
        "user_id",
        "users",
        {"id": None, "user_id": None, "wares": "order", "at": "order"},
        times={"ordered": "at"},
    ),
}


@dataclass
class Shop:
    home: Home
    engine: sa.Engine

    def keys(self, table: str) -> list[Any]:
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2")
            return [str(row[0]) for row in found]

    def disposed(self) -> Disposal:
        found = self.home.dispose()
        assert found.request is not None
        plan = self.home.plan(found.request)
        self.home.approve(plan.id, SATO)
        assert self.home.run(plan.id).state == "done"
        return found


@contextmanager
def shop(folder: Path, kind: str, database: Database) -> Iterator[Shop]:
    engine = database.engine()
    with engine.begin() as connection:
        if kind == "mariadb":
            connection.exec_driver_sql("SET time_zone = '+00:00'")
        for statement in TABLES.format(**TYPES[kind]).strip().splitlines():
            connection.exec_driver_sql(statement)
        for table, rows in ROWS.items():
            for row in rows:
                some = [v.replace("+00:00", "") if kind == "mariadb" and v and table != "words"
                        and isinstance(v, str) else v for v in row]  # fmt: skip
                holders = ", ".join(["%s"] * len(some))
                connection.exec_driver_sql(
                    f"INSERT INTO {table} VALUES ({holders})",
                    tuple(some),
                )
    system = {"kind": kind, "name": NAME, "datasets": DATASETS}
    datamap = {"seiyaku_datamap": 1, "service": "closm-i", "systems": {"app": system}}
    (folder / "datamap.yaml").write_text(yaml.safe_dump(datamap, sort_keys=False), "utf-8")
    place = Place(url=database.dsn if kind == "postgres" else database.url)
    settings = Settings(
        seiyaku_home=1, service="closm-i", datamap="datamap.yaml", systems={"app": place}
    )
    write_settings(folder, settings)
    with open_home(folder, clock=FixedClock("2026-11-20T09:00:00+09:00")) as home:
        yield Shop(home, engine)
    engine.dispose()


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_what_is_over_goes_by_the_day_in_tokyo_and_the_rest_stays(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with shop(tmp_path, kind, request.getfixturevalue(f"{kind}_database")) as mine:
        found = mine.disposed()
        assert found.rows == {"app.visits": 1, "app.days": 1, "app.words": 1, "app.orders": 1}
        assert mine.keys("visits") == ["2", "3"]
        assert mine.keys("clicks") == ["2"]
        assert mine.keys("days") == [f"{U}2"]
        assert mine.keys("words") == ["c", "d"]
        assert mine.keys("orders") == ["1", "3"]  # a living customer's order is kept for them
        entries = [e for e in mine.home.parts.log_reader().entries() if e.kind == "disposal"]
        assert {e.system: e.counts["rows"] for e in entries} == {**found.rows, "app.clicks": 2}
        assert mine.home.dispose().request is None

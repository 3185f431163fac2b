"""A lake of Parquet files passes the public suite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from test_systems import USERS, away, known, made, no_room

from seiyaku.datamap import DataMap, resolve
from seiyaku.datamap.system import Row, System
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.systems import SystemSettings, open_system
from seiyaku.testing.system_suite import Bench, Holdings, SystemSuite, erasing

EVENTS, NOTES = DatasetId("own.events"), DatasetId("own.notes")
DATASETS: dict[str, Any] = {
    "events": {
        "table": "events/day=*/*.parquet",
        "key": "id",
        "links": [{"by": "user_id", "to": "app.users"}],
        "fields": {
            "id": None,
            "user_id": None,
            "born": "birth",
            "seen_at": "seen",
            "paid": "credit",
            "vip": "vip",
            "photo": "photo",
            "tags": "event",
            "note": "event",
            "day": None,
        },
    },
    "notes": {
        "table": "notes.parquet",
        "key": "id",
        "links": [{"by": "event_id", "to": "events"}],
        "fields": {"id": None, "event_id": None, "text": {"item": "note", "blank": "erased"}},
        "erase": {"how": "blank"},
    },
}
SQL = """
COPY (SELECT * FROM (VALUES
  (1::BIGINT, '1', DATE '1990-04-01', TIMESTAMPTZ '2026-01-01 09:00:00+09', 1.50::DECIMAL(9,2),
   true, '\\xFF'::BLOB, ['a'], 'marker-one'),
  (2, '2', NULL, NULL, NULL, false, NULL, NULL, 'x')
 ) t(id, user_id, born, seen_at, paid, vip, photo, tags, note))
 TO '{root}/events/day=1/a.parquet' (FORMAT parquet, COMPRESSION gzip);
COPY (SELECT 3::BIGINT AS id, '1' AS user_id, NULL::DATE AS born, NULL::TIMESTAMPTZ AS seen_at,
  NULL::DECIMAL(9,2) AS paid, NULL::BOOLEAN AS vip, NULL::BLOB AS photo, NULL::VARCHAR[] AS tags,
  'late' AS note) TO '{root}/events/day=2/a.parquet' (FORMAT parquet);
COPY (SELECT * FROM (VALUES (5, 1, 'marker-two'), (6, 2, 'y')) t(id, event_id, text))
 TO '{root}/notes.parquet' (FORMAT parquet);
COPY (SELECT 9::BIGINT AS id, '9' AS user_id, NULL::DATE AS born, NULL::TIMESTAMPTZ AS seen_at,
  NULL::DECIMAL(9,2) AS paid, NULL::BOOLEAN AS vip, NULL::BLOB AS photo, NULL::VARCHAR[] AS tags,
  NULL::VARCHAR AS note) TO '{root}/events/day=3/a.parquet' (FORMAT parquet);
"""


class World:
    """A lake of four files in two datasets."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for day in (1, 2, 3):
            (root / "events" / f"day={day}").mkdir(parents=True)
        with closing(duckdb.connect()) as db:
            for statement in SQL.format(root=root).split(";\n"):
                if statement.strip():
                    db.execute(statement)
        self.datamap: DataMap = made("lake", DATASETS, app={"users": USERS})

    def open(self) -> System:
        settings = SystemSettings(path=self.root)
        return open_system("own", self.datamap.systems["own"], settings)

    def look(self) -> Holdings:
        return {
            EVENTS: self.read("events/day=*/*.parquet"),
            NOTES: self.read("notes.parquet"),
        }

    def read(self, pattern: str) -> list[Row]:
        with closing(duckdb.connect()) as db:
            found = db.execute(
                f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet('{self.root}/{pattern}')"
            ).fetchall()
        return [tuple(r) for r in found]

    def erase(self) -> None:
        steps, person = resolve(self.datamap).of_system("own"), known("app.users", "id", 1)
        with closing(self.open()) as system:
            located = system.locate(steps, person)
            actions = erasing(self.datamap, steps, located, system.capabilities)
            system.apply(RunId("run-1"), actions, person.merged(located.handles))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "root")


class TestLake(SystemSuite):
    """Partitions by folder, types of every kind, a link within the lake, a dataset emptied."""

    @pytest.fixture
    def bench(self, world: World) -> Bench:
        seen = datetime(2026, 1, 1, tzinfo=UTC)
        nothing = (None,) * 6
        return Bench(
            system=SystemId("own"),
            datamap=world.datamap,
            open=world.open,
            person=known("app.users", "id", 1),
            absent=known("app.users", "id", 99),
            held={
                EVENTS: [
                    (
                        *(1, "1", date(1990, 4, 1), seen, Decimal("1.50"), True, b"\xff"),
                        *('["a"]', "marker-one", "1"),
                    ),
                    (3, "1", *nothing, "late", "2"),
                ],
                NOTES: [(5, 1, "marker-two")],
            },
            referring={},
            look=world.look,
            cut_off=lambda: away(world.root),
            spoil=no_room,
            markers=("marker-one", "marker-two"),
        )


def stamps(root: Path) -> Iterator[tuple[str, int]]:
    for path in sorted(root.rglob("*.parquet")):
        yield str(path.relative_to(root)), path.stat().st_ino


def test_only_files_that_hold_the_people_are_rewritten(world: World) -> None:
    before = dict(stamps(world.root))
    world.erase()
    after = dict(stamps(world.root))
    changed = {f for f in before if before[f] != after[f]}
    assert changed == {"events/day=1/a.parquet", "events/day=2/a.parquet", "notes.parquet"}


def test_what_was_erased_is_in_no_byte_of_the_lake(world: World) -> None:
    world.erase()
    files = [p for p in world.root.rglob("*") if p.is_file()]
    assert files
    assert not [p for p in files if b"marker" in p.read_bytes()]


def test_a_rewritten_file_keeps_its_columns_and_compression(world: World) -> None:
    question = "SELECT DISTINCT path_in_schema, type, compression FROM parquet_metadata('{}')"
    file = world.root / "events/day=1/a.parquet"
    with closing(duckdb.connect()) as db:
        before = db.execute(question.format(file)).fetchall()
        world.erase()
        after = db.execute(question.format(file)).fetchall()
    assert sorted(before) == sorted(after)
    assert {row[2] for row in after} == {"GZIP"}


def test_a_file_left_without_rows_still_says_its_columns(world: World) -> None:
    world.erase()
    assert world.read("events/day=2/a.parquet") == []


def test_files_nobody_declared_are_shown(world: World) -> None:
    (world.root / "copy.parquet").write_bytes((world.root / "notes.parquet").read_bytes())
    with closing(world.open()) as system:
        assert "copy.parquet" in {t.name for t in system.surface()}


def test_a_damaged_file_is_said_without_what_it_holds(world: World) -> None:
    (world.root / "notes.parquet").write_bytes(b"marker-two is no Parquet")
    with closing(world.open()) as system, pytest.raises(SystemUnavailable) as caught:
        system.surface()
    assert caught.value.code in ("SY305", "SY306")
    assert "marker" not in f"{caught.value} {caught.value.hint()}"

"""What a system holds of a person is read as it is taken: one moment, little memory, any length."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from seiyaku.datamap import DataMap, resolve
from seiyaku.datamap.answer import answer
from seiyaku.datamap.system import Content, HandleColumn, Handles, Step, System
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.systems import SystemSettings, open_system, postgres
from seiyaku.testing.memory import peak_mib
from seiyaku.testing.servers import Database

GROWTH_MIB = 10
"""More than this is the answer itself: as text it has 15 MiB, as Python's objects twice that."""
MIB = 1 << 20
ROWS, WIDTH, FILES_OF_ONE = 15_000, 1_000, 20
ENGINES = ("sqlite", "postgres", "mariadb", pytest.param("mysql", marks=pytest.mark.mysql))
DEEP = {
    "mariadb": "SET max_recursive_iterations = 1000000",
    "mysql": "SET cte_max_recursion_depth = 1000000",
}
"""Each stops counting rows at a thousand otherwise."""
TABLES = (
    "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(40))",
    "CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint NOT NULL, day date, body text)",
    "CREATE TABLE stars (id bigint PRIMARY KEY, user_id bigint NOT NULL)",
)
OWNED: dict[str, Any] = {"links": [{"by": "user_id", "to": "users"}], "key": "id"}
DATASETS: dict[str, Any] = {
    "users": {"person": "user", "key": "id", "fields": {"id": None, "name": "name"}},
    "notes": {**OWNED, "fields": {"id": None, "user_id": None, "day": "note", "body": "note"}},
    "stars": {**OWNED, "fields": {"id": "star", "user_id": None}},
}


PHOTOS = {**OWNED, "fields": {"id": None, "user_id": None, "content": "photo"}}
LINES = {
    "key": "id",
    "links": [{"by": "user_id", "to": "own.users"}],
    "fields": {"id": None, "user_id": None, "body": "note"},
}
FILES = {
    "key": "key",
    "links": [{"by": "key", "to": "own.users", "columns": "name"}],
    "fields": {"key": None, "content": "photo"},
}
PARTS: dict[str, dict[str, Any]] = {
    "tables": DATASETS,
    "photos": {"users": DATASETS["users"], "photos": PHOTOS},
    "jsonl": {"lines": {**LINES, "table": "*.jsonl"}},
    "lake": {"lines": {**LINES, "table": "*.parquet"}},
    "folder": {"files": FILES},
}
"""What `app` holds in each world; whoever it is about may stand in another system."""


def datamap_of(kind: str, parts: str = "tables") -> DataMap:
    name = {"ja": "系", "en": "system"}
    systems = {"app": {"kind": kind, "name": name, "datasets": PARTS[parts]}}
    if "users" not in PARTS[parts]:
        own = {"users": DATASETS["users"]}
        systems["own"] = {"kind": "sqlite", "name": name, "datasets": own}
    written = {"seiyaku_datamap": 1, "service": "t", "systems": systems}
    return DataMap.model_validate(written)


def steps(kind: str) -> tuple[Step, ...]:
    return resolve(datamap_of(kind)).steps


def person(number: int, parts: str = "tables") -> Handles:
    system = "app" if "users" in PARTS[parts] else "own"
    users = DatasetId(f"{system}.users")
    names = {(f"{n}.bin",) for n in range(FILES_OF_ONE)} if number == 1 else {("other.bin",)}
    return Handles(
        {
            HandleColumn(users, ("id",)): frozenset({(number,)}),
            HandleColumn(users, ("name",)): frozenset(names if parts == "folder" else ()),
        }
    )


class World:
    """One database, how it is reached, and rows written past the driver."""

    def __init__(self, kind: str, path: Path | None, database: Database | None) -> None:
        self.kind, self.path = kind, path
        self.url = database.dsn if database else None
        url = database.url if database else f"sqlite:///{path}"
        self.engine = sa.create_engine(url, poolclass=sa.NullPool)
        journal = ("PRAGMA journal_mode=WAL",) if path else ()
        self.run(*journal, *TABLES, "INSERT INTO users VALUES (1, 'one'), (2, 'two')")

    def run(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.replace("%", "%%"))

    def notes(self, user: int, count: int, width: int = 5, first: int = 0) -> None:
        """Give somebody notes; `width` bytes each."""
        numbers = f"""WITH RECURSIVE n (i) AS
            (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
            SELECT i + {first}, {user}, '2026-01-02', '{"x" * width}' FROM n"""
        casted = numbers.replace("'2026-01-02'", "CAST('2026-01-02' AS date)")
        deep = [DEEP[self.kind]] if self.kind in DEEP else []
        self.run(*deep, f"INSERT INTO notes {casted if self.kind == 'postgres' else numbers}")

    def open(self) -> System:
        settings = SystemSettings(self.path, self.url)
        return open_system("app", datamap_of(self.kind).systems["app"], settings)


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    if request.param == "sqlite":
        return World("sqlite", tmp_path / "app.db", None)
    return World(request.param, None, request.getfixturevalue(f"{request.param}_database"))


def test_everything_in_an_answer_is_of_one_moment(world: World) -> None:
    world.notes(1, 500)
    world.run("INSERT INTO stars SELECT id, user_id FROM notes")
    found = {}
    with closing(world.open()) as system, answer(system, steps(world.kind), person(1)) as sets:
        for rows in sets:
            if rows.dataset != "app.users":
                next(iter(rows.rows))
                world.run("DELETE FROM stars WHERE id > 3", "UPDATE notes SET body = 'late'")
            found[rows.dataset] = list(rows.rows)
    assert (len(found[DatasetId("app.notes")]), len(found[DatasetId("app.stars")])) == (499, 499)
    assert {row[3] for row in found[DatasetId("app.notes")]} == {"xxxxx"}


@pytest.mark.parametrize("count", [postgres.SHORT, postgres.SHORT + 1, 3 * postgres.FETCHED])
def test_a_long_answer_has_the_rows_and_types_of_a_short_one(world: World, count: int) -> None:
    world.notes(1, count)
    world.notes(2, 7, first=count)
    with closing(world.open()) as system, answer(system, steps(world.kind), person(1)) as sets:
        found = {rows.dataset: list(rows.rows) for rows in sets}
    expected = [(n + 1, 1, date(2026, 1, 2), "xxxxx") for n in range(count)]
    assert found == {"app.users": [(1, "one")], "app.notes": expected}


def test_rows_are_taken_before_the_next_dataset_or_not_at_all(world: World) -> None:
    world.notes(1, 40)
    with closing(world.open()) as system, answer(system, steps(world.kind), person(1)) as sets:
        late = list(sets)
        for rows in late:
            with pytest.raises(RuntimeError, match="before the next dataset"):
                list(rows.rows)


def test_a_connection_serves_the_next_reader_however_far_the_last_one_read(world: World) -> None:
    world.notes(1, 500)
    with closing(world.open()) as system:
        for taken in (0, 1, 400):
            with answer(system, steps(world.kind), person(1)) as sets:
                rows = [r for rows in sets for r in islice(rows.rows, taken)]
            assert len(rows) == min(taken, 1) + taken
        assert len(system._pool.idle) == 1  # type: ignore[attr-defined]
        assert system.locate(steps(world.kind), person(1)).rows[DatasetId("app.notes")] == 500


_READ = """
import json, sys
from pathlib import Path
import test_answers_as_they_are_read as t
print(json.dumps(t.growth(sys.argv[1], json.loads(sys.argv[2]), sys.argv[3])))
"""


def growth(kind: str, place: dict[str, Any], parts: str) -> list[int]:
    """MiB by which the memory of this process grows with a long answer, and bytes read."""
    datamap = datamap_of(kind, parts)
    settings = SystemSettings(place["path"] and Path(place["path"]), place["url"])

    def read(number: int) -> int:
        took, rows_of = 0, resolve(datamap).of_system(SystemId("app"))
        handles = person(number, parts)
        with closing(open_system("app", datamap.systems["app"], settings)) as system:
            system.locate(rows_of, handles)
            with answer(system, rows_of, handles) as sets:
                for rows in sets:
                    for row in rows.rows:
                        took += sum(map(_size, row))
        return took

    read(2)  # everything is loaded
    before = peak_mib()
    took = read(1)
    return [round(peak_mib() - before), took]


def _size(value: object) -> int:
    if isinstance(value, Content):
        return sum(map(len, value.pieces()))
    return len(value) if isinstance(value, str | bytes) else 1


def measured(kind: str, path: Path | None, url: str | None, parts: str) -> tuple[int, int]:
    """What `growth` finds in a process of its own."""
    place = json.dumps({"path": path and str(path), "url": url})
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", _READ, kind, place, parts],
        capture_output=True, text=True, check=False, env=env, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    grown, took = json.loads(done.stdout)
    return grown, took


def test_a_long_answer_needs_no_more_memory_than_a_short_one(world: World) -> None:
    world.notes(1, ROWS, WIDTH)
    world.notes(2, 1, first=ROWS)
    grown, took = measured(world.kind, world.path, world.url, "tables")
    assert took > ROWS * WIDTH
    assert grown < GROWTH_MIB


def test_rows_as_wide_as_files_are_held_one_at_a_time(postgres_database: Database) -> None:
    world = World("postgres", None, postgres_database)
    world.run(
        "CREATE TABLE photos (id bigint PRIMARY KEY, user_id bigint, content bytea)",
        "INSERT INTO photos SELECT n, 1, decode(repeat('ab', 1000000), 'hex')"
        " FROM generate_series(1, 40) n",
    )
    grown, took = measured("postgres", None, world.url, "photos")
    assert took > 40_000_000
    assert grown < GROWTH_MIB + 4 * 8  # four of them, each as bytes and as PostgreSQL writes it


def _lines(folder: Path) -> None:
    with (folder / "a.jsonl").open("w") as file:
        for number in range(ROWS):
            line = {"id": number, "user_id": 1 + (number == 0), "body": f"{number:x<{WIDTH}}"}
            file.write(json.dumps(line) + "\n")


def _parquet(folder: Path) -> None:
    import duckdb

    body = f"lpad(i::VARCHAR, {WIDTH}, 'x') AS body"
    rows = f"SELECT i AS id, 1 + (i = 0)::INT AS user_id, {body} FROM range({ROWS}) r(i)"
    duckdb.execute(f"COPY ({rows}) TO '{folder / 'a.parquet'}' (ROW_GROUP_SIZE 2048)")


def _media(folder: Path) -> None:
    (folder / "files").mkdir()
    for name in ("other", *range(FILES_OF_ONE)):
        with (folder / "files" / f"{name}.bin").open("wb") as file:
            file.truncate(MIB)


KINDS = [("jsonl", _lines, 0), ("lake", _parquet, 18), ("folder", _media, 0)]
"""How a world is written, and MiB its reader needs for itself: DuckDB reads ahead."""


@pytest.mark.parametrize(("kind", "write", "ahead"), KINDS)
def test_files_are_read_through_however_much_of_them_is_one_persons(
    kind: str, write: Callable[[Path], None], ahead: int, tmp_path: Path
) -> None:
    write(tmp_path)
    grown, took = measured(kind, tmp_path, None, kind)
    assert took > ROWS * WIDTH
    assert grown < GROWTH_MIB + ahead

"""Jsers: one customer in two databases with different keys, and what is planted for a scan."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta

import pytest

from seiyaku.datamap.find import first_handles, locate_everywhere
from seiyaku.datamap.graph import resolve
from seiyaku.datamap.model import DataMap
from seiyaku.datamap.reach import with_hands
from seiyaku.datamap.system import System
from seiyaku.kernel.document import check_model, read_document
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.services import path
from seiyaku.systems.open import SystemSettings, open_system
from seiyaku.testing import World, generate

PEOPLE = 40


@pytest.fixture(scope="module")
def data_map() -> DataMap:
    return with_hands(
        check_model(read_document(path("jsers") / "datamap.yaml"), DataMap),
        {"app", "lessons", "scans"},
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return generate("jsers", tmp_path_factory.mktemp("jsers") / "home", people=PEOPLE)


@pytest.fixture
def trapped(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = tmp_path_factory.mktemp("trapped") / "home"
    return generate("jsers", home, people=PEOPLE, traps=True)


def test_the_second_database_is_mapped_column_by_column(data_map: DataMap) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript((path("jsers") / "schema_lessons.sql").read_text("utf-8"))
        columns = {
            name: [c for (c,) in db.execute("SELECT name FROM pragma_table_info(?)", (name,))]
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
    mapped = {name: list(d.fields) for name, d in data_map.systems["lessons"].datasets.items()}
    assert mapped == columns


def test_no_key_of_the_lesson_service_is_a_key_of_the_portal(world: World) -> None:
    with closing(sqlite3.connect(world.databases["lessons"])) as db:
        refs = {ref for (ref,) in db.execute("SELECT ref FROM accounts")}
    assert len(refs) > 3
    assert refs.isdisjoint(world.people)


@pytest.mark.parametrize(
    ("who", "known_by_address"), [("aki", True), ("chika", False), ("dai", True)]
)
def test_a_customer_is_found_in_both_services_by_key_or_by_address(
    world: World, data_map: DataMap, who: str, known_by_address: bool
) -> None:
    person = world.person(who)
    with closing(sqlite3.connect(world.databases["lessons"])) as db:
        same = db.execute("SELECT count(*) FROM accounts WHERE email = ?", (person.email,))
        assert same.fetchone() == (int(known_by_address),)
    with _systems(world, data_map) as systems:
        surfaces = {i: s.surface() for i, s in systems.items()}
        handles = first_handles(data_map, "customer", [person.id], surfaces)
        found = locate_everywhere(systems, resolve(data_map, "customer"), handles)
    assert found.unreachable == {}
    rows = found.located[SystemId("lessons")].rows
    assert rows[DatasetId("lessons.accounts")] == 1
    assert rows[DatasetId("lessons.bookings")] >= 1


def test_a_customer_of_the_portal_alone_is_nobody_in_the_lesson_service(
    world: World, data_map: DataMap
) -> None:
    with _systems(world, data_map) as systems:
        surfaces = {i: s.surface() for i, s in systems.items()}
        handles = first_handles(data_map, "customer", [world.person("ben").id], surfaces)
        found = locate_everywhere(systems, resolve(data_map, "customer"), handles)
    assert not any(found.located[SystemId("lessons")].rows.values())


def test_without_traps_everything_is_in_order(world: World) -> None:
    with closing(sqlite3.connect(world.db)) as db:
        assert _uninformed(db) == []
        assert _overdue(db, world) == []
    for database in world.databases.values():
        with closing(sqlite3.connect(database)) as db:
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_every_trap_of_the_reference_is_planted(trapped: World) -> None:
    with closing(sqlite3.connect(trapped.db)) as db:
        assert _uninformed(db) == [trapped.person("fumi").number]
        assert _overdue(db, trapped) == [trapped.person("aki").number]
        broken = db.execute("PRAGMA foreign_key_check").fetchall()
    assert [(table, target) for table, _, target, _ in broken] == [("registrations", "services")]


@contextmanager
def _systems(world: World, data_map: DataMap) -> Iterator[dict[SystemId, System]]:
    paths = {**world.folders, **world.databases}
    systems = {
        SystemId(i): open_system(i, entry, SystemSettings(path=paths.get(i)))
        for i, entry in data_map.systems.items()
    }
    try:
        yield systems
    finally:
        for system in systems.values():
            system.close()


def _uninformed(db: sqlite3.Connection) -> list[int]:
    """Customers who agreed before anything was shown."""
    rows = db.execute(
        "SELECT customer_id FROM provision_consents WHERE consented_at < presented_at"
    )
    return [customer for (customer,) in rows]


def _overdue(db: sqlite3.Connection, world: World) -> list[int]:
    """Customers whose licence number lies there ninety days after it was given."""
    rows = db.execute(
        "SELECT customer_id, received_at FROM identity_documents WHERE disposed_at IS NULL"
    )
    limit = world.at.replace(tzinfo=None) - timedelta(days=90)
    return [customer for customer, at in rows if datetime.fromisoformat(at) < limit]

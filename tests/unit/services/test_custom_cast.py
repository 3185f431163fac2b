"""Custom Cast: no face anywhere, an opt-out that holds, and what is planted for a scan to find."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from seiyaku.datamap.graph import resolve
from seiyaku.datamap.model import DataMap
from seiyaku.kernel.document import check_model, read_document
from seiyaku.services import path
from seiyaku.testing import World, generate
from seiyaku.testing.book import stamp

PEOPLE = 40
AFTER_OPT_OUT = """SELECT p.customer_id FROM provisions p JOIN partner_companies c
                   ON c.id = p.partner_id AND c.kind = 'group' JOIN group_optouts o
                   ON o.customer_id = p.customer_id AND p.at > o.accepted_at"""


@pytest.fixture(scope="module")
def data_map() -> DataMap:
    return check_model(read_document(path("custom-cast") / "datamap.yaml"), DataMap)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return generate("custom-cast", tmp_path_factory.mktemp("cast") / "home", people=PEOPLE)


@pytest.fixture(scope="module")
def db(world: World) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(world.db)) as connection:
        yield connection


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = tmp_path_factory.mktemp("trapped") / "home"
    return generate("custom-cast", home, people=PEOPLE, traps=True)


def test_aki_has_something_in_every_table_of_a_customer(
    world: World, db: sqlite3.Connection, data_map: DataMap
) -> None:
    tables = [
        name
        for name, dataset in data_map.systems["app"].datasets.items()
        if any(link.by == ("customer_id",) for link in dataset.links)
    ]
    assert len(tables) == 21
    for table in tables:
        query = f'SELECT count(*) FROM "{table}" WHERE customer_id = ?'
        assert db.execute(query, (world.person("aki").number,)).fetchone()[0] > 0, table


def test_every_dataset_that_holds_something_belongs_to_somebody(data_map: DataMap) -> None:
    for kind in ("customer", "applicant", "employee", "shareholder", "prospect"):
        found = resolve(data_map, kind)
        assert found.cycles == ()
        assert any(step.dataset.startswith("app.") for step in found.steps), kind
    assert resolve(data_map).unreachable == ()


def test_the_face_has_no_place_in_the_data_map(data_map: DataMap) -> None:
    items = {f.item for _, d in data_map.datasets() for f in d.fields.values()}
    held = {item for system in data_map.systems.values() for item in system.holds}
    assert "face_expression" not in items | held


def test_without_traps_no_face_lies_anywhere_and_every_opt_out_holds(
    world: World, db: sqlite3.Connection
) -> None:
    assert _faces(db) == set()
    assert db.execute(AFTER_OPT_OUT).fetchall() == []
    assert _untold(db, world) == []
    assert db.execute("SELECT min(min_group) FROM statistics_exports").fetchone() == (10,)


def test_copies_that_came_with_a_letter_lie_there_thirty_days_after_the_decision_at_most(
    world: World, db: sqlite3.Connection
) -> None:
    limit = stamp(world.at - timedelta(days=30))
    late = "SELECT count(*) FROM postal_requests WHERE proof_key <> '' AND decided_at < ?"
    assert db.execute(late, (limit,)).fetchone() == (0,)
    for dataset, column in (("letters", "scan_key"), ("proofs", "proof_key")):
        keys = {k for (k,) in db.execute(f"SELECT {column} FROM postal_requests") if k}
        assert keys
        assert {p.name for p in (world.folders["objects"] / dataset).iterdir()} == keys


def test_every_trap_of_the_reference_is_planted(trapped: World) -> None:
    aki, chika = trapped.person("aki"), trapped.person("chika")
    with closing(sqlite3.connect(trapped.db)) as db:
        assert _faces(db) == {("view_history", aki.number), ("avatars", chika.number)}
        assert db.execute(AFTER_OPT_OUT).fetchall() == [(chika.number,)]
        assert set(_untold(db, trapped)) == {aki.number}
        assert db.execute("SELECT min(min_group) FROM statistics_exports").fetchone() == (2,)
    report = trapped.folders["objects"] / "crashes" / "report-0001.json"
    assert len(json.loads(report.read_text("utf-8"))["faceAnchor"]) == 52


def _faces(db: sqlite3.Connection) -> set[tuple[str, int]]:
    """Where a JSON column holds expressions, and whose."""
    found = set()
    for table, column in (("view_history", "extra_json"), ("avatars", "parameters_json")):
        rows = db.execute(f"SELECT customer_id FROM {table} WHERE {column} LIKE '%eyeBlinkLeft%'")
        found |= {(table, customer) for (customer,) in rows}
    return found


def _untold(db: sqlite3.Connection, world: World) -> list[int]:
    """Customers whose content was used thirty days ago and who were not told."""
    limit = stamp(world.at - timedelta(days=30))
    rows = db.execute(
        "SELECT customer_id FROM content_uses WHERE notified_at IS NULL AND used_at < ?", (limit,)
    )
    return [customer for (customer,) in rows]

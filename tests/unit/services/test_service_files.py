"""Every service: its three files hold together, and say what the published text says."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from seiyaku.datamap.model import DataMap
from seiyaku.kernel.document import check_model, read_document
from seiyaku.kernel.errors import InvalidInput
from seiyaku.policy.model import Policy
from seiyaku.policy.parse import parse_policy
from seiyaku.services import available, path

SERVICES = available()


@cache
def policy_of(service: str) -> Policy:
    return parse_policy(path(service) / "policy.yaml").policy


@cache
def data_map_of(service: str) -> DataMap:
    return check_model(read_document(path(service) / "datamap.yaml"), DataMap)


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def db(service: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript((path(service) / "schema.sql").read_text("utf-8"))
        yield connection


def _tables(db: sqlite3.Connection) -> dict[str, list[str]]:
    names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        name: [c for (c,) in db.execute("SELECT name FROM pragma_table_info(?)", (name,))]
        for name in names
    }


def _app(service: str) -> Any:
    systems = data_map_of(service).systems.values()
    return next(system for system in systems if system.kind == "sqlite")


def test_a_policy_and_its_data_map_name_the_service_they_lie_under(service: str) -> None:
    assert policy_of(service).service == service
    assert data_map_of(service).service == service


def test_an_unknown_service_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as caught:
        path("nowhere")
    assert caught.value.code == "SY105"
    assert "closm-i" in caught.value.hint()


def test_every_column_of_every_table_is_mapped_and_nothing_else(
    service: str, db: sqlite3.Connection
) -> None:
    mapped = {d.table or name: list(d.fields) for name, d in _app(service).datasets.items()}
    assert mapped == _tables(db)


def test_every_foreign_key_to_peoples_rows_is_a_link_of_the_data_map(
    service: str, db: sqlite3.Connection
) -> None:
    app = _app(service)
    by_table = {d.table or name: d for name, d in app.datasets.items()}
    for table, dataset in by_table.items():
        links = {(link.by, link.to) for link in dataset.links}
        keys = db.execute('SELECT "from", "table" FROM pragma_foreign_key_list(?)', (table,))
        for column, target in keys.fetchall():
            if by_table[target].shared:
                continue
            assert ((column,), target) in links, f"{table}.{column} is no link of the data map"


def test_every_link_and_time_names_columns_that_are_there(service: str) -> None:
    data_map = data_map_of(service)
    for dataset_id, dataset in data_map.datasets():
        system = dataset_id.partition(".")[0]
        for link in dataset.links:
            target = data_map.dataset(data_map.target(system, link))
            assert set(link.by) <= set(dataset.fields)
            assert set(data_map.target_columns(system, link)) <= set(target.fields)
        for dated in dataset.times.values():
            parent, _, column = dated.rpartition(".")
            owner = data_map.dataset(f"{system}.{parent}") if parent else dataset
            assert column in owner.fields


def test_every_column_a_link_may_lose_is_nullable(service: str, db: sqlite3.Connection) -> None:
    """A row the law keeps, or a chain keeps, must let go of the person."""
    app = _app(service)
    held = {i for _, rule in policy_of(service).legal_holds() for i in rule.items}
    for name, dataset in app.datasets.items():
        kept = any(f.item in held for f in dataset.fields.values())
        if not kept and dataset.erase.how != "unlink":
            continue
        people = {n for n, d in app.datasets.items() if d.person}
        info = db.execute(
            'SELECT name, "notnull" FROM pragma_table_info(?)', (dataset.table or name,)
        )
        required = {column for column, notnull in info.fetchall() if notnull}
        for link in dataset.links:
            if link.to in people or dataset.erase.how == "unlink":
                assert not required & set(link.by), f"{name}.{link.by} must be able to be empty"


def test_words_of_the_data_map_are_declared_by_the_policy(service: str) -> None:
    policy, data_map = policy_of(service), data_map_of(service)
    undeclared = {
        field.item
        for _, dataset in data_map.datasets()
        for field in dataset.fields.values()
        if field.item and field.item not in policy.items
    }
    expected = {"closm-i": {"inquiry", "inquiry_contact"}}
    if service in expected:
        assert undeclared == expected[service]
    sources = {
        field.source
        for _, dataset in data_map.datasets()
        for field in dataset.fields.values()
        if field.source
    }
    assert sources <= set(policy.sources)
    clauses = {s.clause for s in data_map.systems.values()}
    clauses |= {d.erase.clause for _, d in data_map.datasets()}
    assert clauses - {None} <= set(policy.clauses)


def test_every_declared_item_that_may_be_kept_lies_somewhere(service: str) -> None:
    policy, data_map = policy_of(service), data_map_of(service)
    lies = {f.item for _, d in data_map.datasets() for f in d.fields.values()}
    lies |= {item for system in data_map.systems.values() for item in system.holds}
    kept = {name for name, item in policy.items.items() if "keep" not in item.never}
    if service == "closm-i":
        assert kept <= lies


@pytest.mark.reference
def test_every_clause_of_the_register_is_in_the_policy(
    service: str, register: dict[str, dict[str, dict[str, Any]]]
) -> None:
    policy, entries = policy_of(service), register[service]
    assert set(policy.clauses) == set(entries)
    for clause, text in policy.clauses.items():
        assert text.force == entries[clause]["force"], clause
        assert text.proof == entries[clause]["proof"], clause


@pytest.mark.reference
def test_every_clause_carries_the_digest_of_the_lines_it_stands_for(
    service: str, reference_folder: Path
) -> None:
    source = (reference_folder / "policies" / f"{service}.txt").read_bytes()
    policy = policy_of(service)
    assert policy.source.sha256 == hashlib.sha256(source).hexdigest()
    lines = source.decode("utf-8").split("\n")
    for clause, text in policy.clauses.items():
        first, last = text.lines
        part = "\n".join(lines[first - 1 : last])
        assert text.sha256 == hashlib.sha256(part.encode()).hexdigest(), clause


@pytest.mark.reference
def test_no_paraphrase_copies_the_register_or_the_text(
    service: str, register: dict[str, dict[str, dict[str, Any]]], reference_folder: Path
) -> None:
    published = (reference_folder / "policies" / f"{service}.txt").read_text("utf-8").lower()
    for clause, text in policy_of(service).clauses.items():
        english = text.says.en.lower().rstrip(".")
        assert english != str(register[service][clause]["says"]).lower().rstrip("."), clause
        assert english not in published, clause
        assert text.says.en.count(". ") == 0, f"{clause}: one sentence"
        assert text.says.ja.count("。") <= 1, f"{clause}: one sentence"

"""Deskrex: what was collected or sent had a consent before it; traps are there to be found."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from seiyaku.datamap.graph import resolve
from seiyaku.datamap.model import DataMap
from seiyaku.kernel.document import check_model, read_document
from seiyaku.policy.model import Policy
from seiyaku.services import path
from seiyaku.testing import World, generate

PEOPLE = 40
NOT_OF_A_PERSON = ("users", "training_datasets", "ad_partners")
UNCONSENTED = """SELECT x.user_id FROM {table} x WHERE NOT EXISTS (
                   SELECT 1 FROM consents c WHERE c.id = x.consent_id AND c.user_id = x.user_id
                   AND c.item = '{item}' AND c.granted_at < x.at
                   AND (c.withdrawn_at IS NULL OR c.withdrawn_at > x.at))"""
BEYOND = """SELECT p.user_id FROM ad_provisions p, json_each(p.fields_json) f WHERE NOT EXISTS (
              SELECT 1 FROM consents c WHERE c.user_id = p.user_id AND c.kind = 'provision'
              AND c.item = f.value AND c.granted_at < p.sent_at)"""
TRAINED = "SELECT name FROM training_datasets WHERE purpose = 'train_model'"


@pytest.fixture(scope="module")
def data_map() -> DataMap:
    return check_model(read_document(path("deskrex") / "datamap.yaml"), DataMap)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return generate("deskrex", tmp_path_factory.mktemp("deskrex") / "home", people=PEOPLE)


@pytest.fixture(scope="module")
def db(world: World) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(world.db)) as connection:
        yield connection


@pytest.fixture
def trapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, sqlite3.Connection]]:
    home = tmp_path_factory.mktemp("trapped") / "home"
    world = generate("deskrex", home, people=PEOPLE, traps=True)
    with closing(sqlite3.connect(world.db)) as connection:
        yield world, connection


def _column(db: sqlite3.Connection, query: str, *given: object) -> list[object]:
    return [row[0] for row in db.execute(query, given)]


def test_aki_has_something_in_every_table_of_a_user(
    world: World, db: sqlite3.Connection, data_map: DataMap
) -> None:
    for table in set(data_map.systems["app"].datasets) - set(NOT_OF_A_PERSON):
        query = f'SELECT count(*) FROM "{table}" WHERE user_id = ?'
        assert _column(db, query, world.person("aki").number)[0], table


def test_ben_has_an_account_and_nothing_else(
    world: World, db: sqlite3.Connection, data_map: DataMap
) -> None:
    for table in set(data_map.systems["app"].datasets) - set(NOT_OF_A_PERSON):
        query = f'SELECT count(*) FROM "{table}" WHERE user_id = ?'
        assert _column(db, query, world.person("ben").number) == [0], table


def test_every_dataset_that_holds_something_belongs_to_somebody(data_map: DataMap) -> None:
    found = resolve(data_map)
    assert found.unreachable == ()
    assert found.cycles == ()


def test_every_item_that_may_be_kept_lies_somewhere_and_no_column_is_just_other_information(
    data_map: DataMap,
) -> None:
    policy = check_model(read_document(path("deskrex") / "policy.yaml"), Policy)
    lies = {f.item for _, d in data_map.datasets() for f in d.fields.values() if f.item}
    assert lies == {word for word, item in policy.items.items() if "keep" not in item.never}
    assert "other_information" not in lies


def test_location_and_surveys_were_collected_while_their_own_consent_stood(
    db: sqlite3.Connection,
) -> None:
    for table, item in (("location_points", "location"), ("survey_responses", "survey_answer")):
        assert _column(db, f"SELECT count(*) FROM {table}")[0]
        assert _column(db, UNCONSENTED.format(table=table, item=item)) == []


def test_partners_got_what_was_agreed_to_and_nothing_before_one_was_listed(
    db: sqlite3.Connection,
) -> None:
    assert _column(db, BEYOND) == []
    early = """SELECT p.id FROM ad_provisions p JOIN ad_partners a ON a.id = p.partner_id
               WHERE p.sent_at < a.listed_since"""
    assert _column(db, early) == []


def test_a_link_brought_in_what_was_granted_only(world: World, db: sqlite3.Connection) -> None:
    for scopes, profile in db.execute("SELECT scopes_json, profile_json FROM integrations"):
        assert ("linked_profile" in json.loads(scopes)) == (profile is not None)
    fumi = world.person("fumi").number
    (revoked,) = _column(db, "SELECT revoked_at FROM integrations WHERE user_id = ?", fumi)
    assert revoked is not None


def test_everyone_is_on_the_last_version_they_accepted(
    world: World, db: sqlite3.Connection
) -> None:
    rows = dict(db.execute("SELECT id, accepted_policy_version FROM users"))
    assert rows[world.person("dai").number] == "2023-10-12"
    assert rows[world.person("gen").number] == "2024-05-30"
    assert rows[world.person("aki").number] == "2026-02-10"
    beyond = """SELECT u.id FROM users u WHERE u.accepted_policy_version <> (
                  SELECT max(c.policy_version) FROM policy_consents c
                  WHERE c.user_id = u.id AND c.decision = 'accepted')"""
    assert _column(db, beyond) == []


def test_a_fee_stands_for_disclosure_only_and_is_a_thousand_yen(
    world: World, db: sqlite3.Connection
) -> None:
    assert set(_column(db, "SELECT amount_yen FROM disclosure_fees")) == {1000}
    hana = world.person("hana").number
    query = "SELECT paid_at IS NULL FROM disclosure_fees WHERE user_id = ? ORDER BY id"
    assert _column(db, query, hana) == [0, 1]


def test_without_traps_everything_is_in_order(db: sqlite3.Connection) -> None:
    prompts = _column(db, "SELECT prompt FROM research_queries")
    assert not any("@" in str(p) for p in prompts)
    assert _column(db, TRAINED) == []
    assert not any("4242" in str(p) for p in _column(db, "SELECT payload_json FROM form_inputs"))


def test_every_trap_of_the_reference_is_planted(
    trapped: tuple[World, sqlite3.Connection],
) -> None:
    world, db = trapped
    aki, chika = world.person("aki").number, world.person("chika").number
    asked = "SELECT user_id FROM research_queries WHERE prompt LIKE '%@%'"
    assert _column(db, asked) == [aki]
    assert _column(db, TRAINED) == ["contents-2026"]
    points = UNCONSENTED.format(table="location_points", item="location")
    assert _column(db, points) == [chika]
    assert set(_column(db, BEYOND)) == {aki}
    cards = "SELECT user_id FROM form_inputs WHERE payload_json LIKE '%4242 4242 4242 4242%'"
    assert set(_column(db, cards)) == {aki}

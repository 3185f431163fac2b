"""Nicori: orders of two people, value links, and what is planted for a scan to find."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from seiyaku.datamap.graph import resolve
from seiyaku.datamap.model import DataMap
from seiyaku.kernel.document import check_model, read_document
from seiyaku.services import path
from seiyaku.testing import World, generate

PEOPLE = 40
TABLES_OF_A_MEMBER = (
    "payment_methods", "orders", "partner_records", "browsing_events", "ad_views",
    "search_logs", "device_profiles", "location_points", "feedback", "survey_responses",
    "marketing_consents", "campaign_sends", "inquiries", "id_proofs",
)  # fmt: skip
MISSENT = """SELECT count(*) FROM provisions p JOIN orders o ON o.id = p.order_id
             WHERE p.seller_id <> o.seller_id"""


@pytest.fixture(scope="module")
def data_map() -> DataMap:
    return check_model(read_document(path("nicori") / "datamap.yaml"), DataMap)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return generate("nicori", tmp_path_factory.mktemp("nicori") / "home", people=PEOPLE)


@pytest.fixture(scope="module")
def db(world: World) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(world.db)) as connection:
        yield connection


@pytest.fixture
def trapped(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = tmp_path_factory.mktemp("trapped") / "home"
    return generate("nicori", home, people=PEOPLE, traps=True)


def test_aki_has_something_in_every_table_of_a_member(world: World, db: sqlite3.Connection) -> None:
    for table in TABLES_OF_A_MEMBER:
        query = f'SELECT count(*) FROM "{table}" WHERE member_id = ?'
        assert db.execute(query, (world.person("aki").number,)).fetchone()[0] > 0, table


def test_every_dataset_that_holds_something_belongs_to_somebody(data_map: DataMap) -> None:
    found = resolve(data_map)
    assert found.unreachable == ()
    assert found.cycles == ()


def test_an_order_is_the_buyers_and_only_refers_to_the_seller(data_map: DataMap) -> None:
    orders = next(s for s in resolve(data_map, "member").steps if s.dataset == "app.orders")
    assert [p.by for p in orders.paths if p.owns] == [("member_id",)]
    orders = next(s for s in resolve(data_map, "seller").steps if s.dataset == "app.orders")
    assert [p.by for p in orders.paths if not p.owns] == [("seller_id",)]


def test_nothing_went_to_a_seller_without_agreement_or_who_sold_nothing(
    db: sqlite3.Connection,
) -> None:
    unasked = """SELECT count(*) FROM provisions p JOIN orders o ON o.id = p.order_id
                 WHERE o.seller_consent_at IS NULL OR o.seller_consent_at > p.sent_at"""
    assert db.execute(unasked).fetchone() == (0,)
    assert db.execute(MISSENT).fetchone() == (0,)


def test_campaign_mail_went_to_those_who_had_approved_only(db: sqlite3.Connection) -> None:
    late = """SELECT count(*) FROM campaign_sends s WHERE NOT EXISTS (
                SELECT 1 FROM marketing_consents c WHERE c.member_id = s.member_id
                AND c.approved_at <= s.sent_at
                AND (c.withdrawn_at IS NULL OR c.withdrawn_at >= s.sent_at))"""
    assert db.execute("SELECT count(*) FROM campaign_sends").fetchone()[0] > 0
    assert db.execute(late).fetchone() == (0,)


def test_without_traps_no_card_number_is_held_and_no_proof_is_overdue(
    world: World, db: sqlite3.Connection
) -> None:
    held = "SELECT count(*) FROM payment_methods WHERE card_number IS NOT NULL"
    assert db.execute(held).fetchone() == (0,)
    assert _overdue(db, world) == []


def test_every_trap_of_the_reference_is_planted(trapped: World) -> None:
    aki, hana = trapped.person("aki"), trapped.person("hana")
    with closing(sqlite3.connect(trapped.db)) as db:
        cards = db.execute("SELECT member_id FROM payment_methods WHERE card_number IS NOT NULL")
        assert {m for (m,) in cards} == {aki.number}
        assert db.execute("SELECT count(*) FROM recommendations").fetchone()[0] > 0
        assert db.execute(MISSENT).fetchone() == (1,)
        assert _overdue(db, trapped) == [hana.number]


def _overdue(db: sqlite3.Connection, world: World) -> list[int]:
    """Members whose proof lies there thirty days after the decision."""
    rows = db.execute("SELECT member_id, verified_at FROM id_proofs WHERE disposed_at IS NULL")
    limit = world.at.replace(tzinfo=None) - timedelta(days=30)
    return [member for member, at in rows if datetime.fromisoformat(at) < limit]

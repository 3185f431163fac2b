"""A hunt reads what database servers hold, in every type that can hold an identifier."""

from __future__ import annotations

import pytest

from seiyaku.datamap.model import SystemEntry
from seiyaku.kernel.ids import SystemId
from seiyaku.kernel.text import Text
from seiyaku.scan import Hunt, Identifier, Needles, hunt
from seiyaku.systems.open import SystemSettings, open_system
from seiyaku.testing.servers import Database

NEEDLE = Identifier("email", "aki@example.jp")
NEEDLES = Needles(
    [
        NEEDLE,
        Identifier("account", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
        Identifier("phone", "9012345678"),
        Identifier("account", "314159265358979323"),
    ]
)
POSTGRES = r"""
CREATE TABLE odd (id serial PRIMARY KEY, a text, b varchar(80), c char(40), d json, e jsonb,
                  f text[], g uuid, h xml, i bytea, j bigint, k bytea, l numeric(20), m date);
INSERT INTO odd (a, b, c, d, e, f, g, h, i, j, k, l) VALUES
 ('Aki@example.jp', 'to aki%40example.jp', 'aki@example.jp', '{"m": "aki@example.jp"}',
  '[["aki@example.jp"]]', ARRAY['x', 'aki@example.jp'],
  '6f9619ff-8b86-d011-b42d-00cf4fc964ff', '<m>aki@example.jp</m>', 'aki@example.jp',
  9012345678, '\x6f9619ff8b86d011b42d00cf4fc964ff', 314159265358979323),
 ('nobody', NULL, '', '{}', '[]', '{}', NULL, NULL, NULL, 9012345679, '\x00', 1)
"""
MARIADB = """
CREATE TABLE odd (id integer PRIMARY KEY AUTO_INCREMENT, a text, b varchar(80), c char(40),
                  d json, e longtext, g uuid, i blob, j bigint, k binary(16), l decimal(20), m date)
"""
MARIADB_ROWS = """
INSERT INTO odd (a, b, c, d, e, g, i, j, k, l) VALUES
 ('Aki@example.jp', 'to aki%40example.jp', 'aki@example.jp', '{"m": "aki@example.jp"}',
  'aki@example.jp', '6f9619ff-8b86-d011-b42d-00cf4fc964ff', 'aki@example.jp',
  819012345678, x'6f9619ff8b86d011b42d00cf4fc964ff', 314159265358979323),
 ('nobody', NULL, '', '{}', '', NULL, NULL, 2, NULL, NULL)
"""


def test_numbers_are_told_as_not_searched_where_nobody_is_known_by_one(
    postgres_database: Database,
) -> None:
    postgres_database.run(*POSTGRES.split(";\n"))
    found = hunted("postgres", postgres_database, needles=Needles([NEEDLE]))
    [others] = [u for u in found.unsearched if u.why == "not_text"]
    assert others.where == "odd.(id,j,l,m)"


def hunted(
    kind: str, database: Database, budget_bytes: int = 1 << 20, needles: Needles = NEEDLES
) -> Hunt:
    entry = SystemEntry(kind=kind, name=Text(ja="店", en="shop"))  # type: ignore[arg-type]
    settings = SystemSettings(url=database.dsn if kind == "postgres" else database.url)
    system = open_system("shop", entry, settings)
    try:
        return hunt({SystemId("shop"): system}, needles, budget_bytes=budget_bytes)
    finally:
        system.close()


def test_every_type_of_postgresql_that_can_hold_an_identifier_is_read(
    postgres_database: Database,
) -> None:
    postgres_database.run(*POSTGRES.split(";\n"))
    found = hunted("postgres", postgres_database)
    assert {h.place.column: h.texts for h in found.hits} == dict.fromkeys("abcdefghijkl", 1)
    [others] = [u for u in found.unsearched if u.why == "not_text"]
    assert others.where == "odd.(m)"


def test_every_type_of_mariadb_that_can_hold_an_identifier_is_read(
    mariadb_database: Database,
) -> None:
    mariadb_database.run(MARIADB, MARIADB_ROWS)
    found = hunted("mariadb", mariadb_database)
    assert {h.place.column: h.texts for h in found.hits} == dict.fromkeys("abcdegijkl", 1)
    [others] = [u for u in found.unsearched if u.why == "not_text"]
    assert others.where == "odd.(m)"


@pytest.mark.mysql
def test_every_type_of_mysql_that_can_hold_an_identifier_is_read(mysql_database: Database) -> None:
    mysql_database.run(MARIADB.replace("g uuid", "g char(36)"), MARIADB_ROWS)
    found = hunted("mysql", mysql_database)
    assert {h.place.column: h.texts for h in found.hits} == dict.fromkeys("abcdegijkl", 1)
    [others] = [u for u in found.unsearched if u.why == "not_text"]
    assert others.where == "odd.(m)"


@pytest.mark.parametrize("budget", [0, 20])
def test_a_server_is_read_no_further_than_the_budget(
    postgres_database: Database, budget: int
) -> None:
    postgres_database.run(*POSTGRES.split(";\n"))
    found = hunted("postgres", postgres_database, budget)
    assert found.bytes <= budget
    assert [u for u in found.unsearched if u.why == "budget"]


def test_what_postgresql_keeps_of_a_query_is_read_and_its_other_schemas_are_told(
    postgres_database: Database,
) -> None:
    postgres_database.run(
        "CREATE TABLE users (id integer PRIMARY KEY, mail text)",
        "INSERT INTO users VALUES (1, 'aki@example.jp')",
        "CREATE MATERIALIZED VIEW newsletter AS SELECT mail FROM users",
        "DELETE FROM users",
    )
    found = hunted("postgres", postgres_database)
    assert [str(h.place) for h in found.hits] == ["shop.newsletter.mail"]
    assert {"other schemas", "large objects"} <= {u.where for u in found.unsearched}

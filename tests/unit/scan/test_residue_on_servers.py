"""A hunt reads what PostgreSQL and MariaDB hold, in every type that can hold a text."""

from __future__ import annotations

import pytest

from seiyaku.datamap.model import SystemEntry
from seiyaku.kernel.ids import SystemId
from seiyaku.kernel.text import Text
from seiyaku.scan import Hunt, Identifier, Needles, hunt
from seiyaku.systems.open import SystemSettings, open_system
from seiyaku.testing.servers import Database

NEEDLES = Needles(
    [
        Identifier("email", "aki@example.jp"),
        Identifier("account", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
    ]
)
POSTGRES = """
CREATE TABLE odd (id serial PRIMARY KEY, a text, b varchar(80), c char(40), d json, e jsonb,
                  f text[], g uuid, h xml, i bytea, j integer);
INSERT INTO odd (a, b, c, d, e, f, g, h, i, j) VALUES
 ('Aki@example.jp', 'to aki%40example.jp', 'aki@example.jp', '{"m": "aki@example.jp"}',
  '[["aki@example.jp"]]', ARRAY['x', 'aki@example.jp'],
  '6f9619ff-8b86-d011-b42d-00cf4fc964ff', '<m>aki@example.jp</m>', 'aki@example.jp', 1),
 ('nobody', NULL, '', '{}', '[]', '{}', NULL, NULL, NULL, 2)
"""
MARIADB = """
CREATE TABLE odd (id integer PRIMARY KEY AUTO_INCREMENT, a text, b varchar(80), c char(40),
                  d json, e longtext, g uuid, i blob, j integer)
"""
MARIADB_ROWS = """
INSERT INTO odd (a, b, c, d, e, g, i, j) VALUES
 ('Aki@example.jp', 'to aki%40example.jp', 'aki@example.jp', '{"m": "aki@example.jp"}',
  'aki@example.jp', '6f9619ff-8b86-d011-b42d-00cf4fc964ff', 'aki@example.jp', 1),
 ('nobody', NULL, '', '{}', '', NULL, NULL, 2)
"""


def hunted(kind: str, database: Database, budget_bytes: int = 1 << 20) -> Hunt:
    entry = SystemEntry(kind=kind, name=Text(ja="店", en="shop"))  # type: ignore[arg-type]
    settings = SystemSettings(url=database.dsn if kind == "postgres" else database.url)
    system = open_system("shop", entry, settings)
    try:
        return hunt({SystemId("shop"): system}, NEEDLES, budget_bytes=budget_bytes)
    finally:
        system.close()


def test_every_type_of_postgresql_that_holds_text_is_read(postgres_database: Database) -> None:
    postgres_database.run(*POSTGRES.split(";\n"))
    found = hunted("postgres", postgres_database)
    assert {h.place.column: h.texts for h in found.hits} == dict.fromkeys("abcdefgh", 1)
    [others] = [u for u in found.unsearched if u.why == "not_text"]
    assert others.where == "odd.(id,i,j)"


def test_every_type_of_mariadb_that_holds_text_is_read(mariadb_database: Database) -> None:
    mariadb_database.run(MARIADB, MARIADB_ROWS)
    found = hunted("mariadb", mariadb_database)
    assert {h.place.column: h.texts for h in found.hits} == dict.fromkeys("abcdeg", 1)
    [others] = [u for u in found.unsearched if u.why == "not_text"]
    assert others.where == "odd.(id,i,j)"


@pytest.mark.parametrize("budget", [0, 20])
def test_a_server_is_read_no_further_than_the_budget(
    postgres_database: Database, budget: int
) -> None:
    postgres_database.run(*POSTGRES.split(";\n"))
    found = hunted("postgres", postgres_database, budget)
    assert found.bytes <= budget
    assert [u for u in found.unsearched if u.why == "budget"]

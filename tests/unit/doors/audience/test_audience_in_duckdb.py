"""The filter inside DuckDB finds exactly the people of the audience, and keeps up."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowd import Crowd, consent, crowd, day, gate, policy
from seiyaku.doors.audience import Audiences, InDuckDB
from seiyaku.doors.audience.diagram import diagram
from seiyaku.doors.audience.in_duckdb import people_sql
from seiyaku.gate.model import Handling
from seiyaku.kernel.ids import PersonId
from seiyaku.standing import AgeBand, Suspension
from seiyaku.testing.clock import FixedClock

LETTER = Handling("use", "tea_letter")


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def found(database: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    return {person for (person,) in database.execute(query).fetchall()}


def test_the_query_finds_the_people_of_the_audience(
    database: duckdb.DuckDBPyConnection,
) -> None:
    door = Audiences(gate(), crowd(300), FixedClock(day(30)))
    inside, sizes = InDuckDB(door, database), set[int]()
    for word, purpose in policy().purposes.items():
        if items := purpose.items[:2]:
            handling = Handling("use", word)
            want = set(door.of(handling, items))
            assert found(database, inside.people(handling, items)) == want
            sizes.add(len(want))
    assert len(sizes) >= 4


def test_the_query_filters_the_companys_own_table(database: duckdb.DuckDBPyConnection) -> None:
    door = Audiences(gate(), crowd(50), FixedClock(day(30)))
    database.execute("CREATE TABLE orders AS SELECT 'p' || i % 70 AS who, i FROM range(700) r(i)")
    query = InDuckDB(door, database).people(Handling("use", "ship_goods"), ["email"])
    sent = f"SELECT DISTINCT who FROM orders WHERE who IN ({query})"
    assert found(database, sent) == set(door.audience("ship_goods", ["email"])) != set()


def test_an_event_rewrites_a_row_and_a_query_of_before_finds_nobody(
    database: duckdb.DuckDBPyConnection,
) -> None:
    people = Crowd()
    for name in ("a", "b"):
        people.say(AgeBand(PersonId(name), day(1), 18), consent(name, 2, purposes=("tea_letter",)))
    inside = InDuckDB(Audiences(gate(), people, FixedClock(day(30))), database)
    before = inside.people(LETTER, ["email"])
    assert found(database, before) == {"a", "b"}
    assert inside.people(LETTER, ["email"]) == before
    people.say(Suspension(PersonId("b"), day(3)))
    people.say(AgeBand(PersonId("c"), day(1), 18), consent("c", 2, purposes=("tea_letter",)))
    after = inside.people(LETTER, ["email"])
    assert found(database, before) == set()
    assert found(database, after) == {"a", "c"}
    people.leave("a")
    assert found(database, inside.people(LETTER, ["email"])) == {"c"}
    assert found(database, "SELECT person FROM seiyaku_standing") == {"b", "c"}


@settings(deadline=None, max_examples=60, derandomize=True, database=None)
@given(st.dictionaries(st.integers(0, 2**6 - 1), st.booleans(), min_size=1))
def test_a_query_says_what_its_diagram_says(values: dict[int, bool]) -> None:
    spread = {sum(1 << 13 * bit for bit in range(6) if mask >> bit & 1): mask for mask in values}
    query = people_sql(diagram({wide: values[mask] for wide, mask in spread.items()}), 7)
    with duckdb.connect() as database:
        database.execute("CREATE TABLE seiyaku_standing_state AS SELECT 7 AS n")
        database.execute(
            "CREATE TABLE seiyaku_standing (person VARCHAR, traits_0 UBIGINT, traits_1 UBIGINT)"
        )
        rows = [(str(mask), wide % 2**64, wide >> 64) for wide, mask in spread.items()]
        database.executemany("INSERT INTO seiyaku_standing VALUES (?, ?, ?)", rows)
        assert found(database, query) == {str(mask) for mask, yes in values.items() if yes}

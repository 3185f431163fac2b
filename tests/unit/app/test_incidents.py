"""Whom a leak concerns is read from the data map, or asked; never guessed."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from home_cases import Case

from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import InvalidInput

OFFICER = Actor("sato", "officer")


def test_a_leak_of_people_or_of_what_hangs_on_them_concerns_exactly_them(closm: Case) -> None:
    for dataset, query in (
        ("app.users", "SELECT id FROM users"),
        ("app.orders", "SELECT DISTINCT user_id FROM orders WHERE user_id IS NOT NULL"),
    ):
        leak = closm.home.incidents.open("leak", OFFICER, datasets=(dataset,))
        people = {c.person for c in closm.home.incidents.concerned(leak.id)}
        with closing(sqlite3.connect(closm.world.databases["app"])) as db:
            assert people == {str(key) for (key,) in db.execute(query)}
        assert leak.people == len(people)


@pytest.mark.parametrize("dataset", ["app.order_items", "app.plans", "app.nothing"])
def test_rows_that_hang_on_nobody_directly_are_not_taken_for_peoples(
    closm: Case, dataset: str
) -> None:
    with pytest.raises(InvalidInput) as unknown:
        closm.home.incidents.open("leak", OFFICER, datasets=(dataset,))
    assert unknown.value.code == "SY147"
    assert closm.home.incidents.all() == ()


def test_more_people_than_the_law_counts_start_the_clock_by_themselves(closm: Case) -> None:
    few = closm.home.incidents.open("leak", OFFICER, people=["1", "2"])
    many = closm.home.incidents.open("leak", OFFICER, people=[str(n) for n in range(1001)])
    assert closm.home.incidents.clock(few) is None
    assert closm.home.incidents.clock(many) is not None

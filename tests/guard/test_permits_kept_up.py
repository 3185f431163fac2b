"""However people change their minds, pushes one by one leave what one whole push would."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from random import Random

import pytest

from guard.teahouse import AT, LETTER, MEASURE, SHIP, Teahouse, furnish, teahouse
from seiyaku.doors.permits import Laid, Permits, WithRows, layout_of
from seiyaku.gate.traits import Traits
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import (
    Closure,
    Consent,
    Event,
    Freeze,
    OptIn,
    OptOut,
    Resumption,
    Scope,
    Suspension,
    Withdrawal,
)


def _something(dice: Random, shop: Teahouse, minute: int) -> Event:
    person, at = PersonId(str(dice.randint(1, 9))), AT - timedelta(minutes=1000 - minute)
    shop.people.kinds.setdefault(person, "customer")
    purposes = tuple(dice.sample(["tea_letter", "ship_goods", "measure"], dice.randint(0, 2)))
    scope = Scope(purposes=purposes)
    kind = dice.choice([Consent, Consent, Withdrawal, OptOut, OptIn, Suspension, Resumption])
    if kind is Consent:
        return Consent(person, at, scope, "2026-04-01", presented_at=at - timedelta(minutes=1))
    if dice.random() < 0.05:
        return dice.choice([Freeze, Closure])(person, at)
    return kind(person, at, scope)


@pytest.mark.parametrize("seed", range(6))
def test_pushes_one_by_one_are_as_one_of_everybody(seed: int) -> None:
    dice, shop = Random(seed), teahouse()
    layout = layout_of(shop.policy, shop.datamap, "app", [LETTER, SHIP, MEASURE])
    with closing(sqlite3.connect(":memory:")) as connection:
        furnish(connection)
        laid, traits, changed = Laid(connection, "sqlite", layout), Traits(), 0
        for minute in range(40):
            shop.people.say(*(_something(dice, shop, minute) for _ in range(dice.randint(1, 3))))
            if dice.random() < 0.2:
                traits = Traits()  # another process goes on
            permits = Permits(layout, shop.gate, shop.people, AT, traits)
            pushed = laid.push(permits, shop.people)
            assert pushed.scope == ("everybody" if minute == 0 else "people")
            changed += pushed.written
            fresh = Permits(layout, shop.gate, shop.people, AT, Traits())
            assert laid.drift(fresh).clean
        assert changed > 10


def test_whoever_only_has_a_row_is_known_and_said_nothing() -> None:
    shop = teahouse()
    shop.people.kinds.clear()
    layout = layout_of(shop.policy, shop.datamap, "app", [LETTER, SHIP])
    with closing(sqlite3.connect(":memory:")) as connection:
        furnish(connection)
        laid, traits = Laid(connection, "sqlite", layout), Traits()

        def push() -> int:
            people = WithRows(shop.people, laid, layout)
            permits = Permits(layout, shop.gate, people, AT, traits)
            return laid.push(permits, people).written

        assert push() == 4
        permitted = "SELECT count(*) FROM seiyaku_permits_customers WHERE {} <> 0"
        assert connection.execute(permitted.format("ship_goods")).fetchone() == (4,)
        assert connection.execute(permitted.format("tea_letter")).fetchone() == (0,)
        connection.execute("INSERT INTO customers (id) VALUES (77)")
        connection.commit()
        assert push() == 1
        assert push() == 0

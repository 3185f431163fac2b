"""A batch in lots: a transaction each, all rows of a person in one, counts as planned."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from home_cases import SATO, Case

import bookshop
from seiyaku.app import Home, lots
from seiyaku.datamap.system import Action, Handles, Located
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.plans.lots import in_lots, lots_wanted, shares
from seiyaku.plans.model import Group, Lot
from seiyaku.testing.servers import Database

READERS = range(1, 13)
ROWS = 10
"""Of a reader with the newsletter: 1 + 2 + 4 + 3, and one letter for every second."""
ORDERS = DatasetId("app.orders")


def markers(shop: Database) -> list[str]:
    with psycopg.connect(shop.dsn) as db:
        return sorted(r for (r,) in db.execute("SELECT run FROM seiyaku_applied"))


@pytest.fixture
def shop(postgres_database: Database) -> Database:
    bookshop.stock(postgres_database, len(READERS) + 1)
    return postgres_database


@pytest.fixture
def home(shop: Database, tmp_path: Path) -> Iterator[Home]:
    bookshop.settle(tmp_path / "home", shop, options={"rows_at_once": str(4 * ROWS)})
    with bookshop.opened(tmp_path / "home") as opened:
        yield opened


def lots_of(home: Home, plan: str) -> tuple[Lot, ...]:
    groups = home.parts.repositories.plans.get(plan).groups
    return next(g.lots for g in groups if g.system == "app")


def test_a_batch_goes_in_lots_and_nobody_is_in_two(shop: Database, home: Home) -> None:
    plan = bookshop.approved(home, *READERS)
    lots = lots_of(home, plan)
    assert len(lots) == 4
    result = home.run(plan)
    assert result.state == "done"
    told = {o.dataset: o.rows for o in result.outcomes if o.system == "app" and o.rows}
    assert told == {f"app.{t}": n for t, n in gone(12).items()}
    assert bookshop.rows(shop) == gone(1, letters=0)
    assert markers(shop) == [f"{plan.replace('plan-', 'run-')}.{n}" for n in range(4)]
    assert home.parts.repositories.plans.lots(home.parts.repositories.plans.get(plan).id) == ()


def gone(readers: int, letters: int | None = None) -> dict[str, int]:
    news = readers // 2 if letters is None else letters
    per = {"users": 1, "orders": 2, "order_items": 4, "reviews": 3}
    return {**{t: n * readers for t, n in per.items()}, "newsletter": news}


def test_the_plan_says_how_many_rows_each_lot_has_and_they_add_up(home: Home) -> None:
    plan = bookshop.approved(home, *READERS)
    group = next(g for g in home.parts.repositories.plans.get(plan).groups if g.system == "app")
    for n, action in enumerate(group.actions):
        assert sum(lot.expected[n] for lot in group.lots) == action.expected
    assert all(lot.expected for lot in group.lots)


def test_people_who_share_a_row_go_in_one_transaction(shop: Database, home: Home) -> None:
    """The first and the last get one newsletter under one address."""
    with psycopg.connect(shop.dsn) as db:
        db.execute("UPDATE users SET email = 'reader2@mail.example' WHERE id = 11")
    plan = bookshop.approved(home, *READERS)
    assert lots_of(home, plan) == ()
    assert home.run(plan).state == "done"
    assert markers(shop) == [plan.replace("plan-", "run-")]


def test_few_rows_are_one_transaction(home: Home) -> None:
    assert lots_of(home, bookshop.approved(home, 1, 2, 3)) == ()


def test_the_rows_of_one_person_are_one_transaction_however_many(
    shop: Database, tmp_path: Path
) -> None:
    bookshop.settle(tmp_path / "home", shop, options={"rows_at_once": "2"})
    with bookshop.opened(tmp_path / "home") as home:
        assert lots_of(home, bookshop.approved(home, 4)) == ()
        assert len(lots_of(home, bookshop.approved(home, 5, 6))) == 2


def test_a_lot_whose_rows_change_meanwhile_waits_and_the_others_are_done(
    shop: Database, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = bookshop.approved(home, *READERS)

    def boundary(name: str) -> None:
        if name == "app:act:before":
            with psycopg.connect(shop.dsn) as db:
                db.execute("INSERT INTO reviews (user_id, body) VALUES (8, 'late')")

    monkeypatch.setattr("seiyaku.app.steps.boundary", boundary)
    result = home.run(plan)
    assert result.state == "open"
    waits = {o.dataset: o.rows for o in result.outcomes if o.note == "rows_changed"}
    assert waits == {f"app.{t}": n for t, n in gone(3, letters=1).items()}
    done = {o.dataset: o.rows for o in result.outcomes if o.outcome == "done" and o.rows}
    assert done["app.users"] == 9
    assert bookshop.rows(shop)["users"] == 1 + 3
    monkeypatch.undo()
    request = home.parts.repositories.plans.request_of(plan)
    again = home.plan(request)
    home.approve(again.id, bookshop.SATO)
    assert home.run(again.id).state == "done"
    assert bookshop.rows(shop) == gone(1, letters=0)


def test_nothing_is_changed_where_the_first_lot_is_not_what_was_counted(
    shop: Database, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = bookshop.approved(home, *READERS)

    def boundary(name: str) -> None:
        if name == "app:act:before":
            with psycopg.connect(shop.dsn) as db:
                db.execute("INSERT INTO reviews (user_id, body) VALUES (1, 'late')")

    monkeypatch.setattr("seiyaku.app.steps.boundary", boundary)
    with pytest.raises(Conflict) as told:
        home.run(plan)
    assert told.value.code == "SY502"
    assert bookshop.rows(shop)["users"] == 13


def test_lots_are_of_one_size_as_near_as_it_can_be() -> None:
    assert [s.stop - s.start for s in shares(11, 4)] == [2, 3, 3, 3]
    group = Group(SystemId("app"), (), (Action(ORDERS, "delete", (), expected=100),))
    assert lots_wanted(group, None, 9) == 1
    assert lots_wanted(group, 100, 9) == 1
    assert lots_wanted(group, 30, 9) == 4
    assert lots_wanted(group, 1, 9) == 9


def test_lots_that_have_to_do_with_each_other_are_none() -> None:
    actions = (Action(ORDERS, "delete", (), expected=4),)
    group = Group(SystemId("app"), (), actions)

    def found(rows: int, references: int) -> Located:
        return Located({ORDERS: rows}, {ORDERS: references}, Handles())

    apart = in_lots(group, found(4, 1), [found(3, 0), found(1, 1)])
    assert [lot.expected for lot in apart.lots] == [(3,), (1,)]
    assert in_lots(group, found(4, 0), [found(3, 0), found(2, 0)]) == group
    assert in_lots(group, found(4, 0), [found(3, 0), found(1, 1)]) == group


def test_rows_whose_time_is_over_go_in_lots_too(
    closm: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite names no bound: it is said here that three lots are wanted."""

    def wanted(group: Group, _rows: int | None, most: int) -> int:
        return min(3, most) if group.actions else 1

    monkeypatch.setattr(lots, "lots_wanted", wanted)
    add = "INSERT INTO access_logs (id, user_id, ip, path, accessed_at) VALUES (?, 1, 'x', '/', ?)"
    with closing(sqlite3.connect(closm.home.parts.home / "app.db")) as db:
        db.execute("DELETE FROM access_logs")
        db.executemany(add, [(n, "2026-05-01 09:00:00") for n in range(7)])
        db.execute(add, (99, "2026-11-01 09:00:00"))
        db.commit()
        found = closm.home.dispose()
        assert found.request is not None
        plan = closm.home.plan(found.request)
        [group] = [g for g in plan.groups if g.actions]
        logs = next(n for n, a in enumerate(group.actions) if a.dataset == "app.access_logs")
        assert [lot.expected[logs] for lot in group.lots] == [2, 2, 3]
        closm.home.approve(plan.id, SATO)
        assert closm.home.run(plan.id).state == "done"
        assert db.execute("SELECT id FROM access_logs").fetchall() == [(99,)]
        (marked,) = db.execute("SELECT count(*) FROM seiyaku_applied").fetchone()
        assert marked == 3

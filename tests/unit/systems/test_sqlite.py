"""SQLite as a company system: found by links of every kind, changed whole or not at all."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from seiyaku.datamap.find import find_people
from seiyaku.datamap.graph import resolve
from seiyaku.datamap.model import DataMap
from seiyaku.datamap.system import (
    Action,
    HandleColumn,
    Handles,
    HoldSplit,
    Located,
    Row,
    Step,
)
from seiyaku.datamap.system import (
    Path as LinkPath,
)
from seiyaku.kernel.errors import Conflict, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, PersonId, RunId
from seiyaku.systems.sqlite import SqliteSystem

USERS = HandleColumn(DatasetId("app.users"), ("id",))


def person(*ids: object) -> Handles:
    return Handles({USERS: frozenset((i,) for i in ids)})  # type: ignore[misc]


def steps(shop_map: DataMap) -> tuple[Step, ...]:
    return resolve(shop_map).steps


def exported(system: SqliteSystem, shop_map: DataMap, who: int) -> dict[str, list[Row]]:
    return {d.dataset: list(d.rows) for d in system.export(steps(shop_map), person(who))}


def raw(system: SqliteSystem) -> sqlite3.Connection:
    """The connection it will use next."""
    (kept,) = system._pool.idle
    return kept.raw  # type: ignore[attr-defined,no-any-return]


def rows(path: Path, table: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
    finally:
        connection.close()


def erasure(shop_map: DataMap, located: Located) -> list[Action]:
    """Delete everything, references included, as the data map says."""
    actions = []
    for step in resolve(shop_map).steps:
        dataset = shop_map.dataset(step.dataset)
        owned = tuple(p for p in step.paths if p.owns)
        others = tuple(p for p in step.paths if not p.owns)
        blank = dataset.erase.how == "blank"
        items = tuple(c for c, f in dataset.fields.items() if f.item)
        fills = tuple((c, f.blank) for c, f in dataset.fields.items() if f.blank)
        actions.append(
            Action(
                step.dataset,
                "blank" if blank else "delete",
                owned,
                root=step.root,
                blank=items if blank else (),
                cut=tuple(c for p in owned for c in p.by) if blank else (),
                fills=fills if blank else (),
                expected=located.rows[step.dataset],
            )
        )
        for path in others:
            link = next(k for k in dataset.links if k.by == path.by)
            actions.append(
                Action(
                    step.dataset,
                    link.on_erase,
                    (path,),
                    cut=path.by if link.on_erase == "unlink" else (),
                    expected=located.references[step.dataset],
                )
            )
    return actions


def test_rows_are_found_over_several_hops_and_by_shared_values(
    shop: SqliteSystem, shop_map: DataMap
) -> None:
    located = shop.locate(steps(shop_map), person(1))
    assert dict(located.rows) == {
        "app.users": 1,
        "app.orders": 2,
        "app.order_items": 3,
        "app.posts": 1,
        "app.favorites": 2,
        "app.messages": 2,
        "app.newsletter": 1,
        "app.comments": 2,
        "app.reviews": 2,
    }
    assert dict(located.references) == {"app.favorites": 2, "app.comments": 1}
    assert located.handles.at(HandleColumn(DatasetId("app.orders"), ("id",))) == {(10,), (11,)}


def test_a_person_known_by_text_is_found_in_a_column_of_numbers(
    shop: SqliteSystem, shop_map: DataMap
) -> None:
    assert shop.locate(steps(shop_map), person("1")).rows["app.orders"] == 2


def test_a_person_nobody_knows_is_found_nowhere(shop: SqliteSystem, shop_map: DataMap) -> None:
    located = shop.locate(steps(shop_map), person(99))
    assert not any(located.rows.values())
    assert not any(located.references.values())
    assert list(shop.export(steps(shop_map), person(99))) == []


def test_an_export_keeps_days_zones_decimals_and_truth(
    shop: SqliteSystem, shop_map: DataMap
) -> None:
    found = exported(shop, shop_map, 1)
    tokyo = timezone(timedelta(hours=9))
    assert found["app.users"] == [
        (
            1,
            "ai@example.com",
            "愛",
            date(1990, 4, 1),
            datetime(2026, 1, 1, 9, tzinfo=tokyo),
            Decimal("10.5"),
            True,
        )
    ]
    [ben] = exported(shop, shop_map, 2)["app.users"]
    assert ben[4] == datetime(2026, 1, 2, 9)  # noqa: DTZ001 - written without zone


def test_the_other_person_of_a_row_is_not_shown(shop: SqliteSystem, shop_map: DataMap) -> None:
    columns = list(shop_map.dataset(DatasetId("app.messages")).fields)
    names = [columns.index(c) for c in ("sender_name", "receiver_name")]
    messages = exported(shop, shop_map, 1)["app.messages"]
    assert [tuple(r[n] for n in names) for r in messages] == [("愛", None), (None, "愛")]


def test_an_erasure_leaves_other_people_as_they_were(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    located = shop.locate(steps(shop_map), person(1))
    applied = shop.apply(RunId("r1"), erasure(shop_map, located), located.handles)
    assert applied.deleted["app.orders"] == 2
    assert applied.deleted["app.favorites"] == 4
    assert applied.blanked["app.messages"] == 2
    assert [r[0] for r in rows(shop_file, "users")] == [2, 3]
    assert rows(shop_file, "orders") == [(20, 2, 900, "gift", "2025-06-02T00:00:00+00:00")]
    assert rows(shop_file, "favorites") == [(3, 200, "2026-02-03")]
    assert rows(shop_file, "comments") == [(2, 2, None, "reply of ben")]
    assert rows(shop_file, "messages") == [
        (1, None, 2, None, "Ben", None),
        (2, 2, None, "Ben", None, None),
        (3, 2, 3, "Ben", "千恵", "x"),
    ]
    assert rows(shop_file, "newsletter") == [("ben@example.com", "2026-01-01")]
    reviews = rows(shop_file, "reviews")
    assert [r[:3] for r in reviews] == [(1, None, "gone"), (2, None, "gone"), (3, 2, "fine")]
    slugs = [str(r[3]) for r in reviews[:2]]
    assert len(set(slugs)) == 2
    assert all(s.startswith("gone-") for s in slugs)
    again = shop.read_again(steps(shop_map), located.handles)
    assert not any(again.values())


def test_running_twice_changes_nothing_more_and_gives_the_recorded_counts(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    located = shop.locate(steps(shop_map), person(1))
    actions = erasure(shop_map, located)
    first = shop.apply(RunId("r1"), actions, located.handles)
    before = shop_file.read_bytes()
    second = shop.apply(RunId("r1"), actions, located.handles)
    assert second == replace(first, again=True)
    assert shop_file.read_bytes() == before


def test_a_run_that_did_something_else_is_refused(shop: SqliteSystem, shop_map: DataMap) -> None:
    located = shop.locate(steps(shop_map), person(1))
    shop.apply(RunId("r1"), erasure(shop_map, located), located.handles)
    with pytest.raises(Conflict) as caught:
        shop.apply(RunId("r1"), erasure(shop_map, located)[:1], located.handles)
    assert caught.value.code == "SY505"


def test_data_changed_since_the_plan_is_a_conflict_and_nothing_is_done(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    located = shop.locate(steps(shop_map), person(1))
    connection = sqlite3.connect(shop_file)
    connection.execute("INSERT INTO orders VALUES (12, 1, 1, NULL, NULL)")
    connection.commit()
    connection.close()
    with pytest.raises(Conflict) as caught:
        shop.apply(RunId("r1"), erasure(shop_map, located), located.handles)
    assert caught.value.code == "SY502"
    assert len(rows(shop_file, "users")) == 3


def test_rows_the_law_holds_stay_within_their_period_and_only_those(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    located = shop.locate(steps(shop_map), person(1))
    by_order = LinkPath(("order_id",), HandleColumn(DatasetId("app.orders"), ("id",)))
    actions = []
    for action in erasure(shop_map, located):
        if action.dataset == "app.orders":
            split = HoldSplit(action.dataset, "ordered_at", date(2019, 2, 16))
            action = replace(action, verb="keep", split=split, blank=("note",), cut=("user_id",))
        if action.dataset == "app.order_items":
            split = HoldSplit(DatasetId("app.orders"), "ordered_at", date(2019, 2, 16), by_order)
            action = replace(action, verb="keep", split=split)
        actions.append(action)
    applied = shop.apply(RunId("r1"), actions, located.handles)
    assert (applied.kept["app.orders"], applied.deleted["app.orders"]) == (1, 1)
    assert (applied.kept["app.order_items"], applied.deleted["app.order_items"]) == (2, 1)
    assert rows(shop_file, "orders")[0] == (11, None, 500, None, "2025-06-01T00:00:00+00:00")
    again = shop.read_again(steps(shop_map), located.handles)
    assert {d: n for d, n in again.items() if n} == {"app.orders": 1, "app.order_items": 2}


def test_a_period_ends_by_the_day_in_japan(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    connection = sqlite3.connect(shop_file)
    connection.executescript(
        "DELETE FROM order_items; DELETE FROM orders;"
        "INSERT INTO orders VALUES (1,1,1,NULL,'2019-02-15T20:00:00+00:00'),"  # 16th in Tokyo
        " (2,1,1,NULL,'2019-02-15T14:00:00+00:00'), (3,1,1,NULL,NULL), (4,1,1,NULL,'2019-02-15');"
    )
    connection.close()
    step = next(s for s in steps(shop_map) if s.dataset == "app.orders")
    split = HoldSplit(step.dataset, "ordered_at", date(2019, 2, 16))
    action = Action(step.dataset, "keep", step.paths, split=split, expected=4)
    shop.apply(RunId("r1"), [action], person(1))
    assert [r[0] for r in rows(shop_file, "orders")] == [1, 3]


def test_a_correction_sets_new_values_on_the_rows_found_by_the_old_ones(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    located = shop.locate(steps(shop_map), person(1))
    users = Action(DatasetId("app.users"), "set", (), root=True, expected=1)
    letter = next(s for s in steps(shop_map) if s.dataset == "app.newsletter")
    mail = Action(letter.dataset, "set", letter.paths, expected=1)
    values = {
        (users.dataset, "email"): "new@example.com",
        (users.dataset, "born"): date(1990, 4, 2),
        (mail.dataset, "email"): "new@example.com",
    }
    applied = shop.apply(RunId("r1"), [users, mail], located.handles, values)
    assert applied.blanked == {"app.users": 1, "app.newsletter": 1}
    assert rows(shop_file, "users")[0][1:4] == ("new@example.com", "愛", "1990-04-02")
    assert ("new@example.com", "2025-12-31") in rows(shop_file, "newsletter")


def test_a_missing_column_is_a_clear_conflict(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    shop.locate(steps(shop_map), person(1))
    connection = sqlite3.connect(shop_file)
    connection.execute("ALTER TABLE orders RENAME COLUMN user_id TO owner_id")
    connection.close()
    with pytest.raises(Conflict, match="`user_id` in `orders`") as caught:
        shop.locate(steps(shop_map), person(1))
    assert caught.value.code == "SY501"
    assert caught.value.hint()


def test_a_missing_table_is_a_clear_conflict(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    connection = sqlite3.connect(shop_file)
    connection.execute("DROP TABLE newsletter")
    connection.close()
    with pytest.raises(Conflict, match="`newsletter` does not exist"):
        exported(shop, shop_map, 1)


def test_a_locked_database_may_be_tried_again(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    located = shop.locate(steps(shop_map), person(1))
    writer = sqlite3.connect(shop_file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(SystemUnavailable) as caught:
        shop.apply(RunId("r1"), erasure(shop_map, located), located.handles)
    assert caught.value.code == "SY301"
    writer.execute("ROLLBACK")
    writer.close()
    shop.apply(RunId("r1"), erasure(shop_map, located), located.handles)
    assert [r[0] for r in rows(shop_file, "users")] == [2, 3]


def test_a_read_only_database_says_so(shop_map: DataMap, shop_file: Path) -> None:
    connection = sqlite3.connect(shop_file)
    connection.execute("PRAGMA query_only=ON")
    connection.close()
    system = SqliteSystem("app", shop_map.systems["app"], shop_file)
    located = system.locate(steps(shop_map), person(1))
    raw(system).execute("PRAGMA query_only=ON")
    with pytest.raises(SystemUnavailable) as caught:
        system.apply(RunId("r1"), erasure(shop_map, located), located.handles)
    assert caught.value.code == "SY302"
    system.close()


def test_a_full_disk_undoes_everything(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    located = shop.locate(steps(shop_map), person(1))
    pages = raw(shop).execute("PRAGMA page_count").fetchone()[0]
    raw(shop).execute(f"PRAGMA max_page_count={pages}")
    users = Action(DatasetId("app.users"), "set", (), root=True, expected=1)
    with pytest.raises(SystemUnavailable) as caught:
        shop.apply(
            RunId("r1"), [users], located.handles, {(users.dataset, "name"): "x" * 1_000_000}
        )
    assert caught.value.code == "SY303"
    assert rows(shop_file, "users")[0][2] == "愛"


def test_a_file_that_is_no_database_says_so(shop_map: DataMap, tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    system = SqliteSystem("app", shop_map.systems["app"], path)
    with pytest.raises(SystemUnavailable) as caught:
        system.surface()
    assert caught.value.code == "SY305"
    system.close()


def test_a_wrong_path_creates_nothing(shop_map: DataMap, tmp_path: Path) -> None:
    system = SqliteSystem("app", shop_map.systems["app"], tmp_path / "none.sqlite")
    with pytest.raises(SystemUnavailable) as caught:
        system.surface()
    assert caught.value.code == "SY304"
    assert not (tmp_path / "none.sqlite").exists()
    system.close()


def test_errors_carry_no_values(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    connection = sqlite3.connect(shop_file)
    connection.executescript(
        "CREATE TRIGGER t BEFORE UPDATE ON users BEGIN"
        " SELECT RAISE(ABORT, 'bad row ai@example.com'); END;"
    )
    connection.close()
    users = Action(DatasetId("app.users"), "set", (), root=True, expected=1)
    with pytest.raises(Conflict) as caught:
        shop.apply(RunId("r1"), [users], person(1), {(users.dataset, "name"): "MARKER-VALUE"})
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    text = f"{caught.value} {caught.value.hint()} {caplog.text}"
    assert "example.com" not in text
    assert "MARKER" not in text


def test_rows_nobody_declared_are_not_swept_away_by_a_cascade(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    connection = sqlite3.connect(shop_file)
    connection.executescript(
        "CREATE TABLE badges (id INTEGER PRIMARY KEY,"
        " user_id INTEGER REFERENCES users(id) ON DELETE CASCADE);"
        "INSERT INTO badges VALUES (1, 1);"
    )
    connection.close()
    located = shop.locate(steps(shop_map), person(1))
    with pytest.raises(Conflict, match="`badges`") as caught:
        shop.apply(RunId("r1"), erasure(shop_map, located), located.handles)
    assert caught.value.code == "SY504"
    assert len(rows(shop_file, "badges")) == 1
    assert len(rows(shop_file, "orders")) == 3


def test_a_column_that_may_not_be_null_needs_a_neutral_value(
    shop: SqliteSystem, shop_map: DataMap
) -> None:
    step = next(s for s in steps(shop_map) if s.dataset == "app.reviews")
    action = Action(step.dataset, "blank", step.paths, blank=("title",), expected=2)
    with pytest.raises(Conflict, match=r"`app.reviews.title` may not be null") as caught:
        shop.apply(RunId("r1"), [action], person(1))
    assert caught.value.code == "SY507"


def test_old_content_leaves_the_file_and_its_log(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    located = shop.locate(steps(shop_map), person(1))
    shop.apply(RunId("r1"), erasure(shop_map, located), located.handles)
    wal = shop_file.with_name(shop_file.name + "-wal")
    assert b"leave at the door" not in shop_file.read_bytes()
    assert not wal.exists() or wal.stat().st_size == 0
    assert "write-ahead log" not in shop.capabilities.excludes


def test_a_reader_that_holds_the_log_open_is_said(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    located = shop.locate(steps(shop_map), person(1))
    reader = sqlite3.connect(shop_file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM users").fetchone()
    shop.apply(RunId("r1"), erasure(shop_map, located), located.handles)
    assert "write-ahead log" in shop.capabilities.excludes
    reader.execute("ROLLBACK")
    reader.close()


def test_bytes_that_are_no_utf8_are_exported_and_found_again(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    connection = sqlite3.connect(shop_file)
    connection.execute("UPDATE users SET email = CAST(x'61ff62' AS TEXT) WHERE id = 1")
    connection.execute("UPDATE newsletter SET email = CAST(x'61ff62' AS TEXT) WHERE rowid = 1")
    connection.commit()
    connection.close()
    located = shop.locate(steps(shop_map), person(1))
    assert located.rows["app.newsletter"] == 1
    [user] = exported(shop, shop_map, 1)["app.users"]
    assert user[1] == b"a\xffb"
    email = HandleColumn(DatasetId("app.users"), ("email",))
    by_mail = Handles({email: located.handles.at(email)})
    assert shop.read_again(steps(shop_map), by_mail)[DatasetId("app.newsletter")] == 1
    texts = list(shop.texts("users", "email"))
    assert texts[0] == ("1", b"a\xffb".decode(errors="surrogateescape"))


def test_a_chain_of_replies_is_followed_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "tree.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE people (id INTEGER PRIMARY KEY);"
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, person INTEGER, parent INTEGER);"
        "INSERT INTO people VALUES (1);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 60)"
        " INSERT INTO notes SELECT i, CASE WHEN i = 1 THEN 1 END, i - 1 FROM n;"
    )
    connection.close()
    note = {
        "key": "id",
        "links": [{"by": "person", "to": "people"}, {"by": "parent", "to": "notes"}],
        "fields": {"id": None, "person": None, "parent": None},
    }
    people: Row | dict[str, object] = {"person": "user", "key": "id", "fields": {"id": None}}
    entry = {"kind": "sqlite", "name": {"ja": "木", "en": "tree"}}
    datasets = {"people": people, "notes": note}
    datamap = DataMap.model_validate(
        {"seiyaku_datamap": 1, "service": "t", "systems": {"app": {**entry, "datasets": datasets}}}
    )
    system = SqliteSystem("app", datamap.systems["app"], path)
    handles = Handles({HandleColumn(DatasetId("app.people"), ("id",)): frozenset({(1,)})})
    assert system.locate(resolve(datamap).steps, handles).rows["app.notes"] == 60
    system.close()


def test_rows_that_kept_rows_point_at_are_told_from_the_others(
    shop: SqliteSystem, shop_map: DataMap, shop_file: Path
) -> None:
    located = shop.locate(steps(shop_map), person(1, 3))
    orders = next(s for s in steps(shop_map) if s.dataset == "app.orders")
    users, back = DatasetId("app.users"), HandleColumn(orders.dataset, ("user_id",))
    back_path = LinkPath(("id",), back)
    split = HoldSplit(orders.dataset, "ordered_at", date(2019, 2, 16), back_path)
    actions = [a for a in erasure(shop_map, located) if a.dataset not in (users, orders.dataset)]
    actions = [replace(a, verb="delete", blank=(), cut=(), fills=()) for a in actions]
    actions = [a for a in actions if a.dataset != "app.order_items"]
    actions += [
        Action(orders.dataset, "keep", orders.paths, blank=("note",), expected=2),
        Action(users, "keep", (back_path,), split=split, blank=("name",)),
        Action(users, "delete", (), root=True, expected=2),
    ]
    applied = shop.apply(RunId("r1"), actions, located.handles)
    assert (applied.kept[users], applied.deleted[users]) == (1, 1)
    assert [r[:3] for r in rows(shop_file, "users")] == [
        (1, "ai@example.com", None),
        (2, "ben@example.com", "Ben"),
    ]


def test_a_person_is_found_by_their_address(shop: SqliteSystem, shop_map: DataMap) -> None:
    found = find_people({shop.id: shop}, shop_map, "user", "email", "ben@example.com")
    assert found == {PersonId("2")}
    assert find_people({shop.id: shop}, shop_map, "user", "email", "no@example.com") == frozenset()

"""MySQL is not MariaDB: what it cannot do is done otherwise, with the same end on both."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa

from seiyaku.datamap import DataMap, resolve
from seiyaku.datamap.system import Action, HandleColumn, Handles, Path, Row
from seiyaku.kernel.errors import Conflict, InvalidInput, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.plans.lots import apply_in_lots
from seiyaku.plans.model import Group, Lot
from seiyaku.systems import SystemSettings, open_system
from seiyaku.systems._mariadb_dialect import MariadbDialect
from seiyaku.systems._mysql_dialect import MysqlDialect
from seiyaku.systems._shared.served import Limits
from seiyaku.systems._shared.sql import Among
from seiyaku.systems.mariadb import MariadbSystem
from seiyaku.systems.mysql import MysqlSystem
from seiyaku.testing.servers import Database

RUN = RunId("r")
USERS = HandleColumn(DatasetId("app.users"), ("id",))
ORDERS = HandleColumn(DatasetId("app.orders"), ("shop", "no"))
NOTES = DatasetId("app.notes")
FROM = Path(("a",), USERS, role="writer")
TO = Path(("b",), USERS, role="reader")
KINDS = {"mariadb": MariadbSystem, "mysql": MysqlSystem}


def mapped(kind: str, **datasets: Any) -> DataMap:
    users = {"person": "user", "key": "id", "fields": {"id": None, "email": "email"}}
    app = {"kind": kind, "name": {"ja": "店", "en": "shop"}, "datasets": {"users": users}}
    app["datasets"] |= datasets  # type: ignore[operator]
    return DataMap.model_validate({"seiyaku_datamap": 1, "service": "s", "systems": {"app": app}})


def two_people(kind: str) -> DataMap:
    named = {"item": "nick", "subject": "writer"}, {"item": "nick", "subject": "reader"}
    notes = {
        "key": "id",
        "links": [
            {"by": "a", "to": "users", "role": "writer"},
            {"by": "b", "to": "users", "role": "reader"},
        ],
        "fields": {"id": None, "a": None, "b": None, "a_nick": named[0], "b_nick": named[1]},
    }
    return mapped(kind, notes=notes)


def person(*ids: object) -> Handles:
    return Handles({USERS: frozenset((i,) for i in ids)})  # type: ignore[misc]


def rows(database: Database, query: str) -> list[Row]:
    with database.engine().connect() as connection:
        return [tuple(r) for r in connection.exec_driver_sql(query)]


@pytest.fixture(params=["mariadb", pytest.param("mysql", marks=pytest.mark.mysql)])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(f"{request.param}_database")
    found.run("CREATE TABLE users (id int PRIMARY KEY, email varchar(80))")
    found.run("INSERT INTO users VALUES (1, 'one@example.com'), (2, 'two@example.com')")
    return found


@pytest.mark.parametrize("people", [(1,), (1, 2)])
def test_a_link_is_cut_and_what_hung_on_it_emptied_as_they_stood_before(
    database: Database, people: tuple[int, ...]
) -> None:
    """Set one after another, the nick of a link already cut would stay."""
    database.run(
        "CREATE TABLE notes (id int PRIMARY KEY, a int, b int, a_nick text, b_nick text)",
        "INSERT INTO notes VALUES (1, 1, 2, 'one', 'two'), (2, 2, 1, 'two', 'one'),"
        " (3, 2, 2, 'two', 'two'), (4, 1, 1, 'one', 'one')",
    )
    datamap = two_people(database.dialect)
    action = Action(NOTES, "blank", (FROM, TO), blank=("a_nick", "b_nick"), cut=("a", "b"))
    expected = 4 if 2 in people else 3
    told = Action(**{**vars(action), "expected": expected})
    kind = KINDS[database.dialect]
    with closing(kind("app", datamap.systems["app"], database.url)) as system:
        assert system.apply(RUN, [told], person(*people)).blanked == {NOTES: expected}
    kept = {1: (None, 2, None, "two"), 2: (2, None, "two", None), 3: (2, 2, "two", "two")}
    left = {n: (None,) * 4 if 2 in people else kept.get(n, (None,) * 4) for n in (1, 2, 3, 4)}
    assert {r[0]: r[1:] for r in rows(database, "SELECT * FROM notes")} == left


def test_a_link_of_two_columns_is_cut_whole_or_not_at_all(database: Database) -> None:
    database.run(
        "CREATE TABLE orders (shop varchar(9), no int, user_id int, PRIMARY KEY (shop, no))",
        "CREATE TABLE notes (id int PRIMARY KEY, shop varchar(9), no int)",
        "INSERT INTO orders VALUES ('a', 1, 1), ('a', 2, 2), ('b', 1, 2)",
        "INSERT INTO notes VALUES (1, 'a', 1), (2, 'a', 2), (3, 'b', 1)",
    )
    orders = {
        "key": ["shop", "no"],
        "links": [{"by": "user_id", "to": "users"}],
        "fields": {"shop": None, "no": None, "user_id": "order"},
    }
    notes = {
        "key": "id",
        "links": [{"by": ["shop", "no"], "to": "orders", "owns": False}],
        "fields": {"id": None, "shop": None, "no": None},
    }
    datamap = mapped(database.dialect, orders=orders, notes=notes)
    link = Path(("shop", "no"), ORDERS, owns=False)
    actions = [
        Action(ORDERS.dataset, "delete", (Path(("user_id",), USERS),), expected=1),
        Action(NOTES, "unlink", (link,), cut=("shop", "no"), expected=1),
    ]
    kind = KINDS[database.dialect]
    with closing(kind("app", datamap.systems["app"], database.url)) as system:
        system.apply(RUN, actions, person(1))
    left = [(1, None, None), (2, "a", 2), (3, "b", 1)]
    assert rows(database, "SELECT * FROM notes ORDER BY id") == left


@pytest.mark.mysql
@pytest.mark.parametrize("dialect", [MysqlDialect(), MariadbDialect()])
def test_columns_are_told_by_the_rows_before_whichever_table_is_opened_first(
    mysql_database: Database, dialect: MariadbDialect
) -> None:
    """Written as for MariaDB, MySQL would lose the second column of the pair."""
    source = sa.table("pairs", sa.column("id"), sa.column("x"), sa.column("y"))
    temp = sa.table("chosen", sa.column("r0"))
    both = sa.and_(source.c.x == 1, source.c.y == 1)
    cut = [(source.c[n], sa.case((both, sa.null()), else_=source.c[n])) for n in ("x", "y")]
    update = dialect.update(source, cut, Among(temp, ((source.c.id, temp.c.r0),)))
    statement = dialect.text(update.prefix_with("/*+ JOIN_PREFIX(pairs) NO_MERGE(was) */"))
    mysql_database.run(
        "CREATE TABLE pairs (id int PRIMARY KEY, x int, y int)",
        "CREATE TABLE chosen (r0 int PRIMARY KEY)",
        "INSERT INTO pairs VALUES (1, 1, 1), (2, 1, 2)",
        "INSERT INTO chosen VALUES (1), (2)",
        statement.replace("/*+ NO_MERGE(was) */ ", "", 1),
    )
    told = rows(mysql_database, "SELECT x, y FROM pairs ORDER BY id")
    assert told == [(None, None if isinstance(dialect, MysqlDialect) else 1), (1, 2)]


def test_long_texts_find_rows_however_long_their_key_is(database: Database) -> None:
    long = "x" * 900
    text = "varchar(1000)" if database.dialect == "mysql" else "text"
    database.run(
        f"CREATE TABLE links (id int PRIMARY KEY, url {text}, at_ varchar(400), to_ varchar(400))",
        f"INSERT INTO links VALUES (1, '{long}1', 'p', 'q'), (2, '{long}2', 'p', 'r')",
        "CREATE TABLE visits (id int PRIMARY KEY, user_id int, url text, at_ text, to_ text)",
        f"INSERT INTO visits VALUES (1, 1, '{long}1', 'p', 'q'), (2, 2, '{long}2', 'p', 'r')",
    )
    three = ["url", "at_", "to_"]
    visits = {
        "key": "id",
        "links": [{"by": "user_id", "to": "users"}],
        "fields": {"id": None, "user_id": None, **dict.fromkeys(three, "link")},
    }
    links = {
        "key": "id",
        "links": [{"by": three, "to": "visits", "columns": three}],
        "fields": {"id": None, **dict.fromkeys(three, "link")},
    }
    datamap = mapped(database.dialect, visits=visits, links=links)
    kind = KINDS[database.dialect]
    with closing(kind("app", datamap.systems["app"], database.url)) as system:
        found = system.locate(resolve(datamap).steps, person(1))
    assert found.rows["app.links"] == 1


def test_a_server_of_the_other_kind_is_told_by_name(database: Database) -> None:
    other = "mariadb" if database.dialect == "mysql" else "mysql"
    datamap = mapped(other)
    opened = open_system("app", datamap.systems["app"], SystemSettings(url=database.url))
    with closing(opened) as system, pytest.raises(SystemUnavailable) as told:  # type: ignore[type-var]
        system.surface()
    assert (told.value.code, told.value.hint()) == (
        "SY305",
        f"declare the system as of kind `{database.dialect}`",
    )


def test_lots_are_transactions_with_marks_of_their_own(database: Database) -> None:
    datamap = mapped(database.dialect)
    settings = SystemSettings(url=database.url, options={"rows_at_once": "1"})
    action = Action(USERS.dataset, "delete", (), root=True, expected=2)
    group = Group(SystemId("app"), resolve(datamap).steps, (action,), (Lot((1,)), Lot((1,))))
    with closing(open_system("app", datamap.systems["app"], settings)) as system:  # type: ignore[type-var]
        assert system.capabilities.rows_at_once == 1
        people = [person(1), person(2)]
        done = apply_in_lots(system, group, RUN, people)
        assert (done.deleted, done.again) == ({USERS.dataset: 2}, False)
        again = apply_in_lots(system, group, RUN, people)
        assert (again.deleted, again.again) == ({USERS.dataset: 2}, True)
    marked = [(f"{RUN}.0",), (f"{RUN}.1",)]
    assert rows(database, "SELECT run FROM seiyaku_applied ORDER BY run") == marked


@pytest.mark.parametrize("written", ["0", "many", "-3"])
def test_a_bound_is_a_number_of_rows(written: str) -> None:
    settings = SystemSettings(url="mysql://u@h/d", options={"rows_at_once": written})
    with pytest.raises(InvalidInput) as told:
        open_system("app", mapped("mysql").systems["app"], settings)
    assert told.value.code == "SY173"


def test_a_change_that_takes_too_long_is_undone(database: Database) -> None:
    database.run(
        "CREATE TRIGGER slow BEFORE DELETE ON users FOR EACH ROW SET @slept = SLEEP(30)",
    )
    datamap = mapped(database.dialect)
    entry, kind = datamap.systems["app"], KINDS[database.dialect]
    system = kind("app", entry, database.url, limits=Limits(timeout_s=0.2, statement_s=0.5))
    action = Action(USERS.dataset, "delete", (), root=True, expected=1)
    with closing(system), pytest.raises(SystemUnavailable) as told:
        system.apply(RUN, [action], person(1))
    assert told.value.code in ("SY304", "SY307")
    assert len(rows(database, "SELECT * FROM users")) == 2


@pytest.mark.mysql
def test_the_schema_is_read_with_what_only_mysql_has(mysql_database: Database) -> None:
    mysql_database.run(
        "CREATE TABLE users (id int PRIMARY KEY, email varchar(80), low varchar(80)"
        " AS (lower(email)) STORED, prefs json, UNIQUE KEY ((upper(email))))"
    )
    users = {"person": "user", "key": "id", "fields": {"id": None, "prefs": "prefs"}}
    datamap = mapped("mysql", users=users)
    entry = datamap.systems["app"]
    with closing(MysqlSystem("app", entry, mysql_database.url)) as system:
        (table,) = system.surface()
    assert [(c.name, c.type.split()[0]) for c in table.columns] == [
        ("id", "int"),
        ("email", "varchar(80)"),
        ("low", "varchar(80)"),
        ("prefs", "json"),
    ]
    assert [c.name for c in table.columns if c.text] == ["email", "low", "prefs"]
    assert table.indexes == (("id",),)


@pytest.mark.mysql
def test_a_column_that_takes_json_alone_takes_no_other_text(mysql_database: Database) -> None:
    mysql_database.run(
        "CREATE TABLE users (id int PRIMARY KEY, prefs json NOT NULL)",
        "INSERT INTO users VALUES (1, '{}')",
    )
    users = {"person": "user", "key": "id", "fields": {"id": None, "prefs": "prefs"}}
    action = Action(USERS.dataset, "blank", (), root=True, blank=("prefs",), expected=1)
    given = Action(**{**vars(action), "fills": (("prefs", "gone"),)})
    entry = mapped("mysql", users=users).systems["app"]
    with closing(MysqlSystem("app", entry, mysql_database.url)) as system:
        with pytest.raises(Conflict) as told:
            system.apply(RUN, [given], person(1))
        assert told.value.code == "SY503"
        valid = Action(**{**vars(action), "fills": (("prefs", "null"),)})
        assert system.apply(RUN, [valid], person(1)).blanked == {USERS.dataset: 1}

"""On schemas nobody drew: everyone's rows are found, and theirs alone are changed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings

from seiyaku.datamap import resolve
from seiyaku.datamap.system import Action, Applied, HandleColumn, Handles, Step, System
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId, RunId
from seiyaku.systems.mariadb import MariadbSystem
from seiyaku.systems.mysql import MysqlSystem
from seiyaku.systems.postgres import PostgresSystem
from seiyaku.systems.sqlite import SqliteSystem
from seiyaku.testing.schemas import World, worlds
from seiyaku.testing.servers import Database
from seiyaku.testing.system_suite import erasing

RUN = RunId("r")
Bags = dict[str, Counter[tuple[object, ...]]]
DROPPED = (
    "SET foreign_key_checks = 0",
    "DROP TABLE IF EXISTS people, a, b, c, d, seiyaku_applied",
    "SET foreign_key_checks = 1",
)
CLEARING = {
    "postgresql": ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"),
    "mariadb": DROPPED,
    "mysql": DROPPED,
}
KINDS = {"postgresql": PostgresSystem, "mariadb": MariadbSystem, "mysql": MysqlSystem}
EXAMPLES = {"sqlite": 60, "postgresql": 20, "mariadb": 10, "mysql": 40}


@dataclass(frozen=True)
class Opened:
    """A drawn world in a real database, and a look at it without the driver."""

    system: System
    steps: tuple[Step, ...]
    handles: Handles
    look: Callable[[], Bags]


@dataclass(frozen=True)
class Engine:
    """Where drawn worlds are put."""

    name: str
    place: Callable[[World], AbstractContextManager[tuple[System, Callable[[], Bags]]]]

    def holds(self, check: Callable[[World, Opened], None]) -> None:
        """Draw worlds and check each."""
        shrink = (HealthCheck.too_slow, HealthCheck.data_too_large)

        @settings(max_examples=EXAMPLES[self.name], deadline=None, suppress_health_check=shrink)
        @given(worlds())
        def run(world: World) -> None:
            people = HandleColumn(DatasetId("app.people"), ("id",))
            handles = Handles({people: frozenset((i,) for i in world.asked)})
            with self.place(world) as (system, look):
                check(world, Opened(system, resolve(world.datamap()).steps, handles, look))

        run()


@contextmanager
def in_sqlite(world: World) -> Iterator[tuple[System, Callable[[], Bags]]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "app.sqlite"
        world.write(path)

        def look() -> Bags:
            with closing(sqlite3.connect(path)) as connection:
                return {
                    t.name: Counter(connection.execute(f"SELECT * FROM {t.name}").fetchall())
                    for t in world.tables
                }

        with closing(SqliteSystem("app", world.datamap().systems["app"], path)) as system:
            yield system, look


def on_server(database: Database) -> Engine:
    """Each world in a database that was emptied before."""

    @contextmanager
    def place(world: World) -> Iterator[tuple[System, Callable[[], Bags]]]:
        database.run(*CLEARING[database.dialect], *world.statements(database.dialect))
        kind = KINDS[database.dialect]

        def look() -> Bags:
            with database.engine().connect() as connection:
                return {
                    t.name: Counter(
                        tuple(r) for r in connection.exec_driver_sql(f"SELECT * FROM {t.name}")
                    )
                    for t in world.tables
                }

        with closing(kind("app", world.datamap().systems["app"], database.dsn)) as system:
            yield system, look

    return Engine(database.dialect, place)


MYSQL = pytest.param("mysql", marks=(pytest.mark.mysql, pytest.mark.slow))


@pytest.fixture(params=["sqlite", "postgres", "mariadb", MYSQL])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "sqlite":
        return Engine("sqlite", in_sqlite)
    return on_server(request.getfixturevalue(f"{request.param}_database"))


def owned_counts(places: dict[str, set[int]]) -> dict[str, int]:
    return {f"app.{t}": len(n) for t, n in places.items() if n}


def dangling(world: World, bags: Bags) -> int:
    """Rows whose foreign key leads nowhere."""
    found = 0
    for table in world.tables:
        columns = columns_of(world, table.name)
        for link in (k for k in table.links if k.kind == "key"):
            target = world.named[link.to]
            there = {row[: len(target.key)] for row in bags[target.name]}
            places = [columns.index(c) for c in link.by(target)]
            values = [tuple(row[p] for p in places) for row in bags[table.name]]
            found += sum(None not in v and v not in there for v in values)
    return found


def columns_of(world: World, name: str) -> list[str]:
    """Columns of a table in their order; the key comes first."""
    table = world.named[name]
    links = [c for k in table.links for c in k.by(world.named[k.to])]
    return [*table.key, *links, "mail", "body"]


def test_the_rows_found_are_those_of_the_definition(engine: Engine) -> None:
    def check(world: World, at: Opened) -> None:
        owned, refer = world.oracle()
        located = at.system.locate(at.steps, at.handles)
        assert {d: n for d, n in located.rows.items() if n} == owned_counts(owned)
        assert {d: n for d, n in located.references.items() if n} == owned_counts(refer)

    engine.holds(check)


def test_what_is_exported_is_erased_or_kept_and_nobody_else_is_touched(engine: Engine) -> None:
    def check(world: World, at: Opened) -> None:
        owned, refer = world.oracle()
        system, steps, handles = at.system, at.steps, at.handles
        located = system.locate(steps, handles)
        exported = Counter({s.dataset: len(list(s.rows)) for s in system.export(steps, handles)})
        drawn = erasing(world.datamap(), steps, located, system.capabilities)
        actions = safe(world, drawn)
        before = at.look()
        known = located.handles.merged(handles)
        applied = attempt(system, actions, known)
        if isinstance(applied, Conflict):
            assert applied.code == "SY504"
            assert hangs_on_references(world, refer)
            assert at.look() == before
            return
        done = Counter(applied.deleted) + Counter(applied.blanked) + Counter(applied.kept)
        assert done == exported + Counter(owned_counts(refer))
        after = at.look()
        for name, bag in before.items():
            listed = [tuple(r.values()) for r in world.rows[name]]
            touched = Counter(listed[n] for n in owned[name] | refer[name])
            assert bag - after[name] <= touched
            assert bag - touched <= after[name]
        assert dangling(world, after) == 0
        again = {d: n for d, n in system.read_again(steps, known).items() if n}
        assert again == {}
        assert system.apply(RUN, actions, known) == replace(applied, again=True)

    engine.holds(check)


def test_reading_again_finds_what_is_kept_and_nothing_else(engine: Engine) -> None:
    def check(world: World, at: Opened) -> None:
        owned, refer = world.oracle()
        located = at.system.locate(at.steps, at.handles)
        actions = [
            Action(s.dataset, "keep", tuple(p for p in s.paths if p.owns), s.root)
            for s in at.steps
            if located.rows.get(s.dataset)
        ]
        actions = [replace(a, expected=located.rows[a.dataset]) for a in actions]
        known = located.handles.merged(at.handles)
        applied = at.system.apply(RUN, actions, known)
        assert Counter(applied.kept) == Counter(owned_counts(owned))
        assert not any(applied.deleted.values())
        found = at.system.read_again(at.steps, known)
        for step in at.steps:
            others = len(refer[step.dataset.partition(".")[2]])
            assert found[step.dataset] <= applied.kept.get(step.dataset, 0) + others
            if world.datamap().dataset(step.dataset).erase.how == "delete":
                assert found[step.dataset] >= applied.kept.get(step.dataset, 0) - holds_nothing(
                    world, step.dataset, owned
                )

    engine.holds(check)


def holds_nothing(world: World, dataset: str, owned: dict[str, set[int]]) -> int:
    """Owned rows without any item: found by nothing but a key, they are nobody's data."""
    rows = world.rows[dataset.partition(".")[2]]
    places = owned[dataset.partition(".")[2]]
    return sum(rows[n]["mail"] is None and rows[n]["body"] is None for n in places)


def attempt(system: System, actions: list[Action], handles: Handles) -> Applied | Conflict:
    try:
        return system.apply(RUN, actions, handles)
    except Conflict as error:
        return error


def hangs_on_references(world: World, refer: dict[str, set[int]]) -> bool:
    """Whether a table hangs on one whose rows go only because they refer to the people.

    Such rows are nobody's to erase; the map must say what becomes of them, and until it does
    the erasure is refused as a whole.
    """
    going = {
        t.name
        for t in world.tables
        if refer[t.name] and any(not k.owns and k.on_erase == "delete" for k in t.links)
    }
    return any(k.kind == "key" and k.to in going for t in world.tables for k in t.links)


def safe(world: World, actions: list[Action]) -> list[Action]:
    """Rows emptied lose every pointer at rows that go, other people's too.

    A plan does the same: it knows which rows stay.
    """
    made = []
    for action in actions:
        table = world.named[action.dataset.partition(".")[2]]
        if action.verb == "blank":
            every = tuple(c for k in table.links for c in k.by(world.named[k.to]))
            action = replace(action, cut=tuple(dict.fromkeys((*action.cut, *every))))
        made.append(action)
    return made


def test_the_oracle_finds_something_in_most_worlds() -> None:
    """Guard against a generator whose worlds are empty."""
    found: list[int] = []

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(worlds())
    def run(world: World) -> None:
        owned, refer = world.oracle()
        found.append(sum(map(len, owned.values())) + 100 * bool(sum(map(len, refer.values()))))

    run()
    assert sum(n % 100 > 1 for n in found) > len(found) / 3
    assert any(n >= 100 for n in found)

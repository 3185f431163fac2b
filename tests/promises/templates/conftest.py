"""Every packaged service, looked at once: what is shown of people, what the check finds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from seiyaku.app import Home, init_home, open_home
from seiyaku.datamap import DataMap
from seiyaku.kernel import Actor, Fault, PersonId
from seiyaku.policy import Policy
from seiyaku.requests import Proof
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import World, generate

STRAY = "stray_"
Column = tuple[str, str]
"""Dataset id and column."""


@dataclass
class Looked:
    """What one look at a service showed.

    Args:
        before, after: findings of the check, before and after a stray copy of every column of
            every item was added.
        shown: values of a column in the packages of some people, by key of the row.
        labels: clauses that the package names for a column.
        held: columns of which a person of these is told that something is held.
        there: values of a column in the service's own database, by key of the row.
    """

    policy: Policy
    datamap: DataMap
    before: tuple[Fault, ...]
    after: tuple[Fault, ...] = ()
    shown: dict[Column, dict[str, Any]] = field(default_factory=dict)
    labels: dict[Column, set[str]] = field(default_factory=dict)
    held: set[Column] = field(default_factory=set)
    there: dict[Column, dict[str, Any]] = field(default_factory=dict)

    def unseen(self) -> bool:
        """Whether a column that holds an item of somebody is in no package so far."""
        return any(rows and not self.shown.get(at) for at, rows in self.there.items())

    def columns(self, clause: str) -> tuple[Column, ...]:
        """Columns that hold an item of the clause, wherever they lie."""
        items = {w for w, i in self.policy.items.items() if clause in (i.clause, *i.also)}
        return tuple(
            (f"{system}.{name}", column)
            for system, entry in self.datamap.systems.items()
            for name, dataset in entry.datasets.items()
            for column, declared in dataset.fields.items()
            if declared.item in items
        )

    def in_tables(self, clause: str) -> tuple[Column, ...]:
        """Those of them that lie in a database."""
        kinds = {name: entry.kind for name, entry in self.datamap.systems.items()}
        return tuple(c for c in self.columns(clause) if kinds[c[0].partition(".")[0]] == "sqlite")


@pytest.fixture(scope="session")
def look(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Looked]:
    """Look at a service, once a session."""

    @cache
    def _look(service: str) -> Looked:
        folder = tmp_path_factory.mktemp("look") / service
        world = generate(service, folder, 60)
        places = {**world.databases, **world.folders}
        systems = {name: str(path.relative_to(folder)) for name, path in places.items()}
        with init_home(folder, service, systems, clock=FixedClock(world.at)) as home:
            parts = home.parts
            looked = Looked(parts.policy(), parts.datamap, home.check_db())
            _read_tables(looked, world)
            for person in _people(home, world):
                if looked.unseen():
                    _disclose(looked, home, person)
        with closing(_stray(looked, world, folder)) as home:
            looked.after = home.check_db()
        return looked

    return _look


def _people(home: Home, world: World) -> Iterator[PersonId]:
    """A few people of every kind, whoever has a name first."""
    roots = [(i, d) for i, d in home.parts.datamap.persons() if not i.startswith("seiyaku.")]
    first = roots[0][1].person
    for dataset_id, dataset in roots:
        system, _, name = dataset_id.partition(".")
        if dataset.person == first:
            continue
        query = f'SELECT "{dataset.key[0]}" FROM "{dataset.table or name}" LIMIT 4'
        with closing(sqlite3.connect(world.databases[system])) as db:
            yield from [PersonId(f"{dataset.person}:{key}") for (key,) in db.execute(query)]
    yield from world.people[:40]


def _disclose(looked: Looked, home: Home, person: PersonId) -> None:
    request = home.receive("disclosure", person=person)
    home.show_identity(request.id, Proof(_proof(looked.policy)))
    if request.fee_jpy:
        home.deciding.settle_fee(request.id, Actor("ito", "handler"), paid="transfer 1")
    plan = home.plan(request.id)
    home.approve(plan.id, Actor("sato", "approver"))
    home.run(plan.id)
    with ZipFile(home.package(request.id)) as package:
        data = json.loads(package.read("data.json"))
    for dataset in data["datasets"]:
        _note(looked, dataset)
    for held in home.why(person).held:
        looked.held.update((held.dataset, column) for column in held.columns)


def _proof(policy: Policy) -> str:
    """A proof of identity the policy accepts for disclosure."""
    accepted = policy.rights["disclosure"].identity if "disclosure" in policy.rights else ()
    return next(iter(accepted), "signed_in")


def _note(looked: Looked, dataset: dict[str, Any]) -> None:
    names = [column["name"] for column in dataset["columns"]]
    system, _, name = dataset["id"].partition(".")
    if system == "seiyaku":
        return
    keys = looked.datamap.systems[system].datasets[name].key
    for place, column in enumerate(dataset["columns"]):
        at = (dataset["id"], column["name"])
        looked.labels.setdefault(at, set()).update(column["clauses"])
        values = looked.shown.setdefault(at, {})
        for row in dataset["rows"]:
            if row[place] is not None:
                values["|".join(str(row[names.index(k)]) for k in keys)] = row[place]


def _read_tables(looked: Looked, world: World) -> None:
    """Read every declared column of the databases beside the product."""
    for system, path in world.databases.items():
        with closing(sqlite3.connect(path)) as db:
            for name, dataset in looked.datamap.systems[system].datasets.items():
                key = " || '|' || ".join(f'"{k}"' for k in dataset.key)
                for column in [
                    c for c, f in dataset.fields.items() if f.item in looked.policy.items
                ]:
                    rows = db.execute(
                        f'SELECT {key}, "{column}" FROM "{dataset.table or name}"'
                        f' WHERE "{column}" IS NOT NULL'
                    )
                    found = {str(k): value for k, value in rows}
                    looked.there[f"{system}.{name}", column] = found


def _stray(looked: Looked, world: World, folder: Path) -> Home:
    """Add an undeclared copy beside every column that holds an item; open the home anew."""
    for system, path in world.databases.items():
        with closing(sqlite3.connect(path)) as db, db:
            for name, dataset in looked.datamap.systems[system].datasets.items():
                table = dataset.table or name
                for column in [c for c, f in dataset.fields.items() if f.item]:
                    db.execute(f'ALTER TABLE "{table}" ADD COLUMN "{STRAY}{column}"')
                    db.execute(f'UPDATE "{table}" SET "{STRAY}{column}" = "{column}"')
    return open_home(folder, clock=FixedClock(world.at))


@pytest.fixture(scope="session")
def adults(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], tuple[Home, Iterator[PersonId]]]]:
    """A home of a service, and its people one after the other, each asked about once."""
    homes: list[Home] = []

    @cache
    def _adults(service: str) -> tuple[Home, Iterator[PersonId]]:
        folder = tmp_path_factory.mktemp("adults") / service
        world = generate(service, folder, 60)
        places = {**world.databases, **world.folders}
        systems = {name: str(path.relative_to(folder)) for name, path in places.items()}
        homes.append(init_home(folder, service, systems, clock=FixedClock(world.at)))
        return homes[-1], iter(world.people[8:])

    yield _adults
    for home in homes:
        home.close()

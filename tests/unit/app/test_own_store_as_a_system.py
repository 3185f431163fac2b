"""Seiyaku's own store is a System like every other: found, exported, erased, read again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seiyaku.app.self_map import OF_PEOPLE, OWN, OwnStore, with_own_store
from seiyaku.datamap import DataMap
from seiyaku.datamap.system import HandleColumn, Handles, Row
from seiyaku.gate.model import Decision, Question, Reason
from seiyaku.kernel.ids import DatasetId, PersonId, PlanId, RequestId
from seiyaku.releases import Release
from seiyaku.requests.model import Request
from seiyaku.standing.model import Acceptance, Suspension
from seiyaku.store.people import StandingStore
from seiyaku.store.plans import PlanStore
from seiyaku.store.releases import ReleaseStore
from seiyaku.store.requests import RequestStore
from seiyaku.store.store import Store
from seiyaku.store.tables import METADATA
from seiyaku.store.witness import Asked, AskedStore, Made, NonceStore, PackageStore
from seiyaku.testing.store_suite import a_plan
from seiyaku.testing.system_suite import Bench, Correction, Holdings, SystemSuite

AT = datetime(2026, 11, 20, tzinfo=UTC)
AKI, BEN = PersonId("1"), PersonId("2")
SERVICE = DataMap.model_validate(
    {
        "seiyaku_datamap": 1,
        "service": "t",
        "systems": {
            "app": {
                "kind": "sqlite",
                "name": {"ja": "系", "en": "app"},
                "datasets": {
                    "users": {"person": "user", "key": "id", "fields": {"id": None}},
                    "sellers": {"person": "seller", "key": "id", "fields": {"id": None}},
                },
            }
        },
    }
)


def somebody(*keys: object) -> Handles:
    """Handles with the types of the service's own database."""
    column = HandleColumn(DatasetId("app.users"), ("id",))
    return Handles({column: frozenset((k,) for k in keys)})  # type: ignore[misc]


def fill(path: Path) -> None:
    """A store in which two people have left a trace in every table of people."""
    store = Store.at(path)
    for person in (AKI, BEN):
        request = RequestId(f"request-{person}")
        StandingStore(store).append([Acceptance(person, AT, "v1"), Suspension(person, AT)])
        details = {"answer_to": f"canary-{person}@example.jp"}
        requests = RequestStore(store)
        requests.add(Request(request, "closure", "user", AT, "v1"), [person], dict(details))
        old = Handles({HandleColumn(DatasetId("app.users"), ("email",)): frozenset({("x",)})})
        PlanStore(store).add(a_plan(f"plan-{person}"), request, old, person)
        NonceStore(store).commitments(request, {f"act-{person}": person})
        PackageStore(store).record(Made(request, "x.zip", "0" * 64, AT), person)
        refused = Decision("refused", (Reason("suspended"),), "v1", 6)
        given = Release(f"release-{person}", "provided", person, "x", ("email",), None, "consent",
                        None, "JP", "v1", (), AT)  # fmt: skip
        ReleaseStore(store).add([given])
        AskedStore(store).record([Asked(Question("use", person, "email", AT), refused)])
    store.close()


def rows(path: Path, person: str | None = None) -> Holdings:
    """Rows of the store's tables of people, read without the driver."""
    found: dict[DatasetId, list[Row]] = {}
    with closing(sqlite3.connect(path)) as db:
        for table in METADATA.sorted_tables:
            query = f'SELECT {", ".join(c.name for c in table.columns)} FROM "{table.name}"'
            if person is not None and table.name not in OF_PEOPLE:
                continue
            if person is not None:
                query += f" WHERE person = '{person}'"
            listed = list(db.execute(query))
            if listed or person is None:
                found[DatasetId(f"{OWN}.{table.name}")] = listed
    return found


class TestOwnStore(SystemSuite):
    """The public suite on the control plane's own file."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        path = tmp_path / "seiyaku.sqlite"
        fill(path)
        datamap = with_own_store(SERVICE)

        @contextmanager
        def away() -> Iterator[None]:
            path.rename(path.with_name("elsewhere"))
            yield
            path.with_name("elsewhere").rename(path)

        @contextmanager
        def spoiled() -> Iterator[None]:
            with closing(sqlite3.connect(path)) as db, db:
                db.execute(
                    "CREATE TRIGGER spoil BEFORE DELETE ON standing_events "
                    "BEGIN SELECT RAISE(ABORT, 'canary-1'); END"
                )
            yield
            with closing(sqlite3.connect(path)) as db, db:
                db.execute("DROP TRIGGER spoil")

        return Bench(
            system=OWN,
            datamap=datamap,
            open=lambda: OwnStore(datamap, path),
            person=somebody(1),
            absent=somebody(99),
            held=rows(path, AKI),
            look=lambda: rows(path),
            cut_off=away,
            spoil=spoiled,
            markers=("canary-1", "canary-2"),
            referring={},
            correction=Correction(DatasetId(f"{OWN}.asked"), "version", "9:v2"),
        )


def test_every_column_called_person_is_in_the_map_of_people() -> None:
    named = {t.name for t in METADATA.sorted_tables if "person" in t.columns}
    assert named == set(OF_PEOPLE)


def test_every_table_and_column_of_the_store_is_in_its_map() -> None:
    declared = with_own_store(SERVICE).systems[OWN].datasets
    for table in METADATA.sorted_tables:
        assert set(declared[table.name].fields) == {c.name for c in table.columns}
    assert set(declared) == {t.name for t in METADATA.sorted_tables}


def test_two_people_of_different_kinds_with_one_key_are_two_people(tmp_path: Path) -> None:
    path = tmp_path / "seiyaku.sqlite"
    store = Store.at(path)
    StandingStore(store).append(
        [Acceptance(PersonId("7"), AT, "v1"), Acceptance(PersonId("seller:7"), AT, "v2")]
    )
    store.close()
    datamap = with_own_store(SERVICE)
    own = OwnStore(datamap, path)
    from seiyaku.datamap import resolve

    seller = Handles({HandleColumn(DatasetId("app.sellers"), ("id",)): frozenset({(7,)})})
    exported = {
        s.dataset: list(s.rows) for s in own.export(resolve(datamap).of_system(OWN), seller)
    }
    [said], [changed] = exported["seiyaku.standing_events"], exported["seiyaku.changes"]
    assert said[0] == changed[1] == "seller:7"
    own.close()


def test_a_plan_of_many_people_gives_its_old_values_to_none_of_them(tmp_path: Path) -> None:
    path = tmp_path / "seiyaku.sqlite"
    store = Store.at(path)
    old = Handles({HandleColumn(DatasetId("app.users"), ("email",)): frozenset({("theirs",)})})
    PlanStore(store).add(a_plan(), RequestId("r"), old, None)
    assert PlanStore(store).handles(PlanId("plan-1")) == old
    store.close()
    datamap = with_own_store(SERVICE)
    own = OwnStore(datamap, path)
    from seiyaku.datamap import resolve

    assert list(own.export(resolve(datamap).of_system(OWN), somebody(1))) == []
    own.close()

"""From a person to their rows everywhere, over systems that hand values to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from seiyaku.datamap.find import first_handles, locate_everywhere, people_in, person_id
from seiyaku.datamap.graph import resolve
from seiyaku.datamap.model import DataMap
from seiyaku.datamap.system import (
    ColumnSurface,
    HandleColumn,
    Handles,
    Located,
    Row,
    Step,
    System,
    TableSurface,
)
from seiyaku.kernel.errors import InvalidInput, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, PersonId, SystemId
from seiyaku.systems._shared.matching import Known, Search

NAME = {"ja": "系", "en": "system"}
MAP = {
    "seiyaku_datamap": 1,
    "service": "t",
    "systems": {
        "app": {
            "kind": "sqlite",
            "name": NAME,
            "datasets": {
                "users": {"person": "user", "key": "id", "fields": {"id": None, "login": None}},
                "cards": {
                    "key": "id",
                    "links": [{"by": "token", "to": "pay.payers", "columns": "token"}],
                    "fields": {"id": None, "token": None},
                },
            },
        },
        "pay": {
            "kind": "sqlite",
            "name": NAME,
            "datasets": {
                "payers": {
                    "key": "id",
                    "links": [{"by": "login", "to": "app.users", "columns": "login"}],
                    "fields": {"id": None, "login": None, "token": None},
                }
            },
        },
    },
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "app.users": [{"id": 1, "login": "ai"}, {"id": 2, "login": "ben"}],
    "app.cards": [{"id": 5, "token": "t1"}, {"id": 6, "token": "t2"}],
    "pay.payers": [{"id": 9, "login": "ai", "token": "t1"}],
}


class Memory:
    """A system that reads rows from memory, as the file systems do from files."""

    def __init__(self, answers: bool = True) -> None:
        self.answers, self.asked = answers, 0

    def locate(self, steps: Sequence[Step], handles: Handles) -> Located:
        self.asked += 1
        if not self.answers:
            raise SystemUnavailable("away", code="SY304")

        def read(dataset: DatasetId, _: Known) -> Any:
            return (((dataset, n), row) for n, row in enumerate(ROWS[dataset]))

        return Search(steps, handles, {s.dataset: ("id",) for s in steps}, read).located()


def systems(**made: Memory) -> Mapping[SystemId, System]:
    return {SystemId(k): v for k, v in made.items()}  # type: ignore[misc]


@pytest.fixture
def datamap() -> DataMap:
    return DataMap.model_validate(MAP)


def test_values_go_from_system_to_system_and_back(datamap: DataMap) -> None:
    app, pay = Memory(), Memory()
    handles = first_handles(datamap, "user", [PersonId("1")])
    found = locate_everywhere(systems(app=app, pay=pay), resolve(datamap), handles)
    rows = {d: n for at in found.located.values() for d, n in at.rows.items()}
    assert rows == {"app.users": 1, "app.cards": 1, "pay.payers": 1}
    assert (app.asked, pay.asked) == (2, 1)
    assert found.unreachable == {}


def test_a_system_that_is_away_is_said_and_the_others_are_asked(datamap: DataMap) -> None:
    handles = first_handles(datamap, "user", [PersonId("1")])
    away = systems(app=Memory(), pay=Memory(answers=False))
    found = locate_everywhere(away, resolve(datamap), handles)
    assert set(found.located) == {"app"}
    assert found.unreachable[SystemId("pay")].code == "SY304"


@pytest.mark.parametrize(("kind", "expected"), [("INTEGER", 1), ("TEXT", "1")])
def test_a_key_takes_the_type_of_its_column(datamap: DataMap, kind: str, expected: object) -> None:
    surface = TableSurface("users", (ColumnSurface("id", kind),), ("id",))
    handles = first_handles(datamap, "user", [PersonId("1")], {SystemId("app"): (surface,)})
    assert handles.at(HandleColumn(DatasetId("app.users"), ("id",))) == {(expected,)}


def test_a_key_of_several_columns_is_a_json_list() -> None:
    users = {"person": "user", "key": ["shop", "no"], "fields": {"shop": None, "no": None}}
    app = {"kind": "sqlite", "name": NAME, "datasets": {"users": users}}
    composite = DataMap.model_validate(
        {"seiyaku_datamap": 1, "service": "t", "systems": {"app": app}}
    )
    handles = first_handles(composite, "user", [PersonId('["a", "7"]')])
    row: Row = ("a", "7")
    assert handles.at(HandleColumn(DatasetId("app.users"), ("shop", "no"))) == {row}
    assert people_in(composite, "user", handles) == {person_id(row)}
    with pytest.raises(InvalidInput) as caught:
        first_handles(composite, "user", [PersonId("7")])
    assert caught.value.code == "SY172"
    assert "7" not in str(caught.value)


def test_a_kind_of_people_nobody_mapped_is_refused(datamap: DataMap) -> None:
    with pytest.raises(InvalidInput) as caught:
        first_handles(datamap, "seller", [PersonId("1")])
    assert caught.value.code == "SY171"

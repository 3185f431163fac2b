"""Systems are changed in the order their ties ask, whatever the data map's order is."""

from __future__ import annotations

from itertools import permutations

import pytest

from seiyaku.app.self_map import with_own_store
from seiyaku.datamap.graph import resolve
from seiyaku.datamap.model import DataMap
from seiyaku.plans.order import order_of_systems

USERS = {"person": "customer", "key": "id", "fields": {"id": None, "email": "email"}}
LINK = {"by": "who", "to": "app.users", "columns": "email"}
ROWS = {"key": "id", "links": [LINK], "fields": {"id": None, "who": "email"}}
KINDS = {
    "app": "sqlite",
    "pay": "stripe",
    "signin": "auth0",
    "visits": "google_analytics",
    "cdn": "cloudflare_images",
    "letters": "mail",
    "logs": "jsonl",
}


def datamap(order: tuple[str, ...]) -> DataMap:
    """A service whose rows elsewhere are all found by an address in `app`."""
    systems = {
        name: {
            "kind": KINDS[name],
            "name": {"ja": name, "en": name},
            "datasets": {"users": USERS} if name == "app" else {"rows": ROWS},
        }
        for name in order
    }
    made = DataMap.model_validate({"seiyaku_datamap": 1, "service": "shop", "systems": systems})
    return with_own_store(made)


@pytest.mark.parametrize("written", [*permutations(KINDS)][::500])
def test_the_order_is_that_of_the_ties_not_of_the_file(written: tuple[str, ...]) -> None:
    found = datamap(written)
    order = order_of_systems(found, resolve(found))
    assert set(order) == {*KINDS, "seiyaku"}
    place = {system: number for number, system in enumerate(order)}
    assert place["visits"] == 0, "whoever still collects is told to stop first"
    assert place["cdn"] == 1, "what is public goes from the public next"
    assert {place["pay"], place["signin"]} == {2, 3}, "then what still runs is ended"
    assert place["logs"] < place["app"], "found by a value that goes afterwards"
    assert place["app"] < place["letters"], "the address goes when everything was told"
    assert order[-1] == "seiyaku", "our own store remembers how to find the rest"


def test_systems_that_find_each_other_still_have_an_order() -> None:
    found = datamap(("app", "logs"))
    app, logs = (found.systems[s].model_dump(by_alias=True) for s in ("app", "logs"))
    back = {"by": "email", "to": "logs.rows", "columns": "who"}
    profile = {"key": "id", "links": [back], "fields": {"id": None, "email": "email"}}
    again = DataMap.model_validate(
        {
            "seiyaku_datamap": 1,
            "service": "shop",
            "systems": {
                "app": {**app, "datasets": {"users": USERS, "profiles": profile}},
                "logs": logs,
            },
        }
    )
    order = order_of_systems(again, resolve(again))
    assert sorted(order) == ["app", "logs"]

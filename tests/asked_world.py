"""Holders of data that are asked and not read."""

from __future__ import annotations

from typing import Any

from seiyaku.datamap import DataMap, resolve
from seiyaku.datamap.system import Action, HandleColumn, Handles, Step
from seiyaku.kernel.ids import DatasetId
from seiyaku.systems._shared.vendor import VendorSystem
from seiyaku.testing.system_suite import erasing

NAME = {"ja": "系", "en": "system"}


def asked_map(kind: str, **columns: str) -> DataMap:
    """A data map with a dataset for each column people are asked about by."""
    own = {**dict.fromkeys(("id", *columns)), **dict.fromkeys(columns, "identifier")}
    users = {"person": "user", "key": "id", "fields": own}
    datasets: dict[str, Any] = {
        name: {
            "key": "value",
            "links": [{"by": "value", "to": "app.users", "columns": name}],
            "fields": {"value": "identifier"},
        }
        for name in columns
    }
    app = {"kind": "sqlite", "name": NAME, "datasets": {"users": users}}
    systems = {"app": app, "other": {"kind": kind, "name": NAME, "datasets": datasets}}
    return DataMap.model_validate({"seiyaku_datamap": 1, "service": "t", "systems": systems})


def handles(**columns: str) -> Handles:
    values = {
        HandleColumn(DatasetId("app.users"), (name,)): frozenset({(value,)})
        for name, value in columns.items()
    }
    return Handles(values)


def planned(
    system: VendorSystem, datamap: DataMap, known: Handles
) -> tuple[tuple[Step, ...], list[Action]]:
    steps = resolve(datamap).of_system("other")
    located = system.locate(steps, known)
    return steps, erasing(datamap, steps, located, system.capabilities)

"""On schemas of real applications, the tables reached are those their authors say belong to people.

The truth beside each schema lists, table by table, the columns by which rows hang on others and
whether a path leads to a person; the data map here is derived from the columns alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seiyaku.datamap import DataMap, resolve

Edge = tuple[str, str, str, str]
"""(table, column, table it hangs on, column there)."""


def edges(truth: dict[str, Any]) -> Iterator[Edge]:
    for name, table in truth["tables"].items():
        if "direct_edges" in table:
            yield from _annotated(name, table["direct_edges"])
        else:
            for key in ("direct_subject_columns", "other_refs"):
                for ref in table.get(key, ()):
                    yield name, ref["column"], ref["to_table"], ref["to_column"]


def _annotated(name: str, found: list[dict[str, str]]) -> Iterator[Edge]:
    """Plain references make a row somebody's only where no owner is named."""
    owner = any(e["kind"] == "OWNED_BY" for e in found)
    for e in found:
        if e["kind"] == "OWNED_BY" or (e["kind"] == "REFERENCES" and not owner):
            yield name, e["column"], e["to_table"], e["to_column"]
        if e["kind"] == "OWNS":
            yield e["to_table"], e["to_column"], name, e["column"]


def datamap(truth: dict[str, Any]) -> DataMap:
    words = {name: f"t{n}" for n, name in enumerate(truth["tables"])}
    people = {s["table"] for s in truth["data_subjects"]}
    datasets: dict[str, Any] = {}
    for name in truth["tables"]:
        datasets[words[name]] = {"table": name, "key": "id", "fields": {"id": "text"}, "links": []}
        if name in people:
            datasets[words[name]]["person"] = "person"
    for table, column, to, there in edges(truth):
        if to in words and not (table in people and to == table):
            link = {"by": column, "to": words[to], "columns": there}
            datasets[words[table]]["links"].append(link)
            datasets[words[table]]["fields"].setdefault(column, None)
    entry = {"kind": "sqlite", "name": {"ja": "系", "en": "app"}, "datasets": datasets}
    return DataMap.model_validate(
        {"seiyaku_datamap": 1, "service": "real", "systems": {"app": entry}}
    )


def belongs(table: dict[str, Any]) -> bool:
    if "owner_paths" in table:
        return bool(table["is_subject"] or table["owner_paths"])
    return bool(table["is_subject"]) or table["min_hops_to_subject"] is not None


def measured(truth: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Tables reached, and tables that belong to people in truth."""
    drawn = datamap(truth)
    reached = {str(drawn.dataset(s.dataset).table) for s in resolve(drawn).steps}
    return reached, {n for n, t in truth["tables"].items() if belongs(t)}


def truths(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.glob("schemas/*/ground_truth.json")):
        truth = json.loads(path.read_text())
        if any("is_subject" in t for t in truth["tables"].values()):
            yield path.parent.name, truth


@pytest.mark.reference
def test_every_table_that_belongs_to_people_is_reached_and_no_other(reference: Path) -> None:
    found = {name: measured(truth) for name, truth in truths(reference)}
    assert len(found) >= 15
    missed = {n: sorted(truth - reached) for n, (reached, truth) in found.items()}
    beyond = {n: sorted(reached - truth) for n, (reached, truth) in found.items()}
    assert {n: t for n, t in missed.items() if t} == {}
    assert {n: t for n, t in beyond.items() if t} == {}


@pytest.mark.reference
def test_no_table_is_dropped_without_a_word(reference: Path) -> None:
    for _, truth in truths(reference):
        resolution = resolve(datamap(truth))
        said = {s.dataset for s in resolution.steps} | set(resolution.unreachable)
        assert len(said) == len(truth["tables"])

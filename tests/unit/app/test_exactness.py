"""What is exported is what is erased plus what is kept with a reason, table by table."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Callable

import pytest
from home_cases import Case, ready

from seiyaku.plans.model import ItemOutcome

BESIDE = ("references", "beside_kept")
"""Outcomes that count rows a second time, or rows of strangers."""


@pytest.mark.parametrize("service", ready())
def test_exported_rows_are_erased_or_kept_with_a_reason(
    service: str, case_of: Callable[[str], Case]
) -> None:
    case = case_of(service)
    for person in case.world.everyone[:4]:
        request, _ = case.done("disclosure", person.id)
        exported = rows_in_package(case, request.id)
        _, result = case.done("closure", person.id)
        accounted: Counter[str] = Counter()
        for outcome in result.outcomes:
            if outcome.dataset and outcome.note not in BESIDE:
                accounted[outcome.dataset] += outcome.rows
                assert outcome.outcome in ("done", "kept_by_law", "nothing_found"), outcome
                assert outcome.cite, outcome
        assert exported, "the person must hold something, or this proves nothing"
        assert without_own(exported) == without_own(+accounted)


@pytest.mark.parametrize("service", ready())
def test_after_an_erasure_only_rows_with_a_reason_are_found(
    service: str, case_of: Callable[[str], Case]
) -> None:
    case = case_of(service)
    person = case.world.everyone[2].id
    _, result = case.done("closure", person)
    kept = {o.dataset for o in result.outcomes if _stays(o)}
    _, plan = case.planned("disclosure", person)
    found = {
        o.dataset
        for o in plan.outcomes
        if o.rows and o.dataset and not o.dataset.startswith("seiyaku.")
    }
    assert found <= kept


@pytest.mark.parametrize("service", ready())
def test_nobody_else_loses_anything_but_what_pointed_at_the_person(
    service: str, case_of: Callable[[str], Case]
) -> None:
    case = case_of(service)
    leaving, staying = case.world.everyone[1].id, case.world.everyone[3].id
    before = rows_in_package(case, case.done("disclosure", staying)[0].id)
    _, result = case.done("closure", leaving)
    strangers = {o.dataset for o in result.outcomes if o.note == "references"}
    after = rows_in_package(case, case.done("disclosure", staying)[0].id)
    shared = strangers | _two_people(case)
    for dataset, rows in without_own(before).items():
        assert after[dataset] == rows or dataset in shared, dataset


def rows_in_package(case: Case, request: str) -> Counter[str]:
    """Rows by dataset, as the person gets them."""
    with zipfile.ZipFile(case.home.package(request)) as package:
        data = json.loads(package.read("data.json"))
    return Counter({d["id"]: len(d["rows"]) for d in data["datasets"]})


def without_own(rows: Counter[str]) -> dict[str, int]:
    """Without the store's own tables: they grow with every request made here."""
    return {d: n for d, n in rows.items() if not d.startswith("seiyaku.")}


def _stays(outcome: ItemOutcome) -> bool:
    noted = outcome.note in ("emptied", "row_emptied", "link_cut", "beside_kept")
    return outcome.outcome == "kept_by_law" or noted


def _two_people(case: Case) -> set[str]:
    """Datasets whose rows belong to two people: they go with the first."""
    datamap = case.home.parts.datamap
    return {i for i, d in datamap.datasets() if sum(bool(x.role) for x in d.links) > 1}

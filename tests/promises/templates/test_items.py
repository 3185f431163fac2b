"""One template for every clause that says what is collected.

Given a service's generated data, with people in each column that the data map binds to an item
of the clause; when the systems are checked and people ask what is held; then the check finds
nothing about these columns, what is held is counted, and the package carries each value as it
stands in the database, labelled with the clause. When the same data is then put into a column
nobody declared, the check reports it with table and column, and never a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from seiyaku.policy import Policy, parse_policy
from seiyaku.services import available
from seiyaku.services import path as packaged

from .conftest import STRAY, Looked


def _clauses() -> Iterator[Any]:
    listed = yaml.safe_load((Path(__file__).parent / "items.yaml").read_text("utf-8"))
    for service in available():
        policy: Policy = parse_policy(packaged(service) / "policy.yaml").policy
        for clause in listed[service]:
            cited = policy.cite(clause)
            mark = pytest.mark.promise(cited, template="item", by_hand=False)
            yield pytest.param(service, clause, id=cited, marks=mark)


def _plain(value: Any) -> Any:
    """A value of the package as SQLite holds it."""
    if isinstance(value, dict):
        (inner,) = value.values()
        return str(inner).replace("T", " ")
    return value


@pytest.mark.parametrize(("service", "clause"), tuple(_clauses()))
def test_what_a_clause_declares_is_held_shown_and_nowhere_else(
    look: Callable[[str], Looked], service: str, clause: str
) -> None:
    looked = look(service)
    bound = looked.columns(clause)
    assert looked.in_tables(clause), "no column of a database holds an item of the clause"
    for dataset, column in bound:
        name = f"`{dataset}.{column}`"
        assert not [f for f in looked.before if name in f.message], name
        assert looked.policy.cite(clause) in looked.labels.get((dataset, column), set()), name
    for at in looked.in_tables(clause):
        shown, there = looked.shown[at], looked.there[at]
        assert bool(shown) == bool(there), f"{at}: nothing of it is in any package"
        assert {key: _plain(value) for key, value in shown.items()}.items() <= there.items()
        assert not shown or at in looked.held
        _is_reported(looked, *at)


def _is_reported(looked: Looked, dataset: str, column: str) -> None:
    name = f"`{dataset}.{STRAY}{column}`"
    assert not [f for f in looked.before if name in f.message]
    found = [f for f in looked.after if name in f.message and f.rule == "undeclared-column"]
    assert len(found) == 1, name
    values = {v for v in looked.there[dataset, column].values() if isinstance(v, str)}
    for fault in found:
        assert not any(v in f"{fault.message} {fault.hint}" for v in values if len(v) > 7)

"""Which clauses of the published policies are kept, as the last full test run showed.

A clause is *kept* when a test that carries out its given/when/then through a public door
ran and passed; *stated* when that test shows a text (only clauses whose `proof` is text);
*by hand* when the test shows a tracked task with evidence; everything else is *open*. No
list of kept clauses exists anywhere: `make test` writes what it saw.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seiyaku.kernel.errors import InvalidInput
from seiyaku.policy.model import Policy

State = Literal["kept", "stated", "by_hand", "open"]
STATES: tuple[State, ...] = ("kept", "stated", "by_hand", "open")
Kind = Literal["item", "purpose", "other"]


@dataclass(frozen=True)
class Witness:
    """One test that carries a clause, as it ended.

    Args:
        clause: cited id, ``CLOSM-9.2a``. test: name of the test.
        passed: it ran and passed; a skipped or failed test witnesses nothing.
        by_hand: it shows a tracked task with evidence.
        template: name of the template it was made from, empty when written for the clause.
    """

    clause: str
    test: str
    passed: bool
    by_hand: bool = False
    template: str = ""


@dataclass(frozen=True)
class ClauseState:
    """One clause and its state."""

    id: str
    service: str
    state: State
    kind: Kind
    tests: tuple[str, ...] = ()
    templated: bool = False


@dataclass(frozen=True)
class Promises:
    """All clauses of all services and their states."""

    clauses: tuple[ClauseState, ...]

    def count(self, state: State, service: str | None = None) -> int:
        """How many clauses (of one service) are in a state."""
        return sum(c.state == state and service in (None, c.service) for c in self.clauses)

    def only(self, service: str) -> Promises:
        """The clauses of one service."""
        return Promises(tuple(c for c in self.clauses if c.service == service))

    def to_json(self) -> dict[str, object]:
        """The published form of this report."""
        return {
            "total": len(self.clauses),
            **{state: self.count(state) for state in STATES},
            "kept_from_templates": sum(c.state == "kept" and c.templated for c in self.clauses),
            "kept_beside_items_and_purposes": sum(
                c.state in ("kept", "by_hand") and c.kind == "other" for c in self.clauses
            ),
            "clauses": [
                {
                    "id": c.id,
                    "service": c.service,
                    "state": c.state,
                    "kind": c.kind,
                    "templated": c.templated,
                    "tests": list(c.tests),
                }
                for c in self.clauses
            ],
        }


def report(policies: Iterable[Policy], witnesses: Iterable[Witness]) -> Promises:
    """Fold witnesses into the state of every clause; unknown clauses are ignored.

    A clause one of whose tests failed is open, whatever the others show.
    """
    by_clause: dict[str, list[Witness]] = {}
    for witness in witnesses:
        by_clause.setdefault(witness.clause, []).append(witness)
    return Promises(
        tuple(
            _state(policy, clause, by_clause.get(policy.cite(clause), []))
            for policy in policies
            for clause in policy.clauses
        )
    )


def _state(policy: Policy, clause: str, witnesses: list[Witness]) -> ClauseState:
    state: State = "open"
    if witnesses and all(w.passed for w in witnesses):
        if any(w.by_hand for w in witnesses):
            state = "by_hand"
        elif policy.clauses[clause].proof == "text":
            state = "stated"
        else:
            state = "kept"
    return ClauseState(
        id=policy.cite(clause),
        service=policy.service,
        state=state,
        kind=_kind(policy, clause),
        tests=tuple(sorted({w.test for w in witnesses})),
        templated=bool(witnesses) and all(w.template for w in witnesses),
    )


def _kind(policy: Policy, clause: str) -> Kind:
    """Whether the clause declares an item, a purpose, or something else."""
    if any(clause in (i.clause, *i.also) for i in policy.items.values()):
        return "item"
    if any(clause in (p.clause, *p.also) for p in policy.purposes.values()):
        return "purpose"
    return "other"


def load(path: Path) -> Promises | None:
    """Read the report of the last full test run; None when there was none.

    Raises:
        InvalidInput: SY104 the file is no such report.
    """
    if not path.exists():
        return None
    try:
        data: Mapping[str, list[dict[str, object]]] = json.loads(path.read_text("utf-8"))
        return Promises(
            tuple(
                ClauseState(
                    id=str(c["id"]),
                    service=str(c["service"]),
                    state=_one_of_states(str(c["state"])),
                    kind=str(c["kind"]),  # type: ignore[arg-type]
                    tests=tuple(c["tests"]),  # type: ignore[arg-type]
                    templated=bool(c["templated"]),
                )
                for c in data["clauses"]
            )
        )
    except (ValueError, KeyError, TypeError):
        raise InvalidInput(
            f"`{path}` is not a report of promises", code="SY104", hint="run: make test"
        ) from None


def _one_of_states(value: str) -> State:
    for state in STATES:
        if state == value:
            return state
    raise ValueError(value)

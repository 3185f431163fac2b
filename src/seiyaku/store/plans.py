"""Plans as they were made, who approved them, and how far their runs came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from seiyaku.datamap import system
from seiyaku.datamap.system import HandleColumn, Handles
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import DatasetId, PersonId, PlanId, RequestId
from seiyaku.plans.approve import Halt
from seiyaku.plans.digest import plan_digest, plan_from_json, plan_to_json
from seiyaku.plans.model import Approval, ItemOutcome, Plan, RunState
from seiyaku.plans.values import Json, rows_from_json, rows_to_json
from seiyaku.policy.model import RequestKind
from seiyaku.store import tables
from seiyaku.store.prepared import Row
from seiyaku.store.store import Store, into

REMEMBERED = 64
"""Plans kept parsed in memory."""
_OUTCOMES: TypeAdapter[tuple[ItemOutcome, ...]] = TypeAdapter(tuple[ItemOutcome, ...])


@dataclass(frozen=True)
class Run:
    """One attempt at a plan.

    Args:
        outcomes: what became of each item; empty while it runs.
        evidence: indexes of the entries that witness it, without those about one person.
        people_from: index of the first entry about one person; the others follow it in the
            order of the request's people.
    """

    plan: PlanId
    attempt: int
    kind: RequestKind
    people: int
    state: RunState
    began_at: datetime
    ended_at: datetime | None = None
    outcomes: tuple[ItemOutcome, ...] = ()
    evidence: tuple[int, ...] = ()
    people_from: int | None = None


class PlanStore:
    """Plans by id."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[str, tuple[Plan, RequestId]] = {}

    def add(
        self,
        plan: Plan,
        request: RequestId,
        handles: Handles,
        person: PersonId | None,
        lots: Sequence[Handles] = (),
    ) -> None:
        """Record a plan and the old values by which its rows are found.

        Args:
            person: whose values they are; None where they are of several people.
            lots: the same values lot by lot, where the plan has lots.
        """
        with self._store.together():
            self._store.write(
                into(tables.plans),
                {
                    "id": plan.id,
                    "request": request,
                    "digest": plan_digest(plan),
                    "plan": plan_to_json(plan),
                },
            )
            self._store.write(
                into(tables.handles),
                [
                    {
                        "plan": plan.id,
                        "dataset": column.dataset,
                        "columns": ",".join(column.columns),
                        "person": person,
                        "rows": _kept(column, rows, lots),
                    }
                    for column, rows in handles.values.items()
                    if rows
                ],
            )

    def get(self, plan: str) -> Plan:
        """The plan called `plan`.

        Raises:
            InvalidInput: SY196 there is none.
        """
        return self._found(plan)[0]

    def request_of(self, plan: str) -> RequestId:
        """The request a plan answers; raises as `get`."""
        return self._found(plan)[1]

    def handles(self, plan: PlanId) -> Handles:
        """The old values of a plan; none after the request ended."""
        return Handles({c: frozenset().union(*lots) for c, lots in self._values(plan)})

    def lots(self, plan: PlanId) -> tuple[Handles, ...]:
        """The old values of each lot of a plan that has lots."""
        columns = list(self._values(plan))
        number = max((len(lots) for _, lots in columns), default=0)
        return tuple(Handles({c: lots[n] for c, lots in columns}) for n in range(number))

    def _values(self, plan: PlanId) -> Iterator[tuple[HandleColumn, list[frozenset[system.Row]]]]:
        for row in self._store.read(_HANDLES, this=plan):
            column = HandleColumn(DatasetId(row.dataset), tuple(row.columns.split(",")))
            lots = row.rows["lots"] if isinstance(row.rows, dict) else [row.rows]
            yield column, [rows_from_json(rows) for rows in lots]

    def approve(self, approval: Approval) -> None:
        """Record an approval; the same one twice is one."""
        table = tables.approvals
        with self._store.together():
            given = self.approvals(approval.plan)
            if approval in given:
                return
            if any((a.actor, a.digest) == (approval.actor, approval.digest) for a in given):
                same = (table.c.plan == approval.plan, table.c.actor == approval.actor)
                self._store.write(sa.delete(table).where(*same, table.c.digest == approval.digest))
            self._store.write(into(table), dict(approval.__dict__))

    def approvals(self, plan: PlanId) -> tuple[Approval, ...]:
        """Every approval of a plan, oldest first."""
        rows = self._store.read(_APPROVALS, this=plan)
        return tuple(Approval(PlanId(r.plan), r.digest, r.actor, r.at) for r in rows)

    def any_approved(self) -> bool:
        """Whether anybody ever approved a plan; the evidence then holds an entry of it."""
        return self._store.one(sa.select(tables.approvals.c.plan).limit(1)) is not None

    def _found(self, plan: str) -> tuple[Plan, RequestId]:
        """A plan and its request; both are written once, so the newest are remembered."""
        if plan not in self._read:
            row = self._store.one(_PLAN, this=plan)
            if row is None:
                raise InvalidInput(f"there is no plan `{plan}`", code="SY196")
            if len(self._read) >= REMEMBERED:
                self._read.clear()
            self._read[plan] = plan_from_json(row.plan), RequestId(row.request)
        return self._read[plan]


class RunStore:
    """Attempts at plans, and the halt."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, run: Run) -> None:
        """Record that an attempt begins.

        Raises:
            Conflict: SY521 it began already.
        """
        self._store.write(
            into(tables.runs),
            {
                "plan": run.plan,
                "attempt": run.attempt,
                "kind": run.kind,
                "people": run.people,
                "state": run.state,
                "began_at": run.began_at,
            },
        )

    def end(self, run: Run) -> None:
        """Record how an attempt ended."""
        self._store.write(
            _END,
            {
                "this": run.plan,
                "which": run.attempt,
                "state": run.state,
                "ended_at": run.ended_at,
                "outcomes": _OUTCOMES.dump_python(run.outcomes, mode="json"),
                "evidence": list(run.evidence),
                "people_from": run.people_from,
            },
        )

    def of(self, plan: PlanId) -> tuple[Run, ...]:
        """The attempts at a plan, first to last."""
        return tuple(_run(row) for row in self._store.read(_RUNS, this=plan))

    def unfinished(self) -> tuple[Run, ...]:
        """Attempts that began and never ended: a process died."""
        table = tables.runs
        rows = self._store.read(sa.select(table).where(table.c.state == "running"))
        return tuple(_run(row) for row in rows)

    def erased_since(self, at: datetime, without: PlanId) -> int:
        """People whose erasure began at `at` or later, without those of one plan."""
        row = self._store.one(_ERASED, since=at, without=without)
        return int(row[0] or 0) if row else 0

    def halt(self, actor: str, at: datetime) -> None:
        """Let everything stand still."""
        self._store.write(sa.insert(tables.halts).values(at=at, actor=actor, lifted_by=""))

    def resume(self, actor: str, at: datetime) -> int:
        """Lift every halt; how many there were."""
        table = tables.halts
        return self._store.write(
            sa.update(table)
            .where(table.c.lifted_at.is_(None))
            .values(lifted_at=at, lifted_by=actor)
        )

    def halted(self) -> Halt | None:
        """The halt that stands, if any."""
        row = self._store.one(_HALTS)
        return None if row is None else Halt(row.at, row.actor)


def _kept(column: HandleColumn, rows: frozenset[system.Row], lots: Sequence[Handles]) -> Json:
    """Values as they are kept: as one, or lot by lot."""
    if not lots:
        return rows_to_json(rows)
    return {"lots": [rows_to_json(lot.at(column)) for lot in lots]}


def _of(table: sa.Table, column: str, order: str = "") -> sa.Select[Any]:
    query = sa.select(table).where(table.c[column] == sa.bindparam("this"))
    return query.order_by(table.c[order]) if order else query


_PLAN = _of(tables.plans, "id")
_HANDLES = _of(tables.handles, "plan")
_APPROVALS = _of(tables.approvals, "plan", "at")
_RUNS = _of(tables.runs, "plan", "attempt")
_END = sa.update(tables.runs).where(
    tables.runs.c.plan == sa.bindparam("this"), tables.runs.c.attempt == sa.bindparam("which")
)
_HALTS = sa.select(tables.halts).where(tables.halts.c.lifted_at.is_(None)).order_by("id")
_ERASED = sa.select(sa.func.sum(tables.runs.c.people)).where(
    sa.or_(tables.runs.c.kind == "deletion", tables.runs.c.kind == "closure"),
    tables.runs.c.began_at >= sa.bindparam("since"),
    tables.runs.c.attempt == 1,
    tables.runs.c.plan != sa.bindparam("without"),
)
"""What every run asks is built once."""


def _run(row: Row) -> Run:
    values: dict[str, Any] = dict(row._asdict())
    return Run(
        plan=PlanId(values["plan"]),
        attempt=values["attempt"],
        kind=values["kind"],
        people=values["people"],
        state=values["state"],
        began_at=values["began_at"],
        ended_at=values["ended_at"],
        outcomes=_OUTCOMES.validate_python(values["outcomes"] or ()),
        evidence=tuple(values["evidence"] or ()),
        people_from=values["people_from"],
    )

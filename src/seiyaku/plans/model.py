"""One kind of plan for all who act: requests now, disposal and incidents later.

A plan is data: what will be done in which system, to how many rows, and why the rest
stays. It names no person: who it is about stands in Seiyaku's own store under the plan's
id, and the plan carries their number and a keyed digest. Its digest covers the policy, the
data map, the schema as read and the counts; an approval binds an actor to that digest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from seiyaku.datamap.system import Action, Outcome, Step
from seiyaku.kernel.ids import DatasetId, PlanId, RunId, SystemId
from seiyaku.policy.model import RequestKind

RunState = Literal["waiting", "running", "done", "open", "failed", "halted"]
"""``done``: every outcome is closed. ``open``: something is pending, by hand or unreachable.
``failed``: it could not be gone on with, and another plan took its place."""


@dataclass(frozen=True)
class ItemOutcome:
    """What happens, or happened, to some items in one dataset or system.

    Args:
        items: words of the policy, sorted.
        rows: rows concerned; expected in a plan, read again in a result.
        cite: clause or article that says why (``CLOSM-9.2b``, ``jp-records.books``).
        until: last day it is kept, for ``kept_by_law`` and ``pending``.
        note: short word for the reader: ``link_cut``, ``not_read``, ``task``.
    """

    system: SystemId
    dataset: DatasetId | None
    items: tuple[str, ...]
    outcome: Outcome
    rows: int
    cite: str = ""
    until: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Lot:
    """Part of the people of a plan, done in a transaction of its own; see `plans.lots`.

    Args:
        expected: rows the plan counted, for each action of the group in their order.
    """

    expected: tuple[int, ...]


@dataclass(frozen=True)
class Group:
    """What is done in one system, and how its rows are found.

    Args:
        lots: one transaction each; none where the whole group is one.
    """

    system: SystemId
    steps: tuple[Step, ...]
    actions: tuple[Action, ...]
    lots: tuple[Lot, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Everything that will be done for one request, or ten thousand of a kind.

    Args:
        people: how many people. people_digest: keyed digest of who, from the own store.
        policy_sha256, datamap_sha256, surface_sha256: what the plan was made from.
        groups: systems in the order they are acted on.
        outcomes: what is expected, item by item; what stays has its reason here.
        reads_only: nothing is changed (disclosure).
    """

    id: PlanId
    service: str
    kind: RequestKind
    created_at: datetime
    people: int
    people_digest: str
    policy_version: str
    policy_sha256: str
    datamap_sha256: str
    surface_sha256: str
    groups: tuple[Group, ...]
    outcomes: tuple[ItemOutcome, ...]
    reads_only: bool = False


@dataclass(frozen=True)
class Approval:
    """A named actor agreed to exactly this plan."""

    plan: PlanId
    digest: str
    actor: str
    at: datetime


@dataclass(frozen=True)
class RunResult:
    """What a run did, claiming only what a second reading showed.

    Args:
        outcomes: item by item; counts are of rows read again.
        evidence: indexes of the log entries that witness it.
    """

    run: RunId
    plan: PlanId
    state: RunState
    outcomes: tuple[ItemOutcome, ...]
    evidence: tuple[int, ...]

"""Approval: a named actor agrees to exactly this plan, and to nothing that replaced it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import Conflict, NotPermitted, WaitsForPerson
from seiyaku.plans.digest import plan_digest
from seiyaku.plans.model import Approval, Plan

APPROVERS = ("approver", "officer")
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Halt:
    """Everything stands still from `at` on, until somebody lifts it."""

    at: datetime
    actor: str


def approval_of(plan: Plan, actor: Actor, at: datetime) -> Approval:
    """The approval by which `actor` agrees to `plan` as it is now.

    Raises:
        NotPermitted: SY210 the actor's role does not approve.
    """
    if actor.role not in APPROVERS:
        raise NotPermitted(
            f"`{actor.name}` is a {actor.role} and does not approve plans",
            code="SY210",
            hint="ask an approver or officer",
        )
    return Approval(plan.id, plan_digest(plan), actor.name, at)


def require_approved(
    plan: Plan, approvals: Sequence[Approval], erased_this_hour: int, hourly_limit: int
) -> None:
    """Let `plan` run only as it was approved, and by two where it goes over the limit.

    Args:
        approvals: every approval recorded for the plan.
        erased_this_hour: people erased in the last hour, without this plan.
        hourly_limit: people who may be erased in an hour on one person's word.

    Raises:
        Conflict: SY502 it changed since it was approved: plan again.
        WaitsForPerson: SY402 nobody approved it; SY403 a second person must.
    """
    if not approvals:
        raise WaitsForPerson(
            f"plan `{plan.id}` is not approved", code="SY402", hint="ask an approver or officer"
        )
    digest = plan_digest(plan)
    valid = {a.actor for a in approvals if a.digest == digest}
    if not valid:
        raise plan_again(plan)
    over = plan.kind in ("deletion", "closure") and erased_this_hour + plan.people > hourly_limit
    if over and len(valid) < 2:
        raise WaitsForPerson(
            f"plan `{plan.id}` goes over {hourly_limit} erasures an hour",
            code="SY403",
            hint="a second approver or officer must approve it as well",
        )


def require_going(halt: Halt | None) -> None:
    """Stop while a halt stands.

    Raises:
        WaitsForPerson: SY401 somebody halted everything.
    """
    if halt is not None:
        raise WaitsForPerson(
            f"everything is halted by `{halt.actor}`",
            code="SY401",
            hint="an officer lifts it: seiyaku halt --lift",
        )


def plan_again(plan: Plan) -> Conflict:
    """The error for a plan that no longer says what would happen."""
    return Conflict(
        f"plan `{plan.id}` is not what would happen now: policy, data map, schema or rows changed",
        code="SY502",
        hint="plan again and have it approved anew; nothing was done",
    )

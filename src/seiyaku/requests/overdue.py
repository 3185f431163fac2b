"""Requests whose time is over: the answer, or the proof that somebody was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from seiyaku.policy.model import Policy
from seiyaku.requests.model import Request

Late = Literal["request-overdue", "proof-overdue"]


@dataclass(frozen=True)
class Overdue:
    """A request that is late, since when, and the clause that promises to be quicker."""

    code: Late
    request: str
    cite: str
    since_at: datetime


def answer_overdue(
    request: Request, policy: Policy, known_at: datetime, aim_days: int, at: datetime
) -> Overdue | None:
    """Whether the answer is late, counted from the moment it was known who asks. Pure.

    Args:
        policy: the version in force at receipt. aim_days: where it names no number of its own.
    """
    right = policy.rights.get(request.kind)
    days = right.within_days if right and right.within_days else aim_days
    due_at = known_at + timedelta(days=days)
    if request.ended or at <= due_at:
        return None
    clause = (right.within_clause or right.clause) if right else ""
    return Overdue("request-overdue", request.id, policy.cite(clause) if clause else "", due_at)


def proof_overdue(
    request: Request, policy: Policy, asked_at: datetime, aim_days: int, at: datetime
) -> Overdue | None:
    """Whether nobody showed who they are though they were asked long ago. Pure."""
    due_at = asked_at + timedelta(days=aim_days)
    if request.state != "received" or at <= due_at:
        return None
    right = policy.rights.get(request.kind)
    clause = (right.further_proof or right.identity_clause or right.clause) if right else ""
    return Overdue("proof-overdue", request.id, policy.cite(clause) if clause else "", due_at)

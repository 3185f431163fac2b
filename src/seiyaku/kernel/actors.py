"""Who acts: every act that has power names an actor with a role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["reader", "handler", "approver", "officer", "auditor"]


@dataclass(frozen=True)
class Actor:
    """A named member of the controller, in one role.

    Args:
        name: staff identifier such as ``sato``; appears in evidence.
        role: what the actor may do; an ``approver`` or ``officer`` approves plans.
    """

    name: str
    role: Role

    def __str__(self) -> str:
        return f"{self.name} ({self.role})"

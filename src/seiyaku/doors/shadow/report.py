"""What would change, in counts: never a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seiyaku.gate.model import Decision, Handling


@dataclass(frozen=True)
class Change:
    """People to whom one handling of one item would be answered otherwise.

    Args:
        sources: the item's sources of which this is so; empty where it has none.
        before, after: the decisions of the version in force and of the coming one.
        people: how many; in a count of questions asked, how often.
    """

    handling: Handling
    item: str
    sources: tuple[str, ...]
    before: Decision
    after: Decision
    people: int

    @property
    def opens(self) -> bool:
        """Whether something is permitted that was not."""
        return self.after.permitted and not self.before.permitted

    @property
    def shuts(self) -> bool:
        """Whether something is no longer permitted."""
        return self.before.permitted and not self.after.permitted


@dataclass(frozen=True)
class ShadowReport:
    """Everything two versions answer differently.

    Args:
        in_force, coming: ids of the versions. at: the moment asked about, or since when.
        people: everybody; 0 in a count of questions asked.
        questions: how many were put about each person; or how many were asked.
        changes: most people first. failed: questions the coming version could not be asked.
    """

    in_force: str
    coming: str
    at: datetime
    people: int
    questions: int
    changes: tuple[Change, ...]
    failed: int = 0

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
        in_force, coming: ids of the versions. known: people, or questions asked.
        asked: how many questions were put about each of them.
        changes: most people first.
    """

    in_force: str
    coming: str
    at: datetime
    known: int
    asked: int
    changes: tuple[Change, ...]

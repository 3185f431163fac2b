"""A world in the making, and what a disturbance of it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from seiyaku.assurance.model import Assurance, Assurances, Membership
from seiyaku.gate.model import Question
from seiyaku.policy.history import History
from seiyaku.policy.model import Policy
from seiyaku.standing.fold import fold
from seiyaku.standing.model import Event
from seiyaku.testing.strategies.questions import questions
from seiyaku.testing.strategies.vocabulary import PERSON, World, laws

Disturbance = Callable[[st.DrawFn, "Draft"], None]
"""One way in which a world goes wrong."""


@dataclass
class Draft:
    """A world in the making: everything needed is there, then something is disturbed."""

    history: History
    at: datetime
    q: Question
    kind: str = "user"
    events: list[Event] = field(default_factory=list)
    facts: list[Assurance] = field(default_factory=list)
    members: list[Membership] = field(default_factory=list)

    @property
    def policy(self) -> Policy:
        return self.history.in_force(self.at) or self.history.versions[0]

    def revise(self, **parts: Any) -> None:
        """Put other parts into the version in force."""
        new = self.policy.model_copy(update=parts)
        versions = (new if p is self.policy else p for p in self.history.versions)
        self.history = History(tuple(versions))

    def ask(self, **parts: Any) -> None:
        self.q = replace(self.q, **parts)

    def finished(self) -> World:
        standing = fold(PERSON, self.kind, self.events, self.at)
        assurances = Assurances(tuple(self.facts), tuple(self.members))
        return self.history, laws(), standing, assurances, self.q


def send(draw: st.DrawFn, w: Draft) -> None:
    """Ask to send something, whatever was asked."""
    w.q = draw(questions(w.policy, w.at, acts=("send",)))

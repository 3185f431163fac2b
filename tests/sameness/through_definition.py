"""The definition, asked question by question: what every other door is held to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from sameness.world import World
from seiyaku.gate import spec
from seiyaku.gate.model import Decision, Question


class Definition:
    """`seiyaku.gate.spec`."""

    name: ClassVar[str] = "definition"
    needs: ClassVar[tuple[str, ...]] = ()
    outcomes: ClassVar[Literal["three", "two"]] = "three"
    least: ClassVar[float] = 1.0

    def decide(self, world: World, questions: Sequence[Question]) -> list[Decision]:
        """The decisions, with their reasons."""
        return [
            spec.decide(world.history, world.laws, world.standings[q.person], world.assurances, q)
            for q in questions
        ]

    def ask(self, world: World, questions: Sequence[Question]) -> list[str | None]:
        """The outcomes."""
        return [decision.outcome for decision in self.decide(world, questions)]

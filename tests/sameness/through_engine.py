"""The fast engine, asked question by question with the whole standing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from sameness.world import World
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Question


class Engine:
    """`seiyaku.gate.Gate`."""

    name: ClassVar[str] = "engine"
    needs: ClassVar[tuple[str, ...]] = ()
    outcomes: ClassVar[Literal["three", "two"]] = "three"
    least: ClassVar[float] = 1.0

    def ask(self, world: World, questions: Sequence[Question]) -> list[str | None]:
        """The outcomes."""
        gate = Gate(world.history, world.laws)
        return [
            gate.decide(world.standings[q.person], world.assurances, q).outcome for q in questions
        ]

"""The bulk door: each handling of an item asked once about everybody, then looked up."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import ClassVar, Literal

from sameness.world import World
from seiyaku.doors.audience import Audiences, Verdicts
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling, Question
from seiyaku.testing.clock import FixedClock


class Audience:
    """`seiyaku.doors.audience`: the decision about everybody, and whom an audience has in it."""

    name: ClassVar[str] = "audience"
    needs: ClassVar[tuple[str, ...]] = ()
    outcomes: ClassVar[Literal["three", "two"]] = "three"
    least: ClassVar[float] = 0.9

    def ask(self, world: World, questions: Sequence[Question]) -> list[str | None]:
        """The outcomes; none where a question is about data of some age or carried by a case."""
        gate = Gate(world.history, world.laws)
        door = Audiences(gate, world.people, FixedClock(world.at))

        @cache
        def asked(handling: Handling, item: str, source: str | None) -> Verdicts:
            found = door.verdicts(handling, item, source)
            chosen = door.of(handling, [item], {item: source} if source else None)
            assert set(chosen) == {p for p in world.kinds if found.of(p).permitted}
            return found

        return [
            None
            if q.data_at or q.case
            else asked(_handling(q), q.item, q.source).of(q.person).outcome
            for q in questions
        ]


def _handling(q: Question) -> Handling:
    return Handling(
        q.act,
        q.purpose,
        q.recipient,
        q.relation,
        q.country,
        q.route,
        q.contexts,
        q.scopes,
        q.masked,
    )

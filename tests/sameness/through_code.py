"""The door in code: asked by its verbs, by a prepared question and for all items at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from typing import Any, ClassVar, Literal

from sameness.world import World
from seiyaku.doors.code import LiveGate, Prepared
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Question
from seiyaku.testing.clock import FixedClock

ASKED_APART = ("act", "person", "item", "at")


class Code:
    """`seiyaku.doors.code.LiveGate`."""

    name: ClassVar[str] = "code"
    needs: ClassVar[tuple[str, ...]] = ()
    outcomes: ClassVar[Literal["three", "two"]] = "three"
    least: ClassVar[float] = 1.0

    def ask(self, world: World, questions: Sequence[Question]) -> list[str | None]:
        """The outcomes."""
        live = LiveGate(Gate(world.history, world.laws), world.people, FixedClock(world.at))
        prepare = cache(_preparing(live))
        return [_asked(live, prepare, q) for q in questions]


def _asked(live: LiveGate, prepare: Any, q: Question) -> str:
    about = _about(q)
    decision = live.may(q.act, q.person, q.item, **about)
    if q.case is None and q.data_at is None:
        prepared: Prepared = prepare(q.act, q.item, **about)
        assert prepared.may(q.person) == decision
        allowed = live.allowed_items(q.person, act=q.act, **about)
        assert (q.item in allowed) == decision.permitted
    return decision.outcome


def _preparing(live: LiveGate) -> Any:
    def prepare(act: Any, item: str, **about: Any) -> Prepared:
        return live.prepare(act, item, **about)

    return prepare


def _about(q: Question) -> dict[str, Any]:
    """The words of a question beside its verb, where it says them."""
    said = {f.name: getattr(q, f.name) for f in fields(q) if f.name not in ASKED_APART}
    return {word: value for word, value in said.items() if value}

"""Every door gives the definition's answer, on the same worlds and the same questions.

A door that knows two answers takes undecided for refused. A door that cannot be asked some
question (a query has no word for collecting) answers nothing to it; how much each was asked is
printed, and that it was asked enough is tested.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from sameness.doors import DOORS, Door
from sameness.through_definition import Definition
from sameness.world import World, questions, worlds
from seiyaku.gate.model import Decision, Question

COUNT = int(os.environ.get("SEIYAKU_SAMENESS", "19500"))
"""Questions in all; ``make fuzz`` asks for a million."""
Case = tuple[World, list[Question], list[Decision]]


@cache
def _cases() -> tuple[Case, ...]:
    """Every world with its questions and what the definition answers."""
    found = worlds()
    judged = []
    for world in found:
        asked = questions(world, COUNT // len(found))
        judged.append((world, asked, Definition().decide(world, asked)))
    return tuple(judged)


@pytest.fixture
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    """A door, with the servers it needs."""
    kind = request.param
    servers = {name: request.getfixturevalue(name) for name in kind.needs}
    opened = kind(**servers)
    yield opened
    getattr(opened, "close", lambda: None)()


@pytest.mark.parametrize("door", DOORS, indirect=True, ids=lambda kind: kind.name)
def test_a_door_answers_as_the_definition_does(door: Any) -> None:
    asked = 0
    for world, questions_, decisions in _cases():
        for question, want, got in zip(
            questions_, decisions, door.ask(world, questions_), strict=True
        ):
            if got is None:
                continue
            asked += 1
            assert got == _as(door, want), f"{world.name}: {question}\n{door.name}: {got}\n{want}"
    print(f"{door.name}: {asked} questions")
    assert asked >= door.least * COUNT


def _as(door: Door, decision: Decision) -> str:
    if door.outcomes == "three":
        return decision.outcome
    return "permitted" if decision.permitted else "not_permitted"


def test_the_questions_are_shared_fairly_over_outcomes_and_reasons() -> None:
    decisions = [d for _, _, judged in _cases() for d in judged]
    outcomes = Counter(d.outcome for d in decisions)
    reasons = Counter(code for d in decisions for code in {r.code for r in d.reasons})
    print(f"{len(decisions)} questions in {len(_cases())} worlds: {dict(outcomes)}")
    print("reasons: " + ", ".join(f"{code} {n}" for code, n in reasons.most_common()))
    assert len(decisions) >= 20_000
    assert min(outcomes.values()) >= len(decisions) / 8
    assert len(reasons) >= 35
    assert sum(n >= 20 for n in reasons.values()) >= 28

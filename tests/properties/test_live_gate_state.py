"""A live gate keeps one consistent state: over threads, over restarts, over every event."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seiyaku.assurance.model import Assurances
from seiyaku.doors.code import LiveGate
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Question
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import Event, Standing
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.crowd import Crowd
from seiyaku.testing.strategies import PERSON, World, events, worlds

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
_QUIET = settings(
    deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def _about(q: Question) -> dict[str, object]:
    names = ("purpose", "source", "recipient", "relation", "country", "route")
    said = {name: getattr(q, name) for name in (*names, "contexts", "scopes", "masked")}
    return {name: value for name, value in said.items() if value}


def _crowd(assurances: Assurances) -> Crowd:
    crowd = Crowd("user")
    crowd.record(*assurances.facts)
    crowd.enrol(*assurances.memberships)
    return crowd


@settings(_QUIET, max_examples=150)
@given(worlds(), events())
def test_after_every_event_the_live_gate_answers_as_the_engine(
    world: World, said: list[Event]
) -> None:
    history, laws, _, assurances, asked = world
    question, crowd = replace(asked, case=None, data_at=None), _crowd(assurances)
    gate, clock = Gate(history, laws), FixedClock(question.at)
    crowd.add(PERSON)
    live = LiveGate(gate, crowd, clock, every_s=0)
    for event in said:
        crowd.say(event)
        clock.set(max(clock.now(), event.at + timedelta(seconds=1)))
        now = replace(question, at=clock.now())
        standing = crowd.standing(PERSON, clock.now())
        assert standing is not None
        want = gate.decide(standing, crowd.assurances(), now)
        assert live.may(now.act, PERSON, now.item, **_about(now)) == want  # type: ignore[arg-type]
        assert (
            LiveGate(gate, crowd, clock).may(  # a restart knows no less
                now.act,
                PERSON,
                now.item,
                **_about(now),  # type: ignore[arg-type]
            )
            == want
        )


@settings(_QUIET, max_examples=40)
@given(worlds(), st.lists(events(), min_size=3, max_size=6), st.integers(0, 99))
def test_tables_built_anew_equal_the_ones_before(
    world: World, said: list[list[Event]], seed: int
) -> None:
    history, laws, _, assurances, asked = world
    crowd, clock = _crowd(assurances), FixedClock(asked.at + timedelta(days=400))
    gate = Gate(history, laws)
    grown = LiveGate(gate, crowd, clock, every_s=0)
    spoken = [
        replace(event, person=PersonId(str(n)))
        for n, events_ in enumerate(said)
        for event in events_
    ]
    Random(seed).shuffle(spoken)
    for event in spoken:
        crowd.say(event)
        grown.load()
    anew = LiveGate(gate, crowd, clock)
    assert anew.load() == grown.load()
    for person in crowd.everybody():
        assert _traits_of(grown, person) == _traits_of(anew, person)


def _traits_of(live: LiveGate, person: str) -> frozenset[object]:
    _, mask = live._epochs.met(person)
    assert mask is not None
    return frozenset(live.traits.of(mask))


class _Flipping:
    """People whose state changes between any two looks at them, as another process may do it.

    Of the two states in turn each lacks something else: in neither is the handling permitted.
    """

    def __init__(self, world: World, often: float) -> None:
        _, _, standing, assurances, _ = world
        self.states = (
            (standing, Assurances()),
            (replace(standing, status="frozen"), assurances),
        )
        self.changes, self.often, self.dice = 0, often, Random(7)

    def _state(self) -> tuple[Standing, Assurances]:
        found = self.states[self.changes % 2]
        self.changes += self.dice.random() < self.often
        return found

    def standing(self, person: PersonId, at: datetime) -> Standing | None:
        return replace(self._state()[0], at=at)

    def everybody(self) -> Iterator[PersonId]:
        return iter((PERSON,))

    def assurances(self) -> Assurances:
        return self._state()[1]

    def change(self) -> int:
        now = self.changes
        self._state()
        return now

    def changed_since(self, change: int) -> None:
        self._state()


@cache
def _fragile() -> list[World]:
    """Worlds in which a person's status and a fact are both needed."""
    found: list[World] = []

    @settings(_QUIET, max_examples=200)
    @given(worlds())
    def draw(world: World) -> None:
        history, laws, standing, assurances, asked = world
        question, gate = replace(asked, case=None, data_at=None), Gate(history, laws)
        frozen = replace(standing, status="frozen")
        if (
            gate.decide(standing, assurances, question).permitted
            and not gate.decide(standing, Assurances(), question).permitted
            and not gate.decide(frozen, assurances, question).permitted
        ):
            found.append((history, laws, standing, assurances, question))

    draw()
    return found


@pytest.mark.parametrize("often", [0.3, 0.6])
def test_while_standing_and_facts_change_every_answer_is_of_one_state(often: float) -> None:
    answered = unanswered = 0
    for world in _fragile():
        history, laws, standing, _, question = world
        people, clock = _Flipping(world, often), FixedClock(question.at)
        live = LiveGate(Gate(history, laws), people, clock, every_s=0)
        for _ in range(150):
            try:
                decision = live.may(question.act, PERSON, question.item, **_about(question))  # type: ignore[arg-type]
            except SystemUnavailable:
                unanswered += 1  # it changed faster than it could be read
                continue
            assert not decision.permitted, (decision, standing, question)
            answered += 1
    print(f"{answered} answers, {unanswered} times none")
    assert answered > 500


def test_threads_that_meet_new_people_at_once_agree() -> None:
    found: list[World] = []

    @settings(_QUIET, max_examples=60)
    @given(worlds())
    def draw(world: World) -> None:
        found.append(world)

    draw()
    history, laws, _, assurances, asked = found[-1]
    question = replace(asked, case=None, data_at=None)
    crowd = _crowd(assurances)
    people = [PersonId(str(n)) for n in range(len(found))]
    for person, world in zip(people, found, strict=True):
        crowd.add(person)
        for live_consent in world[2].consents:
            crowd.say(replace(live_consent.consent, person=person))
    gate = Gate(history, laws)
    live = LiveGate(gate, crowd, FixedClock(question.at), every_s=0)
    want = {
        person: gate.decide(standing, crowd.assurances(), question)
        for person in people
        if (standing := crowd.standing(person, question.at)) is not None
    }

    def ask(seed: int) -> None:
        order = Random(seed).sample(people, len(people))
        for person in order:
            got = live.may(question.act, person, question.item, **_about(question))  # type: ignore[arg-type]
            assert got == want[person]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(8)))

"""A live gate keeps one consistent state: over threads, over restarts, over every event."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from threading import Event as Signal

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


class _Flipping(Crowd):
    """Two states in turn, in which different things are refused; between them nothing is."""

    def __init__(self, granted: Standing, stopped: Standing, ready: Assurances) -> None:
        super().__init__("user")
        self.state: tuple[int, Standing, Assurances] = (0, granted, Assurances())
        self.other = (stopped, ready)

    def flip(self) -> None:
        n, standing, facts = self.state
        self.state, self.other = (n + 1, *self.other), (standing, facts)

    def standing(self, person: PersonId, at: datetime) -> Standing | None:
        return replace(self.state[1], at=at)

    def assurances(self) -> Assurances:
        return self.state[2]

    def change(self) -> int:
        return self.state[0]

    def changed_since(self, change: int) -> None:
        return None


def _flipping() -> Iterator[tuple[_Flipping, World]]:
    """A world in which the person's word and a fact are both needed, and never both there."""
    found: list[World] = []

    @settings(_QUIET, max_examples=400)
    @given(worlds())
    def draw(world: World) -> None:
        history, laws, standing, assurances, asked = world
        question = replace(asked, case=None, data_at=None)
        gate = Gate(history, laws)
        stopped = replace(standing, status="frozen")
        if (
            gate.decide(standing, assurances, question).permitted
            and gate.decide(standing, Assurances(), question).outcome == "undecided"
            and not gate.decide(stopped, assurances, question).permitted
        ):
            found.append((history, laws, standing, assurances, question))

    draw()
    for world in found[:3]:
        yield _Flipping(world[2], replace(world[2], status="frozen"), world[3]), world


def test_while_standing_and_facts_change_every_answer_is_of_one_state() -> None:
    worlds_ = list(_flipping())
    assert worlds_
    for people, (history, laws, standing, _, question) in worlds_:
        live = LiveGate(Gate(history, laws), people, FixedClock(question.at), every_s=0)
        done = Signal()

        def flip(people: _Flipping = people, done: Signal = done) -> None:
            while not done.is_set():
                people.flip()

        def ask(live: LiveGate = live, q: Question = question, p: str = standing.person) -> int:
            answered = 0
            for _ in range(300):
                try:
                    decision = live.may(q.act, p, q.item, **_about(q))  # type: ignore[arg-type]
                except SystemUnavailable:
                    continue  # it changes faster than it can be read: no answer, not a wrong one
                assert not decision.permitted, decision
                answered += 1
            return answered

        with ThreadPoolExecutor(4) as pool:
            flipping = pool.submit(flip)
            counts = [future.result() for future in [pool.submit(ask) for _ in range(3)]]
            done.set()
            flipping.result()
        print(f"{counts} answers while the state flipped {people.change()} times")
        assert people.change() > 50


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

"""Answers kept by traits are the gate's own, and only relevant traits change them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from seiyaku.assurance.model import Assurances
from seiyaku.gate.answers import Answers
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling, Question
from seiyaku.gate.traits import NOBODY, Traits
from seiyaku.standing.model import Standing, Withdrawal
from seiyaku.testing.strategies import DISTURBANCES, World, worlds
from seiyaku.testing.strategies.pledging import deemed, guarded
from seiyaku.testing.strategies.saying import opened

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
_QUIET = settings(
    deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
disturbed = st.sampled_from(DISTURBANCES).flatmap(worlds)
"""Worlds of every trouble, each as often as the next."""


def handling_of(q: Question) -> Handling:
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


def now(question: Question) -> Question:
    """The question as one asked now: without a case and a moment of the data."""
    return replace(question, case=None, data_at=None)


@settings(_QUIET, max_examples=180)
@given(disturbed, disturbed)
def test_an_answer_by_traits_is_the_answer_of_the_gate(world: World, other: World) -> None:
    history, laws, standing, assurances, asked = world
    at = max(asked.at, other[2].at)  # nobody has said anything later than the moment asked
    question, gate, traits = replace(now(asked), at=at), Gate(history, laws), Traits()
    answers = Answers(gate, traits, assurances, question.at)
    answer = answers.of(handling_of(question), question.item, question.source)
    # Traits met after the first decision must count too, and so must their order not.
    for someone in (standing, other[2], standing):
        here = replace(someone, at=question.at)
        want = gate.decide(here, assurances, question)
        assert answer.decide(traits.mask(here)) == want, (question, here)


def _said_otherwise(standing: Standing, at: datetime) -> Iterator[Standing]:
    """The same person, had they consented a little differently, or taken it back."""
    changes: tuple[dict[str, Any], ...] = (
        {"at": at},
        {"presented_at": None},
        {"informed": ()},
        {"countries": ()},
        {"kind": "deemed"},
    )
    for change in changes:
        given_ = (replace(c, consent=replace(c.consent, **change)) for c in standing.consents)
        yield replace(standing, consents=tuple(given_))
    taken_back = (Withdrawal(standing.person, at),)
    withdrawn = (replace(c, withdrawn=taken_back) for c in standing.consents)
    yield replace(standing, consents=tuple(withdrawn))
    yield replace(standing, consents=())


@settings(_QUIET, max_examples=400)
@given(st.sampled_from((guarded, deemed, deemed, opened)).flatmap(worlds))
def test_consents_given_otherwise_are_told_apart(world: World) -> None:
    history, laws, standing, assurances, asked = world
    question, gate, traits = now(asked), Gate(history, laws), Traits()
    answers = Answers(gate, traits, assurances, question.at)
    answer = answers.of(handling_of(question), question.item, question.source)
    for someone in (standing, *_said_otherwise(standing, question.at)):
        want = gate.decide(someone, assurances, question)
        assert answer.decide(traits.mask(someone)) == want, (question, someone)


@settings(_QUIET, max_examples=180)
@given(disturbed, disturbed, st.data())
def test_a_trait_that_is_not_relevant_changes_nothing(
    world: World, other: World, data: st.DataObject
) -> None:
    history, laws, standing, assurances, asked = world
    question, gate, traits = now(asked), Gate(history, laws), Traits()
    mine, theirs = traits.mask(standing), traits.mask(other[2])
    answer = Answers(gate, traits, assurances, question.at).of(
        handling_of(question), question.item, question.source
    )
    idle = (mine | theirs) & ~answer.relevant
    drawn = data.draw(st.integers(0, idle)) & idle if idle else 0
    mixed = _one_of_each(traits, (mine & answer.relevant) | drawn, mine)
    someone = traits.standing(mixed, NOBODY, question.at)
    want = gate.decide(standing, assurances, question)
    assert gate.decide(someone, assurances, question) == want, (question, standing, someone)
    assert answer.decide(mine & answer.relevant) == want


def _one_of_each(traits: Traits, mask: int, mine: int) -> int:
    """The mask with one trait of each group: any of its own, else mine."""
    for group in traits.groups:
        found = mask & group or mine & group
        mask = (mask & ~group) | (found & -found)
    return mask


@settings(_QUIET, max_examples=100)
@given(disturbed)
def test_a_standing_made_of_its_traits_has_the_same_traits(world: World) -> None:
    traits, standing = Traits(), world[2]
    mask = traits.mask(standing)
    rebuilt = traits.standing(mask, standing.person, standing.at)
    assert traits.mask(rebuilt) == mask


@settings(_QUIET, max_examples=100)
@given(disturbed)
def test_until_an_epoch_ends_its_answers_stay_true(world: World) -> None:
    history, laws, standing, assurances, asked = world
    question, gate, traits = now(asked), Gate(history, laws), Traits()
    answers = Answers(gate, traits, assurances, question.at)
    answer = answers.of(handling_of(question), question.item, question.source)
    last = (answers.until or question.at + timedelta(days=900)) - timedelta(microseconds=1)
    want = gate.decide(replace(standing, at=last), assurances, replace(question, at=last))
    assert answer.decide(traits.mask(replace(standing, at=last))) == want


def test_the_drawn_questions_feel_traits_and_end_at_every_step() -> None:
    steps: Counter[int] = Counter()
    relevant: list[int] = []

    @settings(_QUIET, max_examples=250, phases=[Phase.generate])
    @given(disturbed)
    def draw(world: World) -> None:
        history, laws, standing, assurances, asked = world
        question, traits = now(asked), Traits()
        mask = traits.mask(standing)
        answer = Answers(Gate(history, laws), traits, assurances, question.at).of(
            handling_of(question), question.item, question.source
        )
        steps[answer.decide(mask).step] += 1
        relevant.append((mask & answer.relevant).bit_count())

    draw()
    print(f"steps {dict(sorted(steps.items()))}; relevant traits {Counter(relevant)}")
    assert all(steps[step] for step in (1, 2, 5, 6, 7, 8, 9))
    assert sum(relevant) > len(relevant) / 2


def test_a_world_without_end_has_no_last_moment() -> None:
    history, laws, *_ = _some_world()
    gate = Gate(history, laws)
    last = gate.turns[-1]
    assert Answers(gate, Traits(), Assurances(), last).until is None
    assert Answers(gate, Traits(), Assurances(), last - timedelta(1)).until == last


def _some_world() -> World:
    found: list[World] = []

    @settings(_QUIET, max_examples=1, phases=[Phase.generate])
    @given(disturbed)
    def draw(world: World) -> None:
        found.append(world)

    draw()
    return found[0]


def test_everyone_of_a_kind_never_met_is_still_answered() -> None:
    history, laws, standing, assurances, asked = _some_world()
    question, gate, traits = now(asked), Gate(history, laws), Traits()
    answer = Answers(gate, traits, assurances, question.at).of(handling_of(question), question.item)
    stranger = Standing(standing.person, "stranger", question.at)
    want = gate.decide(stranger, assurances, question)
    assert answer.decide(traits.mask(stranger)) == want

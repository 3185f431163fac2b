"""What holds of every list of events."""

from __future__ import annotations

import json
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from seiyaku.standing import Event, covers, events_from_json, events_to_json, fold, remainder
from seiyaku.standing.model import Scope
from seiyaku.testing.strategies import ITEMS, PERSON, PURPOSES, RECIPIENTS, day, events, scopes

moments = st.integers(-1, 100).map(day)


@given(events(), st.randoms(use_true_random=False), moments)
def test_events_fold_to_the_same_standing_in_any_order(said: list[Event], dice, at) -> None:
    shuffled = list(said)
    dice.shuffle(shuffled)
    assert fold(PERSON, "user", said, at) == fold(PERSON, "user", shuffled, at)


@given(events(), moments)
def test_what_is_said_later_never_changes_what_was_true_before(said: list[Event], at) -> None:
    before = [event for event in said if event.at <= at]
    assert fold(PERSON, "user", said, at) == fold(PERSON, "user", before, at)


@given(events())
def test_folding_on_is_folding_from_the_start(said: list[Event]) -> None:
    ordered = sorted(said, key=lambda event: event.at)
    for n in range(len(ordered)):
        at = ordered[n].at
        assert fold(PERSON, "user", said, at) == fold(PERSON, "user", ordered[: n + 1], at)


@given(events())
def test_events_come_back_from_json_as_they_went(said: list[Event]) -> None:
    written = json.loads(json.dumps(events_to_json(said)))
    assert events_from_json(written) == tuple(said)


def _points(scope: Scope) -> set[tuple[str, str, str]]:
    """Every (item, purpose, recipient) the scope reaches, in the small vocabulary."""
    who = (*RECIPIENTS, "shop_a", "shop_b")
    parts = (scope.items or ITEMS, scope.purposes or PURPOSES, scope.recipients or who)
    return {(i, p, r) for i in parts[0] for p in parts[1] for r in parts[2]}


@given(scopes(), scopes())
def test_lifting_never_leaves_less_stopped_than_it_must(stop: Scope, lifted: Scope) -> None:
    left = {point for rest in remainder(stop, lifted) for point in _points(rest)}
    assert _points(stop) - _points(lifted) <= left <= _points(stop)
    pairs = ((stop.items, lifted.items), (stop.purposes, lifted.purposes))
    listed = all(s or not t for s, t in (*pairs, (stop.recipients, lifted.recipients)))
    if listed:  # every part that is cut is written out: then the cut is exact
        assert left == _points(stop) - _points(lifted)


@given(scopes(), scopes())
def test_a_scope_covers_another_only_if_it_reaches_all_of_it(wide: Scope, narrow: Scope) -> None:
    if covers(wide, narrow):
        assert _points(narrow) <= _points(wide)
        assert remainder(narrow, wide) == ()


@given(events(), st.integers(1, 50))
def test_the_status_never_goes_back(said: list[Event], days: int) -> None:
    ladder = ("active", "frozen", "closed", "erased")
    early = fold(PERSON, "user", said, day(50))
    late = fold(PERSON, "user", said, day(50) + timedelta(days=days))
    assert ladder.index(early.status) <= ladder.index(late.status)

"""Who the doors of an installation know, and how they learn that somebody spoke."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from seiyaku.app.people import HomePeople
from seiyaku.app.settings import Settings, write_settings
from seiyaku.app.wiring import Parts
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import Scope, Suspension
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import World, generate

AT = datetime.fromisoformat("2026-11-20T09:00:00+09:00")
Known = tuple[World, Parts, HomePeople]


@pytest.fixture
def known(tmp_path: Path) -> Iterator[Known]:
    world = generate("closm-i", tmp_path, people=20, seed=7)
    places = {**world.databases, **world.folders}
    systems = {name: str(path.relative_to(tmp_path)) for name, path in places.items()}
    write_settings(tmp_path, Settings(seiyaku_home=1, service="closm-i", systems=systems))
    parts = Parts(tmp_path, FixedClock(AT))
    yield world, parts, HomePeople(parts)
    parts.close()


def test_everybody_with_a_row_is_known_and_nobody_else(known: Known) -> None:
    world, _, people = known
    assert set(people.everybody()) == set(world.people)
    anybody = next(iter(world.people))
    assert people.standing(anybody, AT) is not None
    assert people.standing(PersonId("999999"), AT) is None
    assert people.standing(PersonId("nobody@example.jp"), AT) is None


def test_what_somebody_says_is_a_change_and_stands(known: Known) -> None:
    world, parts, people = known
    person, seen = next(iter(world.people)), people.change()
    parts.repositories.standing.append([Suspension(person, AT, Scope(items=("bio",)))])
    assert people.changed_since(seen) == {person}
    standing = people.standing(person, AT)
    assert standing is not None
    assert standing.suspensions == (Scope(items=("bio",)),)

"""Everybody read together stands as each does when read alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from seiyaku.app.people import HomePeople
from seiyaku.app.settings import Settings, write_settings
from seiyaku.app.wiring import Parts
from seiyaku.doors.people import everybody_stands, stays
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import Acceptance, Closure, Consent, Scope, Suspension
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import generate

AT = datetime.fromisoformat("2026-11-20T09:00:00+09:00")


def test_everybody_read_together_stands_as_each_read_alone(tmp_path: Path) -> None:
    world = generate("closm-i", tmp_path, people=20, seed=7)
    places = {**world.databases, **world.folders}
    systems = {name: str(path.relative_to(tmp_path)) for name, path in places.items()}
    write_settings(tmp_path, Settings(seiyaku_home=1, service="closm-i", systems=systems))
    parts = Parts(tmp_path, FixedClock(AT))
    people, standing = HomePeople(parts), parts.repositories.standing
    some, hour = sorted(world.people)[:4], timedelta(hours=1)
    scope = Scope(purposes=("newsletter",))
    standing.append(
        [
            Consent(some[0], AT - hour, scope, "v1", AT - 2 * hour),
            Suspension(some[0], AT - hour, Scope(items=("bio",))),
            Consent(some[1], AT, scope, "v1", AT - hour),
            Closure(some[2], AT + hour),
            Acceptance(PersonId("said-only"), AT - hour, "v1"),
        ]
    )
    standing.erase([some[3]], AT - hour)
    together = list(everybody_stands(people, AT))
    parts_by_one = {p: people.standing(p, AT) for p in people.everybody()}
    assert {s.person: s for s, _ in together} == parts_by_one
    assert len(together) == len(world.people) + 1
    assert {s.person: lasts for s, lasts in together} == {
        p: stays(people, s) for p, s in parts_by_one.items() if s is not None
    }
    assert {s.person for s, lasts in together if not lasts} == {some[1], some[2]}
    assert {s.person for s, _ in together if s.status == "erased"} == {some[3]}
    parts.close()

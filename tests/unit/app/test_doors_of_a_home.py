"""The doors of an installation ask one gate, which knows at once what was recorded here."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from seiyaku.app import Home, Settings, open_home
from seiyaku.app.settings import write_settings
from seiyaku.gate.ask import HandlingNotPermitted
from seiyaku.gate.model import Handling
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import Acceptance, AgeBand, Scope, Suspension
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import generate

AT = datetime.fromisoformat("2026-11-20T09:00:00+09:00")
SINCE = datetime.fromisoformat("2026-04-01T00:00:00+09:00")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    world = generate("closm-i", tmp_path, people=20, seed=7)
    places = {**world.databases, **world.folders}
    systems = {name: str(path.relative_to(tmp_path)) for name, path in places.items()}
    write_settings(tmp_path, Settings(seiyaku_home=1, service="closm-i", systems=systems))
    opened = open_home(tmp_path, clock=FixedClock(AT))
    person = PersonId(world.people[0])
    opened.record(AgeBand(person, SINCE, at_least=13), Acceptance(person, SINCE, "2026-02-16"))
    return opened


def test_what_is_recorded_counts_in_the_next_answer(home: Home) -> None:
    person = next(iter(home.doors.people.everybody()))
    gate = home.doors.gate
    gate.require_use(person, "email", purpose="identity_and_account")
    home.record(Suspension(PersonId(person), SINCE, Scope(purposes=("identity_and_account",))))
    with pytest.raises(HandlingNotPermitted) as raised:
        gate.require_use(person, "email", purpose="identity_and_account")
    assert [r.code for r in raised.value.decision.reasons] == ["suspended"]
    home.close()


def test_an_audience_is_whom_the_gate_of_the_home_permits(home: Home) -> None:
    handling = Handling("use", "identity_and_account")
    found = set(home.doors.audiences().of(handling, ("email",)))
    asked = {
        p
        for p in home.doors.people.everybody()
        if home.doors.gate.may_use(p, "email", purpose="identity_and_account").permitted
    }
    assert found == asked
    assert found
    home.close()


def test_somebody_nobody_knows_is_undecided_and_told_so(home: Home) -> None:
    decision = home.doors.gate.may_use("999999", "email", purpose="identity_and_account")
    assert (decision.outcome, decision.reasons[-1].code) == ("undecided", "unknown_person")
    assert home.doors.gate.hint(decision)
    home.close()

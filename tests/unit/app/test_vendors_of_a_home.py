"""A request reaches vendors behind an API, and what they cannot do stays open and is said."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from home_cases import SATO, Case

from saas_world import AT, FAST, spoiled
from seiyaku import services
from seiyaku.app import open_home
from seiyaku.app.settings import Place, Settings, write_settings
from seiyaku.gate.model import Question
from seiyaku.kernel.errors import Conflict
from seiyaku.requests.identity import Proof
from seiyaku.standing.model import Scope
from seiyaku.testing.bad_days import Between, Call, between
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.fakes.auth0 import Auth0Fake
from seiyaku.testing.fakes.vendors import AnalyticsFake
from seiyaku.testing.people import World

VENDORS: dict[str, Any] = {
    "auth0": {
        "kind": "auth0",
        "datasets": {
            "sessions": {
                "key": "id",
                "links": [{"by": "user_id", "to": "users", "columns": "user_id"}],
                "fields": {"id": "session", "user_id": None},
            },
            "users": {
                "key": "user_id",
                "links": [{"by": "user_id", "to": "app.users", "columns": "auth0_sub"}],
                "fields": {
                    "user_id": {"item": "login_identifier", "source": "auth0"},
                    "email": {"item": "email", "source": "auth0"},
                    "blocked": None,
                },
                "suspend": {
                    "to": {"blocked": True},
                    "back": {"blocked": False},
                    "purposes": ["identity_and_account"],
                },
            },
        },
    },
    "google_analytics": {
        "kind": "google_analytics",
        "datasets": {
            "clients": {
                "key": "client_id",
                "links": [{"by": "client_id", "to": "app.usage_events", "columns": "client_id"}],
                "fields": {"client_id": "usage_history"},
            }
        },
    },
}


@dataclass
class Vendors:
    """A home whose people are at two vendors."""

    case: Case
    auth0: Auth0Fake
    proxy: Between
    analytics: AnalyticsFake

    def sub(self, person: str) -> str:
        """The person's account at Auth0."""
        with closing(sqlite3.connect(self.case.home.parts.home / "app.db")) as db:
            [found] = db.execute("SELECT auth0_sub FROM users WHERE id = ?", (person,)).fetchone()
        return str(found)


@pytest.fixture
def vendors(
    generated: Callable[[str], World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Vendors]:
    world, clock = generated("closm-i"), FixedClock("2026-11-20T09:00:00+09:00")
    home = tmp_path / "home"
    shutil.copytree(world.home, home)
    (home / "datamap.yaml").write_text(_datamap(), "utf-8")
    monkeypatch.setenv("CLIENT_SECRET", "client-secret")
    monkeypatch.setenv("TOKEN", "vendor-token")
    auth0, analytics = _filled(home), AnalyticsFake()
    with ExitStack() as stack:
        proxy = stack.enter_context(between(stack.enter_context(auth0.running())))
        url = stack.enter_context(analytics.running())
        places: dict[str, str | Place] = {
            **{n: p.name for n, p in {**world.databases, **world.folders}.items()},
            "auth0": Place(
                secret="env:CLIENT_SECRET",
                options={"domain": proxy.url, "application": "c", **FAST},
            ),
            "google_analytics": Place(
                url=url, secret="env:TOKEN", options={"property": "7", **FAST}
            ),
        }
        write_settings(
            home,
            Settings(seiyaku_home=1, service="closm-i", datamap="datamap.yaml", systems=places),
        )
        opened = stack.enter_context(open_home(home, clock=clock))
        yield Vendors(Case(opened, world, clock), auth0, proxy, analytics)


def _datamap() -> str:
    data = yaml.safe_load((services.path("closm-i") / "datamap.yaml").read_text("utf-8"))
    for name, declared in VENDORS.items():
        said = {k: v for k, v in data["systems"][name].items() if k not in ("holds", "found_by")}
        data["systems"][name] = {**said, **declared}
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def _filled(home: Path) -> Auth0Fake:
    fake = Auth0Fake()
    with closing(sqlite3.connect(home / "app.db")) as db:
        people = db.execute("SELECT auth0_sub, email FROM users WHERE auth0_sub IS NOT NULL")
        for number, (sub, email) in enumerate(people.fetchall()):
            fake.users[sub] = {"user_id": sub, "email": email, "identities": []}
            session = {"id": f"s{number}", "user_id": sub, "created_at": AT}
            fake.sessions[session["id"]] = session
    return fake


def test_a_closure_deletes_the_account_and_waits_for_what_is_only_acknowledged(
    vendors: Vendors,
) -> None:
    case = vendors.case
    person = case.world.everyone[0].id
    sub, before = vendors.sub(person), len(vendors.auth0.users)
    assert sub in vendors.auth0.users
    request, result = case.done("closure", person)
    told = {o.dataset: (o.outcome, o.note) for o in result.outcomes if o.dataset}
    assert told["auth0.users"][0] == "done"
    assert told["auth0.sessions"][0] == "done"
    assert sub not in vendors.auth0.users
    assert len(vendors.auth0.users) == before - 1
    assert told["google_analytics.clients"] == ("pending", "acknowledged")
    assert vendors.analytics.submitted
    assert result.state == "open"
    assert case.home.request(request.id).state == "open"


def test_a_vendor_that_does_not_answer_keeps_the_request_open_and_is_retried(
    vendors: Vendors,
) -> None:
    case = vendors.case
    person = case.world.everyone[0].id
    sub = vendors.sub(person)
    request, plan = case.planned("closure", person)
    case.home.approve(plan.id, SATO)
    with spoiled(vendors.proxy, "failing", "DELETE"):
        first = case.home.run(plan.id)
    assert {o.outcome for o in first.outcomes if o.system == "auth0"} == {"unreachable"}
    assert sub in vendors.auth0.users
    second = case.home.run(plan.id)
    assert {o.outcome for o in second.outcomes if o.system == "auth0"} == {"done"}
    assert sub not in vendors.auth0.users
    assert case.home.request(request.id).state == "open", "analytics has only acknowledged"


def test_a_disclosure_shows_what_the_vendor_holds(vendors: Vendors) -> None:
    case = vendors.case
    person = case.world.everyone[1].id
    request, _ = case.done("disclosure", person)
    [package] = (case.home.parts.home / "outbox").glob("*.zip")
    with zipfile.ZipFile(package) as archive:
        data = json.loads(archive.read("data.json"))
    assert vendors.sub(person) in json.dumps(data)
    assert "auth0.users" in json.dumps(data)
    assert request.kind == "disclosure"


def test_a_promise_of_a_vendor_is_asked_for_and_lapses_when_it_fails(vendors: Vendors) -> None:
    [fact] = vendors.case.home.prove()
    assert (fact.kind, fact.subject) == ("retention_setting", "google_analytics")
    assert fact.until_at is not None
    recorded = vendors.case.home.parts.repositories.assurances.all()
    assert recorded.live(fact.kind, fact.subject, None, fact.from_at)
    assert not recorded.live(fact.kind, fact.subject, None, fact.until_at)
    vendors.analytics.retention = "FIFTY_MONTHS"
    assert vendors.case.home.prove() == ()


def _asks(vendors: Vendors, person: str, **about: Any) -> tuple[str, str]:
    """A suspension, or its end, carried out; its request and what came of it."""
    request, result = vendors.case.done("suspension", person, **about)
    [outcome] = [o for o in result.outcomes if o.system == "auth0"]
    return request.id, outcome.note


def test_a_suspension_reaches_the_account_and_is_lifted_there(vendors: Vendors) -> None:
    case, person = vendors.case, vendors.case.world.everyone[0].id
    sub = vendors.sub(person)
    others = {u: dict(held) for u, held in vendors.auth0.users.items() if u != sub}
    request, note = _asks(vendors, person)
    assert note == "suspended"
    assert vendors.auth0.users[sub]["blocked"] is True
    assert case.home.request(request).state == "answered"
    asked = Question("use", person, "email", case.clock.now(), purpose="service", source="person")
    assert not case.home.ask(asked).permitted
    case.clock.advance(hours=1)
    lifted, note = _asks(vendors, person, lift=True)
    assert (note, lifted != request) == ("lifted", True)
    assert vendors.auth0.users[sub]["blocked"] is False
    assert case.home.standing(person).suspensions == ()
    assert {u: held for u, held in vendors.auth0.users.items() if u != sub} == others


def test_a_suspension_of_another_purpose_leaves_the_account_alone(vendors: Vendors) -> None:
    case, person = vendors.case, vendors.case.world.everyone[0].id
    request = case.home.receive("suspension", person=person, scope=Scope(purposes=("analytics",)))
    case.home.show_identity(request.id, Proof("signed_in"))
    with pytest.raises(Conflict) as caught:
        case.home.plan(request.id)
    assert caught.value.code == "SY524"
    assert case.home.answer(request.id).outcome == "done"
    assert "blocked" not in vendors.auth0.users[vendors.sub(person)]


def test_what_must_reach_a_system_is_not_answered_before_it_did(vendors: Vendors) -> None:
    case, person = vendors.case, vendors.case.world.everyone[0].id
    scope = Scope(purposes=("identity_and_account",))
    request = case.home.receive("suspension", person=person, scope=scope)
    case.home.show_identity(request.id, Proof("signed_in"))
    with pytest.raises(Conflict) as caught:
        case.home.answer(request.id)
    assert caught.value.code == "SY526"
    with spoiled(vendors.proxy, "failing", "PATCH"):
        plan = case.home.plan(request.id)
        case.home.approve(plan.id, SATO)
        assert case.home.run(plan.id).state == "open"
    assert case.home.request(request.id).state == "open"
    assert case.home.run(plan.id).state == "done"
    assert vendors.auth0.users[vendors.sub(person)]["blocked"] is True


WORKER = """
import sys
from pathlib import Path
from seiyaku.app import open_home
from seiyaku.testing.clock import FixedClock
open_home(Path(sys.argv[1]), clock=FixedClock("2026-11-20T09:00:00+09:00")).run(sys.argv[2])
"""


def test_a_worker_killed_between_two_calls_is_gone_on_with(vendors: Vendors) -> None:
    """A session was ended at Auth0, the account was not, and nobody remembers it."""
    case, person = vendors.case, vendors.case.world.everyone[0].id
    sub, home = vendors.sub(person), vendors.case.home.parts.home
    others = {u for u in vendors.auth0.users if u != sub}
    _, plan = case.planned("closure", person)
    case.home.approve(plan.id, SATO)
    case.home.close()
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(home), plan.id])

    def dies(call: Call) -> bool:
        """The call that deletes the account is never passed on: its worker dies with it."""
        deletes = call.method == "DELETE" and "/users/" in call.path
        if deletes:
            worker.kill()
        return deletes

    vendors.proxy.spoil("silent", when=dies)
    assert worker.wait(60) == -signal.SIGKILL
    assert sub in vendors.auth0.users
    assert not [s for s in vendors.auth0.sessions.values() if s["user_id"] == sub]
    vendors.proxy.heal()
    with open_home(home, clock=case.clock) as again:
        result = again.run(plan.id)
    told = {o.dataset: (o.outcome, o.rows) for o in result.outcomes if o.system == "auth0"}
    assert told == {"auth0.users": ("done", 1), "auth0.sessions": ("done", 1)}
    assert set(vendors.auth0.users) == others
    assert len(vendors.analytics.submitted) == 1, "asked before the worker died, and not again"

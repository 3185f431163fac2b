"""What vendors do on bad days, and what each of them cannot do."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from saas_vendors import ORDERS, cloudflare, openai, order, printful

from saas_world import FAST, KEN, MEI, auth0_bench, datamap, known, opener, tenant
from seiyaku.datamap import resolve
from seiyaku.datamap.system import Action, HandleColumn, Handles, System
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.systems import SystemSettings, open_system
from seiyaku.systems._shared.pace import FileTurns, Pace
from seiyaku.systems.http import HttpSystem
from seiyaku.testing.bad_days import BadDay, Between, between
from seiyaku.testing.fakes.auth0 import Auth0Fake
from seiyaku.testing.fakes.server import VendorFake
from seiyaku.testing.fakes.vendors import AnalyticsFake, PrintfulFake
from seiyaku.testing.system_suite import RUN, Bench, erasing

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@contextmanager
def at_auth0(memory: Path, fake: Auth0Fake | None = None) -> Iterator[tuple[Any, Between, Bench]]:
    fake = fake or tenant()
    with fake.running() as url, between(url) as vendor:
        yield fake, vendor, auth0_bench(fake, vendor, memory)


def prepared(bench: Bench, system: System) -> tuple[list[Action], Any]:
    located = system.locate(bench.steps, bench.person)
    actions = erasing(bench.datamap, bench.steps, located, system.capabilities)
    return actions, located.handles.merged(bench.person)


@pytest.mark.parametrize("day", ["throttled", "failing", "silent", "half", "after"])
def test_a_bad_moment_is_waited_out(tmp_path: Path, day: BadDay) -> None:
    with at_auth0(tmp_path) as (fake, vendor, bench), closing(bench.open()) as system:
        actions, handles = prepared(bench, system)
        vendor.spoil(day, when=lambda call: call.method == "DELETE")
        applied = system.apply(RUN, actions, handles)
        assert sum(applied.deleted.values()) == sum(len(r) for r in bench.held.values())
        assert set(fake.users) == {KEN}


@pytest.mark.parametrize("day", ["false_success", "half"])
def test_what_is_no_answer_is_no_success(tmp_path: Path, day: BadDay) -> None:
    with at_auth0(tmp_path) as (_, vendor, bench), closing(bench.open()) as system:
        vendor.spoil(*[day] * 50, when=lambda call: call.method == "GET")
        with pytest.raises(SystemUnavailable) as caught:
            system.locate(bench.steps, bench.person)
        assert caught.value.code in ("SY322", "SY324")


def test_a_record_of_somebody_else_is_never_taken(tmp_path: Path) -> None:
    with at_auth0(tmp_path) as (fake, _, bench), closing(bench.open()) as system:
        actions, handles = prepared(bench, system)
        fake.get_user = lambda asked: (200, fake.users[KEN])
        with pytest.raises(SystemUnavailable) as caught:
            system.locate(bench.steps, bench.person)
        with pytest.raises(SystemUnavailable):
            system.apply(RUN, actions, handles)
        assert caught.value.code == "SY324"
        assert set(fake.users) == {MEI, KEN}


def test_a_vendor_that_asks_for_too_long_a_wait_is_left_for_later(tmp_path: Path) -> None:
    with at_auth0(tmp_path) as (_, vendor, bench), closing(bench.open()) as system:
        vendor.retry_after = "3600"
        vendor.spoil("throttled")
        began = datetime.now(UTC)
        with pytest.raises(SystemUnavailable) as caught:
            system.locate(bench.steps, bench.person)
        assert caught.value.code == "SY323"
        assert datetime.now(UTC) - began < timedelta(seconds=5)


@pytest.mark.parametrize("after", range(8))
def test_a_run_cut_off_anywhere_ends_in_the_same_state(tmp_path: Path, after: int) -> None:
    with at_auth0(tmp_path) as (fake, vendor, bench):
        with closing(bench.open()) as system:
            actions, handles = prepared(bench, system)
            made = iter(range(1000))
            vendor.spoil(
                *["failing"] * 500,
                when=lambda call: call.method == "DELETE" and next(made) >= after,
            )
            with pytest.raises(SystemUnavailable):
                system.apply(RUN, actions, handles)
        vendor.heal()
        with closing(bench.open()) as system:
            applied = system.apply(RUN, actions, handles)
            again = system.read_again(bench.steps, handles)
        assert {d: n for d, n in applied.deleted.items() if n} == {
            d: len(rows) for d, rows in bench.held.items()
        }
        assert not any(again.values())
        assert (set(fake.users), set(fake.sessions), set(fake.tokens)) == ({KEN}, {"s3"}, {"t2"})


def test_a_linked_identity_that_becomes_an_account_again_goes_too(tmp_path: Path) -> None:
    fake = tenant()
    fake.comes_back = True
    with at_auth0(tmp_path, fake) as (_, _, bench), closing(bench.open()) as system:
        actions, handles = prepared(bench, system)
        system.apply(RUN, actions, handles)
        assert set(fake.users) == {KEN}
        fake.users["google-oauth2|mei-g"] = {
            "user_id": "google-oauth2|mei-g", "email": "m", "identities": []
        }  # fmt: skip
        again = system.read_again(bench.steps, handles)
        assert again[DatasetId("own.users")] == 1


def test_a_person_is_blocked_and_let_in_again(tmp_path: Path) -> None:
    with at_auth0(tmp_path) as (fake, _, bench), closing(bench.open()) as system:
        users = DatasetId("own.users")
        step = next(s for s in bench.steps if s.dataset == users)
        action = Action(users, "set", step.paths, kept=("blocked",), expected=1)
        for number, blocked in enumerate((True, False)):
            system.apply(RunId(f"r{number}"), [action], bench.person, {(users, "blocked"): blocked})
            assert fake.users[MEI]["blocked"] is blocked
        assert fake.users[KEN]["blocked"] is False


def test_what_the_tenant_logs_keep_is_said(tmp_path: Path) -> None:
    with at_auth0(tmp_path) as (_, _, bench), closing(bench.open()) as system:
        assert any("tenant logs" in word for word in system.capabilities.excludes)


def test_no_address_of_a_person_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with at_auth0(tmp_path) as (_, _, bench), closing(bench.open()) as system:
        actions, handles = prepared(bench, system)
        system.apply(RUN, actions, handles)
    written = "".join(p.read_text() for p in tmp_path.rglob("*") if p.is_file())
    for said in (caplog.text, written):
        assert "mei" not in said.lower()


def test_a_new_token_is_fetched_when_the_old_one_is_refused(tmp_path: Path) -> None:
    with at_auth0(tmp_path) as (fake, _, bench), closing(bench.open()) as system:
        system.locate(bench.steps, bench.person)
        fake.token = "another-token"  # the vendor turned its keys
        fake.fetch_token = lambda asked: (
            200,
            {"access_token": "another-token", "token_type": "Bearer", "expires_in": 60},
        )
        assert system.locate(bench.steps, bench.person).rows[DatasetId("own.users")] == 1


def test_a_wrong_client_secret_says_so(tmp_path: Path) -> None:
    with at_auth0(tmp_path) as (_, vendor, bench):
        options = {"domain": vendor.url, "application": "x", "secret": "wrong", **FAST}
        with closing(opener(bench.datamap, tmp_path, vendor.url, **options)()) as system:
            with pytest.raises(SystemUnavailable) as caught:
                system.locate(bench.steps, bench.person)
            assert caught.value.code == "SY325"
            assert "wrong" not in str(caught.value)


def test_calls_keep_within_the_rate_whoever_makes_them(tmp_path: Path) -> None:
    workers = [Pace("own", 20, 1.0, FileTurns(tmp_path)) for _ in range(2)]
    began = time.monotonic()
    for number in range(22):
        workers[number % 2].wait()
    took = time.monotonic() - began
    assert 0.95 <= took < 3


def test_an_order_that_was_sent_is_left_to_a_person(tmp_path: Path) -> None:
    with printful(tmp_path) as (fake, bench), closing(bench.open()) as system:
        fake.orders["11"] = order(11, "fulfilled", "Mei-mark")
        fake.orders["13"] = order(13, "draft", "Mei-mark")
        both = replace(bench, person=known("vendor_id", "11", "13"))
        actions, handles = prepared(both, system)
        applied = system.apply(RUN, actions, handles)
        left = applied.left[DatasetId("own.orders")]
        assert (left.outcome, left.rows, left.why) == ("by_hand", 1, "order_fulfilled")
        assert applied.deleted == {DatasetId("own.orders"): 1}
        assert set(fake.orders) == {"11", "12"}
        assert "DELETE /v2/orders/11" not in fake.calls


def test_an_image_still_served_from_a_cache_is_still_there(tmp_path: Path) -> None:
    with cloudflare(tmp_path) as (fake, bench), closing(bench.open()) as system:
        del fake.images["m/1"]  # somebody deleted it by hand and did not purge
        images = DatasetId("own.images")
        assert system.locate(bench.steps, bench.person).rows[images] == 1
        actions, handles = prepared(bench, system)
        system.apply(RUN, actions, handles)
        assert system.read_again(bench.steps, handles)[images] == 0
        assert fake.cached == {"k1"}


def test_a_deletion_that_does_not_say_deleted_was_none(tmp_path: Path) -> None:
    with openai(tmp_path) as (fake, bench), closing(bench.open()) as system:
        actions, handles = prepared(bench, system)
        fake.deletes = False
        with pytest.raises(SystemUnavailable) as caught:
            system.apply(RUN, actions, handles)
        assert caught.value.code == "SY324"


def test_a_promise_of_the_vendor_is_proven_for_a_day_or_not_at_all(tmp_path: Path) -> None:
    with openai(tmp_path) as (fake, bench), closing(bench.open()) as system:
        assert isinstance(system, HttpSystem)
        proven = system.prove()[0].assurance(NOW, "own")
        assert proven is not None
        assert (proven.kind, proven.subject) == ("training_opt_out", "openai")
        assert proven.holds_at(NOW)
        assert not proven.holds_at(NOW + timedelta(days=1))
        fake.retention = "modified_abuse_monitoring"
        assert system.prove()[0].assurance(NOW, "own") is None


CLIENTS: dict[str, Any] = {
    "clients": {
        "key": "client_id",
        "links": [{"by": "client_id", "to": "app.users", "columns": "vendor_id"}],
        "fields": {"client_id": "usage_history"},
    }
}


def test_analytics_acknowledges_and_nothing_more_is_claimed(tmp_path: Path) -> None:
    fake = AnalyticsFake()
    declared = datamap("google_analytics", CLIENTS, vendor_id=None)
    steps = resolve(declared).of_system(SystemId("own"))
    person = known("vendor_id", "1.2", "3.4")
    with fake.running() as url:
        make = opener(declared, tmp_path, url, property="7", **FAST)
        with closing(make()) as system:
            assert system.capabilities.asynchronous
            located = system.locate(steps, person)
            actions = erasing(declared, steps, located, system.capabilities)
            applied = system.apply(RUN, actions, person)
            left = applied.left[DatasetId("own.clients")]
            assert (left.outcome, left.rows, left.why) == ("pending", 2, "acknowledged")
            assert not any(applied.deleted.values())
            assert sorted(fake.submitted) == ["1.2", "3.4"]
            assert isinstance(system, HttpSystem)
            assert [p.holds for p in system.prove()] == [True]
            fake.retention = "FIFTY_MONTHS"
            assert [p.holds for p in system.prove()] == [False]


def test_a_stand_in_fails_the_test_that_asks_it_for_more(tmp_path: Path) -> None:
    fake: VendorFake = PrintfulFake(token="other")
    running = fake.running()
    system = _raw(tmp_path, running.__enter__())
    with closing(system), pytest.raises(SystemUnavailable):
        system.locate(*_asked())
    with pytest.raises(AssertionError, match="outside the schema"):
        running.__exit__(None, None, None)


def _raw(tmp_path: Path, url: str) -> System:
    text = (
        "seiyaku_api: 1\nbase: https://x.example\nretry: {times: 1}\n"
        "datasets: {orders: {columns: {id: ~}, find: [{by: id, get: '/v9/orders/{id}'}]}}\n"
    )
    (tmp_path / "api.yaml").write_text(text)
    declared = datamap("http", ORDERS, vendor_id=None)
    settings = SystemSettings(
        path=tmp_path / "api.yaml", url=url, secret="other", memory=tmp_path / "runs"
    )
    return open_system("own", declared.systems["own"], settings)


def _asked() -> Any:
    declared = datamap("http", ORDERS, vendor_id=None)
    return resolve(declared).of_system(SystemId("own")), known("vendor_id", "1")


def test_a_deletion_answered_by_an_error_that_calls_itself_a_success_was_none(
    tmp_path: Path,
) -> None:
    with at_auth0(tmp_path) as (fake, vendor, bench), closing(bench.open()) as system:
        actions, handles = prepared(bench, system)
        vendor.spoil("false_success", when=lambda call: call.method == "DELETE")
        with pytest.raises(SystemUnavailable) as caught:
            system.apply(RUN, actions, handles)
        assert caught.value.code == "SY324"
        assert MEI in fake.users


def test_pages_that_go_round_are_no_answer(tmp_path: Path) -> None:
    with at_auth0(tmp_path) as (fake, vendor, bench), closing(bench.open()) as system:
        fake.list_sessions = lambda asked: (200, {"sessions": [], "next": "0"})
        with pytest.raises(SystemUnavailable) as caught:
            system.locate(bench.steps, bench.person)
        assert caught.value.code == "SY324"
        assert len(vendor.calls) < 20


def test_a_list_that_hangs_on_somebody_else_is_not_taken(tmp_path: Path) -> None:
    with at_auth0(tmp_path) as (fake, _, bench), closing(bench.open()) as system:
        steps = [s for s in bench.steps if s.dataset == DatasetId("own.identities")]
        users = HandleColumn(DatasetId("own.users"), ("user_id",))
        handles = Handles({users: frozenset({(MEI,)})})
        assert system.locate(steps, handles).rows[DatasetId("own.identities")] == 2
        fake.get_user = lambda asked: (200, fake.users[KEN])
        with pytest.raises(SystemUnavailable):
            system.locate(steps, handles)


def test_no_credentials_go_to_another_host(tmp_path: Path) -> None:
    with cloudflare(tmp_path) as (fake, bench), between(fake.url) as elsewhere:
        options = {"account": "acc", "zone": "zone", "delivery": f"{elsewhere.url}/delivery"}
        make = opener(bench.datamap, tmp_path / "other", fake.url, **options, **FAST)
        with closing(make()) as system:
            assert any(system.locate(bench.steps, bench.person).rows.values())
        assert elsewhere.calls
        assert not [c for c in elsewhere.calls if "authorization" in {h.lower() for h in c.headers}]


def test_a_call_that_must_not_be_made_twice_is_not_repeated_blindly(tmp_path: Path) -> None:
    fake = AnalyticsFake()
    declared = datamap("google_analytics", CLIENTS, vendor_id=None)
    steps, person = resolve(declared).of_system(SystemId("own")), known("vendor_id", "1.2")
    with fake.running() as url, between(url) as vendor:
        make = opener(declared, tmp_path, vendor.url, property="7", **FAST)
        with closing(make()) as system:
            located = system.locate(steps, person)
            actions = erasing(declared, steps, located, system.capabilities)
            vendor.spoil("after")
            with pytest.raises(SystemUnavailable):
                system.apply(RUN, actions, person)
            assert fake.submitted == ["1.2"]

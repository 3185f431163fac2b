"""Stripe on good days and bad: in the right order, never twice, never claiming too much."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from seiyaku.datamap import resolve
from seiyaku.datamap.system import Applied, HandleColumn, Handles, Left
from seiyaku.kernel.errors import SeiyakuError, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId
from seiyaku.systems._shared.patience import Patience
from seiyaku.systems._shared.vendor import VendorSystem
from seiyaku.systems._shared.web import Web
from seiyaku.systems.stripe import stripe_system
from seiyaku.testing.bad_days import BadDay, Between, between
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.fakes.stripe_preview import StripePreview
from seiyaku.testing.programs import card_only
from seiyaku.testing.system_suite import erasing
from stripe_shop import KNOWN, Shop, stripe_map

RUN = RunId("run-1")
ALL = ("subscriptions", "invoices", "payment_methods", "charges", "customers")
DELETABLE = ("subscriptions", "payment_methods", "customers")


class World:
    """A customer of a shop, and Stripe seen through a proxy."""

    def __init__(self, proxy: Between, folder: Path) -> None:
        self.proxy, self.folder, self.preview = proxy, folder, StripePreview()
        proxy.reword = lambda call: card_only(call.method, call.path)
        proxy.answers = self.preview
        self.shop = Shop(proxy.upstream)
        self.shop.flush()
        self.customer = self.shop.customer("a@example.com", "A")
        self.clock = FixedClock(datetime.now(UTC))
        self.waited: list[float] = []

    def system(self, *names: str, raw: Mapping[str, Any] | None = None) -> VendorSystem:
        datamap = stripe_map(*names, **(raw or {}))
        return stripe_system(
            "stripe",
            datamap.systems["stripe"],
            key="sk_test_x",
            memory=self.folder,
            url=self.proxy.url,
            clock=self.clock,
            patience=Patience(tries=3, first_s=0.01, sleep=self.waited.append),
        )

    def erase(self, *names: str, handles: Handles | None = None, raw: Any = None) -> Applied:
        datamap = stripe_map(*names, **(raw or {}))
        system, steps = self.system(*names, raw=raw), resolve(datamap).of_system("stripe")
        known = handles or KNOWN(self.customer)
        located = system.locate(steps, known)
        self.actions = erasing(datamap, steps, located, system.capabilities)
        self.handles = known.merged(located.handles)
        return system.apply(RUN, self.actions, self.handles)

    def again(self, *names: str, raw: Any = None) -> Applied:
        return self.system(*names, raw=raw).apply(RUN, self.actions, self.handles)

    def changes(self) -> list[str]:
        return [f"{c.method} {c.path}" for c in self.proxy.calls if c.method != "GET"]


@pytest.fixture
def world(localstripe_url: str, tmp_path: Path) -> Iterator[World]:
    with between(localstripe_url) as proxy:
        world = World(proxy, tmp_path / "runs")
        yield world
        assert world.preview.unknown == []


def test_the_subscription_is_cancelled_before_the_customer_is_deleted(world: World) -> None:
    world.erase(*DELETABLE)
    made = world.changes()
    kinds = [path.split("/")[2] for path in made]
    assert kinds == ["subscriptions", "payment_methods", "customers"]
    assert made[0].startswith("DELETE")


def test_every_post_carries_an_idempotency_key_made_from_the_run(world: World) -> None:
    world.erase(*DELETABLE)
    posts = [c for c in world.proxy.calls if c.method == "POST"]
    keys = [c.headers["Idempotency-Key"] for c in posts]
    assert keys
    assert all(k.startswith(f"{RUN}.") for k in keys)
    assert len(set(keys)) == len(keys)


def test_no_call_is_logged_with_whom_it_is_about(
    world: World, localstripe_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world.erase(*DELETABLE)
    with closing(Web("stripe", localstripe_url)) as web, pytest.raises(SeiyakuError):
        web.get("/v1/customers/marker-of-somebody")
    assert world.customer not in caplog.text
    assert "marker-of-somebody" not in caplog.text
    httpx.get(f"{localstripe_url}/seen-by-others")
    assert "seen-by-others" in caplog.text


def test_payments_wait_for_day_91(world: World) -> None:
    applied = world.erase(*ALL)
    made_on = world.clock.now().date()
    left = applied.left[DatasetId("stripe.charges")]
    assert left == Left("pending", 1, "redaction_after_90_days", made_on + timedelta(days=91))
    assert applied.deleted[DatasetId("stripe.charges")] == 0
    assert applied.deleted[DatasetId("stripe.customers")] == 1


def _intent(world: World) -> tuple[dict[str, Any], Handles]:
    """The payment is linked by its own id, as `app.payments` would know it."""
    charge = world.shop.call("GET", "/v1/charges", customer=world.customer)["data"][0]
    column = HandleColumn(DatasetId("app.users"), ("payment_intent",))
    handles = KNOWN(world.customer).merged(
        Handles({column: frozenset({(charge["payment_intent"],)})})
    )
    fields = {"id": None, "customer": None, "receipt_email": "email", "description": "payment"}
    links = [{"by": "id", "to": "app.users", "columns": "payment_intent"}]
    return {"payment_intents": {"key": "id", "links": links, "fields": fields}}, handles


def test_a_payment_old_enough_is_redacted_and_the_run_ends(world: World) -> None:
    raw, handles = _intent(world)
    first = world.erase(*DELETABLE, handles=handles, raw=raw)
    intent = DatasetId("stripe.payment_intents")
    assert first.left[intent].outcome == "pending"
    world.clock.advance(days=90)
    assert world.again(*DELETABLE, raw=raw).left[intent].outcome == "pending"
    world.clock.advance(days=1)
    last = world.again(*DELETABLE, raw=raw)
    assert not last.left
    assert last.deleted[intent] == 1
    assert last.deleted[DatasetId("stripe.customers")] == 1
    steps = resolve(stripe_map(*DELETABLE, **raw)).of_system("stripe")
    found = world.system(*DELETABLE, raw=raw).read_again(steps, world.handles)
    assert not any(found.values())


def test_where_redaction_is_not_switched_on_a_person_must_ask_for_it(world: World) -> None:
    raw, handles = _intent(world)
    world.preview.enabled = False
    world.clock.advance(days=120)
    applied = world.erase(*DELETABLE, handles=handles, raw=raw)
    left = applied.left[DatasetId("stripe.payment_intents")]
    assert left == Left("by_hand", 1, "redaction_not_enabled")


def test_a_dispute_that_runs_holds_the_customer(world: World) -> None:
    charge = world.shop.call("GET", "/v1/charges", customer=world.customer)["data"][0]["id"]
    world.preview.disputed[charge] = "under_review"
    listed = world.preview.__call__

    def disputed(call: Any) -> Any:
        if call.method == "GET" and call.path.startswith("/v1/charges"):
            import json

            status, said = 200, world.shop.call("GET", "/v1/charges", customer=world.customer)
            said["data"][0]["disputed"] = True
            return status, json.dumps(said).encode()
        return listed(call)

    world.proxy.answers = disputed
    applied = world.erase(*DELETABLE)
    assert applied.left == {DatasetId("stripe.customers"): Left("by_hand", 1, "dispute_runs")}
    assert applied.deleted[DatasetId("stripe.subscriptions")] == 1
    assert not any("DELETE /v1/customers" in c for c in world.changes())


def test_an_open_invoice_holds_the_customer_until_a_person_settles_it(world: World) -> None:
    owes = world.shop.owing("b@example.com")
    applied = world.erase("customers", handles=KNOWN(owes))
    customers = DatasetId("stripe.customers")
    assert applied.left == {customers: Left("by_hand", 1, "invoice_open")}
    world.shop.settle(owes)
    assert world.again("customers").deleted == {customers: 1}


@pytest.mark.parametrize("day", ["throttled", "failing", "silent", "half", "false_success"])
def test_one_bad_day_is_waited_out(world: World, day: BadDay) -> None:
    world.proxy.spoil(day)
    if day == "false_success":
        with pytest.raises(SystemUnavailable) as caught:
            world.erase(*DELETABLE)
        assert caught.value.code == "SY324"
        return
    applied = world.erase(*DELETABLE)
    assert sum(applied.deleted.values()) == 3
    assert len(world.waited) == 1


def test_a_retry_after_is_honoured(world: World) -> None:
    world.proxy.retry_after = "7"
    world.proxy.spoil("throttled")
    world.erase(*DELETABLE)
    assert world.waited == [7.0]


@pytest.mark.parametrize(
    ("day", "code"),
    [("throttled", "SY323"), ("failing", "SY322"), ("silent", "SY322"), ("half", "SY324")],
)
def test_bad_days_without_end_are_told_as_no_answer(world: World, day: BadDay, code: str) -> None:
    world.proxy.spoil(*[day] * 50)
    with pytest.raises(SystemUnavailable) as caught:
        world.erase(*DELETABLE)
    assert caught.value.code == code
    assert world.customer not in f"{caught.value}{caught.value.hint()}"


@pytest.mark.parametrize("at", range(3))
def test_a_run_cut_off_after_any_effect_ends_the_same_when_taken_up_again(
    world: World, at: int
) -> None:
    seen: list[str] = []

    def effect(call: Any) -> bool:
        if call.method == "GET":
            return bool(seen) and len(seen) > at
        seen.append(call.path)
        return len(seen) > at

    world.proxy.spoil("after", *["silent"] * 200, when=effect)
    with pytest.raises(SystemUnavailable):
        world.erase(*DELETABLE)
    world.proxy.heal()
    applied = world.again(*DELETABLE)
    assert applied.again
    assert sum(applied.deleted.values()) == 3
    assert not [r for rows in world.shop.rows().values() for r in rows if world.customer in r]
    assert world.again(*DELETABLE) == applied


def test_the_wrong_persons_record_is_never_taken_for_the_right_one(world: World) -> None:
    other = world.shop.customer("b@example.com", "B")

    def swapped(call: Any) -> Any:
        import json

        if call.method == "GET" and call.path.startswith("/v1/customers/"):
            return 200, json.dumps(world.shop.call("GET", f"/v1/customers/{other}")).encode()
        if call.method == "GET" and call.path.startswith("/v1/subscriptions"):
            said = world.shop.call("GET", "/v1/subscriptions", customer=other)
            return 200, json.dumps(said).encode()
        return None

    world.proxy.answers = swapped
    with pytest.raises(SeiyakuError) as caught:
        world.erase(*DELETABLE)
    assert caught.value.code == "SY324"
    assert world.changes() == []


def test_a_key_that_is_refused_is_said_without_showing_it(world: World) -> None:
    world.proxy.answers = lambda _call: (401, b'{"error": {"message": "Invalid API Key"}}')
    with pytest.raises(SystemUnavailable) as caught:
        world.erase(*DELETABLE)
    assert caught.value.code == "SY325"
    assert "sk_test" not in str(caught.value)

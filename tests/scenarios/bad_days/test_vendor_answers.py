"""What vendors answer on bad days, seen through whole requests: never done, never lost.

A bookshop keeps its readers' sign-ins at Auth0; each case is one reader of it. Between us and
the vendor stands a proxy that spoils the calls of one moment of the request.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count

import pytest

import bookshop
from saas_world import AT, FAST
from seiyaku.app import Home
from seiyaku.app.settings import Place
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.plans.model import RunResult
from seiyaku.policy.model import RequestKind
from seiyaku.requests.identity import Proof
from seiyaku.testing.bad_days import BadDay, Between, Call, between
from seiyaku.testing.fakes.auth0 import Auth0Fake
from seiyaku.testing.servers import Database, Server

DAYS: tuple[BadDay, ...] = ("throttled", "failing", "false_success", "silent", "half")
READERS = 40
AUTH0 = {
    "sessions": {
        "key": "id",
        "links": [{"by": "user_id", "to": "users", "columns": "user_id"}],
        "fields": {"id": "use", "user_id": None},
    },
    "users": {
        "key": "user_id",
        "links": [{"by": "user_id", "to": "app.users", "columns": "sub"}],
        "fields": {"user_id": None, "email": "contact"},
    },
}


@dataclass
class Shop:
    """A home, its vendor, and the proxy between them."""

    home: Home
    database: Database
    vendor: Auth0Fake
    proxy: Between
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def reader(self) -> int:
        """Somebody nobody asked about yet."""
        return next(self.numbers)

    def spoil(self, day: BadDay, when: Callable[[Call], bool]) -> None:
        """Every call of a kind has a bad day; a throttling vendor asks for an hour."""
        self.proxy.retry_after = "3600"
        self.proxy.spoil(*[day] * 400, when=when)

    def told(self, result: RunResult) -> dict[str, str]:
        """Outcomes at the vendor, by dataset."""
        found = (o for o in result.outcomes if o.system == "auth0")
        return {str(o.dataset).partition(".")[2]: o.outcome for o in found}

    def gone(self, reader: int) -> bool:
        """Nothing of the reader is left, at the vendor and at home."""
        at_vendor = f"auth0|{reader}" in self.vendor.users or f"s{reader}" in self.vendor.sessions
        return not at_vendor and not any(bookshop.rows(self.database, reader).values())

    def deletions(self, reader: int) -> int:
        """How often the vendor itself was asked to delete the account."""
        wanted = f"DELETE /api/v2/users/auth0|{reader}"
        return sum(c.replace("%7C", "|") == wanted for c in self.vendor.calls)


@pytest.fixture(scope="module")
def shop(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    vendor, folder = Auth0Fake(), tmp_path_factory.mktemp("shop") / "home"
    for n in range(1, READERS + 1):
        account = f"auth0|{n}"
        vendor.users[account] = {
            "user_id": account,
            "email": f"reader{n}@mail.example",
            "identities": [],
        }
        vendor.sessions[f"s{n}"] = {"id": f"s{n}", "user_id": account, "created_at": AT}
    with ExitStack() as stack:
        database = stack.enter_context(postgres.database())
        proxy = stack.enter_context(between(stack.enter_context(vendor.running())))
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("BOOKSHOP_KEY", "client-secret")
        options = {"domain": proxy.url, "application": "c", **FAST}
        place = Place(secret="env:BOOKSHOP_KEY", options=options, timeout_s=5)
        bookshop.stock(database, READERS)
        bookshop.settle(folder, database, beside={"auth0": ("auth0", AUTH0, place)})
        home = stack.enter_context(bookshop.opened(folder))
        yield Shop(home, database, vendor, proxy)


@pytest.fixture(autouse=True)
def healed(shop: Shop) -> Iterator[None]:
    """The vendor is well before and after each case."""
    before = dict(shop.vendor.users)
    yield
    shop.proxy.heal()
    shop.proxy.answers = lambda _call: None
    assert len(before) - len(shop.vendor.users) <= 1, "somebody else's account went"


@pytest.mark.parametrize("day", DAYS)
def test_at_the_first_reading_no_plan_is_made_and_the_request_waits(
    day: BadDay, shop: Shop
) -> None:
    reader = shop.reader()
    request = shop.home.receive("deletion", person=str(reader))
    shop.home.show_identity(request.id, Proof("signed_in"))
    shop.spoil(day, lambda call: call.method == "GET")
    with pytest.raises(SystemUnavailable) as caught:
        shop.home.plan(request.id)
    assert caught.value.code in ("SY322", "SY323", "SY324")
    assert "reader" not in str(caught.value) + caught.value.hint()
    assert shop.home.request(request.id).state == "identity_shown"
    shop.proxy.heal()
    plan = shop.home.plan(request.id)
    shop.home.approve(plan.id, bookshop.SATO)
    assert shop.home.run(plan.id).state == "done"
    assert shop.gone(reader)


@pytest.mark.parametrize("day", ["throttled", "failing", "false_success", "silent", "after"])
def test_at_the_deletion_it_is_not_done_the_rest_is_and_another_attempt_ends_it(
    day: BadDay, shop: Shop
) -> None:
    """*after*: the vendor deletes, and the line is cut before it says so."""
    reader = shop.reader()
    plan = bookshop.approved(shop.home, reader)
    shop.spoil(day, lambda call: call.method == "DELETE")
    first = shop.home.run(plan)
    assert set(shop.told(first).values()) == {"unreachable"}
    assert first.state == "open"
    told = [e for e in shop.home.parts.log.entries() if e.kind == "outcome" and e.system]
    assert not [e for e in told if e.act_id.startswith(first.run) and "auth0" in e.system
                and e.outcome == "done"]  # fmt: skip
    [open_] = [w for w in shop.home.waiting() if w.plan == plan]
    assert {w.need for w in open_.waits} == {"system"}
    shop.proxy.heal()
    second = shop.home.run(plan)
    assert set(shop.told(second).values()) == {"done"}
    assert second.state == "done"
    assert shop.gone(reader)
    assert shop.deletions(reader) == 1


@pytest.mark.parametrize("day", DAYS)
def test_at_the_second_reading_nothing_is_claimed_though_it_was_deleted(
    day: BadDay, shop: Shop
) -> None:
    reader = shop.reader()
    plan = bookshop.approved(shop.home, reader)

    def afterwards(call: Call) -> bool:
        return call.method == "GET" and f"auth0|{reader}" not in shop.vendor.users

    shop.spoil(day, afterwards)
    first = shop.home.run(plan)
    assert set(shop.told(first).values()) == {"unreachable"}
    shop.proxy.heal()
    assert shop.home.run(plan).state == "done"
    assert shop.gone(reader)
    assert shop.deletions(reader) == 1


@pytest.mark.parametrize("kind", ["deletion", "disclosure"])
def test_somebody_elses_record_is_neither_planned_on_nor_shown_nor_erased(
    kind: RequestKind, shop: Shop
) -> None:
    reader, other = shop.reader(), shop.reader()
    plan = bookshop.approved(shop.home, reader, kind=kind)
    record = json.dumps(shop.vendor.users[f"auth0|{other}"]).encode()
    shop.proxy.answers = lambda call: (200, record) if _asks_for(call, reader) else None
    for act in (lambda: bookshop.approved(shop.home, reader, kind=kind), lambda: _run(shop, plan)):
        with pytest.raises(SystemUnavailable) as caught:
            act()
        assert caught.value.code == "SY324"
        assert "reader" not in str(caught.value) + caught.value.hint()
    assert not list((shop.home.parts.home / "outbox").glob("*"))
    assert {f"auth0|{reader}", f"auth0|{other}"} <= {*shop.vendor.users}
    shop.proxy.answers = lambda _call: None
    for request in (r for r in shop.home.requests() if r.state == "identity_shown"):
        shop.home.refuse(request.id, bookshop.SATO, "asked_twice", "BOOK-2")
    assert shop.home.run(plan).state == "done"
    assert shop.gone(reader) == (kind == "deletion")
    assert not shop.gone(other)


def _run(shop: Shop, plan: str) -> str:
    return shop.home.run(plan).plan


def _asks_for(call: Call, reader: int) -> bool:
    path = call.path.partition("?")[0].replace("%7C", "|")
    return call.method == "GET" and path.endswith(f"auth0|{reader}")


def test_a_vendor_that_never_answers_stays_open_however_long_it_is_waited_for(shop: Shop) -> None:
    """Failure story 9: skipped after fourteen days, the request closed as complete."""
    reader = shop.reader()
    plan = bookshop.approved(shop.home, reader)
    shop.spoil("silent", lambda call: call.method == "DELETE")
    clock = shop.home.parts.clock
    start = clock.now()
    for _ in range(3):
        assert shop.home.run(plan).state == "open"
        clock.advance(days=14)  # type: ignore[attr-defined]
    request = shop.home.requests()[-1]
    assert request.state == "open"
    clock.set(start)  # type: ignore[attr-defined]
    shop.proxy.heal()
    assert shop.home.run(plan).state == "done"
    assert shop.gone(reader)


def test_an_account_that_is_there_again_is_found_and_goes_with_another_attempt(shop: Shop) -> None:
    """Between the deletion and the second reading somebody imports the vendor's own backup."""
    reader = shop.reader()
    plan = bookshop.approved(shop.home, reader)
    account = shop.vendor.users[f"auth0|{reader}"]

    def restored(call: Call) -> None:
        if call.method == "GET" and f"auth0|{reader}" not in shop.vendor.users:
            shop.vendor.users[f"auth0|{reader}"] = account

    shop.proxy.answers = restored
    first = shop.home.run(plan)
    assert [o.note for o in first.outcomes if o.dataset == "auth0.users"] == ["found_again"]
    assert first.state == "open"
    shop.proxy.answers = lambda _call: None
    assert shop.home.run(plan).state == "done"
    assert shop.gone(reader)
    assert shop.deletions(reader) == 2

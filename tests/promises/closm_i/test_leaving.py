"""Article 9: what goes when a person leaves, what the law keeps, and what cannot go."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from seiyaku.app import open_home
from seiyaku.kernel import PersonId
from seiyaku.requests import Proof, Request
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import World
from seiyaku.testing.promises import promise

from .conftest import APPROVER, AT, Closm, codes

AKI = PersonId("1")
DAI = PersonId("4")
VENDORS = {"auth0", "stripe", "printful", "cloudflare_images", "google_analytics", "google_forms"}
READ = {"app", "media", "logs", "events"}


@dataclass(frozen=True)
class Gone:
    """What is left after a person's request ran and the vendors' tasks were shown done."""

    request: Request
    states: list[str]
    tasks: set[str]
    entries: list[dict[str, Any]]
    rows: dict[str, set[str]]
    files: dict[str, bytes]

    def holding(self, *words: str) -> set[str]:
        """Tables and files in which one of the words still stands."""
        rows = {t for t, found in self.rows.items() if any(w in r for r in found for w in words)}
        files = {n for n, data in self.files.items() if any(w.encode() in data for w in words)}
        return rows | files

    def outcomes(self) -> list[tuple[str, str]]:
        """System or dataset of the service, and what came of it, in the order of the receipt."""
        found = [(e.get("system", ""), e["outcome"]) for e in self.entries]
        return [one for one in found if not one[0].startswith("seiyaku.")]


def _end(closm: Closm, kind: str) -> Gone:
    request = closm.carry_out(kind, AKI)
    states = [request.state]
    closm.clock.advance(days=10)
    tasks = closm.home.tasks(request.id)
    for task in tasks:
        closm.home.complete_task(task.id, b"GET user: 404", APPROVER)
        states.append(closm.home.request(request.id).state)
    entries = closm.entries(request)
    done = closm.home.request(request.id)
    return Gone(done, states, {t.system for t in tasks}, entries, closm.rows(), closm.files())


@pytest.fixture(scope="module")
def left(world: World, tmp_path_factory: pytest.TempPathFactory) -> Gone:
    """Aki has left the service."""
    folder, clock = tmp_path_factory.mktemp("left") / "home", FixedClock(AT)
    shutil.copytree(world.home, folder)
    with open_home(folder, clock=clock) as home:
        return _end(Closm(home, world, clock, folder), "closure")


@pytest.fixture(scope="module")
def dai_left(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Closm, Any]]:
    """Dai, with orders of 2017 and of March 2026, has left the service in 2030."""
    folder, clock = tmp_path_factory.mktemp("dai") / "home", FixedClock("2030-01-10T09:00:00+09:00")
    shutil.copytree(world.home, folder)
    with open_home(folder, clock=clock) as home:
        closm = Closm(home, world, clock, folder)
        entries = closm.entries(closm.carry_out("closure", DAI))
    with open_home(folder, clock=clock) as home:
        yield Closm(home, world, clock, folder), entries


@promise("CLOSM-9.2a")
def test_who_leaves_is_gone_everywhere_and_the_receipt_names_every_system(
    world: World, closm: Closm, left: Gone
) -> None:
    """Given a user with posts, pictures and an account at Auth0; when she leaves, rows, pictures
    and log lines go, each vendor waits as a tracked task until somebody shows that it is done
    there (Auth0 answers 404), and within 30 days the request is answered. The receipt names each
    system.
    """
    aki = world.person("aki")
    marks = (aki.canary, aki.email, aki.phone)
    before = Gone(left.request, [], set(), [], closm.rows(), closm.files()).holding(*marks)
    assert {"users", "posts", "user_profiles", "inquiries", "shipping_addresses"} <= before
    assert any(name.startswith("media/") for name in before)
    assert left.holding(*marks) == set()
    for table in ("users", "posts", "sessions", "favorites", "media_objects"):
        assert closm.rows()[table] > left.rows[table]
    assert left.tasks == VENDORS
    assert left.states == ["open"] * len(VENDORS) + ["answered"]
    assert left.request.ended_at is not None
    assert left.request.ended_at <= AT + timedelta(days=30)
    named = {(system.split(".")[0], outcome) for system, outcome in left.outcomes() if system}
    assert {system for system, _ in named} == READ | VENDORS | {"chain"}
    assert {(vendor, "done") for vendor in VENDORS} <= named


@promise("CLOSM-11.1f")
def test_asking_for_erasure_ends_as_leaving_does(mine: Closm, left: Gone) -> None:
    """Given the same person; when she asks for erasure instead of leaving, the end is the same:
    every row, every file, and what the receipt says of each system. (Our own store differs in
    one event: that she left.)
    """
    erased = _end(mine, "deletion")
    assert erased.rows == left.rows
    assert erased.files == left.files
    assert erased.outcomes() == left.outcomes()
    assert erased.states == left.states


@promise("CLOSM-9.2a")
def test_a_killed_worker_is_gone_on_with_to_the_same_end(mine: Closm, left: Gone) -> None:
    """Given the same request; when the process that carries it out is killed in the middle, the
    next one brings it to the very end the first one reached.
    """
    request = mine.home.receive("closure", person=AKI)
    mine.home.show_identity(request.id, Proof("signed_in"))
    plan = mine.home.plan(request.id)
    mine.home.approve(plan.id, APPROVER)
    mine.home.close()
    first = sorted((mine.folder / "events").glob("*/*.jsonl"))
    before = sum(path.stat().st_size for path in first)
    command = [sys.executable, "-m", "seiyaku", "request", "run", request.id, "--home"]
    worker = subprocess.Popen([*command, str(mine.folder)], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while worker.poll() is None and time.monotonic() < deadline:
        if sum(path.stat().st_size for path in first if path.exists()) != before:
            break
        time.sleep(0.005)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    with open_home(mine.folder, clock=mine.clock) as home:
        home.recover()
        assert home.run(plan.id).state == "open"
    assert mine.rows() == left.rows
    assert mine.files() == left.files


@promise("CLOSM-9.2b")
def test_an_order_stays_for_the_law_alone_until_the_day_the_pack_computes(
    dai_left: tuple[Closm, Any],
) -> None:
    """Given orders of 2017 and of 1 March 2026; when the person leaves in 2030, the second stays,
    cut from its person, until 28 February 2034: seven years from the filing day of its business
    year, as the law pack says, not from the order. It serves the legal retention and nothing
    else. The first is past its time and goes, with its line in the receipt.
    """
    closm, entries = dai_left
    at = closm.clock.now()
    assert closm.sql("SELECT id, user_id FROM orders WHERE id IN (3, 4)") == [(4, None)]
    said = {
        (e["outcome"], e["clauses"][0], e["detail"].get("until"), e["detail"].get("note"))
        for e in entries
        if e.get("system") == "app.orders"
    }
    assert said == {
        ("kept_by_law", "CLOSM-9.2b", "2034-02-28", None),
        ("done", "CLOSM-9.2b", None, "period_over"),
    }
    for purpose in ("analytics", "support", "service"):
        other = closm.ask(DAI, "use", "order", purpose=purpose, at=at)
        assert (other.outcome, codes(other)) == ("refused", {"legal_retention_only"})
    assert closm.ask(DAI, "use", "order", purpose="legal_retention", at=at).permitted
    assert closm.ask(DAI, "keep", "order", at=at).permitted


@promise("CLOSM-9.2b")
def test_an_order_whose_time_is_over_is_erased_with_a_receipt(mine: Closm) -> None:
    """Given the same orders; when the person leaves on 1 March 2034, both are past their time and
    erased. (Rows whose time ends after their person left are the disposal run's.)
    """
    mine.clock.set("2034-03-01T09:00:00+09:00")
    request = mine.carry_out("closure", DAI)
    assert mine.sql("SELECT id FROM orders WHERE id IN (3, 4)") == []
    said = [e["outcome"] for e in mine.entries(request) if e.get("system") == "app.orders"]
    assert said == ["done"]


@promise("CLOSM-9.2c")
def test_beside_a_kept_order_everything_the_law_does_not_want_is_emptied(
    closm: Closm, dai_left: tuple[Closm, Any]
) -> None:
    """Given a delivered order; when its buyer leaves, the total and the counterparty's name stay,
    while phone, address and e-mail of the delivery are emptied, as are the payment system's
    notes; each column with its reason in the receipt.
    """
    gone, entries = dai_left
    delivery = (
        "SELECT name, phone, email, address, postal_code FROM shipping_addresses WHERE order_id = 4"
    )
    ((name, *rest),) = closm.sql(delivery)
    assert all(rest)
    assert gone.sql(delivery) == [(name, None, None, None, None)]
    assert gone.sql("SELECT total_yen FROM orders WHERE id = 4") == [(5000,)]
    assert gone.sql("SELECT meta_json FROM payments WHERE order_id = 4") == [(None,)]
    reasons = {
        (e["outcome"], e["clauses"][0], e["detail"].get("note")): e["detail"]["items"]
        for e in entries
        if e.get("system") == "app.shipping_addresses"
    }
    assert reasons["kept_by_law", "CLOSM-9.2b", None] == "name"
    assert reasons["done", "CLOSM-9.2a", "beside_kept"] == "email,phone,postal_address"


@promise("CLOSM-9.3")
def test_the_chain_keeps_its_records_and_nothing_of_ours_ties_them_to_the_person(
    world: World, closm: Closm, left: Gone
) -> None:
    """Given a wallet with a mint and transfers; when its holder leaves, the wallet is gone, the
    mint belongs to nobody, our copies of transfers lose the address, the chain is not touched and
    answered as impossible by 9.3; no table or file ties the address to the person.
    """
    aki = world.person("aki")
    before = Gone(left.request, [], set(), [], closm.rows(), closm.files())
    assert {"wallets", "nft_mints", "nft_transfers"} <= before.holding(aki.wallet)
    assert left.holding(aki.wallet) == {"nft_mints"}
    (mint,) = [r for r in left.rows["nft_mints"] if aki.wallet in r]
    _id, owner, post, acknowledgement, *_ = mint.strip("()").split(", ")
    assert [owner, post, acknowledgement] == ["None"] * 3
    (chain,) = [e for e in left.entries if e.get("system") == "chain"]
    assert (chain["outcome"], chain["clauses"]) == ("impossible", ["CLOSM-9.3"])
    assert chain["detail"]["note"] == "link_cut"

"""One person asks what is held of her, then leaves: everybody outside is asked in the right order,
waited for, and nothing is said to be done before it is.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from click.testing import CliRunner

import seiyaku.app
from seiyaku.app import Home, open_home
from seiyaku.cli import cli
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.ids import RequestId
from seiyaku.plans.model import RunResult
from seiyaku.policy.model import RequestKind
from seiyaku.requests.identity import Proof
from seiyaku.testing.servers import Server

from .outside_world import CARRIER, Outside, outside

pytestmark = pytest.mark.slow
SATO = Actor("sato", "approver")
AKI = "1"


@dataclass
class Story:
    """What was seen at each stage.

    Args:
        package: what the disclosure held. journal: calls of the first attempt.
        said: what the command line printed, by command. states: of the request, in order.
    """

    world: Outside
    package: dict[str, Any] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    first: RunResult | None = None
    journal: list[tuple[str, str]] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    states: list[str] = field(default_factory=list)
    last: RunResult | None = None
    receipt: str = ""

    def outcomes(self, result: RunResult | None) -> dict[str, tuple[str, str]]:
        """Outcome and note of each dataset or system."""
        assert result is not None
        return {str(o.dataset or o.system): (o.outcome, o.note) for o in result.outcomes}


@pytest.fixture(scope="module")
def story(
    postgres: Server,
    localstripe_url: str,
    anvil_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("outside")
    with outside(folder, postgres, localstripe_url, anvil_url) as world:
        yield _told(Story(world))


def _told(story: Story) -> Story:
    world = story.world
    with opened(world) as home:
        _sees(story, home)
        request = _leaves(story, home)
    _confirms(story)
    with opened(world) as home:
        for task in home.tasks(request):
            home.complete_task(task.id, b"their answer", SATO)
        story.states.append(home.request(request).state)
        world.clock.advance(days=91)
        [story.last] = home.carry_on().results
        story.states.append(home.request(request).state)
        story.receipt = _verified(home, request)
    return story


@contextmanager
def opened(world: Outside) -> Iterator[Home]:
    with open_home(world.home, clock=world.clock) as home:
        yield home


def _carried_out(home: Home, kind: RequestKind) -> tuple[RequestId, RunResult]:
    request = home.receive(kind, person=AKI, language="en")
    home.show_identity(request.id, Proof("signed_in"))
    plan = home.plan(request.id)
    home.approve(plan.id, SATO)
    return request.id, home.run(plan.id)


def _sees(story: Story, home: Home) -> None:
    request, _ = _carried_out(home, "disclosure")
    with zipfile.ZipFile(home.package(request)) as package:
        document = json.loads(package.read("data.json"))
        story.files = package.namelist()
    story.package = {d["id"]: d["rows"] for d in document["datasets"]}
    story.world.journal.clear()


def _leaves(story: Story, home: Home) -> RequestId:
    request, story.first = _carried_out(home, "closure")
    story.journal = list(story.world.journal)
    story.states.append(home.request(request).state)
    home.letters.send()
    return request


def _confirms(story: Story) -> None:
    """On the command line: what is waited for, each answer taken in, the rest carried on."""
    home = story.world.folder / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seiyaku.app, "open_home", partial(open_home, clock=story.world.clock))
        story.said["waiting"] = _run("waiting", "--home", str(home), exits=4)
        listed = _run("order", "list", "--json", "--home", str(home), exits=4)
        letter = story.world.folder / "letter.pdf"
        letter.write_bytes(b"%PDF we deleted it")
        for order in json.loads(listed):
            name = order["order"]["id"]
            said = ("order", "confirm", name, str(letter), "--by", "sato", "--home", str(home))
            story.said[order["system"]] = _run(*said, exits=0)
        story.said["orders"] = _run("order", "list", "--home", str(home), exits=0)
        story.said["carry-on"] = _run("carry-on", "--home", str(home), exits=4)
        story.said["still"] = _run("waiting", "--home", str(home), exits=4)


def _run(*arguments: str, exits: int) -> str:
    ended = CliRunner().invoke(cli, arguments)
    assert ended.exit_code == exits, (arguments, ended.output, ended.exception)
    return ended.stdout


def _verified(home: Home, request: RequestId) -> str:
    receipt = home.receipt(request)
    key = home.parts.home / "published.key"
    key.write_text(f"{home.parts.log.keys().current}\n", "utf-8")
    command = [sys.executable, "-I", "-m", "seiyaku_verify", "receipt", str(receipt)]
    ended = subprocess.run(
        [*command, "--key", str(key)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_what_was_asked_to_be_seen_comes_from_everybody_who_can_be_read(story: Story) -> None:
    shown = {d for d, rows in story.package.items() if rows}
    assert shown >= {
        "app.users",
        "auth0.users",
        "auth0.sessions",
        "stripe.customers",
        "stripe.subscriptions",
        "stripe.payment_methods",
        "printful.orders",
        "cloudflare_images.images",
        "chain.transactions",
        "desk.tickets",
        "media.objects",
        "logs.access",
    }
    assert any("media.objects" in name for name in story.files)


def test_everybody_is_asked_in_the_right_order(story: Story) -> None:
    """Who still collects is told to stop, what is public goes, what runs is ended; then files."""
    asked = list(dict.fromkeys(system for system, _ in story.journal))
    assert set(asked[:2]) == {"google_analytics", "ad_network"}
    assert asked[2] == "cloudflare_images"
    assert set(asked[3:-1]) == {"stripe", "desk", "mail", "auth0"}
    assert asked[-1] == "media"


def _tables(story: Story, system: str, below: str) -> list[str]:
    """The kinds of records that were changed at a vendor, call by call."""
    return [call.partition(below)[2].split("/")[0] for s, call in story.journal if s == system]


def test_a_subscription_ends_before_its_customer_is_deleted(story: Story) -> None:
    found = _tables(story, "stripe", "/v1/")
    assert found == ["subscriptions", "payment_methods", "customers"]


def test_a_session_ends_before_its_account_is_deleted(story: Story) -> None:
    assert _tables(story, "auth0", "/api/v2/") == ["sessions", "users"]


def test_the_service_still_knew_her_when_the_vendors_were_asked(story: Story) -> None:
    assert story.world.seen == [1], "her row, when Stripe was asked to delete its customer"
    assert story.world.rows("SELECT count(*) FROM users WHERE id = 1") == [(0,)]


def test_what_is_not_final_keeps_the_request_open_and_is_named(story: Story) -> None:
    found = story.outcomes(story.first)
    assert found["google_analytics.clients"] == ("pending", "acknowledged")
    assert found["ad_network.aaid"] == ("pending", "acknowledged")
    assert found["carrier.parcels"] == ("pending", "waits_for_confirmation")
    assert found["stripe.charges"] == ("pending", "redaction_after_90_days")
    assert found["printful.orders"] == ("by_hand", "order_fulfilled")
    assert found["chain"] == ("impossible", "link_cut")
    assert found["app.orders"][0] == "kept_by_law"
    assert story.states[0] == "open"
    for system in ("google_analytics", "ad_network", "carrier", "stripe", "printful"):
        assert system in story.said["waiting"]


def test_each_confirmation_ends_what_waited_for_it(story: Story) -> None:
    assert {"carrier", "ad_network", "google_analytics"} <= set(story.said)
    assert "Orders" in story.said["orders"]
    for system in ("google_analytics", "ad_network", "carrier"):
        assert "confirmed" in story.said[system]
        assert system not in story.said["still"]
    assert "stripe" in story.said["still"]


def test_nobody_was_asked_twice(story: Story) -> None:
    """Neither by the second attempt nor by the third."""
    asked = [one for one in story.world.journal if one[0] in ("google_analytics", "ad_network")]
    assert len(asked) == len(set(asked)) == 2
    assert [to for _, to in story.world.journal if to == CARRIER] == [CARRIER]


def test_the_request_ends_with_the_last_of_them(story: Story) -> None:
    assert story.states == ["open", "open", "answered"], "tasks done, Stripe's day not come"
    found = story.outcomes(story.last)
    assert {o for o, _ in found.values()} == {"done", "nothing_found", "kept_by_law", "impossible"}
    assert story.world.preview.redacted, "what Stripe redacts after 90 days is redacted"


def test_nobody_outside_holds_her_any_more(story: Story) -> None:
    world, aki = story.world, story.world.world.person("aki")
    assert aki.email not in json.dumps(list(world.auth0.users.values()))
    customers = world.shop.call("GET", "/v1/customers")["data"]
    assert world.customer not in {c["id"] for c in customers}
    assert world.desk.tickets == {}
    assert len(world.images.images) == len(world.images.cached) > 0
    assert len(world.objects()) > 0
    assert world.rows("SELECT count(*) FROM wallets WHERE user_id = 1") == [(0,)]


def test_she_was_told_at_each_stage_and_the_receipt_verifies(story: Story) -> None:
    told = story.world.mailbox.told(story.world.world.person("aki").email)
    ready, _, pending, kept = told
    assert "your data is ready" in ready
    for place in ("Google Analytics", "advertising partner", "Stripe", "Printful", "carrier"):
        assert f"- {place}" in pending
    assert "28 February 2034" in kept
    assert "closure; impossible; people 1" in story.receipt.splitlines()[-3], "the chain's word"
    assert "THE RECEIPT IS TRUE" in story.receipt

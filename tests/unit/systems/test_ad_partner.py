"""A partner is asked in signed tokens; what it signs is a receipt, never a deletion."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from asked_world import asked_map, handles, planned
from seiyaku.datamap.system import Applied, Left
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId
from seiyaku.systems._shared.patience import Patience
from seiyaku.systems._shared.vendor import VendorSystem
from seiyaku.systems.ad_partner import Signer, ad_partner_system
from seiyaku.systems.ad_partner.tokens import written
from seiyaku.testing.bad_days import BadDay, Between, between
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.fakes.ddr_partner import DdrPartner, Key

RUN, AAID, IDFA = RunId("run-1"), "38400000-8cf0-11bd-b23e-10b96e40000d", "EA7583CD-A667"
DUE = date(2027, 1, 6)


class World:
    def __init__(self, proxy: Between, folder: Path) -> None:
        self.own, self.proxy, self.folder = Key("own-1"), proxy, folder
        self.partner = DdrPartner("ads.example", self.own)
        proxy.answers = self.partner
        self.clock = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
        self.opened: list[VendorSystem] = []

    def system(self, signer: Signer | None = None, *kinds: str) -> VendorSystem:
        self.datamap = asked_map("ad_partner", **dict.fromkeys(kinds or ("aaid", "idfa"), ""))
        system = ad_partner_system(
            "other",
            self.datamap.systems["other"],
            url=self.proxy.url,
            domain="ads.example",
            signer=signer or Signer("shop.example", "own-1", self.own.pem),
            memory=self.folder,
            clock=self.clock,
            patience=Patience(tries=2, first_s=0.01),
        )
        self.opened.append(system)
        return system

    def ask(self, signer: Signer | None = None, **known: str) -> Applied:
        known = known or {"aaid": AAID, "idfa": IDFA}
        system = self.system(signer, *known)
        self.steps, self.actions = planned(system, self.datamap, handles(**known))
        return system.apply(RUN, self.actions, handles(**known))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with between("http://127.0.0.1:9") as proxy:
        world = World(proxy, tmp_path / "memory")
        yield world
        for system in world.opened:
            system.close()
        assert world.partner.unknown == []


def test_a_receipt_is_acknowledged_and_not_deleted(world: World) -> None:
    applied = world.ask()
    waits = Left("pending", 1, "acknowledged", DUE)
    assert applied.left == {DatasetId("other.aaid"): waits, DatasetId("other.idfa"): waits}
    assert sum(applied.deleted.values()) == 0
    assert {s["identifierValue"] for s in world.partner.received} == {
        AAID,
        written(IDFA, "sha256"),
    }


def test_a_run_taken_up_again_asks_nobody_twice(world: World) -> None:
    first = world.ask()
    calls = len(world.proxy.calls)
    again = world.system().apply(RUN, world.actions, handles(aaid=AAID, idfa=IDFA))
    assert again.left == first.left
    assert again.again
    assert len(world.proxy.calls) == calls


def test_a_partner_that_stays_silent_is_asked_by_a_person_on_the_day(world: World) -> None:
    world.ask(aaid=AAID)
    world.clock.advance(days=45)
    late = world.system(None, "aaid").apply(RUN, world.actions, handles(aaid=AAID))
    assert late.left == {DatasetId("other.aaid"): Left("by_hand", 1, "acknowledged_not_confirmed")}


def test_an_identifier_a_partner_does_not_take_is_left_to_a_person(world: World) -> None:
    world.partner.identifiers = (("email", "sha256"),)
    applied = world.ask(aaid=AAID)
    assert applied.left == {DatasetId("other.aaid"): Left("by_hand", 1, "identifier_not_supported")}
    assert world.partner.received == []


def test_a_signature_the_partner_does_not_know_is_no_receipt(world: World) -> None:
    applied = world.ask(Signer("shop.example", "own-1", Key("other").pem), aaid=AAID)
    assert applied.left == {DatasetId("other.aaid"): Left("by_hand", 1, "refused_2")}


@pytest.mark.parametrize("forged", ["other_key", "other_request", "other_domain", "no_token"])
def test_an_answer_the_partner_did_not_sign_for_this_request_is_not_believed(
    world: World, forged: str
) -> None:
    honest = world.partner

    def answers(call: Any) -> Any:
        if call.method == "GET":
            return honest(call)
        liar = DdrPartner("evil.example" if forged == "other_domain" else "ads.example", world.own)
        liar.key = Key("partner-1") if forged == "other_key" else honest.key
        request = "another" if forged == "other_request" else call.body.decode()
        return 202, b"{}" if forged == "no_token" else liar.acknowledged(request, 0).encode()

    world.proxy.answers = answers
    with pytest.raises(SystemUnavailable) as caught:
        world.ask(aaid=AAID)
    assert caught.value.code == "SY324"
    assert AAID not in str(caught.value)


@pytest.mark.parametrize(
    ("day", "code"),
    [("failing", "SY322"), ("silent", "SY322"), ("throttled", "SY323"), ("half", "SY324")],
)
def test_bad_days_are_no_receipt(world: World, day: BadDay, code: str) -> None:
    world.proxy.spoil(*[day] * 9)
    with pytest.raises(SystemUnavailable) as caught:
        world.ask(aaid=AAID)
    assert caught.value.code == code


def test_nothing_that_is_kept_names_the_person(world: World) -> None:
    world.ask()
    kept = "".join(p.read_text() for p in world.folder.iterdir())
    assert AAID not in kept
    assert IDFA not in kept

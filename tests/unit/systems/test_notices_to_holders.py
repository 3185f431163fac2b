"""A holder without an API is told once, and the order stays open until it is confirmed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from asked_world import asked_map, handles, planned
from seiyaku.datamap.system import Applied, Left
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import Conflict, InvalidInput, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId
from seiyaku.systems._shared.patience import no_answer
from seiyaku.systems.notice import NoticeSystem, Told
from seiyaku.systems.notice.letter import by_mail, letter
from seiyaku.testing.clock import FixedClock

RUN, EMAIL = RunId("run-1"), "taro@example.com"
DATASET = DatasetId("other.email")


class Holder:
    """A seller, and what it was told."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.told = folder, list[Told]()
        self.clock = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
        self.datamap = asked_map("notice", email="")
        self.away = False

    def send(self, told: Told) -> None:
        if self.away:
            raise no_answer("other")
        self.told.append(told)

    def system(self) -> NoticeSystem:
        entry = self.datamap.systems["other"]
        return NoticeSystem("other", entry, self.send, self.folder, clock=self.clock)

    def order(self) -> Applied:
        system, known = self.system(), handles(email=EMAIL)
        _, actions = planned(system, self.datamap, known)
        return system.apply(RUN, actions, known)


@pytest.fixture
def holder(tmp_path: Path) -> Holder:
    return Holder(tmp_path / "memory")


def test_an_order_goes_out_once_and_stays_open(holder: Holder) -> None:
    first = holder.order()
    waits = Left("pending", 1, "waits_for_confirmation", date(2026, 12, 6))
    assert first.left == {DATASET: waits}
    assert holder.order().left == first.left
    (told,) = holder.told
    assert told.about == (("value", EMAIL),)
    assert [o.id for o in holder.system().orders.open()] == [told.order]


def test_a_confirmation_ends_the_run(holder: Holder) -> None:
    holder.order()
    order = holder.system().confirm(holder.told[0].order, b"we deleted it", "clerk")
    assert order.evidence == sha256_hex(b"we deleted it")
    last = holder.order()
    assert not last.left
    assert last.deleted == {DATASET: 1}
    assert holder.system().orders.open() == ()


def test_without_an_answer_a_person_asks_on_the_day(holder: Holder) -> None:
    holder.order()
    holder.clock.advance(days=14)
    assert holder.order().left == {DATASET: Left("by_hand", 1, "not_confirmed")}
    assert len(holder.told) == 1


def test_an_order_that_could_not_be_sent_goes_out_when_the_run_is_taken_up(holder: Holder) -> None:
    holder.away = True
    with pytest.raises(SystemUnavailable):
        holder.order()
    holder.away = False
    assert holder.order().left[DATASET].outcome == "pending"
    assert len(holder.told) == 1


def test_nobody_confirms_what_was_never_ordered(holder: Holder) -> None:
    with pytest.raises(InvalidInput) as caught:
        holder.system().confirm("unknown", b"", "clerk")
    assert caught.value.code == "SY133"


def test_a_contract_that_ends_orders_everything_back_until_a_certificate_comes(
    holder: Holder,
) -> None:
    system = holder.system()
    order = system.end_contract("C-2026-01")
    assert system.end_contract("C-2026-01") == order
    assert [t.kind for t in holder.told] == ["contract_end"]
    assert holder.told[0].about == ()
    assert system.orders.open() == (order,)
    system.confirm(order.id, b"certificate", "officer")
    assert holder.system().orders.open() == ()


def test_what_is_kept_of_an_order_names_nobody(holder: Holder) -> None:
    holder.order()
    assert EMAIL not in "".join(p.read_text() for p in holder.folder.iterdir())


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("kind", ["delete", "contract_end"])
def test_a_letter_says_what_is_asked_and_quotes_the_order(kind: str, language: str) -> None:
    told = Told("order-1", kind, (("email", EMAIL),) if kind == "delete" else ())
    made = letter(told, "privacy@seller.example", language)
    assert "order-1" in made.subject
    assert "order-1" in made.text
    assert (EMAIL in made.text) == (kind == "delete")
    assert made.essential
    assert made.once == "order-1"


def test_an_order_refused_at_the_door_did_not_go_out() -> None:
    send = by_mail(lambda _letter: "refused", "gone@seller.example")
    with pytest.raises(Conflict) as caught:
        send(Told("order-1", "delete", (("email", EMAIL),)))
    assert EMAIL not in str(caught.value)

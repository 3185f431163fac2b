"""Those who hold data of ours are told by letter; what they confirm ends what waits for it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from home_cases import SATO, Case

from promises import mailbox
from seiyaku.app import open_home
from seiyaku.app.settings import Place, Settings, write_settings
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import InvalidInput
from seiyaku.standing.model import Scope
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import World

CLERK = Actor("clerk", "handler")


@dataclass
class Sellers:
    """Nicori, whose sellers are written to, and what they were written."""

    case: Case
    box: mailbox.Mailbox
    buyer: str
    sellers: dict[str, str]

    def told(self) -> list[str]:
        """What sellers were told, each letter once for whom it went to."""
        return [text for address in self.sellers.values() for text in self.box.told(address)]

    def deleted(self) -> tuple[str, str]:
        """The request and the plan of the buyer's erasure, run once."""
        request, result = self.case.done("deletion", self.buyer)
        return request.id, result.plan


def _sellers(home: Path) -> tuple[str, list[str]]:
    """A buyer of two sellers, and who they are."""
    with closing(sqlite3.connect(home / "app.db")) as db, db:
        rows = db.execute(
            "SELECT o.member_id, p.id, p.seller_id FROM provisions p JOIN orders o"
            " ON o.id = p.order_id WHERE p.seller_id IS NOT NULL ORDER BY o.member_id, p.id"
        ).fetchall()
        buyer = next(m for m, _, _ in rows if len({p for n, p, _ in rows if n == m}) > 1)
        mine = [(p, s) for m, p, s in rows if m == buyer]
        others = db.execute("SELECT id FROM sellers WHERE id <> ? ORDER BY id", (mine[0][1],))
        other = others.fetchone()[0]
        for provision, _ in mine[1:]:
            db.execute("UPDATE provisions SET seller_id = ? WHERE id = ?", (other, provision))
    return str(buyer), [str(mine[0][1]), str(other)]


@pytest.fixture
def nicori(generated: Callable[[str], World], tmp_path: Path) -> Iterator[Sellers]:
    world, clock = generated("nicori"), FixedClock("2026-11-20T09:00:00+09:00")
    home = tmp_path / "home"
    shutil.copytree(world.home, home)
    buyer, two = _sellers(home)
    sellers = {s: f"privacy@shop-{s}.example" for s in two}
    lines = "".join(f'"{s}": {address}\n' for s, address in sellers.items())
    (home / "sellers.yaml").write_text(lines, "utf-8")
    with mailbox.running() as box:
        places: dict[str, str | Place] = {
            n: p.name for n, p in {**world.databases, **world.folders}.items()
        }
        places["seller_copies"] = Place(
            path="sellers.yaml",
            url=box.url,
            options={"from": "privacy@nicori.example", "holder": "seller_id", "language": "en"},
        )
        write_settings(home, Settings(seiyaku_home=1, service="nicori", systems=places))
        with open_home(home, clock=clock) as opened:
            yield Sellers(Case(opened, world, clock), box, buyer, sellers)


def test_each_seller_is_told_of_their_own_orders_alone(nicori: Sellers) -> None:
    nicori.deleted()
    for seller, address in nicori.sellers.items():
        letters = nicori.box.told(address)
        assert letters, seller
        assert all("order_id:" in text and "seller_id" not in text for text in letters)
    orders = nicori.case.home.orders()
    assert {o.order.holder for o in orders} == set(nicori.sellers)
    assert len({o.order.id for o in orders}) == len(orders) == len(nicori.told())


def test_a_request_ends_with_the_last_sellers_confirmation(nicori: Sellers) -> None:
    home = nicori.case.home
    request, _ = nicori.deleted()
    for task in home.tasks(request):
        home.complete_task(task.id, b"done", SATO)
    first, *rest = home.orders()
    home.confirm_order(first.order.id, b"we deleted it", CLERK)
    home.carry_on()
    assert home.request(request).state == "open", "another seller has not answered"
    for other in rest:
        confirmed = home.confirm_order(other.order.id, b"so did we", CLERK)
        assert (confirmed.order.answer, confirmed.order.by) == ("confirmed", "clerk")
        assert confirmed.request == request
    home.carry_on()
    assert home.request(request).state == "answered"
    assert home.orders() == ()
    assert len(home.orders(ended=True)) == len(rest) + 1
    assert len(nicori.told()) == len(rest) + 1, "nobody was told twice"


def test_an_order_is_confirmed_by_a_file_and_witnessed(nicori: Sellers) -> None:
    home = nicori.case.home
    nicori.deleted()
    name = home.orders()[0].order.id
    with pytest.raises(InvalidInput) as caught:
        home.confirm_order(name, b"", CLERK)
    assert caught.value.code == "SY183"
    before = home.parts.log.size
    order = home.confirm_order(name, b"letter", CLERK).order
    entry = home.parts.log_reader().entry(before)
    assert entry.digests["report"] == order.evidence
    assert (entry.system, entry.actor, entry.outcome) == ("seller_copies", "clerk", "done")
    assert home.confirm_order(name, b"another", SATO).order == order, "once confirmed, it stays"
    assert home.parts.log.size == before + 1


def test_nobody_confirms_in_time_and_a_person_asks(nicori: Sellers) -> None:
    home = nicori.case.home
    request, _ = nicori.deleted()
    nicori.case.clock.advance(days=15)
    home.carry_on()
    waits = [w for o in home.waiting() for w in o.waits if w.system == "seller_copies"]
    assert {(w.need, w.why) for w in waits} == {("person", "not_confirmed")}
    for order in home.orders():
        home.confirm_order(order.order.id, b"late, but done", CLERK)
    home.carry_on()
    assert "seller_copies" not in {w.system for o in home.waiting() for w in o.waits}
    assert "seller_copies" not in {t.system for t in home.tasks(request)}, "nobody's task any more"
    assert home.request(request).state == "open", "the others' tasks wait still"


def test_a_seller_without_address_is_a_persons_to_reach(nicori: Sellers) -> None:
    home = nicori.case.home
    (home.parts.home / "sellers.yaml").write_text('"0": privacy@nobody.example\n', "utf-8")
    _, result = nicori.case.done("deletion", nicori.buyer)
    found = {(o.outcome, o.note) for o in result.outcomes if o.system == "seller_copies"}
    assert found == {("by_hand", "no_address")}
    assert nicori.told() == []


def test_what_letters_do_not_name_is_corrected_by_a_person(nicori: Sellers) -> None:
    request, _ = nicori.case.done(
        "correction", nicori.buyer, scope=Scope(items=("postal_address",)), value="京都市中京区1-1"
    )
    tasks = {t.system: t.items for t in nicori.case.home.tasks(request.id)}
    assert tasks["seller_copies"] == ("postal_address",)


def test_the_end_of_a_contract_is_open_until_its_certificate_is_a_fact(nicori: Sellers) -> None:
    home, (seller, _) = nicori.case.home, nicori.sellers
    ordered = home.end_contract("seller_copies", "C-7", CLERK, seller)
    assert home.end_contract("seller_copies", "C-7", CLERK, seller).order == ordered.order
    [text] = nicori.box.told(nicori.sellers[seller])
    assert "End of contract" in text
    assert [o.order.kind for o in home.orders()] == ["contract_end"]
    home.confirm_order(ordered.order.id, b"certificate", CLERK)
    fact = home.assurances().live("deletion_certificate", seller, None, nicori.case.clock.now())
    assert fact
    assert home.orders() == ()


@pytest.mark.parametrize(
    ("system", "holder", "code"),
    [("app", "", "SY176"), ("carriers", "", "SY176"), ("seller_copies", "nobody", "SY177")],
)
def test_a_contract_ends_with_somebody_who_is_told_by_letter(
    nicori: Sellers, system: str, holder: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        nicori.case.home.end_contract(system, "C-7", CLERK, holder)
    assert caught.value.code == code

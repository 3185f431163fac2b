"""Articles 2.1d and 2.1e at the doors: what goes to a seller, and what partners send."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from seiyaku.assurance import Membership
from seiyaku.doors.egress.httpx_transport import GuardedTransport
from seiyaku.doors.handling import handling
from seiyaku.kernel import PersonId
from seiyaku.releases import Party
from seiyaku.standing import Consent, Scope
from seiyaku.testing.promises import promise
from unit.doors.outgoing_world import Counterpart, counterpart

from ..homes import AT, SINCE, Copies, Installed, with_calls

ORDER = {"name": "Misaki Sato", "address": "Kyoto 5-16"}


@pytest.fixture
def sellers() -> Iterator[tuple[Counterpart, Counterpart]]:
    """Two sellers, listening."""
    with counterpart() as one, counterpart() as two:
        yield one, two


def _agreed(person: PersonId, seller: str) -> Consent:
    given, shown = AT.replace(hour=8), AT.replace(hour=7)
    scope = Scope(("name", "postal_address"), ("shipping",), (seller,))
    return Consent(person, given, scope, "undated", presented_at=shown)


@promise("NICO-2.1e")
def test_a_seller_gets_buyers_of_its_own_orders_and_each_giving_is_on_record(
    opened: Copies, sellers: tuple[Counterpart, Counterpart]
) -> None:
    """Given one order with the first seller, and the buyer's agreement to that; the address goes
    to this seller for this order, in declared fields only, and the record says order, seller,
    fields and time, never a value. For an order with the other seller it goes to neither.
    """
    endpoint = {"path": "/orders", "json": {"name": "name", "address": "postal_address"}}
    entry = {"recipient": "sellers", "endpoints": [endpoint]}
    calls = {
        word: {**entry, "member": word, "hosts": [there.url]}
        for word, there in zip(("s1", "s2"), sellers, strict=True)
    }
    mine = opened(with_calls("nicori", calls))
    buyer = mine.world.person("aki").id
    mine.home.enrol(*(Membership("sellers", s, SINCE, countries=("JP",)) for s in calls))
    mine.home.releases.name(*(Party(s, f"Shop {s}", "Kyoto 1-1", "T. Ito") for s in calls))
    mine.home.record(_agreed(buyer, "s1"))
    door = mine.home.doors.egress(mode="enforce")
    one, two = sellers
    bought = {"person": buyer, "purpose": "shipping"}
    with httpx.Client(transport=GuardedTransport(door)) as client:
        with handling(**bought, relation="buyer_of", reference="order-1"):
            client.post(f"{one.url}/orders", json={**ORDER, "email": "aki@example.jp"})
            client.post(f"{two.url}/orders", json=ORDER)
        with handling(**bought, reference="order-2"):
            client.post(f"{one.url}/orders", json=ORDER)
    assert [r.json() for r in one.received] == [ORDER, {}]
    assert [r.json() for r in two.received] == [{}]
    (release,) = mine.home.releases.of_person(buyer)
    assert (release.reference, release.recipient) == ("order-1", "s1")
    assert (set(release.items), release.at) == ({"name", "postal_address"}, AT)
    assert release.state == "sent"
    assert "Kyoto 5-16" not in repr(release)


@promise("NICO-2.1d")
def test_rows_of_a_partner_nobody_registered_are_set_aside(
    mine: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    """Given two feeds of purchases, one from a partner in the register and one from `zeta`, whom
    nobody knows; every row of the second is set aside as of an unknown source, by 2.1d, nothing
    of it is logged; the rows of the first come in. What a partner may not give is set aside too.
    """
    caplog.set_level("DEBUG")
    mine.home.enrol(Membership("partners", "acme", SINCE))
    rows = [{"member": mine.world.person(p).id, "bought": f"tea {p}"} for p in ("aki", "ben")]
    fields = {"bought": "partner_transaction"}
    doors = mine.home.doors
    unknown = doors.feeds().feed("partner", "zeta", rows, fields, person="member")
    assert unknown.let_in == ()
    assert [(s.number, s.why, s.cites) for s in unknown.set_aside] == [
        (n, "unknown_source", ("NICO-2.1d",)) for n in (1, 2)
    ]
    assert "tea aki" not in caplog.text + repr(unknown)
    known = doors.feeds().feed("partner", "acme", rows, fields, person="member")
    assert (known.let_in, known.set_aside) == (tuple(rows), ())
    cards = doors.feeds().feed("partner", "acme", rows, {"bought": "card_number"}, "member")
    assert {s.why for s in cards.set_aside} == {"not_permitted"}
    assert not cards.let_in
    nobody = doors.feeds().feed("partner", "acme", [{"bought": json.dumps(rows[0])}], fields)
    assert [s.why for s in nobody.set_aside] == ["person_unstated"]

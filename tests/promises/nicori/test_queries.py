"""Articles 3.1 and 4 at the door of the database: one's own orders; staff with pledge and grant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from seiyaku.assurance import Assurance
from seiyaku.kernel import NotPermitted
from seiyaku.testing.promises import promise

from ..homes import AT, SINCE, Installed, adult, granted, last_reading, used

ITEMS = ("name", "postal_address", "phone", "email", "payment_method", "membership_record")
BOUGHT = ("service_received", "purchase", "billing_amount", "payment")


def _pledged(mine: Installed, staff: str) -> None:
    pledge = Assurance("staff_pledge", staff, SINCE, "pledge 7", by="sato")
    mine.home.assure(pledge)


@promise("NICO-3.1")
def test_members_see_their_registration_and_orders_and_nobody_elses(mine: Installed) -> None:
    """Given a member with orders; registration, way of paying, orders and payments may be shown,
    citing 3.1. Through the door the member sees the own ones: the order of another member, asked
    for by its number, is not there, and neither is what was paid for it.
    """
    aki = adult(mine.home, mine.world.person("aki").id)
    assert "NICO-3.1" in used(mine.home, aki, "self_view", (*ITEMS, *BOUGHT))
    own = mine.sql("SELECT id, billing_amount FROM orders WHERE member_id = ?", aki)
    assert own
    assert mine.query("SELECT id, billing_amount FROM orders", "self_view", person=aki) == own
    ((other, whose),) = mine.sql(
        "SELECT o.id, o.member_id FROM orders o JOIN payments p ON p.order_id = o.id "
        "WHERE o.member_id <> ? ORDER BY o.id LIMIT 1",
        aki,
    )
    order, paid = (
        "SELECT id FROM orders WHERE id = :n",
        "SELECT amount FROM payments WHERE order_id = :n",
    )
    assert mine.query(order, "self_view", person=aki, n=other) == []
    assert mine.query(paid, "self_view", person=aki, n=other) == []
    assert mine.query(order, "self_view", person=str(whose), n=other) == [(other,)]
    assert mine.query(paid, "self_view", person=str(whose), n=other)
    (last4,) = mine.query("SELECT last4 FROM payment_methods", "self_view", person=aki)
    assert [last4] == mine.sql("SELECT last4 FROM payment_methods WHERE member_id = ?", aki)


@promise("NICO-4.2a")
def test_who_packs_sees_the_address_of_the_parcel_and_no_mail_address(mine: Installed) -> None:
    """Given somebody who packs, with a pledge; without a grant nothing is read at all. With one
    for shipping, a mail address is refused, and the address of the member whose parcel is packed
    is there, of this member alone; each reading is written down.
    """
    _pledged(mine, "packer_2")
    ((buyer,),) = mine.sql(
        "SELECT o.member_id FROM shipments s JOIN orders o ON o.id = s.order_id "
        "WHERE o.member_id IS NOT NULL LIMIT 1"
    )
    words = {"staff": "packer_2", "person": str(buyer), "refused": "error"}
    address = (
        "SELECT DISTINCT m.address FROM members m JOIN orders o ON o.member_id = m.id "
        "JOIN shipments s ON s.order_id = o.id"
    )
    with pytest.raises(NotPermitted) as refused:
        mine.query(address, "shipping", **words)
    assert refused.value.code == "SY291"
    mine.home.doors.grant(granted("packer_2", "shipping"))
    with pytest.raises(NotPermitted) as mail:
        mine.query("SELECT email FROM members", "shipping", **words)
    assert mail.value.code == "SY234"
    assert mine.query(address, "shipping", **words) == mine.sql(
        "SELECT address FROM members WHERE id = ?", buyer
    )
    read = last_reading(mine.home)
    assert (read.actor, read.outcome, read.clauses) == ("packer_2", "permitted", ("NICO-4.2a",))
    assert set(read.system.split(",")) == {"app.members", "app.orders", "app.shipments"}


@promise("NICO-4.1b")
def test_nobody_is_granted_anything_before_the_pledge(mine: Installed) -> None:
    """Given staff without a pledge on file; a grant is refused, naming what is missing, and
    nothing is recorded. With the pledge on file it is given, and both are in the evidence.
    """
    grant = granted("ito", "support")
    with pytest.raises(NotPermitted) as refused:
        mine.home.doors.grant(grant)
    assert refused.value.code == "SY293"
    assert "staff_pledge" in str(refused.value)
    assert grant not in mine.home.assurances().facts
    _pledged(mine, "ito")
    mine.home.doors.grant(grant)
    assert grant in mine.home.assurances().facts
    log = mine.home.parts.log_reader()
    size = log.checkpoint().size
    assert [log.entry(n).act for n in range(size - 2, size)] == ["staff_pledge", "staff_grant"]


@promise("NICO-4.3a")
def test_who_left_reads_nothing_any_more(mine: Installed) -> None:
    """Given staff with a live grant who left yesterday; their readings are refused, though the
    grant's end is far, and no new one is given. Those who stay read on.
    """
    for who in ("ito", "abe"):
        _pledged(mine, who)
        mine.home.doors.grant(granted(who, "support"))
    query = "SELECT name FROM members"
    assert mine.query(query, "support", staff="ito")
    left = AT - timedelta(days=1)
    mine.home.assure(Assurance("staff_left", "ito", left, "personnel file 4", by="sato"))
    for attempt in (
        lambda: mine.query(query, "support", staff="ito"),
        lambda: mine.home.doors.grant(granted("ito", "shipping")),
    ):
        with pytest.raises(NotPermitted) as refused:
            attempt()
        assert refused.value.code == "SY294"
    assert mine.query(query, "support", staff="abe")

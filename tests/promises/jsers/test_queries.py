"""Articles 2.6 and 3.3 at the door of the database: one's own rows; staff who were trained."""

from __future__ import annotations

import pytest

from seiyaku.assurance import Assurance
from seiyaku.kernel import NotPermitted
from seiyaku.testing.promises import promise

from ..homes import SINCE, Installed, adult, granted, used

ITEMS = ("name", "birth_date", "postal_address", "phone", "email")


@promise("JSER-2.6")
def test_customers_see_their_own_rows_and_deleting_them_erases(mine: Installed) -> None:
    """Given an active adult; registration and use may be shown, citing 2.6. Through the door the
    rows of another customer are not there. Deleting the own registration erases the row's data
    wherever it lies: it is no flag.
    """
    aki, ben = (adult(mine.home, mine.world.person(p).id) for p in ("aki", "ben"))
    items = (*ITEMS, "registration_record", "usage_record")
    assert "JSER-2.6" in used(mine.home, aki, "self_view", items)
    for table, owner in (("customers", "id"), ("usage_records", "customer_id")):
        query = f"SELECT id FROM {table}"
        own = mine.sql(f"{query} WHERE {owner} = ?", aki)
        assert own
        assert mine.query(query, "self_view", person=aki) == own
    query = "SELECT id FROM customers WHERE id = :id"
    assert mine.query(query, "self_view", person=aki, id=ben) == []
    assert len(mine.query(query, "self_view", person=ben, id=ben)) == 1
    values = mine.sql("SELECT name, phone, email FROM customers WHERE id = ?", aki)[0]
    mine.carry_out("deletion", aki, channel="settings")
    left = mine.sql("SELECT name, phone, email FROM customers WHERE id = ?", aki)
    assert not set(values) & {value for row in left for value in row}
    assert mine.sql("SELECT id FROM usage_records WHERE customer_id = ?", aki) == []


@promise("JSER-3.3")
def test_nobody_is_granted_anything_before_the_training(mine: Installed) -> None:
    """Given staff whose training is not on file; a grant for support is refused, naming what is
    missing. Once trained it is given, and inquiries can be read.
    """
    grant = granted("staff_4", "support")
    with pytest.raises(NotPermitted) as refused:
        mine.home.doors.grant(grant)
    assert refused.value.code == "SY293"
    assert "staff_training" in str(refused.value)
    with pytest.raises(NotPermitted):
        mine.query("SELECT body FROM inquiries", "support", staff="staff_4")
    mine.home.assure(Assurance("staff_training", "staff_4", SINCE, "course 3", by="sato"))
    mine.home.doors.grant(grant)
    assert mine.query("SELECT body FROM inquiries", "support", staff="staff_4")

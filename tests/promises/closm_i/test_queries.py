"""Articles 3.4, 4 and 8 at the door of the database: for which purpose, by whom, what never."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from seiyaku.kernel import InvalidInput, NotPermitted
from seiyaku.testing.promises import promise

from ..homes import UNTIL, adult, granted, last_reading, through_door, used
from .conftest import AT, Closm

CARD = "4242 4242 4242 4242"


@promise("CLOSM-4.1")
def test_the_service_reads_what_it_needs_and_no_phone_of_a_parcel(mine: Closm) -> None:
    """Given an active adult; what the service needs of account, profile, posts, follows and
    favourites is permitted, citing 4.1 and the version. Through the database's door the rows come
    for this purpose; a phone number kept for parcels is refused before anything is read.
    """
    person = adult(mine.home, mine.world.person("aki").id)
    items = ("email", "username", "nickname", "bio", "color_settings", "post", "follow", "favorite")
    assert "CLOSM-4.1" in used(mine.home, person, "service", items)
    for table in ("users", "user_profiles", "posts", "follows", "favorites"):
        held = mine.sql(f"SELECT COUNT(*) FROM {table}")
        query = f"SELECT COUNT(*) FROM {table}"
        assert through_door(mine.home, query, "service", refused="error") == held
    query = "SELECT phone FROM shipping_addresses"
    with pytest.raises(NotPermitted) as refused:
        through_door(mine.home, query, "service", refused="error")
    assert refused.value.code == "SY234"
    assert "`app.shipping_addresses.phone`" in str(refused.value)
    phones = through_door(mine.home, "SELECT phone FROM shipping_addresses", "service")
    assert {phone for (phone,) in phones} <= {None}
    assert all(p for (p,) in through_door(mine.home, query, "ship_goods"))


@promise("CLOSM-8.1.2")
def test_staff_without_a_grant_read_nothing_and_each_reading_is_written_down(mine: Closm) -> None:
    """Given staff without a grant for shipping; reading addresses is refused and written down by
    staff, table and time. With a grant the rows come, and of other tables what shipping needs
    only; a grant that never ends cannot be given.
    """
    query = "SELECT name, phone FROM shipping_addresses"
    with pytest.raises(NotPermitted) as refused:
        through_door(mine.home, query, "ship_goods", staff="mori")
    assert refused.value.code == "SY291"
    denied = last_reading(mine.home)
    assert (denied.act, denied.outcome, denied.actor) == ("read", "refused_SY291", "mori")
    assert (denied.system, denied.at) == ("app.shipping_addresses", AT)
    assert denied.clauses == ("CLOSM-8.1.2",)
    mine.home.doors.grant(granted("mori", "ship_goods"))
    rows = through_door(mine.home, query, "ship_goods", staff="mori")
    assert sorted(rows) == sorted(mine.sql(query))
    assert last_reading(mine.home).outcome == "permitted"
    hidden = through_door(mine.home, "SELECT bio FROM user_profiles", "ship_goods", staff="mori")
    assert not any(bio for (bio,) in hidden)
    with pytest.raises(NotPermitted):
        through_door(mine.home, query, "support", staff="mori")
    with pytest.raises(InvalidInput):
        mine.home.doors.grant(replace(granted("mori", "support"), until_at=None))
    mine.clock.set(UNTIL + timedelta(seconds=1))
    with pytest.raises(NotPermitted) as ended:
        through_door(mine.home, query, "ship_goods", staff="mori")
    assert ended.value.code == "SY292"


@promise("CLOSM-3.4n")
@pytest.mark.parametrize(
    "card", [CARD, "4242424242424242", "４２４２－４２４２－４２４２－４２４２"]
)
def test_a_card_number_is_not_written_and_found_where_somebody_wrote_it(
    mine: Closm, card: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a note of a payment that holds a card number; writing it through the door is refused
    by 3.4n, as a value, in the text of the statement or in an update, and nothing of it is shown.
    Written behind the door's back, the check names table, column and row, never the value. A
    number that is none of a card is written.
    """
    note = f'{{"note": "{card}"}}'
    update = "UPDATE payments SET meta_json = :note WHERE id = 1"
    before = mine.sql("SELECT id, meta_json FROM payments")
    written = (
        (update, {"note": note}),
        (f"UPDATE payments SET meta_json = '{card}' WHERE id = 1", {}),
        ("INSERT INTO payments (id, meta_json) VALUES (9000, :note)", {"note": note}),
    )
    for statement, values in written:
        with pytest.raises(NotPermitted) as refused:
            through_door(mine.home, statement, "billing", **values)
        assert refused.value.code == "SY295"
        assert "CLOSM-3.4n" in str(refused.value)
        assert card not in str(refused.value) + str(refused.value.hint) + caplog.text
    assert mine.sql("SELECT id, meta_json FROM payments") == before
    mine.sql("UPDATE payments SET meta_json = ? WHERE id = 1", note)
    (found,) = (f for f in mine.home.check_db() if f.rule == "forbidden-item")
    assert found.clause == "3.4n"
    assert all(word in found.message for word in ("app.payments.meta_json", "row `1`"))
    assert card not in found.message
    through_door(mine.home, update, "billing", note='{"note": "4242 4242 4242 4243"}')
    assert mine.sql("SELECT meta_json FROM payments WHERE id = 1") != before[:1]

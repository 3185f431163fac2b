"""Articles 2.16, 4.2 and 11.1: data is kept current, and people are told what is done with it."""

from __future__ import annotations

from datetime import timedelta

from seiyaku.testing.promises import promise

from ..homes import AT, Copies, Installed, used
from ..mailbox import mailing, running


def _confirmed(mine: Installed, person: str, days_ago: int) -> None:
    """Everybody confirmed their data yesterday, but this customer."""
    yesterday, then = AT - timedelta(days=1), AT - timedelta(days=days_ago)
    mine.sql("UPDATE customers SET last_confirmed_at = ?", yesterday.isoformat())
    mine.sql("UPDATE customers SET last_confirmed_at = ? WHERE id = ?", then.isoformat(), person)


@promise("CAST-4.2")
def test_who_long_confirmed_nothing_is_reminded_once(opened: Copies) -> None:
    """Given a customer whose last word that their data is right is 24 months old, with a year as
    the interval; the daily run sends one reminder, to them alone, and the next day none. Once
    they confirmed, the finding is gone; the service is open to them all the while.
    """
    with running() as mailbox:
        mine = opened(mailing("custom-cast", "app.customers", mailbox.url))
        ben = mine.world.person("ben")
        _confirmed(mine, ben.id, 730)
        stale = [f for f in mine.home.days.check().found if f.code == "data-stale"]
        assert [(f.subject, f.cite) for f in stale] == [("app.customers", "CAST-11.1")]
        assert [to for to, _ in mailbox.taken] == [ben.email]
        assert "登録内容をご確認ください" in mailbox.told(ben.email)[0]
        mine.clock.advance(days=1)
        mine.home.days.check()
        assert len(mailbox.taken) == 1
        (asked,) = mine.home.accuracy.stale()
        assert asked.reminded_at == AT
        assert mine.ask(ben.id, "use", "name", purpose="service").permitted
        _confirmed(mine, ben.id, 1)
        assert "data-stale" not in {f.code for f in mine.home.days.check().found}
        assert mine.home.accuracy.stale() == ()


@promise("CAST-11.1")
def test_an_order_with_a_stale_address_shows_a_warning_with_its_reason_and_where_to_update(
    mine: Installed,
) -> None:
    """Given a customer whose address was not confirmed for two years, and who orders something;
    what is shown names the address, why it is doubted, since when and where to update it, by
    11.1, and the order is not stopped. Somebody who confirmed is shown nothing, and so is one
    use that needs none of it.
    """
    ben, aki = (mine.world.person(short).id for short in ("ben", "aki"))
    _confirmed(mine, ben, 730)
    mine.home.days.check()
    shown = {line.about: line for line in mine.home.accuracy.warnings(ben, "shipping")}
    address = shown["postal_address"]
    assert address.cite == "CAST-11.1"
    assert "not confirmed since 2024-11-20" in address.text.en
    assert "To update it: " in address.text.en
    assert "104-0061" in address.text.ja
    assert "確認されていません" in address.text.ja
    assert mine.ask(ben, "use", "postal_address", purpose="shipping").permitted
    assert mine.home.accuracy.warnings(aki, "shipping") == ()
    other = {line.about for line in mine.home.accuracy.warnings(ben, "important_notice")}
    assert other == {"email"}


@promise("CAST-2.16")
def test_a_use_of_an_upload_that_nobody_was_told_of_is_reported(mine: Installed) -> None:
    """Given a customer with uploads; address, uploads and their uses serve to tell them of it, by
    2.16 and under this version. A use of which nobody was told is reported with its row once 30
    days have passed, not before, and no more once it was told.
    """
    aki = mine.world.person("aki").id
    common = used(mine.home, aki, "content_notice", ("email", "upload", "content_use"))
    assert "CAST-2.16" in common
    mine.sql("UPDATE content_uses SET notified_at = used_at")
    assert mine.home.accuracy.untold() == {}
    (key, *_) = [k for (k,) in mine.sql("SELECT id FROM content_uses WHERE customer_id = ?", aki)]
    silent = "UPDATE content_uses SET notified_at = NULL, used_at = ? WHERE id = ?"
    mine.sql(silent, (AT - timedelta(days=29)).isoformat(), key)
    assert mine.home.accuracy.untold() == {}
    mine.clock.advance(days=2)
    assert mine.home.accuracy.untold() == {"app.content_uses": (str(key),)}
    found = [f for f in mine.home.days.check().found if f.code == "use-untold"]
    assert [(f.subject, f.cite) for f in found] == [("app.content_uses", "CAST-2.16")]
    mine.sql("UPDATE content_uses SET notified_at = ? WHERE id = ?", AT.isoformat(), key)
    assert "use-untold" not in {f.code for f in mine.home.days.check().found}

"""Articles 5.3 and 6.13 at the door of the database: grants that end, and never a card number."""

from __future__ import annotations

from datetime import timedelta

import pytest

from seiyaku.kernel import NotPermitted
from seiyaku.testing.promises import promise

from ..homes import AT, Installed, granted, last_reading

QUERY = "SELECT url FROM browsing_events"
CARD = "4242 4242 4242 4242"


@promise("DESK-5.3")
def test_an_analyst_whose_grant_ended_reads_nothing_until_it_is_renewed(mine: Installed) -> None:
    """Given an analyst whose grant for measuring ended yesterday; reading what was browsed is
    refused as ended, and written down by staff, table and time. With the grant renewed the rows
    come.
    """
    mine.home.doors.grant(granted("analyst_1", "measure", AT - timedelta(days=1)))
    with pytest.raises(NotPermitted) as refused:
        mine.query(QUERY, "measure", staff="analyst_1")
    assert refused.value.code == "SY292"
    denied = last_reading(mine.home)
    assert (denied.actor, denied.system, denied.at) == ("analyst_1", "app.browsing_events", AT)
    assert (denied.outcome, denied.clauses) == ("refused_SY292", ("DESK-5.3",))
    mine.home.doors.grant(granted("analyst_1", "measure"))
    rows = mine.query(QUERY, "measure", staff="analyst_1")
    assert rows
    assert set(rows) <= set(mine.sql(QUERY))
    assert last_reading(mine.home).outcome == "permitted"


@promise("DESK-6.13")
def test_a_card_number_in_a_form_is_not_written(
    mine: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    """Given the form for contact whose text holds a card number; writing it is refused by 6.13,
    the number stands in no error and no log, and no row is there. Without it the form is kept.
    """
    statement = (
        "INSERT INTO form_inputs (id, user_id, form, payload_json, at) "
        "VALUES (9001, 1, 'contact', :payload, '2026-11-20 00:00:00')"
    )
    with pytest.raises(NotPermitted) as refused:
        mine.query(statement, "support", payload=f'{{"text": "charge {CARD} please"}}')
    assert refused.value.code == "SY295"
    assert all(word in str(refused.value) for word in ("card_number", "DESK-6.13"))
    assert "4242" not in f"{refused.value} {refused.value.hint} {caplog.text}"
    kept = "SELECT COUNT(*) FROM form_inputs WHERE id = 9001"
    assert mine.sql(kept) == [(0,)]
    mine.query(statement, "support", payload='{"text": "please call"}')
    assert mine.sql(kept) == [(1,)]

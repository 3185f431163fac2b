"""Article 4.3: statistics with nobody in them, for the house alone."""

from __future__ import annotations

from pathlib import Path

from seiyaku.assurance import Membership
from seiyaku.releases import Column, suppress_small_groups
from seiyaku.testing.promises import promise

from ..homes import SINCE, Installed

COLUMNS = {"device": Column("group", ("device_info",)), "people": Column("count")}


@promise("DESK-4.3c")
def test_statistics_leave_out_small_groups_and_stay_in_the_house(
    mine: Installed, tmp_path: Path
) -> None:
    """Given a group of two users and one of fifty; counted whole, the table may not be used, by
    4.3c. With small groups left out the fifty are there, the two are not, and it may be used
    inside. Sent to an advertiser it is refused: nobody but the house gets it.
    """
    rows = [{"device": "tablet", "people": "2"}, {"device": "phone", "people": "50"}]
    file = tmp_path / "devices.csv"
    file.write_text("device,people\ntablet,2\nphone,50\n", "utf-8")
    ask = mine.home.may_release
    small = ask("improvement_statistics", file, columns=COLUMNS)
    assert (small.outcome, small.reasons[0].code) == ("refused", "group_too_small")
    assert {r.cite for r in small.reasons} == {"DESK-4.3c"}
    kept = suppress_small_groups(rows, "people", 5)
    assert [row["device"] for row in kept] == ["phone"]
    file.write_text("device,people\nphone,50\n", "utf-8")
    assert ask("improvement_statistics", file, columns=COLUMNS).permitted
    mine.home.enrol(Membership("advertisers", "soap_co", SINCE, countries=("JP",)))
    sent = ask("improvement_statistics", file, columns=COLUMNS, recipient="soap_co")
    assert (sent.outcome, sent.reasons[0].code) == ("refused", "not_for_recipient")
    named = ask(
        "improvement_statistics", file, columns={**COLUMNS, "device": Column("group", ("email",))}
    )
    assert {r.code for r in named.reasons} == {"item_not_for_export"}

"""Articles 2.10, 2.17 and 2.19: what leaves with nobody in it, and what is published of it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from seiyaku.evidence import Entry
from seiyaku.gate import ExportDecision
from seiyaku.releases import Column, Transform, suppress_rare_rows, suppress_small_groups
from seiyaku.testing.promises import promise

from ..homes import Installed, cites, codes
from .conftest import in_order

SPONSOR = "sponsor_z"
LAB = "lab_y"
COUNTED = {"os": Column("group", ("device_type",)), "people": Column("count")}
PLACED = {
    "os": Column("group", ("device_type",)),
    "lat": Column("group", ("location",)),
    "lon": Column("group", ("location",)),
    "month": Column("group", ("location",)),
}
BY_OS = "SELECT os, COUNT(DISTINCT customer_id) AS people FROM devices GROUP BY os ORDER BY people"
POINTS = """SELECT d.customer_id, d.device_id, d.os, p.lat, p.lon, p.at FROM location_points p
            JOIN devices d ON d.customer_id = p.customer_id"""
IN_TWO_TOWNS = """UPDATE location_points SET at = '2026-10-' || (10 + id % 20) || ' 08:30:00',
    lat = (id % 2) * 8 + 35.1 + id * 0.0007, lon = (id % 2) * 2 + 139.1 + id * 0.0007"""
Rows = Sequence[Mapping[str, str]]


def written(path: Path, rows: Rows) -> Path:
    """Rows as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(mine: Installed, query: str, *names: str) -> list[dict[str, str]]:
    """What a query of the service's own database answers, as text by name."""
    return [
        {name: str(value) for name, value in zip(names, row, strict=True)}
        for row in mine.sql(query)
    ]


def last_entry(mine: Installed) -> Entry:
    """The newest entry of the evidence."""
    log = mine.home.parts.log_reader()
    return log.entry(log.checkpoint().size - 1)


@promise("CAST-2.10s")
def test_a_partner_gets_counts_of_many_and_no_table_of_devices(
    mine: Installed, tmp_path: Path
) -> None:
    """Given a table of device ids, and one of how many customers use which system, of five and
    more; the first may not go to a sponsor, by 2.10s, the second may, and the evidence names
    the digests of the file and of its check. A byte more, and it is another file: refused.
    """
    in_order(mine)
    words = {"recipient": SPONSOR}
    ids = read(mine, "SELECT device_id, os FROM devices", "device_id", "os")
    table = written(tmp_path / "devices.csv", ids)
    named = {"device_id": Column("group", ("device_id",)), "os": COUNTED["os"]}
    denied = mine.home.may_release("attribute_statistics", table, columns=named, **words)
    assert denied.outcome == "refused"
    assert cites_of(denied) == {"CAST-2.10s"}
    assert "item_not_for_export" in codes_of(denied)
    counts = suppress_small_groups(read(mine, BY_OS, "os", "people"), "people", 5)
    assert counts
    file = written(tmp_path / "systems.csv", counts)
    allowed = mine.home.may_release("attribute_statistics", file, columns=COUNTED, **words)
    assert allowed.permitted
    assert "CAST-2.10s" in cites_of(allowed)
    entry = last_entry(mine)
    assert (entry.act, entry.outcome, entry.person) == ("export", "permitted", None)
    assert entry.digests["report"] == allowed.report
    assert set(entry.digests) == {"file", "report"}


@promise("CAST-2.10")
def test_what_counts_attributes_counts_no_small_group(mine: Installed, tmp_path: Path) -> None:
    """Given a grown-up who stopped nothing; the birth date, what was seen and the device may be
    counted, citing 2.10 and the version. Asked of a table in which two people share a birth
    year: it may not leave; without them it may, and no other item is counted at all.
    """
    person = mine.world.person("ben").id
    for item in ("birth_date", "view_history", "device_type"):
        decision = mine.ask(person, "use", item, purpose="statistics")
        assert decision.permitted
        assert ("CAST-2.10" in cites(decision), decision.version) == (True, "2020-09-07")
    assert not mine.ask(person, "use", "phone", purpose="statistics").permitted
    years = {"year": Column("group", ("birth_date",)), "people": Column("count")}
    rows = [{"year": "1990", "people": "12"}, {"year": "1931", "people": "2"}]
    file = written(tmp_path / "years.csv", rows)
    small = mine.home.may_release("attribute_statistics", file, columns=years)
    assert (small.outcome, codes_of(small)) == ("refused", {"group_too_small"})
    kept = written(tmp_path / "kept.csv", suppress_small_groups(rows, "people", 5))
    assert mine.home.may_release("attribute_statistics", kept, columns=years).permitted


@promise("CAST-2.17b")
def test_a_partner_without_a_ground_gets_no_address_and_may_get_statistics(
    mine: Installed, tmp_path: Path
) -> None:
    """Given a sponsor whom no customer agreed to; an address would go there to promote: refused
    by 2.17b. Statistics may go, after their check; unchecked they may not.
    """
    in_order(mine)
    person = mine.world.person("ben").id
    words = {"purpose": "partner_services", "recipient": SPONSOR}
    refused = mine.ask(person, "send", "email", **words)
    assert (refused.outcome, codes(refused)) == ("refused", {"consent_missing"})
    assert "CAST-2.17b" in cites(refused)
    counts = written(tmp_path / "a.csv", [{"os": "iOS", "people": "40"}])
    ask = mine.home.may_release
    assert not ask("attribute_statistics", counts, recipient=SPONSOR).permitted
    assert ask("attribute_statistics", counts, recipient=SPONSOR, columns=COUNTED).permitted


@promise("CAST-2.19")
def test_research_gets_rows_without_ids_places_and_moments(mine: Installed, tmp_path: Path) -> None:
    """Given rows with a device id, with an e-mail address, and with an exact position; none may
    go to the lab, by 2.19. The same rows without ids, with positions and months made coarse and
    rare ones left out, may go; the evidence names by which steps they were made.
    """
    in_order(mine)
    mine.sql(IN_TWO_TOWNS)
    points = read(mine, POINTS, "customer_id", "device_id", "os", "lat", "lon", "month")
    with_id = [{"os": r["os"], "device_id": r["device_id"]} for r in points]
    with_mail = [{"os": r["os"], "note": "ai@example.jp"} for r in points]
    exact = [{n: r[n] for n in ("os", "lat", "lon")} for r in points]
    note = {"note": Column("group", ("communication_history",))}
    device = {"device_id": Column("group", ("device_id",))}
    raw = (
        (with_id, device, "item_not_for_export"),
        (with_mail, note, "identifier"),
        (exact, {}, "exact_place"),
    )
    for rows, more, code in raw:
        refused = research(mine, written(tmp_path / "raw.csv", rows), PLACED | more)
        assert (refused.outcome, cites_of(refused)) == ("refused", {"CAST-2.19"})
        assert code in codes_of(refused)
    steps = Transform(
        "customer_id", ("device_id",), {"lat": "place", "lon": "place", "month": "month"}
    )
    coarse = suppress_rare_rows(steps.apply(points), list(PLACED), 5)
    assert coarse
    allowed = research(mine, written(tmp_path / "set.csv", coarse), PLACED, steps.id)
    assert allowed.permitted
    assert "CAST-2.19" in cites_of(allowed)
    assert last_entry(mine).digests["transform"] == steps.id


def research(
    mine: Installed, file: Path, columns: Mapping[str, Column], steps: str = ""
) -> ExportDecision:
    """Whether a file may go to the lab for joint research."""
    return mine.home.may_release(
        "joint_research", file, recipient=LAB, columns=columns, transform=steps
    )


@promise("CAST-2.19b")
def test_published_research_shows_nobody_alone_and_quotes_nobody(
    mine: Installed, tmp_path: Path
) -> None:
    """Given a report with a cell in which one person stands and a quoted line of a chat; it may
    not be published, by 2.19b, for two traces of a single person, each with line and character.
    With the row and the quotation gone it may.
    """
    report = """# Who plays when

| system | people |
|---|---|
| iOS | 41 |
| webOS | 1 |

One of them wrote "see you all again at the lake tomorrow night".
"""
    file = tmp_path / "report.md"
    file.write_text(report, "utf-8")
    refused = mine.home.may_release("research_results", file)
    assert (refused.outcome, cites_of(refused)) == ("refused", {"CAST-2.19b"})
    traces = sorted((r.code, r.about) for r in refused.reasons)
    assert traces == [("group_too_small", "people 6:11"), ("quoted_person", "8:19")]
    lines = [li for li in report.splitlines() if "webOS" not in li and "wrote" not in li]
    file.write_text("\n".join(lines), "utf-8")
    assert mine.home.may_release("research_results", file).permitted


def codes_of(decision: ExportDecision) -> set[str]:
    """The reasons of a decision on a file, by code."""
    return {reason.code for reason in decision.reasons}


def cites_of(decision: ExportDecision) -> set[str]:
    """The clauses a decision on a file names."""
    return {reason.cite for reason in decision.reasons}

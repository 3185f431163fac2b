"""What the check of a table finds: small groups, what identifies, what totals give away."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyaku.releases import Column, Report, check_rows, suppress_rare_rows, suppress_small_groups
from seiyaku.releases.identifiers import identifiers

AGE = Column("group", ("birth_date",))
OS = Column("group", ("device_type",))
MINUTES = Column("value", ("view_history",))
PEOPLE = Column("count")
SHA = "0" * 64


def statistics(*rows: tuple[str, str, str], k: int = 5) -> Report:
    """The report on rows of age, system and people."""
    named = [dict(zip(("age", "os", "people"), row, strict=True)) for row in rows]
    return check_rows("e", "statistics", named, {"age": AGE, "os": OS, "people": PEOPLE}, k, SHA)


def research(cells: Sequence[str], column: Column = OS, name: str = "os") -> Report:
    """The report on rows of one column."""
    return check_rows("e", "research", [{name: c} for c in cells], {name: column}, 2, SHA)


def codes(report: Report) -> set[str]:
    """What was found."""
    return {finding.code for finding in report.findings}


def test_a_small_group_is_found_by_its_row_and_an_empty_one_is_no_group() -> None:
    report = statistics(("20s", "iOS", "50"), ("30s", "iOS", "4"), ("40s", "iOS", "0"))
    assert report.smallest == 4
    assert [(f.code, f.line, f.people) for f in report.findings] == [("group_too_small", 2, 4)]


def test_a_total_gives_away_the_group_that_was_left_out() -> None:
    whole = statistics(("20s", "iOS", "50"), ("30s", "iOS", "30"), ("total", "iOS", "80"))
    assert whole.findings == ()
    one_left_out = statistics(("20s", "iOS", "50"), ("30s", "iOS", "30"), ("total", "iOS", "83"))
    assert [(f.code, f.line, f.people) for f in one_left_out.findings] == [
        ("told_by_difference", 3, 3)
    ]
    many_left_out = statistics(("20s", "iOS", "50"), ("total", "iOS", "80"))
    assert many_left_out.findings == ()


def test_a_total_over_both_columns_is_compared_with_each_way_of_listing() -> None:
    report = statistics(
        ("20s", "iOS", "50"),
        ("20s", "Android", "20"),
        ("合計", "iOS", "50"),
        ("20s", "合計", "70"),
        ("合計", "合計", "72"),
    )
    assert [(f.code, f.line, f.people) for f in report.findings] == [("told_by_difference", 5, 2)]


def test_statistics_without_a_count_of_people_count_nobody() -> None:
    rows = [{"age": "20s"}]
    report = check_rows("e", "statistics", rows, {"age": AGE}, 5, SHA)
    assert (report.smallest, codes(report)) == (None, {"count_missing"})
    assert codes(statistics(("20s", "iOS", "about 50"))) == {"count_missing"}


def test_a_column_nobody_declared_is_found_and_tells_people_apart() -> None:
    rows = [{"os": "iOS", "more": str(n % 2)} for n in range(4)]
    report = check_rows("e", "research", rows, {"os": OS}, 5, SHA)
    assert (report.smallest, codes(report)) == (2, {"column_undeclared", "group_too_small"})


def test_research_rows_group_by_everything_but_measured_numbers() -> None:
    rows = [{"os": "iOS", "minutes": str(n * 1.5)} for n in range(6)]
    columns = {"os": OS, "minutes": MINUTES}
    assert check_rows("e", "research", rows, columns, 5, SHA).smallest == 6
    words = [{"os": "iOS", "minutes": f"page {n}"} for n in range(6)]
    assert check_rows("e", "research", words, columns, 5, SHA).smallest == 1


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("write to ai@example.jp", "email"),
        ("ａｉ＠ｅｘａｍｐｌｅ．ｊｐ", "email"),
        ("4111 1111 1111 1111", "card_number"),
        ("090-1234-5678", "phone"),
        ("０３－１２３４－５６７８", "phone"),
        ("+81 90 1234 5678", "phone"),
        ("550e8400-e29b-41d4-a716-446655440000", "uuid"),
        ("00:1B:44:11:3A:B7", "device"),
        ("9f86d081884c7d65", "device"),
        ("192.168.10.14", "ip_address"),
        ("2001:db8:85a3:0:0:8a2e:370:7334", "ip_address"),
        ("0x52908400098527886E0F7030069857D2E4169EE7", "wallet"),
        ("〒150-0001", "postal_code"),
    ],
)
def test_identifiers_are_found_in_a_cell(cell: str, kind: str) -> None:
    assert kind in set(identifiers(cell))
    assert "identifier" in codes(research([cell, cell]))


@pytest.mark.parametrize(
    "cell",
    ["iOS 17.6", "Android 14", "20s", "2026-10", "12,345.5", "Tokyo", "1.10.2", "男性", "deadbeef"],
)
def test_plain_words_and_numbers_are_no_identifiers(cell: str) -> None:
    assert research([cell, cell]).findings == ()


def test_places_and_moments_are_found_when_they_are_exact() -> None:
    assert codes(research(["35.6812"] * 2, name="lat")) == {"exact_place"}
    assert codes(research(["35.6812, 139.7671"] * 2)) == {"exact_place"}
    assert codes(research(["2026-10-03 14:05"] * 2)) == {"exact_moment"}
    for coarse in ("35.7", "2026-10", "2026-10-03"):
        assert research([coarse] * 2, name="lat").findings == ()
    assert research(["0.1234"] * 2, name="share").findings == ()


def test_a_column_in_which_nothing_repeats_is_a_key() -> None:
    assert "unique_values" in codes(research([f"u{n:02}" for n in range(12)]))
    rows = [{"os": "iOS", "n": str(n + 100)} for n in range(12)]
    ordered = check_rows("e", "research", rows, {"os": OS, "n": MINUTES}, 2, SHA)
    assert codes(ordered) == {"unique_values"}


def test_groups_of_statistics_stand_once_each_and_are_no_keys() -> None:
    report = statistics(*((f"{n}0s", "iOS", str(20_000_000 + n)) for n in range(12)))
    assert report.findings == ()


def test_what_somebody_wrote_is_no_class_of_people() -> None:
    assert codes(research(["I have been playing this every night since May"] * 2)) == {"free_text"}


def test_a_report_shows_places_and_no_values() -> None:
    report = research(["ai@example.jp"] * 2)
    assert "ai@" not in repr(report)
    assert report.digest != research(["ben@example.jp", "x"]).digest


def test_more_findings_than_anybody_reads_are_counted() -> None:
    report = research(["ai@example.jp"] * 250)
    assert (len(report.findings), report.more) == (100, 150)


COUNTS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20)), max_size=8)


@given(COUNTS, st.integers(2, 9))
def test_after_suppression_no_small_group_is_left_and_no_large_one_lost(
    groups: list[tuple[str, int]], k: int
) -> None:
    rows = [{"os": name, "people": str(people)} for name, people in groups]
    kept = suppress_small_groups(rows, "people", k)
    report = check_rows("e", "statistics", kept, {"os": OS, "people": PEOPLE}, k, SHA)
    assert "group_too_small" not in codes(report)
    assert [r["people"] for r in kept] == [str(p) for _, p in groups if p >= k]


@given(st.lists(st.sampled_from("abcd"), max_size=12), st.integers(2, 6))
def test_rare_rows_are_left_out_and_the_rest_is_found_whole(cells: list[str], k: int) -> None:
    kept = suppress_rare_rows([{"os": cell} for cell in cells], ["os"], k)
    report = check_rows("e", "research", kept, {"os": OS}, k, SHA)
    assert report.smallest is None or report.smallest >= k
    assert len(kept) == sum(1 for cell in cells if cells.count(cell) >= k)

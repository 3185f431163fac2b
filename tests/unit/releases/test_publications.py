"""What the check of a text finds, with line and character."""

from __future__ import annotations

import pytest

from seiyaku.releases import check_publication

TABLE = "| place | people | rank |\n|:--|--:|---|\n| Nara | 12 | 1 |\n| Kobe | 3 | 2 |\n"


def found(text: str, **about: object) -> list[tuple[str, int, int]]:
    """The findings in a text: code, line, character."""
    report = check_publication("e", text, 5, "0" * 64, **about)  # type: ignore[arg-type]
    return [(f.code, f.line, f.place) for f in report.findings]


def test_every_small_number_of_a_table_is_a_trace_unless_its_column_counts_nobody() -> None:
    small = ("group_too_small", 4, 10)
    assert found(TABLE, not_counts=("rank",)) == [small]
    assert found(TABLE) == [("group_too_small", 3, 15), small, ("group_too_small", 4, 14)]


def test_headings_end_with_their_table() -> None:
    text = TABLE.replace("| 3 |", "| 30 |") + "\n| 1 |\n"
    assert found(text, not_counts=("rank", "place")) == [("group_too_small", 6, 3)]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("Only 3 users came.", 6),
        ("参加者は3人でした。", 5),
        ("One of 1 person", 8),
        ("４名が回答", 1),
    ],
)
def test_small_numbers_of_people_in_a_sentence_are_traces(line: str, place: int) -> None:
    assert found(line) == [("group_too_small", 1, place)]


@pytest.mark.parametrize(
    "line",
    [
        "Of 41 users",
        "参加者は120人",
        "1,204 people",
        "氏名3名前",
        "version 3",
        "0 users",
        "3.5 users",
    ],
)
def test_other_numbers_are_none(line: str) -> None:
    assert found(line) == []


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('She said "see you at the lake tonight".', 10),
        ("「明日の夜また湖で会いましょうね」と書いた", 1),
        ("> see you all at the lake tonight", 1),
        ("“see you at the lake tonight”", 1),
    ],
)
def test_what_somebody_said_is_found_where_it_begins(line: str, place: int) -> None:
    assert found(line) == [("quoted_person", 1, place)]


@pytest.mark.parametrize("line", ['the term "k-anonymity"', "「誓約」とは", "> note"])
def test_a_term_in_quotation_marks_is_nobodys_words(line: str) -> None:
    assert found(line) == []


def test_identifiers_and_minutes_are_found_in_a_text() -> None:
    text = "fine\nwrite to ai@example.jp\non 2026-10-03 14:05 it rained"
    assert found(text) == [("identifier", 2, 0), ("exact_moment", 3, 0)]

"""Reading assurances.yaml."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from seiyaku.assurance import Assurances, load_assurances, parse_assurances
from seiyaku.kernel.document import parse_document
from seiyaku.kernel.errors import InvalidDocument, InvalidInput

GOOD = """
seiyaku_assurances: 1
facts:
  - {kind: supervision, subject: printful, from_at: 2026-02-01, until_at: 2027-02-01, source: r-17}
  - {kind: reading, subject: clash, about: "3.4", from_at: 2026-02-01T09:00:00Z, source: m}
registers:
  sellers:
    - {member: shop_a, from_at: 2026-04-01, countries: [JP]}
"""


def parsed(text: str) -> Assurances:
    return parse_assurances(parse_document(text.encode(), "assurances.yaml"))


def test_a_day_starts_at_midnight_in_japan_and_its_end_is_not_included() -> None:
    fact = parsed(GOOD).facts[0]
    assert fact.from_at == datetime(2026, 1, 31, 15, tzinfo=UTC)
    assert fact.until_at is not None
    assert fact.holds_at(fact.from_at)
    assert not fact.holds_at(fact.until_at)


def test_facts_and_members_are_found_by_what_they_are_about() -> None:
    known = parsed(GOOD)
    later = datetime(2026, 5, 1, tzinfo=UTC)
    assert known.live("supervision", "printful", None, later)
    assert known.live("reading", "clash", "3.4", later)
    assert not known.live("reading", "clash", "3.6", later)
    assert known.ever("supervision", "printful", None)
    assert not known.ever("supervision", "stripe", None)
    member = known.membership("sellers", "shop_a", later)
    assert member is not None
    assert member.countries == ("JP",)
    assert known.membership("sellers", "shop_a", datetime(2026, 3, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("old", "new", "place", "rule"),
    [
        ("until_at: 2027-02-01", "until_at: 2025-02-01", 4, "wrong-value"),
        ("from_at: 2026-02-01T09:00:00Z", "from_at: 2026-02-01T09:00:00", 5, "wrong-value"),
        ("from_at: 2026-04-01", "since: 2026-04-01", 8, "unknown-key"),
        ("kind: supervision", "kind: Supervision!", 4, "wrong-value"),
        ("countries: [JP]", "countries: [japan]", 8, "wrong-value"),
    ],
)
def test_a_fault_is_named_with_its_place(old: str, new: str, place: int, rule: str) -> None:
    assert old in GOOD
    with pytest.raises(InvalidDocument) as refused:
        parsed(GOOD.replace(old, new))
    assert (place, rule) in {(f.place.line, f.rule) for f in refused.value.faults}


def test_a_file_that_is_not_there_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        load_assurances(tmp_path / "assurances.yaml")
    assert (refused.value.code, refused.value.hint()) == ("SY102", "check the path")

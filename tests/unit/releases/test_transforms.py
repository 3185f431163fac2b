"""Steps that make research rows: one row a person, nothing that identifies, coarse."""

from __future__ import annotations

import pytest

from seiyaku.releases import Transform


@pytest.mark.parametrize(
    ("how", "before", "after"),
    [
        ("place", "35.6812", "35.6"),
        ("place", "-0.987", "-0.9"),
        ("place", "35.6812, 139.7671", "35.6, 139.7"),
        ("place", "somewhere", ""),
        ("day", "2026-10-03 14:05", "2026-10-03"),
        ("month", "2026/1/3", "2026-01"),
        ("month", "2026年1月3日", "2026-01"),
        ("month", "2026", ""),
        ("year", "1990-04-01", "1990"),
        ("year", "19900401", ""),
        ("decade", "1987-12-31", "1980s"),
        ("decade", "unknown", ""),
        ("year", "", ""),
    ],
)
def test_cells_are_made_coarse_and_what_cannot_be_read_is_emptied(
    how: str, before: str, after: str
) -> None:
    steps = Transform("person", coarsen={"x": how})  # type: ignore[dict-item]
    assert steps.apply([{"person": "1", "x": before}]) == [{"x": after}]


def test_rows_of_one_person_that_come_out_alike_are_one() -> None:
    rows = [{"person": p, "at": f"2026-10-0{d}"} for p, d in (("1", 1), ("1", 2), ("2", 3))]
    made = Transform("person", coarsen={"at": "month"}).apply(rows)
    assert made == [{"at": "2026-10"}, {"at": "2026-10"}]


def test_the_same_steps_have_the_same_id_and_others_another() -> None:
    one = Transform("p", ("a", "b"), {"x": "day"})
    assert one.id == Transform("p", ("b", "a"), {"x": "day"}).id
    assert one.id != Transform("p", ("a",), {"x": "day"}).id
    assert one.id != Transform("p", ("a", "b"), {"x": "month"}).id

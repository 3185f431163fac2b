"""Clocks: examples, and proof that their numbers come from the pack and from nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import seiyaku.laws
from seiyaku.kernel.errors import InvalidInput
from seiyaku.laws import (
    BusinessDays,
    Laws,
    breach_clock,
    end_of_keeping,
    end_of_record,
    litigation_line,
    load_packs,
    parse_pack,
    public_holidays,
    tokyo_day,
)
from seiyaku.laws.calendars import holiday_years
from seiyaku.laws.model import BreachRule, KeepingRule, RequestRule
from seiyaku.laws.resources import pack_source

LAWS = load_packs(["jp-appi", "jp-records"])


def breach_of(laws: Laws) -> BreachRule:
    assert laws.breach is not None
    return laws.breach


def books_of(laws: Laws) -> KeepingRule:
    rule = laws.keeping("jp-records.books")
    assert rule is not None
    return rule


def disclosure_of(laws: Laws) -> RequestRule:
    rule = laws.request("disclosure")
    assert rule is not None
    return rule


# -- leaks -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "triggers, known, first, last, final",
    [
        # Monday 2026-06-01 is day 1: 3 June, 5 June; day 30 is Tuesday 30 June
        (["special_care"], date(2026, 6, 1), date(2026, 6, 3), date(2026, 6, 5), date(2026, 6, 30)),
        # day 60 from 1 June is Thursday 30 July
        (
            ["wrongful_purpose"],
            date(2026, 6, 1),
            date(2026, 6, 3),
            date(2026, 6, 5),
            date(2026, 7, 30),
        ),
        (
            ["wrongful_purpose", "many_persons"],
            date(2026, 6, 1),
            date(2026, 6, 3),
            date(2026, 6, 5),
            date(2026, 7, 30),
        ),
        # day 30 from Friday 5 June is Saturday 4 July: moves to Monday 6 July
        (["many_persons"], date(2026, 6, 5), date(2026, 6, 7), date(2026, 6, 9), date(2026, 7, 6)),
        # day 30 from 30 November is 29 December: offices open again on Monday 4 January
        (
            ["financial_damage"],
            date(2026, 11, 30),
            date(2026, 12, 2),
            date(2026, 12, 4),
            date(2027, 1, 4),
        ),
    ],
)
def test_a_leak_starts_two_clocks_on_the_day_of_knowing(
    triggers: list[str], known: date, first: date, last: date, final: date
) -> None:
    clock = breach_clock(breach_of(LAWS), triggers, known)
    assert clock is not None
    assert (clock.preliminary_from_on, clock.preliminary_to_on, clock.final_on) == (
        first,
        last,
        final,
    )


def test_the_final_day_moves_off_a_public_holiday() -> None:
    known = date(2026, 10, 5)  # day 30 is Tuesday 3 November, Culture Day
    plain = breach_clock(breach_of(LAWS), ["many_persons"], known)
    moved = breach_clock(breach_of(LAWS), ["many_persons"], known, public_holidays())
    assert plain is not None
    assert moved is not None
    assert (plain.final_on, moved.final_on) == (date(2026, 11, 3), date(2026, 11, 4))


def test_the_final_day_shortens_again_when_the_wrongful_purpose_falls_away() -> None:
    known = date(2026, 6, 1)
    long = breach_clock(breach_of(LAWS), {"wrongful_purpose", "many_persons"}, known)
    short = breach_clock(breach_of(LAWS), {"many_persons"}, known)
    assert long is not None
    assert short is not None
    assert short.final_on < long.final_on


def test_without_a_trigger_no_clock_runs_and_an_unknown_one_is_refused() -> None:
    assert breach_clock(breach_of(LAWS), [], date(2026, 6, 1)) is None
    with pytest.raises(InvalidInput) as caught:
        breach_clock(breach_of(LAWS), ["many_person"], date(2026, 6, 1))
    assert caught.value.code == "SY111"
    assert "many_persons" in caught.value.hint()


def test_a_clock_says_that_its_counting_is_not_verified() -> None:
    clock = breach_clock(breach_of(LAWS), ["many_persons"], date(2026, 6, 1))
    assert clock is not None
    assert not clock.verified
    assert "APPI GL 3-5-3-3" in {str(c) for c in clock.citations}


# -- requests ----------------------------------------------------------------------------


def test_the_litigation_line_lies_two_weeks_after_arrival() -> None:
    assert litigation_line(disclosure_of(LAWS), date(2026, 11, 22)) == date(2026, 12, 6)


def test_a_request_the_law_draws_no_line_for_has_none() -> None:
    for kind in ("purpose_notice", "foreign_measures"):
        rule = LAWS.request(kind)
        assert rule is not None
        assert litigation_line(rule, date(2026, 11, 22)) is None


# -- books and records ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "month, event, end",
    [
        # year ends 2027-03-31, filed by 05-31, starts 06-01
        (3, date(2026, 4, 10), date(2034, 5, 31)),
        (3, date(2026, 3, 31), date(2033, 5, 31)),
        # calendar year: ends 12-31, filed by the last of February, starts 03-01
        (12, date(2026, 4, 10), date(2034, 2, 28)),
        (12, date(2028, 12, 31), date(2036, 2, 29)),
        # year ends in February: filed by 30 April
        (2, date(2028, 2, 29), date(2035, 4, 30)),
        (11, date(2026, 12, 1), date(2035, 1, 31)),
    ],
)
def test_books_are_kept_seven_years_from_the_day_after_filing(
    month: int, event: date, end: date
) -> None:
    assert end_of_keeping(books_of(LAWS), month, event) == end


def test_some_books_are_kept_ten_years() -> None:
    kept = end_of_keeping(books_of(LAWS), 3, date(2026, 4, 10), longer=True)
    assert kept == date(2037, 5, 31)


def test_a_period_the_pack_lacks_and_a_month_the_year_lacks_are_refused() -> None:
    short = books_of(LAWS).model_copy(update={"may_be_years": None})
    for rule, month, longer in ((short, 3, True), (books_of(LAWS), 13, False), (short, 0, False)):
        with pytest.raises(InvalidInput) as caught:
            end_of_keeping(rule, month, date(2026, 4, 10), longer=longer)
        assert caught.value.code == "SY112"


def test_every_day_of_a_fiscal_year_ends_on_the_same_day_and_later_years_later() -> None:
    rule, day, ends = books_of(LAWS), date(2026, 1, 1), []
    while day < date(2029, 1, 1):
        ends.append(end_of_keeping(rule, 3, day))
        day += timedelta(days=1)
    assert ends == sorted(ends)
    assert len(set(ends)) == 4


def test_records_of_provision_end_by_their_kind() -> None:
    keeping = LAWS.record_keeping
    assert end_of_record(keeping["contract_in_lieu"], date(2026, 5, 1)) == date(2027, 5, 1)
    assert end_of_record(keeping["bulk"], date(2024, 2, 29)) == date(2027, 2, 28)


# -- days --------------------------------------------------------------------------------


def test_a_moment_belongs_to_the_day_in_japan() -> None:
    assert tokyo_day(datetime(2026, 11, 22, 14, 59, tzinfo=UTC)) == date(2026, 11, 22)
    assert tokyo_day(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)) == date(2026, 11, 23)
    with pytest.raises(ValueError, match="time zone"):
        tokyo_day(datetime(2026, 11, 22, 15, 0))  # noqa: DTZ001


def test_offices_close_at_weekends_year_end_and_on_holidays_given() -> None:
    days = BusinessDays(breach_of(LAWS).counting.office, frozenset({date(2027, 1, 4)}))
    assert days.is_open(date(2026, 12, 28))
    assert not days.is_open(date(2026, 12, 29))
    assert not days.is_open(date(2026, 11, 22))
    assert days.next_open(date(2026, 12, 29)) == date(2027, 1, 5)
    assert days.next_open(date(2026, 12, 28)) == date(2026, 12, 28)


def test_the_holidays_listed_are_those_of_their_year_and_those_to_come_are_in_doubt() -> None:
    for listed in holiday_years():
        assert {day.year for day in listed.days} == {listed.year}
        assert len(listed.days) >= 16
        assert listed.verified is (listed.year <= 2027)
    assert {date(2026, 9, 22), date(2027, 3, 22), date(2026, 11, 23)} <= public_holidays()


def test_no_public_holiday_is_a_sunday_without_a_day_off_after_it() -> None:
    holidays = public_holidays()
    for sunday in (day for day in holidays if day.isoweekday() == 7):
        following = sunday + timedelta(days=1)
        while following in holidays and following + timedelta(days=1) in holidays:
            following += timedelta(days=1)
        assert following in holidays


# -- the numbers are the pack's ------------------------------------------------------------

KNOWN = date(2026, 6, 1)


def changed(pack_id: str, old: str, new: str) -> Laws:
    text = pack_source(pack_id).decode()
    assert old in text
    return Laws((parse_pack(text.replace(old, new).encode(), "changed.yaml"),))


def _final(trigger: str, known: date = KNOWN) -> Callable[[Laws], object]:
    def ask(laws: Laws) -> object:
        clock = breach_clock(breach_of(laws), [trigger], known)
        return clock and clock.final_on

    return ask


def _preliminary(laws: Laws) -> object:
    clock = breach_clock(breach_of(laws), ["many_persons"], KNOWN)
    return clock and (clock.preliminary_from_on, clock.preliminary_to_on)


def _two_triggers(laws: Laws) -> object:
    clock = breach_clock(breach_of(laws), ["many_persons", "wrongful_purpose"], KNOWN)
    return clock and clock.final_on


def _books(laws: Laws) -> object:
    return end_of_keeping(books_of(laws), 3, date(2026, 4, 10))


def _books_longer(laws: Laws) -> object:
    return end_of_keeping(books_of(laws), 3, date(2026, 4, 10), longer=True)


def _lump(laws: Laws) -> object:
    return end_of_record(laws.record_keeping["bulk"], KNOWN)


def _line(laws: Laws) -> object:
    return litigation_line(disclosure_of(laws), KNOWN)


@pytest.mark.parametrize(
    "pack_id, old, new, ask",
    [
        ("jp-appi", "final_days: 30", "final_days: 37", _final("special_care")),
        ("jp-appi", "final_days: 60", "final_days: 52", _final("wrongful_purpose")),
        ("jp-appi", "from_days: 3", "from_days: 2", _preliminary),
        ("jp-appi", "to_days: 5", "to_days: 4", _preliminary),
        ("jp-appi", "day_of_knowing: 1", "day_of_knowing: 0", _final("special_care")),
        (
            "jp-appi",
            "holiday_moves: [final]",
            "holiday_moves: []",
            _final("many_persons", date(2026, 6, 5)),
        ),
        ("jp-appi", "several_triggers: longest", "several_triggers: shortest", _two_triggers),
        ("jp-appi", "weekend: [6, 7]", "weekend: [7]", _final("many_persons", date(2026, 6, 5))),
        (
            "jp-appi",
            "closed_from: {month: 12, day: 29}",
            "closed_from: {month: 12, day: 31}",
            _final("many_persons", date(2026, 11, 30)),
        ),
        (
            "jp-appi",
            "closed_to: {month: 1, day: 3}",
            "closed_to: {month: 1, day: 4}",
            _final("many_persons", date(2026, 11, 30)),
        ),
        ("jp-appi", "after_arrival_days: 14", "after_arrival_days: 15", _line),
        ("jp-appi", "code: bulk, years: 3", "code: bulk, years: 4", _lump),
        ("jp-records", "years: 7", "years: 8", _books),
        ("jp-records", "may_be_years: 10", "may_be_years: 11", _books_longer),
        ("jp-records", "filing_after_months: 2", "filing_after_months: 3", _books),
        ("jp-records", "then_days: 1", "then_days: 0", _books),
    ],
)
def test_changing_the_pack_changes_the_clock(
    pack_id: str, old: str, new: str, ask: Callable[[Laws], object]
) -> None:
    assert ask(changed(pack_id, old, old)) == ask(LAWS)
    assert ask(changed(pack_id, old, new)) != ask(LAWS)


ARITHMETIC = {0, 1, 12}  # first, next, months of a year
FOLDER = Path(str(seiyaku.laws.__file__)).parent


@pytest.mark.parametrize("name", ["clocks", "calendars", "lookup", "load", "countries"])
def test_the_code_holds_no_number_of_the_law(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text("utf-8"))
    numbers = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and type(node.value) is int
    }
    assert numbers <= ARITHMETIC

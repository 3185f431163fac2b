"""Days in Japan: what day a moment falls on, and which days offices are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from seiyaku.laws.model import Fact, MonthDay, OfficeDays
from seiyaku.laws.resources import read_table

TOKYO = ZoneInfo("Asia/Tokyo")
_DAY = timedelta(days=1)


def tokyo_day(at: datetime) -> date:
    """The day in Japan on which the moment `at` falls.

    Raises:
        ValueError: `at` names no time zone.

    Examples:
        >>> from datetime import UTC
        >>> tokyo_day(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)).isoformat()
        '2026-11-23'
    """
    if at.tzinfo is None:
        raise ValueError("the moment names no time zone")
    return at.astimezone(TOKYO).date()


class HolidayYear(Fact):
    """The public holidays of one year. Law: National Holidays Act 2, 3."""

    year: int
    days: frozenset[date]


class _Holidays(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    years: tuple[HolidayYear, ...]


def holiday_years() -> tuple[HolidayYear, ...]:
    """The years whose public holidays the package lists, with source and doubt."""
    return read_table("holidays-jp", _Holidays).years


def public_holidays() -> frozenset[date]:
    """Every public holiday listed, for `BusinessDays` and the clocks.

    Examples:
        >>> date(2026, 11, 23) in public_holidays()
        True
    """
    return frozenset(day for year in holiday_years() for day in year.days)


@dataclass(frozen=True)
class BusinessDays:
    """The days public offices are open.

    Args:
        office: weekend and year-end closing, from a pack.
        holidays: public holidays, given by the caller (`public_holidays`). A holiday left
            out makes a deadline earlier, never later.
    """

    office: OfficeDays
    holidays: frozenset[date] = frozenset()

    def is_open(self, day: date) -> bool:
        """Whether `day` is a business day."""
        closed = day.isoweekday() in self.office.weekend or day in self.holidays
        return not closed and not self._year_end(day)

    def next_open(self, day: date) -> date:
        """`day` itself if open, else the next open day."""
        while not self.is_open(day):
            day += _DAY
        return day

    def _year_end(self, day: date) -> bool:
        here = (day.month, day.day)
        first, last = _pair(self.office.closed_from), _pair(self.office.closed_to)
        if first <= last:
            return first <= here <= last
        return here >= first or here <= last


def _pair(day: MonthDay) -> tuple[int, int]:
    return (day.month, day.day)

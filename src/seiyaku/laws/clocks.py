"""Clocks of the law, pure: days in, days out. Every length comes from a pack.

# INVARIANT: no number of the law stands here; a test reads this file's syntax tree for it.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from seiyaku.kernel.errors import InvalidInput
from seiyaku.laws.calendars import BusinessDays
from seiyaku.laws.cite import Citation
from seiyaku.laws.model import BreachRule, BreachTrigger, KeepingRule, RecordKeeping, RequestRule


@dataclass(frozen=True)
class BreachClock:
    """By when a leak is reported.

    Args:
        preliminary_from_on: first day of the span in which the first report is due.
        preliminary_to_on: its last day.
        final_on: last day for the final report.
        citations: what the days rest on.
        verified: False when one of these facts rests on memory.
    """

    preliminary_from_on: date
    preliminary_to_on: date
    final_on: date
    citations: tuple[Citation, ...]
    verified: bool


def breach_clock(
    rule: BreachRule,
    triggers: Collection[str],
    known_on: date,
    holidays: frozenset[date] = frozenset(),
) -> BreachClock | None:
    """Both clocks of a leak known on `known_on` (a day in Japan); None if nothing triggers.

    Law: APPI 26; Rule 8. Ask again whenever the triggers change: the final day may move.

    Args:
        triggers: codes of the triggers met, suspected ones included.
        holidays: as `public_holidays` gives them; one left out makes the day earlier.

    Raises:
        InvalidInput: SY111 a trigger the pack does not know.
    """
    met = tuple(_trigger(rule, code) for code in sorted(set(triggers)))
    if not met:
        return None
    final = _final_length(rule, met)
    facts = (rule.preliminary, rule.counting, *met)
    return BreachClock(
        preliminary_from_on=_end(
            rule, "preliminary", rule.preliminary.from_days, known_on, holidays
        ),
        preliminary_to_on=_end(rule, "preliminary", rule.preliminary.to_days, known_on, holidays),
        final_on=_end(rule, "final", final, known_on, holidays),
        citations=tuple(dict.fromkeys(fact.citation for fact in facts)),
        verified=all(fact.verified for fact in facts),
    )


def litigation_line(rule: RequestRule, arrived_on: date) -> date | None:
    """Last day before the person may sue over an unanswered request; None if no line exists.

    Law: APPI 39. A refusal opens the way at once, whatever this day says.
    """
    line = rule.clock.litigation_line
    return None if line is None else arrived_on + timedelta(days=line.after_arrival_days)


def end_of_keeping(
    rule: KeepingRule, fiscal_year_end_month: int, event_on: date, *, longer: bool = False
) -> date:
    """Last day on which a record of `event_on` must be kept; it may go the day after.

    1. the fiscal year of the event ends with the month `fiscal_year_end_month`;
    2. the return is filed the pack's number of months later;
    3. the period starts the pack's number of days after that, and runs for its years.

    Args:
        fiscal_year_end_month: 1-12; fiscal years end with the last day of a month.
        longer: take `may_be_years`, where the pack has it.

    Raises:
        InvalidInput: SY112 the month is no month, or the pack has no longer period.
    """
    years = rule.may_be_years if longer else rule.years
    if years is None:
        raise InvalidInput(f"`{rule.code}` has no longer period", code="SY112")
    filed_on = _months_later(
        _fiscal_year_end(event_on, fiscal_year_end_month), rule.start.filing_after_months
    )
    start_on = filed_on + timedelta(days=rule.start.then_days)
    return _years_later(start_on, years) - timedelta(days=1)


def end_of_record(keeping: RecordKeeping, counted_from_on: date) -> date:
    """Last day on which a record of provision is kept. Law: APPI 29, 30.

    Args:
        counted_from_on: day of the last provision or of making, as `keeping.counted_from` says.
    """
    return _years_later(counted_from_on, keeping.years)


def _trigger(rule: BreachRule, code: str) -> BreachTrigger:
    found = rule.trigger(code)
    if found is None:
        known = ", ".join(trigger.code for trigger in rule.triggers)
        raise InvalidInput(f"unknown trigger `{code}`", code="SY111", hint=f"known: {known}")
    return found


def _final_length(rule: BreachRule, met: Collection[BreachTrigger]) -> int:
    choose = max if rule.counting.several_triggers == "longest" else min
    return choose(trigger.final_days for trigger in met)


def _end(
    rule: BreachRule, clock: str, days: int, known_on: date, holidays: frozenset[date]
) -> date:
    end = known_on + timedelta(days=days - rule.counting.day_of_knowing)
    if clock in rule.counting.holiday_moves:
        return BusinessDays(rule.counting.office, holidays).next_open(end)
    return end


def _fiscal_year_end(event_on: date, month: int) -> date:
    if not 1 <= month <= 12:
        raise InvalidInput(f"`{month}` is no month", code="SY112", hint="write 1 to 12")
    year = event_on.year if event_on.month <= month else event_on.year + 1
    return _last_of_month(year, month)


def _months_later(last_of_month: date, months: int) -> date:
    years, month = divmod(last_of_month.month - 1 + months, 12)
    return _last_of_month(last_of_month.year + years, month + 1)


def _last_of_month(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _years_later(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes the last day of that month."""
    last = monthrange(day.year + years, day.month)[1]
    return date(day.year + years, day.month, min(day.day, last))

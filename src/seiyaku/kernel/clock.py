"""The only way to learn what time it is. Times are aware and in UTC; they end in ``_at``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


def parse_at(value: str) -> datetime:
    """Read an ISO 8601 moment with zone; the answer is in UTC.

    Raises:
        ValueError: `value` is not a moment, or names no zone.

    Examples:
        >>> parse_at("2026-02-16T09:00:00+09:00").isoformat()
        '2026-02-16T00:00:00+00:00'
    """
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("the moment names no time zone")
    return moment.astimezone(UTC)

"""A clock that stands still until it is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from seiyaku.kernel.clock import parse_at


class FixedClock:
    """Tells one moment, for tests and demonstrations; `advance` moves it.

    Args:
        at: the first moment, aware, or ISO 8601 text with a zone.

    Examples:
        >>> clock = FixedClock("2026-11-20T09:00:00+09:00")
        >>> clock.advance(days=1)
        >>> clock.now().isoformat()
        '2026-11-21T00:00:00+00:00'
    """

    def __init__(self, at: datetime | str) -> None:
        self._at = parse_at(at if isinstance(at, str) else at.isoformat())

    def now(self) -> datetime:
        """The moment it stands at, in UTC."""
        return self._at

    def set(self, at: datetime | str) -> None:
        """Stand at another moment, earlier or later."""
        self._at = parse_at(at if isinstance(at, str) else at.isoformat())

    def advance(self, *, days: float = 0, hours: float = 0, seconds: float = 0) -> None:
        """Move by a span; negative spans go back."""
        moved = self._at + timedelta(days=days, hours=hours, seconds=seconds)
        self._at = moved.astimezone(UTC)

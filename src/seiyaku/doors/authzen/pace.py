"""Long answers let short ones in: one loop serves everybody who asks."""

from __future__ import annotations

from time import monotonic

LONG_S = 0.001
"""How long one request works before others are let in."""


class Pace:
    """Tells when a request has worked for long since it last let others in."""

    def __init__(self) -> None:
        self._until = monotonic() + LONG_S

    def long(self) -> bool:
        """Whether it is time to let others in."""
        now = monotonic()
        if now < self._until:
            return False
        self._until = now + LONG_S
        return True

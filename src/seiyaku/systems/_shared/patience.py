"""Waiting for a vendor: it says when to come back, or we wait longer each time, never for ever."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from seiyaku.kernel.errors import SystemUnavailable

T = TypeVar("T")


class NotNow(Exception):
    """A call that may go well in a moment.

    Args:
        error: raised when patience ends. after_s: seconds the vendor asked for; None where it
            said nothing.
    """

    def __init__(self, error: SystemUnavailable, after_s: float | None = None) -> None:
        super().__init__()
        self.error, self.after_s = error, after_s


@dataclass(frozen=True)
class Patience:
    """How long a call is tried again.

    Args:
        tries: calls at most. first_s: the wait after the first one where the vendor names none;
            it doubles, and up to half of it is left to chance, so that workers do not knock
            together. longest_s: a vendor that asks for more is left for another attempt.
    """

    tries: int = 4
    first_s: float = 0.5
    longest_s: float = 30.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def call(self, work: Callable[[], T]) -> T:
        """The answer of `work`, which raises `NotNow` while there is none.

        Raises:
            SystemUnavailable: patience ended.
        """
        for tried in range(1, self.tries + 1):
            try:
                return work()
            except NotNow as not_now:
                wait = self._wait(tried, not_now.after_s)
                if tried == self.tries or wait > self.longest_s:
                    raise not_now.error from None
            self.sleep(wait)
        raise AssertionError("a call is tried at least once")

    def _wait(self, tried: int, after_s: float | None) -> float:
        if after_s is not None:
            return after_s
        return self.first_s * 2.0 ** (tried - 1) * random.uniform(0.5, 1.0)  # noqa: S311  # no secret


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds a ``Retry-After`` asks for, as a number or as a date; None where it says nothing.

    Source: RFC 9110, 10.2.3.

    Examples:
        >>> retry_after("3"), retry_after(None), retry_after("soon")
        (3.0, None, None)
    """
    if not header:
        return None
    try:
        return max(float(header), 0.0)
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max((at - (now or datetime.now(UTC))).total_seconds(), 0.0)


def no_answer(system: str) -> SystemUnavailable:
    """SY322: nobody answered, or with a failure of its own."""
    return SystemUnavailable(
        f"`{system}` does not answer", code="SY322", hint="the run tries again; see its status page"
    )


def throttled(system: str) -> SystemUnavailable:
    """SY323: too many calls."""
    return SystemUnavailable(
        f"`{system}` asks for more time between calls", code="SY323", hint="run again later"
    )


def not_understood(system: str) -> SystemUnavailable:
    """SY324: half an answer, an error that calls itself a success, or somebody else's record."""
    return SystemUnavailable(
        f"`{system}` answered something that cannot be relied on",
        code="SY324",
        hint="nothing is taken as done; run again, and tell the vendor if it stays so",
    )


def key_refused(system: str) -> SystemUnavailable:
    """SY325: the key is not valid there, or may not do this."""
    return SystemUnavailable(
        f"`{system}` does not accept our key",
        code="SY325",
        hint="renew the secret that `seiyaku.yaml` names, with the rights the driver needs",
    )

"""Keep within a vendor's rate limit, all workers of one installation together.

The moment from which the next call is free stands where every worker reaches it: a file they
lock in turn, or the control plane where it lies on a server. A tenth of the allowance may be
used at once, the rest is spread evenly. A vendor that asks one worker for time asks all of them.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from seiyaku.systems._shared.files import translated

LONGEST_S = 120.0
"""No turn is further away: a clock set back, or a vendor's whim, must not stop the work."""


class Turns(Protocol):
    """Where it stands from when on a system may be called."""

    def take(self, system: str, each_s: float) -> float:
        """Take the next turn; seconds until it comes.

        Args:
            each_s: seconds from this turn to the one after it.
        """
        ...

    def hold(self, system: str, seconds: float) -> None:
        """Let no turn come for `seconds`."""
        ...


@dataclass(frozen=True)
class FileTurns:
    """Turns in a folder that the workers of one machine share."""

    folder: Path

    def take(self, system: str, each_s: float) -> float:
        """See `Turns.take`."""
        return self._moved(system, each_s)

    def hold(self, system: str, seconds: float) -> None:
        """See `Turns.hold`."""
        self._moved(system, 0.0, seconds)

    def _moved(self, system: str, each_s: float, hold_s: float = 0.0) -> float:
        with translated(system):
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / "pace").open("a+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                now = time.time()
                free = max(float(file.read() or 0), now + hold_s)
                free = min(free, now + LONGEST_S)
                file.truncate(0)
                file.write(repr(free + each_s))
        return free - now


@dataclass(frozen=True)
class Pace:
    """Waits before a call as long as the rate asks.

    Args:
        calls, seconds: at most so many calls in any stretch of so many seconds.
        turns: shared by the workers.
    """

    system: str
    calls: int
    seconds: float
    turns: Turns
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def wait(self) -> None:
        """Return when a call may be made."""
        each = self.seconds / self.calls
        at_once = each * max(self.calls // 10 - 1, 0)
        pause = self.turns.take(self.system, each) - at_once
        if pause > 0:
            self.sleep(pause)

    def hold(self, seconds: float | None, longest_s: float) -> None:
        """The vendor asks for time: nobody calls it before. More than `longest_s` is not waited."""
        if seconds is not None and 0 < seconds <= longest_s:
            at_once = self.seconds / self.calls * max(self.calls // 10 - 1, 0)
            self.turns.hold(self.system, seconds + at_once)

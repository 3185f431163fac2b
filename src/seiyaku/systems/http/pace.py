"""Keep within a vendor's rate limit, all workers of one installation together.

The moment from which the next call is free stands in a small file that workers lock in turn;
a tenth of the allowance may be used at once, the rest is spread evenly.
"""

from __future__ import annotations

import fcntl
import time
from pathlib import Path

from seiyaku.systems._shared.files import translated
from seiyaku.systems.http.model import Rate


class Pace:
    """Waits before a call as long as the rate asks.

    Args:
        rate: None where the vendor names no limit. folder: shared by the workers.
    """

    def __init__(self, system: str, rate: Rate | None, folder: Path) -> None:
        self._system, self._rate, self._folder = system, rate, folder

    def wait(self) -> None:
        """Return when a call may be made."""
        if self._rate is None:
            return
        pause = self._reserve(self._rate)
        if pause > 0:
            time.sleep(pause)

    def _reserve(self, rate: Rate) -> float:
        each = rate.seconds / rate.calls
        at_once = each * max(rate.calls // 10 - 1, 0)
        with translated(self._system):
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / "pace").open("a+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                now = time.time()
                # a clock set back must not stop the work: never wait longer than one stretch
                free = min(max(float(file.read() or 0), now), now + rate.seconds)
                file.truncate(0)
                file.write(repr(free + each))
        return free - now - at_once

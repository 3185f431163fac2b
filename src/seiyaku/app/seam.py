"""Where a worker may be killed on purpose: for tests of recovery only.

With ``SEIYAKU_CHAOS=NAME`` the process kills itself (SIGKILL) when it comes to the boundary
of that name; with ``SEIYAKU_CHAOS_RECORD=FILE`` it writes down the boundaries it passes.
Without them a boundary is one comparison with None.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

_KILL_AT = os.environ.get("SEIYAKU_CHAOS")
_RECORD = os.environ.get("SEIYAKU_CHAOS_RECORD")


def boundary(name: str) -> None:
    """Pass the boundary `name`."""
    if _RECORD is not None:
        with Path(_RECORD).open("a", encoding="ascii") as file:
            file.write(name + "\n")
    if _KILL_AT is not None and name == _KILL_AT:
        os.kill(os.getpid(), signal.SIGKILL)

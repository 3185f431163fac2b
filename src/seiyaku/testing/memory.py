"""How much memory a process needed, for tests and measurements (Linux)."""

from __future__ import annotations

from pathlib import Path


def peak_mib() -> float:
    """The most memory this process ever held, in MiB.

    `resource.getrusage` would count in what its parent held when it was started.
    Source: proc(5), ``/proc/self/status``, ``VmHWM``.
    """
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024

"""`seiyaku check` of the largest bundled policy, as a process."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from seiyaku.services import available, path

RUNS = 7


def run() -> list[dict[str, object]]:
    """Median seconds of a process, beside an empty Python process."""
    largest = max((path(s) / "policy.yaml" for s in available()), key=lambda p: p.stat().st_size)
    check = _median([sys.executable, "-m", "seiyaku", "check", str(largest)])
    help_ = _median([sys.executable, "-m", "seiyaku", "--help"])
    empty = _median([sys.executable, "-c", "pass"])
    return [
        _line(f"check {largest.parent.name} (limit 0.5 s)", check, empty),
        _line("--help (limit 0.3 s)", help_, empty),
    ]


def _line(name: str, ours: float, reference: float) -> dict[str, object]:
    return {
        "name": name,
        "unit": "s",
        "ours": ours,
        "reference": reference,
        "ratio": ours / reference,
    }


def _median(command: list[str]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run(command, cwd=Path.cwd(), capture_output=True, check=False)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    print(run())

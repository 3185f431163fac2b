"""Run a plan in child processes that are killed at every boundary, then gone on with.

usage: python forks.py WORLD PLAN SCRATCH    (prints one JSON object)

Everything is imported once. Each boundary gets a fork of this process, which works on its own
copy of the world (`worlds.py`) and forks twice: one child dies at the boundary by SIGKILL, the
next finds what it left. No process forks while it has threads.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import dumps
from worlds import World, world_of

import seiyaku.app.durable  # noqa: F401 - once for all forks
from seiyaku.app import open_home, seam
from seiyaku.testing.clock import FixedClock

AT = "2026-11-20T09:00:00+09:00"
ABREAST = 6
PATIENCE_S = 150


def run(home: Path, plan: str, kill_at: str | None, record: Path | None = None) -> int:
    """Run the plan in a fork; the status it ended with."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    signal.alarm(PATIENCE_S)  # a child that hangs is a failure, not a wait
    try:
        seam._KILL_AT, seam._RECORD = kill_at, str(record) if record else None
        opened = open_home(home, clock=FixedClock(AT))
        opened.recover()
        opened.run(plan)
        os._exit(0)
    except BaseException as error:
        sys.stderr.write(f"{kill_at}: {error!r}\n")
        os._exit(1)


def trial(kind: World, world: Path, plan: str, home: Path, boundary: str) -> dict[str, object]:
    """Die at `boundary`, look, go on, look again."""
    kind.copy(world, home)
    died = run(home, plan, boundary)
    between, remembered = kind.state(home), dumps.checkpoint(home)
    ended = run(home, plan, None)
    result = {"died": died, "between": between, "ended": ended, "after": kind.state(home)}
    result |= {"remembered": remembered, "doubts": dumps.doubts(home, remembered)}
    kind.drop(home)
    return result


def trials(
    kind: World, world: Path, plan: str, scratch: Path, names: list[str]
) -> dict[str, object]:
    """Every trial in a process of its own, a few at a time."""
    going = 0
    for name in names:
        if going == ABREAST:
            os.wait()
            going -= 1
        if os.fork() == 0:
            place = scratch / name.replace(":", "_")
            result = trial(kind, world, plan, place, name)
            place.with_suffix(".json").write_text(json.dumps(result))
            os._exit(0)
        going += 1
    for _ in range(going):
        os.wait()
    files = {n: (scratch / n.replace(":", "_")).with_suffix(".json") for n in names}
    return {n: json.loads(f.read_text()) for n, f in files.items()}


def main(world: Path, plan: str, scratch: Path) -> None:
    whole, record = scratch / "whole", scratch / "boundaries"
    kind = world_of()
    kind.copy(world, whole)
    ended = run(whole, plan, None, record)
    names = record.read_text().split()
    found = trials(kind, world, plan, scratch, names)
    print(json.dumps({"ended": ended, "whole": kind.state(whole), "trials": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))

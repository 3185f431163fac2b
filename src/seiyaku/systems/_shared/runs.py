"""What runs did in a system that keeps no record of them: a vendor has no marker row of ours.

A run is written down before its first call and again after its last. Whoever comes after a
crash finds it begun, and does what is left; the counts are those the run began with. Ids,
words and counts only: nothing about anybody.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, Literal

from seiyaku.datamap.system import Action, Applied, Left
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import Conflict, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId
from seiyaku.systems._shared.files import translated, write_synced


@dataclass(frozen=True)
class Before:
    """What is known of a run: ``begun`` with what it meant to do, or ``done`` with what it did."""

    state: Literal["begun", "done"]
    applied: Applied


class RunRecords:
    """Runs of one system, in a folder of this installation.

    Args:
        system: its id, for errors. folder: made when the first run begins.
    """

    def __init__(self, system: str, folder: Path) -> None:
        self._system, self._folder = system, folder

    @contextmanager
    def held(self, run: RunId) -> Iterator[None]:
        """Hold a run against another worker that would do it too; other people's runs go on.

        Raises:
            SystemUnavailable: SY301 another worker does it now.
        """
        path = self._path(run).with_suffix(".lock")
        with translated(self._system):
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = path.open("w")
        with lock:
            if not _locked(lock, path):
                raise SystemUnavailable(
                    f"`{self._system}`: another worker carries out the same run",
                    code="SY301",
                    hint="try again in a moment",
                )
            try:
                yield
            finally:
                path.unlink()  # while it is held: who opened it meanwhile holds nothing

    def before(self, run: RunId, actions: Sequence[Action]) -> Before | None:
        """What `run` did here before; None where it did not begin.

        Raises:
            Conflict: SY505 it did something else.
        """
        with translated(self._system):
            if not self._path(run).exists():
                return None
            entry = json.loads(self._path(run).read_bytes())
        if entry["actions"] != _digest(actions):
            raise Conflict(
                f"run `{run}` already did something else in `{self._system}`",
                code="SY505",
                hint="a run has one group of actions for each system: start a new run",
            )
        left = {DatasetId(d): _left(x) for d, x in entry["left"].items()}
        counts = entry["counts"]
        applied = Applied(counts["deleted"], counts["blanked"], counts["kept"], left=left)
        return Before(entry["state"], applied)

    def begin(self, run: RunId, actions: Sequence[Action], meant: Applied) -> None:
        """Write down what `run` is about to do."""
        self._write(run, actions, "begun", meant)

    def end(self, run: RunId, actions: Sequence[Action], applied: Applied) -> None:
        """Write down what `run` did, and what it left."""
        self._write(run, actions, "done", applied)

    def _write(self, run: RunId, actions: Sequence[Action], state: str, applied: Applied) -> None:
        counts: Mapping[str, Mapping[DatasetId, int]] = {
            "deleted": dict(applied.deleted),
            "blanked": dict(applied.blanked),
            "kept": dict(applied.kept),
        }
        entry = {
            "state": state,
            "run": run,
            "actions": _digest(actions),
            "counts": counts,
            "left": {d: asdict(rest) for d, rest in applied.left.items()},
        }
        with translated(self._system):
            write_synced(self._path(run), json.dumps(entry, default=date.isoformat).encode())

    def _path(self, run: RunId) -> Path:
        return self._folder / f"{sha256_hex(run.encode())[:32]}.json"


def _locked(lock: IO[str], path: Path) -> bool:
    """Whether the lock of the file at `path` is ours."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(lock.fileno()).st_ino == path.stat().st_ino
    except (BlockingIOError, FileNotFoundError):
        return False


def _left(read: Mapping[str, Any]) -> Left:
    until = date.fromisoformat(read["until"]) if read["until"] else None
    return Left(read["outcome"], read["rows"], read["why"], until)


def _digest(actions: Sequence[Action]) -> str:
    return sha256_hex(repr(tuple(actions)).encode())

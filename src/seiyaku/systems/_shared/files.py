"""Changing files so that a crash leaves the old content or the new, never half of either.

A run writes its new files beside the old ones, then one journal entry that says what is about
to happen (the commit), then moves the files into place. Whoever comes after a crash finds the
entry and finishes the move: the run took effect as a whole, or not at all.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from seiyaku.datamap.system import Action, Applied, Content
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import Conflict, SystemUnavailable
from seiyaku.kernel.ids import RunId, SystemId

HIDDEN = ".seiyaku"
TEMP_SUFFIX = ".seiyaku-new"
PIECE_BYTES = 1 << 20
OTHERS = "(other files)"
"""Stands for the table where no dataset speaks of a file."""


@contextmanager
def translated(system: str) -> Iterator[None]:
    """Raise what the file system raises as `SystemUnavailable`, naming the system only.

    Raises:
        SystemUnavailable: SY302 not writable, SY303 no room or a failing disk, SY304 not there,
            SY305 a damaged file.
    """
    try:
        yield
    except (EOFError, UnicodeError):
        raise SystemUnavailable(
            f"`{system}`: a file is damaged", code="SY305", hint="restore the file first"
        ) from None
    except OSError as error:
        raise _meaning(system, error) from None


class Guard:
    """The system's lock, its folder checked, errors of files translated."""

    def __init__(self, system: SystemId, root: Path, lock: threading.RLock) -> None:
        self._system, self._root, self._lock = system, root, lock
        self._translated = translated(system)

    def __enter__(self) -> None:
        self._lock.acquire()
        if not self._root.is_dir():
            self._lock.release()
            raise SystemUnavailable(
                f"`{self._system}`: its folder is not there",
                code="SY304",
                hint="check where the system lies; nothing was created",
            )
        self._translated.__enter__()

    def __exit__(self, *error: object) -> None:
        try:
            self._translated.__exit__(*error)  # type: ignore[arg-type]
        finally:
            self._lock.release()


def _meaning(system: str, error: OSError) -> SystemUnavailable:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        message, code, hint = "files may not be changed", "SY302", "give the right to write"
    elif error.errno in (errno.ENOENT, errno.ENOTDIR):
        message, code, hint = "the folder or a file is not there", "SY304", "check the path"
    elif error.errno is None:  # gzip says so of a broken member
        message, code, hint = "a file is damaged", "SY305", "restore the file first"
    else:
        message, code, hint = "the disk does not take or give the data", "SY303", "free space"
    return SystemUnavailable(f"`{system}`: {message}", code=code, hint=hint)


def within(root: Path, relative: str) -> Path | None:
    """The file `relative` under `root`; None where the name leads out of it or is a link.

    # INVARIANT: no name from a database reaches a file outside the folder.
    """
    pure = PurePosixPath(relative)
    if not relative or "\0" in relative or pure.is_absolute() or ".." in pure.parts:
        return None
    path = root
    for part in pure.parts:
        path = path / part
        try:
            if path.is_symlink():
                return None
        except OSError:  # a name no file can have
            return None
    return path


def others(files: Iterable[Path]) -> tuple[str, ...]:
    """`OTHERS`, where there are any."""
    return (OTHERS,) if next(iter(files), None) is not None else ()


def held_in(system: str, root: Path, files: Iterable[Path]) -> Iterator[tuple[str, Content]]:
    """Each file by its path below `root`, and what it holds."""
    for path in files:
        with translated(system):
            size = path.stat().st_size
        yield path.relative_to(root).as_posix(), Content(size, partial(pieces_of, system, path))


def pieces_of(system: str, path: Path) -> Iterator[bytes]:
    """What a file holds, read piece by piece."""
    with translated(system), path.open("rb") as file:
        yield from iter(lambda: file.read(PIECE_BYTES), b"")


def sync_folder(folder: Path) -> None:
    """Put a folder's list of names on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_synced(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, on disk before this returns."""
    temp = path.with_name(path.name + TEMP_SUFFIX)
    with temp.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    os.replace(temp, path)
    sync_folder(path.parent)


@dataclass(frozen=True)
class Move:
    """A new file that takes the place of `target`, made from its first `size` bytes."""

    temp: str
    target: str
    size: int


class Journal:
    """What runs did to the files under `root`, kept in a hidden folder there.

    Args:
        root: folder of the system.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._folder = root, root / HIDDEN

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder against other runs, and finish what a crashed one had committed."""
        self._folder.mkdir(exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SystemUnavailable(
                    "another run is changing these files", code="SY301", hint="try again"
                ) from None
            for path in sorted(self._folder.glob("*.json")):
                entry = json.loads(path.read_bytes())
                if entry["state"] == "committed":
                    self._carry_out(path, entry)
            yield

    def before(self, run: RunId, actions: Sequence[Action]) -> Applied | None:
        """What `run` did here before; None where it did nothing yet.

        Raises:
            Conflict: SY505 it did something else.
        """
        path = self._path(run)
        if not path.exists():
            return None
        entry = json.loads(path.read_bytes())
        if entry["actions"] != _digest(actions):
            raise Conflict(
                f"run `{run}` already did something else here",
                code="SY505",
                hint="a run has one group of actions for each system: start a new run",
            )
        counts = entry["counts"]
        return Applied(counts["deleted"], counts["blanked"], counts["kept"], again=True)

    def commit(
        self,
        run: RunId,
        actions: Sequence[Action],
        applied: Applied,
        moves: Sequence[Move] = (),
        removals: Sequence[str] = (),
    ) -> None:
        """Say what is about to happen, then let it happen."""
        counts = {"deleted": applied.deleted, "blanked": applied.blanked, "kept": applied.kept}
        entry = {
            "state": "committed",
            "run": run,
            "actions": _digest(actions),
            "counts": {k: dict(v) for k, v in counts.items()},
            "moves": [[m.temp, m.target, m.size] for m in moves],
            "removals": list(removals),
        }
        path = self._path(run)
        write_synced(path, json.dumps(entry).encode())
        self._carry_out(path, entry)

    def _carry_out(self, path: Path, entry: dict[str, Any]) -> None:
        touched: set[Path] = set()
        for temp, target, size in entry["moves"]:
            self._move(self._root / temp, self._root / target, size)
            touched.add((self._root / target).parent)
        for name in entry["removals"]:
            file = self._root / name
            file.unlink(missing_ok=True)
            touched.add(file.parent)
        for folder in touched:
            if folder.is_dir():
                sync_folder(folder)
        done = {k: entry[k] for k in ("run", "actions", "counts")}
        write_synced(path, json.dumps({"state": "applied", **done}).encode())

    def _move(self, temp: Path, target: Path, size: int) -> None:
        """Put `temp` in place, with what was appended to `target` in the meantime."""
        if not temp.exists():
            return  # moved before the crash
        with target.open("rb") as old, temp.open("ab") as new:
            old.seek(size)
            new.write(old.read())
            new.flush()
            os.fsync(new.fileno())
        os.replace(temp, target)

    def _path(self, run: RunId) -> Path:
        return self._folder / f"{sha256_hex(run.encode())[:32]}.json"


def _digest(actions: Sequence[Action]) -> str:
    return sha256_hex(repr(tuple(actions)).encode())

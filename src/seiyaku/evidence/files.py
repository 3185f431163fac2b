"""Files that survive: short writes, fsync, atomic replacement, and errors said plainly."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from seiyaku.kernel.errors import SystemUnavailable

_SYNCS_AT_ONCE = 8
_FULL = {errno.ENOSPC, errno.EDQUOT}
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}


@contextmanager
def said_plainly(what: str) -> Iterator[None]:
    """Turn an `OSError` into a `SystemUnavailable`: SY310 full, SY311 not writable, SY312.

    A file that is not there stays a `FileNotFoundError`: only the caller knows its meaning.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise unavailable(what, error) from None


def unavailable(what: str, error: OSError) -> SystemUnavailable:
    """The error for `what` (a path or a phrase) and its cause."""
    code, hint = "SY312", "look at the disk, then try again"
    if error.errno in _FULL:
        code, hint = "SY310", "make room on the disk, then try again"
    elif error.errno in _CLOSED:
        code, hint = "SY311", "the evidence must be writable by this process"
    reason = error.strerror or type(error).__name__
    return SystemUnavailable(f"evidence `{what}`: {reason}", code=code, hint=hint)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data`, however many calls it takes."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def write_new(path: Path, data: bytes) -> None:
    """Write a file that nobody reads yet; the folders come into being. Not synced."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        descriptor = os.open(path, flags, 0o644)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, flags, 0o644)
    try:
        write_all(descriptor, data)
    finally:
        os.close(descriptor)


def replace_durably(path: Path, data: bytes, *, sync_folder: bool = False) -> None:
    """Put `data` in the place of `path`: readers see the old file or the new, never half.

    Args:
        sync_folder: also make sure that the *new* one is there after a power failure.
    """
    draft = path.with_name(path.name + ".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(draft, path)
    if sync_folder:
        sync([path.parent])


def sync(paths: Sequence[Path]) -> None:
    """Force files or folders to the disk.

    Many go side by side, so that the file system commits them together: sixteen files
    one after the other took 14 to 70 ms, side by side 2 to 25 ms (ext4).
    """
    if len(paths) == 1:
        _sync(paths[0])
    elif paths:
        with ThreadPoolExecutor(min(_SYNCS_AT_ONCE, len(paths))) as pool:
            list(pool.map(_sync, paths))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""ZIP files written straight through, split by size, whole or not at all.

Nothing is read back and nothing is held: the digest of a file is taken as its bytes pass. The
last volume gets the name that was asked for, since the table of contents is written last.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from seiyaku.requests.archive import Archive

PIECE_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Volume:
    """A file that was written.

    Args:
        size: bytes. sha256: of the whole file, hex.
    """

    name: str
    size: int
    sha256: str


class Volumes:
    """Writes entries into ``NAME.zip`` and, where they do not fit, into ``NAME.partN.zip``.

    Args:
        limit: bytes a volume should not exceed; one entry is never cut in two.
        at: when the package was made.
    """

    def __init__(self, folder: Path, name: str, limit: int, at: datetime) -> None:
        self._folder, self._name, self._limit, self._at = folder, name, limit, at
        self._done: list[Volume] = []
        self._open: _Open | None = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()

    @property
    def done(self) -> tuple[Volume, ...]:
        """Volumes before the one being written."""
        return tuple(self._done)

    def add(self, entry: str, pieces: Iterable[bytes], size: int, *, packed: bool = True) -> str:
        """Write one entry; a new volume is begun where it does not fit.

        Args:
            size: bytes it is said to have. packed: False for what is compressed already.

        Returns:
            SHA-256 of what was written, hex.
        """
        if self._open is not None and self._open.used and self._open.used + size > self._limit:
            self._turn()
        if self._open is None:
            self._open = _Open(self._partial(len(self._done) + 1), self._at)
        return self._open.add(entry, pieces, size, packed)

    def finish(self) -> tuple[Volume, ...]:
        """Give every volume its name, the last one first in line; now they are there."""
        self._turn()
        *others, last = self._done
        for number, volume in enumerate(others, 1):
            self._partial(number).replace(self._folder / volume.name)
        named = Volume(f"{self._name}.zip", last.size, last.sha256)
        self._partial(len(others) + 1).replace(self._folder / named.name)
        return (named, *others)

    def discard(self) -> None:
        """Leave nothing behind: nobody would destroy it later."""
        if self._open is not None:
            self._open.drop()
            self._open = None
        self._sweep()

    def _turn(self) -> None:
        assert self._open is not None
        size, sha256 = self._open.close()
        name = f"{self._name}.part{len(self._done) + 2}.zip"
        self._done.append(Volume(name, size, sha256))
        self._open = None

    def _partial(self, number: int) -> Path:
        return self._folder / f"{self._name}.{number}.part"

    def _sweep(self) -> None:
        for path in self._folder.glob(f"{self._name}.*.part"):
            path.unlink()


class _Open:
    """The volume being written: a file that is only ever appended to."""

    def __init__(self, path: Path, at: datetime) -> None:
        path.touch(mode=0o600)
        self._file = path.open("wb")
        self._through = _Through(self._file)
        self._archive = Archive(self._through, path.parent, at)

    @property
    def used(self) -> int:
        return self._through.size

    def add(self, entry: str, pieces: Iterable[bytes], size: int, packed: bool) -> str:
        return self._archive.add(entry, pieces, size, packed=packed)

    def close(self) -> tuple[int, str]:
        self._archive.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._through.size, self._through.digest.hexdigest()

    def drop(self) -> None:
        self._archive.drop()
        with suppress(OSError):  # what was buffered does not fit either
            self._file.close()


class _Through:
    """Passes bytes on, counting them and taking their digest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest, self.size = hashlib.sha256(), 0

    def write(self, data: bytes, /) -> int:
        self._file.write(data)
        self.digest.update(data)
        self.size += len(data)
        return len(data)

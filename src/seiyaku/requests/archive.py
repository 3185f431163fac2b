"""A ZIP file written straight through, never going back and never holding its own contents.

Sizes and checksum stand behind each entry, and the table of contents grows in a file without a
name until it is copied to the end: a hundred thousand entries need no more memory than one.
Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3 (ZIP64).
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import zlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from struct import Struct
from typing import IO, Final, Protocol

SPOOL_BYTES: Final = 1 << 16
"""What grows beside an archive stays in memory up to this size."""
_LARGE: Final = 1 << 30
_MOST: Final = (1 << 32) - 1
_BEHIND_AND_UTF8: Final = 0x0808
_UNIX_PRIVATE_FILE: Final = 0o100600 << 16
_LOCAL = Struct("<4s5H3I2H")
_BEHIND, _BEHIND_LARGE = Struct("<4s3I"), Struct("<4sI2Q")
_CENTRAL = Struct("<4s6H3I5H2I")
_SIZES_LARGE = Struct("<2H3Q")
_UNKNOWN_LARGE = Struct("<2H2Q").pack(1, 16, 0, 0)
_END_LARGE, _PLACE_LARGE = Struct("<4sQ2H2I4Q"), Struct("<4sIQI")
_END = Struct("<4s4H2IH")


class Sink(Protocol):
    """Where an archive goes: it takes bytes and knows how many it took."""

    size: int

    def write(self, data: bytes, /) -> int: ...


def spool(folder: Path) -> IO[bytes]:
    """A file without a name in `folder`, made once it no longer fits into a little memory."""
    return tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES, dir=str(folder))


class Archive:
    """Writes entries one after another.

    Args:
        sink: where it goes. folder: where the table of contents grows. at: time of the entries.
    """

    def __init__(self, sink: Sink, folder: Path, at: datetime) -> None:
        self._sink, self._contents, self._count = sink, spool(folder), 0
        day = ((at.year - 1980) << 9) | (at.month << 5) | at.day
        self._when = (at.hour << 11) | (at.minute << 5) | (at.second // 2), day

    def add(self, name: str, pieces: Iterable[bytes], size: int, *, packed: bool) -> str:
        """Write one entry.

        Args:
            size: bytes it is said to have. packed: False for what is compressed already.

        Returns:
            SHA-256 of its content, hex.

        Raises:
            OSError: EFBIG it has far more bytes than said.
        """
        encoded, offset, large = name.encode(), self._sink.size, size > _LARGE
        version, method = 45 if large else 20, zlib.DEFLATED if packed else 0
        common = (version, _BEHIND_AND_UTF8, method, *self._when)
        unknown, more = (_MOST, _UNKNOWN_LARGE) if large else (0, b"")
        sizes = (0, unknown, unknown, len(encoded), len(more))
        self._sink.write(_LOCAL.pack(b"PK\x03\x04", *common, *sizes) + encoded + more)
        written = _Written(self._sink, packed)
        for piece in pieces:
            written.write(piece)
        told = written.end()
        if not large and max(told[1:]) > _MOST:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        self._sink.write((_BEHIND_LARGE if large else _BEHIND).pack(b"PK\x07\x08", *told))
        self._list(encoded, common, told, offset)
        return written.sha256

    def close(self) -> None:
        """Write the table of contents, and the end."""
        start = self._sink.size
        self._contents.seek(0)
        while piece := self._contents.read(1 << 20):
            self._sink.write(piece)
        length = self._sink.size - start
        if self._count > 0xFFFF or start + length > _MOST:
            end = self._sink.size
            counts = (self._count, self._count, length, start)
            self._sink.write(_END_LARGE.pack(b"PK\x06\x06", 44, 45, 45, 0, 0, *counts))
            self._sink.write(_PLACE_LARGE.pack(b"PK\x06\x07", 0, end, 1))
        count = min(self._count, 0xFFFF)
        short = (count, count, min(length, _MOST), min(start, _MOST))
        self._sink.write(_END.pack(b"PK\x05\x06", 0, 0, *short, 0))
        self._contents.close()

    def drop(self) -> None:
        """Let go of what is not finished."""
        self._contents.close()

    def _list(
        self, name: bytes, common: tuple[int, ...], told: tuple[int, int, int], offset: int
    ) -> None:
        crc, packed, size = told
        more = b""
        if max(packed, size, offset) > _MOST:
            more = _SIZES_LARGE.pack(1, 24, size, packed, offset)
            packed = size = offset = _MOST
        lengths = (len(name), len(more), 0, 0, 0)
        made_by = (3 << 8) | common[0]
        entry = _CENTRAL.pack(
            b"PK\x01\x02", made_by, *common, crc, packed, size, *lengths, _UNIX_PRIVATE_FILE, offset
        )
        self._contents.write(entry + name + more)
        self._count += 1


class _Written:
    """The content of one entry as it passes."""

    def __init__(self, sink: Sink, packed: bool) -> None:
        self._sink, self._start = sink, sink.size
        self._packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS) if packed else None
        self._digest, self._crc, self._size = hashlib.sha256(), 0, 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, piece: bytes) -> None:
        self._digest.update(piece)
        self._crc = zlib.crc32(piece, self._crc)
        self._size += len(piece)
        self._sink.write(self._packer.compress(piece) if self._packer else piece)

    def end(self) -> tuple[int, int, int]:
        """Checksum, bytes written, bytes of the content."""
        if self._packer:
            self._sink.write(self._packer.flush())
        return self._crc, self._sink.size - self._start, self._size

"""What files and bytes say, piece by piece: text, packed text, and text among other bytes.

A file of text is read to its end, and so is one packed with gzip, bzip2, xz or zip. Of pictures,
films and documents only the beginning is read, where they carry who made them; `packed` then
says that there is more which was not read. Bytes nobody knows are gone through for the letters
between them.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader, BytesIO, RawIOBase
from itertools import chain
from typing import Any, BinaryIO, Final, NamedTuple, Protocol, cast

from seiyaku.datamap.system import Content

WINDOW: Final = 1 << 16
"""Signs of one piece."""
OVERLAP: Final = 256
"""Signs that two pieces share: longer than any identifier."""
HEAD_BYTES: Final = 1 << 18
"""Of a file whose inside is no text."""
MOST_ZIP_BYTES: Final = 32 << 20
"""Larger archives are not unpacked: their list of members stands at the end."""
_SNIFF: Final = 4096
_DEEP: Final = 3
_RAW: Final = "latin-1"
_OPAQUE: Final = (
    b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"%PDF", b"7z\xbc\xaf", b"Rar!",
    b"\x28\xb5\x2f\xfd", b"ID3", b"OggS", b"fLaC", b"wOF", b"\xd0\xcf\x11\xe0", b"PAR1",
)  # fmt: skip
_PLAIN: Final = (b"SQLite format 3\0",)
_BROKEN: Final = (zlib.error, lzma.LZMAError, OSError, EOFError, zipfile.BadZipFile, RuntimeError)


class _Reads(Protocol):
    def read(self, size: int, /) -> bytes: ...


_UNPACKERS: Final[tuple[tuple[bytes, Callable[[BinaryIO], _Reads]], ...]] = (
    (b"\x1f\x8b", lambda raw: gzip.GzipFile(fileobj=raw)),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\0", lzma.LZMAFile),
)


class Piece(NamedTuple):
    """A piece of text.

    Args:
        among_bytes: it is what letters happen to stand between other bytes; its neighbours
            may be no letters of the same word.
    """

    text: str
    among_bytes: bool = False


class FileTexts:
    """The texts of one file, in pieces that overlap.

    Attributes:
        packed: after it was gone through: something in it was not read.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self.packed = False

    def __iter__(self) -> Iterator[Piece]:
        yield from self._read(self._content.pieces(), self._content.size, 0)

    def _read(self, pieces: Iterable[bytes], size: int | None, depth: int) -> Iterator[Piece]:
        head, pieces = _beginning(pieces)
        for mark, unpacker in _UNPACKERS:
            if head.startswith(mark):
                packed = cast(BinaryIO, BufferedReader(_Stream(pieces)))
                yield from self._unpacked(unpacker(packed), depth)
                return
        if head.startswith(b"PK\x03\x04"):
            yield from self._members(pieces, size, depth)
        elif head.startswith(_OPAQUE) or head[4:8] == b"ftyp":
            self.packed = True
            yield from _windows(_first(pieces, HEAD_BYTES), _RAW)
        else:
            encoding = _encoding(head)
            plain = encoding != _RAW or head.startswith(_PLAIN) or head[257:262] == b"ustar"
            self.packed = self.packed or not plain
            yield from _windows(pieces, encoding)

    def _unpacked(self, packed: _Reads, depth: int) -> Iterator[Piece]:
        if depth == _DEEP:
            self.packed = True
            return
        yield from self._read(self._whole(packed), None, depth + 1)

    def _whole(self, packed: _Reads) -> Iterator[bytes]:
        """A little at a time, however much it grows."""
        try:
            yield from iter(lambda: packed.read(WINDOW), b"")
        except _BROKEN:  # damaged, or something else lies behind it
            self.packed = True

    def _members(self, pieces: Iterable[bytes], size: int | None, depth: int) -> Iterator[Piece]:
        if depth == _DEEP or (size or 0) > MOST_ZIP_BYTES:
            self.packed = True
            return
        data = b"".join(_first(pieces, MOST_ZIP_BYTES))
        try:
            with zipfile.ZipFile(BytesIO(data)) as archive:
                for name in archive.namelist():
                    yield Piece(name)
                    with archive.open(name) as member:
                        yield from self._unpacked(member, depth)
        except (*_BROKEN, NotImplementedError):  # encrypted, or packed in a way we do not know
            self.packed = True


def forms_of(data: bytes) -> Iterator[Piece]:
    """What a value of bytes says: as a file, and as a digest or an id kept in its bare bytes.

    Examples:
        >>> list(forms_of(b"aki@example.jp"))
        [Piece(text='aki@example.jp', among_bytes=False)]
        >>> [p.text for p in forms_of(bytes.fromhex("00ff" * 8))][-1]
        '00ff00ff00ff00ff00ff00ff00ff00ff'
    """
    yield from FileTexts(Content(len(data), lambda: iter([data])))
    if 16 <= len(data) <= 64 and not (data.isascii() and data.decode().isprintable()):
        yield Piece(data.hex())


class _Stream(RawIOBase):
    """Pieces as a file that is read forwards."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._rest = self._rest or next(self._pieces, b"")
        view = memoryview(buffer)
        taken, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(taken)] = taken
        return len(taken)


def _beginning(pieces: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, and all pieces with them."""
    rest, head = iter(pieces), b""
    taken: list[bytes] = []
    for piece in rest:
        taken.append(piece)
        head += piece[: _SNIFF - len(head)]
        if len(head) >= _SNIFF:
            break
    return head, chain(taken, rest)


def _encoding(head: bytes) -> str:
    """How the bytes are written; `_RAW` where they are no text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in head:
        return _RAW
    for encoding in ("utf-8", "cp932", "euc_jp"):
        for cut in range(4):  # a sign of several bytes may be cut at the end
            try:
                head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return encoding
    return _RAW


def _windows(pieces: Iterable[bytes], encoding: str) -> Iterator[Piece]:
    """The text in pieces of which each begins with the end of the one before."""
    raw = encoding == _RAW
    decoder, text, fresh = getincrementaldecoder(encoding)("replace"), "", False
    for piece in pieces:
        text, fresh = text + decoder.decode(piece), True
        while len(text) >= WINDOW:
            yield Piece(text[:WINDOW], raw)
            text, fresh = text[WINDOW - OVERLAP :], False
    text += decoder.decode(b"", final=True)
    if text and (fresh or len(text) > OVERLAP):
        yield Piece(text, raw)


def _first(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[:most]
        most -= len(piece)
        if most <= 0:
            return

"""The journal: what makes a group of entries durable with one fsync.

    header   ``seiyaku-journal/1`` newline, SHA-256 of what follows up to the records,
             index of its first entry (uint64), the hashes of the tree's edge there
    record   length of body (uint32), SHA-256 over first index and body, body
    body     entries, each behind its length (uint16)

It holds the entries since the last full, synced bundles. A record that is cut
off at the end was never acknowledged and is dropped; whether a dropped record
*had* been acknowledged is told by the checkpoint, which is signed afterwards.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seiyaku.evidence.files import replace_durably, write_all
from seiyaku.evidence.growth import frontier_bytes
from seiyaku.evidence.layout import pack, unpack
from seiyaku.kernel.errors import EvidenceBroken

MAGIC = b"seiyaku-journal/1\n"
EDGE_AT = len(MAGIC) + 32 + 8
RECORD_BYTES = 4 + 32


@dataclass(frozen=True)
class Kept:
    """What a journal holds.

    Args:
        base: index of its first entry; a multiple of 256.
        frontier: hashes of the partial tiles at `base`, see `Growth`.
        entries: the entries from `base` on.
        length: bytes of the file that holds just that; 0 where it must be written.
    """

    base: int
    frontier: bytes
    entries: tuple[bytes, ...]
    length: int = 0


class Journal:
    """The open journal of a log; one writer.

    # INVARIANT: a file that is whole is gone on with. Writers that take turns know by a new file
    # that the journal was begun anew; if whoever reads it anew made one, nobody would ever stop.
    """

    def __init__(self, path: Path, kept: Kept) -> None:
        """Go on with the file that holds `kept`, or begin anew, durably, in its place."""
        self._length = kept.length or _begin(path, kept)
        self._next = kept.base + len(kept.entries)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        if kept.length:
            os.fdatasync(self._descriptor)  # whoever wrote it last may have died before

    def append(self, entries: Sequence[bytes]) -> None:
        """Make `entries` durable, all or none.

        Raises:
            OSError: they may or may not be there: read the journal again before going on.
        """
        record = _record(self._next, entries)
        try:
            write_all(self._descriptor, record)
            os.fdatasync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self._length)
            raise
        self._next += len(entries)
        self._length += len(record)

    def newer(self, path: Path) -> tuple[bytes, ...] | None:
        """What another process appended since; None where that cannot be told.

        The journal goes on behind it.
        """
        if os.fstat(self._descriptor).st_ino != path.stat().st_ino:
            return None  # it was begun anew
        with path.open("rb") as file:
            file.seek(self._length)
            data = file.read()
        entries, offset = list[bytes](), 0
        while (body := _body(data, offset, self._next + len(entries))) is not None:
            entries.extend(unpack(body))
            offset += RECORD_BYTES + len(body)
        if offset != len(data):
            return None  # cut off: whoever wrote it died
        self._next += len(entries)
        self._length += offset
        return tuple(entries)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def read_journal(path: Path) -> Kept:
    """What the journal at `path` holds, without what was cut off at its end.

    Raises:
        EvidenceBroken: SY612 the file is not a journal.
        FileNotFoundError: there is none.
    """
    data = path.read_bytes()
    base = int.from_bytes(data[EDGE_AT - 8 : EDGE_AT], "big")
    offset = EDGE_AT + frontier_bytes(base)
    seal = hashlib.sha256(data[EDGE_AT - 8 : offset]).digest()
    if not data.startswith(MAGIC) or data[len(MAGIC) : EDGE_AT - 8] != seal:
        raise EvidenceBroken(f"`{path.name}` is not a journal", code="SY612")
    frontier = data[EDGE_AT:offset]
    entries: list[bytes] = []
    while (body := _body(data, offset, base + len(entries))) is not None:
        entries.extend(unpack(body))
        offset += RECORD_BYTES + len(body)
    return Kept(base, frontier, tuple(entries), offset if offset == len(data) else 0)


def _begin(path: Path, kept: Kept) -> int:
    """Write a journal of `kept`; its length."""
    start = kept.base.to_bytes(8, "big") + kept.frontier
    head = MAGIC + hashlib.sha256(start).digest() + start
    body = _record(kept.base, kept.entries) if kept.entries else b""
    replace_durably(path, head + body, sync_folder=True)
    return len(head) + len(body)


def _record(first: int, entries: Sequence[bytes]) -> bytes:
    body = pack(entries)
    return len(body).to_bytes(4, "big") + _seal(first, body) + body


def _body(data: bytes, offset: int, first: int) -> bytes | None:
    """The body of the record at `offset`, or None where no whole record begins."""
    start = offset + RECORD_BYTES
    end = start + int.from_bytes(data[offset : offset + 4], "big")
    body = data[start:end]
    if end > len(data) or not body or data[offset + 4 : start] != _seal(first, body):
        return None
    return body


def _seal(first: int, body: bytes) -> bytes:
    return hashlib.sha256(first.to_bytes(8, "big") + body).digest()

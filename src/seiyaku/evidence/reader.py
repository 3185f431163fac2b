"""Reading a log from what it publishes: checkpoint, entries and proofs. No lock needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from seiyaku.evidence.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from seiyaku.evidence.entry import Entry
from seiyaku.evidence.files import said_plainly
from seiyaku.evidence.keys import KeyList
from seiyaku.evidence.layout import (
    HASH_BYTES,
    HEIGHT,
    WIDTH,
    bundle_path,
    tile_path,
    unpack,
    width_at,
)
from seiyaku.evidence.tree import (
    Range,
    consistency_ranges,
    fold,
    inclusion_ranges,
    nodes_of,
    perfect_root,
)
from seiyaku.kernel.errors import EvidenceBroken, InvalidInput

PUBLIC = "public"
ENTITLED = "entries"
_CACHED_TILES = 512


class LogReader:
    """A log as its readers see it.

    The folder has two halves. ``public/`` may be served to anybody: ``checkpoint``,
    ``keys.json`` and tiles of hashes. ``entries/`` holds the entry bundles and goes to
    those entitled to them. Laid over each other they are a C2SP tlog-tiles log.

    Args:
        directory: the log's folder.
        trusted: a key of the log, the current or an earlier one.
    """

    def __init__(self, directory: Path, trusted: VerifierKey) -> None:
        self.directory = directory
        self._trusted = trusted
        self._tile = lru_cache(_CACHED_TILES)(self._read_tile)
        self._bundle = lru_cache(_CACHED_TILES // 8)(self._read_bundle)

    def checkpoint(self) -> Checkpoint:
        """The checkpoint that is published now, its signature verified.

        Raises:
            EvidenceBroken: SY610 or SY611 no trusted key signed it; SY613 it is missing.
        """
        keys = self.keys()
        note = _decode(self._read(PUBLIC, "checkpoint"))
        checkpoint = open_checkpoint(note, [t.key for t in keys.tenures])
        return open_checkpoint(note, keys.at(checkpoint.size))

    def keys(self) -> KeyList:
        """The published keys, each endorsed by the one before, the trusted one among them."""
        keys = KeyList.from_json(_decode(self._read(PUBLIC, "keys.json")))
        if self._trusted not in [t.key for t in keys.tenures]:
            raise EvidenceBroken("the trusted key is not a key of this log", code="SY611")
        return keys

    @property
    def size(self) -> int:
        """Number of entries published."""
        return self.checkpoint().size

    def entry(self, index: int) -> Entry:
        """The entry at `index`.

        Raises:
            InvalidInput: SY165 there is no such entry yet.
            EvidenceBroken: SY613 its bundle is missing or malformed.
        """
        return Entry.from_bytes(self.entry_bytes(index))

    def entry_bytes(self, index: int) -> bytes:
        """The canonical bytes of the entry at `index`; raises as `entry`."""
        return self._entry_bytes(index, self._size_with(index))

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        """The entries from `start` up to, without, `stop` (default: all there are)."""
        size = self.size
        for index in range(start, size if stop is None else min(stop, size)):
            yield Entry.from_bytes(self._entry_bytes(index, size))

    def inclusion_proof(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """The hashes that prove entry `index` in the tree of `size` entries.

        Args:
            size: default is the size published now.

        Raises:
            InvalidInput: SY165 there is no such entry or size.
        """
        head = self.size
        size = head if size is None else size
        if not 0 <= index < size <= head:
            raise _beyond(f"entry {index} in a tree of {size}", head)
        return tuple(self._hash(r, head) for r in inclusion_ranges(index, size))

    def consistency_proof(self, old: int, new: int) -> tuple[bytes, ...]:
        """The hashes that prove the tree of `new` entries extends that of `old`.

        Raises:
            InvalidInput: SY165 there is no such size, or the two are not in order.
        """
        head = self.size
        if not 0 <= old <= new <= head:
            raise _beyond(f"the step from {old} to {new}", head)
        return tuple(self._hash(r, head) for r in consistency_ranges(old, new))

    def _size_with(self, index: int) -> int:
        size = self.size
        if not 0 <= index < size:
            raise _beyond(f"entry {index}", size)
        return size

    def _entry_bytes(self, index: int, size: int) -> bytes:
        number, place = divmod(index, WIDTH)
        return self._bundle(number, width_at(0, number, size))[place]

    def _hash(self, span: Range, size: int) -> bytes:
        return fold([self._node(height, index, size) for height, index in nodes_of(*span)])

    def _node(self, height: int, index: int, size: int) -> bytes:
        """Hash of a perfect subtree, from the widest tile the tree of `size` has for it."""
        level, rise = divmod(height, HEIGHT)
        number, first = divmod(index << rise, WIDTH)
        tile = self._tile(level, number, width_at(level, number, size))
        return perfect_root(tile[first : first + (1 << rise)])

    def _read_tile(self, level: int, number: int, width: int) -> tuple[bytes, ...]:
        data = self._read_either(PUBLIC, lambda w: tile_path(level, number, w), width)
        hashes = [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]
        if len(hashes) < width or len(data) % HASH_BYTES:
            raise _missing(tile_path(level, number, width))
        return tuple(hashes[:width])

    def _read_bundle(self, number: int, width: int) -> tuple[bytes, ...]:
        data = self._read_either(ENTITLED, lambda w: bundle_path(number, w), width)
        try:
            entries = unpack(data)
        except ValueError:
            raise _missing(bundle_path(number, width)) from None
        if len(entries) < width:
            raise _missing(bundle_path(number, width))
        return tuple(entries[:width])

    def _read_either(self, half: str, path: Callable[[int], str], width: int) -> bytes:
        """A partial file, or the full one which may have taken its place meanwhile."""
        if width < WIDTH:
            with suppress(FileNotFoundError), said_plainly(path(width)):
                return (self.directory / half / path(width)).read_bytes()
        return self._read(half, path(WIDTH))

    def _read(self, half: str, path: str) -> bytes:
        try:
            with said_plainly(path):
                return (self.directory / half / path).read_bytes()
        except FileNotFoundError:
            raise _missing(path) from None


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise EvidenceBroken("a published text is not UTF-8", code="SY610") from None


def _missing(path: str) -> EvidenceBroken:
    return EvidenceBroken(f"`{path}` is missing or malformed", code="SY613")


def _beyond(what: str, size: int) -> InvalidInput:
    return InvalidInput(f"there is no {what}: the log has {size} entries", code="SY165")

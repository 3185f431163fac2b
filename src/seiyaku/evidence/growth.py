"""A growing log in memory: which files its next entries complete. Pure.

# INVARIANT: `base` is a multiple of 256, and everything below it is in full files.
"""

from __future__ import annotations

from collections.abc import Iterator

from seiyaku.evidence.layout import HASH_BYTES, HEIGHT, WIDTH, bundle_path, pack, tile_path
from seiyaku.evidence.tree import Peaks, leaf_hash, perfect_root

File = tuple[str, bytes]
"""A path below the log's prefix and its content."""


class Growth:
    """The right edge of a log.

    Args:
        base: entries that are already in full bundles; a multiple of 256.
        frontier: the hashes of the partial tiles at `base`, level 1 first, joined;
            their numbers follow from `base`.

    Raises:
        ValueError: `base` and `frontier` do not fit each other.
    """

    def __init__(self, base: int = 0, frontier: bytes = b"") -> None:
        if base % WIDTH or len(frontier) != frontier_bytes(base):
            raise ValueError("the frontier does not fit the base")
        self._tiles = _split_frontier(base, frontier)
        self._bundle: list[bytes] = []
        self._peaks = Peaks(base, [p for tile in reversed(self._tiles) for p in _peaks_of(tile)])

    @property
    def size(self) -> int:
        """Entries in all."""
        return self._peaks.size

    @property
    def base(self) -> int:
        """Entries in full bundles."""
        return self.size - len(self._bundle)

    @property
    def tail(self) -> tuple[bytes, ...]:
        """The entries of the partial bundle."""
        return tuple(self._bundle)

    def frontier(self) -> bytes:
        """The hashes from which a growth at `base` begins again."""
        return b"".join(self._tiles[1:])

    def root(self) -> bytes:
        """Root of the tree over all entries."""
        return self._peaks.root()

    def push(self, entry: bytes) -> list[File]:
        """Add an entry; answer the full files that it completed."""
        self._bundle.append(entry)
        done = self._peaks.push(leaf_hash(entry))
        files: list[File] = []
        for level in range((len(done) - 1) // HEIGHT + 1):
            if level == len(self._tiles):
                self._tiles.append(bytearray())
            self._tiles[level] += done[level * HEIGHT]
        for level, tile in enumerate(self._tiles):
            if len(tile) < WIDTH * HASH_BYTES:
                break
            files.append((tile_path(level, self._number(level) - 1), bytes(tile)))
            tile.clear()
        if files:
            files.append((bundle_path(self._number(0) - 1), pack(self._bundle)))
            self._bundle.clear()
        return files

    def partials(self) -> Iterator[File]:
        """The partial tiles and the partial bundle of the tree as it stands."""
        for level, tile in enumerate(self._tiles):
            if tile:
                width = len(tile) // HASH_BYTES
                yield tile_path(level, self._number(level), width), bytes(tile)
        if self._bundle:
            yield bundle_path(self._number(0), len(self._bundle)), pack(self._bundle)

    def _number(self, level: int) -> int:
        """Number of the tile that is being filled at `level`."""
        return self.size >> (HEIGHT * (level + 1))


def frontier_bytes(base: int) -> int:
    """Length of the frontier at `base`, in bytes."""
    return HASH_BYTES * sum(_widths(base))


def _widths(base: int) -> list[int]:
    """Hashes in the partial tile of each level from 1 on."""
    widths = []
    while base := base >> HEIGHT:
        widths.append(base % WIDTH)
    return widths


def _split_frontier(base: int, frontier: bytes) -> list[bytearray]:
    tiles, offset = [bytearray()], 0
    for width in _widths(base):
        end = offset + width * HASH_BYTES
        tiles.append(bytearray(frontier[offset:end]))
        offset = end
    return tiles


def _peaks_of(tile: bytearray) -> Iterator[bytes]:
    """The perfect subtrees over the hashes of a partial tile, widest first."""
    hashes = [bytes(tile[i : i + HASH_BYTES]) for i in range(0, len(tile), HASH_BYTES)]
    start = 0
    for bit in range(HEIGHT, -1, -1):
        if len(hashes) >> bit & 1:
            yield perfect_root(hashes[start : start + (1 << bit)])
            start += 1 << bit

"""Where the tiles and the bundles of a log lie, and how entries stand in a bundle. Pure.

Source: C2SP tlog-tiles (July 2026). Tiles are 256 hashes wide; a partial tile
names its width; indexes are written in groups of three digits.
"""

from __future__ import annotations

from collections.abc import Iterable

WIDTH = 256
HEIGHT = 8
HASH_BYTES = 32


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """Path of a tile of hashes below the log's prefix.

    Examples:
        >>> tile_path(0, 1234067), tile_path(1, 0, 17)
        ('tile/0/x001/x234/067', 'tile/1/000.p/17')
    """
    return f"tile/{level}/{_number(number, width)}"


def bundle_path(number: int, width: int = WIDTH) -> str:
    """Path of a bundle of entries below the prefix.

    Examples:
        >>> bundle_path(0), bundle_path(3, 1)
        ('tile/entries/000', 'tile/entries/003.p/1')
    """
    return f"tile/entries/{_number(number, width)}"


def width_at(level: int, number: int, size: int) -> int:
    """Hashes in tile `number` of `level` when the tree has `size` leaves (0 to 256)."""
    return max(0, min(WIDTH, (size >> (HEIGHT * level)) - number * WIDTH))


def pack(entries: Iterable[bytes]) -> bytes:
    """Entries as a bundle: each behind its length, a big-endian uint16."""
    return b"".join(len(e).to_bytes(2, "big") + e for e in entries)


def unpack(bundle: bytes) -> list[bytes]:
    """The entries of a bundle.

    Raises:
        ValueError: the lengths do not add up.
    """
    entries, offset = [], 0
    while offset < len(bundle):
        start = offset + 2
        offset = start + int.from_bytes(bundle[offset:start], "big")
        if offset > len(bundle):
            raise ValueError(f"the entry at byte {start - 2} is cut off")
        entries.append(bundle[start:offset])
    return entries


def _number(number: int, width: int) -> str:
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    path = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return path if width == WIDTH else f"{path}.p/{width}"

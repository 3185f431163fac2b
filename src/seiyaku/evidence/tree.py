"""The Merkle tree: growing it, and which of its nodes make up a proof. Pure.

A *node* is ``(height, index)``: the perfect subtree over the leaves from
``index << height`` on, ``1 << height`` of them. A *range* ``(lo, hi)`` is any
run of leaves that the tree's definition cuts out; it is made of nodes.

Source: RFC 6962 section 2.1 (June 2013).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

Node = tuple[int, int]
Range = tuple[int, int]

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash of one entry. Source: RFC 6962 2.1, prefix 0x00."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees. Source: RFC 6962 2.1, prefix 0x01."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Peaks:
    """A tree that only grows, kept as the roots of its perfect subtrees, widest first.

    Args:
        size: number of leaves the peaks stand for.
        peaks: one hash for each bit set in `size`, the highest bit first.
    """

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        self.size = size
        self._peaks = list(peaks)

    def push(self, leaf: bytes) -> list[bytes]:
        """Add a leaf hash; answer the subtrees it completed, by height, the leaf first."""
        completed = [leaf]
        rest = self.size
        while rest & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            completed.append(leaf)
            rest >>= 1
        self._peaks.append(leaf)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The tree's root; `EMPTY_ROOT` when there is no leaf."""
        return fold(self._peaks)


def fold(subtrees: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees that stand side by side, widest first."""
    if not subtrees:
        return EMPTY_ROOT
    *rest, root = subtrees
    for left in reversed(rest):
        root = node_hash(left, root)
    return root


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over `hashes`, a power of two of them."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def nodes_of(lo: int, hi: int) -> list[Node]:
    """The perfect subtrees that make up a range, left to right.

    Examples:
        >>> nodes_of(0, 7)
        [(2, 0), (1, 2), (0, 6)]
    """
    nodes = []
    while lo < hi:
        height = (hi - lo).bit_length() - 1
        nodes.append((height, lo >> height))
        lo += 1 << height
    return nodes


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The ranges whose hashes prove leaf `index` in a tree of `size`, from the leaf up.

    Source: RFC 6962 2.1.1, PATH.

    Examples:
        >>> inclusion_ranges(4, 7)
        [(5, 6), (6, 7), (0, 4)]
    """
    lo, hi = 0, size
    ranges = []
    while hi - lo > 1:
        middle = lo + _split(hi - lo)
        if index < middle:
            ranges.append((middle, hi))
            hi = middle
        else:
            ranges.append((lo, middle))
            lo = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The ranges whose hashes prove that a tree of `new` leaves extends one of `old`.

    Source: RFC 6962 2.1.2, PROOF and SUBPROOF. Empty for ``old in (0, new)``.

    Examples:
        >>> consistency_ranges(3, 7)
        [(2, 3), (3, 4), (0, 2), (4, 7)]
    """
    if old in (0, new):
        return []
    lo, hi, whole = 0, new, True
    ranges = []
    while old != hi:
        middle = lo + _split(hi - lo)
        if old <= middle:
            ranges.append((middle, hi))
            hi = middle
        else:
            ranges.append((lo, middle))
            lo, whole = middle, False
    if not whole:
        ranges.append((lo, hi))
    return ranges[::-1]


def _split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << ((count - 1).bit_length() - 1)

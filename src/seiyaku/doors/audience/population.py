"""Everybody's standing as columns of bits: one column for each trait, block by block of people.

A block has room for the traits somebody in it has, and a few more; a new trait or a new person
moves nothing. Beside the bits stands how many people have each combination of traits: there are far
fewer combinations than people, so a question is decided once for each of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from seiyaku.doors.audience.ids import BLOCK
from seiyaku.doors.audience.program import Program, Words

WORDS: Final = BLOCK // 64
SLAB: Final = 32
Codes = npt.NDArray[np.integer]


class Block:
    """Up to `BLOCK` people. Traits lie in slabs of `SLAB`, each trait a column of its own.

    A program runs along columns; one person is read across a slab, in one go.
    """

    __slots__ = ("_slabs", "columns", "known", "people")

    def __init__(self) -> None:
        self.columns: dict[int, Words] = {}
        self.known: Words = np.zeros(WORDS, np.uint64)
        self.people = 0
        self._slabs: dict[int, npt.NDArray[np.uint8]] = {}

    def mask(self, place: int) -> int:
        """The traits of the person in a place."""
        byte, bit, mask = place >> 3, 1 << (place & 7), 0
        for number, slab in self._slabs.items():
            has = np.packbits(slab[:, byte] & bit, bitorder="little").tobytes()
            mask |= int.from_bytes(has, "little") << number * SLAB
        return mask

    def change(self, place: int, changed: int) -> None:
        """Turn the traits in `changed` over."""
        byte, bit = place >> 3, np.uint8(1 << (place & 7))
        while changed:
            trait = (changed & -changed).bit_length() - 1
            self._slab(trait // SLAB)[trait % SLAB, byte] ^= bit
            changed &= changed - 1

    def _slab(self, number: int) -> npt.NDArray[np.uint8]:
        if number not in self._slabs:
            slab = self._slabs[number] = np.zeros((SLAB, BLOCK // 8), np.uint8)
            self.columns.update(enumerate(slab.view(np.uint64), number * SLAB))
        return self._slabs[number]

    @property
    def nbytes(self) -> int:
        """Bytes of the columns somebody is in; of the others no page was ever written."""
        return sum(c.nbytes for c in self.columns.values() if c.any()) + self.known.nbytes

    def upto(self, words: int) -> Mapping[int, Words]:
        """The columns as far as people stand in them: a few people take a moment, not a block."""
        if words == WORDS:
            return self.columns
        return {trait: column[:words] for trait, column in self.columns.items()}

    def occupied(self, place: int) -> bool:
        """Whether somebody stands in the place."""
        return bool(self.known.item(place >> 6) >> (place & 63) & 1)

    def occupy(self, place: int, there: bool) -> None:
        """Say whether somebody stands in the place."""
        self.known[place >> 6] ^= np.uint64(1 << (place & 63))
        self.people += 1 if there else -1

    def fill(self, masks: Sequence[int], codes: Codes) -> None:
        """Put people into an empty block, each with the mask their code points at."""
        some = 0
        for mask in masks:
            some |= mask
        for trait in range(some.bit_length()):
            if some >> trait & 1:
                has = np.array([mask >> trait & 1 for mask in masks], np.uint8)
                self._slab(trait // SLAB)[trait % SLAB] = _packed(has[codes])
        self.known = _packed(np.ones(len(codes), np.uint8)).view(np.uint64)
        self.people = len(codes)


def _packed(bits: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    packed = np.zeros(BLOCK // 8, np.uint8)
    packed[: -(-len(bits) // 8)] = np.packbits(bits, bitorder="little")
    return packed


class Population:
    """People by row, each with the mask of their traits; for one thread at a time."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._counts: dict[int, int] = {}
        self._end = 0

    def put(self, row: int, mask: int) -> None:
        """Give the person of a row these traits and no others."""
        block, place = self._place(row)
        self._end = max(self._end, row + 1)
        old = block.mask(place)
        if block.occupied(place):
            self._count(old, -1)
        else:
            block.occupy(place, True)
        block.change(place, old ^ mask)
        self._count(mask, 1)

    def remove(self, row: int) -> None:
        """Empty a row."""
        block, place = self._place(row)
        old = block.mask(place)
        block.change(place, old)
        block.occupy(place, False)
        self._count(old, -1)

    def fill(self, masks: Sequence[int], codes: Codes) -> None:
        """Put many people into rows that start at the end of the last block, whole blocks.

        Args:
            masks: the different masks. codes: for each person the index of theirs.
        """
        self._end = len(self._blocks) * BLOCK + len(codes)
        for start in range(0, len(codes), BLOCK):
            self._blocks.append(Block())
            self._blocks[-1].fill(masks, codes[start : start + BLOCK])
        for code, people in enumerate(np.bincount(codes, minlength=len(masks)).tolist()):
            if people:
                self._count(masks[code], people)

    def mask(self, row: int) -> int:
        """The traits of the person of a row."""
        block, place = self._place(row)
        return block.mask(place)

    def combinations(self) -> Mapping[int, int]:
        """How many people have each combination of traits that somebody has."""
        return self._counts

    def select(self, program: Program) -> Words:
        """The people for whom a program says yes, as bits by row."""
        chosen = np.empty(-(-self._end // 64), np.uint64)
        for index, block in enumerate(self._blocks):
            out = chosen[index * WORDS : (index + 1) * WORDS]
            if index == 0 or len(out) < WORDS:
                scratch = program.scratch(len(out))
            program.run(block.upto(len(out)), out, scratch)
            if block.people < len(out) * 64:
                np.bitwise_and(out, block.known[: len(out)], out=out)
        return chosen

    def occupied(self, block: int) -> npt.NDArray[np.intp]:
        """Places of a block in which somebody stands."""
        return places(self._blocks[block].known, 0)

    def numbers(self, block: int, words: int) -> Words:
        """Traits of everybody in a block as numbers of 64 traits: `words` rows of `BLOCK`."""
        found = np.zeros((words, BLOCK), np.uint64)
        for trait, column in self._blocks[block].columns.items():
            if column.any():
                found[trait // 64] |= bits(column, 0).astype(np.uint64) << np.uint64(trait % 64)
        return found

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return len(self._blocks)

    @property
    def rows(self) -> int:
        """How many rows there are, those in which nobody stands any more among them."""
        return self._end

    @property
    def nbytes(self) -> int:
        """Bytes of all columns."""
        return sum(block.nbytes for block in self._blocks)

    def _place(self, row: int) -> tuple[Block, int]:
        index, place = divmod(row, BLOCK)
        while index >= len(self._blocks):
            self._blocks.append(Block())
        return self._blocks[index], place

    def _count(self, mask: int, people: int) -> None:
        before = self._counts.get(mask, 0)
        if before + people:
            self._counts[mask] = before + people
        else:
            del self._counts[mask]


def coded(masks: Sequence[int]) -> tuple[Sequence[int], Codes]:
    """Masks of many people as the different ones, and for each person which it is."""
    number = {mask: n for n, mask in enumerate(Counter(masks))}
    codes = np.fromiter((number[mask] for mask in masks), np.uint32, len(masks))
    return list(number), codes


def blocks_of(chosen: Words) -> range:
    """Numbers of the blocks that bits of people reach into."""
    return range(-(-len(chosen) // WORDS))


def places(chosen: Words, block: int) -> npt.NDArray[np.intp]:
    """Places in a block, from its start, of the people chosen in it."""
    return np.flatnonzero(bits(chosen, block))


def bits(chosen: Words, block: int) -> npt.NDArray[np.uint8]:
    """One byte for each place of a block: whether the person is chosen."""
    part = chosen[block * WORDS : (block + 1) * WORDS].view(np.uint8)
    return np.unpackbits(part, bitorder="little")

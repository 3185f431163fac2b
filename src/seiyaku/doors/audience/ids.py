"""Which person stands in which row: ids in columns, found again by their hash."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa  # type: ignore[import-untyped]

from seiyaku.kernel.ids import PersonId

BLOCK: Final = 1 << 19
"""People in a block: their column of one trait is 64 KB, so that a few stay in the cache."""


class Ids:
    """Ids of people by row; rows are given in order of arrival and never again.

    The newest ids lie in a dictionary; from time to time they move into the sorted table of
    hashes, which takes 12 bytes a person.
    """

    def __init__(self) -> None:
        self._sealed: list[pa.Array] = []
        self._open: list[str | None] = []
        self._fresh: dict[str, int] = {}
        self._hashes = np.empty(0, np.int64)
        self._rows = np.empty(0, np.uint32)

    def __len__(self) -> int:
        """How many rows were given so far."""
        return len(self._sealed) * BLOCK + len(self._open)

    def row(self, person: PersonId) -> int | None:
        """The row of a person; None where nobody knows them."""
        found = self._fresh.get(person)
        return self._among_the_old(person) if found is None else found

    def person(self, row: int) -> str | None:
        """Who stands in a row; None where they were forgotten."""
        block, place = divmod(row, BLOCK)
        found = (
            self._block(block)[place].as_py() if block < len(self._sealed) else self._open[place]
        )
        return None if found is None else str(found)

    def add(self, person: PersonId) -> int:
        """Give a person who has none the next row."""
        row = len(self)
        self._fresh[person] = row
        self._open.append(person)
        if len(self._open) == BLOCK:
            self._seal()
        return row

    def forget(self, person: PersonId) -> None:
        """Keep nothing of a person; their row stays empty."""
        row = self.row(person)
        if row is None:
            return
        self._fresh.pop(person, None)
        block, place = divmod(row, BLOCK)
        if block == len(self._sealed):
            self._open[place] = None
        else:
            ids = self._sealed[block].to_pylist()
            ids[place] = None
            self._sealed[block] = pa.array(ids, pa.string())

    def take(self, block: int, rows: npt.NDArray[np.intp]) -> pa.Array:
        """Ids of some rows of a block, counted from its start; those forgotten are left out."""
        found = self._block(block).take(pa.array(rows))
        return found.drop_null() if found.null_count else found

    def blocks(self) -> Iterator[pa.Array]:
        """Every id ever given, block by block; null where the person was forgotten."""
        yield from self._sealed
        yield pa.array(self._open, pa.string())

    @property
    def nbytes(self) -> int:
        """Bytes of ids and of the table that finds them, without the newest."""
        ids = sum(block.nbytes for block in self._sealed)
        return int(ids + self._hashes.nbytes + self._rows.nbytes)

    def _block(self, block: int) -> pa.Array:
        newest = self._open  # read first: it may be closed meanwhile, and then stands in the other
        return self._sealed[block] if block < len(self._sealed) else pa.array(newest, pa.string())

    def _among_the_old(self, person: PersonId) -> int | None:
        sought, table = hash(person), self._hashes.data
        index = bisect_left(table, sought)
        while index < len(table) and table[index] == sought:
            row = int(self._rows[index])
            block, place = divmod(row, BLOCK)
            if self._sealed[block][place].as_py() == person:
                return row
            index += 1
        return None

    def _seal(self) -> None:
        """Close the block; sort its hashes in once there are many."""
        self._sealed.append(pa.array(self._open, pa.string()))
        self._open = []
        if len(self._fresh) * 8 >= len(self._hashes):
            self._sort(list(self._fresh), list(self._fresh.values()))
            self._fresh = {}

    def _sort(self, people: Sequence[str], rows: Sequence[int]) -> None:
        # Python's own hash of a text is keyed anew in each process: nobody can choose ids that
        # collide in it.
        fresh = np.fromiter(map(hash, people), np.int64, len(people))
        hashes = np.concatenate((self._hashes, fresh))
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._rows = np.concatenate((self._rows, np.array(rows, np.uint32)))[order]

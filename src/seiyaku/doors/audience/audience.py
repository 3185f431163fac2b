"""The people something may be done with: a bitmap, streamed in whichever form is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyroaring
from pyarrow import parquet

from seiyaku.doors.audience.ids import BLOCK, Ids
from seiyaku.doors.audience.population import blocks_of, places
from seiyaku.doors.audience.program import Words
from seiyaku.gate.model import Handling
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import PersonId

SCHEMA = pa.schema([pa.field("person", pa.string(), nullable=False)])


@dataclass(frozen=True)
class Audience:
    """People for whom every item is permitted, at one moment.

    Args:
        sources: of items whose source is known.
        version: of the policy in force. at: the moment asked about; what is said later is not
            in it. change: number of the last change it knows of.
        chosen: one bit a person, by row.
    """

    handling: Handling
    items: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    version: str
    at: datetime
    change: int
    chosen: Words = field(repr=False)
    ids: Ids = field(repr=False)

    def __len__(self) -> int:
        """How many people."""
        return int(np.bitwise_count(self.chosen).sum(dtype=np.int64))

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return bool(self.chosen.any())

    def __contains__(self, person: object) -> bool:
        """Whether a person is in it; one who came later is not."""
        row = self.ids.row(PersonId(str(person)))
        if row is None or row >= len(self.chosen) * 64:
            return False
        return bool(self.chosen.item(row >> 6) >> (row & 63) & 1)

    def __iter__(self) -> Iterator[PersonId]:
        """Ids, in order of rows."""
        for batch in self.batches():
            yield from map(PersonId, batch.column(0).to_pylist())

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Ids as Arrow, a block of people at a time; those forgotten meanwhile are left out."""
        for block in blocks_of(self.chosen):
            found = places(self.chosen, block)
            if len(found):
                yield pa.record_batch([self.ids.take(block, found)], schema=SCHEMA)

    def reader(self) -> pa.RecordBatchReader:
        """Ids as an Arrow stream, which DuckDB and others read as it comes."""
        return pa.RecordBatchReader.from_batches(SCHEMA, self.batches())

    def roaring(self) -> pyroaring.BitMap:
        """Rows as a roaring bitmap; a row means the same as long as the door is open."""
        found = pyroaring.BitMap()
        for block in blocks_of(self.chosen):
            rows = places(self.chosen, block) + block * BLOCK
            found |= pyroaring.BitMap(rows.astype(np.uint32))
        return found

    def write(self, path: Path) -> int:
        """Write the ids to a file, in the form its suffix says; how many were written.

        Raises:
            InvalidInput: SY100 the suffix is none of ``.parquet``, ``.arrow``, ``.txt``.
        """
        writers = {".parquet": self._parquet, ".arrow": self._arrow, ".txt": self._text}
        if path.suffix not in writers:
            raise InvalidInput(
                f"no audience is written as `{path.suffix}`", hint=f"use {', '.join(writers)}"
            )
        writers[path.suffix](path)
        return len(self)

    def _parquet(self, path: Path) -> None:
        with parquet.ParquetWriter(path, SCHEMA) as out:
            for batch in self.batches():
                out.write_batch(batch)

    def _arrow(self, path: Path) -> None:
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, SCHEMA) as out:
            for batch in self.batches():
                out.write_batch(batch)

    def _text(self, path: Path) -> None:
        with path.open("w", encoding="utf-8") as out:
            out.writelines(f"{person}\n" for person in self)

"""Indexes that help a database find the few people who permit something.

A condition on bits tells a planner nothing of how many rows it leaves. An index of just those
people does, and is what one would make by hand for a column of consents. They are the owner's to
create; no query needs them to be right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from seiyaku.datamap.model import Dataset
from seiyaku.doors.permits import Slot, chains_of
from seiyaku.doors.sql.shown import Showing
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import DatasetId


def indexes(showing: Showing, system: str) -> tuple[str, ...]:
    """Statements that create them for one handling, where the database knows such indexes.

    PostgreSQL is told to keep statistics of the same conditions; run ``ANALYZE`` after.
    """
    if showing.dialect.name not in ("postgres", "sqlite"):
        return ()
    return tuple(dict.fromkeys(_wanted(showing, system)))


def _wanted(showing: Showing, system: str) -> Iterator[str]:
    q = showing.dialect.name_of
    for name, dataset in showing.datamap.systems[system].datasets.items():
        for root in _roots(showing, DatasetId(f"{system}.{name}")):
            table = showing.sight.layout.root(root).table
            for column, mask in showing.sight.masks(_slots(showing, dataset)):
                word = _named(f"{table}_{column}_{mask:x}")
                bits = f"({q(column)} & {mask})"
                place = showing.table(table)
                if showing.dialect.name == "postgres":
                    yield f"CREATE STATISTICS IF NOT EXISTS {q(word)} ON {bits} FROM {place}"
                # SQLite wants the schema before the index, and the table bare
                index = q(f"{word}_i")
                if showing.dialect.name == "sqlite":
                    index, place = showing.table(f"{word}_i"), q(table)
                yield f"CREATE INDEX IF NOT EXISTS {index} ON {place} (person) WHERE {bits} <> 0"


def _roots(showing: Showing, dataset_id: DatasetId) -> set[DatasetId]:
    try:
        return {chain.root for chain in chains_of(showing.datamap, dataset_id)}
    except InvalidInput:
        return set()


def _slots(showing: Showing, dataset: Dataset) -> set[Slot]:
    return {slot for field in dataset.fields.values() for slot in showing.sight.slots(field)}


def _named(word: str) -> str:
    """A name no database cuts off."""
    return (
        word if len(word) < 60 else f"{word[:50]}_{hashlib.sha256(word.encode()).hexdigest()[:8]}"
    )

"""The same filter inside DuckDB: everybody's bits as a table, a question as a condition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import pyarrow as pa  # type: ignore[import-untyped]

from seiyaku.doors.audience.diagram import Diagram, Node
from seiyaku.doors.audience.door import Audiences
from seiyaku.doors.audience.ids import BLOCK
from seiyaku.doors.audience.known import REMEMBERED, Known
from seiyaku.doors.audience.population import Population
from seiyaku.gate.model import Handling

if TYPE_CHECKING:
    import duckdb

TABLE: Final = "seiyaku_standing"
STATE: Final = "seiyaku_standing_state"
WORD: Final = 64
_FRESH: Final = "seiyaku_fresh"


class InDuckDB:
    """Keeps everybody's bits in a DuckDB database and says questions in its language.

    The table has a row for each person: ``person``, and their traits as numbers ``traits_0``,
    ``traits_1`` ... It is as personal as what people said. One connection at a time writes it.

    Args:
        door: whose people and gate are asked. connection: the database that holds the data.
    """

    def __init__(self, door: Audiences, connection: duckdb.DuckDBPyConnection) -> None:
        self._door, self._connection = door, connection
        self._population: Population | None = None
        self._moves = self._words = self._state = 0

    def people(
        self, handling: Handling, items: Sequence[str], sources: Mapping[str, str] | None = None
    ) -> str:
        """A query of one column ``person``: for whom a handling is permitted with every item.

        Write it as a sub-query (``WHERE customer_id IN (...)``). It holds until the table is
        written again, by the next call after somebody said something: from then on it finds
        nobody. Raises as `Audiences.of`.
        """
        with self._door.held(handling, items, sources) as held:
            self._push(held.known)
            return people_sql(held.diagram(), self._state)

    def _push(self, known: Known) -> None:
        """Write what differs, in one transaction."""
        behind = known.moves - self._moves
        words = -(-max(len(known.traits), 1) // WORD)
        same = known.population is self._population and words == self._words
        if same and behind == 0:
            return
        self._connection.begin()
        try:
            if same and behind <= REMEMBERED:
                self._rewrite(known, sorted({*list(known.moved)[-behind:]}), words)
            else:
                self._write(known, words)
            state = f"SELECT {self._state + 1} AS n"
            self._connection.execute(f"CREATE OR REPLACE TABLE {STATE} AS {state}")
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise
        self._population, self._moves, self._words = known.population, known.moves, words
        self._state += 1

    def _write(self, known: Known, words: int) -> None:
        blocks = (_block(known, number, words) for number in range(known.population.blocks))
        stream = pa.RecordBatchReader.from_batches(_schema(words), blocks)
        self._connection.register(_FRESH, stream)
        self._connection.execute(f"CREATE OR REPLACE TABLE {TABLE} AS FROM {_FRESH}")
        self._connection.unregister(_FRESH)

    def _rewrite(self, known: Known, rows: Sequence[int], words: int) -> None:
        self._connection.register(_FRESH, _rows(known, rows, words))
        gone = f"DELETE FROM {TABLE} WHERE place IN (SELECT unnest($1))"  # noqa: S608 - our words
        self._connection.execute(gone, [rows])
        self._connection.execute(f"INSERT INTO {TABLE} FROM {_FRESH} WHERE person IS NOT NULL")
        self._connection.unregister(_FRESH)


def people_sql(found: Diagram, state: int) -> str:
    """A diagram as a query; what two nodes lead to is computed once, in a column of its own.

    Nothing but numbers of ours goes into its text: no word of a question, no id.

    Args:
        state: number the table must have for the answer to be about anybody.
    """
    uses = Counter(way for node in found.nodes if isinstance(node, Node) for way in node[1:])
    said: list[str] = []
    table = TABLE
    for index, node in enumerate(found.nodes):
        if not isinstance(node, Node):
            said.append("TRUE" if node else "FALSE")
            continue
        said.append(_condition(node, said[node.low], said[node.high]))
        if uses[index] > 1:
            table = f"(SELECT *, {said[-1]} AS way_{index} FROM {table})"  # noqa: S608
            said[-1] = f"way_{index}"
    current = f"EXISTS (SELECT 1 FROM {STATE} WHERE n = {state})"  # noqa: S608
    return f"SELECT person FROM {table} WHERE {said[-1]} AND {current}"  # noqa: S608


def _condition(node: Node, low: str, high: str) -> str:
    word, bit = divmod(node.trait, WORD)
    has = f"(traits_{word} & {1 << bit}::UBIGINT) <> 0"
    if high == "FALSE":
        return f"(NOT {has} AND {low})"
    if low == "FALSE":
        return f"({has} AND {high})"
    return f"CASE WHEN {has} THEN {high} ELSE {low} END"


def _schema(words: int) -> pa.Schema:
    traits = [(f"traits_{n}", pa.uint64()) for n in range(words)]
    return pa.schema([("person", pa.string()), ("place", pa.uint32()), *traits])


def _block(known: Known, number: int, words: int) -> pa.RecordBatch:
    places = known.population.occupied(number)
    traits = known.population.numbers(number, words)
    columns = [traits[n][places] for n in range(words)]
    rows = (places + number * BLOCK).astype("uint32")
    ids = known.ids.take(number, places)
    return pa.record_batch([ids, rows, *columns], schema=_schema(words))


def _rows(known: Known, rows: Sequence[int], words: int) -> pa.Table:
    masks = [known.population.mask(row) for row in rows]
    every = (1 << WORD) - 1
    columns = [[mask >> n * WORD & every for mask in masks] for n in range(words)]
    ids = [known.ids.person(row) for row in rows]
    return pa.table([ids, list(rows), *columns], schema=_schema(words))

"""A chain as a company system: listed where a node is named, never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import (
    Capabilities,
    DatasetRows,
    Handles,
    Located,
    Step,
    TableSurface,
)
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId
from seiyaku.systems._shared.matching import Position, Record, Search, some
from seiyaku.systems._shared.unread import UnreadSystem
from seiyaku.systems.chain.ledger import TRANSACTIONS, TRANSFERS, Ledger


class ChainSystem(UnreadSystem):
    """An immutable system. Acting on it raises SY508.

    Args:
        system: its id in the data map.
        entry, ledger: its declaration and the chain, where a node is asked; without them it is
            declared and not read.
    """

    can: ClassVar[Capabilities] = Capabilities(
        immutable=True, writes=False, excludes=("everything: it is not read",), verbs=()
    )

    def __init__(
        self, system: str, entry: SystemEntry | None = None, ledger: Ledger | None = None
    ) -> None:
        super().__init__(system)
        self._entry, self._ledger = entry, ledger

    @property
    def capabilities(self) -> Capabilities:
        if self._ledger is None:
            return self.can
        first = self._ledger.from_block
        covers = (f"transactions and token transfers from block {first}",)
        excludes = (f"blocks before {first}", "calls between contracts", "other chains")
        return replace(self.can, covers=covers, excludes=excludes)

    def surface(self) -> tuple[TableSurface, ...]:
        return () if self._ledger is None else (TRANSACTIONS, TRANSFERS)

    def locate(self, steps: Sequence[Step], handles: Handles) -> Located:
        search = self._search(steps, handles)
        return search.located() if search else Located({}, {}, Handles())

    def export(self, steps: Sequence[Step], handles: Handles) -> Iterator[DatasetRows]:
        search, entry = self._search(steps, handles), self._entry
        if search is None or entry is None:
            return
        for step in steps:
            columns = tuple(entry.datasets[step.dataset.partition(".")[2]].fields)
            values = (tuple(r.get(c) for c in columns) for _, r in search.owned(step))
            yield from some(DatasetRows(step.dataset, columns, values))

    def read_again(self, steps: Sequence[Step], handles: Handles) -> Mapping[DatasetId, int]:
        return self.locate(steps, handles).rows

    def refusal(self) -> Conflict:
        return Conflict(
            f"`{self._id}` is immutable: nothing can be removed there",
            code="SY508",
            hint="plan its items as impossible and cut the links that lead to it",
        )

    def close(self) -> None:
        if self._ledger is not None:
            self._ledger.close()

    def _search(self, steps: Sequence[Step], handles: Handles) -> Search | None:
        if self._ledger is None or self._entry is None:
            return None
        records = {s.dataset: self._records(s, handles) for s in steps}
        keys = {s.dataset: self._entry.datasets[s.dataset.partition(".")[2]].key for s in steps}
        return Search(steps, handles, keys, lambda dataset, _: iter(records[dataset]))

    def _records(self, step: Step, handles: Handles) -> list[tuple[Position, Record]]:
        """What the chain says of the addresses a step leads to."""
        if self._ledger is None or self._entry is None:
            return []
        name = step.dataset.partition(".")[2]
        table = self._entry.datasets[name].table or name
        addresses = {str(v) for p in step.paths for row in handles.at(p.target) for v in row}
        return [((table, n), r) for n, r in enumerate(self._ledger.read(table, addresses))]

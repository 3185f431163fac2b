"""A public ledger: never read, never changed. What a plan can do is cut the links to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

from seiyaku.datamap.system import (
    Action,
    Capabilities,
    DatasetRows,
    Handles,
    Located,
    Step,
    TableSurface,
    Value,
)
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId, RunId, SystemId


class ChainSystem:
    """An immutable system, declared and not read.

    Args:
        system: its id in the data map.
    """

    def __init__(self, system: str) -> None:
        self._id = SystemId(system)

    @property
    def id(self) -> SystemId:
        return self._id

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            immutable=True, writes=False, excludes=("everything: it is not read",), verbs=()
        )

    def surface(self) -> tuple[TableSurface, ...]:
        return ()

    def texts(self, table: str, column: str) -> Iterator[tuple[str, str]]:
        return iter(())

    def locate(self, steps: Sequence[Step], handles: Handles) -> Located:
        return Located({}, {}, Handles())

    def export(self, steps: Sequence[Step], handles: Handles) -> Iterator[DatasetRows]:
        return iter(())

    def apply(
        self,
        run: RunId,
        actions: Sequence[Action],
        handles: Handles,
        values: Mapping[tuple[DatasetId, str], Value] | None = None,
    ) -> NoReturn:
        """Refuse.

        Raises:
            Conflict: SY508 always.
        """
        raise Conflict(
            f"`{self._id}` is immutable: nothing can be removed there",
            code="SY508",
            hint="plan its items as impossible and cut the links that lead to it",
        )

    def read_again(self, steps: Sequence[Step], handles: Handles) -> Mapping[DatasetId, int]:
        return {}

    def close(self) -> None:
        """Nothing is held open."""

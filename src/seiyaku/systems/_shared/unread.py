"""What systems that no driver reads have in common: they find nothing and refuse to act."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, NoReturn

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
from seiyaku.kernel.errors import SeiyakuError
from seiyaku.kernel.ids import DatasetId, RunId, SystemId


class UnreadSystem(ABC):
    """A system that is declared and not read. INVARIANT: finding nothing here proves nothing.

    Args:
        system: its id in the data map.
    """

    can: ClassVar[Capabilities]

    def __init__(self, system: str) -> None:
        self._id = SystemId(system)

    @property
    def id(self) -> SystemId:
        return self._id

    @property
    def capabilities(self) -> Capabilities:
        return self.can

    @abstractmethod
    def refusal(self) -> SeiyakuError:
        """The error that `apply` raises; each kind of system says its own."""

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
        """Refuse, always."""
        raise self.refusal()

    def read_again(self, steps: Sequence[Step], handles: Handles) -> Mapping[DatasetId, int]:
        return {}

    def close(self) -> None:
        """Nothing is held open."""
        return None

"""A system a person works in: a task with evidence, never a call of ours."""

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
from seiyaku.kernel.errors import WaitsForPerson
from seiyaku.kernel.ids import DatasetId, RunId, SystemId


class ByHandSystem:
    """A system acted on by a person, who brings evidence.

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
            by_hand=True, writes=False, excludes=("everything: a person looks",), verbs=()
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
            WaitsForPerson: SY410 always.
        """
        raise WaitsForPerson(
            f"`{self._id}` is worked in by hand",
            code="SY410",
            hint="give the task to a person and record the evidence they bring",
        )

    def read_again(self, steps: Sequence[Step], handles: Handles) -> Mapping[DatasetId, int]:
        return {}

    def close(self) -> None:
        """Nothing is held open."""

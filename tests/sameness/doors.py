"""All doors the suite asks through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, Protocol

from sameness.through_audience import Audience
from sameness.through_authzen import AuthZenDoor
from sameness.through_code import Code
from sameness.through_definition import Definition
from sameness.through_egress import Outgoing
from sameness.through_engine import Engine
from sameness.through_guard import Guard
from sameness.through_sql import OnDuckDb, OnMariaDb, OnPostgres, OnSqlite
from sameness.world import World
from seiyaku.gate.model import Question


class Door(Protocol):
    """A way of asking the gate.

    Args:
        needs: fixtures of servers its constructor takes by name.
        outcomes: whether it tells undecided from refused.
        least: the share of the questions it must be able to be asked.
    """

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    outcomes: ClassVar[Literal["three", "two"]]
    least: ClassVar[float]

    def ask(self, world: World, questions: Sequence[Question]) -> list[str | None]:
        """The outcome of each question; None where this door has no word for it."""
        ...


DOORS: tuple[type[Door], ...] = (
    Definition,
    Engine,
    Code,
    Audience,
    OnSqlite,
    OnDuckDb,
    OnPostgres,
    OnMariaDb,
    Guard,
    AuthZenDoor,
    Outgoing,
)

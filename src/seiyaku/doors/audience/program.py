"""A diagram of yes and no as a run of bit operations over columns of people.

64 people are answered by one machine word. Each node costs one operation where one of its ways
is constant, three where none is; a node is held negated where that is cheaper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from seiyaku.doors.audience.diagram import Diagram, Node

Words = npt.NDArray[np.uint64]
"""Bits of people, 64 a word, the first person in the lowest bit."""
Operation = Literal["and", "or", "xor", "not"]
OUT: Final = -1
_BINARY: Final = {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}


class Step(NamedTuple):
    """One operation. A place is a trait's column (>= 0), the answer (-1) or a register (< -1)."""

    operation: Operation
    to: int
    left: int
    right: int


@dataclass(frozen=True)
class Program:
    """Steps that leave the answer in `OUT`.

    Args:
        constant: the answer where it is the same for everybody; there are then no steps.
        registers: how many vectors beside the answer the steps write to.
    """

    steps: tuple[Step, ...]
    registers: int
    constant: bool | None = None

    def scratch(self, words: int) -> Scratch:
        """Vectors of `words` words for the steps to write to, block after block."""
        made = [np.empty(words, np.uint64) for _ in range(self.registers)]
        return Scratch(made, np.zeros(words, np.uint64))

    def run(self, columns: Mapping[int, Words], out: Words, scratch: Scratch) -> None:
        """Answer a block of people into `out`.

        Args:
            columns: the traits somebody in the block has.
        """
        if self.constant is not None:
            out.fill(_ALL if self.constant else 0)
        vectors = [out, *scratch.registers]
        for operation, to, left, right in self.steps:
            a = columns.get(left, scratch.nothing) if left >= 0 else vectors[OUT - left]
            if operation == "not":
                np.invert(a, out=vectors[OUT - to])
            else:
                b = columns.get(right, scratch.nothing) if right >= 0 else vectors[OUT - right]
                _BINARY[operation](a, b, out=vectors[OUT - to])


_ALL: Final = np.uint64(2**64 - 1)


@dataclass(frozen=True)
class Scratch:
    """Vectors of one run: the registers, and the column of a trait nobody in a block has."""

    registers: Sequence[Words]
    nothing: Words


def compile(found: Diagram) -> Program:
    """The program of a diagram of yes and no. Pure."""
    root = found.nodes[-1]
    if not isinstance(root, Node):
        return Program((), 0, constant=root)
    writer = _Writer(found)
    writer.write()
    return Program(*_placed(writer.steps))


class _Writer:
    """Writes the steps, each to a place of its own (-1, -2 ...)."""

    def __init__(self, found: Diagram) -> None:
        self._nodes = found.nodes
        self._places: dict[tuple[int, bool], int] = {}
        self.steps: list[Step] = []

    def write(self) -> None:
        """Every node after those it leads to; the root last and as it is."""
        last = len(self._nodes) - 1
        for index, node in enumerate(self._nodes):
            if isinstance(node, Node):
                self._node(index, node)
        place = self._as(last, negated=False)
        if place >= 0:
            self._step("and", place, place)

    def _node(self, index: int, node: Node) -> None:
        low, high = self._nodes[node.low], self._nodes[node.high]
        if isinstance(low, bool) and isinstance(high, bool):
            self._places[index, bool(low)] = node.trait
        elif isinstance(low, bool):
            self._places[index, low] = self._step("and", node.trait, self._as(node.high, low))
        elif isinstance(high, bool):
            self._places[index, not high] = self._step(
                "or", node.trait, self._as(node.low, not high)
            )
        else:
            self._choice(index, node)

    def _choice(self, index: int, node: Node) -> None:
        """Low, and where the trait is, what high has otherwise."""
        negated = (node.low, True) in self._places
        low, high = self._as(node.low, negated), self._as(node.high, negated)
        differing = self._step("and", node.trait, self._step("xor", low, high))
        self._places[index, negated] = self._step("xor", low, differing)

    def _as(self, index: int, negated: bool) -> int:
        """The place of a node, or of its negation."""
        if (index, negated) not in self._places:
            other = self._places[index, not negated]
            self._places[index, negated] = self._step("not", other, other)
        return self._places[index, negated]

    def _step(self, operation: Operation, left: int, right: int) -> int:
        to = -1 - len(self.steps)
        self.steps.append(Step(operation, to, left, right))
        return to


def _placed(steps: Sequence[Step]) -> tuple[tuple[Step, ...], int]:
    """The steps with as few registers as they need, the last one writing to `OUT`."""
    last_use = {p: n for n, step in enumerate(steps) for p in (step.left, step.right) if p < 0}
    free: list[int] = []
    where: dict[int, int] = {}
    registers = 0
    placed: list[Step] = []
    for n, (operation, to, left, right) in enumerate(steps):
        a, b = where.get(left, left), where.get(right, right)
        free += {where[p] for p in (left, right) if last_use.get(p) == n}
        if n == len(steps) - 1:
            where[to] = OUT
        elif free:
            where[to] = free.pop()
        else:
            registers += 1
            where[to] = OUT - registers
        placed.append(Step(operation, where[to], a, b))
    return tuple(placed), registers

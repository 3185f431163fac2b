"""A decision diagram: one value for each combination of traits that somebody has.

Only combinations that are really there are told apart. A trait that changes nothing among them
does not appear, and what leads to the same is one node.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

Value = TypeVar("Value", bound=Hashable)


class Node(NamedTuple):
    """Where to go on: to node `high` with the trait, to node `low` without it."""

    trait: int
    low: int
    high: int


@dataclass(frozen=True)
class Diagram(Generic[Value]):
    """Nodes, each after those it leads to; the last one is the root.

    Args:
        nodes: a trait's bit with its two ways, or a value at which a way ends.
    """

    nodes: tuple[Node | Value, ...]

    def value(self, mask: int) -> Value:
        """The value for a person with these traits."""
        return _followed(self.nodes, -1, mask)


def _followed(nodes: Sequence[Node | Value], start: int, mask: int) -> Value:
    found = nodes[start]
    while isinstance(found, Node):
        found = nodes[found.high if mask >> found.trait & 1 else found.low]
    return found


def diagram(values: Mapping[int, Value]) -> Diagram[Value]:
    """The diagram of a function of trait masks.

    Args:
        values: the value of each mask there is, one at least; any other mask may then lead
            anywhere.

    Examples:
        >>> stopped = diagram({0b00: True, 0b10: False, 0b01: True})
        >>> stopped.nodes
        (False, True, Node(trait=1, low=1, high=0))
    """
    builder = _Builder(values)
    root = builder.build(list(values), _order(values))
    return Diagram(tuple(builder.reached(root)))


def _order(values: Mapping[int, Value]) -> Sequence[int]:
    """Bits in which masks differ, those first that settle most of what is still open.

    A side of a bit on which all have one value is settled; the next are chosen for the rest.
    """
    masks, bits, order = list(values), _differing(values), list[int]()
    while bits and masks:
        chosen = min(bits, key=lambda bit: _left_open(values, masks, bit))
        masks = _open_sides(values, masks, chosen)
        bits.remove(chosen)
        order.append(chosen)
    return order + bits


def _differing(masks: Iterable[int]) -> list[int]:
    some, every = 0, -1
    for mask in masks:
        some |= mask
        every &= mask
    return [n for n in range(some.bit_length()) if (some & ~every) >> n & 1]


def _sides(masks: Sequence[int], bit: int) -> tuple[list[int], list[int]]:
    """Those without the bit and those with it."""
    return [m for m in masks if not m >> bit & 1], [m for m in masks if m >> bit & 1]


def _open_sides(values: Mapping[int, Value], masks: Sequence[int], bit: int) -> list[int]:
    sides = _sides(masks, bit)
    return [m for side in sides if len({values[m] for m in side}) > 1 for m in side]


def _left_open(values: Mapping[int, Value], masks: Sequence[int], bit: int) -> tuple[int, int]:
    """How many masks a bit leaves open, and how many of them differ from most on their side."""
    counts = [Counter(values[m] for m in side) for side in _sides(masks, bit)]
    left = sum(count.total() for count in counts if len(count) > 1)
    odd = sum(count.total() - max(count.values()) for count in counts if count)
    return left, odd


class _Builder(Generic[Value]):
    """Nodes made so far, none twice."""

    def __init__(self, values: Mapping[int, Value]) -> None:
        self._values = values
        self._nodes: list[Node | Value] = []
        self._known: dict[Node | tuple[Value], int] = {}

    def build(self, masks: Sequence[int], bits: Sequence[int]) -> int:
        """The node that tells the values of `masks` apart by `bits`."""
        first = self._values[masks[0]]
        if all(self._values[mask] == first for mask in masks):
            return self._once((first,), first)
        zeros, ones = _sides(masks, bits[0])
        if not ones or not zeros:
            return self.build(ones or zeros, bits[1:])
        low, high = self.build(zeros, bits[1:]), self.build(ones, bits[1:])
        return self._node(Node(bits[0], low, high), zeros, ones)

    def _node(self, node: Node, zeros: Sequence[int], ones: Sequence[int]) -> int:
        """The node, or one of its two ways where that serves both."""
        if self._serves(node.low, ones):
            return node.low
        if self._serves(node.high, zeros):
            return node.high
        return self._once(node, node)

    def _serves(self, start: int, masks: Sequence[int]) -> bool:
        return all(_followed(self._nodes, start, m) == self._values[m] for m in masks)

    def _once(self, key: Node | tuple[Value], node: Node | Value) -> int:
        if key not in self._known:
            self._known[key] = len(self._nodes)
            self._nodes.append(node)
        return self._known[key]

    def reached(self, root: int) -> Iterator[Node | Value]:
        """The nodes that `root` leads to, numbered anew, itself last."""
        wanted = {root}
        for index in range(root, -1, -1):
            node = self._nodes[index]
            if index in wanted and isinstance(node, Node):
                wanted |= {node.low, node.high}
        place = {index: n for n, index in enumerate(sorted(wanted))}
        for index in place:
            node = self._nodes[index]
            if isinstance(node, Node):
                node = Node(node.trait, place[node.low], place[node.high])
            yield node

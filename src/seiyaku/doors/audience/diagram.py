"""A decision diagram: yes or no for each combination of traits that somebody has.

Only combinations that are really there are told apart. A trait that changes nothing among them
does not appear, and what leads to the same is one node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Node(NamedTuple):
    """Where to go on: to node `high` with the trait, to node `low` without it."""

    trait: int
    low: int
    high: int


@dataclass(frozen=True)
class Diagram:
    """Nodes, each after those it leads to; the last one is the root.

    Args:
        nodes: a trait's bit with its two ways, or the answer at which a way ends.
    """

    nodes: tuple[Node | bool, ...]

    def value(self, mask: int) -> bool:
        """The answer for a person with these traits."""
        return _followed(self.nodes, -1, mask)


def _followed(nodes: Sequence[Node | bool], start: int, mask: int) -> bool:
    found = nodes[start]
    while isinstance(found, Node):
        found = nodes[found.high if mask >> found.trait & 1 else found.low]
    return found


def diagram(values: Mapping[int, bool]) -> Diagram:
    """The diagram of a function of trait masks.

    Args:
        values: the answer for each mask there is, one at least; any other mask may then lead
            anywhere.

    Examples:
        >>> stopped = diagram({0b00: True, 0b10: False, 0b01: True})
        >>> stopped.nodes
        (True, False, Node(trait=1, low=0, high=1))
    """
    builder = _Builder(values)
    root = builder.build(list(values), _order(values))
    return Diagram(tuple(builder.reached(root)))


def _order(values: Mapping[int, bool]) -> Sequence[int]:
    """Bits in which masks differ, those first that settle most of what is still open.

    A side of a bit on which all answers are one is settled; the next bits are chosen for the
    rest. So stops come first and lead to one answer at once.
    """
    bits = _differing(values)
    has = np.array([[mask >> bit & 1 for bit in bits] for mask in values], np.bool_)
    yes = np.fromiter(values.values(), np.bool_, len(values))
    order: list[int] = []
    while len(order) < len(bits) and len(yes):
        left_open = _left_open(has, yes)
        left_open[order] = np.inf
        chosen = int(left_open.argmin())
        order.append(chosen)
        with_it = has[:, chosen]
        still = _mixed(yes[with_it]) & with_it | _mixed(yes[~with_it]) & ~with_it
        has, yes = has[still], yes[still]
    return [bits[n] for n in order]


def _left_open(has: npt.NDArray[np.bool_], yes: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """For each bit how many masks it leaves open; among equals, how many are odd ones out."""
    total, found = np.zeros(has.shape[1]), len(yes) + 1
    for side in (has, ~has):
        people, agreeing = side.sum(axis=0), (side & yes[:, None]).sum(axis=0)
        odd = np.minimum(agreeing, people - agreeing)
        total += np.where(odd > 0, people, 0) + odd / found
    return total


def _mixed(yes: npt.NDArray[np.bool_]) -> bool:
    return bool(yes.any()) and not yes.all()


def _differing(masks: Iterable[int]) -> list[int]:
    some, every = 0, -1
    for mask in masks:
        some |= mask
        every &= mask
    return [n for n in range(some.bit_length()) if (some & ~every) >> n & 1]


class _Builder:
    """Nodes made so far, none twice."""

    def __init__(self, values: Mapping[int, bool]) -> None:
        self._values = values
        self._nodes: list[Node | bool] = []
        self._known: dict[tuple[object, ...], int] = {}

    def build(self, masks: Sequence[int], bits: Sequence[int]) -> int:
        """The node that tells the answers of `masks` apart by `bits`."""
        first = self._values[masks[0]]
        if all(self._values[mask] == first for mask in masks):
            return self._once((first,), first)
        zeros = [mask for mask in masks if not mask >> bits[0] & 1]
        ones = [mask for mask in masks if mask >> bits[0] & 1]
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

    def _once(self, key: tuple[object, ...], node: Node | bool) -> int:
        if key not in self._known:
            self._known[key] = len(self._nodes)
            self._nodes.append(node)
        return self._known[key]

    def reached(self, root: int) -> Iterator[Node | bool]:
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

"""Whose a row is: every chain of owning links from a dataset to the people at its ends.

The persons of a row are all those its chains reach. A row is there for a handling if there is
one of them at least and each has a permitted item; so a chain that cannot be followed is a
fault, never a chain less.
"""

from __future__ import annotations

from dataclasses import dataclass

from seiyaku.datamap.model import DataMap, Link, system_of
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import DatasetId


@dataclass(frozen=True)
class Hop:
    """One step of a chain: columns of the row before hold the values of columns there.

    Args:
        exact: the columns there are its key, so that at most one row is met.
    """

    by: tuple[str, ...]
    dataset: DatasetId
    columns: tuple[str, ...]
    exact: bool


@dataclass(frozen=True)
class Chain:
    """A way from a row to its person.

    Args:
        root: dataset of the person. hops: empty where the row is the person itself.
        role: which person of the row this is, where it has two.
    """

    root: DatasetId
    hops: tuple[Hop, ...] = ()
    role: str | None = None

    @property
    def exact(self) -> bool:
        """Whether it leads to one person at most."""
        return all(hop.exact for hop in self.hops)


def chains_of(datamap: DataMap, dataset_id: DatasetId) -> tuple[Chain, ...]:
    """Every chain of a dataset, in written order; none for a shared or unreachable one.

    Raises:
        InvalidInput: SY142 a chain runs in a circle, through another system, or ends at people
            whose key has several columns.
    """
    if datamap.dataset(dataset_id).shared:
        return ()
    return tuple(_chains(datamap, dataset_id, (dataset_id,)))


def _chains(datamap: DataMap, at: DatasetId, seen: tuple[DatasetId, ...]) -> list[Chain]:
    dataset = datamap.dataset(at)
    if dataset.person and len(dataset.key) != 1:
        raise _fault(at, "its people have a key of several columns")
    found = [Chain(at)] if dataset.person else []
    for link in dataset.links:
        if link.owns:
            found += _through(datamap, at, link, seen)
    return found


def _through(
    datamap: DataMap, at: DatasetId, link: Link, seen: tuple[DatasetId, ...]
) -> list[Chain]:
    system = system_of(at)
    target = datamap.target(system, link)
    columns = datamap.target_columns(system, link)
    key = datamap.dataset(target).key
    hop = Hop(link.by, target, columns, exact=columns == key)
    if target in seen:
        raise _fault(at, f"its owners run in a circle through `{target}`")
    away = system_of(target) != system
    if away and not (datamap.dataset(target).person and hop.exact):
        raise _fault(at, f"its owner stands in another system (`{target}`)")
    if away:
        return [Chain(target, (hop,), link.role)]
    rest = _chains(datamap, target, (*seen, target))
    return [Chain(chain.root, (hop, *chain.hops), link.role) for chain in rest]


def _fault(dataset_id: DatasetId, why: str) -> InvalidInput:
    return InvalidInput(
        f"nobody can tell inside the database whose the rows of `{dataset_id}` are: {why}",
        code="SY142",
        hint="this table stays closed to the doors inside databases",
    )

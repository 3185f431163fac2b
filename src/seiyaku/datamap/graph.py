"""In which order the rows of a person are found, and which rows no path reaches.

Every link is a path from a dataset to the columns it points at. `resolve` walks the links
backwards from the people: a dataset is reachable when one of its owning links points at a
reachable one. Groups that point at each other are reported as cycles and found by repetition;
datasets that hold items and that no path reaches are reported, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from seiyaku.datamap.model import DataMap, Dataset, Link, system_of
from seiyaku.datamap.system import HandleColumn, Path, Step
from seiyaku.kernel.ids import DatasetId, SystemId

Cycle = tuple[DatasetId, ...]


@dataclass(frozen=True)
class Resolution:
    """How the rows of people are found over all systems.

    Args:
        steps: one for every dataset with rows of people or references to them; a dataset
            comes after the ones its links point at, except inside a cycle.
        cycles: groups of datasets that point at each other, sorted; found by repetition.
        unreachable: datasets that hold items and that no link connects to a person.
        system_order: systems in the order they are read; systems without datasets last.
    """

    steps: tuple[Step, ...]
    cycles: tuple[Cycle, ...]
    unreachable: tuple[DatasetId, ...]
    system_order: tuple[SystemId, ...]

    def of_system(self, system: str) -> tuple[Step, ...]:
        """The steps to take in one system, in order."""
        return tuple(s for s in self.steps if system_of(s.dataset) == system)


def resolve(
    datamap: DataMap, kind: str | None = None, start: frozenset[DatasetId] = frozenset()
) -> Resolution:
    """Order the datasets of `datamap` so that people's rows can be found in one walk.

    Args:
        datamap: checked data map; links to datasets that do not exist are passed over.
        kind: start from this kind of people only (``seller``); None starts from all.
        start: start from rows of these datasets instead, known by their keys: the walk finds
            what hangs on them, and a person's own row hangs on nothing.
    """
    datasets = dict(datamap.datasets())
    roots = set(start) or {i for i, d in datasets.items() if d.person and kind in (None, d.person)}
    apart = {i for i, d in datasets.items() if start and d.person}
    owning = {
        i: set() if i in apart else _targets(datamap, i, d, owns=True) for i, d in datasets.items()
    }
    reached = _reached(roots, owning)
    referring = {i: _targets(datamap, i, d, owns=False) & reached for i, d in datasets.items()}
    found = [i for i in datasets if i in reached or referring[i]]
    edges = {i: (owning[i] & reached) | referring[i] for i in found}
    groups = _groups(found, edges)
    wanted = _wanted(datamap, found, reached)
    steps = [
        _step(datamap, i, datasets[i], roots, reached, wanted) for group in groups for i in group
    ]
    pointing = {i: owning[i] | _targets(datamap, i, d, owns=False) for i, d in datasets.items()}
    everyone = _reached({i for i, d in datasets.items() if d.person}, owning)
    return Resolution(
        steps=tuple(steps),
        cycles=tuple(sorted(tuple(sorted(g)) for g in _cyclic(pointing))),
        unreachable=tuple(i for i, d in datasets.items() if _holds(d) and i not in everyone),
        system_order=_system_order(datamap, steps),
    )


def paths_of(datamap: DataMap, dataset_id: DatasetId, dataset: Dataset) -> Iterable[Path]:
    """Every link of a dataset as the path that follows it, in written order."""
    system = system_of(dataset_id)
    for link in dataset.links:
        if _exists(datamap, system, link):
            columns = datamap.target_columns(system, link)
            target = HandleColumn(datamap.target(system, link), columns)
            yield Path(link.by, target, owns=link.owns, role=link.role)


def _exists(datamap: DataMap, system: SystemId, link: Link) -> bool:
    try:
        datamap.dataset(datamap.target(system, link))
    except KeyError:
        return False
    return True


def _targets(datamap: DataMap, i: DatasetId, dataset: Dataset, *, owns: bool) -> set[DatasetId]:
    if dataset.shared and owns:
        return set()
    return {p.target.dataset for p in paths_of(datamap, i, dataset) if p.owns is owns}


def _reached(roots: set[DatasetId], owning: Mapping[DatasetId, set[DatasetId]]) -> set[DatasetId]:
    """Datasets from which a chain of owning links leads to a root."""
    pointing: dict[DatasetId, list[DatasetId]] = {}
    for dataset, targets in owning.items():
        for target in targets:
            pointing.setdefault(target, []).append(dataset)
    reached, queue = set(roots), list(roots)
    while queue:
        for dataset in pointing.get(queue.pop(), ()):
            if dataset not in reached:
                reached.add(dataset)
                queue.append(dataset)
    return reached


def _holds(dataset: Dataset) -> bool:
    return not dataset.shared and any(f.item for f in dataset.fields.values())


def _wanted(
    datamap: DataMap, found: Iterable[DatasetId], reached: set[DatasetId]
) -> dict[DatasetId, list[tuple[str, ...]]]:
    """Columns of each reached dataset whose values find rows elsewhere, without repetition."""
    wanted: dict[DatasetId, list[tuple[str, ...]]] = {}

    def want(dataset: DatasetId, columns: tuple[str, ...]) -> None:
        if dataset in reached and columns not in wanted.setdefault(dataset, []):
            wanted[dataset].append(columns)

    for i in found:
        dataset = datamap.dataset(i)
        if dataset.person:
            want(i, dataset.key)
        for path in paths_of(datamap, i, dataset):
            want(path.target.dataset, path.target.columns)
    for entry in datamap.systems.values():
        for place in entry.found_by:
            dataset_id, _, column = place.rpartition(".")
            want(DatasetId(dataset_id), (column,))
    return wanted


def _step(
    datamap: DataMap,
    i: DatasetId,
    dataset: Dataset,
    roots: set[DatasetId],
    reached: set[DatasetId],
    wanted: Mapping[DatasetId, list[tuple[str, ...]]],
) -> Step:
    paths = tuple(
        p
        for p in paths_of(datamap, i, dataset)
        if p.target.dataset in reached and not (dataset.shared and p.owns)
    )
    return Step(i, paths, tuple(wanted.get(i, ())), root=i in roots)


def _groups(
    nodes: list[DatasetId], edges: Mapping[DatasetId, set[DatasetId]]
) -> list[list[DatasetId]]:
    """Strongly connected groups, pointed-at before pointing; Tarjan without recursion."""
    rank = {node: n for n, node in enumerate(nodes)}
    index: dict[DatasetId, int] = {}
    low: dict[DatasetId, int] = {}
    stack: list[DatasetId] = []
    on_stack: set[DatasetId] = set()
    groups: list[list[DatasetId]] = []
    for start in nodes:
        if start in index:
            continue
        work = [(start, iter(sorted(edges[start], key=rank.__getitem__)))]
        while work:
            node, targets = work[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                stack.append(node)
                on_stack.add(node)
            target = next((t for t in targets if t not in index or t in on_stack), None)
            if target is not None and target not in index:
                work.append((target, iter(sorted(edges[target], key=rank.__getitem__))))
            elif target is not None:
                low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    cut = stack.index(node)
                    group, stack[cut:] = stack[cut:], []
                    on_stack -= set(group)
                    groups.append(sorted(group, key=rank.__getitem__))
    return groups


def _cyclic(edges: Mapping[DatasetId, set[DatasetId]]) -> Iterable[list[DatasetId]]:
    groups = _groups(list(edges), edges)
    return (g for g in groups if len(g) > 1 or g[0] in edges[g[0]])


def _system_order(datamap: DataMap, steps: list[Step]) -> tuple[SystemId, ...]:
    order = dict.fromkeys(system_of(s.dataset) for s in steps)
    order.update(dict.fromkeys(SystemId(name) for name in datamap.systems))
    return tuple(order)

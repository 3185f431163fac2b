"""Things that rows of several people hold: a picture stored once, however many show it.

A dataset says ``erase: {when: last_reference}``. Its rows are then no property of the first
one to leave: who else holds a thing is counted when an erasure is planned, and once more right
before the thing would go; a new holder in between wins. What is held by others stays, and is
theirs; what nobody else holds goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from seiyaku.datamap.graph import Resolution, paths_of
from seiyaku.datamap.model import DataMap, system_of
from seiyaku.datamap.system import HandleColumn, Handles, Path, Row, Step, System
from seiyaku.kernel.ids import DatasetId, SystemId

StepsOf = Callable[[SystemId], Sequence[Step]]
"""How the rows of the people are found in one system."""
MANY: Final = 10_000
"""Rows of others that are read one by one; of more, only their number is asked."""
_ASKED: Final = DatasetId("asked.by")


@dataclass(frozen=True)
class Holder:
    """Rows of `dataset` hold a thing: their `columns` have the values of its `by`."""

    dataset: DatasetId
    columns: tuple[str, ...]
    by: tuple[str, ...]


@dataclass(frozen=True)
class Apart:
    """Things of some people, told apart.

    Args:
        alone: keys of those that nobody else holds.
        held: how many others hold too, by dataset; they stay.
    """

    alone: Handles
    held: Mapping[DatasetId, int]


def counted(datamap: DataMap, datasets: Iterable[DatasetId]) -> tuple[DatasetId, ...]:
    """Those of `datasets` whose rows go with their last reference."""
    return tuple(d for d in datasets if datamap.dataset(d).erase.when == "last_reference")


def holders(datamap: DataMap, thing: DatasetId) -> tuple[Holder, ...]:
    """Every way in which a row may hold a row of `thing`, whoever it belongs to."""
    return tuple(dict.fromkeys(_holders(datamap, thing)))


def tell_apart(
    systems: Mapping[SystemId, System],
    datamap: DataMap,
    steps_of: StepsOf,
    handles: Handles,
    things: Iterable[DatasetId],
) -> Apart:
    """Which rows of `things` nobody else holds, and how many others hold too.

    Args:
        steps_of: how the rows of the people are found; every other row is another's.
        handles: what they are found by.

    Raises:
        SystemUnavailable: a system that may hold a reference does not answer.
    """
    reading = _Reading(systems, datamap, steps_of, handles)
    alone: dict[HandleColumn, frozenset[Row]] = {}
    held: dict[DatasetId, int] = {}
    for thing in things:
        keys, shared = reading.keys(thing)
        alone[HandleColumn(thing, datamap.dataset(thing).key)] = keys - shared
        held[thing] = reading.rows(thing, shared) if shared else 0
    return Apart(Handles(alone), {d: n for d, n in held.items() if n})


def wanted(
    systems: Mapping[SystemId, System],
    datamap: DataMap,
    steps_of: StepsOf,
    handles: Handles,
    thing: DatasetId,
) -> int:
    """How many of the keys of `thing` in `handles` are gone, and others hold them now.

    Who came to hold a thing in the moment it went holds nothing.
    """
    reading = _Reading(systems, datamap, steps_of, handles)
    key = datamap.dataset(thing).key
    keys = handles.at(HandleColumn(thing, key))
    held: set[Row] = set()
    for holder in holders(datamap, thing) if keys else ():
        if not set(holder.by) <= set(key):
            continue
        places = [key.index(c) for c in holder.by]
        theirs = reading.of_others(holder, frozenset(tuple(k[n] for n in places) for k in keys))
        said = {_said(value) for value in theirs}
        held |= {k for k in keys if _said(tuple(k[n] for n in places)) in said}
    return len(held - reading.keys(thing)[0]) if held else 0


def by_their_keys(resolution: Resolution, things: Iterable[DatasetId]) -> Resolution:
    """The same walk, but rows of `things` are found by their own keys and by nothing else."""
    known = frozenset(things)
    steps = tuple(
        replace(s, paths=tuple(p for p in s.paths if not p.owns), root=True)
        if s.dataset in known
        else s
        for s in resolution.steps
    )
    return replace(resolution, steps=steps)


def _holders(datamap: DataMap, thing: DatasetId) -> Iterator[Holder]:
    for path in paths_of(datamap, thing, datamap.dataset(thing)):
        if path.owns:
            yield Holder(path.target.dataset, path.target.columns, path.by)
    for other, dataset in datamap.datasets():
        for path in paths_of(datamap, other, dataset):
            if path.target.dataset == thing and not path.owns:
                yield Holder(other, path.by, path.target.columns)


@dataclass(frozen=True)
class _Reading:
    systems: Mapping[SystemId, System]
    datamap: DataMap
    steps_of: StepsOf
    handles: Handles

    def keys(self, thing: DatasetId) -> tuple[frozenset[Row], frozenset[Row]]:
        """Keys of the people's rows of `thing`, and of those among them that others hold."""
        key = self.datamap.dataset(thing).key
        mine = self._values(thing, key)
        shared: set[Row] = set()
        for holder in holders(self.datamap, thing) if mine else ():
            columns = tuple(dict.fromkeys((*key, *holder.by)))
            places = [columns.index(c) for c in holder.by]
            by = {r: tuple(r[n] for n in places) for r in self._values(thing, columns)}
            theirs = {_said(v) for v in self.of_others(holder, frozenset(by.values()))}
            shared |= {r[: len(key)] for r, value in by.items() if _said(value) in theirs}
        return mine, frozenset(shared)

    def rows(self, thing: DatasetId, keys: frozenset[Row]) -> int:
        """Rows with these keys: an object kept in versions has several."""
        system, key = system_of(thing), self.datamap.dataset(thing).key
        steps = [Step(thing, (), root=True)]
        located = self.systems[system].locate(steps, Handles({HandleColumn(thing, key): keys}))
        return located.rows.get(thing, 0)

    def _values(self, dataset: DatasetId, columns: tuple[str, ...]) -> frozenset[Row]:
        """What the people's rows of `dataset` hold in `columns`."""
        system = system_of(dataset)
        mine = {s.dataset: s for s in self.steps_of(system)}
        if dataset not in mine:
            return frozenset()
        steps, handles = list(mine.values()), self.handles
        if mine[dataset].root and counted(self.datamap, [dataset]):
            # asked by the keys under another name: what was only asked for is no answer
            key = self.datamap.dataset(dataset).key
            asked = HandleColumn(_ASKED, key)
            steps = [Step(dataset, (Path(key, asked),))]
            handles = Handles({asked: handles.at(HandleColumn(dataset, key))})
        steps = [
            replace(s, yields=(*s.yields, columns)) if s.dataset == dataset else s for s in steps
        ]
        located = self.systems[system].locate(steps, handles)
        return located.handles.at(HandleColumn(dataset, columns))

    def of_others(self, holder: Holder, values: frozenset[Row]) -> frozenset[Row]:
        """Those of `values` that stand in rows of other people."""
        if not values or system_of(holder.dataset) not in self.systems:
            return frozenset()
        rows = self._count(holder, values)
        if rows == 0:
            return frozenset()
        if rows <= MANY:
            return self._read(holder, values)
        if len(values) == 1:
            return values
        ordered = sorted(values, key=repr)
        half = len(ordered) // 2
        first, second = frozenset(ordered[:half]), frozenset(ordered[half:])
        return self.of_others(holder, first) | self.of_others(holder, second)

    def _count(self, holder: Holder, values: frozenset[Row]) -> int:
        """How many rows that are not the people's hold one of `values`."""
        asked = HandleColumn(_ASKED, holder.columns)
        refers = Path(holder.columns, asked, owns=False)
        system = system_of(holder.dataset)
        mine = [
            replace(s, paths=tuple(p for p in s.paths if p.owns)) for s in self.steps_of(system)
        ]
        steps = [
            replace(s, paths=(*s.paths, refers)) if s.dataset == holder.dataset else s for s in mine
        ]
        if all(s.dataset != holder.dataset for s in mine):
            steps.append(Step(holder.dataset, (refers,)))
        handles = self.handles.merged(Handles({asked: values}))
        return self.systems[system].locate(steps, handles).references.get(holder.dataset, 0)

    def _read(self, holder: Holder, values: frozenset[Row]) -> frozenset[Row]:
        """The values that stand in rows of others: in all rows with them but the people's."""
        asked = HandleColumn(_ASKED, holder.columns)
        columns = tuple(dict.fromkeys((*holder.columns, *self.datamap.dataset(holder.dataset).key)))
        step = Step(holder.dataset, (Path(holder.columns, asked),), (columns,))
        system = self.systems[system_of(holder.dataset)]
        located = system.locate([step], Handles({asked: values}))
        every = located.handles.at(HandleColumn(holder.dataset, columns))
        own = self._values(holder.dataset, columns)
        return frozenset(row[: len(holder.columns)] for row in every - own)


def _said(row: Row) -> tuple[str, ...]:
    """A value as two systems compare it: one that may be another's is taken for it."""
    return tuple(str(v).casefold() for v in row)

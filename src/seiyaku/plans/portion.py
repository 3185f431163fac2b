"""The erasure of a part: some items of the people, or some rows, while the account stays.

Columns are emptied where a row holds other items too. A row that holds nothing else goes,
and what exists only through it goes with it: the people's rows that hang on it, strangers'
references to it, files found by its values. Two surveys tell them apart: one of everything
of the people, one of the rows about to go and what hangs on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from seiyaku.datamap.graph import Resolution, resolve
from seiyaku.datamap.holders import counted
from seiyaku.datamap.model import DataMap
from seiyaku.datamap.system import Action, Handles, Step
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId
from seiyaku.plans.erasure import Erasure, whole_datasets
from seiyaku.plans.model import Group, ItemOutcome
from seiyaku.plans.outside import outcomes_outside
from seiyaku.plans.survey import Survey, is_read, items_of
from seiyaku.policy.model import RequestKind


def beginnings(survey: Survey, items: frozenset[str]) -> frozenset[DatasetId]:
    """Datasets whose rows go whole and on which rows of other datasets hang."""
    hung_on = {
        survey.datamap.target(i.partition(".")[0], link)
        for i, d in survey.datamap.datasets()
        for link in d.links
    }
    erased = Erasure(survey, "deletion", items)
    return frozenset(
        i
        for i in whole_datasets(survey, items)
        if i in hung_on and i not in erased.held and _deleted(survey.datamap, i)
    )


def hanging_on(
    survey: Survey, start: frozenset[DatasetId], items: frozenset[str] = frozenset()
) -> Resolution:
    """How the rows that hang on rows of `start` are found; `start` is known by its keys.

    Args:
        items: what goes besides: own rows of datasets that hold nothing else are told from
            the references of strangers.
    """
    found = resolve(survey.datamap, start=start)
    apart = whole_datasets(survey, items) - _reached(found)
    own = {s.dataset: s for s in survey.resolution.steps}
    steps = (_beside(s, own[s.dataset]) if s.dataset in apart else s for s in found.steps)
    return replace(found, steps=tuple(steps))


def handles_outside(handles: Handles, resolution: Resolution) -> Handles:
    """The handles of the people but those of the rows that `resolution` finds anew."""
    reached = _reached(resolution)
    return Handles({c: rows for c, rows in handles.values.items() if c.dataset not in reached})


@dataclass(frozen=True)
class Portion:
    """Some items of some people.

    Args:
        survey: everything of the people. hanging: the rows that go and what hangs on them;
            None where nothing hangs on anything.
        rows: only the rows in `hanging` go; nothing else of the items is touched.
    """

    survey: Survey
    kind: RequestKind
    items: frozenset[str]
    hanging: Survey | None = None
    rows: bool = False

    def groups(self) -> tuple[Group, ...]:
        """What is done, system by system.

        Raises:
            Conflict: SY509 rows that go and rows that stay cannot be told apart.
        """
        self._require_apart()
        found = []
        for system, entry in self.survey.systems():
            steps = tuple(self._steps(system))
            if is_read(entry) and steps:
                actions = (a for s in reversed(steps) for a in self._actions(s.dataset))
                found.append(Group(system, steps, tuple(actions)))
        return tuple(found)

    def outcomes(self) -> tuple[ItemOutcome, ...]:
        """What is expected of every dataset and system."""
        inside = [
            o for d in dict.fromkeys((*self._full, *self._below)) for o in self._dataset_outcomes(d)
        ]
        outside = list(outcomes_outside(self.survey, self.kind, self.items))
        return (*inside, *outside, *self._copies({o.system for o in outside}))

    # -- which survey speaks for a dataset ------------------------------------------------

    @cached_property
    def _full(self) -> dict[DatasetId, Step]:
        return {s.dataset: s for s in self.survey.resolution.steps}

    @cached_property
    def _below(self) -> dict[DatasetId, Step]:
        return {s.dataset: s for s in self.hanging.resolution.steps} if self.hanging else {}

    @cached_property
    def _own(self) -> Erasure:
        return Erasure(self.survey, self.kind, self.items)

    @cached_property
    def _hung(self) -> Erasure | None:
        return Erasure(self.hanging, self.kind, within=True) if self.hanging else None

    @cached_property
    def _whole(self) -> frozenset[DatasetId]:
        return frozenset() if self.rows else whole_datasets(self.survey, self.items)

    def _steps(self, system: str) -> Iterator[Step]:
        for dataset in dict.fromkeys((*self._full, *self._below)):
            if dataset.partition(".")[0] != system:
                continue
            full, below = self._full.get(dataset), self._below.get(dataset)
            acted = dataset in self._acting
            if full is None or (below is not None and not acted):
                yield below or Step(dataset, ())
            else:
                owned = replace(full, paths=tuple(p for p in full.paths if p.owns))
                yield _beside(below, full) if below is not None else owned

    @cached_property
    def _acting(self) -> dict[DatasetId, tuple[Action, ...]]:
        """What is done to rows of the people for the sake of the items alone."""
        if self.rows:
            return {}
        begun = {d for d, s in self._below.items() if s.root}
        found = {
            d: tuple(self._own._items_only(s)) for d, s in self._full.items() if d not in begun
        }
        return {d: a for d, a in found.items() if a and self.survey.rows(d)}

    def _actions(self, dataset: DatasetId) -> Iterator[Action]:
        below = self._below.get(dataset)
        if self._hung is not None and below is not None:
            whole = dataset in self._whole and not below.root
            yield from self._hung._references(below) if whole else self._hung._actions(below)
        yield from self._acting.get(dataset, ())

    def _dataset_outcomes(self, dataset: DatasetId) -> Iterator[ItemOutcome]:
        below, full = self._below.get(dataset), self._full.get(dataset)
        if self._hung is not None and self.hanging is not None and below is not None:
            whole = dataset in self._whole and not below.root
            for outcome in self._hung._outcomes(below):
                if outcome.rows and not (whole and outcome.note != "references"):
                    yield outcome
        begun = below is not None and below.root
        alone = below is None or dataset in self._acting or dataset in self._own.held
        if full is not None and alone and not begun and not self.rows:
            yield from self._own._outcomes(full)

    def _copies(self, told: set[str]) -> Iterator[ItemOutcome]:
        """Copies of what hangs on the rows, in systems that nobody reads."""
        if self.hanging is None:
            return
        reached = (self.survey.datamap.dataset(d) for d in _reached(self.hanging.resolution))
        words = {i for d in reached for i in items_of(d)}
        for outcome in outcomes_outside(self.hanging, self.kind, frozenset(words)):
            entry = self.survey.datamap.systems[outcome.system]
            found_by = {place.rpartition(".")[0] for place in entry.found_by}
            if found_by & set(self._below) and outcome.rows and outcome.system not in told:
                yield outcome

    def _require_apart(self) -> None:
        """Refuse where finding all rows of a dataset would find some that only partly go.

        # INVARIANT: values of rows that stay never lead to rows that go.
        """
        if self.hanging is None:
            return
        reached = _reached(self.hanging.resolution)
        partly = {d for d in reached if self.hanging.rows(d) < self.survey.rows(d)}
        for dataset in self._acting:
            step = self._full[dataset]
            leads_in = any(p.target.dataset in partly for p in step.paths)
            led_from = dataset in partly and any(
                p.target.dataset == dataset for s in self._below.values() for p in s.paths
            )
            refers = dataset in self._below and dataset not in reached | self._whole
            if leads_in or led_from or refers:
                raise _not_apart(dataset)
        for dataset in counted(self.survey.datamap, partly - self._whole):
            if not self.rows and self.items & set(items_of(self.survey.datamap.dataset(dataset))):
                raise _not_apart(dataset)


def _not_apart(dataset: DatasetId) -> Conflict:
    return Conflict(
        f"`{dataset}` holds what goes and what stays, and they cannot be told apart",
        code="SY509",
        hint="ask for the other items of these rows as well",
    )


def _beside(below: Step, full: Step) -> Step:
    """One step that finds the people's own rows and those that hang on others."""
    paths = tuple(dict.fromkeys((*(p for p in full.paths if p.owns), *below.paths)))
    yields = tuple(dict.fromkeys((*full.yields, *below.yields)))
    return Step(full.dataset, paths, yields, root=full.root or below.root)


def _reached(resolution: Resolution) -> frozenset[DatasetId]:
    """Datasets with rows that go, without those that merely refer to them."""
    found = {s.dataset for s in resolution.steps if s.root}
    while True:
        more = {
            s.dataset
            for s in resolution.steps
            if any(p.owns and p.target.dataset in found for p in s.paths)
        }
        if more <= found:
            return frozenset(found)
        found |= more


def _deleted(datamap: DataMap, dataset: DatasetId) -> bool:
    return datamap.dataset(dataset).erase.how == "delete"

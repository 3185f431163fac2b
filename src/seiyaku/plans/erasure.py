"""The plan of an erasure: what goes, what the law keeps, what cannot be done, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from seiyaku.datamap.graph import paths_of
from seiyaku.datamap.model import Dataset, Link, system_of
from seiyaku.datamap.system import Action, Path, Step
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.plans.holds import Hold, forced, holds, pinning_links, pins
from seiyaku.plans.model import Group, ItemOutcome
from seiyaku.plans.outside import outcomes_outside
from seiyaku.plans.read_again import HELD_BY_OTHERS
from seiyaku.plans.survey import Survey, is_read, items_of
from seiyaku.policy.model import RequestKind


@dataclass(frozen=True)
class Erasure:
    """Everything of some people, or some items of them, in every system.

    Args:
        items: only these words; None means everything.
        within: the survey is of rows about to go and what hangs on them, not of everything
            of the people: links to the rest stay, and so do the other items of kept rows.
    """

    survey: Survey
    kind: RequestKind
    items: frozenset[str] | None = None
    within: bool = False

    @cached_property
    def held(self) -> dict[DatasetId, Hold]:
        """Datasets with rows the law keeps."""
        return holds(self.survey)

    @cached_property
    def pinned(self) -> dict[DatasetId, tuple[DatasetId, ...]]:
        """Datasets with rows that kept rows must point at."""
        return pins(self.survey, self.held) if self.items is None else {}

    def groups(self) -> tuple[Group, ...]:
        """What is done, system by system; dependants before what they hang on."""
        found = []
        for system, entry in self.survey.systems():
            if not is_read(entry):
                continue
            steps = self.survey.steps(system)
            actions = tuple(a for step in reversed(steps) for a in self._actions(step))
            if steps:
                found.append(Group(system, steps, actions))
        return tuple(found)

    def outcomes(self) -> tuple[ItemOutcome, ...]:
        """What is expected of every dataset and system."""
        inside = [o for step in self.survey.resolution.steps for o in self._outcomes(step)]
        return (*inside, *outcomes_outside(self.survey, self.kind, self.items))

    # -- actions -------------------------------------------------------------------

    def _actions(self, step: Step) -> Iterator[Action]:
        if step.dataset in self.survey.until_answered:
            return
        yield from self._references(step)
        if not self.survey.rows(step.dataset):
            return
        if self.items is not None:
            yield from self._items_only(step)
        elif step.dataset in self.held:
            yield self._keep(step, self.held[step.dataset])
        elif step.dataset in self.pinned:
            yield from self._empty(step)
        else:
            yield self._erase(step)

    def _references(self, step: Step) -> Iterator[Action]:
        """Strangers' rows that point at what goes: deleted, or their pointer is cut."""
        if self.items is not None or not self.survey.references(step.dataset):
            return
        for path, link in self._links(step):
            if not path.owns and path in step.paths:
                person = self.survey.datamap.dataset(step.dataset).person
                cut = path.by if link.on_erase == "unlink" or (self.within and person) else ()
                yield Action(
                    step.dataset,
                    "unlink" if cut else "delete",
                    (path,),
                    cut=cut,
                    fills=self._fills(step.dataset, cut),
                    expected=self.survey.references(step.dataset),
                )

    def _erase(self, step: Step) -> Action:
        dataset = self.survey.datamap.dataset(step.dataset)
        how = dataset.erase.how
        own = self._action(step, how)
        if how == "delete":
            return own
        blank = _item_columns(dataset) if how == "blank" else ()
        return self._with_columns(own, blank, self._cuts(step, frozenset()))

    def _keep(self, step: Step, hold: Hold) -> Action:
        dataset = self.survey.datamap.dataset(step.dataset)
        if hold.blank is not None:
            own = replace(self._action(step, "keep"), split=hold.split)
            return self._with_columns(own, hold.blank, ())
        kept = tuple(c for c, f in dataset.fields.items() if f.item in hold.items)
        blank = tuple(c for c in _item_columns(dataset) if c not in kept and not self.within)
        cut = self._cuts(step, frozenset(kept))
        own = replace(self._action(step, "keep"), split=hold.split, kept=kept)
        return self._with_columns(own, blank, cut)

    def _empty(self, step: Step) -> Iterator[Action]:
        """Rows that must stay for another's sake keep their key only; the others go."""
        dataset = self.survey.datamap.dataset(step.dataset)
        blank, cut = _item_columns(dataset), self._cuts(step, frozenset())
        links = pinning_links(self.survey, step.dataset, self.pinned[step.dataset], self.held)
        if links is None:
            yield self._with_columns(self._action(step, "blank"), blank, cut)
            return
        for path, split in links:
            kept = Action(step.dataset, "keep", (path,), split=split)
            yield self._with_columns(kept, blank, cut)
        yield self._action(step, "delete")

    def _items_only(self, step: Step) -> Iterator[Action]:
        dataset = self.survey.datamap.dataset(step.dataset)
        hold = self.held.get(step.dataset)
        wanted = (self.items or frozenset()) - set(hold.items if hold else ())
        columns = tuple(c for c, f in dataset.fields.items() if f.item in wanted)
        if not columns:
            return
        whole = hold is None and step.dataset in whole_datasets(self.survey, wanted)
        if whole or dataset.erase.how == "unlink":  # may stay once it names nobody
            yield self._erase(step)
        else:
            yield self._with_columns(self._action(step, "blank"), columns, ())

    def _action(self, step: Step, verb: str) -> Action:
        owning = tuple(p for p in step.paths if p.owns)
        rows = self.survey.rows(step.dataset)
        return Action(step.dataset, verb, owning, root=step.root, expected=rows)  # type: ignore[arg-type]

    def _with_columns(self, action: Action, blank: tuple[str, ...], cut: tuple[str, ...]) -> Action:
        key = set(self.survey.datamap.dataset(action.dataset).key)
        blank = tuple(c for c in blank if c not in key and c not in cut)
        fills = self._fills(action.dataset, (*blank, *cut))
        return replace(action, blank=blank, cut=cut, fills=fills)

    def _cuts(self, step: Step, kept: frozenset[str]) -> tuple[str, ...]:
        """Link columns to empty: every one to a row that goes, where it may be emptied."""
        stays = {c for p in self._staying(step) for c in p.by} | kept
        key = set(self.survey.datamap.dataset(step.dataset).key)
        found = dict.fromkeys(c for p, _ in self._links(step) for c in p.by)
        return tuple(c for c in found if c not in stays and c not in key)

    def _staying(self, step: Step) -> Iterator[Path]:
        """Links that stay: to rows that stay, to things of nobody, and forced ones."""
        yield from forced(self.survey, step.dataset)
        for path, _ in self._links(step):
            target = path.target.dataset
            outside = self.within and path not in step.paths
            if outside or target in self.held or self.survey.datamap.dataset(target).shared:
                yield path

    def _links(self, step: Step) -> Iterator[tuple[Path, Link]]:
        dataset = self.survey.datamap.dataset(step.dataset)
        links = {(link.by, link.owns): link for link in dataset.links}
        for path in paths_of(self.survey.datamap, step.dataset, dataset):
            yield path, links[path.by, path.owns]

    def _fills(self, dataset_id: DatasetId, columns: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Neutral text for the columns that may not be null, as the data map declares it."""
        fields = self.survey.datamap.dataset(dataset_id).fields
        found = []
        for name in columns:
            surface = self.survey.column(dataset_id, name)
            declared = fields[name].blank if name in fields else None
            if surface is not None and not surface.nullable and declared is not None:
                found.append((name, declared))
        return tuple(found)

    # -- outcomes ------------------------------------------------------------------

    def _outcomes(self, step: Step) -> Iterator[ItemOutcome]:
        dataset = self.survey.datamap.dataset(step.dataset)
        rows, items = self.survey.rows(step.dataset), items_of(dataset)
        if step.dataset in self.survey.until_answered:
            if self.items is None and step.dataset == min(self.survey.until_answered):
                yield replace(self._outcome(step, (), "done", 0), note="until_answered")
            return
        if self.items is not None:
            items = tuple(i for i in items if i in self.items)
            if not items:
                return
        if self.items is None and self.survey.references(step.dataset):
            strangers = self._outcome(step, (), "done", self.survey.references(step.dataset))
            yield replace(strangers, note="references")
        if others := self.survey.held_by_others.get(step.dataset, 0):
            yield replace(self._outcome(step, items, "done", others), note=HELD_BY_OTHERS)
            if not rows:
                return
        if not rows:
            if dataset.person or step.root or any(p.owns for p in step.paths):
                yield self._outcome(step, items, "nothing_found", 0)
            return
        hold = self.held.get(step.dataset)
        kept = tuple(i for i in items if hold and i in hold.items)
        own = hold is not None and hold.blank is not None
        if hold and (kept or own):
            yield replace(
                self._outcome(step, kept, "kept_by_law", rows), cite=hold.cite, until=hold.until_on
            )
        gone = tuple(i for i in items if i not in kept)
        if gone or not (kept or own):
            yield replace(
                self._outcome(step, gone, "done", rows), note=self._note(step, bool(kept))
            )

    def _note(self, step: Step, beside_kept: bool) -> str:
        how = self.survey.datamap.dataset(step.dataset).erase.how
        if beside_kept:
            return "beside_kept"
        if self.items is not None and how != "unlink":
            return "" if step.dataset in whole_datasets(self.survey, self.items) else "emptied"
        if step.dataset in self.pinned:
            return "row_emptied"
        return {"delete": "", "blank": "emptied", "unlink": "link_cut"}[how]

    def _outcome(self, step: Step, items: Sequence[str], outcome: str, rows: int) -> ItemOutcome:
        rule = self.survey.datamap.dataset(step.dataset).erase
        clause = rule.clause or right_clause(self.survey, self.kind)
        return ItemOutcome(
            system=SystemId(system_of(step.dataset)),
            dataset=step.dataset,
            items=tuple(items),
            outcome=outcome,  # type: ignore[arg-type]
            rows=rows,
            cite=self.survey.policy.cite(clause) if clause else "",
        )


def whole_datasets(survey: Survey, items: frozenset[str]) -> frozenset[DatasetId]:
    """Datasets with rows of the people that hold `items` and nothing else; never people."""
    found = set()
    for step in survey.resolution.steps:
        held = set(items_of(survey.datamap.dataset(step.dataset)))
        dataset = survey.datamap.dataset(step.dataset)
        begins = step.root and dataset.erase.when == "asked"
        if held and held <= items and not (begins or dataset.person) and survey.rows(step.dataset):
            found.add(step.dataset)
    return frozenset(found)


def right_clause(survey: Survey, kind: RequestKind) -> str | None:
    """The clause that promises this right; erasure and closure stand in for each other."""
    other: RequestKind = "deletion" if kind == "closure" else "closure"
    for one in (kind, other):
        right = survey.policy.rights.get(one)
        if right is not None:
            return str(right.clause)
    return None


def _item_columns(dataset: Dataset) -> tuple[str, ...]:
    return tuple(c for c, f in dataset.fields.items() if f.item)

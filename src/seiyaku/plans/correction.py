"""The plan of a correction or addition: one item gets a new value wherever it must agree.

A correction reaches every copy of the wrong value: each dataset, in whichever system, whose
rows of the person all hold it. A dataset with other values too is left alone; `where` names
one. The value stands in the own store under the request, never in the plan. Where other rows are
found by the corrected value (a newsletter by its e-mail address), they get the new one in
the same run, or they would be lost to every later request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seiyaku.datamap.graph import paths_of
from seiyaku.datamap.model import system_of
from seiyaku.datamap.system import Action, DatasetRows, Step, Value
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.plans.model import Group, ItemOutcome
from seiyaku.plans.outside import outcomes_outside
from seiyaku.plans.survey import Survey, is_read
from seiyaku.policy.model import RequestKind


@dataclass(frozen=True)
class Correction:
    """One item of one person gets a new value.

    Args:
        where: dataset the wrong value stands in; None takes the person's own row, or the
            datasets that hold the item where that row does not.
        copies: columns elsewhere that hold the same value, by dataset; see `copies_in`.
    """

    survey: Survey
    kind: RequestKind
    item: str
    where: DatasetId | None = None
    copies: tuple[tuple[DatasetId, tuple[str, ...]], ...] = ()

    def columns(self) -> dict[DatasetId, tuple[str, ...]]:
        """Columns to set, by dataset: those of the item, and those linked to them by value.

        Raises:
            InvalidInput: SY193 no dataset of the people's holds the item.
        """
        first = self._holding()
        if not first:
            raise InvalidInput(
                f"no row of the person holds `{self.item}`",
                code="SY193",
                hint="name an item of the data map; `seiyaku map` lists them",
            )
        return self._with_value_links(first)

    def groups(self) -> tuple[Group, ...]:
        """One statement group a system."""
        columns = self.columns()
        found = []
        for system, entry in self.survey.systems():
            steps = self.survey.steps(system)
            actions = tuple(
                self._set(s, columns[s.dataset]) for s in reversed(steps) if s.dataset in columns
            )
            if actions and is_read(entry):
                found.append(Group(system, steps, actions))
        return tuple(found)

    def outcomes(self) -> tuple[ItemOutcome, ...]:
        """Where the value changes, and where a person must change it by hand."""
        right = self.survey.policy.rights.get(self.kind)
        cite = self.survey.policy.cite(right.clause) if right else ""
        inside = (
            ItemOutcome(SystemId(system_of(d)), d, (self.item,), "done", self.survey.rows(d), cite)
            for d in self.columns()
        )
        return (*inside, *outcomes_outside(self.survey, self.kind, frozenset({self.item})))

    def _holding(self) -> dict[DatasetId, tuple[str, ...]]:
        found = dict(self._own_columns())
        if self.where is not None:
            return {d: c for d, c in found.items() if d == self.where}
        roots = {s.dataset for s in self.survey.resolution.steps if s.root}
        own = {d: c for d, c in found.items() if d in roots}
        return {**dict(self.copies), **own} if own else found

    def _own_columns(self) -> Iterator[tuple[DatasetId, tuple[str, ...]]]:
        for step in self.survey.resolution.steps:
            fields = self.survey.datamap.dataset(step.dataset).fields
            columns = tuple(c for c, f in fields.items() if f.item == self.item)
            if columns and self.survey.rows(step.dataset):
                yield step.dataset, columns

    def _with_value_links(
        self, first: dict[DatasetId, tuple[str, ...]]
    ) -> dict[DatasetId, tuple[str, ...]]:
        found = dict(first)
        for step in self.survey.resolution.steps:
            dataset = self.survey.datamap.dataset(step.dataset)
            for path in paths_of(self.survey.datamap, step.dataset, dataset):
                linked = path.owns and len(path.by) == 1 and self.survey.rows(step.dataset)
                if linked and path.target.columns[0] in first.get(path.target.dataset, ()):
                    found[step.dataset] = tuple({*found.get(step.dataset, ()), *path.by})
        return found

    def _set(self, step: Step, columns: tuple[str, ...]) -> Action:
        owning = tuple(p for p in step.paths if p.owns)
        rows = self.survey.rows(step.dataset)
        return Action(step.dataset, "set", owning, root=step.root, kept=columns, expected=rows)


def copies_in(
    survey: Survey, item: str, read: Iterable[DatasetRows]
) -> tuple[tuple[DatasetId, tuple[str, ...]], ...]:
    """Columns that hold what the person's own row holds as `item`, and nothing else.

    Args:
        read: rows of the people, as exported; at most one person's.
    """
    roots = {s.dataset for s in survey.resolution.steps if s.root}
    held: dict[tuple[DatasetId, str], set[Value]] = {}
    for rows in read:
        fields = survey.datamap.dataset(rows.dataset).fields
        for row in rows.rows:
            for column, value in zip(rows.columns, row, strict=True):
                if fields[column].item == item and value is not None:
                    held.setdefault((rows.dataset, column), set()).add(value)
    wrong = {v for (d, _), values in held.items() if d in roots for v in values}
    same = [place for place, values in held.items() if values <= wrong]
    return tuple(
        (d, tuple(c for other, c in same if other == d))
        for d in dict.fromkeys(d for d, _ in same)
        if d not in roots
    )

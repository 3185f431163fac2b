"""The plan of a suspension: where a system itself can be told to stop, and to go on again.

The gate refuses the uses at once; this reaches what does not ask the gate: an account at a vendor
that lets its person in, a flag that a batch of the company looks at. Nothing is erased. The
values are the data map's, the same for everybody. Law: APPI 35(1), 35(5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seiyaku.datamap.model import DataMap, Suspend, system_of
from seiyaku.datamap.system import Action, Step, Value
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.plans.model import Group, ItemOutcome
from seiyaku.plans.survey import Survey, is_changed
from seiyaku.standing.model import Scope

LIFTED = "lifted"
"""Note of outcomes that end a suspension; ``suspended`` of those that begin one."""


@dataclass(frozen=True)
class Suspending:
    """One suspension of one person, or its end.

    Args:
        scope: what is suspended; empty means every use. lift: it ends.
    """

    survey: Survey
    scope: Scope
    lift: bool

    def groups(self) -> tuple[Group, ...]:
        """One statement group a system."""
        rules, found = reached(self.survey.datamap, self.scope), []
        for system, _ in self.survey.systems():
            steps = self.survey.steps(system)
            actions = tuple(
                _set(self.survey, s, rules[s.dataset])
                for s in steps
                if s.dataset in rules and self.survey.rows(s.dataset)
            )
            if actions:
                found.append(Group(system, steps, actions))
        return tuple(found)

    def outcomes(self) -> tuple[ItemOutcome, ...]:
        """What is expected of every dataset that can be told."""
        right = self.survey.policy.rights.get("suspension")
        cite = self.survey.policy.cite(right.clause) if right else ""
        note = LIFTED if self.lift else "suspended"
        return tuple(
            ItemOutcome(
                system=SystemId(system_of(d)),
                dataset=d,
                items=(),
                outcome="done" if self.survey.rows(d) else "nothing_found",
                rows=self.survey.rows(d),
                cite=cite,
                note=note,
            )
            for d in reached(self.survey.datamap, self.scope)
        )


def reached(datamap: DataMap, scope: Scope) -> dict[DatasetId, Suspend]:
    """Datasets that a suspension of `scope` reaches, each with what is set there."""
    return {
        name: dataset.suspend
        for name, dataset in datamap.datasets()
        if dataset.suspend is not None
        and is_changed(datamap.systems[system_of(name)])
        and _meant(dataset.suspend, datamap.systems[system_of(name)].recipient, scope)
    }


def values_of(datamap: DataMap, scope: Scope, *, lift: bool) -> dict[tuple[DatasetId, str], Value]:
    """What is written into each column that a suspension sets."""
    rules = reached(datamap, scope).items()
    return {(d, c): v for d, rule in rules for c, v in (rule.back if lift else rule.to).items()}


def lifts(outcomes: Iterable[ItemOutcome]) -> bool:
    """Whether a plan with these outcomes ends a suspension."""
    return any(o.note == LIFTED for o in outcomes)


def _meant(rule: Suspend, recipient: str | None, scope: Scope) -> bool:
    if scope == Scope():
        return True
    purposes = set(rule.purposes) & set(scope.purposes)
    return bool(purposes) or (recipient is not None and recipient in scope.recipients)


def _set(survey: Survey, step: Step, rule: Suspend) -> Action:
    owning = tuple(p for p in step.paths if p.owns)
    rows = survey.rows(step.dataset)
    columns = tuple(rule.to)
    return Action(step.dataset, "set", owning, root=step.root, kept=columns, expected=rows)

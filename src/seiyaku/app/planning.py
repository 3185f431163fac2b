"""Read the systems, then plan: the survey is the only part that touches anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import uuid4

from seiyaku.app import lots
from seiyaku.app.persons import roots
from seiyaku.app.self_map import UNTIL_ANSWERED, own_holds
from seiyaku.app.wiring import Parts
from seiyaku.datamap.answer import answer
from seiyaku.datamap.feasible import check_feasible
from seiyaku.datamap.find import locate_everywhere, person_id
from seiyaku.datamap.graph import Resolution
from seiyaku.datamap.holders import by_their_keys, counted, tell_apart
from seiyaku.datamap.model import system_of
from seiyaku.datamap.system import DatasetRows, HandleColumn, Handles
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import DatasetId, PersonId, PlanId
from seiyaku.laws import tokyo_day
from seiyaku.plans.correction import copies_in
from seiyaku.plans.digest import people_digest
from seiyaku.plans.disclosure import handles_to_read_by
from seiyaku.plans.erasure import whole_datasets
from seiyaku.plans.holds import dating_columns
from seiyaku.plans.model import Plan
from seiyaku.plans.plan import (
    Heading,
    plan_correction,
    plan_disclosure,
    plan_erasure,
    plan_portion,
    plan_suspension,
)
from seiyaku.plans.portion import beginnings, handles_outside, hanging_on
from seiyaku.plans.survey import Survey, items_of
from seiyaku.plans.suspension import reached
from seiyaku.plans.values import Json, rows_from_json
from seiyaku.releases import to_recall
from seiyaku.requests.model import Request

Columns = Mapping[DatasetId, Iterable[str]]
_NOTHING: Final = Handles()
LIFT: Final = "lift"
"""Name of the detail of a suspension that is to end."""
OVERDUE: Final = "overdue"
"""Name of the detail of a disposal that holds the keys of rows whose time is over."""


@dataclass(frozen=True)
class Planned:
    """A plan and the old values by which its rows are found (personal data: own store only).

    Args:
        lots: the same values lot by lot, where the plan has lots.
        beside: values of the columns that were asked for beside; None where only reading the
            rows of the plan tells them, because others hold some of what was found.
    """

    plan: Plan
    handles: Handles
    found: int
    lots: tuple[Handles, ...] = ()
    beside: Handles | None = None


def plan_request(parts: Parts, request: Request, people: Sequence[PersonId]) -> Planned:
    """Survey every system for `people` and plan what `request` asks.

    Raises:
        SystemUnavailable: a system does not answer; nothing can be counted without it.
        Conflict: a dataset is not in its system, or an action cannot be done.
    """
    heading = Heading(
        id=PlanId(f"plan-{uuid4().hex[:12]}"),
        kind=request.kind,
        created_at=parts.clock.now(),
        people=len(people),
        people_digest=people_digest(people, parts.repositories.store.secret("people")),
    )
    return _planned(parts, request, people, heading)


def plan_anew(
    parts: Parts, request: Request, people: Sequence[PersonId], plan: Plan, beside: Columns
) -> Planned:
    """The plan as it would be made now under the heading of `plan`: equal, or it changed.

    Args:
        beside: columns whose values are wanted of the rows that are located anyway.
    """
    heading = Heading(plan.id, plan.kind, plan.created_at, plan.people, plan.people_digest)
    return _planned(parts, request, people, heading, beside)


def unchanged(now: Planned, approved: Plan) -> bool:
    """Whether what would happen now is what was approved."""
    return now.plan == approved


def reaches_systems(parts: Parts, request: Request) -> bool:
    """Whether a suspension is to be carried out in a system, beside binding the gate."""
    return request.kind == "suspension" and bool(reached(parts.datamap, request.scope))


def lifted(parts: Parts, request: Request) -> bool:
    """Whether a request about a suspension ends it."""
    return parts.repositories.requests.detail(request.id, LIFT) is True


def held_items(parts: Parts, request: Request, people: Sequence[PersonId]) -> frozenset[str]:
    """Items of which a row of the people exists."""
    survey, _ = survey_of(parts, request.person_kind, people, parts.clock.now())
    return frozenset(
        f.item
        for step in survey.resolution.steps
        if survey.rows(step.dataset)
        for f in parts.datamap.dataset(step.dataset).fields.values()
        if f.item
    )


def survey_of(
    parts: Parts,
    kind: str,
    people: Sequence[PersonId],
    at: datetime,
    beside: frozenset[HandleColumn] = frozenset(),
) -> tuple[Survey, Handles]:
    """Read every system: tables, rows of the people, newest dates that holds count from.

    Args:
        beside: columns whose values stand among the handles too, though nothing is found by them.
    """
    policy, datamap = parts.policy(), parts.whole_datamap
    today = tokyo_day(at)
    systems = {s: parts.system(s) for s in parts.read_systems()}
    surfaces = {s: system.surface() for s, system in systems.items()}
    resolution = parts.resolution(kind)
    asked = _yielding(resolution, beside) if beside else resolution
    found = locate_everywhere(systems, asked, roots(parts, kind, people, surfaces))
    for error in found.unreachable.values():
        raise error
    survey = Survey(
        policy=policy,
        policy_sha256=parts.policy_sha256(policy.version.id),
        laws=parts.laws.at(today),
        datamap=datamap,
        datamap_sha256=parts.datamap_sha256,
        resolution=resolution,
        surfaces=surfaces,
        located=found.located,
        today=today,
        fiscal_year_end_month=parts.settings.fiscal_year_end_month,
        until_answered=UNTIL_ANSWERED,
        own_holds=own_holds(parts.laws.at(today), today),
    )
    survey = replace(survey, given=to_recall(parts.repositories.releases.of_people(people)))
    if len(people) == 1:
        survey = replace(survey, newest=dict(_newest(parts, survey, found.handles)))
    return survey, found.handles


def _planned(
    parts: Parts,
    request: Request,
    people: Sequence[PersonId],
    heading: Heading,
    beside: Columns | None = None,
) -> Planned:
    kind, at = request.person_kind, heading.created_at
    wanted = _only_beside(parts.resolution(kind), beside or {})
    survey, located = survey_of(parts, kind, people, at, wanted)
    handles, more = _divided(located, wanted)
    if request.kind != "disclosure":
        survey = survey.without_immutable()
    if request.kind in ("deletion", "closure") and _things(survey):
        known = roots(parts, request.person_kind, people, survey.surfaces)
        survey, handles = _apart(parts, survey, known, handles)
        more = None
    plan, handles = _plan(parts, request, heading, survey, handles)
    for group in plan.groups:
        entry = parts.datamap.systems[group.system]
        capabilities = parts.system(group.system).capabilities
        check_feasible(entry, survey.surfaces[group.system], group.actions, capabilities)
    rows = sum(
        survey.rows(s.dataset) for s in survey.resolution.steps if s.dataset not in UNTIL_ANSWERED
    )
    plan, in_lots = _in_lots(parts, request, people, survey, plan, handles)
    return Planned(plan, handles, rows, in_lots, more)


def _only_beside(resolution: Resolution, beside: Columns) -> frozenset[HandleColumn]:
    """Those of the columns that the walk would not give back by itself."""
    return frozenset(
        HandleColumn(step.dataset, (column,))
        for step in resolution.steps
        for column in beside.get(step.dataset, ())
        if (column,) not in step.yields
    )


def _yielding(resolution: Resolution, wanted: frozenset[HandleColumn]) -> Resolution:
    """The walk, giving back these columns too."""
    more: dict[DatasetId, list[tuple[str, ...]]] = {}
    for one in sorted(wanted, key=lambda column: column.columns):
        more.setdefault(one.dataset, []).append(one.columns)
    steps = (replace(s, yields=(*s.yields, *more.get(s.dataset, ()))) for s in resolution.steps)
    return replace(resolution, steps=tuple(steps))


def _divided(located: Handles, beside: frozenset[HandleColumn]) -> tuple[Handles, Handles | None]:
    """What rows are found by, and what stood beside it."""
    if not beside:
        return located, _NOTHING
    some = {c: rows for c, rows in located.values.items() if c in beside}
    rest = {c: rows for c, rows in located.values.items() if c not in beside}
    return Handles(rest), Handles(some)


def _in_lots(
    parts: Parts,
    request: Request,
    people: Sequence[PersonId],
    survey: Survey,
    plan: Plan,
    handles: Handles,
) -> tuple[Plan, tuple[Handles, ...]]:
    """The plan divided where one transaction of it would touch too many rows."""
    if len(people) == 1 or not lots.too_large(parts, plan):
        return plan, ()
    over = _overdue(parts, request)
    if over is not None:
        resolution = hanging_on(survey, frozenset(c.dataset for c in over.values))
        most = max((len(rows) for rows in over.values.values()), default=1)
        return lots.divided(parts, plan, handles, resolution, lots.of_rows(over), most)
    begin = lots.of_people(parts, request.person_kind, people, survey.surfaces)
    resolution = parts.resolution(request.person_kind)
    return lots.divided(parts, plan, handles, resolution, begin, len(people))


def _overdue(parts: Parts, request: Request) -> Handles | None:
    """Keys of the rows whose time is over, for a disposal."""
    over = parts.repositories.requests.detail(request.id, OVERDUE)
    if not isinstance(over, dict):
        return None
    return Handles({_key_of(parts, d): rows_from_json(rows) for d, rows in over.items()})


def _plan(
    parts: Parts, request: Request, heading: Heading, survey: Survey, handles: Handles
) -> tuple[Plan, Handles]:
    items = frozenset(request.scope.items)
    over = _overdue(parts, request)
    if over is not None:
        hanging, found = _hanging(parts, survey, Handles(), over)
        hanging = replace(hanging, newest=dict(_newest(parts, hanging, found)))
        return plan_portion(survey, heading, items, hanging, rows=True), found
    where = parts.repositories.requests.detail(request.id, "where")
    place = DatasetId(where) if isinstance(where, str) else None
    if request.kind == "suspension":
        lift = lifted(parts, request)
        return plan_suspension(survey, heading, request.scope, lift=lift), handles
    if request.kind == "disclosure":
        return plan_disclosure(survey, heading), handles_to_read_by(survey, handles)
    if request.kind in ("correction", "addition"):
        item = request.scope.items[0]
        copies = () if place else copies_in(survey, item, _holding(parts, survey, handles, item))
        return plan_correction(survey, heading, item, place, copies), handles
    if not items:
        return plan_erasure(survey, heading), handles
    named = parts.repositories.requests.detail(request.id, "rows")
    if place and isinstance(named, list):
        keys = _named(_keys(parts, survey, handles, frozenset({place})), place, named)
        hanging, found = _hanging(parts, survey, handles, keys)
        return plan_portion(survey, heading, items, hanging, rows=True), found
    start = beginnings(survey, items)
    if not start:
        return plan_portion(survey, heading, items), handles
    keys = _keys(parts, survey, handles, start)
    hanging, found = _hanging(parts, survey, handles, keys, items)
    return plan_portion(survey, heading, items, hanging), found


def _key_of(parts: Parts, dataset: str) -> HandleColumn:
    return HandleColumn(DatasetId(dataset), parts.datamap.dataset(DatasetId(dataset)).key)


def _holding(parts: Parts, survey: Survey, handles: Handles, item: str) -> Iterator[DatasetRows]:
    """Rows of the people in every dataset that holds `item` and can be written to."""
    for step in survey.resolution.steps:
        held = item in items_of(survey.datamap.dataset(step.dataset))
        system = parts.system(system_of(step.dataset))
        if held and survey.rows(step.dataset) and "set" in system.capabilities.verbs:
            with answer(system, [step], handles) as datasets:
                yield from datasets


def _keys(parts: Parts, survey: Survey, handles: Handles, start: frozenset[DatasetId]) -> Handles:
    """The keys of the people's rows in `start`."""
    found = Handles()
    for system in {system_of(d) for d in start}:
        steps = [
            replace(s, yields=(*s.yields, survey.datamap.dataset(s.dataset).key))
            if s.dataset in start
            else s
            for s in survey.steps(system)
        ]
        found = found.merged(parts.system(system).locate(steps, handles).handles)
    columns = (HandleColumn(d, survey.datamap.dataset(d).key) for d in start)
    return Handles({c: found.at(c) for c in columns})


def _named(keys: Handles, place: DatasetId, rows: list[Json]) -> Handles:
    """Only the keys that a request names; each must be a row of the person."""
    wanted = {str(r) for r in rows}
    (column, held), *_ = keys.values.items()
    chosen = frozenset(row for row in held if str(person_id(row)) in wanted)
    if len(chosen) != len(wanted):
        raise InvalidInput(
            f"the person holds {len(chosen)} of the {len(wanted)} rows named in `{place}`",
            code="SY189",
            hint="name rows of the person by their key, as a disclosure shows it",
        )
    return Handles({column: chosen})


def _hanging(
    parts: Parts,
    survey: Survey,
    handles: Handles,
    keys: Handles,
    items: frozenset[str] = frozenset(),
) -> tuple[Survey, Handles]:
    """The rows behind `keys` and what hangs on them; all handles the plan then needs."""
    resolution = hanging_on(survey, frozenset(c.dataset for c in keys.values), items)
    systems = {s: parts.system(s) for s in parts.read_systems()}
    before = handles_outside(handles, resolution).merged(keys)
    found = locate_everywhere(systems, resolution, before)
    for error in found.unreachable.values():
        raise error
    held = {} if not items else survey.held_by_others
    hanging = replace(survey, resolution=resolution, located=found.located, held_by_others=held)
    if not _things(hanging):
        return hanging, found.handles
    whole = counted(survey.datamap, whole_datasets(survey, items))
    told = Handles({c: handles.at(c) for c in (_key_of(parts, d) for d in whole)}).merged(keys)
    return _apart(parts, hanging, before, found.handles, told)


def _apart(
    parts: Parts, survey: Survey, known: Handles, handles: Handles, told: Handles = _NOTHING
) -> tuple[Survey, Handles]:
    """The survey without things that rows of others hold too; the rest is known by its keys.

    Args:
        known: what the people were known by before anything was read.
        told: keys of things that were told apart already, for they go whatever holds them here.
    """
    systems = {s: parts.system(s) for s in parts.read_systems()}
    things = _things(survey)
    untold = [d for d in things if _key_of(parts, d) not in told.values]
    apart = tell_apart(systems, survey.datamap, survey.steps, handles, untold)
    resolution = by_their_keys(survey.resolution, things)
    found = locate_everywhere(systems, resolution, known.merged(told).merged(apart.alone))
    for error in found.unreachable.values():
        raise error
    held = {**survey.held_by_others, **apart.held}
    shown = replace(survey, resolution=resolution, located=found.located, held_by_others=held)
    return shown, found.handles


def _things(survey: Survey) -> list[DatasetId]:
    """Datasets with rows of the people that others may hold too."""
    datasets = (s.dataset for s in survey.resolution.steps)
    return [d for d in counted(survey.datamap, datasets) if survey.rows(d)]


def _newest(
    parts: Parts, survey: Survey, handles: Handles
) -> Iterator[tuple[tuple[DatasetId, str], date]]:
    """The newest event in each column that a legal hold counts from."""
    for dataset, column in dict.fromkeys(dating_columns(survey)):
        steps = [s for s in survey.resolution.steps if s.dataset == dataset]
        with answer(parts.system(system_of(dataset)), steps, handles) as datasets:
            for rows in datasets:
                newest = _latest(_day(row[rows.columns.index(column)]) for row in rows.rows)
                if newest is not None:
                    yield (dataset, column), newest


def _latest(days: Iterable[date | None]) -> date | None:
    """The last of the days; None where one of them is not known, or there are none."""
    latest: date | None = None
    for day in days:
        if day is None:
            return None
        latest = day if latest is None else max(latest, day)
    return latest


def _day(value: object) -> date | None:
    """The day of an event in the controller's country; None where it bears no date."""
    if isinstance(value, datetime):
        return tokyo_day(value) if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return _day(datetime.fromisoformat(value))
        except ValueError:
            return None
    return None

"""After an erasure: hunt for what is left, and let a person decide about each place.

The identifiers to look for are read before the first attempt changes anything, and kept beside
the request until its answer is handed over. What was found goes into the evidence as numbers,
and each place becomes a task: residue may be a backup somebody forgot, or another person's
letter that happens to name the one who left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import quote

from seiyaku.app.self_map import OWN, UNTIL_ANSWERED
from seiyaku.app.steps import run_id
from seiyaku.app.wiring import Parts
from seiyaku.datamap.holders import counted, holders
from seiyaku.datamap.system import Handles, Step
from seiyaku.evidence import Entry
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import InvalidInput, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RequestId, SystemId
from seiyaku.plans.model import Plan
from seiyaku.plans.survey import is_read
from seiyaku.plans.values import Json
from seiyaku.requests.model import Request
from seiyaku.scan import Hit, Hunt, Identifier, Needles, Place, hunt, identifiers_in, strong_columns
from seiyaku.store.requests import RequestStep, Task

IDENTIFIERS: Final = "identifiers"
"""Name of the detail of a request that holds what is hunted for, by kind."""
_WORD: Final = 200


def naming(parts: Parts, request: Request) -> Mapping[DatasetId, Mapping[str, str]]:
    """Columns that name the people strongly, where their values are kept before an erasure."""
    return _without_holders(parts, request.person_kind) if erases(request) else {}


def keep_identifiers(
    parts: Parts, request: Request, plan: Plan, beside: Handles | None = None
) -> None:
    """Keep what names the people strongly before an erasure, unless it was kept before.

    A system that does not answer is left out here; the run itself then says that it did not.

    Args:
        beside: values of the columns `naming` tells that find nothing, where they were located.
    """
    store = parts.repositories.requests
    if not erases(request) or store.detail(request.id, IDENTIFIERS) is not None:
        return
    handles = parts.repositories.plans.handles(plan.id)
    if beside is None:
        found = sorted(set(_read(parts, request.person_kind, plan, handles)))
    else:
        named, read = _without_holders(parts, request.person_kind), _asked(plan)
        mine = Handles({c: rows for c, rows in beside.values.items() if c.dataset in read})
        found = sorted({*identifiers_in(handles, named), *identifiers_in(mine, named)})
    people = store.people(request.id)
    kept: dict[str, Json] = {}
    for kind in ("email", "phone", "account"):
        kept[kind] = [i.value for i in found if i.kind == kind]
    store.put_detail(request.id, IDENTIFIERS, kept, people[0] if len(people) == 1 else None)


def erases(request: Request) -> bool:
    """Whether a request asks that everything of its people goes."""
    return request.kind in ("deletion", "closure") and not request.scope.items


def kept_identifiers(parts: Parts, request: RequestId) -> tuple[Identifier, ...]:
    """What `keep_identifiers` kept; nothing after the answer was handed over."""
    kept = parts.repositories.requests.detail(request, IDENTIFIERS)
    if not isinstance(kept, dict):
        return ()
    lists = ((kind, values) for kind, values in kept.items() if isinstance(values, list))
    return tuple(Identifier(kind, str(v)) for kind, values in lists for v in values)  # type: ignore[arg-type]


def hunt_residue(parts: Parts, request: Request, budget_bytes: int) -> Hunt:
    """Hunt for what is left of the people of an erasure; see `Home.residue`."""
    needles = Needles(kept_identifiers(parts, request.id))
    if not needles or request.plan is None:
        raise InvalidInput(
            f"nothing is known by which to look for the people of request `{request.id}`",
            code="SY188",
            hint="hunt after an erasure ran and before its answer is handed over; people "
            "without address, number or account id cannot be hunted for",
        )
    plan = parts.repositories.plans.get(request.plan)
    found = hunt_everywhere(parts, needles, stays_of(parts, plan), budget_bytes)
    _tell(parts, request, plan, needles, found)
    return found


def hunt_everywhere(
    parts: Parts, needles: Needles, stays: Mapping[Place, str], budget_bytes: int
) -> Hunt:
    """Hunt in every system of the data map, our own store among them."""
    systems = {s: parts.system(s) for s in parts.read_systems()}
    unread = [SystemId(n) for n, e in parts.datamap.systems.items() if not is_read(e)]
    return hunt(systems, needles, unread=unread, stays=stays, budget_bytes=budget_bytes)


def stays_of(parts: Parts, plan: Plan | None) -> dict[Place, str]:
    """Places where identifiers may stand after an erasure, and why.

    The law keeps some columns; a clause lets some rows stay once they are nobody's; our own
    store carries the request itself until its answer is handed over.
    """
    stays: dict[Place, str] = {}
    policy = parts.policy()
    for dataset_id, dataset in parts.datamap.datasets():
        table = dataset.table or dataset_id.partition(".")[2]
        system = SystemId(dataset_id.partition(".")[0])
        clause = dataset.erase.clause if dataset.erase.how == "unlink" else None
        why = "until_answered" if dataset_id in UNTIL_ANSWERED else ""
        why = policy.cite(clause) if clause else why
        if why:
            stays |= {Place(system, table, c): why for c in dataset.fields}
    return stays | dict(_kept(parts, plan))


def _kept(parts: Parts, plan: Plan | None) -> Iterator[tuple[Place, str]]:
    """Columns that a plan keeps by law, with the citation."""
    cites = {o.dataset: o.cite for o in plan.outcomes if o.outcome == "kept_by_law"} if plan else {}
    for group in plan.groups if plan else ():
        for action in group.actions:
            if action.verb == "keep" and action.dataset in cites:
                dataset = parts.datamap.dataset(action.dataset)
                table = dataset.table or action.dataset.partition(".")[2]
                for column in action.kept:
                    yield Place(group.system, table, column), cites[action.dataset]


def _read(parts: Parts, kind: str, plan: Plan, handles: Handles) -> Iterator[Identifier]:
    """Ask each system for the strong columns of the people's rows, beside what is known."""
    columns = _without_holders(parts, kind)
    yield from identifiers_in(handles, columns)
    for group in plan.groups:
        asking = ((s, _asking(s, columns.get(s.dataset, {}))) for s in group.steps)
        steps = [now for before, now in asking if now != before]
        if group.system == OWN or not steps:  # every value is known already
            continue
        try:
            located = parts.system(group.system).locate(steps, handles)
        except SystemUnavailable:
            continue
        yield from identifiers_in(located.handles, columns)


def _without_holders(parts: Parts, kind: str) -> Mapping[DatasetId, Mapping[str, str]]:
    """Strong columns but those that name things others may hold too.

    The things themselves are known by the keys of those that nobody else holds.
    """
    datamap, resolution = parts.datamap, parts.resolution(kind)
    found = strong_columns(parts.policy(), datamap, resolution)
    things = counted(datamap, (s.dataset for s in resolution.steps))
    named = {(h.dataset, c) for t in things for h in holders(datamap, t) for c in h.columns}
    return {d: {c: w for c, w in some.items() if (d, c) not in named} for d, some in found.items()}


def _asked(plan: Plan) -> frozenset[DatasetId]:
    """Datasets of the plan but our own, which repeats what others hold."""
    return frozenset(s.dataset for g in plan.groups if g.system != OWN for s in g.steps)


def _asking(step: Step, columns: Iterable[str]) -> Step:
    """The step, giving back the values of `columns` too."""
    return replace(step, yields=tuple(dict.fromkeys((*step.yields, *((c,) for c in columns)))))


def _tell(parts: Parts, request: Request, plan: Plan, needles: Needles, found: Hunt) -> None:
    """The numbers into the evidence and the history, a task for each place."""
    now, store = parts.clock.now(), parts.repositories
    earlier = [s for s in store.requests.history(request.id) if s.what == "residue_hunted"]
    counts = {
        "places": found.places,
        "texts": found.texts,
        "copies": found.copies,
        "unsearched": len(found.unsearched),
    }
    entry = Entry(
        act_id=f"{run_id(plan.id)}:residue-{len(earlier) + 1}",
        kind="outcome",
        at=now,
        service=plan.service,
        act=plan.kind,
        outcome="by_hand" if found.residue else "nothing_found",
        counts=counts,
        version=plan.policy_version,
        digests={"policy": plan.policy_sha256},
        detail={"hunt": "residue"},
    )
    parts.log.append([entry])
    with store.store.together():
        done = [t.system for t in store.tasks.of_request(request.id) if t.done_at]
        store.tasks.open(list(_tasks(request, needles, found.residue, done, now)))
        store.requests.note(request.id, RequestStep(now, "", "residue_hunted", counts))


def _tasks(
    request: Request, needles: Needles, hits: Iterable[Hit], done: list[str], now: datetime
) -> Iterator[Task]:
    """One for each place; a place that was dealt with and holds something again is a new one."""
    for hit in hits:
        place = _word_of(hit.place, needles)
        name = f"{sha256_hex(place.encode())[:12]}-{done.count(place) + 1}"
        items = tuple(sorted(hit.kinds))
        yield Task(f"{request.id}:residue-{name}", request.id, place, items, now)


def _word_of(place: Place, needles: Needles) -> str:
    """A place as tasks and evidence name it: never by a name that is an identifier itself."""
    if needles.kinds(str(place)):
        return f"{place.system}:{sha256_hex(str(place).encode())[:12]}"
    return quote(str(place), safe="/.*=_()-")[:_WORD]

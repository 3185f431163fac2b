"""Gather what a person gets to see, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from datetime import datetime

from seiyaku.app.delivery import destroy
from seiyaku.app.outbox import writing
from seiyaku.app.self_map import OWN
from seiyaku.app.wiring import Parts
from seiyaku.app.withholding import withheld
from seiyaku.datamap.answer import answer
from seiyaku.datamap.model import Dataset, Link
from seiyaku.datamap.system import DatasetRows, HandleColumn, Handles, Row
from seiyaku.kernel.ids import DatasetId
from seiyaku.kernel.text import Text
from seiyaku.plans.disclosure import handles_from_elsewhere
from seiyaku.plans.model import Plan
from seiyaku.policy.model import Policy
from seiyaku.requests.model import Request
from seiyaku.requests.package import KEPT, Heading
from seiyaku.requests.package import write_package as write_zips
from seiyaku.requests.page import Elsewhere, ItemNotice, Page
from seiyaku.requests.shown import Column, Shown
from seiyaku.requests.volumes import Volume
from seiyaku.requests.withheld import without
from seiyaku.store.witness import Made

HIDDEN_OWN = frozenset({"handles", "nonces"})
"""Tables of our own that only repeat the service's values, or open entries (in the receipt)."""


def write_package(parts: Parts, request: Request, plan: Plan, handles: Handles) -> Made:
    """Write the package of a disclosure into the outbox.

    Args:
        handles: the person's, as planned.
    """
    policy = parts.policy()
    made_at = parts.clock.now()
    outside = tuple(o for o in plan.outcomes if o.dataset is None)
    heading = Heading(
        policy.service,
        policy.service_name,
        request.id,
        made_at,
        policy.version.id,
        plan.policy_sha256,
        outside,
    )
    refused = withheld(parts, request)
    items = frozenset(refused.items) if refused else frozenset[str]()
    with writing(), closing(_shown(parts, policy, plan, handles)) as shown:
        given = without(shown, items)
        volumes = write_zips(
            parts.paths.outbox, heading, given, lambda held: _page(parts, policy, heading, held)
        )
    return _record(parts, request, volumes, made_at)


def _page(parts: Parts, policy: Policy, heading: Heading, held: frozenset[str]) -> Page:
    return Page(
        service=policy.service_name,
        request=heading.request,
        made_at=heading.made_at,
        version=policy.version.id,
        items=tuple(_notice(policy, i) for i in policy.items if i in held),
        elsewhere=tuple(
            Elsewhere(
                parts.datamap.systems[o.system].name,
                tuple(policy.items[i].name for i in o.items if i in policy.items),
                o.outcome,
                o.cite,
            )
            for o in heading.outcomes
        ),
    )


def _record(parts: Parts, request: Request, volumes: Sequence[Volume], made_at: datetime) -> Made:
    """Keep name and digest of every volume, and when they are destroyed; the first comes back.

    What an earlier attempt made is replaced. One that was disabled stays so.
    """
    packages, requests = parts.repositories.packages, parts.repositories.requests
    disabled = any(s.what == "package_disabled" for s in requests.history(request.id))
    ends_at = made_at if disabled else made_at + KEPT
    people = requests.people(request.id)
    made = [Made(request.id, v.name, v.sha256, made_at, ends_at) for v in volumes]
    names = {m.name for m in made}
    before = [m for m in packages.of_request(request.id) if ".zip" in m.name]
    with parts.repositories.store.together():
        packages.forget_named(request.id, [m.name for m in before])
        for one in made:
            packages.record(one, people[0] if len(people) == 1 else None)
    destroy(parts, [m for m in before if m.name not in names])
    if disabled:
        destroy(parts, made)
    return made[0]


def _shown(
    parts: Parts, policy: Policy, plan: Plan, handles: Handles
) -> Generator[Shown, None, None]:
    for group in plan.groups:
        known = handles_from_elsewhere(group.steps, handles)
        with answer(parts.system(group.system), group.steps, known) as datasets:
            for rows in datasets:
                name = rows.dataset.partition(".")[2]
                if group.system != OWN or name not in HIDDEN_OWN:
                    dataset = parts.datamap.dataset(rows.dataset)
                    yield _dataset(policy, dataset, rows, handles, parts)


def _dataset(
    policy: Policy, dataset: Dataset, rows: DatasetRows, handles: Handles, parts: Parts
) -> Shown:
    name = rows.dataset.partition(".")[2]
    columns = tuple(_column(policy, dataset, c) for c in rows.columns)
    return Shown(
        dataset=rows.dataset,
        title=Text(ja=name, en=name.replace("_", " ")),
        columns=columns,
        rows=_without_others(parts, rows, dataset, handles),
        named_by=dataset.key[0] if dataset.key else None,
    )


def _column(policy: Policy, dataset: Dataset, name: str) -> Column:
    field = dataset.fields.get(name)
    item = field.item if field else None
    title = policy.items[item].name if item in policy.items else Text(ja=name, en=name)
    if item not in policy.items:
        return Column(name, item, title)
    declared = policy.items[item]
    cites = tuple(policy.cite(clause) for clause in (declared.clause, *declared.also))
    return Column(name, item, Text(ja=f"{title.ja} ({name})", en=f"{title.en} ({name})"), cites)


def _without_others(
    parts: Parts, rows: DatasetRows, dataset: Dataset, handles: Handles
) -> Iterable[Row]:
    """Rows with the columns about another person emptied (`Field.subject`)."""
    about = {c: f.subject for c, f in dataset.fields.items() if f.subject and c in rows.columns}
    if not about:
        return rows.rows
    system = rows.dataset.partition(".")[0]
    links = {
        link.role: (link.by, _target(parts, system, link)) for link in dataset.links if link.role
    }

    def shown(row: Row) -> Row:
        values = dict(zip(rows.columns, row, strict=True))
        for column, role in about.items():
            by, target = links[role]
            if tuple(values[c] for c in by) not in handles.at(target):
                values[column] = None
        return tuple(values.values())

    return (shown(row) for row in rows.rows)


def _target(parts: Parts, system: str, link: Link) -> HandleColumn:
    columns = parts.datamap.target_columns(system, link)
    return HandleColumn(DatasetId(parts.datamap.target(system, link)), columns)


def _notice(policy: Policy, item: str) -> ItemNotice:
    declared = policy.items[item]
    return ItemNotice(
        name=declared.name,
        purposes=tuple(
            p.name
            for p in policy.purposes.values()
            if item in p.items or any(item in more for more in p.items_when.values())
        ),
        recipients=tuple(r.name for r in policy.recipients.values() if item in r.items),
        sources=tuple(policy.sources[s].name for s in declared.sources if s in policy.sources),
        cite=policy.cite(declared.clause),
    )

"""Disposal: find the rows whose time is over, and carry them out like any other plan.

A disposal is a request nobody made: it is about rows and not about people. Its plan is
approved by a named person, run durably, read again by the old keys, and ends in a certificate
in the evidence: which dataset, how many rows, by which rule and clause, when.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import uuid4

from seiyaku.app import persons
from seiyaku.app.planning import OVERDUE
from seiyaku.app.steps import run_id
from seiyaku.app.wiring import Parts
from seiyaku.datamap.graph import paths_of
from seiyaku.datamap.model import system_of
from seiyaku.datamap.system import Row, System, TableSurface
from seiyaku.evidence import Entry
from seiyaku.kernel.ids import DatasetId, RequestId
from seiyaku.laws import tokyo_day
from seiyaku.plans.model import ItemOutcome, RunResult
from seiyaku.plans.read_again import HELD_BY_OTHERS
from seiyaku.plans.survey import items_of
from seiyaku.plans.values import Json, rows_to_json
from seiyaku.requests.model import Request
from seiyaku.retention import Overdue, overdue_rules
from seiyaku.standing.model import Scope
from seiyaku.store.requests import RequestStep

BY_KEY: Final = frozenset({"sqlite", "postgres", "mariadb", "mysql"})
"""Kinds of systems whose rows are found by one key that `System.texts` tells."""


@dataclass(frozen=True)
class Left:
    """A dataset under a period that this disposal did not go through, and why."""

    dataset: DatasetId
    why: str


@dataclass(frozen=True)
class Disposal:
    """What is over.

    Args:
        request: the disposal that carries it out; None where nothing is over.
        rows: how many rows are over, by dataset. left: datasets not gone through.
    """

    request: RequestId | None
    rows: dict[DatasetId, int]
    left: tuple[Left, ...]


def find_overdue(parts: Parts) -> Disposal:
    """Find what is over today and open a disposal for it; see `Home.dispose`."""
    now = parts.clock.now()
    today, month = tokyo_day(now), parts.settings.fiscal_year_end_month
    laws = parts.laws.at(today)
    over, undecided = overdue_rules(parts.policy(), laws, parts.whole_datamap, today, month)
    left = [Left(u.dataset, f"{u.why}: {', '.join(u.items)}") for u in undecided]
    found: dict[DatasetId, frozenset[Row]] = {}
    for one in over:
        keys = _keys(parts, one)
        if keys is None:
            left.append(Left(one.dataset, "not_by_key"))
        elif keys:
            found[one.dataset] = keys
    request = _open(parts, found, now) if found else None
    return Disposal(request, {d: len(rows) for d, rows in found.items()}, tuple(left))


def certify(parts: Parts, request: Request, result: RunResult) -> None:
    """Put the certificate of a disposal that came to its end into the evidence, once."""
    if parts.repositories.requests.detail(request.id, OVERDUE) is None or result.state != "done":
        return
    ended_at = parts.repositories.runs.of(result.plan)[-1].ended_at or parts.clock.now()
    today, month = tokyo_day(ended_at), parts.settings.fiscal_year_end_month
    laws = parts.laws.at(today)
    over, _ = overdue_rules(parts.policy(), laws, parts.whole_datamap, today, month)
    rules = {o.dataset: o for o in over}
    done = (o for o in result.outcomes if o.outcome == "done" and o.note != HELD_BY_OTHERS)
    gone = _summed([o for o in done if o.rows and o.dataset])
    parts.log.append(
        [_certificate(parts, request, result, d, n, rules.get(d), ended_at) for d, n in gone]
    )


def _open(parts: Parts, found: dict[DatasetId, frozenset[Row]], now: datetime) -> RequestId:
    items = {i for d in found for i in items_of(parts.datamap.dataset(d))}
    request = Request(
        id=RequestId(f"disposal-{uuid4().hex[:12]}"),
        kind="deletion",
        person_kind=persons.kinds(parts)[0],
        received_at=now,
        version=parts.policy().version.id,
        state="identity_shown",
        people=0,
        channel="settings",
        scope=Scope(items=tuple(sorted(items))),
    )
    kept: dict[str, Json] = {d: rows_to_json(rows) for d, rows in found.items()}
    requests = parts.repositories.requests
    with parts.repositories.store.together():
        requests.add(request, (), {OVERDUE: kept})
        facts = {"rows": sum(map(len, found.values())), "datasets": len(found)}
        requests.note(request.id, RequestStep(now, "", "disposal_found", facts))
    return request.id


def _keys(parts: Parts, over: Overdue) -> frozenset[Row] | None:
    """Keys of the rows of one dataset that are over; None where they cannot be told by key."""
    dataset = parts.datamap.dataset(over.dataset)
    system = parts.system(system_of(over.dataset))
    table = _table(system, dataset.table or over.dataset.partition(".")[2])
    known = parts.datamap.systems[system_of(over.dataset)].kind in BY_KEY
    if table is None or not known or len(dataset.key) != 1 or table.key != dataset.key:
        return None
    tomorrow = tokyo_day(parts.clock.now()) + timedelta(days=1)
    past = _past(system, table.name, over.before)
    past |= _past(system, table.name, [(c, tomorrow) for c in over.early])
    keys = past - (_owned(parts, over, system, table) if over.unowned else set())
    numeric = any("INT" in c.type.upper() for c in table.columns if c.name == dataset.key[0])
    return frozenset((int(k) if numeric else k,) for k in keys)


def _table(system: System, name: str) -> TableSurface | None:
    return next((t for t in system.surface() if t.name == name), None)


def _past(system: System, table: str, before: Sequence[tuple[str, date]]) -> set[str]:
    """Keys of rows in which every one of these columns dates an event earlier than its day."""
    found = [set(_before(system, table, column, day)) for column, day in before]
    return set.intersection(*found) if found else set()


def _before(system: System, table: str, column: str, first_kept_on: date) -> Iterator[str]:
    for key, text in system.texts(table, column):
        day = _day(text)
        if day is not None and day < first_kept_on:
            yield key


def _owned(parts: Parts, over: Overdue, system: System, table: TableSurface) -> set[str]:
    """Keys of rows that still belong to somebody: a link leads to a person or their rows."""
    dataset = parts.datamap.dataset(over.dataset)
    columns = [p.by[0] for p in paths_of(parts.datamap, over.dataset, dataset) if p.owns]
    return {key for c in columns for key, _ in system.texts(table.name, c)}


def _day(text: str) -> date | None:
    """The day of an event in the controller's country; None where the text is no moment."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return tokyo_day(at) if at.tzinfo else at.date()


def _summed(gone: Sequence[ItemOutcome]) -> list[tuple[DatasetId, int]]:
    rows: dict[DatasetId, int] = {}
    for outcome in gone:
        if outcome.dataset:
            rows[outcome.dataset] = max(rows.get(outcome.dataset, 0), outcome.rows)
    return list(rows.items())


def _certificate(
    parts: Parts,
    request: Request,
    result: RunResult,
    dataset: DatasetId,
    rows: int,
    rule: Overdue | None,
    at: datetime,
) -> Entry:
    """Which rows went, how many, by which rule; what only hung on them names no rule."""
    reach = ",".join(parts.system(system_of(dataset)).capabilities.covers)
    return Entry(
        act_id=f"{run_id(result.plan)}:disposal:{dataset}",
        kind="disposal",
        at=at,
        service=parts.settings.service,
        act="dispose",
        outcome="done",
        system=dataset,
        clauses=rule.cites if rule else (),
        counts={"rows": rows},
        version=request.version,
        detail={"rule": ",".join(rule.rules) if rule else "hangs_on", "reach": reach},
    )

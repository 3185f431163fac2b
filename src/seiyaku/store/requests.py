"""Requests, whom they are about, what happened to them, and what must be done by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import PersonId, PlanId, RequestId
from seiyaku.plans.values import Json
from seiyaku.requests.model import Request
from seiyaku.standing.model import Scope
from seiyaku.store import tables
from seiyaku.store.prepared import Row
from seiyaku.store.store import Store, into


@dataclass(frozen=True)
class RequestStep:
    """One thing that happened to a request; `facts` are words and numbers, never values."""

    at: datetime
    actor: str
    what: str
    facts: Mapping[str, str | int]


@dataclass(frozen=True)
class Task:
    """Something a person does in a system that is not ours to change, and proves.

    Args:
        evidence_sha256: digest of the file that proves it; empty while it is open.
    """

    id: str
    request: RequestId
    system: str
    items: tuple[str, ...]
    opened_at: datetime
    done_at: datetime | None = None
    actor: str = ""
    evidence_sha256: str = ""


class RequestStore:
    """Requests by id."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self, request: Request, people: Sequence[PersonId], details: Mapping[str, Json]
    ) -> None:
        """Record a new request, whom it is about, and what it carries."""
        person = people[0] if len(people) == 1 else None
        with self._store.together():
            self._store.write(into(tables.requests), _row(request))
            rows = [{"request": request.id, "person": p} for p in people]
            self._store.write(into(tables.request_people), rows)
            for name, value in details.items():
                self.put_detail(request.id, name, value, person)

    def get(self, request: str) -> Request:
        """The request called `request`.

        Raises:
            InvalidInput: SY194 there is none.
        """
        row = self._store.one(_ONE, this=request)
        if row is None:
            raise InvalidInput(f"there is no request `{request}`", code="SY194")
        return _request(row._asdict())

    def all(self, *, ended: bool = True) -> tuple[Request, ...]:
        """Every request, oldest first; without those that ended when `ended` is False."""
        rows = self._store.read(sa.select(tables.requests).order_by(tables.requests.c.received_at))
        found = (_request(row._asdict()) for row in rows)
        return tuple(r for r in found if ended or not r.ended)

    def of_person(self, person: PersonId) -> tuple[Request, ...]:
        """The requests of one person, oldest first."""
        rows = self._store.read(_OF_PERSON, this=person)
        return tuple(_request(row._asdict()) for row in rows)

    def carrying(self, name: str) -> tuple[tuple[Request, Json], ...]:
        """Requests that carry something under this name, and what; oldest first."""
        details, table = tables.request_details, tables.requests
        rows = self._store.read(
            sa.select(table, details.c.value.label("carried"))
            .join(details, details.c.request == table.c.id)
            .where(details.c.name == name)
            .order_by(table.c.received_at)
        )
        columns = [c.name for c in table.columns]
        return tuple((_request({c: r._asdict()[c] for c in columns}), r.carried) for r in rows)

    def save(self, request: Request) -> None:
        """Write the request as it is now."""
        self._store.write(_SAVE, {**_row(request), "this": request.id})

    def people(self, request: RequestId) -> tuple[PersonId, ...]:
        """Whom it is about, sorted."""
        return tuple(PersonId(row.person) for row in self._store.read(_PEOPLE, this=request))

    def name(self, request: RequestId, person: PersonId) -> None:
        """Write down whom a request is about that came from nobody known."""
        self._store.write(into(tables.request_people), {"request": request, "person": person})

    def noted(self, what: str, value: str) -> str | None:
        """The request in whose history a step of this kind names this digest, if any."""
        table = tables.request_steps
        rows = self._store.read(
            sa.select(table.c.request, table.c.facts).where(table.c.what == what)
        )
        return next((r.request for r in rows if value in r.facts.values()), None)

    def put_detail(
        self, request: RequestId, name: str, value: Json, person: PersonId | None
    ) -> None:
        """Keep something of the person beside the request until it ends."""
        row = {"request": request, "name": name, "value": value, "person": person}
        with self._store.together():
            self._store.write(_DROP_DETAIL, {"this": request, "called": name})
            self._store.write(into(tables.request_details), row)

    def detail(self, request: RequestId, name: str) -> Json:
        """What `put_detail` kept; None when there is nothing (any longer)."""
        row = self._store.one(_DETAIL, this=request, called=name)
        return None if row is None else row.value

    def note(self, request: RequestId, step: RequestStep) -> None:
        """Add a line to the history."""
        self._store.write(
            into(tables.request_steps),
            {
                "request": request,
                "at": step.at,
                "actor": step.actor,
                "what": step.what,
                "facts": dict(step.facts),
            },
        )

    def history(self, request: RequestId) -> tuple[RequestStep, ...]:
        """What happened to a request, in order."""
        rows = self._store.read(_HISTORY, this=request)
        return tuple(RequestStep(r.at, r.actor, r.what, r.facts) for r in rows)

    def purge_handles(self, request: RequestId, plan: PlanId | None) -> None:
        """Destroy the old values and the new one: nothing is looked for any longer."""
        with self._store.together():
            self._store.write(_DROP_HANDLES, {"this": plan or ""})
            self._store.write(_DROP_VALUES, {"this": request})

    def drop_details(self, request: RequestId, names: Sequence[str]) -> None:
        """Destroy some of what a request carries."""
        self._store.write(_DROP_DETAIL, [{"this": request, "called": name} for name in names])

    def purge(self, request: RequestId, plan: PlanId | None) -> None:
        """Destroy everything a request carried of people, but whom it is about."""
        with self._store.together():
            self.purge_handles(request, plan)
            self._store.write(_DROP_DETAILS, {"this": request})

    def forget(self, people: Sequence[PersonId]) -> None:
        """Destroy what ties any request to these people, nonces among it."""
        with self._store.together():
            for forget in _FORGET:
                self._store.write(forget, [{"this": person} for person in people])


_ONE = sa.select(tables.requests).where(tables.requests.c.id == sa.bindparam("this"))
_OF_PERSON = (
    sa.select(tables.requests)
    .join(tables.request_people, tables.request_people.c.request == tables.requests.c.id)
    .where(tables.request_people.c.person == sa.bindparam("this"))
    .order_by(tables.requests.c.received_at)
)
_SAVE = sa.update(tables.requests).where(tables.requests.c.id == sa.bindparam("this"))
_PEOPLE = (
    sa.select(tables.request_people.c.person)
    .where(tables.request_people.c.request == sa.bindparam("this"))
    .order_by(tables.request_people.c.person)
)
_THIS_DETAIL = (
    tables.request_details.c.request == sa.bindparam("this"),
    tables.request_details.c.name == sa.bindparam("called"),
)
_DETAIL = sa.select(tables.request_details.c.value).where(*_THIS_DETAIL)
_DROP_DETAIL = sa.delete(tables.request_details).where(*_THIS_DETAIL)
_DROP_DETAILS = sa.delete(tables.request_details).where(_THIS_DETAIL[0])
_DROP_VALUES = sa.delete(tables.request_details).where(
    tables.request_details.c.request == sa.bindparam("this"),
    sa.or_(*(tables.request_details.c.name == n for n in ("value", "where", "old"))),
)
_DROP_HANDLES = sa.delete(tables.handles).where(tables.handles.c.plan == sa.bindparam("this"))
_HISTORY = (
    sa.select(tables.request_steps)
    .where(tables.request_steps.c.request == sa.bindparam("this"))
    .order_by(tables.request_steps.c.id)
)
_TASKS = (
    sa.select(tables.tasks)
    .where(tables.tasks.c.request == sa.bindparam("this"))
    .order_by(tables.tasks.c.system)
)
"""What every request asks several times is built once; building costs as much as running."""
_FORGET = tuple(
    sa.delete(table).where(table.c.person == sa.bindparam("this"))
    for table in (
        tables.request_people,
        tables.request_details,
        tables.handles,
        tables.nonces,
        tables.packages,
    )
)
"""What ties requests to people."""


class TaskStore:
    """Tasks by hand."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, tasks: Sequence[Task]) -> None:
        """Add the tasks that are not there yet."""
        if not tasks:
            return
        wanted = tables.tasks.c.id.in_([t.id for t in tasks])
        with self._store.together():
            known = {row.id for row in self._store.read(sa.select(tables.tasks.c.id).where(wanted))}
            rows = [{**asdict(t), "items": list(t.items)} for t in tasks if t.id not in known]
            self._store.write(into(tables.tasks), rows)

    def withdraw(self, names: Collection[str]) -> None:
        """Take back tasks that nobody did and that nothing is left of."""
        table = tables.tasks
        if names:
            named = table.c.id.in_(sorted(names))
            self._store.write(sa.delete(table).where(named, table.c.done_at.is_(None)))

    def get(self, task: str) -> Task:
        """The task called `task`.

        Raises:
            InvalidInput: SY195 there is none.
        """
        row = self._store.one(sa.select(tables.tasks).where(tables.tasks.c.id == task))
        if row is None:
            raise InvalidInput(f"there is no task `{task}`", code="SY195")
        return _task(row)

    def of_request(self, request: RequestId) -> tuple[Task, ...]:
        """The tasks of a request, by system."""
        rows = self._store.read(_TASKS, this=request)
        return tuple(_task(row) for row in rows)

    def complete(self, task: Task) -> None:
        """Write down who did it, when, and the digest of the proof."""
        table = tables.tasks
        self._store.write(
            sa.update(table)
            .where(table.c.id == task.id)
            .values(done_at=task.done_at, actor=task.actor, evidence_sha256=task.evidence_sha256)
        )


def _row(request: Request) -> dict[str, Any]:
    """The request as its row; `asdict` copies deeply, which nothing here needs."""
    scope = {k: list(v) for k, v in vars(request.scope).items()}
    return {**vars(request), "scope": scope}


def _request(row: Mapping[str, Any]) -> Request:
    values = dict(row)
    values["scope"] = Scope(**{k: tuple(v) for k, v in values["scope"].items()})
    return Request(**values)


def _task(row: Row) -> Task:
    values = dict(row._asdict())
    return Task(**{**values, "items": tuple(values["items"])})

"""What opens the evidence to the person it is about, and what was decided about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from seiyaku.evidence import commitment_of, new_nonce
from seiyaku.gate.model import Decision, Question, Reason
from seiyaku.kernel.ids import PersonId, RequestId
from seiyaku.store import tables
from seiyaku.store.prepared import Row
from seiyaku.store.store import Store, into

_AT_ONCE = 500
_KNOWN = sa.select(tables.nonces.c.act_id, tables.nonces.c.nonce)
_KNOWN_ONE = _KNOWN.where(tables.nonces.c.act_id == sa.bindparam("this"))
_OF_REQUEST = _KNOWN.where(tables.nonces.c.request == sa.bindparam("this"))
_MADE = (
    sa.select(tables.packages)
    .where(tables.packages.c.request == sa.bindparam("this"))
    .order_by(tables.packages.c.name)
)
_DROP_MADE = sa.delete(tables.packages).where(
    tables.packages.c.request == sa.bindparam("this"),
    tables.packages.c.name == sa.bindparam("called"),
)
_QUESTION: TypeAdapter[Question] = TypeAdapter(Question)


@dataclass(frozen=True)
class Asked:
    """A question that was put to the gate, and what it answered."""

    question: Question
    decision: Decision


@dataclass(frozen=True)
class Made:
    """A file made for a person, by its name in the outbox.

    Args:
        ends_at: from when on nobody gets it any more; None for a receipt, which has no end.
    """

    request: RequestId
    name: str
    sha256: str
    made_at: datetime
    ends_at: datetime | None = None


class NonceStore:
    """Nonces of entries about people: stored before the entry, destroyed with the record."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def commitments(self, request: RequestId, acts: Mapping[str, PersonId]) -> dict[str, str]:
        """The commitment of each act id, under a nonce that is kept; a repeat finds the same.

        Args:
            acts: act id of an entry → the person it is about.
        """
        return self.commitments_of({act: (request, person) for act, person in acts.items()})

    def commitments_of(self, acts: Mapping[str, tuple[RequestId, PersonId]]) -> dict[str, str]:
        """The same for acts of many requests at once.

        Args:
            acts: act id of an entry → its request, and the person it is about.
        """
        known = self._known(list(acts))
        fresh = {act: new_nonce() for act in acts if act not in known}
        rows = [
            {"act_id": act, "person": person, "request": request, "nonce": fresh[act].hex()}
            for act, (request, person) in acts.items()
            if act in fresh
        ]
        self._store.write(into(tables.nonces), rows)
        nonces = {**known, **fresh}
        return {act: commitment_of(person, nonces[act]) for act, (_, person) in acts.items()}

    def _known(self, acts: Sequence[str]) -> dict[str, bytes]:
        if len(acts) == 1:
            return {
                r.act_id: bytes.fromhex(r.nonce) for r in self._store.read(_KNOWN_ONE, this=acts[0])
            }
        found: dict[str, bytes] = {}
        for start in range(0, len(acts), _AT_ONCE):
            some = tables.nonces.c.act_id.in_(acts[start : start + _AT_ONCE])
            rows = self._store.read(_KNOWN.where(some))
            found.update({row.act_id: bytes.fromhex(row.nonce) for row in rows})
        return found

    def of_request(self, request: RequestId) -> dict[str, bytes]:
        """Nonces of one request by act id."""
        rows = self._store.read(_OF_REQUEST, this=request)
        return {r.act_id: bytes.fromhex(r.nonce) for r in rows}

    def of_person(self, request: RequestId, person: PersonId) -> dict[str, bytes]:
        """Nonces of one person's entries of a request by act id."""
        table = tables.nonces
        rows = self._store.read(
            sa.select(table.c.act_id, table.c.nonce).where(
                table.c.request == request, table.c.person == person
            )
        )
        return {r.act_id: bytes.fromhex(r.nonce) for r in rows}


class AskedStore:
    """Questions and their answers, for `seiyaku why`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(self, asked: Sequence[Asked]) -> None:
        """Keep what was asked and decided."""
        self._store.write(into(tables.asked), [_row(one) for one in asked])

    def uses(self) -> frozenset[tuple[str, str]]:
        """Every item with every purpose for which a use of it was permitted."""
        table = tables.asked
        query = sa.select(table.c.item, table.c.question).where(table.c.outcome == "permitted")
        rows = self._store.read(query)
        asked = ((r.item, r.question) for r in rows)
        return frozenset(
            (item, str(q["purpose"])) for item, q in asked if q["act"] == "use" and q.get("purpose")
        )

    def of(self, person: PersonId, item: str | None, until: datetime) -> tuple[Asked, ...]:
        """What was asked about `person` (and one item) up to `until`, in order."""
        table = tables.asked
        query = sa.select(table).where(table.c.person == person, table.c.at <= until)
        if item is not None:
            query = query.where(table.c.item == item)
        return tuple(_asked(r) for r in self._store.read(query.order_by(table.c.at, table.c.id)))


class PackageStore:
    """Files made for people."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(self, made: Made, person: PersonId | None) -> None:
        """Keep the name and digest of a file; the same name again replaces it."""
        with self._store.together():
            self._store.write(_DROP_MADE, {"this": made.request, "called": made.name})
            self._store.write(into(tables.packages), {**vars(made), "person": person})

    def of_request(self, request: RequestId) -> tuple[Made, ...]:
        """The files made for a request."""
        return tuple(_made(r) for r in self._store.read(_MADE, this=request))

    def ended(self, at: datetime) -> tuple[Made, ...]:
        """Files that nobody gets any more."""
        table = tables.packages
        rows = self._store.read(sa.select(table).where(table.c.ends_at <= at))
        return tuple(_made(r) for r in rows)

    def end(self, request: RequestId, at: datetime) -> None:
        """Let the package of a request end at `at`, where it would last longer."""
        table = tables.packages
        ending = sa.update(table).where(table.c.request == request, table.c.ends_at > at)
        self._store.write(ending.values(ends_at=at))

    def forget_named(self, request: RequestId, names: Sequence[str]) -> None:
        """Drop the entries of some files of a request."""
        self._store.write(_DROP_MADE, [{"this": request, "called": name} for name in names])

    def forget(self, request: RequestId) -> None:
        """Drop the entries of a request's files."""
        table = tables.packages
        self._store.write(sa.delete(table).where(table.c.request == request))


def _row(asked: Asked) -> dict[str, Any]:
    words = _QUESTION.dump_python(asked.question, mode="json")
    return {
        "person": asked.question.person,
        "at": asked.question.at,
        "item": asked.question.item,
        "question": {**words, "contexts": sorted(words["contexts"])},
        "outcome": asked.decision.outcome,
        "reasons": [asdict(r) for r in asked.decision.reasons],
        "version": f"{asked.decision.step}:{asked.decision.version}",
    }


def _made(row: Row) -> Made:
    return Made(RequestId(row.request), row.name, row.sha256, row.made_at, row.ends_at)


def _asked(row: Row) -> Asked:
    question = _QUESTION.validate_python(row.question)
    step, _, version = row.version.partition(":")
    known = {f.name for f in fields(Reason)}
    reasons = tuple(Reason(**{k: v for k, v in r.items() if k in known}) for r in row.reasons)
    return Asked(question, Decision(row.outcome, reasons, version, int(step)))

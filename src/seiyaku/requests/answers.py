"""Answers that need no plan: what may be told or written down at once.

Each line names its clause or article. Where nothing is recorded, that is the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from seiyaku.kernel.ids import PersonId
from seiyaku.kernel.text import Text
from seiyaku.laws import Laws
from seiyaku.policy.model import Policy
from seiyaku.releases import Release
from seiyaku.requests.abroad import abroad
from seiyaku.requests.line import Line
from seiyaku.requests.model import Request
from seiyaku.requests.records import recorded
from seiyaku.standing.model import Closure, Event, OptOut, Resumption, Scope, Suspension


@dataclass(frozen=True)
class Answer:
    """What the person is told.

    Args:
        outcome: ``done``, ``told``, ``none_recorded`` or ``nothing_held``.
    """

    request: str
    outcome: str
    lines: tuple[Line, ...] = field(default=())


def events_of(
    request: Request, policy: Policy, person: PersonId, at: datetime, *, lift: bool = False
) -> tuple[Event, ...]:
    """What a request changes in the person's standing as soon as it is known who asks.

    Args:
        lift: the suspension is to end.
    """
    scope = request.scope
    if request.kind == "suspension" and lift:
        return (Resumption(person, at, scope),)
    if request.kind == "suspension":
        return (Suspension(person, at, scope, request.id),)
    if request.kind == "stop_provision":
        recipients = scope.recipients or tuple(policy.recipients)
        return (OptOut(person, at, Scope(scope.items, scope.purposes, recipients)),)
    if request.kind == "closure":
        return (Closure(person, at),)
    return ()


def answer(
    request: Request,
    policy: Policy,
    laws: Laws,
    held: Iterable[str],
    note: Text | None = None,
    given: Iterable[Release] = (),
    recorded_for: frozenset[str] = frozenset(),
) -> Answer:
    """The answer to a request that touches no system.

    Args:
        held: items we hold of the person, for a notice of purposes.
        note: what a person of the controller answers, for a complaint.
        given: what was given to others or received from them, for the records of provision
            and for what went abroad.
        recorded_for: recipients of whom anything was ever recorded: what is not in the book of
            such a one did not go there.
    """
    if request.kind == "provision_records":
        found = tuple(recorded(policy, given))
    elif request.kind == "foreign_measures":
        found = tuple(abroad(policy, laws, tuple(given), recorded_for))
    else:
        found = tuple(_lines(request, policy, frozenset(held), note))
    return Answer(request.id, _outcome(request, found), found or (_none(request),))


def _lines(
    request: Request, policy: Policy, held: frozenset[str], note: Text | None
) -> Iterator[Line]:
    match request.kind:
        case "purpose_notice":
            yield from _purposes(policy, held)
        case "suspension" | "stop_provision":
            yield from _stopped(policy, request.scope)
        case "complaint" if note is not None:
            yield Line(note)


def _outcome(request: Request, lines: tuple[Line, ...]) -> str:
    if request.kind in ("suspension", "stop_provision"):
        return "done"
    if lines:
        return "told"
    return "nothing_held" if request.kind == "purpose_notice" else "none_recorded"


def _none(request: Request) -> Line:
    if request.kind == "purpose_notice":
        return Line(
            Text(
                ja="あなたの個人情報は保有していません。", en="We hold no personal data about you."
            )
        )
    if request.kind == "complaint":
        return Line(Text(ja="苦情を受け付けました。", en="We have received your complaint."))
    return Line(Text(ja="記録はまだありません。", en="Nothing is recorded yet."))


def _purposes(policy: Policy, held: frozenset[str]) -> Iterator[Line]:
    """Each item held, with the purposes the policy declares for it. Law: APPI 32(2)."""
    for item in (i for i in policy.items if i in held):
        for purpose in policy.purposes.values():
            if item in purpose.items or any(item in more for more in purpose.items_when.values()):
                name = policy.items[item].name
                text = Text(ja=f"{name.ja}: {purpose.name.ja}", en=f"{name.en}: {purpose.name.en}")
                yield Line(text, policy.cite(purpose.clause), item)


def _stopped(policy: Policy, scope: Scope) -> Iterator[Line]:
    right = policy.rights.get("suspension")
    cite = policy.cite(right.clause) if right else ""
    words = (
        *(policy.items[i].name for i in scope.items),
        *(policy.purposes[p].name for p in scope.purposes),
        *(policy.recipients[r].name for r in scope.recipients),
    )
    for name in words:
        yield Line(Text(ja=f"{name.ja}: 停止しました。", en=f"{name.en}: stopped."), cite)
    if not words:
        yield Line(Text(ja="すべての利用を停止しました。", en="Every use has been stopped."), cite)

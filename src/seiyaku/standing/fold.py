"""From what a person said, one event after another, to where they stand at a moment.

Pure: the same events give the same standing. Events are taken in order of time; those of
one moment in the order they were recorded. Nothing later than the moment asked is in it, so
that adding events never changes what was true before them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import reduce

from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import (
    Acceptance,
    Acknowledged,
    AgeBand,
    Closure,
    Consent,
    Erasure,
    Event,
    Freeze,
    Guardian,
    LiveConsent,
    OptIn,
    OptOut,
    Resumption,
    Scope,
    Standing,
    Status,
    Suspension,
    Withdrawal,
)

_LADDER: tuple[Status, ...] = ("active", "frozen", "closed", "erased")
_PARTS = ("items", "purposes", "recipients")


def fold(person: PersonId, kind: str, events: Iterable[Event], at: datetime) -> Standing:
    """The standing of one person at `at`.

    A withdrawal touches the consents given before it that it overlaps; the gate judges what
    it takes back. A resumption (an opt-in) lifts what it covers of each suspension (opt-out)
    and leaves the rest. The newest age band replaces older ones. The status only climbs:
    active, frozen, closed, erased.

    Args:
        kind: kind of person, a word of the policy.
        events: everything recorded of this person, in any order.
        at: the moment asked about, aware; events at `at` itself are in it.

    Raises:
        InvalidInput: SY120 an event belongs to another person.

    Examples:
        >>> from datetime import UTC, datetime, timedelta
        >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
        >>> ads = Scope(purposes=("ads",))
        >>> said = [Suspension(PersonId("7"), noon, ads)]
        >>> fold(PersonId("7"), "user", said, noon).suspensions
        (Scope(items=(), purposes=('ads',), recipients=()),)
        >>> fold(PersonId("7"), "user", said, noon - timedelta(seconds=1)).suspensions
        ()
    """
    known = [event for event in events if event.at <= at]
    if any(event.person != person for event in known):
        raise InvalidInput(
            "an event belongs to another person", code="SY120", hint="fold one person at a time"
        )
    start = Standing(person, kind, at, events=len(known))
    return reduce(_after, sorted(known, key=lambda event: event.at), start)


def covers(wide: Scope, narrow: Scope) -> bool:
    """Whether a stop with scope `wide` reaches everything that `narrow` reaches."""
    return all(
        not w or (bool(n) and set(n) <= set(w))
        for w, n in zip(_parts(wide), _parts(narrow), strict=True)
    )


def remainder(stop: Scope, lifted: Scope) -> tuple[Scope, ...]:
    """What is left of `stop` once `lifted` is taken out of it.

    Where the stop says *all* and the lifting names some, the rest cannot be written down:
    the stop then stays whole, which is the stricter reading.

    Examples:
        >>> remainder(Scope(items=("bio", "email")), Scope(items=("bio",)))
        (Scope(items=('email',), purposes=(), recipients=()),)
        >>> remainder(Scope(), Scope(items=("bio",)))
        (Scope(items=(), purposes=(), recipients=()),)
    """
    if covers(lifted, stop):
        return ()
    pairs = zip(_parts(stop), _parts(lifted), strict=True)
    if any(t and (not s or not set(s) & set(t)) for s, t in pairs):
        return (stop,)
    return tuple(_slices(stop, lifted))


def _slices(stop: Scope, lifted: Scope) -> Iterator[Scope]:
    """The boxes of `stop` outside `lifted`, cut part by part; they do not overlap."""
    box = stop
    for name, s, t in zip(_PARTS, _parts(stop), _parts(lifted), strict=True):
        rest = tuple(word for word in s if t and word not in t)
        if rest:
            yield replace(box, **{name: rest})
        box = replace(box, **{name: tuple(word for word in s if not t or word in t)})


def _touches(withdrawal: Scope, consent: Scope) -> bool:
    """Whether the two overlap; a part the consent does not name is touched by *all* only."""
    return all(
        not w or bool(set(w) & set(c))
        for w, c in zip(_parts(withdrawal), _parts(consent), strict=True)
    )


def _parts(scope: Scope) -> tuple[tuple[str, ...], ...]:
    return scope.items, scope.purposes, scope.recipients


def _after(state: Standing, event: Event) -> Standing:
    """`state` once `event` has happened."""
    match event:
        case Consent():
            return replace(state, consents=(*state.consents, LiveConsent(event)))
        case Withdrawal():
            return replace(state, consents=tuple(_withdrawn(c, event) for c in state.consents))
        case Suspension(scope=scope):
            return replace(state, suspensions=_with(state.suspensions, scope))
        case Resumption(scope=scope):
            return replace(state, suspensions=_without(state.suspensions, scope))
        case OptOut(scope=scope):
            return replace(state, opt_outs=_with(state.opt_outs, scope))
        case OptIn(scope=scope):
            return replace(state, opt_outs=_without(state.opt_outs, scope))
        case Acceptance():
            return replace(state, accepted=(*state.accepted, (event.version, event.at)))
        case Acknowledged():
            return replace(state, acknowledged=(*state.acknowledged, (event.what, event.at)))
        case AgeBand():
            return replace(state, at_least=event.at_least, below=event.below)
        case Guardian():
            return replace(state, guardian=True)
        case Freeze():
            return _climb(state, "frozen", event.at)
        case Closure():
            return _climb(state, "closed", event.at)
        case Erasure():
            return _climb(state, "erased", event.at)


def _withdrawn(live: LiveConsent, event: Withdrawal) -> LiveConsent:
    if not _touches(event.scope, live.consent.scope):
        return live
    return replace(live, withdrawn=(*live.withdrawn, event))


def _with(scopes: tuple[Scope, ...], scope: Scope) -> tuple[Scope, ...]:
    return scopes if scope in scopes else (*scopes, scope)


def _without(scopes: tuple[Scope, ...], lifted: Scope) -> tuple[Scope, ...]:
    return tuple(rest for scope in scopes for rest in remainder(scope, lifted))


def _climb(state: Standing, status: Status, at: datetime) -> Standing:
    if _LADDER.index(status) <= _LADDER.index(state.status):
        return state
    return replace(state, status=status, since=at)

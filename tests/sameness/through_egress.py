"""The door for calls that go out: each question is a call whose one field is the item."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from sameness.world import World
from seiyaku.datamap.payload import Calls
from seiyaku.doors.code import LiveGate
from seiyaku.doors.egress import Call, Egress
from seiyaku.doors.handling import handling
from seiyaku.doors.payload import Payload
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Question
from seiyaku.releases.model import Giving, Release, ReleaseState
from seiyaku.testing.clock import FixedClock

_JSON = (("content-type", "application/json"),)
_HOST = "api.example.com"
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Outgoing:
    """`seiyaku.doors.egress`: what is removed from the payload is not permitted."""

    name: ClassVar[str] = "egress"
    needs: ClassVar[tuple[str, ...]] = ()
    outcomes: ClassVar[Literal["three", "two"]] = "two"
    least: ClassVar[float] = 0.1

    def ask(self, world: World, questions: Sequence[Question]) -> list[str | None]:
        """The outcomes; none but for sending, masked where the recipient gets masked text."""
        live = LiveGate(Gate(world.history, world.laws), world.people, FixedClock(world.at))
        return [_asked(world, live, q) if _fits(world, q) else None for q in questions]


def _fits(world: World, q: Question) -> bool:
    """A host is somebody's, and the item has a word: else there is no such call."""
    policy = world.history.in_force(world.at)
    declared = policy.recipients.get(q.recipient or "") if policy else None
    masked = declared is not None and declared.masked is not None
    return q.act == "send" and bool(q.recipient) and q.masked == masked


def _asked(world: World, live: LiveGate, q: Question) -> str:
    rule = {"item": q.item, "source": q.source}
    endpoint: dict[str, Any] = {"path": "/", "json": {"field": rule}}
    entry = Calls.model_validate({"hosts": [_HOST], "endpoints": [endpoint]})
    entry = entry.model_copy(update={"country": q.country, "recipient": q.recipient})
    door = Egress(
        {"there": entry},
        world.history,
        live,
        _Nowhere(),
        mode="enforce",
        clock=FixedClock(world.at),
    )
    said = {
        word: getattr(q, word)
        for word in ("purpose", "relation", "route", "contexts", "scopes", "case", "data_at")
    }
    with handling(person=q.person, **said):
        call = Call("POST", ("https", _HOST, 443), "/", Payload("", _JSON, b'{"field":"x"}'))
        cleared = door.clear(call)
    went = "field" in json.loads(cleared.call.payload.body)
    assert went == (q.item in cleared.items)
    return "permitted" if went else "not_permitted"


class _Nowhere:
    """A book that keeps nothing: what the law wants recorded is another suite's question."""

    def of(self, giving: Giving, release_id: str | None = None) -> Release:
        return Release(
            release_id or "release-1",
            "provided",
            giving.person,
            giving.recipient,
            giving.items,
            giving.purpose,
            "none",
            giving.route,
            giving.country,
            "",
            giving.cites,
            _LONG_AGO,
        )

    def intend(self, releases: Sequence[Release]) -> None:
        pass

    def settle(self, ids: Sequence[str], state: ReleaseState, at: Any) -> None:
        pass

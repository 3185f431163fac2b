"""The door as ASGI middleware: read a request, judge it, hand the application what may come in.

1. The entrance is found by path and method. One nobody declared gets neither body nor query
   string, and no web socket.
2. The person is told by the application (`who`); nobody is a newcomer.
3. Every field is judged; what is handed on is written anew.
4. What cannot be read is answered with 400 and never arrives. Values are in no log.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import cache
from typing import Any, Literal

from seiyaku.datamap.payload import Intake
from seiyaku.doors.code import LiveGate
from seiyaku.doors.egress.directory import match
from seiyaku.doors.handling import Occasion
from seiyaku.doors.ingress.judge import FieldJudge, Taken, counts, keeps_no_cards
from seiyaku.doors.ingress.newcomer import decide_of_newcomer
from seiyaku.doors.payload import KEEP, Payload, Put, Spot, rewrite
from seiyaku.doors.payload.json_body import rewrite_json
from seiyaku.doors.payload.model import unreadable
from seiyaku.doors.payload.pairs import rewrite_pairs, split_path
from seiyaku.doors.payload.rewrite import MAX_BYTES
from seiyaku.gate.model import Decision
from seiyaku.kernel.clock import Clock, SystemClock
from seiyaku.kernel.errors import NotPermitted
from seiyaku.policy.history import History
from seiyaku.policy.model import Act, Policy

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Who = Callable[[Scope], Occasion | None]
_log = logging.getLogger(__name__)


class Ingress:
    """ASGI middleware that lets in what may come in.

    Args:
        app: the application. intake: what may come in where (`DataMap.intake`).
        history: the versions of the policy. gate: the gate that knows where everybody stands.
        who: who a request is from, with the scopes they granted a linked service; None for
            somebody nobody knows yet.
        mode: ``log`` changes nothing and tells; ``enforce`` holds.
        report: called with the entrance's word and every field judged.
    """

    def __init__(
        self,
        app: App,
        intake: Mapping[str, Intake],
        history: History,
        gate: LiveGate,
        who: Who,
        *,
        mode: Literal["log", "enforce"],
        clock: Clock | None = None,
        report: Callable[[str, list[Taken]], None] | None = None,
    ) -> None:
        self._app = app
        self._intake = intake
        self._history = history
        self._gate = gate
        self._who = who
        self._enforce = mode == "enforce"
        self._clock = clock or SystemClock()
        self._report = report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            payload = Payload(
                scope["query_string"].decode("ascii"), _headers(scope), await _body(receive)
            )
            allowed = self._let_in(scope, payload)
        except NotPermitted as refusal:
            _log.warning("ingress: %s %s", refusal.code, refusal)
            if self._enforce:
                await _refuse(send, refusal)
                return
            allowed = payload
        if self._enforce:
            scope = {
                **scope,
                "query_string": allowed.query.encode("ascii"),
                "headers": [(k.encode(), v.encode("latin-1")) for k, v in allowed.headers],
            }
        await self._app(scope, _replay(allowed.body, receive), send)

    def _let_in(self, scope: Scope, payload: Payload) -> Payload:
        found = self._entrance(scope, scope["method"])
        if found is None:
            return self._undeclared(payload)
        word, intake, segments = found
        judge = self._judge(scope, intake)
        rewrite_pairs(segments, "segments", intake.segments, judge)
        allowed = rewrite(payload, intake, judge)
        self._tell(word, judge.taken)
        return allowed if self._enforce else payload

    def _undeclared(self, payload: Payload) -> Payload:
        """Neither query nor body of an entrance nobody declared arrives."""
        spots = [Spot("query", "", "")] if payload.query else []
        spots += [Spot("body", "", "")] if payload.body else []
        if spots:
            self._tell("", [Taken(spot, "dropped", "endpoint_undeclared") for spot in spots])
        kept = tuple(
            (k, v) for k, v in payload.headers if not payload.body or not k.startswith("content-")
        )
        return Payload("", kept, b"") if self._enforce else payload

    def _entrance(
        self, scope: Scope, method: str
    ) -> tuple[str, Intake, tuple[tuple[str, str], ...]] | None:
        raw = scope.get("raw_path") or scope["path"].encode()
        segments = split_path(raw.decode("ascii", "replace").partition("?")[0])
        words = {id(intake): word for word, intake in self._intake.items()}
        found = match(tuple(self._intake.values()), method, segments)
        if found is None or not isinstance(found[0], Intake):
            return None
        return words[id(found[0])], found[0], found[1]

    def _judge(self, scope: Scope, intake: Intake) -> FieldJudge:
        occasion = self._who(scope) or Occasion()
        policy = self._history.in_force(self._clock.now())
        return FieldJudge(
            self._asking("collect", occasion, intake, policy),
            self._asking("keep", occasion, intake, policy),
            intake.source,
            intake.rest,
            policy is not None and keeps_no_cards(policy),
            self._enforce,
        )

    def _asking(
        self, act: Act, occasion: Occasion, intake: Intake, policy: Policy | None
    ) -> Callable[[str, str | None], Decision]:
        """The gate about one item of this request, each asked once."""
        handling = occasion.at(intake.contexts).handling(act)

        @cache
        def ask(item: str, source: str | None) -> Decision:
            if occasion.person is not None or policy is None:
                return self._gate.decide(
                    handling, occasion.person or "", item, source=source, data_at=occasion.data_at
                )
            now = self._clock.now()
            return decide_of_newcomer(self._gate, policy, handling, item, source, now)

        return ask

    def _tell(self, word: str, taken: list[Taken]) -> None:
        told = ", ".join(f"{what} {n}" for what, n in sorted(counts(taken).items()))
        mode = "enforce" if self._enforce else "log"
        _log.info("ingress %s: `%s`: %s", mode, word or "(undeclared)", told or "no fields")
        if self._report is not None:
            self._report(word, taken)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._entrance(scope, "WEBSOCKET")
        if found is None and self._enforce:
            self._tell("", [Taken(Spot("body", "", ""), "dropped", "endpoint_undeclared")])
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        if found is not None:
            receive = self._judged_messages(scope, receive, found[0], found[1])
        await self._app(scope, receive, send)

    def _judged_messages(
        self, scope: Scope, receive: Receive, word: str, intake: Intake
    ) -> Receive:
        """Messages as the application gets them; one that may not come in is passed over."""

        async def judged() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                judge = self._judge(scope, intake)
                try:
                    allowed = _message(message, intake, judge)
                except NotPermitted as refusal:
                    _log.warning("ingress: %s %s", refusal.code, refusal)
                    allowed = None
                self._tell(word, judge.taken)
                if not self._enforce:
                    return message
                if allowed is not None:
                    return allowed

        return judged


def _message(message: Message, intake: Intake, judge: FieldJudge) -> Message | None:
    text, data = message.get("text"), message.get("bytes")
    if text is not None:
        body = rewrite_json(text.encode(), intake.json_fields, judge)
        return {"type": "websocket.receive", "text": body.decode()}
    verdict = judge(Spot("body", "body", "body", intake.body), data)
    if verdict is KEEP:
        return message
    put = verdict.value if isinstance(verdict, Put) else None
    return {"type": "websocket.receive", "bytes": put} if isinstance(put, bytes) else None


def _headers(scope: Scope) -> tuple[tuple[str, str], ...]:
    return tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in scope["headers"])


async def _body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise unreadable("body", "it ended early")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MAX_BYTES:
            raise unreadable("body", f"it is over {MAX_BYTES} bytes")
        if not message.get("more_body", False):
            return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body once, then whatever comes after it."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay


async def _refuse(send: Send, refusal: NotPermitted) -> None:
    body = json.dumps({"code": refusal.code, "message": str(refusal), "hint": refusal.hint()})
    await send(
        {
            "type": "http.response.start",
            "status": 400,
            "headers": [(b"content-type", b"application/json")],
        }
    )
    await send({"type": "http.response.body", "body": body.encode()})

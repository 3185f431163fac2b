"""The door as an ASGI application: tokens, routes, sizes and status codes, nothing else.

Source: OpenID Authorization API 1.0, section 10.1. No framework stands in the path, since
every request to the services behind it may wait for this answer.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from itertools import islice
from typing import Any

from seiyaku.doors.authzen.entities import Names
from seiyaku.doors.authzen.evaluate import asked_for, evaluation, evaluations
from seiyaku.doors.authzen.message import Json, Malformed, read
from seiyaku.doors.authzen.metadata import Endpoint, Site
from seiyaku.doors.authzen.pace import Pace
from seiyaku.doors.authzen.present import Presence, Present
from seiyaku.doors.authzen.reader import Reader
from seiyaku.doors.authzen.reply import Replies, together
from seiyaku.doors.authzen.search import action_search, resource_search, subject_search
from seiyaku.kernel.errors import NotPermitted, SeiyakuError
from seiyaku.kernel.tokens import Token, TokenRefused, require_token

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
_LOG = logging.getLogger(__name__)
MOST_BYTES = 1 << 18
"""Longest request body: reading it keeps others waiting for some milliseconds."""
_SLICE = 16
"""Evaluations between two looks at how long it takes."""
_JSON, _TEXT = b"application/json", b"text/plain; charset=utf-8"


Tokens = Callable[[], Mapping[str, Token]]
"""Tokens in use, by name, as they are now."""


class Problem(Exception):
    """A request that is answered with an error status."""

    def __init__(self, status: int, message: str, headers: Headers | None = None) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or []


class AuthZen:
    """The ASGI application.

    Args:
        presence: the gate, and the people it knows.
        tokens: those in use, asked at every request.
        site: the address under which callers know it.
        names: what callers call the things of the policy.
    """

    def __init__(
        self, presence: Presence, tokens: Tokens, site: Site, names: Names | None = None
    ) -> None:
        self._presence, self._tokens, self._site = presence, tokens, site
        self._reader = Reader(names or Names())
        self._replies = Replies(presence.hint)
        self._metadata = site.metadata()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers: Headers = scope["headers"]
        echo = [(n, v) for n, v in headers if n == b"x-request-id"][:1]
        try:
            body = await self._answer(scope, dict(headers), receive)
        except Exception as error:
            problem = error if isinstance(error, Problem) else _broken(error)
            message = str(problem).encode()
            await _respond(send, problem.status, _TEXT, message, echo + problem.headers)
        else:
            await _respond(send, 200, _JSON, body, echo)

    async def _answer(
        self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive
    ) -> bytes:
        token = self._token(headers.get(b"authorization"))
        endpoint = self._site.routes.get(scope["path"])
        if endpoint is None:
            raise Problem(404, "nothing answers here")
        if endpoint == "metadata":
            _require_method(scope, "GET")
            return self._metadata
        _require_method(scope, "POST")
        if headers.get(b"content-type", b"").split(b";")[0].strip().lower() != _JSON:
            raise Problem(400, "the content type is not application/json")
        try:
            return await self._decide(endpoint, read(await _body(receive)), token)
        except Malformed as error:
            raise Problem(400, str(error)) from error
        except NotPermitted as error:
            raise Problem(403, f"{error.code}: {error}") from error

    def _token(self, authorization: bytes | None) -> Token:
        try:
            return require_token(self._tokens(), _bearer(authorization), self._presence.clock.now())
        except TokenRefused as error:
            wrong = b', error="invalid_token"' if error.code == "SY271" else b""
            header = (b"www-authenticate", b'Bearer realm="seiyaku"' + wrong)
            raise Problem(401, f"{error.code}: {error}", [header]) from error

    async def _decide(self, endpoint: Endpoint, request: Json, token: Token) -> bytes:
        present = self._presence.now()
        if endpoint == "evaluation":
            return evaluation(request, self._reader, present, self._replies)
        if endpoint == "evaluations":
            return await self._several(request, present)
        if endpoint == "resource":
            return await resource_search(request, self._reader, present)
        if endpoint == "action":
            return await action_search(request, self._reader, present)
        _require_lister(token)
        return await subject_search(request, self._reader, present)

    async def _several(self, request: Json, present: Present) -> bytes:
        if not asked_for(request):
            return evaluation(request, self._reader, present, self._replies)
        found, pace = [], Pace()
        answers = evaluations(request, self._reader, present, self._replies)
        while some := list(islice(answers, _SLICE)):
            found += some
            if pace.long():
                await asyncio.sleep(0)
        return together(found)


def _broken(error: Exception) -> Problem:
    """Something failed here. Its own words may tell of a person: they go nowhere."""
    if isinstance(error, SeiyakuError):
        return Problem(500, f"{error.code}: {error}")
    place = traceback.extract_tb(error.__traceback__)[-1]
    _LOG.error("%s at %s:%s", type(error).__name__, place.filename, place.lineno)
    return Problem(500, "internal error")


def _require_method(scope: Scope, method: str) -> None:
    if scope["method"] != method:
        raise Problem(405, f"only {method} is answered here", [(b"allow", method.encode())])


def _bearer(authorization: bytes | None) -> str:
    """What an ``Authorization`` header shows. Law: RFC 6750, 2.1."""
    scheme, _, shown = (authorization or b"").partition(b" ")
    if scheme.lower() != b"bearer" or not shown:
        raise TokenRefused("no bearer token", hint="seiyaku authzen token new")
    return shown.strip().decode("latin-1")


def _require_lister(token: Token) -> None:
    """Let a token search for people: the answer lists their keys."""
    if token.actor.role == "reader":
        raise NotPermitted(
            "a reader may not search for people",
            code="SY272",
            hint="ask with the token of a handler, approver, officer or auditor",
        )


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return _measured(body)
    parts, length = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > MOST_BYTES:
            break
    return _measured(b"".join(parts))


def _measured(body: bytes) -> bytes:
    if len(body) > MOST_BYTES:
        raise Problem(413, f"the request body is over {MOST_BYTES} bytes")
    return body


async def _respond(send: Send, status: int, kind: bytes, body: bytes, more: Headers) -> None:
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

"""The door for what a page leaves in a browser and lets it send: cookies and outside tags.

ASGI middleware. The data map names every cookie with the purpose it serves, or as *needed*: the
service cannot run without it. Of the others, only those pass of which the gate permits the use
for that purpose, now, for this person; a cookie nobody declared never does. A Content Security
Policy lets the browser reach our own hosts and those of recipients to whom everything the policy
says is sent may go; so a tag of another is never even asked for.

Somebody can say no (``POST /seiyaku/cookies`` with ``choice=refuse``): it is recorded as theirs
where we know who they are, and holds for the browser in either case. Where cookies are off
altogether, the sign-in page says so instead of leading in circles.

Law: Telecommunications Business Act 27-12 (opting out). Source: CSP Level 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs, urlencode

from seiyaku.datamap.model import Cookie
from seiyaku.datamap.payload import Calls, origin
from seiyaku.doors.code import LiveGate
from seiyaku.doors.ingress.asgi import App, Message, Receive, Scope, Send
from seiyaku.kernel.text import Language, Text
from seiyaku.policy.model import ExternalTransmission, Policy

CHOICE: Final = "seiyaku_choice"
PROBE: Final = "seiyaku_probe"
PATH: Final = "/seiyaku/cookies"
_TRIED: Final = "seiyaku_tried"
_OURS: Final = frozenset({CHOICE, PROBE})
_MAX_BODY: Final = 4096
Refuse = Callable[[str, bool], None]
"""Records that a person refuses (True) or no longer does."""


class Cookies:
    """ASGI middleware that leaves in the browser what may be left there.

    Args:
        app: the application. policy: the version in force, asked at every request.
        cookies, calls: of the data map. item: the item a cookie's identifier is.
        gate: knows where everybody stands. who: whose browser it is; None for a stranger.
        refuse: records a choice. login: path of the sign-in page, where there is one.
    """

    def __init__(
        self,
        app: App,
        policy: Callable[[], Policy],
        cookies: Mapping[str, Cookie],
        calls: Mapping[str, Calls],
        gate: LiveGate,
        who: Callable[[Scope], str | None],
        refuse: Refuse,
        *,
        item: str,
        login: str | None = None,
    ) -> None:
        self._app, self._policy, self._cookies, self._calls = app, policy, cookies, calls
        self._gate, self._who, self._refuse = gate, who, refuse
        self._item, self._login = item, login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == PATH and scope["method"] == "POST":
            await self._choose(scope, receive, send)
        elif scope["path"] == self._login and PROBE not in _sent(scope):
            await self._probe(scope, send)
        else:
            await self._app(scope, receive, self._guarded(scope, send))

    def _guarded(self, scope: Scope, send: Send) -> Send:
        person, refused = self._who(scope), _sent(scope).get(CHOICE) == "refuse"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [h for h in message["headers"] if self._passes(h, person, refused)]
                csp = self._csp(person, refused).encode()
                message = {**message, "headers": [*kept, (b"content-security-policy", csp)]}
            await send(message)

        return guarded

    def _passes(self, header: tuple[bytes, bytes], person: str | None, refused: bool) -> bool:
        if header[0].lower() != b"set-cookie":
            return True
        name = header[1].decode("latin-1").partition("=")[0].strip()
        declared = self._cookies.get(name)
        if name in _OURS or (declared is not None and declared.needed):
            return True
        if declared is None or declared.purpose is None or refused or person is None:
            return False
        return self._gate.may_use(person, self._item, purpose=declared.purpose).permitted

    def _csp(self, person: str | None, refused: bool) -> str:
        hosts = " ".join(("'self'", *sorted(self._hosts(person, refused))))
        return "; ".join(f"{kind} {hosts}" for kind in _FETCHES)

    def _hosts(self, person: str | None, refused: bool) -> Iterator[str]:
        """Origins the browser may reach: of recipients who may get all that goes there."""
        policy = self._policy()
        for told in policy.transmissions:
            optional = policy.recipients[told.recipient].opt_out is not None
            if person is None or (refused and optional) or not self._may(person, told):
                continue
            for word, entry in self._calls.items():
                if (entry.recipient or word) == told.recipient:
                    yield from (_origin(host) for host in entry.hosts)

    def _may(self, person: str, told: ExternalTransmission) -> bool:
        """Whether what the recipient may be given at all, of what is sent there, may go now.

        What goes from the browser alone (a card number) is in no list of ours and not asked for.
        """
        recipient = self._policy().recipients[told.recipient]
        country = next(iter(recipient.countries), None)
        ours = [item for item in told.items if item in recipient.items]
        return bool(ours) and all(
            self._gate.may_send(
                person, item, recipient=told.recipient, purpose=told.purpose, country=country
            ).permitted
            for item in ours
        )

    async def _choose(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        choice = (parse_qs(body.decode("ascii", "replace")).get("choice") or [""])[-1]
        if choice not in ("refuse", "accept"):
            await _answer(send, 400, b"")
            return
        person = self._who(scope)
        if person is not None:
            self._refuse(person, choice == "refuse")
        kept = f"{CHOICE}={choice}; Path=/; Max-Age=31536000; SameSite=Lax; Secure; HttpOnly"
        await _answer(send, 204, b"", [(b"set-cookie", kept.encode())])

    async def _probe(self, scope: Scope, send: Send) -> None:
        """Try whether the browser keeps a cookie; say plainly when it does not."""
        query = parse_qs(scope["query_string"].decode("ascii", "replace"))
        if _TRIED in query:
            page = _page(_wanted(scope)).encode()
            await _answer(send, 200, page, [(b"content-type", b"text/html; charset=utf-8")])
            return
        pairs = [(k, v) for k, values in query.items() for v in values]
        where = f"{scope['path']}?{urlencode([*pairs, (_TRIED, '1')])}"
        probe = f"{PROBE}=1; Path=/; SameSite=Lax; Secure; HttpOnly"
        headers = [(b"location", where.encode()), (b"set-cookie", probe.encode())]
        await _answer(send, 302, b"", headers)


_FETCHES: Final = ("script-src", "connect-src", "img-src", "frame-src")
_OFF: Final = Text(
    ja="ブラウザーがCookieを受け入れないため、ログインできません。"
    "ログインの状態はCookieで保ちます。設定を変えて、もう一度お試しください。",
    en="You cannot sign in, because your browser takes no cookies. "
    "Being signed in is kept in a cookie. Change the setting and try again.",
)


def _page(language: Language) -> str:
    text = escape(_OFF.get(language))
    return f'<!doctype html><html lang="{language}"><meta charset="utf-8"><p>{text}</p></html>'


def _wanted(scope: Scope) -> Language:
    """The language a browser asks for first, of the two there are."""
    header = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    return "en" if header.strip().lower().startswith("en") else "ja"


def _sent(scope: Scope) -> dict[str, str]:
    """The cookies of a request."""
    jar = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                jar.load(value.decode("latin-1"))
            except CookieError:
                return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _origin(host: str) -> str:
    scheme, name, port = origin(host)
    return f"{scheme}://{name}:{port}"


async def _body(receive: Receive) -> bytes:
    body = b""
    while len(body) <= _MAX_BODY:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return body


async def _answer(
    send: Send, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})

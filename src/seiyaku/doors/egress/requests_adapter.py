"""The door as an adapter of requests.

    session = requests.Session()
    session.mount("https://", GuardedAdapter(egress))
    session.mount("http://", GuardedAdapter(egress))

Mount it for both schemes: a session takes the adapter whose prefix fits best.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlunsplit

from seiyaku.doors.egress.door import Egress
from seiyaku.doors.egress.model import Call, Cleared
from seiyaku.doors.egress.restoring import FRAMING, restorable, restored
from seiyaku.doors.payload import Payload
from seiyaku.doors.payload.model import unreadable
from seiyaku.doors.payload.rewrite import MAX_BYTES
from seiyaku.kernel.errors import InvalidInput, NotPermitted
from seiyaku.releases.model import ReleaseState

try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError
    from urllib3.util import parse_url
except ImportError:
    raise InvalidInput(
        "the door for requests needs requests", hint='pip install "seiyaku[http]"'
    ) from None

_PORTS: Final = {"https": 443, "http": 80}


class GuardedAdapter(HTTPAdapter):
    """Clears every call before it is made; makes it as `HTTPAdapter` does."""

    def __init__(self, egress: Egress, **settings: Any) -> None:
        super().__init__(**settings)
        self._egress = egress

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Make the call as it may go.

        Raises:
            NotPermitted: as `Egress.clear`. requests.RequestException: as the adapter's own.
        """
        cleared = self._egress.clear(_call(request))
        try:
            response = super().send(
                _request(request, cleared), stream, timeout, verify, cert, proxies
            )
            _restore(response, cleared)
        except BaseException as error:
            self._egress.settle(cleared, became(error))
            raise
        self._egress.settle(cleared, "sent")
        return response


def became(error: BaseException) -> ReleaseState:
    """What became of a call that raised: failed only where surely nothing had gone."""
    if isinstance(error, requests.ConnectTimeout | NotPermitted):
        return "failed"
    inside = error.args[0] if isinstance(error, requests.ConnectionError) and error.args else None
    reason = inside.reason if isinstance(inside, MaxRetryError) else inside
    return "failed" if isinstance(reason, NewConnectionError | ConnectTimeoutError) else "unknown"


def _call(request: requests.PreparedRequest) -> Call:
    url = parse_url(request.url or "")
    scheme = url.scheme or ""
    host = (url.host or "").lower().rstrip(".")
    headers = tuple((_text(k).lower(), _text(v)) for k, v in request.headers.items())
    payload = Payload(url.query or "", headers, _body(request.body))
    place = (scheme, host, url.port or _PORTS.get(scheme, 0))
    return Call(request.method or "GET", place, url.path or "/", payload)


def _body(body: object) -> bytes:
    """The whole body: it cannot be judged in pieces."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    read = getattr(body, "read", None)
    found = read(MAX_BYTES + 1) if read else b"".join(_chunks(body))
    return found if isinstance(found, bytes) else _text(found).encode()


def _chunks(body: object) -> Iterable[bytes]:
    if not isinstance(body, Iterable):
        raise unreadable("body", "its type is none that is understood")
    size = 0
    for chunk in body:
        size += len(chunk)
        if size > MAX_BYTES:
            raise unreadable("body", f"it is over {MAX_BYTES} bytes")
        yield chunk if isinstance(chunk, bytes) else _text(chunk).encode()


def _request(request: requests.PreparedRequest, cleared: Cleared) -> requests.PreparedRequest:
    call = cleared.call
    out = request.copy()
    out.body = call.payload.body or None
    if cleared.refusal is None:
        scheme, host, port = call.origin
        netloc = host if port == _PORTS.get(scheme) else f"{host}:{port}"
        out.url = urlunsplit((scheme, netloc, call.path, call.payload.query, ""))
        out.headers.clear()
        out.headers.update({k: v for k, v in call.payload.headers if k not in FRAMING})
    for name in FRAMING:
        out.headers.pop(name, None)
    if out.body is not None or out.method not in ("GET", "HEAD"):
        out.headers["Content-Length"] = str(len(call.payload.body))
    return out


def _restore(response: requests.Response, cleared: Cleared) -> None:
    kind = response.headers.get("content-type", "")
    if cleared.masking is not None and restorable(kind):
        response._content = restored(response.content, kind, cleared.masking)


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)

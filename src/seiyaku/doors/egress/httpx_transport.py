"""The door as an httpx transport, for `httpx.Client` and `httpx.AsyncClient`.

    client = httpx.Client(transport=GuardedTransport(egress))

Every hop of a redirect passes through it as a call of its own. Answers to masked calls are read
whole and their placeholders turned back; of a streamed answer `response.extensions` keeps the
call's `Cleared` under ``seiyaku``.
"""

from __future__ import annotations

from typing import Any

from seiyaku.doors.egress.door import Egress
from seiyaku.doors.egress.model import Call, Cleared
from seiyaku.doors.egress.restoring import FRAMING, restorable, restored
from seiyaku.doors.payload import Payload
from seiyaku.kernel.errors import InvalidInput, NotPermitted
from seiyaku.releases.model import ReleaseState

try:
    import anyio.to_thread
    import httpx
except ImportError:
    raise InvalidInput(
        "the door for httpx needs httpx", hint='pip install "seiyaku[http]"'
    ) from None


class GuardedTransport(httpx.BaseTransport):
    """Clears every call before `inner` makes it."""

    def __init__(self, egress: Egress, inner: httpx.BaseTransport | None = None) -> None:
        self._egress = egress
        self._inner = inner or httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make the call as it may go.

        Raises:
            NotPermitted: as `Egress.clear`. httpx.TransportError: as the inner transport.
        """
        cleared = self._egress.clear(_call(request, request.read()))
        try:
            response = self._inner.handle_request(_request(request, cleared))
            content = response.read() if _masked_text(response, cleared) else None
        except BaseException as error:
            self._egress.settle(cleared, became(error))
            raise
        self._egress.settle(cleared, "sent")
        return _answer(response, cleared, content)

    def close(self) -> None:
        """Close the inner transport."""
        self._inner.close()


class AsyncGuardedTransport(httpx.AsyncBaseTransport):
    """As `GuardedTransport`, for `httpx.AsyncClient`; the gate and the book run in a thread."""

    def __init__(self, egress: Egress, inner: httpx.AsyncBaseTransport | None = None) -> None:
        self._egress = egress
        self._inner = inner or httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Make the call as it may go. Raises as `GuardedTransport.handle_request`."""
        call = _call(request, await request.aread())
        cleared = await anyio.to_thread.run_sync(self._egress.clear, call)
        try:
            response = await self._inner.handle_async_request(_request(request, cleared))
            content = await response.aread() if _masked_text(response, cleared) else None
        except BaseException as error:
            with anyio.CancelScope(shield=True):
                await self._settle(cleared, became(error))
            raise
        await self._settle(cleared, "sent")
        return _answer(response, cleared, content)

    async def _settle(self, cleared: Cleared, state: ReleaseState) -> None:
        await anyio.to_thread.run_sync(self._egress.settle, cleared, state)

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()


def became(error: BaseException) -> ReleaseState:
    """What became of a call that raised: failed only where surely nothing had gone."""
    nothing_went = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
    unmade = (httpx.UnsupportedProtocol, NotPermitted)
    return "failed" if isinstance(error, (*nothing_went, *unmade)) else "unknown"


def _call(request: httpx.Request, body: bytes) -> Call:
    url = request.url
    path, _, query = url.raw_path.decode("ascii").partition("?")
    port = url.port or {"https": 443, "http": 80}.get(url.scheme, 0)
    headers = tuple(
        (k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in request.headers.raw
    )
    host = url.raw_host.decode("ascii").lower().rstrip(".")
    sni = request.extensions.get("sni_hostname")
    payload = Payload(query, headers, body)
    return Call(request.method, (url.scheme, host, port), path, payload, sni)


def _request(request: httpx.Request, cleared: Cleared) -> httpx.Request:
    if cleared.refusal is not None:
        return request
    call = cleared.call
    target = call.path + (f"?{call.payload.query}" if call.payload.query else "")
    return httpx.Request(
        request.method,
        request.url.copy_with(raw_path=target.encode("ascii"), username=None, password=None),
        headers=[
            (k.encode("ascii"), v.encode("latin-1"))
            for k, v in call.payload.headers
            if k not in FRAMING
        ],
        content=call.payload.body or None,
        extensions=request.extensions,
    )


def _masked_text(response: httpx.Response, cleared: Cleared) -> bool:
    kind = response.headers.get("content-type", "")
    return cleared.masking is not None and restorable(kind)


def _answer(response: httpx.Response, cleared: Cleared, content: bytes | None) -> httpx.Response:
    extensions: dict[str, Any] = {**response.extensions, "seiyaku": cleared}
    if content is None or cleared.masking is None:
        response.extensions = extensions
        return response
    kind = response.headers.get("content-type", "")
    headers = [
        (k, v) for k, v in response.headers.multi_items()
        if k.lower() not in (*FRAMING, "content-encoding")
    ]  # fmt: skip
    body = restored(content, kind, cleared.masking)
    return httpx.Response(
        response.status_code, headers=headers, content=body, extensions=extensions
    )

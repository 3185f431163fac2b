"""One HTTP payload, judged part by part; the body by its type."""

from __future__ import annotations

from dataclasses import dataclass, replace

from seiyaku.datamap.payload import Endpoint
from seiyaku.doors.payload.json_body import rewrite_json
from seiyaku.doors.payload.model import REMOVE, Judge, Put, Spot, unreadable
from seiyaku.doors.payload.multipart import rewrite_multipart
from seiyaku.doors.payload.pairs import Pair, plain, rewrite_pairs, rewrite_urlencoded

MAX_BYTES = 32 * 1024 * 1024
_FORM = "application/x-www-form-urlencoded"
_FRAMING = ("content-length", "transfer-encoding")


@dataclass(frozen=True)
class Payload:
    """What a call carries.

    Args:
        query: without the question mark, encoded. headers: names in lower case.
    """

    query: str = ""
    headers: tuple[Pair, ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        """The value of a header; empty without it.

        Raises:
            NotPermitted: SY254 it stands there twice, so that nobody knows which one counts.
        """
        found = {value for key, value in self.headers if key == name}
        if len(found) > 1:
            raise unreadable("headers", f"`{name}` stands there twice")
        return next(iter(found), "")


def rewrite(payload: Payload, endpoint: Endpoint, judge: Judge) -> Payload:
    """The payload with every field judged as `endpoint` tells.

    Raises:
        NotPermitted: SY254 a part cannot be read. The judge may raise too.
    """
    query = payload.query
    if query or endpoint.query:
        query = rewrite_urlencoded(query, "query", endpoint.query, judge)
    headers = tuple(rewrite_pairs(payload.headers, "headers", endpoint.headers, judge))
    body, kind = _body(payload, endpoint, judge)
    if body != payload.body or kind is not None:
        headers = _framed(headers, body, kind)
    return replace(payload, query=query, headers=headers, body=body)


def _body(payload: Payload, endpoint: Endpoint, judge: Judge) -> tuple[bytes, str | None]:
    """The body, and its content type where that changes."""
    body, kind = payload.body, payload.header("content-type")
    plain_kind = kind.partition(";")[0].strip().lower()
    if not body:
        return body, None
    if len(body) > MAX_BYTES:
        raise unreadable("body", f"it is over {MAX_BYTES} bytes")
    if payload.header("content-encoding") not in ("", "identity"):
        raise unreadable("body", "it is compressed")
    if endpoint.body is not None:
        return _whole(body, plain_kind, endpoint, judge), None
    if plain_kind == "application/json" or plain_kind.endswith("+json"):
        return rewrite_json(body, endpoint.json_fields, judge), None
    if plain_kind == _FORM:
        return _form(body, endpoint, judge), None
    if plain_kind == "multipart/form-data":
        return rewrite_multipart(body, kind, endpoint.multipart, judge)
    raise unreadable("body", "its type is none that is understood")


def _form(body: bytes, endpoint: Endpoint, judge: Judge) -> bytes:
    try:
        text = body.decode("ascii")
    except UnicodeDecodeError:
        raise unreadable("form", "it is not encoded") from None
    return rewrite_urlencoded(text, "form", endpoint.form, judge).encode()


def _whole(body: bytes, kind: str, endpoint: Endpoint, judge: Judge) -> bytes:
    value: str | bytes = body
    if kind.startswith("text/"):
        try:
            value = body.decode("utf-8")
        except UnicodeDecodeError:
            raise unreadable("body", "it is not UTF-8") from None
    verdict = judge(Spot("body", "body", "body", endpoint.body), value)
    if verdict is REMOVE:
        return b""
    if isinstance(verdict, Put):
        put = verdict.value
        return put if isinstance(put, bytes) else plain(put).encode()
    return body


def _framed(headers: tuple[Pair, ...], body: bytes, kind: str | None) -> tuple[Pair, ...]:
    kept = [
        (k, v) for k, v in headers if k not in _FRAMING and (kind is None or k != "content-type")
    ]
    if kind is not None:
        kept.append(("content-type", kind))
    return (*kept, ("content-length", str(len(body))))

"""A vendor that exists nowhere else: a small server that knows its schema and nothing more.

The schema is a file of our own writing: which calls there are, what they may be asked, and
what an answer is made of. A call outside it gets 501 and makes the test fail; an answer of the
fake itself that is not in the schema does too.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml

_TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "object": (dict,),
}


@dataclass(frozen=True)
class Asked:
    """One call, as its operation sees it.

    Args:
        path: values of the names in the path. query: parameters. body: JSON; None without one.
        once: the idempotency key that came with it.
    """

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    once: str = ""


@dataclass
class VendorFake:
    """A vendor; a subclass holds its records and has one method for each operation.

    Args:
        schema: name of the schema file beside this module.
        token: what calls must prove to know. url: where it listens, while `running`.
        outside: calls that are not in the schema.
        calls: method and path of every call, in order.
    """

    schema: str
    token: str = "vendor-token"  # noqa: S105  (a fake's)
    url: str = ""
    outside: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    guard: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        source = (files("seiyaku.testing.fakes") / f"{self.schema}.yaml").read_text("utf-8")
        self._schema: dict[str, Any] = yaml.safe_load(source)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Listen on loopback; leaving fails where a call was outside the schema."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self.url
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
        assert not self.outside, f"calls outside the schema of {self.schema}: {self.outside}"

    def answer(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, Any]:
        """Status and body of one call."""
        parts = urlsplit(target)
        self.calls.append(f"{method} {parts.path}")
        for call, operation in self._schema["operations"].items():
            found = _match(call, method, parts.path)
            if found is not None:
                return self._asked(operation, found, parts.query, body, headers)
        return self._refuse(f"{method} {parts.path}")

    def _asked(
        self,
        operation: Mapping[str, Any],
        path: Mapping[str, str],
        query: str,
        body: bytes,
        headers: Mapping[str, str],
    ) -> tuple[int, Any]:
        scheme = self._schema.get("scheme", "Bearer {token}")
        header = self._schema.get("header", "Authorization").lower()
        if not operation.get("open") and headers.get(header) != scheme.format(token=self.token):
            return 401, self._schema["refused"]
        asked = dict(parse_qsl(query, keep_blank_values=True))
        said = _said(body, headers)
        keys = set(said) if isinstance(said, dict) else set()
        allowed, needed = set(operation.get("body", ())), set(operation.get("needs", ()))
        if set(asked) - set(operation.get("query", ())) or keys - allowed - needed or needed - keys:
            return self._refuse(f"{operation['name']} asked with {sorted({*asked, *keys})}")
        with self.guard:
            once = headers.get("idempotency-key", "")
            status, told = getattr(self, operation["name"])(Asked(path, asked, said, once))
        self._check(operation, status, told)
        return status, told

    def _check(self, operation: Mapping[str, Any], status: int, told: Any) -> None:
        shapes = operation["answers"]
        if status not in shapes or not self._fits(shapes[status], told):
            self.outside.append(f"{operation['name']} answered {status} outside the schema")

    def _fits(self, shape: str | None, told: Any) -> bool:
        if shape is None:
            return told is None
        if shape.startswith("list of "):
            return isinstance(told, list) and all(self._fits(shape[8:], x) for x in told)
        record = self._schema["records"].get(shape)
        if record is None:
            return isinstance(told, _TYPES[shape])
        return isinstance(told, dict) and all(
            k in record and (v is None or self._fits(record[k], v)) for k, v in told.items()
        )

    def _refuse(self, what: str) -> tuple[int, Any]:
        self.outside.append(what)
        return 501, {"error": "this fake knows nothing of such a call"}


def _said(body: bytes, headers: Mapping[str, str]) -> Any:
    """What a call says, as JSON or as a form."""
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    return json.loads(body) if body else None


def _match(call: str, method: str, path: str) -> dict[str, str] | None:
    own, _, template = call.partition(" ")
    if own != method:
        return None
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
    found = re.fullmatch(pattern, path)
    return {k: unquote(v) for k, v in found.groupdict().items()} if found else None


def _handler(fake: VendorFake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer: two would wait for each other

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {k.lower(): v for k, v in self.headers.items()}
            status, told = fake.answer(self.command, self.path, body, headers)
            data = b"" if told is None else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler

"""A proxy in front of a real counterpart that can have the bad days vendors have.

It passes every call on and answers what came back, except for the calls it was told to spoil::

    with between("http://localhost:8420") as vendor:
        vendor.spoil("throttled", "half")   # the next call, and the one after it
        ...

It invents nothing a vendor would say: beside a bad day there is only the vendor's own answer.
"""

from __future__ import annotations

import http.client
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

BadDay = Literal["throttled", "failing", "false_success", "silent", "half", "after"]
"""429 with Retry-After · 500 · 200 with an error · the line cut · half a body · the vendor does
what it is asked and the line is cut before its answer."""
Answer = tuple[int, bytes]
_HOP = ("transfer-encoding", "connection", "content-length", "content-encoding", "date", "server")


@dataclass(frozen=True)
class Call:
    """One call that was made."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Between:
    """The proxy of one counterpart.

    Args:
        upstream: address of the counterpart. url: its own.
        calls: every call, in order, also the spoiled ones.
        answers: given a call, the answer in the vendor's stead; None passes it on.
        reword: the path the counterpart is asked by, where it speaks an older dialect.
        retry_after: seconds asked for when throttled.
        when: which calls a bad day may hit; every one by default.
    """

    upstream: str
    url: str = ""
    calls: list[Call] = field(default_factory=list)
    answers: Callable[[Call], Answer | None] = lambda _call: None
    reword: Callable[[Call], str] = lambda call: call.path
    retry_after: str = "0"
    when: Callable[[Call], bool] = lambda _call: True
    _days: deque[BadDay] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def spoil(self, *days: BadDay, when: Callable[[Call], bool] | None = None) -> None:
        """The bad days of the calls to come, one each."""
        self.when = when or (lambda _call: True)
        self._days.extend(days)

    def heal(self) -> None:
        """No bad days any more."""
        self._days.clear()

    def day(self, call: Call) -> BadDay | None:
        """The bad day of this call."""
        with self._lock:
            self.calls.append(call)
            return self._days.popleft() if self._days and self.when(call) else None


@contextmanager
def between(upstream: str) -> Iterator[Between]:
    """A proxy in front of `upstream`, for as long as it is entered."""
    proxy = Between(upstream)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy))
    server.daemon_threads = True
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(proxy: Between) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer: two would wait for each other

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            call = Call(self.command, self.path, dict(self.headers.items()), body)
            day = proxy.day(call)
            if day in (None, "half", "after"):
                own = proxy.answers(call)
                status, said = own or _passed_on(proxy.upstream, call, proxy.reword(call))
                self._answer(day, status, said)
            elif day == "throttled":
                self._send(429, b'{"error": {"type": "rate_limit"}}', proxy.retry_after)
            elif day == "failing":
                self._send(500, b'{"error": {"type": "api_error"}}')
            elif day == "false_success":
                self._send(200, b'{"error": {"type": "api_error"}}')
            else:
                self.close_connection = True

        def _answer(self, day: BadDay | None, status: int, said: bytes) -> None:
            if day == "after":
                self.close_connection = True
            elif day == "half":
                self._send(status, said[: len(said) // 2])
            else:
                self._send(status, said)

        def _send(self, status: int, said: bytes, retry_after: str = "") -> None:
            with suppress(OSError):
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(said)))
                if retry_after:
                    self.send_header("retry-after", retry_after)
                self.end_headers()
                self.wfile.write(said)

        do_GET = do_POST = do_DELETE = do_PATCH = do_PUT = _serve  # noqa: N815  (http.server asks)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


def _passed_on(upstream: str, call: Call, path: str) -> Answer:
    address = urlsplit(upstream)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    try:
        headers = {k: v for k, v in call.headers.items() if k.lower() not in ("host", *_HOP)}
        headers["Accept-Encoding"] = "identity"
        connection.request(call.method, address.path.rstrip("/") + path, call.body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()

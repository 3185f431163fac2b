"""A real object store for tests: moto's server, and a door before it that can have a bad day."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3

Rule = Callable[[str, str], tuple[int, str] | None]
"""Method and path of a call → status and error code it is answered with; None lets it through."""


@contextmanager
def moto_server() -> Iterator[int]:
    """Its port on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        _wait(process, port)
        yield port
    finally:
        process.kill()  # it holds nothing that is worth a goodbye
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("moto's server did not come up")


def client(url: str) -> Any:
    """boto3's client, not through our driver."""
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


class Door:
    """Passes calls on to a store, or answers them as a store on a bad day does.

    Attributes:
        rule: which calls are not passed on. calls: how many of each came, by method and path.
    """

    def __init__(self, port: int) -> None:
        self.rule: Rule = lambda _method, _path: None
        self.calls: list[tuple[str, str]] = []
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                door.calls.append((self.command, self.path))
                refused = door.rule(self.command, self.path)
                if refused is not None:
                    xml = f"<Error><Code>{refused[1]}</Code><Message>no</Message></Error>"
                    self._send(refused[0], {"Content-Type": "application/xml"}, xml.encode())
                    return
                inner = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                try:
                    inner.request(self.command, self.path, body, dict(self.headers))
                    answer = inner.getresponse()
                    self._send(answer.status, dict(answer.getheaders()), answer.read())
                finally:
                    inner.close()

            def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
                dropped = ("content-length", "connection", "transfer-encoding")
                length = headers.get("Content-Length", headers.get("content-length"))
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in dropped:
                        self.send_header(name, value)
                is_head = self.command == "HEAD" and length
                self.send_header("Content-Length", str(length if is_head else len(body)))
                self.send_header("Connection", "close")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)
                self.close_connection = True

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Nothing is logged."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @contextmanager
    def having(self, rule: Rule) -> Iterator[None]:
        """A bad day."""
        before, self.rule = self.rule, rule
        try:
            yield
        finally:
            self.rule = before

    def close(self) -> None:
        """Shut it."""
        self._server.shutdown()
        self._server.server_close()


def is_removal(method: str, path: str) -> bool:
    """Whether a call removes many objects at once."""
    return method == "POST" and path.partition("?")[2].startswith("delete")

"""Vendors' counterparts that run as programs of their own: localstripe, and anvil for a chain.

``tools/programs.sh`` installs them beside the environment. localstripe is GPL: it is run,
never imported.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from seiyaku.kernel.errors import InvalidInput, SystemUnavailable

START_SECONDS = 30.0


@contextmanager
def localstripe() -> Iterator[str]:
    """A Stripe that forgets everything at its end; its address.

    It departs from Stripe: Idempotency-Keys are ignored, nothing is searched or redacted, there
    are no disputes, payment methods are cards and asked for as such (`card_only`), payment
    intents are not listed by customer, and lists by a customer that was deleted say that there
    is none.

    Raises:
        InvalidInput: SY140 it is not on this machine. SystemUnavailable: SY341 it did not start.
    """
    port = _free_port()
    command = [_program("localstripe"), "--port", str(port), "--from-scratch"]
    with _running(command, port):
        yield f"http://localhost:{port}"


def card_only(method: str, path: str) -> str:
    """A path as localstripe wants it: Stripe lists payment methods of every type."""
    if method == "GET" and path.startswith("/v1/payment_methods?"):
        return f"{path}&type=card"
    return path


@contextmanager
def anvil() -> Iterator[str]:
    """An EVM chain with ten rich accounts; its JSON-RPC address.

    Raises:
        InvalidInput: SY140 it is not on this machine. SystemUnavailable: SY341 it did not start.
    """
    port = _free_port()
    with _running([_program("anvil"), "--port", str(port), "--silent"], port):
        yield f"http://127.0.0.1:{port}"


def _program(name: str) -> str:
    beside = Path(sys.prefix) / "programs"
    folders = (beside / name / "bin", beside / "node_modules" / ".bin")
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")])
    found = shutil.which(name, path=path)
    if found is None:
        raise InvalidInput(
            f"`{name}` is not on this machine", code="SY140", hint="run tools/programs.sh"
        )
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: Sequence[str], port: int) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="seiyaku-") as folder:
        log = Path(folder) / "program.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, stdout=out, stderr=out, cwd=folder, start_new_session=True
            )
        try:
            _wait(process, port, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("localhost", port), 1):
            return
        time.sleep(0.02)
    tail = log.read_text(errors="replace")[-500:].strip()
    raise SystemUnavailable(f"the program did not come up: {tail}", code="SY341")

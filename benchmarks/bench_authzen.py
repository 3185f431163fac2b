"""AuthZEN over HTTP on loopback: the server on one core, the load from a second process.

The policy is CLOSM i's; 1,000 people, some of whom agreed, opted out or stopped something; every
answer carries its reasons. The reference is the same server with an application that reads the
request and always says the same: what HTTP itself costs here. Requests are made beforehand.
Where other programs share the machine, decisions by CPU second of the server hold better than
decisions by second of the clock; both are told.

    python benchmarks/bench_authzen.py
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any

from seiyaku.assurance.model import Assurances
from seiyaku.doors.authzen import AuthZen, Presence, Site
from seiyaku.doors.authzen.serve import server
from seiyaku.gate.decide import Gate
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.clock import SystemClock
from seiyaku.kernel.ids import PersonId
from seiyaku.kernel.tokens import new_token
from seiyaku.policy.history import History
from seiyaku.policy.model import Policy
from seiyaku.policy.parse import parse_policy
from seiyaku.services import path
from seiyaku.standing import fold
from seiyaku.standing.model import (
    Acceptance,
    AgeBand,
    Consent,
    Event,
    OptOut,
    Scope,
    Standing,
    Suspension,
)

Row = dict[str, Any]
PEOPLE, BATCH, CONNECTIONS, SECONDS = 1_000, 100, 4, 4.0
JOINED = datetime(2026, 3, 1, tzinfo=UTC)
TOKEN, SHOWN = new_token(Actor("bench", "reader"), JOINED)
VERSION = "2026-02-16"


def run() -> list[Row]:
    """Measure; answer one row for each figure (`ratio` is ours by reference)."""
    policy = parse_policy(path("closm-i") / "policy.yaml").policy
    rows = []
    for name, route, count in (("single", "evaluation", 1), ("batched", "evaluations", BATCH)):
        requests = [_http(route, body) for body in _bodies(policy, count)]
        with _serving(_bare) as port:
            bare = _load(port, requests, count)
        with _serving(_door) as port:
            ours = _load(port, requests, count)
        for figure, unit in (
            ("decisions", "1/s"),
            ("by_cpu", "1/cpu-s"),
            ("p50", "ms"),
            ("p99", "ms"),
        ):
            rows.append(_row(f"authzen: {name}, {figure}", unit, ours[figure], bare[figure]))
    return rows


def _row(name: str, unit: str, ours: float, reference: float) -> Row:
    return {
        "name": name,
        "unit": unit,
        "ours": ours,
        "reference": reference,
        "ratio": ours / reference,
    }


# -- the server ----------------------------------------------------------------------------


class Crowd:
    """People who said this and that, in memory."""

    def standing(self, person: PersonId, at: datetime) -> Standing | None:
        return fold(person, "user", _said(person), at)

    def everybody(self) -> Iterator[PersonId]:
        return (PersonId(str(n)) for n in range(PEOPLE))

    def assurances(self) -> Assurances:
        return Assurances()

    def change(self) -> int:
        return 0

    def changed_since(self, change: int) -> frozenset[PersonId] | None:
        return frozenset()


def _said(person: PersonId) -> list[Event]:
    n = int(person)
    said: list[Event] = [AgeBand(person, JOINED, at_least=18), Acceptance(person, JOINED, VERSION)]
    if n % 2:
        scope = Scope(purposes=("analytics", "send_notices"))
        said.append(Consent(person, JOINED, scope, VERSION, JOINED))
    if n % 7 == 0:
        said.append(OptOut(person, JOINED, Scope(purposes=("send_notices",))))
    if n % 11 == 0:
        said.append(Suspension(person, JOINED))
    return said


def _door() -> Any:
    parsed = parse_policy(path("closm-i") / "policy.yaml")
    history = History((parsed.policy,))
    presence = Presence(Gate(history, parsed.laws), history, Crowd(), SystemClock())
    return AuthZen(presence, lambda: {TOKEN.name: TOKEN}, Site("https://pdp.example.com"))


def _bare() -> Any:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"17")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"decision":true}'})

    return application


@contextmanager
def _serving(make: Any) -> Iterator[int]:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(make, theirs), daemon=True)
    process.start()
    port: int = ours.recv()
    global _SERVER
    _SERVER = process.pid or 0
    yield port
    process.terminate()
    process.join()


_SERVER = 0


def _serve(make: Any, pipe: Any) -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    serving = server(make(), "127.0.0.1", 0)

    async def told() -> None:
        running = asyncio.create_task(serving.serve())
        while not serving.started:
            await asyncio.sleep(0.01)
        pipe.send(serving.servers[0].sockets[0].getsockname()[1])
        await running

    serving.config.get_loop_factory()
    with asyncio.Runner(loop_factory=serving.config.get_loop_factory()) as runner:
        runner.run(told())


# -- the load ------------------------------------------------------------------------------


def _bodies(policy: Policy, count: int) -> list[Row]:
    dice = Random(7)
    words = [(p, i) for p, purpose in policy.purposes.items() for i in purpose.items]
    asked = [_evaluation(dice, words, list(policy.items)) for _ in range(200 * count)]
    if count == 1:
        return asked
    return [{"evaluations": asked[n : n + count]} for n in range(0, len(asked), count)]


def _evaluation(dice: Random, words: Sequence[tuple[str, str]], items: Sequence[str]) -> Row:
    purpose, item = dice.choice(words)
    if dice.random() < 0.3:
        item = dice.choice(items)
    return {
        "subject": {"type": "user", "id": str(dice.randrange(PEOPLE))},
        "action": {"name": purpose},
        "resource": {"type": "item", "id": item},
    }


def _http(route: str, body: Row) -> bytes:
    data = json.dumps(body, separators=(",", ":")).encode()
    head = (
        f"POST /access/v1/{route} HTTP/1.1\r\nHost: pdp\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {SHOWN}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data


def _load(port: int, requests: Sequence[bytes], count: int) -> dict[str, float]:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    try:
        asyncio.run(_ask(port, requests, 1.0))  # everybody has been met, every answer given
        cpu, start = _cpu_seconds(), time.perf_counter()
        times = asyncio.run(_ask(port, requests, SECONDS))
        wall, used = time.perf_counter() - start, _cpu_seconds() - cpu
    finally:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    cuts = statistics.quantiles(times, n=100)
    return {
        "decisions": len(times) * count / wall,
        "by_cpu": len(times) * count / used,
        "p50": cuts[49] * 1e3,
        "p99": cuts[98] * 1e3,
    }


def _cpu_seconds() -> float:
    with open(f"/proc/{_SERVER}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _ask(port: int, requests: Sequence[bytes], seconds: float) -> list[float]:
    until = time.perf_counter() + seconds
    each = (_connection(port, requests[n:] + requests[:n], until) for n in range(CONNECTIONS))
    return [took for times in await asyncio.gather(*each) for took in times]


async def _connection(port: int, requests: Sequence[bytes], until: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    times: list[float] = []
    while True:
        for request in requests:
            start = time.perf_counter()
            if start >= until:
                writer.close()
                return times
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise AssertionError(head)
            length = int(head.partition(b"content-length: ")[2].partition(b"\r")[0])
            await reader.readexactly(length)
            times.append(time.perf_counter() - start)


if __name__ == "__main__":
    for row in run():
        print(row)

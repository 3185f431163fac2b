"""A tea shop whose carrier and text writer answer on loopback: what tests of egress share."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

from seiyaku.assurance.model import Assurance
from seiyaku.datamap.payload import Calls
from seiyaku.doors.code import LiveGate
from seiyaku.doors.egress import Cleared, Egress, Mode
from seiyaku.gate.decide import Gate
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.policy.history import History
from seiyaku.policy.model import Item, Policy, Recipient
from seiyaku.policy.parse import ParsedPolicy, parse_policy
from seiyaku.releases.elements import Recording
from seiyaku.releases.model import Giving, Release, ReleaseState, require_complete
from seiyaku.releases.write import release_of
from seiyaku.standing.model import AgeBand, OptOut, Scope
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.crowd import Crowd

AT = datetime(2026, 11, 20, tzinfo=UTC)
AKI, MIO = "p-aki", "p-mio"
_POLICY = Path(__file__).parents[2] / "policies" / "teashop.yaml"


@dataclass
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Counterpart:
    """A recipient that really listens: keeps what arrived, answers what it is told to."""

    port: int
    received: list[Received] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b'{"ok":true}'
    hang_up: bool = False
    slow_s: float = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def counterpart() -> Iterator[Counterpart]:
    """A recipient listening on loopback until the end."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {k.lower(): v for k, v in self.headers.items()}
            there.received.append(
                Received(self.command, self.path, headers, self.rfile.read(length))
            )
            sleep(there.slow_s)
            if there.hang_up:
                self.connection.close()
                return
            self.send_response(there.status)
            sent = {"content-type": "application/json", **there.headers}
            for name, value in (sent | {"content-length": str(len(there.answer))}).items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(BrokenPipeError):  # a cancelled caller is gone by now
                self.wfile.write(there.answer)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    there = Counterpart(server.server_port)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield there
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Ledger:
    """A book of releases in memory, its records written as the product writes them."""

    def __init__(self, policy: Policy, parsed: ParsedPolicy, crowd: Crowd) -> None:
        self._parts = (policy, parsed.laws, crowd)
        self.kept: dict[str, tuple[Release, ReleaseState]] = {}
        self.log: list[str] = []
        self.away = False

    def of(self, giving: Giving, release_id: str | None = None) -> Release:
        policy, laws, crowd = self._parts
        standing = crowd.standing(giving.person, AT)
        assert standing is not None
        recording = Recording(policy, laws, crowd.assurances(), {}, AT)
        return release_of(recording, standing, giving, release_id)

    def intend(self, releases: Sequence[Release]) -> None:
        require_complete(releases)
        if self.away:
            raise SystemUnavailable("the book is away", code="SY330")
        for release in releases:
            self.kept[release.id] = (release, "intended")
            self.log.append("intended")

    def settle(self, ids: Sequence[str], state: ReleaseState, at: datetime) -> None:
        if self.away:
            raise SystemUnavailable("the book is away", code="SY330")
        for one in ids:
            self.kept[one] = (self.kept[one][0], state)
            self.log.append(state)

    def only(self) -> tuple[Release, ReleaseState]:
        """The one release there is."""
        (found,) = self.kept.values()
        return found


@dataclass
class World:
    """The shop with its gate, its people and its book."""

    carrier: Counterpart
    writer: Counterpart
    policy: Policy
    crowd: Crowd
    gate: LiveGate
    book: Ledger
    seen: list[Cleared] = field(default_factory=list)

    def put_back(self) -> None:
        """Forget what arrived and what was written down."""
        self.book.kept.clear()
        self.book.log.clear()
        self.book.away = False
        self.seen.clear()
        for there in (self.carrier, self.writer):
            there.received.clear()
            there.status, there.answer, there.headers = 200, b'{"ok":true}', {}
            there.hang_up, there.slow_s = False, 0.0

    def egress(self, mode: Mode = "enforce", **endpoint: Any) -> Egress:
        """The door; `endpoint` changes the carrier's order endpoint."""
        return Egress(
            calls(self.carrier.url, self.writer.url, endpoint),
            History((self.policy,)),
            self.gate,
            self.book,
            mode=mode,
            clock=FixedClock(AT),
            report=self.seen.append,
        )


def calls(carrier: str, writer: str, endpoint: dict[str, Any]) -> dict[str, Calls]:
    """The payload maps of the shop."""
    orders = {
        "path": "/orders",
        "query": {"lang": None, "to": "name"},
        "headers": {"x-note": "order"},
        "json": {
            "recipient.name": "name",
            "recipient.address": "postal_address",
            "recipient.email": "email",
            "lines[].sku": None,
            "lines[].qty": None,
            "mail": {"item": "email", "blank": "hidden@masked.invalid"},
            "test": {"always": False},
        },
        "form": {"name": "name", "email": "email", "lang": None},
        "multipart": {"name": "name", "email": "email", "label": "postal_address"},
        **endpoint,
    }
    people = {"path": "/people/{name}", "methods": ["GET"], "segments": {"name": "name"}}
    mails = {"path": "/mails/{email}", "methods": ["GET"], "segments": {"email": "email"}}
    label = {"path": "/label", "methods": ["PUT"], "body": "postal_address"}
    chat = {
        "path": "/chat",
        "json": {
            "model": None,
            "messages[].role": None,
            "messages[].content": "order",
            "store": {"always": False},
        },
    }
    picture = {"path": "/picture", "body": "order"}
    return {
        "carrier": Calls.model_validate(
            {"country": "JP", "hosts": [carrier], "endpoints": [orders, people, mails, label]}
        ),
        "writer": Calls.model_validate({"hosts": [writer], "endpoints": [chat, picture]}),
    }


@contextmanager
def shop(proven: bool = True) -> Iterator[World]:
    """The shop, its counterparts listening; Aki takes part, Mio said no to the writer.

    `proven`: whether it is on file that the writer does not train on what it gets.
    """
    parsed = parse_policy(_POLICY)
    policy = with_writer(parsed.policy)
    crowd = Crowd("customer")
    for person in (AKI, MIO):
        crowd.say(AgeBand(person, AT - timedelta(days=9), at_least=20))  # type: ignore[arg-type]
    crowd.say(OptOut(MIO, AT - timedelta(days=1), Scope(recipients=("writer",))))  # type: ignore[arg-type]
    for recipient in ("carrier", "writer"):
        for kind in ("trustee_record", "supervision"):
            crowd.record(Assurance(kind, recipient, AT - timedelta(days=9), "contract"))
    if proven:
        crowd.record(Assurance("training_opt_out", "writer", AT - timedelta(days=9), "setting"))
    gate = LiveGate(Gate(History((policy,)), parsed.laws), crowd, FixedClock(AT))
    with counterpart() as carrier, counterpart() as writer:
        yield World(carrier, writer, policy, crowd, gate, Ledger(policy, parsed, crowd))


def with_writer(policy: Policy) -> Policy:
    """The shop with an AI service that writes texts, and gets them masked only."""
    order = policy.items["order"]
    writer = Recipient.model_validate(
        {
            "clause": "3.1",
            "name": {"ja": "文章", "en": "Writer"},
            "operator": "Writer K.K.",
            "basis": "entrust",
            "countries": ["JP"],
            "purposes": ["ship_goods"],
            "items": ["order"],
            "requires": ["training_opt_out"],
            "masked": "3.1",
            "opt_out": "3.7",
        }
    )
    assert isinstance(order, Item)
    return policy.model_copy(update={"recipients": {**policy.recipients, "writer": writer}})

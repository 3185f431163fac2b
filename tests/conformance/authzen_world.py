"""Two records, two people and three purposes: the world a decision point is certified in.

Everybody may have the records read and written; Bob opted out of ``write``.
Source: openid/authzen, certification/authorization-api-1_0-scenario.md, its core decisions.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from seiyaku.assurance.model import Assurances
from seiyaku.doors.authzen import AuthZen, Names, Presence, Site
from seiyaku.doors.authzen.serve import server
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Question
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.ids import PersonId
from seiyaku.kernel.tokens import Token, new_token
from seiyaku.laws import load_packs
from seiyaku.policy.history import History
from seiyaku.policy.model import Policy
from seiyaku.standing.fold import fold
from seiyaku.standing.model import Event, OptOut, Scope, Standing
from seiyaku.testing.clock import FixedClock

PUBLISHED = datetime(2024, 1, 1, tzinfo=UTC)
SAID = datetime(2024, 2, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
ALICE, BOB = PersonId("alice"), PersonId("bob")
NAMES = Names({"record": {"record-1": "record_1", "record-2": "record_2"}})
_NAME = {"ja": "例", "en": "example"}


def policy() -> Policy:
    """Records that may be read, written and deleted; a recipient abroad and one at home."""
    purposes: dict[str, Any] = {
        word: {"clause": f"2.{n}", "name": _NAME, "items": ["record_1", "record_2"]}
        for n, word in enumerate(["read", "write", "delete"], start=1)
    }
    purposes["write"]["opt_out"] = "2.4"
    return Policy.model_validate(
        {
            "seiyaku": 1,
            "service": "records",
            "prefix": "REC",
            "service_name": _NAME,
            "version": {"id": "v1", "enacted_on": "2024-01-01", "published_at": PUBLISHED},
            "source": {
                "url": "none",
                "retrieved_on": "unknown",
                "sha256": "0" * 64,
                "language": "en",
            },
            "controller": {"name": _NAME},
            "regimes": ["jp-appi", "jp-records"],
            "clauses": {},
            "people": {"user": {"name": _NAME}},
            "sources": {"person": {"name": _NAME}},
            "items": {
                f"record_{n}": {
                    "clause": f"1.{n}",
                    "name": _NAME,
                    "personal": "none",
                    "sources": {"person": {}},
                }
                for n in (1, 2)
            },
            "purposes": purposes,
            "retention": {
                "archived": {
                    "clause": "4.1",
                    "items": ["record_2"],
                    "after": "collected",
                    "days": 365,
                }
            },
            "recipients": {
                "archive": {
                    "clause": "3.1",
                    "name": _NAME,
                    "basis": "consent",
                    "countries": ["JP"],
                    "purposes": ["read"],
                    "items": ["record_1"],
                }
            },
        }
    )


class Told:
    """People and what they said, in memory; a door keeps up with what is added.

    Args:
        kinds: kind of each person. events: what each said.
    """

    def __init__(
        self, kinds: Mapping[PersonId, str], events: Mapping[PersonId, Sequence[Event]]
    ) -> None:
        self._kinds = dict(kinds)
        self._events = {person: list(events.get(person, ())) for person in kinds}
        self._said: list[PersonId | None] = []
        self.facts = Assurances()

    def standing(self, person: PersonId, at: datetime) -> Standing | None:
        if person not in self._kinds:
            return None
        return fold(person, self._kinds[person], self._events[person], at)

    def everybody(self) -> Iterator[PersonId]:
        return iter(tuple(self._kinds))

    def assurances(self) -> Assurances:
        return self.facts

    def change(self) -> int:
        return len(self._said)

    def changed_since(self, change: int) -> frozenset[PersonId] | None:
        people = frozenset(self._said[change:])
        return None if None in people else frozenset(p for p in people if p is not None)

    def say(self, event: Event) -> None:
        """Somebody says something."""
        self._events[event.person].append(event)
        self._said.append(event.person)


def told() -> Told:
    """Alice, who said nothing, and Bob, who does not want to be written about."""
    return Told(
        {ALICE: "user", BOB: "user"}, {BOB: [OptOut(BOB, SAID, Scope(purposes=("write",)))]}
    )


def history() -> History:
    """The one version."""
    return History((policy(),))


LAWS = load_packs(("jp-appi", "jp-records"))


URL = "https://pdp.example.com"


@dataclass(frozen=True)
class Point:
    """A decision point that answers on loopback.

    Args:
        client: shows a valid token with every request.
    """

    client: httpx.Client
    people: Told

    def post(self, path: str, request: object, **more: Any) -> httpx.Response:
        """Ask; the body is JSON."""
        return self.client.post(path, json=request, **more)


def door(people: Told, tokens: Mapping[str, Token], url: str = URL) -> AuthZen:
    """The door over this world."""
    versions = history()
    presence = Presence(Gate(versions, LAWS), versions, people, FixedClock(NOW), every_s=0)
    return AuthZen(presence, lambda: tokens, Site(url), NAMES)


@contextmanager
def opened(folder: Path) -> Iterator[Point]:
    """The decision point served over TLS, with a certificate made in `folder`."""
    people, (token, shown) = told(), new_token(Actor("harness", "officer"), NOW)
    certificate, key = made_certificate(folder)
    with running(server(door(people, {token.name: token}), "127.0.0.1", 0, certificate, key)) as at:
        trusted = ssl.create_default_context(cafile=str(certificate))
        headers = {"authorization": f"Bearer {shown}"}
        with httpx.Client(base_url=f"https://{at}", verify=trusted, headers=headers) as client:
            yield Point(client, people)


@contextmanager
def running(serving: uvicorn.Server) -> Iterator[str]:
    """Run a server in a thread; its address as ``localhost:PORT``."""
    thread = threading.Thread(target=serving.run)
    thread.start()
    while not serving.started:
        assert thread.is_alive()
        time.sleep(0.005)
    yield f"localhost:{serving.servers[0].sockets[0].getsockname()[1]}"
    serving.should_exit = True
    thread.join()


def made_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, secret


@dataclass(frozen=True)
class Answer:
    """What the application answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


async def asked_directly(
    application: AuthZen, path: str, body: object, shown: str = "", **more: str
) -> Answer:
    """What the application answers, without a server in between.

    Args:
        body: bytes as they are, or what is sent as JSON. shown: the token.
        more: further headers; `method`, where it is not POST.
    """
    sent: list[Any] = []
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    method = more.pop("method", "POST")
    headers = {"content-type": "application/json", "authorization": f"Bearer {shown}", **more}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items() if v],
    }
    parts = [data[n : n + 65_536] for n in range(0, len(data), 65_536)] or [b""]

    async def receive() -> dict[str, Any]:
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Any) -> None:
        sent.append(message)

    await application(scope, receive, send)
    start, rest = sent
    told = {k.decode(): v.decode() for k, v in start["headers"]}
    return Answer(start["status"], told, rest["body"])


def in_the_norm(q: Question, kind: str) -> dict[str, Any] | None:
    """A question asked now in the words of the norm; None where it has none for it."""
    if q.case is not None or (q.purpose is None and q.act in ("use", "send")):
        return None
    action = {"act": q.act, "recipient": q.recipient, "relation": q.relation}
    action |= {"country": q.country, "route": q.route}
    born = q.data_at.isoformat() if q.data_at else None
    resource = {"source": q.source, "masked": q.masked, "data_at": born}
    context = {"contexts": sorted(q.contexts), "scopes": sorted(q.scopes)}
    return {
        "subject": {"type": kind, "id": q.person},
        "action": {"name": q.purpose or q.act, "properties": _given(action)},
        "resource": {"type": "item", "id": q.item, "properties": _given(resource)},
        **({"context": context} if q.contexts or q.scopes else {}),
    }


def _given(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {word: value for word, value in properties.items() if value is not None}

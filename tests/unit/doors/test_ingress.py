"""What nobody declared, or may not be taken, never reaches the application."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import uvicorn

from seiyaku.datamap.payload import Intake
from seiyaku.doors.code import LiveGate
from seiyaku.doors.handling import Occasion
from seiyaku.doors.ingress import Ingress, Taken
from seiyaku.doors.ingress.newcomer import decide_of_newcomer, willing
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.history import History
from seiyaku.policy.model import ItemSource, Policy
from seiyaku.policy.parse import parse_policy
from seiyaku.standing.model import AgeBand, Suspension
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.crowd import Crowd
from unit.doors.outgoing_world import AKI, AT, MIO

_POLICY = Path(__file__).parents[2] / "policies" / "teashop.yaml"
INTAKE = {
    "sign_up": {
        "path": "/sign-up",
        "source": "person",
        "query": {"lang": None},
        "json": {"email": "email", "profile.name": "name", "profile.bio": None, "age": "age_band"},
        "form": {"email": "email", "lang": None},
        "multipart": {"email": "email", "note": "order"},
    },
    "order": {
        "path": "/orders/{order}",
        "source": "person",
        "contexts": ["ordering"],
        "segments": {"order": None},
        "json": {
            "address": "postal_address",
            "note": "order",
            "card": "card_number",
            "pay": {"item": "card_number", "blank": "(not kept)"},
        },
    },
    "address": {"path": "/address", "source": "person", "json": {"address": "postal_address"}},
    "link": {"path": "/link", "source": "device", "json": {"views": "page_view", "name": "name"}},
    "strict": {"path": "/strict", "json": {"email": "email"}, "rest": "refuse"},
    "live": {
        "path": "/live",
        "methods": ["WEBSOCKET"],
        "source": "person",
        "json": {"email": "email", "n": None},
    },
}


@dataclass
class Shop:
    """The application behind the door, and what arrived there."""

    crowd: Crowd
    url: str = ""
    arrived: list[dict[str, Any]] = field(default_factory=list)
    told: list[tuple[str, list[Taken]]] = field(default_factory=list)

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = (await receive())["body"]
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        query = scope["query_string"].decode()
        self.arrived.append({"body": body, "query": query, "headers": headers})
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def post(self, path: str, **sent: Any) -> httpx.Response:
        return httpx.post(self.url + path, **sent)

    def json(self) -> Any:
        return json.loads(self.arrived[-1]["body"])

    def dropped(self) -> set[tuple[str, str]]:
        return {(t.spot.name, t.why) for t in self.told[-1][1] if t.done == "dropped"}


def who(scope: Any) -> Occasion | None:
    """The tests name the person and the scopes in headers; a session would in an application."""
    headers = {k.decode(): v.decode() for k, v in scope["headers"]}
    scopes = frozenset(headers.get("x-scopes", "").split())
    person = headers.get("x-person")
    return Occasion(PersonId(person) if person else None, scopes=scopes)


def scoped(policy: Policy) -> Policy:
    """Page views come from the device only where the person granted `views`."""
    view = policy.items["page_view"]
    sources = {"device": ItemSource(scope="views")}
    items = {**policy.items, "page_view": view.model_copy(update={"sources": sources})}
    return policy.model_copy(update={"items": items})


@contextmanager
def serving(mode: str) -> Iterator[Shop]:
    """The application behind the door, on a real server."""
    parsed = parse_policy(_POLICY)
    history = History((scoped(parsed.policy),))
    crowd = Crowd("customer")
    for person in (AKI, MIO):
        crowd.say(AgeBand(person, AT - timedelta(days=9), at_least=20))  # type: ignore[arg-type]
    crowd.say(Suspension(MIO, AT - timedelta(days=1)))  # type: ignore[arg-type]
    gate = LiveGate(Gate(history, parsed.laws), crowd, FixedClock(AT))
    shop = Shop(crowd)
    intake = {word: Intake.model_validate(part) for word, part in INTAKE.items()}
    door = Ingress(
        shop.app,
        intake,
        history,
        gate,
        who,
        mode=mode,  # type: ignore[arg-type]
        clock=FixedClock(AT),
        report=lambda word, taken: shop.told.append((word, taken)),
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(door, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        shop.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield shop
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def opened() -> Iterator[Shop]:
    with serving("enforce") as shop:
        yield shop


@pytest.fixture
def shop(opened: Shop) -> Shop:
    opened.arrived.clear()
    opened.told.clear()
    return opened


def test_declared_fields_arrive_and_the_rest_does_not(shop: Shop) -> None:
    sent = {"email": "a@b.jp", "profile": {"name": "Aki", "bio": "tea", "face": [1]}, "utm": "x"}
    shop.post("/sign-up?lang=ja&utm=x", json=sent, headers={"x-person": AKI})
    assert shop.json() == {"email": "a@b.jp", "profile": {"name": "Aki", "bio": "tea"}}
    assert shop.arrived[0]["query"] == "lang=ja"
    assert shop.dropped() == {
        ("utm", "undeclared"),
        ("profile.face", "undeclared"),
    }


def test_a_newcomer_is_held_to_what_no_answer_of_theirs_could_open(shop: Shop) -> None:
    shop.post("/sign-up", json={"email": "a@b.jp", "age": "20s"})
    assert shop.json() == {"email": "a@b.jp", "age": "20s"}
    shop.post("/address", json={"address": "Uji"})
    assert shop.json() == {}
    assert shop.dropped() == {("address", "not_permitted")}


def test_a_newcomer_counts_as_having_accepted_the_version_in_force() -> None:
    parsed = parse_policy(_POLICY)
    then = AT - timedelta(days=400)
    version = parsed.policy.version.model_copy(
        update={"id": "2025-10-01", "published_at": then, "effective": "on_publication"}
    )
    old = parsed.policy.model_copy(update={"version": version})
    items = {**old.items, "nickname": old.items["name"]}
    new = parsed.policy.model_copy(update={"items": items})
    gate = LiveGate(Gate(History((old, new)), parsed.laws), Crowd("customer"), FixedClock(AT))
    decision = decide_of_newcomer(gate, new, Handling("collect"), "nickname", "person", AT)
    assert decision.permitted
    known = willing(new, Handling("collect"), "nickname", AT)
    silent = replace(known, accepted=())
    question = Handling("collect").question(known.person, "nickname", AT, source="person")
    refused = gate.gate.decide(silent, gate.people.assurances(), question)
    assert {reason.code for reason in refused.reasons} == {"version_not_accepted"}


def test_what_a_known_person_said_counts(shop: Shop) -> None:
    shop.post("/sign-up", json={"email": "a@b.jp"}, headers={"x-person": MIO})
    assert shop.json() == {}
    denied = shop.told[-1][1][-1].decision
    assert denied is not None
    assert {reason.code for reason in denied.reasons} == {"suspended"}


def test_somebody_named_whom_nobody_knows_is_refused(shop: Shop) -> None:
    shop.post("/sign-up", json={"email": "a@b.jp"}, headers={"x-person": "p-99"})
    assert shop.json() == {}


def test_items_that_are_never_kept_are_dropped_before_the_application_sees_them(
    shop: Shop,
) -> None:
    sent = {"address": "Uji", "card": "4111111111111111", "pay": "4111111111111111"}
    shop.post("/orders/1", json=sent, headers={"x-person": AKI})
    assert shop.json() == {"address": "Uji", "pay": "(not kept)"}
    assert shop.dropped() == {("card", "never_kept")}


def test_card_numbers_are_cut_out_of_texts(shop: Shop) -> None:
    note = "pay with ４１１１ 1111 1111 1111, order 20261120"
    shop.post("/orders/1", json={"note": note}, headers={"x-person": AKI})
    assert shop.json() == {"note": "pay with ****, order 20261120"}
    assert [t.done for t in shop.told[-1][1] if t.spot.part == "json"] == ["cut"]


def test_only_what_the_person_granted_the_source_comes_in(shop: Shop) -> None:
    sent = {"views": 3, "name": "Aki"}
    shop.post("/link", json=sent, headers={"x-person": AKI})
    assert shop.json() == {}
    shop.post("/link", json=sent, headers={"x-person": AKI, "x-scopes": "views"})
    assert shop.json() == {"views": 3}
    shop.post("/link", json=sent, headers={"x-scopes": "views"})
    assert shop.json() == {"views": 3}


def test_forms_and_multipart_bodies_are_judged_alike(shop: Shop) -> None:
    known = {"x-person": AKI}
    shop.post("/sign-up", data={"email": "a@b.jp", "utm": "x", "lang": "ja"}, headers=known)
    assert shop.arrived[-1]["body"] == b"email=a%40b.jp&lang=ja"
    files = {"note": ("n.txt", b"hello", "text/plain"), "face": ("f.bin", b"\x00", "x/y")}
    shop.post("/sign-up", files=files, headers=known)
    body = shop.arrived[-1]["body"]
    assert b"hello" in body
    assert b'name="face"' not in body
    assert int(shop.arrived[-1]["headers"]["content-length"]) == len(body)


def test_an_entrance_nobody_declared_gets_neither_body_nor_query(shop: Shop) -> None:
    shop.post("/elsewhere?token=x", json={"email": "a@b.jp"})
    assert (shop.arrived[-1]["body"], shop.arrived[-1]["query"]) == (b"", "")
    assert {t.why for t in shop.told[-1][1]} == {"endpoint_undeclared"}
    shop.told.clear()
    httpx.get(shop.url + "/plain")
    assert shop.told == []


@pytest.mark.parametrize(
    ("path", "sent", "code"),
    [
        ("/sign-up", {"content": b'{"email":"a","email":"b"}'}, "SY254"),
        ("/sign-up", {"content": b"{"}, "SY254"),
        ("/sign-up", {"content": b"\x1f\x8b", "headers": {"content-encoding": "gzip"}}, "SY254"),
        ("/sign-up/%2e%2e/orders", {"content": b"{}"}, "SY254"),
        ("/strict", {"content": b'{"email":"a@b.jp","more":1}'}, "SY258"),
    ],
)
def test_what_cannot_be_read_or_must_stop_is_answered_and_never_arrives(
    shop: Shop, path: str, sent: dict[str, Any], code: str
) -> None:
    headers = {"content-type": "application/json", **sent.get("headers", {})}
    answer = shop.post(path, content=sent["content"], headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not shop.arrived


def test_in_mode_log_everything_arrives_and_is_told() -> None:
    with serving("log") as shop:
        sent = b'{"email": "a@b.jp", "utm":"x"}'
        kind = {"content-type": "application/json"}
        shop.post("/sign-up?utm=x", content=sent, headers=kind)
        assert (shop.arrived[-1]["body"], shop.arrived[-1]["query"]) == (sent, "utm=x")
        assert shop.dropped() == {("utm", "undeclared")}
        shop.post("/sign-up", content=b"{", headers=kind)
        assert shop.arrived[-1]["body"] == b"{"
        shop.post("/elsewhere", content=sent, headers=kind)
        assert shop.arrived[-1]["body"] == sent


def test_logs_count_and_hold_no_value(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="seiyaku")
    marker = "marker@example.jp"
    shop.post(f"/sign-up?{marker}=1", json={"email": marker, marker: marker})
    shop.post(f"/{marker}?x={marker}", json={marker: marker})
    shop.post("/strict", json={marker: marker})
    assert "dropped undeclared 2" in caplog.text
    assert "marker" not in caplog.text


def test_messages_of_a_web_socket_are_judged_one_by_one() -> None:
    asyncio.run(_web_sockets())


async def _web_sockets() -> None:
    with _door() as (door, got):
        async with _talking(door, "/live") as (inbox, outbox):
            for message in (
                {"text": '{"email":"a@b.jp","n":1,"face":[1]}'},
                {"text": "{"},
                {"bytes": b"\x00"},
                {"text": '{"n":2}'},
            ):
                await inbox.put({"type": "websocket.receive", **message})
        assert [json.loads(m["text"]) for m in got] == [{"email": "a@b.jp", "n": 1}, {"n": 2}]
        async with _talking(door, "/undeclared") as (_, outbox):
            pass
        assert outbox == [{"type": "websocket.close", "code": 1008}]


@contextmanager
def _door() -> Iterator[tuple[Ingress, list[Any]]]:
    got: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            if message["type"] == "websocket.receive":
                got.append(message)

    parsed = parse_policy(_POLICY)
    history = History((parsed.policy,))
    crowd = Crowd("customer")
    gate = LiveGate(Gate(history, parsed.laws), crowd, FixedClock(AT))
    intake = {"live": Intake.model_validate(INTAKE["live"])}
    yield (
        Ingress(app, intake, history, gate, who, mode="enforce", clock=FixedClock(AT)),
        got,
    )


@asynccontextmanager
async def _talking(door: Ingress, path: str) -> AsyncIterator[tuple[Any, list[Any]]]:
    """A web socket spoken in ASGI's own words, closed at the end."""
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    outbox: list[Any] = []

    async def send(message: Any) -> None:
        outbox.append(message)

    await inbox.put({"type": "websocket.connect"})
    scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "headers": []}
    task = asyncio.create_task(door(scope, inbox.get, send))
    yield inbox, outbox
    await inbox.put({"type": "websocket.disconnect"})
    await task

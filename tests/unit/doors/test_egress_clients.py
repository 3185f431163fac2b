"""The same door stands in requests and in the asynchronous httpx."""

from __future__ import annotations

import asyncio
import io

import httpx
import pytest
import requests

from seiyaku.doors.egress.httpx_transport import AsyncGuardedTransport
from seiyaku.doors.egress.requests_adapter import GuardedAdapter
from seiyaku.doors.handling import handling
from seiyaku.kernel.errors import NotPermitted
from unit.doors.outgoing_world import AKI, World, shop

ORDER = {"recipient": {"name": "Aki", "email": "aki@example.jp"}, "phone": "090"}
PASSED = {"recipient": {"name": "Aki"}, "test": False}


def session(world: World, mode: str = "enforce") -> requests.Session:
    guarded = requests.Session()
    guarded.trust_env = False
    for prefix in ("https://", "http://"):
        guarded.mount(prefix, GuardedAdapter(world.egress(mode)))  # type: ignore[arg-type]
    return guarded


@pytest.mark.parametrize(
    "sent",
    [
        {"json": ORDER},
        {"data": io.BytesIO(requests.compat.json.dumps(ORDER).encode())},
        {"data": iter([requests.compat.json.dumps(ORDER).encode()])},
    ],
)
def test_requests_sends_what_may_go(world: World, sent: dict[str, object]) -> None:
    with handling(person=AKI, purpose="ship_goods"), session(world) as http:
        found = http.post(
            f"{world.carrier.url}/orders?lang=ja&x=1",
            headers={"content-type": "application/json", "x-trace": "1"},
            **sent,  # type: ignore[arg-type]
        )
    (arrived,) = world.carrier.received
    assert found.json() == {"ok": True}
    assert (arrived.path, arrived.json()) == ("/orders?lang=ja", PASSED)
    assert "x-trace" not in arrived.headers
    assert world.book.only()[1] == "sent"


def test_requests_sends_forms_and_files(world: World) -> None:
    with handling(person=AKI, purpose="ship_goods"), session(world) as http:
        http.post(f"{world.carrier.url}/orders", data={"name": "Aki", "tag": "vip"})
        http.post(f"{world.carrier.url}/orders", files={"label": ("aki.pdf", b"%PDF")})
    form, files = world.carrier.received
    assert form.body == b"name=Aki"
    assert b"%PDF" in files.body
    assert b"aki.pdf" not in files.body


@pytest.mark.parametrize(
    ("url", "code"),
    [("http://127.0.0.1:9/x", "SY252"), ("{base}/other", "SY253"), ("{base}/a%2fb", "SY254")],
)
def test_requests_refuses_what_nobody_declared(world: World, url: str, code: str) -> None:
    with handling(person=AKI, purpose="ship_goods"), pytest.raises(NotPermitted) as caught:
        session(world).post(url.format(base=world.carrier.url), json=ORDER)
    assert caught.value.code == code
    assert not world.carrier.received


def test_requests_follows_no_redirect_elsewhere(world: World) -> None:
    with shop() as other:
        world.carrier.status = 307
        world.carrier.headers = {"location": f"{other.carrier.url}/orders"}
        with handling(person=AKI, purpose="ship_goods"), pytest.raises(NotPermitted) as caught:
            session(world).post(f"{world.carrier.url}/orders", json=ORDER)
        assert caught.value.code == "SY252"
        assert not other.carrier.received


def test_requests_turns_masked_answers_back(world: World) -> None:
    world.writer.answer = b'{"text": "to [MAIL_1]"}'
    body = {"messages": [{"role": "user", "content": "mail taro@example.jp"}]}
    with handling(person=AKI, purpose="ship_goods"), session(world) as http:
        found = http.post(f"{world.writer.url}/chat", json=body)
    assert b"taro" not in world.writer.received[0].body
    assert found.json() == {"text": "to taro@example.jp"}


def test_requests_settles_what_failed_and_what_nobody_can_say(world: World) -> None:
    with shop() as gone:
        closed = session(gone)
    with handling(person=AKI, purpose="ship_goods"):
        with pytest.raises(requests.ConnectionError):
            closed.post(f"{gone.carrier.url}/orders", json=ORDER)
        assert gone.book.only()[1] == "failed"
        world.carrier.hang_up = True
        with pytest.raises(requests.ConnectionError):
            session(world).post(f"{world.carrier.url}/orders", json=ORDER)
    assert world.book.only()[1] == "unknown"


def test_requests_in_mode_log_changes_nothing(world: World) -> None:
    session(world, "log").post(f"{world.carrier.url}/orders?x=1", json=ORDER)
    (arrived,) = world.carrier.received
    assert (arrived.path, arrived.json()) == ("/orders?x=1", ORDER)
    assert world.seen[0].refusal is not None


def test_tasks_side_by_side_each_send_for_their_own_person(world: World) -> None:
    async def one(client: httpx.AsyncClient, n: int) -> None:
        async with handling(person=AKI, purpose="ship_goods", reference=f"o-{n}"):
            await client.post(f"{world.carrier.url}/orders", json=ORDER)

    async def all_of_them() -> None:
        transport = AsyncGuardedTransport(world.egress())
        async with httpx.AsyncClient(transport=transport) as client:
            await asyncio.gather(*(one(client, n) for n in range(12)))
            with pytest.raises(NotPermitted):
                await client.post(f"{world.carrier.url}/orders", json=ORDER)

    asyncio.run(all_of_them())
    assert [arrived.json() for arrived in world.carrier.received] == [PASSED] * 12
    references = {release.reference for release, _ in world.book.kept.values()}
    assert references == {f"o-{n}" for n in range(12)}
    assert {state for _, state in world.book.kept.values()} == {"sent"}


def test_a_cancelled_call_is_unknown(world: World) -> None:
    async def cancelled() -> None:
        transport = AsyncGuardedTransport(world.egress())
        async with httpx.AsyncClient(transport=transport) as client:
            with handling(person=AKI, purpose="ship_goods"):
                task = asyncio.create_task(client.post(f"{world.carrier.url}/orders", json=ORDER))
            while not world.carrier.received:
                await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    world.carrier.slow_s = 0.3
    asyncio.run(cancelled())
    assert world.book.only()[1] == "unknown"

"""Articles 6.2d, 7.2, 8.1.1 and 10.2 where data comes in and goes out."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from seiyaku.doors.egress import Cleared
from seiyaku.doors.egress.httpx_transport import GuardedTransport
from seiyaku.doors.handling import Occasion, handling
from seiyaku.kernel import Actor, NotPermitted, PersonId
from seiyaku.services import path as packaged
from seiyaku.standing import AgeBand, Consent, Scope
from seiyaku.testing.promises import promise
from unit.doors.outgoing_world import Counterpart, counterpart

from ..homes import adult
from .conftest import AT, VERSION, Closm

PRINTFUL = "http://printful.local"
LOOKALIKE = "http://127.0.0.1.printful.local"
OFFICER = Actor("sato", "officer")
ENTRANCE = {
    "sign_up": {"path": "/sign-up", "source": "person", "json": {"email": "email", "age": None}}
}


@pytest.fixture
def there() -> Iterator[Counterpart]:
    """Whoever is called, listening."""
    with counterpart() as listening:
        yield listening


@pytest.fixture
def mapped(opened: Callable[..., Closm], there: Counterpart) -> Closm:
    """A home that knows the store of pictures, a chain and an entrance, field by field."""
    picture = {
        "path": "/{key}",
        "methods": ["PUT"],
        "segments": {"key": {"item": "image", "opaque": True}},
        "body": "image",
    }
    mint = {"path": "/mint", "json": {"token": None, "metadata.by": None}, "rest": "refuse"}
    stores = {"recipient": "cloudflare", "country": "US", "hosts": [there.url]}
    chain = {"recipient": "blockchain", "hosts": [there.url.replace("127.0.0.1", "localhost")]}
    plain = {"recipient": "printful", "country": "US", "hosts": [PRINTFUL, LOOKALIKE]}
    calls = {
        "pictures": {**stores, "endpoints": [picture]},
        "chain": {**chain, "endpoints": [mint]},
        "unencrypted": {**plain, "endpoints": [{"path": "/v2/orders", "json": {"p": "phone"}}]},
    }
    return opened(_with(calls))


def _with(calls: dict[str, Any]) -> Callable[[Path], None]:
    lines = "".join(f"  {word}: {json.dumps(entry)}\n" for word, entry in calls.items())

    def edit(home: Path) -> None:
        text = (packaged("closm-i") / "datamap.yaml").read_text("utf-8")
        assert text.count("\ncalls:\n") == 1
        text = text.replace("\ncalls:\n", f"\nintake: {json.dumps(ENTRANCE)}\ncalls:\n{lines}")
        (home / "datamap.yaml").write_text(text, "utf-8")
        with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
            settings.write("datamap: datamap.yaml\n")

    return edit


def _client(home: Closm, seen: list[Cleared]) -> httpx.Client:
    door = home.home.doors.egress(mode="enforce", report=seen.append)
    return httpx.Client(transport=GuardedTransport(door))


@promise("CLOSM-6.2d")
def test_a_picture_goes_under_a_key_that_says_nothing_of_anybody(
    mapped: Closm, there: Counterpart
) -> None:
    """Given a picture to be stored under a key with a mail address, or with the name of its
    owner; it does not go, because the key holds personal data. Under a random key it goes, once,
    and the giving is on record as an image.
    """
    person = adult(mapped.home, mapped.world.person("aki").id)
    mapped.home.record(
        Consent(person, AT.replace(hour=2), Scope(), VERSION, countries=("US",), kind="deemed")
    )
    seen: list[Cleared] = []
    words = {"person": person, "purpose": "service", "known": ("Aki Tanaka",)}
    with _client(mapped, seen) as client, handling(**words):
        for key in ("aki@example.jp.png", "Aki%20Tanaka.png"):
            with pytest.raises(NotPermitted) as refused:
                client.put(f"{there.url}/{key}", content=b"\x89PNG")
            assert "revealing" in str(refused.value)
            assert "aki" not in str(refused.value).lower()
        assert not there.received
        client.put(f"{there.url}/5e9c41d2.png", content=b"\x89PNG")
    assert [(r.path, r.body) for r in there.received] == [("/5e9c41d2.png", b"\x89PNG")]
    (release,) = mapped.home.releases.of_person(person)
    assert (release.recipient, release.items) == ("cloudflare", ("image",))


@promise("CLOSM-7.2")
@pytest.mark.parametrize("by", ["aki@example.jp", "Aki Tanaka", "written by aki_t"])
def test_nothing_of_a_person_is_written_where_anyone_can_read_it_for_ever(
    mapped: Closm, there: Counterpart, by: str
) -> None:
    """Given metadata of a token with a mail address, a name or a nickname; minting it is refused
    before the chain is called, and none of it is told. Metadata about the token alone goes.
    """
    person = adult(mapped.home, mapped.world.person("aki").id)
    words = {"person": person, "purpose": "nft", "known": ("Aki Tanaka", "aki_t")}
    url = there.url.replace("127.0.0.1", "localhost")
    with _client(mapped, []) as client, handling(**words):
        with pytest.raises(NotPermitted) as refused:
            client.post(f"{url}/mint", json={"token": "7", "metadata": {"by": by}})
        assert refused.value.code == "SY255"
        assert by not in str(refused.value)
        assert not there.received
        harmless = {"token": "7", "metadata": {"by": "edition 3 of 10"}}
        client.post(f"{url}/mint", json=harmless)
    assert [r.json() for r in there.received] == [harmless]


@promise("CLOSM-8.1.1")
def test_nothing_leaves_the_machine_unencrypted(mapped: Closm) -> None:
    """Given a declared connector whose address is plain http; a call to it is refused before it
    is made, as is one to a host that only looks like this machine; nothing is on record as given.
    """
    person = adult(mapped.home, mapped.world.person("aki").id)
    with (
        _client(mapped, []) as client,
        handling(person=person, purpose="ship_goods", contexts=["merchandise_order"]),
    ):
        for host in (PRINTFUL, LOOKALIKE):
            with pytest.raises(NotPermitted) as refused:
                client.post(f"{host}/v2/orders", json={"p": "090-0000-0001"})
            assert refused.value.code == "SY298"
            assert "insecure transport" in str(refused.value)
    assert not mapped.home.releases.of_person(person)


@promise("CLOSM-10.2")
def test_a_child_is_refused_everything_and_the_form_leaves_nothing(
    mapped: Closm, caplog: pytest.LogCaptureFixture
) -> None:
    """Given an account found to be of somebody under 13; every use is refused, the erasure is
    opened, and the next form of theirs reaches the application empty: no row, no log. An adult's
    form arrives.
    """
    caplog.set_level(logging.DEBUG)
    child, grown = (mapped.world.person(p).id for p in ("ben", "aki"))
    adult(mapped.home, grown)
    mapped.home.record(AgeBand(child, AT.replace(hour=1), below=13))
    assert mapped.home.flag_under_age(child, OFFICER).kind == "deletion"
    policy = mapped.home.parts.policy()
    for purpose, declared in policy.purposes.items():
        for item in declared.items:
            assert not mapped.ask(child, "use", item, purpose=purpose).permitted
    address = "new.address@example.jp"
    for person, arrives in ((child, False), (grown, True)):
        _sign_up(mapped, person, address)
        rows = mapped.sql("SELECT body FROM inquiries WHERE user_id = ? AND id >= 9000", person)
        assert any(address in body for (body,) in rows) is arrives
    assert address not in caplog.text


def _sign_up(mapped: Closm, person: PersonId, address: str) -> None:
    """Fill in the form; the application keeps whatever reaches it."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"].decode()
        mapped.sql(
            "INSERT INTO inquiries (id, user_id, email, channel, body, received_at) "
            "SELECT 9000 + COUNT(*), ?, '', 'form', ?, '2026-11-20' FROM inquiries",
            person,
            body,
        )
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    door = mapped.home.doors.ingress(app, lambda _: Occasion(person=person), mode="enforce")

    async def post() -> int:
        transport = httpx.ASGITransport(door)
        async with httpx.AsyncClient(transport=transport, base_url="http://closm") as client:
            return (await client.post("/sign-up", json={"email": address, "age": 12})).status_code

    assert asyncio.run(post()) == 204

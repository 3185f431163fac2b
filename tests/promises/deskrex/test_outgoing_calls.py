"""Article 4 at the door: calls to outside APIs and AI, with real counterparts on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from seiyaku.assurance import Membership
from seiyaku.doors.egress import Cleared
from seiyaku.doors.egress.httpx_transport import AsyncGuardedTransport, GuardedTransport
from seiyaku.doors.handling import handling
from seiyaku.kernel import NotPermitted
from seiyaku.services import path as packaged
from seiyaku.testing.promises import promise
from unit.doors.outgoing_world import Counterpart, counterpart

from ..homes import SINCE, Copies, Installed, entrusted

PROMPT = "write to Hanako Sato, hanako@example.jp, 090-1234-5678"


@pytest.fixture
def counterparts() -> Iterator[tuple[Counterpart, Counterpart]]:
    """The AI and the mail provider, listening."""
    with counterpart() as ai, counterpart() as mail:
        yield ai, mail


@pytest.fixture
def mine(opened: Copies, counterparts: tuple[Counterpart, Counterpart]) -> Installed:
    """A home in which an AI and a mail provider are under contract, and the AI does not train."""
    home = opened(_mapped(*counterparts))
    for register, member in (("ai_services", "whisper"), ("mail_providers", "postman")):
        home.home.enrol(Membership(register, member, SINCE, countries=("JP",)))
    home.home.assure(*entrusted("whisper", "training_opt_out"), *entrusted("postman"))
    return home


def _mapped(ai: Counterpart, mail: Counterpart) -> Callable[[Path], None]:
    """Let a home know what goes to the two counterparts, field by field."""
    chat = {"path": "/chat", "json": {"prompt": "research_query", "reply_to": "email"}}
    send = {"path": "/send", "json": {"to": "email", "text": "inquiry"}}
    calls = {
        "whisper": {"recipient": "ai_services", "hosts": [ai.url], "endpoints": [chat]},
        "postman": {"recipient": "mail_providers", "hosts": [mail.url], "endpoints": [send]},
    }
    lines = [f"  {w}: {json.dumps({**entry, 'member': w})}\n" for w, entry in calls.items()]

    def edit(home: Path) -> None:
        text = (packaged("deskrex") / "datamap.yaml").read_text("utf-8")
        assert text.count("\ncalls:\n") == 1
        text = text.replace("\ncalls:\n", "\ncalls:\n" + "".join(lines))
        (home / "datamap.yaml").write_text(text, "utf-8")
        with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
            settings.write("datamap: datamap.yaml\n")

    return edit


@contextmanager
def guarded(mine: Installed) -> Iterator[tuple[httpx.Client, list[Cleared]]]:
    """A client behind the door, and what the door reported."""
    seen: list[Cleared] = []
    door = mine.home.doors.egress(mode="enforce", report=seen.append)
    with httpx.Client(transport=GuardedTransport(door)) as client:
        yield client, seen


@promise("DESK-4.2c")
def test_outside_ai_sees_placeholders_and_the_mail_provider_the_address(
    mine: Installed, counterparts: tuple[Counterpart, Counterpart]
) -> None:
    """Given a prompt with a name, a mail address and a telephone number; the AI receives
    placeholders only and its answer is turned back for the user. The mail provider receives the
    address, to answer an inquiry. The same address to the AI for the same reason does not go.
    Each giving is on record, by item and never by value.
    """
    ai, mail = counterparts
    person = mine.world.person("aki").id
    ai.answer = json.dumps({"text": "Dear [NAME_1], I wrote to [MAIL_2]."}).encode()
    with guarded(mine) as (client, seen):
        with handling(person=person, purpose="service"):
            answer = client.post(f"{ai.url}/chat", json={"prompt": PROMPT}).json()
        with handling(person=person, purpose="support"):
            client.post(f"{mail.url}/send", json={"to": "hanako@example.jp"})
            client.post(f"{ai.url}/chat", json={"reply_to": "hanako@example.jp"})
    prompt, refused = (arrived.json() for arrived in ai.received)
    assert prompt == {"prompt": "write to [NAME_1], [MAIL_2], [PHONE_3]"}
    assert answer == {"text": "Dear Hanako Sato, I wrote to hanako@example.jp."}
    assert mail.received[0].json() == {"to": "hanako@example.jp"}
    assert refused == {}
    (denied,) = [f.decision for f in seen[-1].findings if f.why]
    assert denied is not None
    assert not denied.permitted
    given = {(r.recipient, r.items, r.state) for r in mine.home.releases.of_person(person)}
    assert given == {
        ("whisper", ("research_query",), "sent"),
        ("postman", ("email",), "sent"),
    }
    assert "hanako" not in repr(mine.home.releases.of_person(person))


@promise("DESK-4.2a")
def test_an_api_nobody_registered_gets_no_call(
    mine: Installed, counterparts: tuple[Counterpart, Counterpart]
) -> None:
    """Given an API host that stands in no register; a call to it is refused before it is made,
    and nothing is recorded as given. The one registered gets its call.
    """
    ai, _ = counterparts
    person = mine.world.person("aki").id
    with (
        counterpart() as stranger,
        guarded(mine) as (client, _),
        handling(person=person, purpose="service"),
    ):
        with pytest.raises(NotPermitted) as refused:
            client.post(f"{stranger.url}/chat", json={"prompt": "compare makers"})
        assert refused.value.code == "SY252"
        assert not stranger.received
        assert not mine.home.releases.of_person(person)
        client.post(f"{ai.url}/chat", json={"prompt": "compare makers"})
    assert ai.received[0].json() == {"prompt": "compare makers"}
    assert len(mine.home.releases.of_person(person)) == 1


def test_tasks_side_by_side_write_their_releases_into_one_book(
    mine: Installed, counterparts: tuple[Counterpart, Counterpart]
) -> None:
    """The book and the evidence take releases from several threads at once, none twice."""
    ai, _ = counterparts
    people = [person.id for person in mine.world.everyone[:12]]

    async def one(client: httpx.AsyncClient, person: str) -> None:
        with handling(person=person, purpose="service"):
            await client.post(f"{ai.url}/chat", json={"prompt": "compare makers"})

    async def everybody() -> None:
        transport = AsyncGuardedTransport(mine.home.doors.egress(mode="enforce"))
        async with httpx.AsyncClient(transport=transport) as client:
            await asyncio.gather(*(one(client, person) for person in people))

    asyncio.run(everybody())
    assert len(ai.received) == len(people)
    for person in people:
        (release,) = mine.home.releases.of_person(person)
        assert release.state == "sent"

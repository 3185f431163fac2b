"""``seiyaku authzen``: tokens are made, listed and revoked, and a home answers over HTTP."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from conformance.authzen_world import asked_directly
from seiyaku.app import init_home
from seiyaku.app.authzen import make_token, open_authzen, revoke_token
from seiyaku.app.wiring import Parts
from seiyaku.cli.authzen import command
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import AgeBand, Suspension
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import generate

Json = dict[str, Any]
AT = "2026-11-20T09:00:00+09:00"
URL = "https://pdp.example.com"
SINGLE = "/access/v1/evaluation"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of CLOSM i with twenty people."""
    place = tmp_path_factory.mktemp("authzen") / "home"
    world = generate("closm-i", place, people=20)
    places = {**world.databases, **world.folders}
    with init_home(place, "closm-i", {n: p.name for n, p in places.items()}):
        return place


def run(folder: Path, *arguments: str) -> str:
    result = CliRunner().invoke(command, [*arguments, "--home", str(folder)])
    assert result.exit_code == 0, result.output
    return result.output.strip()


def asked(person: str) -> Json:
    return {
        "subject": {"type": "user", "id": person},
        "action": {"name": "service"},
        "resource": {"type": "item", "id": "bio"},
    }


def test_a_token_is_shown_once_and_only_its_digest_is_kept(folder: Path) -> None:
    shown = run(folder, "token", "new", "shop", "--role", "handler", "--days", "30")
    name, _, secret = shown.partition(".")
    listed = run(folder, "token", "list")
    assert name in listed
    assert "shop (handler)" in listed
    assert secret not in listed
    for file in folder.glob("seiyaku.sqlite*"):
        assert secret.encode() not in file.read_bytes()
    assert run(folder, "token", "revoke", name) == f"{name} is out of use"
    assert name not in run(folder, "token", "list")


def test_revoking_a_token_nobody_made_is_a_fault(folder: Path) -> None:
    result = CliRunner().invoke(command, ["token", "revoke", "nobody", "--home", str(folder)])
    assert "there is no token `nobody`" in str(result.exception)


def test_a_home_answers_for_its_people_and_keeps_up_with_them(folder: Path) -> None:
    clock = FixedClock(AT)
    parts = Parts(folder, clock)
    shown = make_token(parts, Actor("shop", "officer"), days=1)
    door = open_authzen(parts, URL)

    def answer(person: str) -> Json:
        found = asyncio.run(asked_directly(door, SINGLE, asked(person), shown))
        assert found.status == 200
        read: Json = found.json()
        return read

    try:
        assert answer("999999")["context"]["outcome"] == "undecided"
        before = answer("5")
        parts.repositories.standing.append([AgeBand(PersonId("5"), clock.now(), at_least=20)])
        clock.advance(seconds=1)
        parts.repositories.standing.append([Suspension(PersonId("5"), clock.now())])
        clock.advance(seconds=1)
        time.sleep(0.06)
        after = answer("5")
        assert before["context"] != after["context"]
        assert [r["code"] for r in after["context"]["reasons"]] == ["suspended"]
        other = make_token(parts, Actor("desk", "reader"))
        clock.advance(seconds=1)
        found = asyncio.run(asked_directly(door, SINGLE, asked("5"), other))
        assert found.status == 200
        revoke_token(parts, other.partition(".")[0])
        clock.advance(seconds=1)
        found = asyncio.run(asked_directly(door, SINGLE, asked("5"), other))
        assert found.status == 401
        clock.advance(days=1)
        found = asyncio.run(asked_directly(door, SINGLE, asked("5"), shown))
        assert found.status == 401
    finally:
        parts.close()


@pytest.fixture
def port() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found: int = free.getsockname()[1]
        return found


def test_the_command_serves_until_it_is_interrupted(folder: Path, port: int) -> None:
    shown = run(folder, "token", "new", "harness", "--role", "officer")
    code = "from seiyaku.cli.authzen import command; command()"
    arguments = ["serve", "--url", URL, "--port", str(port), "--home", str(folder)]
    serving = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE, text=True
    )
    try:
        client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"authorization": f"Bearer {shown}"}
        )
        with client:
            answer = _first_answer(client, serving)
            assert answer.json()["policy_decision_point"] == URL
            decided = client.post(SINGLE, json=asked("5"))
            assert decided.json()["context"]["version"]
            assert client.post(SINGLE, json={}).status_code == 400
    finally:
        serving.terminate()
        _, told = serving.communicate(timeout=10)
    assert told.strip() == f"answering on 127.0.0.1:{port} as {URL}"


def _first_answer(client: httpx.Client, serving: subprocess.Popen[str]) -> httpx.Response:
    for _ in range(200):
        assert serving.poll() is None
        try:
            return client.get("/.well-known/authzen-configuration")
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError("it never answered")

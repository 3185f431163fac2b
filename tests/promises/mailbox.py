"""A real mail server on this machine, and a home that mails through it."""

from __future__ import annotations

import email
import email.policy
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import yaml
from aiosmtpd.controller import Controller

from seiyaku.services import path as packaged

SENDER = "privacy@example.jp"


@dataclass
class Mailbox:
    """What the server took, by receiver; `answers` are what it says to the next ones."""

    url: str = ""
    answers: list[str] = field(default_factory=list)
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)

    async def handle_RCPT(self, _s: Any, _e: Any, envelope: Any, address: str, _o: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.taken += [(to, message) for to in envelope.rcpt_tos]
        return "250 taken"

    def told(self, address: str) -> list[str]:
        """Texts of the mails to an address, in order."""
        return [_text(message) for to, message in self.taken if to == address]


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return f"{message['Subject']}\n{body.get_content()}"


@contextmanager
def running() -> Iterator[Mailbox]:
    """A mail server that runs."""
    mailbox = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        mailbox.url = f"smtp+plain://127.0.0.1:{port}"
        yield mailbox
    finally:
        controller.stop()


def mailing(service: str, people: str, url: str) -> Callable[[Path], None]:
    """Let a home mail through the server at `url`, its book of mails in the data map.

    Args:
        people: dataset whose column `email` holds the addresses.
    """

    def edit(home: Path) -> None:
        datamap = yaml.safe_load((packaged(service) / "datamap.yaml").read_text("utf-8"))
        datamap["systems"]["mail"] = {
            "kind": "mail",
            "name": {"ja": "メール", "en": "mail"},
            "datasets": {"sent": _sent(people), "suppressed": _suppressed()},
        }
        (home / "datamap.yaml").write_text(json.dumps(datamap, default=str), "utf-8")
        settings = yaml.safe_load((home / "seiyaku.yaml").read_text("utf-8"))
        settings["datamap"] = "datamap.yaml"
        place = {"path": "mail.sqlite", "url": url, "options": {"sender": SENDER}}
        settings["systems"]["mail"] = place
        (home / "seiyaku.yaml").write_text(yaml.safe_dump(settings), "utf-8")

    return edit


def _sent(people: str) -> dict[str, Any]:
    fields = {name: {} for name in ("id", "letter", "at", "state")}
    return {
        "key": "id",
        "links": [{"by": "address", "to": people, "columns": "email"}],
        "fields": {**fields, "address": {"item": "email"}},
    }


def _suppressed() -> dict[str, Any]:
    return {"key": "mark", "shared": True, "fields": {n: {} for n in ("mark", "why", "at")}}

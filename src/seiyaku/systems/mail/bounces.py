"""Reports of mails that did not arrive (RFC 3464) or were not wanted (RFC 5965)."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage, Message

from seiyaku.systems.mail.book import Bounce


def read_report(raw: bytes) -> tuple[Bounce, ...]:
    """Every address a report speaks of; empty where it is no report, or of a success.

    Args:
        raw: the mail as it came in.
    """
    message = email.message_from_bytes(raw, policy=email.policy.default)
    if message.get_content_type() != "multipart/report":
        return ()
    mail = _original(message)
    return tuple(_bounces(message, mail)) if mail else ()


def _original(message: EmailMessage) -> str | None:
    """Message-ID of the mail the report is about."""
    for part in message.walk():
        if part.get_content_type() == "text/rfc822-headers":
            headers = email.message_from_string(part.get_content(), policy=email.policy.default)
            return _id(headers)
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            return _id(inner[0]) if isinstance(inner, list) else None
    return None


def _id(message: object) -> str | None:
    found = message.get("Message-ID") if isinstance(message, Message) else None
    return str(found).strip() if found else None


def _bounces(message: EmailMessage, mail: str) -> Iterator[Bounce]:
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for block in _blocks(part):
                address = _address(block.get("Final-Recipient") or "")
                if address and block.get("Action", "").lower() in ("failed", "delayed"):
                    yield Bounce(mail, address, str(block.get("Status", "4.0.0")).strip())
        elif part.get_content_type() == "message/feedback-report":
            for block in _blocks(part):
                address = str(block.get("Original-Rcpt-To", "")).strip(" <>")
                if address:
                    yield Bounce(mail, address, "complaint", complaint=True)


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a report, however the parser laid them out."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [b for b in payload if isinstance(b, Message)]
    text = part.get_payload(decode=True)
    return [email.message_from_bytes(text)] if isinstance(text, bytes) else []


def _address(field: str) -> str:
    return str(field).partition(";")[2].strip(" <>")

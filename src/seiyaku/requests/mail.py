"""A mail to the contact address, read as a request: from whom, when, and what it asks.

What is asked is guessed from the words the law packs use for each kind; where none or several
stand in it, it is a complaint, which a person reads and answers, so that no mail is lost.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime

from seiyaku.kernel.errors import InvalidInput
from seiyaku.laws import Laws
from seiyaku.policy.model import RequestKind


@dataclass(frozen=True)
class Mail:
    """One mail. `id` is its Message-ID: the same mail read twice is one request.

    Args:
        to: addresses it was sent to. sent_at: by its own head; None where that is unreadable.
    """

    id: str
    sender: str = field(repr=False)
    to: tuple[str, ...] = field(repr=False)
    sent_at: datetime | None
    text: str = field(repr=False)


def read_mail(raw: bytes) -> Mail:
    """Read a mail.

    Raises:
        InvalidInput: SY134 it names no sender, or no id.
    """
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    sender = parseaddr(str(message.get("From", "")))[1]
    known = str(message.get("Message-ID", "")).strip()
    if "@" not in sender or not known:
        raise InvalidInput(
            "this is no mail: it names no sender or no Message-ID",
            code="SY134",
            hint="give the mail as the server stored it, head and all",
        )
    return Mail(
        known, sender.lower(), tuple(_receivers(message)), _sent_at(message), _text(message)
    )


def kind_of(mail: Mail, laws: Laws) -> RequestKind:
    """The one kind the mail's words name; ``complaint`` where that is not clear."""
    named = {word: kind for word, kind in _names(laws) if word in mail.text.lower()}
    whole = {k for word, k in named.items() if not any(word in w for w in named if w != word)}
    return whole.pop() if len(whole) == 1 else "complaint"


def _names(laws: Laws) -> Iterator[tuple[str, RequestKind]]:
    for rule in (rule for pack in laws.packs for rule in pack.requests):
        yield rule.name.ja, rule.kind
        yield rule.name.en.lower(), rule.kind


def _receivers(message: EmailMessage) -> Iterator[str]:
    for head in ("To", "Cc", "Delivered-To", "X-Original-To"):
        for value in message.get_all(head, []):
            yield from (parseaddr(part)[1].lower() for part in str(value).split(","))


def _sent_at(message: EmailMessage) -> datetime | None:
    try:
        sent = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        return None
    return sent if sent.tzinfo else None


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    return f"{message.get('Subject', '')}\n{body.get_content() if body else ''}"

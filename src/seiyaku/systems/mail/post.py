"""Sending mail: once, never to an address on the list, and never believing half an answer."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal
from urllib.parse import unquote, urlsplit

from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.clock import Clock, SystemClock
from seiyaku.kernel.errors import InvalidInput
from seiyaku.systems._shared.patience import (
    NotNow,
    Patience,
    key_refused,
    no_answer,
    throttled,
)
from seiyaku.systems.mail.book import Book

State = Literal["accepted", "refused", "suppressed"]


@dataclass(frozen=True)
class Letter:
    """One mail.

    Args:
        kind: which letter it is (``received``, ``done``); a word, kept with the mail.
        once: what makes it this mail and no other (``req-1:done``); sent twice it goes once.
        essential: an answer the person is owed: it goes even where the list says no.
    """

    to: str
    subject: str
    text: str
    kind: str
    once: str
    html: str | None = None
    language: str = "ja"
    essential: bool = False


@dataclass(frozen=True)
class Server:
    """Where mail is handed over.

    Args:
        url: ``smtp://user@host:587`` (STARTTLS), ``smtps://user@host:465``, or
            ``smtp+plain://127.0.0.1:25`` for a server on this machine.
        sender: address letters come from. password: never shown.
    """

    url: str
    sender: str
    password: str | None = field(default=None, repr=False)
    timeout_s: float = 10.0


class PostOffice:
    """Hands letters to a mail server and writes down what became of them.

    Args:
        system: its id in the data map. server: where to. book: what was sent and came back.
    """

    def __init__(
        self,
        system: str,
        server: Server,
        book: Book,
        *,
        clock: Clock | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._system, self._server, self._book = system, server, book
        self._clock, self._patience = clock or SystemClock(), patience or Patience()

    def send(self, letter: Letter) -> State:
        """Send a letter, once.

        Raises:
            SystemUnavailable: SY322 the server does not answer, SY323 it asks for time, SY325
                it does not accept our password. The letter may be sent again.
        """
        mail = self.message_id(letter.once)
        if self._book.state(mail) in ("accepted", "bounced"):
            return "accepted"
        if not letter.essential and self._book.suppressed(letter.to):
            return "suppressed"
        at = self._clock.now()
        self._book.note(mail, letter.to, letter.kind, "sending", at)
        accepted = self._patience.call(lambda: self._hand_over(letter, mail))
        self._book.note(mail, letter.to, letter.kind, "accepted" if accepted else "refused", at)
        if not accepted:
            self._book.suppress(letter.to, "bounced", at)
        return "accepted" if accepted else "refused"

    def message_id(self, once: str) -> str:
        """The Message-ID of a letter, the same whenever it is sent."""
        domain = self._server.sender.rpartition("@")[2]
        return f"<{sha256_hex(f'{self._system}:{once}'.encode())[:32]}@{domain}>"

    def _hand_over(self, letter: Letter, mail: str) -> bool:
        """Whether the server took it; False where it never will."""
        message = self._message(letter, mail)
        with self._translated(), self._connected() as smtp:
            try:
                smtp.send_message(message, self._server.sender, [letter.to])
            except smtplib.SMTPRecipientsRefused as refused:
                code, _ = refused.recipients[letter.to]
                if code < 500:
                    raise NotNow(throttled(self._system)) from None
                return False
        return True

    def _message(self, letter: Letter, mail: str) -> EmailMessage:
        if any(c in part for part in (letter.to, letter.subject) for c in "\r\n"):
            raise InvalidInput("a line break in the address or subject of a letter", code="SY130")
        message = EmailMessage()
        message["From"], message["To"] = self._server.sender, letter.to
        message["Subject"], message["Message-ID"] = letter.subject, mail
        message["Date"] = format_datetime(self._clock.now())
        message["Content-Language"] = letter.language
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers
        message.set_content(letter.text)
        if letter.html:
            message.add_alternative(letter.html, subtype="html")
        return message

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        url = urlsplit(self._server.url)
        host, timeout = url.hostname or "localhost", self._server.timeout_s
        if url.scheme == "smtps":
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                host, url.port or 465, timeout=timeout, context=context
            )
        else:
            smtp = smtplib.SMTP(host, url.port or 587, timeout=timeout)
        with smtp:
            if url.scheme == "smtp":
                smtp.starttls(context=ssl.create_default_context())
            if url.username and self._server.password:
                smtp.login(unquote(url.username), self._server.password)
            yield smtp

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """What a server says may quote the address: none of its words are passed on."""
        try:
            yield
        except smtplib.SMTPAuthenticationError:
            raise key_refused(self._system) from None
        except smtplib.SMTPResponseException as answer:
            error = throttled if answer.smtp_code in (421, 450, 451, 452) else no_answer
            raise NotNow(error(self._system)) from None
        except (smtplib.SMTPException, OSError):
            raise NotNow(no_answer(self._system)) from None

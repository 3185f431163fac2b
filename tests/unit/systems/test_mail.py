"""Mail goes out once, what comes back is believed with care, and the list outlives an erasure."""

from __future__ import annotations

import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from seiyaku.datamap import DataMap, resolve
from seiyaku.datamap.system import HandleColumn, Handles
from seiyaku.kernel.errors import InvalidInput, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId
from seiyaku.systems._shared.patience import Patience
from seiyaku.systems.mail import Book, Bounce, Letter, MailSystem, PostOffice, Server, read_report
from seiyaku.testing.system_suite import erasing

AT = datetime(2026, 11, 22, tzinfo=UTC)
TO = "taro@example.com"


class Mailbox:
    """What a real mail server on this machine took, and how it is told to behave."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.answers: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, *_: Any):
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        self.taken.append(envelope.content)
        return "250 taken"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def url(mailbox: Mailbox) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"smtp+plain://127.0.0.1:{port}"
    finally:
        controller.stop()


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book("mail", tmp_path / "mail.sqlite")


@pytest.fixture
def post(url: str, book: Book) -> PostOffice:
    patience = Patience(tries=3, first_s=0.01)
    return PostOffice("mail", Server(url, "privacy@shop.example"), book, patience=patience)


def letter(once: str = "req-1:received", **others: Any) -> Letter:
    rest = {"to": TO, "subject": "請求を受け付けました", "text": "本文", "kind": "received"}
    return Letter(once=once, **{**rest, **others})


def test_a_letter_arrives_whole_in_both_forms(post: PostOffice, mailbox: Mailbox) -> None:
    assert post.send(letter(html="<p>本文</p>")) == "accepted"
    import email
    import email.policy

    message = email.message_from_bytes(mailbox.taken[0], policy=email.policy.default)
    assert message["Subject"] == "請求を受け付けました"
    assert message["To"] == TO
    assert message["Auto-Submitted"] == "auto-generated"
    assert [p.get_content_type() for p in message.iter_parts()] == ["text/plain", "text/html"]
    assert message.get_body(("plain",)).get_content().strip() == "本文"


def test_the_same_letter_sent_twice_goes_once(post: PostOffice, mailbox: Mailbox) -> None:
    assert [post.send(letter()) for _ in range(3)] == ["accepted"] * 3
    assert len(mailbox.taken) == 1
    post.send(letter("req-1:done"))
    assert len(mailbox.taken) == 2


def test_an_address_that_does_not_exist_is_not_written_to_again(
    post: PostOffice, book: Book, mailbox: Mailbox
) -> None:
    mailbox.answers = ["550 5.1.1 no such user taro"]
    assert post.send(letter()) == "refused"
    assert book.suppressed(TO) == "bounced"
    assert post.send(letter("other")) == "suppressed"
    assert mailbox.taken == []


def test_a_server_that_is_busy_is_waited_for(post: PostOffice, mailbox: Mailbox) -> None:
    mailbox.answers = ["451 4.7.1 greylisted", "250 OK"]
    assert post.send(letter()) == "accepted"


def test_a_server_busy_without_end_says_so_and_names_nobody(
    post: PostOffice, book: Book, mailbox: Mailbox
) -> None:
    mailbox.answers = [f"451 4.7.1 {TO} greylisted"] * 9
    with pytest.raises(SystemUnavailable) as caught:
        post.send(letter())
    assert caught.value.code == "SY323"
    assert TO not in f"{caught.value}{caught.value.hint()}"
    mailbox.answers = []
    assert book.suppressed(TO) is None
    assert post.send(letter()) == "accepted"


def test_no_server_is_no_answer(book: Book) -> None:
    server = Server("smtp+plain://127.0.0.1:9", "privacy@shop.example")
    post = PostOffice("mail", server, book, patience=Patience(tries=1))
    with pytest.raises(SystemUnavailable) as caught:
        post.send(letter())
    assert caught.value.code == "SY322"


def test_a_line_break_in_a_subject_is_no_letter(post: PostOffice, mailbox: Mailbox) -> None:
    with pytest.raises(InvalidInput):
        post.send(letter(subject="hello\r\nBcc: all@example.com"))
    assert mailbox.taken == []


@pytest.mark.parametrize("written", [TO, "Taro@Example.com", " taro@example.com "])
def test_an_address_is_on_the_list_however_it_is_written(book: Book, written: str) -> None:
    book.suppress(TO, "opted_out", AT)
    assert book.suppressed(written) == "opted_out"


def test_an_answer_that_is_owed_goes_although_somebody_opted_out(
    post: PostOffice, book: Book, mailbox: Mailbox
) -> None:
    book.suppress(TO, "opted_out", AT)
    assert post.send(letter()) == "suppressed"
    assert post.send(letter(essential=True)) == "accepted"
    assert len(mailbox.taken) == 1


REPORT = """\
From: MAILER-DAEMON@mx.example
To: privacy@shop.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="b"

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/{kind}

{fields}

--b
Content-Type: text/rfc822-headers

Message-ID: {mail}
To: taro@example.com

--b--
"""
FAILED = "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; taro@example.com\n"


def report(mail: str, kind: str, fields: str) -> bytes:
    return REPORT.format(mail=mail, kind=kind, fields=fields).replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("status", "action", "why"),
    [("5.1.1", "failed", "bounced"), ("4.2.2", "delayed", None), ("2.0.0", "delivered", None)],
)
def test_only_a_lasting_failure_puts_an_address_on_the_list(
    post: PostOffice, book: Book, status: str, action: str, why: str | None
) -> None:
    post.send(letter())
    mail = post.message_id("req-1:received")
    fields = f"{FAILED}Action: {action}\nStatus: {status}"
    for bounce in read_report(report(mail, "delivery-status", fields)):
        assert book.came_back(bounce, AT)
    assert book.suppressed(TO) == why


def test_a_complaint_puts_an_address_on_the_list(post: PostOffice, book: Book) -> None:
    post.send(letter())
    mail = post.message_id("req-1:received")
    fields = "Feedback-Type: abuse\nOriginal-Rcpt-To: <taro@example.com>"
    (bounce,) = read_report(report(mail, "feedback-report", fields))
    assert book.came_back(bounce, AT)
    assert book.suppressed(TO) == "complained"


def test_a_report_about_a_mail_we_never_sent_is_not_believed(post: PostOffice, book: Book) -> None:
    post.send(letter())
    ours = post.message_id("req-1:received")
    assert not book.came_back(Bounce("<forged@x>", TO, "5.1.1"), AT)
    assert not book.came_back(Bounce(ours, "other@example.com", "5.1.1"), AT)
    assert book.suppressed(TO) is None
    assert book.suppressed("other@example.com") is None


def test_a_mail_that_is_no_report_says_nothing() -> None:
    assert read_report(b"Subject: hello\r\n\r\nStatus: 5.1.1\r\n") == ()


MAP = {
    "seiyaku_datamap": 1,
    "service": "t",
    "systems": {
        "app": {
            "kind": "sqlite",
            "name": {"ja": "系", "en": "system"},
            "datasets": {"users": {"person": "user", "key": "email", "fields": {"email": "email"}}},
        },
        "mail": {
            "kind": "mail",
            "name": {"ja": "メール", "en": "mail"},
            "datasets": {
                name: {
                    "key": "id",
                    "links": [{"by": "address", "to": "app.users"}],
                    "fields": {**dict.fromkeys(columns), "address": "email"},
                }
                for name, columns in {
                    "sent": ("id", "letter", "at", "state"),
                    "bounces": ("id", "mail", "status", "at"),
                }.items()
            },
        },
    },
}


def test_an_erasure_takes_the_mails_and_leaves_a_mark_that_names_nobody(
    post: PostOffice, book: Book, tmp_path: Path
) -> None:
    post.send(letter())
    post.send(letter("other", to="hanako@example.com"))
    book.came_back(Bounce(post.message_id("req-1:received"), TO, "5.1.1"), AT)
    datamap = DataMap.model_validate(MAP)
    steps = resolve(datamap).of_system("mail")
    column = HandleColumn(DatasetId("app.users"), ("email",))
    handles = Handles({column: frozenset({(TO,)})})
    path = tmp_path / "mail.sqlite"
    with closing(MailSystem("mail", datamap.systems["mail"], path)) as system:
        located = system.locate(steps, handles)
        assert located.rows == {DatasetId("mail.sent"): 1, DatasetId("mail.bounces"): 1}
        actions = erasing(datamap, steps, located, system.capabilities)
        applied = system.apply(RunId("r"), actions, handles)
        assert sum(applied.deleted.values()) == 2
        assert not any(system.read_again(steps, handles).values())
        assert "mails in the mailboxes" in " ".join(system.capabilities.excludes)
    assert book.suppressed(TO) == "bounced"
    assert TO.encode() not in path.read_bytes()
    with closing(sqlite3.connect(path)) as connection:
        rest = connection.execute("SELECT address FROM sent").fetchall()
        (mark,) = connection.execute("SELECT mark FROM suppressed").fetchone()
    assert rest == [("hanako@example.com",)]
    assert mark != Book("mail", tmp_path / "other.sqlite").mark(TO)


def test_the_key_of_the_marks_is_readable_by_this_user_only(book: Book, tmp_path: Path) -> None:
    key = tmp_path / "mail.key"
    assert key.stat().st_mode & 0o077 == 0
    assert len(key.read_bytes()) == 32


def test_two_workers_send_one_letter_once_it_was_taken(post: PostOffice, mailbox: Mailbox) -> None:
    post.send(letter())
    threads = [threading.Thread(target=post.send, args=(letter(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mailbox.taken) == 1

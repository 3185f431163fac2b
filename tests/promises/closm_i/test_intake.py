"""Article 11.2: what is sent to the contact address is taken in as a request."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import format_datetime

import pytest

from seiyaku.kernel import InvalidInput, WaitsForPerson
from seiyaku.testing.promises import promise

from .conftest import AT, Closm


def _mail(closm: Closm, sender: str, text: str, number: int = 1, to: str = "") -> bytes:
    message = EmailMessage()
    contacts = closm.home.history.versions[-1].contacts
    message["From"] = f"Somebody <{sender}>"
    message["To"] = to or str(next(c.email for c in contacts if c.email))
    message["Message-ID"] = f"<{number}@mail.example>"
    message["Date"] = format_datetime(AT.replace(day=18))
    message["Subject"] = "personal data"
    message.set_content(text)
    return message.as_bytes()


@promise("CLOSM-11.2")
def test_a_mail_to_the_contact_address_is_one_request_that_waits_for_identity(mine: Closm) -> None:
    """Given a mail to the contact address of 13.1 that asks for disclosure, from the address of a
    user; taken in it is one disclosure of that user, received on the day it was sent, that waits
    for a proof of identity. Read again it is the same request. A mail from nobody we know, and
    one that names nothing a law has a word for, are requests all the same, so none is lost; one
    to another address, or that is no mail, is refused by name.
    """
    aki, ben = mine.world.person("aki"), mine.world.person("ben")
    raw = _mail(mine, aki.email.upper(), "本人です。保有個人データの開示を請求します。")
    request = mine.home.intake.mail(raw)
    assert (request.kind, request.state, request.channel) == ("disclosure", "received", "email")
    assert (request.received_at, request.people) == (AT.replace(day=18), 1)
    with pytest.raises(WaitsForPerson) as waits:
        mine.home.plan(request.id)
    assert waits.value.code == "SY405"
    assert mine.home.intake.mail(raw).id == request.id
    unknown = mine.home.intake.mail(_mail(mine, "new@example.jp", "Please: deletion of all.", 2))
    assert (unknown.kind, unknown.people) == ("deletion", 0)
    unclear = mine.home.intake.mail(_mail(mine, ben.email, "I do not like the colours.", 3))
    assert (unclear.kind, unclear.state) == ("complaint", "received")
    assert [r.id for r in mine.home.requests()] == [request.id, unknown.id, unclear.id]
    elsewhere = _mail(mine, ben.email, "disclosure", 4, to="press@example.jp")
    for text, code in ((b"no mail at all", "SY134"), (elsewhere, "SY135")):
        with pytest.raises(InvalidInput) as refused:
            mine.home.intake.mail(text)
        assert refused.value.code == code
    assert len(mine.home.requests()) == 3

"""Article 7.2: who asked is told by e-mail, also where the address is what goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from seiyaku.standing import Scope
from seiyaku.testing.promises import promise

from ..homes import Copies, Installed
from ..mailbox import Mailbox, mailing, running

LICENCE = "drivers_licence"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running() as box:
        yield box


@pytest.fixture
def mine(opened: Copies, mailbox: Mailbox) -> Installed:
    return opened(mailing("nicori", "app.members", mailbox.url))


def _address(mine: Installed, person: str) -> str:
    ((address,),) = mine.sql("SELECT email FROM members WHERE id = ?", person)
    return str(address)


def _kept_of(folder: Path, address: str) -> list[str]:
    """Our files that still hold an address."""
    files = (p for p in folder.glob("*.sqlite*") if p.is_file())
    return [p.name for p in files if address.encode() in p.read_bytes()]


def _rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "seiyaku.sqlite")) as store:
        return store.execute(query).fetchall()


@promise("NICO-7.2b")
def test_whose_address_is_erased_is_told_at_the_old_one_and_then_it_is_kept_nowhere(
    mine: Installed, mailbox: Mailbox
) -> None:
    """Given a member who has everything deleted; the mail that says so goes to the address that
    stood on file, after it is gone from there. The server not taking it at first, it is owed
    still; sent, it is not sent again, and the address is in none of our files any more.
    """
    person = mine.world.person("aki").id
    address = _address(mine, person)
    request = mine.carry_out("deletion", person, LICENCE)
    assert mine.sql("SELECT count(*) FROM members WHERE email = ?", address) == [(0,)]
    assert mailbox.told(address) == []
    mailbox.answers = ["451 later"] * 20
    assert mine.home.letters.send().owed == 1
    mailbox.answers = []
    mine.home.carry_on()
    (told,) = mailbox.told(address)
    assert request.id in told
    assert "注文" in told or "手続が終わりました" in told
    mine.home.carry_on()
    assert len(mailbox.told(address)) == 1
    mine.home.hand_over(request.id)
    mine.home.close()
    assert _kept_of(mine.folder, address) == []
    assert _rows(mine.folder, "SELECT * FROM request_details WHERE name LIKE 'answer%'") == []


@promise("NICO-7.2b")
def test_a_corrected_address_is_told_to_the_old_one_and_to_the_new_one(
    mine: Installed, mailbox: Mailbox
) -> None:
    """Given a member whose address is corrected; the mail goes to the new address, and to the old
    one as well, in case somebody else asked.
    """
    person, new = mine.world.person("ben").id, "ben.new@example.jp"
    old = _address(mine, person)
    asked = {"scope": Scope(items=("email",)), "value": new}
    mine.carry_out("correction", person, LICENCE, **asked)
    assert _address(mine, person) == new
    mine.home.carry_on()
    assert len(mailbox.told(new)) == 1
    assert mailbox.told(new) == mailbox.told(old)


def test_each_stage_is_told_once_in_the_language_asked_for(
    mine: Installed, mailbox: Mailbox
) -> None:
    """Received, more time needed, ready: three mails, and no fourth; what lies ready is fetched
    by who shows again who they are.
    """
    person = mine.world.person("aki").id
    address = _address(mine, person)
    request = mine.home.receive("disclosure", person=person, language="en")
    assert mine.home.letters.send().sent == 1
    assert "driving licence" in mailbox.told(address)[0]
    assert mine.home.letters.send() == mine.home.letters.send()
    assert len(mailbox.told(address)) == 1
    mine.home.close()

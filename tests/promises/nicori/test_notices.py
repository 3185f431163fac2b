"""Article 7.2: who asked is told by e-mail, also where the address is what goes."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pyrage
import pytest

from seiyaku.app import Told
from seiyaku.kernel import Actor, Conflict, InvalidInput, WaitsForPerson
from seiyaku.requests import Proof
from seiyaku.standing import Scope
from seiyaku.testing.promises import promise

from ..homes import APPROVER, Copies, Installed
from ..mailbox import Mailbox, mailing, running

HANDLER = Actor("ito", "handler")
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
    mailbox.answers = ["451 later"] * 4
    assert mine.home.letters.send() == Told(owed=1)
    assert mine.home.letters.send() == Told(sent=1)
    (pending,) = mailbox.told(address)
    assert "まだ終わっていません" in pending
    for task in mine.home.tasks(request.id):
        mine.home.complete_task(task.id, b"deleted, signed", APPROVER)
    assert mine.home.request(request.id).state == "answered"
    for _ in range(2):
        mine.home.carry_on()
    _, last = mailbox.told(address)
    assert "手続が終わりました" in last
    assert request.id in last
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


def test_each_stage_is_told_once_and_what_lies_ready_is_given_to_who_shows_who_they_are(
    mine: Installed, mailbox: Mailbox
) -> None:
    """A disclosure, asked for in English: identity wanted, more time needed, ready. The package
    goes to nobody without a proof the policy names, may be sealed, and is gone in seven days.
    """
    home, person = mine.home, mine.world.person("aki").id
    address = _address(mine, person)
    request = home.receive("disclosure", person=person, language="en")
    assert [home.letters.send().sent for _ in range(2)] == [1, 0]
    home.extend(request.id, HANDLER, date(2026, 12, 10), "many_orders")
    home.show_identity(request.id, Proof(LICENCE, "ito"))
    plan = home.plan(request.id)
    home.approve(plan.id, APPROVER)
    assert home.letters.send().sent == 1
    plan = home.plan(request.id)
    home.approve(plan.id, APPROVER)
    home.run(plan.id)
    assert [home.letters.send().sent for _ in range(2)] == [2, 0]
    wanted, extended, ready, pending = mailbox.told(address)
    assert "still under way" in pending
    assert "driving licence" in wanted
    assert "10 December 2026" in extended
    assert "After 27 November 2026 it is destroyed" in ready
    with pytest.raises(InvalidInput):
        home.download(request.id, Proof("signed_in"))
    assert home.download(request.id, Proof(LICENCE, "ito")).files == (home.package(request.id),)
    passphrase = home.seal_package(request.id)
    (sealed,) = home.download(request.id, Proof(LICENCE, "ito")).files
    with zipfile.ZipFile(io.BytesIO(_opened(sealed, passphrase))) as package:
        assert package.testzip() is None
    assert [p.name for p in (mine.folder / "outbox").iterdir()] == [f"{request.id}.zip.age"]
    with pytest.raises(Conflict, match="sealed"):
        home.seal_package(request.id)
    mine.clock.advance(days=7)
    with pytest.raises(WaitsForPerson) as gone:
        home.download(request.id, Proof(LICENCE, "ito"))
    assert gone.value.code == "SY411"
    home.carry_on()
    assert list((mine.folder / "outbox").iterdir()) == []


def test_a_package_that_is_disabled_is_given_to_nobody(mine: Installed) -> None:
    request = mine.carry_out("disclosure", mine.world.person("aki").id, LICENCE)
    file = mine.home.package(request.id)
    mine.home.disable_package(request.id, HANDLER)
    assert not file.exists()
    with pytest.raises(WaitsForPerson) as gone:
        mine.home.package(request.id)
    assert gone.value.code == "SY411"
    assert (mine.home.steps(request.id)[-1].what, mine.home.steps(request.id)[-1].actor) == (
        "package_disabled",
        "ito",
    )


def test_another_attempt_replaces_a_sealed_package_and_does_not_bring_back_a_disabled_one(
    mine: Installed,
) -> None:
    """Attempts go on while somebody has not answered; each packs anew what is held."""
    home, person = mine.home, mine.world.person("aki").id
    request = mine.carry_out("disclosure", person, LICENCE)
    home.seal_package(request.id)
    _again(mine, request.id)
    (file,) = home.download(request.id, Proof(LICENCE, "ito")).files
    assert zipfile.is_zipfile(file)
    assert list((mine.folder / "outbox").iterdir()) == [file]
    home.disable_package(request.id, HANDLER)
    _again(mine, request.id)
    assert list((mine.folder / "outbox").iterdir()) == []
    with pytest.raises(WaitsForPerson):
        home.package(request.id)


def _again(mine: Installed, request: str) -> None:
    plan = mine.home.plan(request)
    mine.home.approve(plan.id, APPROVER)
    mine.home.run(plan.id)


def _opened(sealed: Path, passphrase: str) -> bytes:
    return pyrage.passphrase.decrypt(sealed.read_bytes(), passphrase)

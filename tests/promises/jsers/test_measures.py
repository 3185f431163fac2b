"""Articles 0.3 and 3.2: internal rules have an owner, and are shown to be observed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

from seiyaku.assurance import Assurance, Lapse, Membership, review
from seiyaku.testing.promises import promise

from ..homes import AT, SINCE, Copies, Installed
from ..mailbox import mailing, running


def _open(mine: Installed, *measures: str) -> set[tuple[str, str, str]]:
    """What the review finds of these measures: code, word, clause."""
    found = review(mine.home.parts.policy(), mine.home.assurances(), AT)
    return {(x.code, x.subject, x.cite) for x in found if x.subject in measures}


def _owned(mine: Installed, *measures: str) -> None:
    owners = (Assurance("measure_owner", m, SINCE, "chart 2", "sato", by="sato") for m in measures)
    mine.home.assure(*owners)


@promise("JSER-0.3")
def test_a_rule_nobody_answers_for_is_named(mine: Installed) -> None:
    """Given the register of internal rules, three of them with somebody who answers for them and
    one without; the review names the one, by its clause.
    """
    words = ("handling_methods", "employee_supervision", "contractor_supervision", "accuracy")
    _owned(mine, *words)
    rules = ("internal_rules", *words)
    unowned = {x for x in _open(mine, *rules) if x[0] == "measure-unowned"}
    assert unowned == {("measure-unowned", "internal_rules", "JSER-0.3")}
    _owned(mine, "internal_rules")
    assert "measure-unowned" not in {code for code, _, _ in _open(mine, *rules)}


@promise("JSER-3.2")
def test_rules_not_shown_to_be_observed_this_quarter_are_found(mine: Installed) -> None:
    """Given the handling rules, last shown to be observed 91 days ago; the review finds them, by
    3.2. Shown 89 days ago, or never, they are in order, or unproven.
    """
    word = "handling_methods"
    assert _open(mine, word) == {("measure-unproven", word, "JSER-3.2")}
    mine.home.assure(Assurance("measure", word, AT - timedelta(days=91), "audit 1", by="sato"))
    assert _open(mine, word) == {("measure-stale", word, "JSER-3.2")}
    mine.home.assure(Assurance("measure", word, AT - timedelta(days=89), "audit 2", by="sato"))
    assert _open(mine, word) == set()


@promise("JSER-3.4b")
def test_a_contractor_who_left_without_a_certificate_of_deletion_is_found(mine: Installed) -> None:
    """Given a contractor whose contract ended 40 days ago and who never showed that what it held
    is deleted; the daily check finds that, since the day of the end. One shown before
    the end does not count; one filed since closes it, with the digest of its file, and is
    witnessed. A contractor at work is not asked.
    """
    ended = AT - timedelta(days=40)
    for company, until in (("mailhouse", ended), ("packer", None)):
        mine.home.enrol(Membership("contractors", company, SINCE, countries=("JP",)))
        mine.home.assure(
            Assurance("trustee_record", company, SINCE, "contract 8", until_at=until, by="sato")
        )

    def missing() -> list[Lapse]:
        found = review(mine.home.parts.policy(), mine.home.assurances(), AT)
        return [x for x in found if x.code == "certificate-missing"]

    (lapse,) = missing()
    assert (lapse.subject, lapse.since_at) == ("mailhouse", ended)
    early = Assurance("deletion_certificate", "mailhouse", ended - timedelta(days=1), "note 1")
    mine.home.assure(early)
    assert missing() == [lapse]
    shown = AT - timedelta(days=1)
    mine.home.assure(
        Assurance("deletion_certificate", "mailhouse", shown, f"sha256:{'5f' * 32}", by="sato")
    )
    assert missing() == []
    log = mine.home.parts.log_reader()
    assert log.entry(log.checkpoint().size - 1).act == "deletion_certificate"


@promise("JSER-3.1")
def test_an_address_two_mails_came_back_from_is_doubted_and_blocks_nothing(opened: Copies) -> None:
    """Given two mails to a customer that came back, and one to another; the daily run marks the
    first one's address as stale, makes it a duty, by 3.1, and asks nobody's leave: the address
    may be used as before. One that came back once is no reason for doubt, and a changed address
    is doubted no more.
    """
    with running() as mailbox:
        mine = opened(mailing("jsers", "app.customers", mailbox.url))
        aki, ben = (mine.world.person(short) for short in ("aki", "ben"))
        before = mine.ask(aki.id, "use", "email", purpose="support", source="person")
        assert before.permitted
        mine.home.days.check()
        _came_back(mine, aki.email, 2)
        _came_back(mine, ben.email, 1)
        mine.home.days.check()
        (doubt,) = [s for s in mine.home.accuracy.stale() if s.why == "bounced"]
        assert (doubt.person, doubt.subject) == (aki.id, "email")
        (duty,) = [d for d in mine.home.days.duties() if d.code == "data-stale"]
        assert (duty.subject, duty.cite) == ("email", "JSER-3.1")
        after = mine.ask(aki.id, "use", "email", purpose="support", source="person")
        assert after == before
        mine.sql("UPDATE customers SET email = 'new@example.jp' WHERE id = ?", aki.number)
        mine.home.days.check()
        assert mine.home.accuracy.stale() == ()
        assert duty.id not in {d.id for d in mine.home.days.duties()}


def _came_back(mine: Installed, address: str, times: int) -> None:
    """What the mail server reported, as the book of mails keeps it."""
    with closing(sqlite3.connect(mine.folder / "mail.sqlite")) as book, book:
        for number in range(times):
            book.execute(
                "INSERT INTO bounces (address, mail, status, at) VALUES (?, ?, '4.2.2', ?)",
                (address, f"<{number}@example.jp>", AT.isoformat()),
            )

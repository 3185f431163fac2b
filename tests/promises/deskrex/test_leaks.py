"""Article 7: after a leak the authority is told, the people are, and the facts are published."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from seiyaku.incidents import Notice, Statement
from seiyaku.kernel import Actor, InvalidInput, Text, WaitsForPerson
from seiyaku.testing.promises import promise

from ..homes import Copies, Installed
from ..mailbox import mailing, running

OFFICER = Actor("sato", "officer")


def _text(words: str) -> Text:
    return Text(ja=words, en=words)


NOTICE = Notice(*map(_text, ("a copy was taken", "a lost key", "phishing", "change passwords")))
STATEMENT = Statement(_text("a copy of payments was taken"), _text("keys are kept elsewhere"))
_PAYMENTS = {"datasets": ("app.payments",), "triggers": ("financial_damage",)}


@promise("DESK-7.1")
def test_a_report_that_did_not_go_out_in_time_is_an_alarm_and_one_that_did_is_witnessed(
    mine: Installed,
) -> None:
    """Given a leak known on 20 November, and no report; the look of the day finds nothing before
    the last day of the law's span for the first report (the day of knowing is day 1, so the
    fifth day is the 24th), and from then on the late report, by 7.1. Filed, its digest stands in
    the evidence with who filed it, and the alarm is off; then the final one runs.
    """
    leak = mine.home.incidents.open("leak", OFFICER, due_to="us", **_PAYMENTS)
    clock = mine.home.incidents.clock(leak)
    assert clock is not None
    assert (clock.preliminary_to_on, clock.final_on) == (date(2026, 11, 24), date(2026, 12, 21))

    def late() -> list[tuple[str, str]]:
        found = mine.home.days.check().found
        return [(f.subject, f.cite) for f in found if f.code == "report-overdue"]

    mine.clock.set("2026-11-23T23:00:00+09:00")
    assert late() == []
    mine.clock.set("2026-11-24T00:00:00+09:00")
    assert late() == [(f"{leak.id}:preliminary", "DESK-7.1")]
    with pytest.raises(InvalidInput):
        mine.home.incidents.report(leak.id, "preliminary", b"", OFFICER)
    report = b"%PDF preliminary report"
    mine.home.incidents.report(leak.id, "preliminary", report, OFFICER)
    log = mine.home.parts.log_reader()
    entry = log.entry(log.checkpoint().size - 1)
    assert (entry.kind, entry.act, entry.actor) == ("incident", "report_preliminary", "sato")
    assert entry.clauses == ("DESK-7.1",)
    assert entry.digests == {"report": hashlib.sha256(report).hexdigest()}
    assert late() == []
    mine.clock.set("2026-12-21T00:00:00+09:00")
    assert late() == [(f"{leak.id}:final", "DESK-7.1")]


@promise("DESK-7.2")
def test_everybody_concerned_is_told_and_who_cannot_be_reached_stays_open(opened: Copies) -> None:
    """Given a leak of payments, so of exactly those who have one by the data map, and a mail
    server that refuses three of their addresses; told, the others got one letter each with what
    leaked, why and what may come of it, the three are in the open list, and nobody else got any.
    Told again, nobody gets a second one. The open ones hold the closing back until a substitute
    measure of the law is written down. (The register's 120 and 5 are examples.)
    """
    with running() as mailbox:
        mine = opened(mailing("deskrex", "app.users", mailbox.url))
        concerned = {str(n) for (n,) in mine.sql("SELECT DISTINCT user_id FROM payments")}
        addresses = {a for (a,) in mine.sql(_ADDRESSES)}
        assert 3 < len(concerned) == len(addresses) < len(mine.world.everyone)
        leak = mine.home.incidents.open("leak", OFFICER, **_PAYMENTS)
        assert {c.person for c in mine.home.incidents.concerned(leak.id)} == concerned
        mailbox.answers = ["550 gone"] * 3
        mine.home.incidents.notify(leak.id, NOTICE)
        told = {to for to, _ in mailbox.taken}
        assert told < addresses
        assert len(told) == len(mailbox.taken) == len(addresses) - 3
        assert len(mine.home.incidents.untold(leak.id)) == 3
        text = mailbox.told(min(told))[0]
        for words in ("a copy was taken", "a lost key", "phishing", "支払", leak.id):
            assert words in text
        mailbox.answers = ["550 gone"] * 3
        mine.home.incidents.notify(leak.id, NOTICE)
        assert len(mailbox.taken) == len(addresses) - 3
    assert "people" in mine.home.incidents.owes(leak.id)
    with pytest.raises(InvalidInput):
        mine.home.incidents.substitute(leak.id, "silence", OFFICER)
    mine.home.incidents.substitute(leak.id, "contact_desk", OFFICER)
    assert "people" not in mine.home.incidents.owes(leak.id)


_ADDRESSES = (
    "SELECT DISTINCT email FROM users WHERE id IN (SELECT user_id FROM payments) "
    "AND email IS NOT NULL"
)


@promise("DESK-7.3")
def test_a_leak_is_not_closed_before_the_facts_and_their_prevention_are_published(
    mine: Installed,
) -> None:
    """Given a leak that is contained, reported, and of which everybody concerned was told or has a
    substitute; with an empty public statement it cannot be closed, nor with facts and no
    prevention. With both it is, and the evidence holds the digest of the words, by 7.3.
    """
    leak = mine.home.incidents.open("leak", OFFICER, **_PAYMENTS)
    mine.home.incidents.report(leak.id, "final", b"report", OFFICER)
    mine.home.incidents.substitute(leak.id, "contact_desk", OFFICER)
    assert mine.home.incidents.owes(leak.id) == ("publication",)
    with pytest.raises(WaitsForPerson) as missing:
        mine.home.incidents.close(leak.id, OFFICER)
    assert missing.value.code == "SY418"
    for empty in (Statement(), Statement(facts=_text("a copy was taken"))):
        with pytest.raises(InvalidInput):
            mine.home.incidents.publish(leak.id, empty, OFFICER)
    assert mine.home.incidents.owes(leak.id) == ("publication",)
    mine.home.incidents.publish(leak.id, STATEMENT, OFFICER)
    log = mine.home.parts.log_reader()
    entry = log.entry(log.checkpoint().size - 1)
    assert (entry.act, entry.clauses) == ("publish", ("DESK-7.3",))
    assert entry.digests == {"report": STATEMENT.sha256}
    closed = mine.home.incidents.close(leak.id, OFFICER)
    assert closed.ended_at == mine.clock.now()

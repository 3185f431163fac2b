"""Articles 9 and 10: disclosure, correction, suspension and deletion, once it is known who asks."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest

from seiyaku.kernel import Actor, WaitsForPerson
from seiyaku.requests import Proof, Request
from seiyaku.standing import Scope
from seiyaku.testing.promises import promise

from ..homes import APPROVER, Copies, Installed, codes
from ..mailbox import Mailbox, mailing, running
from .conftest import with_revision

HANDLER = Actor("ito", "handler")
_JOB = Scope(("occupation",))
_OCCUPATIONS = "SELECT id, occupation FROM users ORDER BY id"


def _outbox(mine: Installed) -> list[str]:
    return sorted(path.name for path in (mine.folder / "outbox").glob("*"))


def _finish(mine: Installed, request: Request) -> Request:
    """Do what has to be done by hand."""
    for task in mine.home.tasks(request.id):
        mine.home.complete_task(task.id, b"exported there", HANDLER)
    return mine.home.request(request.id)


@promise("DESK-9.1", by_hand=True)
def test_what_is_held_is_disclosed_and_how_long_that_took_stands_in_the_history(
    mine: Installed,
) -> None:
    """Given a user who showed who they are and paid; when the approved plan is run, the package
    holds their rows and no value of anybody else; what lies with seven others is fetched by hand
    as tracked tasks. The moments of arrival and end tell how long it took.
    """
    aki = mine.world.person("aki")
    request = mine.proven("disclosure", aki.id)
    mine.clock.advance(hours=5)
    plan = mine.home.plan(request.id)
    mine.home.approve(plan.id, APPROVER)
    mine.home.run(plan.id)
    shown = mine.package(request)
    for table in ("users", "research_queries", "payments", "consents", "location_points"):
        owner = "id" if table == "users" else "user_id"
        keys = mine.sql(f"SELECT id FROM {table} WHERE {owner} = ? ORDER BY id", aki.number)
        assert keys
        assert sorted((row["id"],) for row in shown[f"app.{table}"]) == keys
    text = json.dumps(shown, ensure_ascii=False)
    assert not [c for c in mine.world.canaries_of_others(aki) if c in text]
    assert mine.home.request(request.id).state == "open"
    ended = _finish(mine, request)
    assert (ended.state, ended.cite) == ("answered", "")
    assert ended.ended_at is not None
    assert ended.ended_at - ended.received_at == timedelta(hours=5)


@promise("DESK-9.2")
def test_who_shows_a_wrong_birth_date_and_is_not_signed_in_gets_nothing(mine: Installed) -> None:
    """Given somebody who asks for a user's data, is not signed in and names a wrong birth date;
    planning, and asking for the package, is refused while nobody vouched for who they are. The
    one who looked at it refuses the request by 9.2; nothing was exported, it cannot be taken
    up again, and the history tells the attempt, who refused it and why.
    """
    request = mine.home.receive("disclosure", person=mine.world.person("aki").id)
    for step, code in ((mine.home.plan, "SY405"), (mine.home.package, "SY406")):
        with pytest.raises(WaitsForPerson) as waits:
            step(request.id)
        assert waits.value.code == code
    mine.home.refuse(request.id, HANDLER, "birth_date_differs", "DESK-9.2")
    with pytest.raises(WaitsForPerson):
        mine.home.package(request.id)
    assert _outbox(mine) == []
    assert mine.home.request(request.id).ended
    received, refused = mine.home.steps(request.id)
    assert (received.what, refused.what, refused.actor) == ("received", "refused", "ito")
    assert refused.facts == {"reason": "birth_date_differs", "cite": "DESK-9.2"}


@promise("DESK-9.3")
def test_somebody_we_hold_nothing_of_is_told_so(mine: Installed) -> None:
    """Given an e-mail address nobody has, and its owner, who proved it; the answer says in both
    languages that nothing is held and names each system at others that was asked; no row of
    anybody, in it or beside it, and the run tells for every dataset of our own that nothing was
    found there.
    """
    request = mine.home.receive("disclosure", email="nobody@example.jp", language="en")
    mine.home.show_identity(request.id, Proof("email_link"))
    plan = mine.home.plan(request.id)
    mine.home.approve(plan.id, APPROVER)
    ran = mine.home.run(plan.id)
    systems = mine.home.parts.datamap.systems
    assert {o.system for o in ran.outcomes} == {*systems, "seiyaku"}
    assert {o.outcome for o in ran.outcomes} == {"nothing_found"}
    answered = mine.home.request(request.id)
    assert (answered.state, answered.reason) == ("answered", "nothing_held")
    with ZipFile(mine.home.package(request.id)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert json.loads(files["data.json"])["datasets"] == []
    assert "We hold no personal data about you." in files["index.en.html"]
    assert "あなたの個人情報は保有していません。" in files["index.ja.html"]
    for name in [s.name for s in systems.values() if s.kind == "by_hand"]:
        assert name.en in files["index.en.html"]
    canaries = {c for person in mine.world.everyone for c in person.canaries}
    assert not [c for c in canaries if any(c in text for text in files.values())]


_FEE = ("    fee_jpy: 1000\n", "    fee_jpy: 500\n")


def test_a_disclosure_costs_what_the_version_of_its_arrival_says(opened: Copies) -> None:
    """The half of DESK-9.5 that stands today: two disclosures are 1,000 yen each, correction,
    suspension and deletion nothing; under a later version with another fee a new request costs
    that, and the old ones what they did. The clause is kept once an unpaid disclosure waits.
    """
    home = opened(name="published")
    aki = home.world.person("aki").id

    def fee(mine: Installed, kind: Any, **asked: Any) -> int:
        return mine.home.receive(kind, person=aki, **asked).fee_jpy

    assert [fee(home, "disclosure") for _ in range(2)] == [1000, 1000]
    assert fee(home, "correction", scope=_JOB, value="教師") == 0
    assert fee(home, "deletion", scope=_JOB) == 0
    assert fee(home, "suspension", scope=Scope(("browsing_history",))) == 0
    assert [r.fee_jpy for r in home.home.requests()] == [1000, 1000, 0, 0, 0]
    revised = with_revision(opened, _FEE)
    assert fee(revised, "disclosure") == 500


@promise("DESK-10.1b")
def test_a_use_outside_the_purposes_is_there_to_be_seen_when_use_is_to_stop(
    mine: Installed,
) -> None:
    """Given an attempt to use payments for credit scoring, which was not permitted; when the
    person asks that use be suspended, whoever investigates sees that entry with its time, item,
    purpose and answer. Known who asks, every use stops, by the clause of that right.
    """
    person = mine.world.person("aki").id
    mine.ask(person, "use", "payment", purpose="credit_scoring")
    request = mine.home.receive("suspension", person=person)
    (seen,) = mine.home.why(person).asked
    assert (seen.question.item, seen.question.purpose) == ("payment", "credit_scoring")
    assert (seen.decision.outcome, codes(seen.decision)) == ("undecided", {"unknown_purpose"})
    mine.home.investigate(request.id, "tried once, not permitted", HANDLER)
    mine.home.show_identity(request.id, Proof("signed_in"))
    stopped = mine.ask(person, "use", "payment", purpose="account_ops")
    assert (stopped.outcome, codes(stopped)) == ("refused", {"suspended"})
    policy = mine.home.history.versions[-1]
    assert "10.1b" in policy.rights["suspension"].also


@promise("DESK-10.1c")
def test_no_row_is_corrected_before_it_is_known_who_asks(mine: Installed) -> None:
    """Given a correction asked by e-mail without proof; planning it is refused and no row
    changes. Once who asks is shown, the approved plan sets that one value in that one row.
    """
    aki = mine.world.person("aki")
    before = dict(mine.sql(_OCCUPATIONS))
    asked = {"scope": _JOB, "value": "researcher in law", "channel": "email"}
    request = mine.home.receive("correction", person=aki.id, **asked)
    with pytest.raises(WaitsForPerson) as waits:
        mine.home.plan(request.id)
    assert waits.value.code == "SY405"
    assert dict(mine.sql(_OCCUPATIONS)) == before
    mine.home.show_identity(request.id, Proof("email_link"))
    plan = mine.home.plan(request.id)
    mine.home.approve(plan.id, APPROVER)
    mine.home.run(plan.id)
    assert dict(mine.sql(_OCCUPATIONS)) == {**before, aki.number: "researcher in law"}


def test_a_corrected_value_is_investigated_set_and_in_the_receipt(mine: Installed) -> None:
    """The halves of DESK-10.1a, 10.1d and 10.1e that stand today: a claim is kept with its item
    and value; what was found out stands in the history by its digest and who found it; the
    receipt proves what was set where. They are kept once a second claim joins the first, an open
    investigation holds the change back, and the person's notice is kept by its digest.
    """
    aki = mine.world.person("aki")
    claim = mine.proven("correction", aki.id, scope=_JOB, value="teacher of law")
    assert (claim.scope, claim.fee_jpy) == (_JOB, 0)
    mine.home.investigate(claim.id, "she sent a letter of her school", HANDLER)
    plan = mine.home.plan(claim.id)
    mine.home.approve(plan.id, APPROVER)
    mine.home.run(plan.id)
    assert (aki.number, "teacher of law") in mine.sql(_OCCUPATIONS)
    steps = {step.what: step for step in mine.home.steps(claim.id)}
    assert (steps["investigated"].actor, steps["approved"].actor) == ("ito", "sato")
    assert "school" not in str(steps["investigated"].facts)
    receipt = json.loads(mine.home.receipt(claim.id).read_text("utf-8"))
    entries = [json.loads(opened["entry"]) for opened in receipt["entries"]]
    done = [(e["system"], e["clauses"]) for e in entries if "system" in e]
    assert ("app.users", ["DESK-10.1a"]) in done


@promise("DESK-10.2")
def test_what_is_deleted_is_gone_from_our_systems_and_the_person_is_told_either_way(
    opened: Copies,
) -> None:
    """Given an accepted deletion of what a user wrote; no row and no report of it is left, what
    lies elsewhere is a tracked task each, and once all of it is done a mail says so. A declined
    one is refused with its reason, and a mail names it.
    """
    with running() as mailbox:
        _deletions(opened(mailing("deskrex", "app.users", mailbox.url)), mailbox)


def _deletions(mine: Installed, mailbox: Mailbox) -> None:
    aki, ben = mine.world.person("aki"), mine.world.person("ben")
    scope = Scope(("user_content",))
    rows = "SELECT report_key FROM user_contents WHERE user_id = ?"
    reports = [mine.folder / "files" / "reports" / k for (k,) in mine.sql(rows, aki.number) if k]
    assert [path for path in reports if path.is_file()] == reports != []
    others = mine.sql("SELECT * FROM user_contents WHERE user_id <> ?", aki.number)
    request = mine.carry_out("deletion", aki.id, scope=scope)
    assert mine.sql(rows, aki.number) == []
    assert not [path for path in reports if path.exists()]
    assert mine.sql("SELECT * FROM user_contents WHERE user_id <> ?", aki.number) == others
    assert {"embeddings", "linked_platforms"} == {t.system for t in mine.home.tasks(request.id)}
    assert request.state == "open"
    assert _finish(mine, request).state == "answered"
    mine.home.carry_on()
    (told,) = mailbox.told(_address(mine, aki.number))
    assert "手続が終わりました" in told
    assert request.id in told
    declined = mine.proven("deletion", ben.id, scope=scope)
    refused = mine.home.refuse(declined.id, HANDLER, "not_necessary", "DESK-10.2")
    assert (refused.state, refused.reason, refused.cite) == (
        "refused",
        "not_necessary",
        "DESK-10.2",
    )
    mine.home.carry_on()
    (told,) = mailbox.told(_address(mine, ben.number))
    assert "not necessary" in told
    assert "DESK-10.2" in told


def _address(mine: Installed, number: int) -> str:
    ((address,),) = mine.sql("SELECT email FROM users WHERE id = ?", number)
    return str(address)

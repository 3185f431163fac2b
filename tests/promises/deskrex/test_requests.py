"""Articles 9 and 10: disclosure, correction, suspension and deletion, once it is known who asks."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from seiyaku.assurance import Assurance
from seiyaku.kernel import Actor, InvalidInput, WaitsForPerson
from seiyaku.requests import Proof, Request
from seiyaku.standing import Scope
from seiyaku.testing.promises import promise

from ..homes import APPROVER, SINCE, Copies, Installed, check, codes, published
from ..mailbox import Mailbox, mailing, running
from .conftest import with_revision

HANDLER = Actor("ito", "handler")
_JOB = Scope(("occupation",))
_OCCUPATIONS = "SELECT id, occupation FROM users ORDER BY id"


def _outbox(mine: Installed) -> list[str]:
    return sorted(path.name for path in (mine.folder / "outbox").glob("*"))


def _paid(mine: Installed, request: Request) -> Request:
    """The fee of a disclosure is paid."""
    mine.home.deciding.settle_fee(request.id, HANDLER, paid="transfer 12")
    return request


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
    request = _paid(mine, mine.proven("disclosure", aki.id))
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
    _paid(mine, mine.home.show_identity(request.id, Proof("email_link")))
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


_FEE = ("    fee_jpy: 1000\n", "    fee_jpy: 500\n")


@promise("DESK-9.5")
def test_a_disclosure_waits_for_its_fee_of_the_version_of_its_arrival(opened: Copies) -> None:
    """Given two disclosures, a correction, a deletion and a suspension; the disclosures are 1,000
    yen each and the others nothing. An unpaid disclosure is told of the fee and is not planned;
    one that is paid or waived, by a named person, goes on. Under a later version with another
    fee a new request costs that, and the old ones what they did.
    """
    mine = opened(name="published")
    aki = mine.world.person("aki").id

    def receive(home: Installed, kind: Any, **asked: Any) -> Request:
        return home.home.receive(kind, person=aki, **asked)

    first, second = receive(mine, "disclosure"), receive(mine, "disclosure")
    receive(mine, "correction", scope=_JOB, value="教師")
    receive(mine, "deletion", scope=_JOB)
    receive(mine, "suspension", scope=Scope(("browsing_history",)))
    assert [r.fee_jpy for r in mine.home.requests()] == [1000, 1000, 0, 0, 0]
    (page,) = mine.home.letters.print(first)
    assert "手数料: 1,000円" in page.read_text("utf-8")
    for request in (first, second):
        mine.home.show_identity(request.id, Proof("signed_in"))
        with pytest.raises(WaitsForPerson) as waits:
            mine.home.plan(request.id)
        assert waits.value.code == "SY414"
        assert mine.home.request(request.id).state == "identity_shown"
    for settled in ({}, {"paid": "transfer 12", "waived": "twice"}):
        with pytest.raises(InvalidInput):
            mine.home.deciding.settle_fee(first.id, HANDLER, **settled)
    mine.home.deciding.settle_fee(first.id, HANDLER, paid="transfer 12")
    mine.home.deciding.settle_fee(second.id, HANDLER, waived="asked_before")
    for request in (first, second):
        mine.home.plan(request.id)
    settled_by = [s for s in mine.home.steps(second.id) if s.what == "fee_settled"]
    assert [(s.actor, s.facts) for s in settled_by] == [
        ("ito", {"yen": 1000, "waived": "asked_before"})
    ]
    revised = with_revision(opened, _FEE)
    assert receive(revised, "disclosure").fee_jpy == 500


@promise("DESK-9.4")
def test_items_are_withheld_on_a_ground_of_the_law_and_the_rest_is_given(mine: Installed) -> None:
    """Given a proven disclosure of somebody with inquiries; refused on an empty ground, or on one
    no law has, nothing changes. Inquiries withheld because they would harm somebody, the package
    holds everything else and nothing of them, the letter names item and article, and the
    decision is in the evidence with who made it.
    """
    aki = mine.world.person("aki")
    ask = "SELECT body FROM inquiries WHERE user_id = ?"
    bodies = [body for (body,) in mine.sql(ask, aki.number)]
    assert bodies
    request = _paid(mine, mine.proven("disclosure", aki.id, channel="post"))
    for ground in ("", "too_much_work"):
        with pytest.raises(InvalidInput) as rejected:
            mine.home.deciding.withhold(request.id, ("inquiry",), ground, HANDLER)
        assert rejected.value.code == "SY186"
    assert mine.home.deciding.withheld(request) is None
    harm = "harm_to_life_body_property_or_rights"
    mine.home.deciding.withhold(request.id, ("inquiry",), harm, HANDLER)
    log = mine.home.parts.log_reader()
    entry = log.entry(log.checkpoint().size - 1)
    assert (entry.outcome, entry.actor, entry.clauses) == ("refused", "ito", ("APPI 33(2)(i)",))
    plan = mine.home.plan(request.id)
    mine.home.approve(plan.id, APPROVER)
    mine.home.run(plan.id)
    shown = mine.package(request)
    text = json.dumps(shown, ensure_ascii=False)
    assert not [body for body in bodies if body in text]
    assert [row["id"] for row in shown["app.users"]] == [aki.number]
    assert shown["app.payments"]
    pages = [p.read_text("utf-8") for p in mine.home.letters.print(mine.home.request(request.id))]
    assert any("開示できません" in page and "APPI 33(2)(i)" in page for page in pages)


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
    mine.home.investigate(request.id, "it is as she says", HANDLER, "justified")
    plan = mine.home.plan(request.id)
    mine.home.approve(plan.id, APPROVER)
    mine.home.run(plan.id)
    assert dict(mine.sql(_OCCUPATIONS)) == {**before, aki.number: "researcher in law"}


@promise("DESK-10.1a")
def test_a_claim_names_field_and_value_and_made_twice_it_is_one(mine: Installed) -> None:
    """Given a user who says that the occupation is teacher; the request is received with item and
    value. Said again while that is open it joins the first; another value, or the same of another
    person, is a request of its own.
    """
    aki, ben = (mine.world.person(short).id for short in ("aki", "ben"))
    asked = {"scope": _JOB, "value": "教師"}
    claim = mine.home.receive("correction", person=aki, **asked)
    assert (claim.state, claim.scope.items) == ("received", ("occupation",))
    again = mine.home.receive("correction", person=aki, channel="email", **asked)
    assert again.id == claim.id
    assert [s.what for s in mine.home.steps(claim.id)] == ["received", "joined"]
    other = mine.home.receive("correction", person=aki, scope=_JOB, value="看護師")
    his = mine.home.receive("correction", person=ben, **asked)
    assert len({claim.id, other.id, his.id}) == 3
    mine.home.refuse(claim.id, HANDLER, "withdrawn", "DESK-10.1a")
    assert mine.home.receive("correction", person=aki, **asked).id != claim.id


@promise("DESK-10.1d")
def test_no_row_is_corrected_while_the_inquiry_is_open(mine: Installed) -> None:
    """Given a verified claim and an inquiry without a finding; carrying it out is refused as long
    as that is open, and when it was found not to be right. Found right, the row is corrected and
    the request is answered. What was found out stands beside it by its digest alone.
    """
    aki = mine.world.person("aki")
    before = dict(mine.sql(_OCCUPATIONS))
    claim = mine.proven("correction", aki.id, scope=_JOB, value="teacher of law")
    for note, finding in (("", None), ("asked the school", None), ("wrong", "not_justified")):
        if note:
            mine.home.investigate(claim.id, note, HANDLER, finding)  # type: ignore[arg-type]
        with pytest.raises(WaitsForPerson) as waits:
            mine.home.plan(claim.id)
        assert waits.value.code == "SY415"
    assert dict(mine.sql(_OCCUPATIONS)) == before
    mine.home.investigate(claim.id, "she sent a letter of her school", HANDLER, "justified")
    plan = mine.home.plan(claim.id)
    mine.home.approve(plan.id, APPROVER)
    mine.home.run(plan.id)
    assert dict(mine.sql(_OCCUPATIONS)) == {**before, aki.number: "teacher of law"}
    assert mine.home.request(claim.id).state == "answered"
    found = [s for s in mine.home.steps(claim.id) if s.what == "investigated"]
    assert [s.facts["finding"] for s in found] == ["", "not_justified", "justified"]
    assert {s.actor for s in found} == {"ito"}
    assert "school" not in str([s.facts for s in found])


@promise("DESK-10.1e")
def test_after_a_correction_the_person_is_told_and_the_notice_is_kept_by_its_digest(
    mine: Installed,
) -> None:
    """Given an accepted claim; run, the row is right, the receipt proves what was set where by
    10.1a, and the request cannot be closed before the notice of it was written. The history then
    holds the digest of its words.
    """
    aki = mine.world.person("aki")
    claim = mine.proven("correction", aki.id, scope=_JOB, value="teacher of law", channel="post")
    mine.home.investigate(claim.id, "so it is", HANDLER, "justified")
    plan = mine.home.plan(claim.id)
    mine.home.approve(plan.id, APPROVER)
    mine.home.run(plan.id)
    assert (aki.number, "teacher of law") in mine.sql(_OCCUPATIONS)
    receipt = json.loads(mine.home.receipt(claim.id).read_text("utf-8"))
    entries = [json.loads(opened["entry"]) for opened in receipt["entries"]]
    assert ("app.users", ["DESK-10.1a"]) in [
        (e["system"], e["clauses"]) for e in entries if "system" in e
    ]
    _closed_once_told(mine, claim, "手続が終わりました", "done")


@promise("DESK-10.1f")
def test_a_claim_found_wrong_is_closed_only_once_that_was_told(mine: Installed) -> None:
    """Given an inquiry that found the claim not to be right; refused, it cannot be closed without
    a notice, and with one it closes as refused. The history holds the digest of the notice.
    """
    claim = mine.proven(
        "correction", mine.world.person("aki").id, scope=_JOB, value="教師", channel="post"
    )
    mine.home.investigate(claim.id, "the school knows nothing of it", HANDLER, "not_justified")
    mine.home.refuse(claim.id, HANDLER, "not_factual", "DESK-10.1f")
    _closed_once_told(mine, claim, "DESK-10.1f", "refused")
    assert mine.home.request(claim.id).state == "refused"


def _closed_once_told(mine: Installed, claim: Request, words: str, stage: str) -> None:
    with pytest.raises(WaitsForPerson) as missing:
        mine.home.hand_over(claim.id)
    assert missing.value.code == "SY416"
    (page,) = mine.home.letters.print(mine.home.request(claim.id))
    assert words in page.read_text("utf-8")
    mine.home.hand_over(claim.id)
    (told,) = [s for s in mine.home.steps(claim.id) if s.what == "letter"]
    assert told.facts["stage"] == stage
    assert len(str(told.facts["letter"])) == 64
    assert mine.home.steps(claim.id)[-1].what == "handed_over"


@promise("DESK-10.3")
def test_nobody_is_refused_by_a_clause_that_points_at_joint_use(
    mine: Installed, tmp_path: Path
) -> None:
    """Given the policy as published, whose 10.3 points at Article 8; the check reports that, by
    10.3, at its place. A correction cannot be refused by it until a named person recorded which
    clause it means; after that it can, and the refusal names 10.3.
    """
    found = check(tmp_path / "p.yaml", published("deskrex"))
    wrong = [f for f in found if f["rule"] == "wrong-reference"]
    assert {(f["clause"], f["severity"]) for f in wrong} == {("10.3", "high")}
    assert all("8.1" in f["message"] and "10.1a" in f["message"] for f in wrong)
    assert mine.home.history.versions[-1].clauses["10.3"].lines == (116, 116)
    aki = mine.world.person("aki").id
    claim = mine.proven("correction", aki, scope=_JOB, value="教師")
    with pytest.raises(WaitsForPerson) as unread:
        mine.home.refuse(claim.id, HANDLER, "no_legal_duty", "DESK-10.3")
    assert unread.value.code == "SY417"
    assert mine.home.request(claim.id).state == "identity_shown"
    mine.home.assure(
        Assurance("reading", "correction", SINCE, "minutes 4", about="10.1a", by="sato")
    )
    refused = mine.home.refuse(claim.id, HANDLER, "no_legal_duty", "DESK-10.3")
    assert (refused.state, refused.cite) == ("refused", "DESK-10.3")


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

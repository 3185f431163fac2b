"""Article 9: what a customer may ask by letter, who must be known first, and what is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from seiyaku.cli import cli
from seiyaku.kernel import Actor, Conflict, InvalidInput, SeiyakuError, Text, WaitsForPerson
from seiyaku.requests import Proof, Proxy, Request, Says
from seiyaku.standing import Scope
from seiyaku.testing.promises import promise

from ..homes import APPROVER, AT, Copies, Installed, codes
from .conftest import by_letter, in_order

LETTER = {"channel": "post"}
MANDATE = "5f" * 32


def _outbox(mine: Installed) -> list[str]:
    return sorted(path.name for path in (mine.folder / "outbox").glob("*"))


def _printed(mine: Installed, request: Request) -> list[str]:
    """The letters that are due, as pages to print and to post."""
    return [page.read_text("utf-8") for page in mine.home.letters.print(request)]


def _uploads(mine: Installed, person: str) -> list[Path]:
    keys = mine.sql("SELECT object_key FROM uploads WHERE customer_id = ?", person)
    return [mine.folder / "objects" / "uploads" / key for (key,) in keys]


@promise("CAST-9.1a")
def test_the_notice_of_purposes_lists_what_is_held_and_what_each_serves(mine: Installed) -> None:
    """Given a customer with an account and nothing else, so values in six declared items; asked
    by letter what they serve, the answer is a table of exactly these six, each with every purpose
    the policy declares for it and the purpose's clause, in Japanese and English.
    """
    ben = mine.world.person("ben").id
    request = mine.proven("purpose_notice", ben, "passport", **LETTER)
    answer = mine.home.answer(request.id)
    policy = mine.home.history.versions[-1]
    held = ("name", "postal_address", "birth_date", "phone", "email", "accuracy_record")
    expected = {
        (item, policy.cite(purpose.clause), f"{policy.items[item].name.en}: {purpose.name.en}")
        for item in held
        for purpose in policy.purposes.values()
        if item in purpose.items or any(item in more for more in purpose.items_when.values())
    }
    assert {(line.about, line.cite, line.text.en) for line in answer.lines} == expected
    assert {line.about for line in answer.lines} == set(held)
    assert ("email", "CAST-2.3") in {(line.about, line.cite) for line in answer.lines}
    for line in answer.lines:
        purposes = {p.name.ja for p in policy.purposes.values()}
        assert line.text.ja.partition(": ")[2] in purposes
    assert mine.home.request(request.id).state == "answered"


@promise("CAST-9.1b")
def test_a_disclosure_on_paper_is_a_page_with_every_value_and_no_mail(mine: Installed) -> None:
    """Given a letter that asks for everything on paper; what is made is one document set with a
    page in Japanese and one in English to print, on which every value of the customer stands and
    no value of anybody else; no address to mail to is kept, and nothing is sent.
    """
    aki = mine.world.person("aki")
    request = mine.carry_out("disclosure", aki.id, "passport", **LETTER)
    assert request.channel == "post"
    assert _outbox(mine) == [mine.home.package(request.id).name]
    with ZipFile(mine.home.package(request.id)) as package:
        pages = {n: package.read(n).decode() for n in package.namelist() if n.endswith(".html")}
    assert set(pages) >= {"index.ja.html", "index.en.html"}
    ((street, mail, born),) = mine.sql(
        "SELECT address, email, birth_date FROM customers WHERE id = ?", aki.id
    )
    for page in (pages["index.ja.html"], pages["index.en.html"]):
        assert [w for w in (aki.name, street, mail, born, aki.phone) if w not in page] == []
        assert not [c for c in mine.world.canaries_of_others(aki) if c in page]
        assert "<form" not in page
    steps = [step.what for step in mine.home.steps(request.id)]
    assert not [what for what in steps if "sent" in what or "mail" in what]


@promise("CAST-9.1c", by_hand=True)
def test_a_correction_is_made_here_and_ordered_from_the_group_that_got_the_old_value(
    mine: Installed,
) -> None:
    """Given a customer whose address is wrong here and went to a company of the group, as the
    records of provision say; accepted by letter, it is corrected in our table at once. The order
    to the group stays open, and with it the request, until somebody shows the confirmation.
    (The register's example is the phone number; the group got the e-mail address.)
    """
    aki = mine.world.person("aki").id
    given = "SELECT fields_json FROM provisions WHERE customer_id = ?"
    assert all('"email"' in fields for (fields,) in mine.sql(given, aki))
    asked = {"scope": Scope(items=("email",)), "value": "aki.right@example.jp", **LETTER}
    request = mine.carry_out("correction", aki, "drivers_licence", **asked)
    assert mine.sql("SELECT email FROM customers WHERE id = ?", aki) == [("aki.right@example.jp",)]
    orders = {task.system: task for task in mine.home.tasks(request.id)}
    assert orders["group_copies"].items == ("email",)
    assert request.state == "open"
    for task in orders.values():
        assert task.done_at is None
        assert mine.home.request(request.id).state == "open"
        mine.home.complete_task(task.id, b"confirmed in writing", APPROVER)
    assert mine.home.request(request.id).state == "answered"
    ben = mine.world.person("ben").id
    quiet = mine.carry_out("correction", ben, "passport", **{**asked, "value": "b@example.jp"})
    assert (mine.home.tasks(quiet.id), quiet.state) == ((), "answered")


@promise("CAST-9.1d")
def test_a_missing_phone_number_is_added_and_a_blood_type_is_refused_by_letter(
    mine: Installed,
) -> None:
    """Given a customer whose phone number is missing; added by letter, it is stored. A blood type
    is refused, for nothing declares it, and a letter to print says so and names 9.1d.
    """
    ben = mine.world.person("ben").id
    mine.sql("UPDATE customers SET phone = NULL WHERE id = ?", ben)
    phone = {"scope": Scope(items=("phone",)), "value": "090-0000-9999", **LETTER}
    assert mine.carry_out("addition", ben, "passport", **phone).state == "answered"
    assert mine.sql("SELECT phone FROM customers WHERE id = ?", ben) == [("090-0000-9999",)]
    blood = {"scope": Scope(items=("blood_type",)), "value": "AB", **LETTER}
    refused = mine.home.receive("addition", person=ben, **blood)
    assert (refused.state, refused.reason) == ("refused", "item_not_declared")
    assert refused.cite == "CAST-9.1d"
    (page,) = _printed(mine, refused)
    assert "ご請求に応じられません" in page
    assert "CAST-9.1d" in page
    assert "プライバシーポリシーにない項目" in page


@promise("CAST-9.1e")
def test_a_deletion_takes_rows_and_objects_and_tells_the_group(mine: Installed) -> None:
    """Given a customer with uploads, avatars and copies with a company of the group; deleted by
    letter, rows and pictures are gone here, what the law keeps is cut from the person, and the
    company is told by an order that stays open until it is confirmed. Nobody else loses a row.
    """
    aki = mine.world.person("aki")
    tables = ("customers", "avatars", "uploads", "view_history", "devices", "inquiries")
    count = "SELECT count(*) FROM {} WHERE {} = ?"
    key = {"customers": "id"}
    everyone = {t: mine.sql(f"SELECT count(*) FROM {t}")[0][0] for t in tables}
    own = {t: mine.sql(count.format(t, key.get(t, "customer_id")), aki.id)[0][0] for t in tables}
    assert all(own.values())
    pictures = _uploads(mine, aki.id)
    assert pictures
    assert all(path.is_file() for path in pictures)
    request = mine.carry_out("deletion", aki.id, "passport", **LETTER)
    left = {t: mine.sql(count.format(t, key.get(t, "customer_id")), aki.id)[0][0] for t in tables}
    assert set(left.values()) == {0}
    assert not [path for path in pictures if path.exists()]
    now = {t: mine.sql(f"SELECT count(*) FROM {t}")[0][0] for t in tables}
    assert now == {t: everyone[t] - own[t] for t in tables}
    assert mine.sql("SELECT count(*) FROM orders WHERE customer_id = ?", aki.id) == [(0,)]
    told = {task.system: set(task.items) for task in mine.home.tasks(request.id)}
    assert told["group_copies"] == {"name", "email", "view_history"}
    assert request.state == "open"
    for task in mine.home.tasks(request.id):
        mine.home.complete_task(task.id, b"deleted, signed", APPROVER)
    assert mine.home.request(request.id).state == "answered"


@promise("CAST-9.1f")
def test_a_letter_that_stops_targeting_stops_it_and_leaves_the_service(mine: Installed) -> None:
    """Given a customer who asks by letter that targeting stops; once it is known who asks, view
    history serves targeting no more, by 9.1f, while the name serves the service. Before that
    nothing changes, and nobody else is touched.
    """
    aki, ben = mine.world.person("aki").id, mine.world.person("ben").id
    scope = Scope(purposes=("targeting",))
    request = mine.home.receive("suspension", person=aki, scope=scope, **LETTER)
    targeting = {"purpose": "targeting"}
    assert mine.ask(aki, "use", "view_history", **targeting).permitted
    mine.home.show_identity(request.id, Proof("passport", "ito"))
    stopped = mine.ask(aki, "use", "view_history", **targeting)
    assert (stopped.outcome, codes(stopped)) == ("refused", {"suspended"})
    assert {r.cite for r in stopped.reasons} == {"CAST-9.1f"}
    assert mine.ask(aki, "use", "name", purpose="service").permitted
    assert mine.ask(ben, "use", "view_history", **targeting).permitted
    assert mine.home.answer(request.id).outcome == "done"


def test_a_letter_that_stops_provision_stops_every_company(mine: Installed) -> None:
    """The half of CAST-9.1g that stands today: nothing more goes to any company. The clause is
    kept once those who got something before are listed, and told to stop or delete.
    """
    in_order(mine)
    ben = mine.world.person("ben").id
    words = {"purpose": "group_provision", "recipient": "group_a"}
    assert mine.ask(ben, "send", "email", **words).permitted
    by_letter(mine, "stop_provision", ben)
    for recipient in ("group_a", "sponsor_z", "packer"):
        answered = mine.ask(ben, "send", "email", **{**words, "recipient": recipient})
        assert answered.outcome == "refused"
        assert codes(answered) == {"opted_out"}


@promise("CAST-9.2")
def test_a_letter_counts_from_the_day_it_arrived_and_not_from_the_day_it_was_scanned(
    mine: Installed,
) -> None:
    """Given a letter that arrived on 9 November and was scanned on the 20th; it is taken in as
    post, without any e-mail address, and its time runs from the 9th: the last day before the
    person may sue is the 23rd, not 4 December. A letter from the future is refused. At the desk
    the command takes the same day.
    """
    ben = mine.world.person("ben").id
    arrived = AT.replace(day=9)
    request = mine.home.receive("disclosure", person=ben, received_at=arrived, **LETTER)
    assert (request.channel, request.received_at) == ("post", arrived)
    assert mine.home.litigation_line(request.id) == date(2026, 11, 23)
    today = mine.home.receive("disclosure", person=ben, **LETTER)
    assert mine.home.litigation_line(today.id) == date(2026, 12, 4)
    with pytest.raises(InvalidInput) as refused:
        mine.home.receive("disclosure", person=ben, received_at=AT + timedelta(hours=1), **LETTER)
    assert refused.value.code == "SY185"
    store = mine.folder / "seiyaku.sqlite"
    assert b"@example" not in store.read_bytes()
    mine.home.close()
    command = ["request", "receive", "disclosure", "--person", ben, "--channel", "post"]
    day = ["--received-on", "2026-11-09", "--home", str(mine.folder)]
    taken = CliRunner().invoke(cli, [*command, *day])
    assert taken.exit_code == 4, taken.output


@promise("CAST-9.3")
def test_a_letter_without_a_copy_of_a_proof_is_answered_by_one_that_asks_for_it(
    mine: Installed,
) -> None:
    """Given a letter without a copy; what is made is a letter that asks for one of the proofs 9.3
    names, once, with the address to send it to. Without a proof nothing is planned, shown or
    changed, however long it lies. (CAST-9.8 is kept once a request that nobody answers ends.)
    """
    ben = mine.world.person("ben").id
    request = mine.home.receive("deletion", person=ben, **LETTER)
    (page,) = _printed(mine, request)
    for wanted in ("ご本人の確認", "運転免許証", "旅券", "104-0061"):
        assert wanted in page
    assert _printed(mine, request) == []
    for kind in ("signed_in", "email_link", "utility_bill"):
        with pytest.raises(InvalidInput) as refused:
            mine.home.show_identity(request.id, Proof(kind, "ito"))
        assert refused.value.code == "SY197"
        assert "drivers_licence" in refused.value.hint()
    mine.clock.advance(days=30)
    with pytest.raises(WaitsForPerson) as waits:
        mine.home.plan(request.id)
    assert waits.value.code == "SY405"
    assert mine.home.request(request.id).state == "received"
    assert mine.sql("SELECT count(*) FROM customers WHERE id = ?", ben) == [(1,)]


@promise("CAST-9.10")
@pytest.mark.parametrize(("kind", "covers"), [("deletion", ("disclosure",)), ("disclosure", ())])
def test_a_mandate_for_access_does_not_cover_deletion_and_none_covers_nothing(
    mine: Installed, kind: str, covers: tuple[str, ...]
) -> None:
    """Given a proxy without a mandate, and one whose mandate is for disclosure and who asks for
    deletion; nothing is done, and both are refused by a letter that names 9.10. Another request
    with a mandate that names it goes on.
    """
    fumi = mine.world.person("fumi").id
    request = mine.home.receive(kind, person=fumi, **LETTER)  # type: ignore[arg-type]
    proxy = Proxy(MANDATE, covers, "passport")  # type: ignore[arg-type]
    with pytest.raises(WaitsForPerson) as waits:
        mine.home.show_identity(request.id, Proof("passport", "ito", proxy))
    assert waits.value.code == "SY404"
    with pytest.raises(SeiyakuError):
        mine.home.plan(request.id)
    assert _outbox(mine) == []
    assert mine.sql("SELECT count(*) FROM customers WHERE id = ?", fumi) == [(1,)]
    refused = mine.home.refuse(request.id, Actor("ito", "handler"), "mandate_missing", "CAST-9.10")
    (page,) = _printed(mine, refused)
    assert "代理権を確認できる書類" in page
    assert "CAST-9.10" in page
    named = Proxy(MANDATE, (kind,), "passport")  # type: ignore[arg-type]
    again = mine.home.receive(kind, person=fumi, **LETTER)  # type: ignore[arg-type]
    shown = mine.home.show_identity(again.id, Proof("passport", "ito", named))
    assert shown.state == "identity_shown"


@promise("CAST-9.4")
def test_nobody_is_refused_without_a_ground_and_the_letter_names_it(mine: Installed) -> None:
    """Given a disclosure that staff wants to refuse; on an empty ground it cannot be. With one, the
    request ends refused, with reason, article and who decided, and the letter names both.
    """
    ben, handler = mine.world.person("ben").id, Actor("ito", "handler")
    request = mine.proven("disclosure", ben, "passport", **LETTER)
    for reason, cite in (("", ""), ("harms_third_person", " "), ("", "APPI 33(2)(i)")):
        with pytest.raises(InvalidInput) as rejected:
            mine.home.refuse(request.id, handler, reason, cite)
        assert rejected.value.code == "SY186"
    assert mine.home.request(request.id).state == "identity_shown"
    mine.home.refuse(request.id, handler, "harms_third_person", "APPI 33(2)(i)")
    refused = mine.home.request(request.id)
    assert (refused.state, refused.cite) == ("refused", "APPI 33(2)(i)")
    assert mine.home.steps(request.id)[-1].actor == "ito"
    (page,) = _printed(mine, refused)
    assert "第三者の権利利益を害するおそれ" in page
    assert "APPI 33(2)(i)" in page


FULL = Says("a copy of all you hold", by="post", name="", address="")


def _wrote(mine: Installed, person: str, **words: Any) -> Says:
    """A letter that says everything 9.5 wants, but for `words`."""
    ((name, address),) = mine.sql("SELECT name, address FROM customers WHERE id = ?", person)
    return replace(FULL, **{"name": name, "address": address, **words})


@promise("CAST-9.5a")
def test_a_letter_that_does_not_say_what_it_wants_is_incomplete_and_nothing_runs(
    mine: Installed,
) -> None:
    """Given a scanned letter without a word on what is wanted; it is incomplete, a letter asks
    for exactly that, identity cannot be shown on it, and no time of ours runs however long it
    lies (the law's line is told by its arrival all the same). Once the sender wrote what they
    want, it is received and goes on.
    """
    ben = mine.world.person("ben").id
    request = mine.home.intake.letter("disclosure", _wrote(mine, ben, details="  "))
    assert request.state == "incomplete"
    (page,) = _printed(mine, request)
    for asked in ("求める内容", "手続は進みません", request.id):
        assert asked in page
    assert "ご住所" not in page
    assert "時期と方法" not in page
    with pytest.raises(Conflict):
        mine.home.show_identity(request.id, Proof("passport", "ito"))
    mine.clock.advance(days=90)
    assert request.id not in {found.subject for found in mine.home.days.check().found}
    assert mine.home.request(request.id).state == "incomplete"
    again = mine.home.intake.complete(request.id, _wrote(mine, ben))
    assert again.state == "received"
    assert "ご本人の確認" in _printed(mine, again)[0]
    assert mine.home.show_identity(request.id, Proof("passport", "ito")).state == "identity_shown"


@promise("CAST-9.5b")
def test_an_answer_wished_later_waits_for_its_day(mine: Installed) -> None:
    """Given a letter that wishes the answer by post and not before 1 May; carried out, nothing
    leaves before that day: no page is printed and the package is not handed out. On the day it
    is. A letter that says neither when and how, nor how the data was once given, is incomplete;
    one that tells the second is complete.
    """
    ben, may = mine.world.person("ben").id, date(2026, 12, 1)
    wished = mine.home.intake.letter("disclosure", _wrote(mine, ben, not_before_on=may))
    mine.home.show_identity(wished.id, Proof("passport", "ito"))
    plan = mine.home.plan(wished.id)
    mine.home.approve(plan.id, APPROVER)
    mine.clock.set("2026-11-30T20:00:00+09:00")
    mine.home.run(plan.id)
    answered = mine.home.request(wished.id)
    mine.clock.set("2026-11-30T23:59:59+09:00")
    assert _printed(mine, answered) == []
    for hand_out in (mine.home.package, lambda i: mine.home.download(i, Proof("passport", "ito"))):
        with pytest.raises(WaitsForPerson) as early:
            hand_out(wished.id)
        assert early.value.code == "SY413"
    mine.clock.set("2026-12-01T00:00:00+09:00")
    assert mine.home.package(wished.id).is_file()
    assert len(_printed(mine, answered)) == 1
    silent = mine.home.intake.letter("disclosure", _wrote(mine, ben, by=None))
    assert silent.state == "incomplete"
    assert "時期と方法" in _printed(mine, silent)[0]
    told = _wrote(mine, ben, by=None, provision_history="in spring, on paper")
    assert mine.home.intake.letter("disclosure", told).state == "received"


@promise("CAST-9.5c")
def test_nobody_is_matched_by_name_alone(mine: Installed) -> None:
    """Given two customers of the same name; a letter with that name and no address is matched to
    neither: staff asks for more and nothing is carried out for anybody. With the address of one
    it is that one's; with the address and another name, nobody's.
    """
    aki, ben = (mine.world.person(short).id for short in ("aki", "ben"))
    ((name,),) = mine.sql("SELECT name FROM customers WHERE id = ?", aki)
    mine.sql("UPDATE customers SET name = ? WHERE id = ?", name, ben)
    before = mine.sql("SELECT * FROM customers ORDER BY id")
    letter = mine.home.intake.letter("deletion", replace(FULL, name=name))
    assert (letter.state, letter.people) == ("incomplete", 0)
    (page,) = _printed(mine, letter)
    assert "ご住所" in page
    assert "特定できるもの" in page
    with pytest.raises(SeiyakuError):
        mine.home.show_identity(letter.id, Proof("passport", "ito"))
    with pytest.raises(SeiyakuError):
        mine.home.plan(letter.id)
    assert mine.sql("SELECT * FROM customers ORDER BY id") == before
    of_ben = _wrote(mine, ben)
    assert mine.home.intake.match(of_ben) == ben
    assert mine.home.intake.match(replace(of_ben, name="nobody")) is None
    fumi = _wrote(mine, mine.world.person("fumi").id)
    assert mine.home.intake.match(replace(fumi, address="")) is None
    assert mine.home.intake.match(fumi) == mine.world.person("fumi").id
    completed = mine.home.intake.complete(letter.id, of_ben)
    assert (completed.state, completed.people) == ("received", 1)
    mine.home.show_identity(letter.id, Proof("passport", "ito"))
    plan = mine.home.plan(letter.id)
    mine.home.approve(plan.id, APPROVER)
    mine.home.run(plan.id)
    left = mine.sql("SELECT id FROM customers WHERE id IN (?, ?)", aki, ben)
    assert [str(key) for (key,) in left] == [aki]


@promise("CAST-9.8")
def test_a_further_proof_that_never_comes_ends_the_request_and_changes_nothing(
    mine: Installed,
) -> None:
    """Given a deletion on a copy that raised doubts, so more was asked for, by letter; 30 days
    later without an answer nothing ended yet, a day after it is closed as unidentified, by 9.8,
    with a letter that says so, and no row has changed. Where no letter ever asked, it stays open.
    """
    ben, handler = mine.world.person("ben").id, Actor("ito", "handler")
    before = mine.sql("SELECT * FROM customers ORDER BY id")
    request = mine.proven("deletion", ben, "passport", **LETTER)
    assert mine.home.intake.ask_proof(request.id, handler).state == "received"
    with pytest.raises(WaitsForPerson):
        mine.home.plan(request.id)
    untold = mine.home.receive("deletion", person=mine.world.person("aki").id, **LETTER)
    assert "ご本人の確認" in _printed(mine, mine.home.request(request.id))[0]
    mine.clock.advance(days=30)
    mine.home.days.check()
    assert mine.home.request(request.id).state == "received"
    mine.clock.advance(days=1)
    mine.home.days.check()
    closed = mine.home.request(request.id)
    assert (closed.state, closed.reason, closed.cite) == (
        "refused",
        "identity_not_shown",
        "CAST-9.8",
    )
    (page,) = _printed(mine, closed)
    assert "ご本人であることを確認できませんでした" in page
    assert mine.home.request(untold.id).state == "received"
    assert mine.sql("SELECT * FROM customers ORDER BY id") == before


@promise("CAST-9.9")
def test_an_answer_late_after_identification_is_found_by_its_request(mine: Installed) -> None:
    """Given a request whose sender was identified 31 days ago, with 30 as the company's own aim;
    the look of the day finds it overdue, by 9.9, under its id. At 30 days, or before anybody was
    identified, there is nothing to find; answered, the finding and its duty are gone.
    """
    aki, ben = (mine.world.person(short).id for short in ("aki", "ben"))
    waiting = mine.home.receive("purpose_notice", person=aki, **LETTER)
    mine.clock.advance(days=10)
    request = mine.proven("purpose_notice", ben, "passport", **LETTER)

    def late() -> list[tuple[str, str]]:
        found = mine.home.days.check().found
        return [(f.subject, f.cite) for f in found if f.code == "request-overdue"]

    mine.clock.advance(days=30)
    assert late() == []
    mine.clock.advance(days=1)
    assert late() == [(request.id, "CAST-9.9")]
    assert waiting.id not in {d.subject for d in mine.home.days.duties()}
    mine.home.answer(request.id)
    assert late() == []
    assert request.id not in {d.subject for d in mine.home.days.duties()}


@promise("CAST-9.6")
def test_a_complaint_has_an_owner_and_a_letter_and_needs_no_proof(opened: Copies) -> None:
    """Given a letter that complains about advertisements and asks for nothing else; taken in as a
    complaint it is the duty of whoever is in charge at once, answered though nobody showed who
    they are, and the letter with the answer is printed. Answered, the duty is gone. No other
    kind of request is answered without a proof.
    """
    mine = opened(_in_charge)
    ben = mine.world.person("ben").id
    complaint = mine.home.receive("complaint", person=ben, **LETTER)
    (ticket,) = mine.home.days.duties()
    assert (ticket.subject, ticket.owner, ticket.cite) == (complaint.id, "ito", "CAST-9.6")
    assert "ご本人の確認" not in _printed(mine, complaint)[0]
    note = Text(ja="広告の表示を見直しました。", en="We changed how advertisements are shown.")
    assert [line.text for line in mine.home.answer(complaint.id, note).lines] == [note]
    answered = mine.home.request(complaint.id)
    assert answered.state == "answered"
    (page,) = _printed(mine, answered)
    assert note.ja in page
    mine.home.days.check()
    assert complaint.id not in {d.subject for d in mine.home.days.duties()}
    other = mine.home.receive("purpose_notice", person=ben, **LETTER)
    with pytest.raises(WaitsForPerson) as waits:
        mine.home.answer(other.id)
    assert waits.value.code == "SY405"


def _in_charge(home: Path) -> None:
    with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
        settings.write("in_charge: ito\n")

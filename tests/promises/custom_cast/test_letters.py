"""Article 9: what a customer may ask by letter, who must be known first, and what is done."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from seiyaku.cli import cli
from seiyaku.kernel import Actor, InvalidInput, SeiyakuError, Text, WaitsForPerson
from seiyaku.requests import Proof, Proxy, Request
from seiyaku.standing import Scope
from seiyaku.testing.promises import promise

from ..homes import APPROVER, AT, Installed, codes
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


def test_a_complaint_is_answered_without_a_proof(mine: Installed) -> None:
    """The half of CAST-9.6 that stands today: a complaint about advertisements is taken in and
    answered though nobody showed who they are; nothing else is. The clause is kept once somebody
    owns it and the letter is written.
    """
    ben = mine.world.person("ben").id
    complaint = mine.home.receive("complaint", person=ben, **LETTER)
    note = Text(ja="広告の表示を見直しました。", en="We changed how advertisements are shown.")
    answer = mine.home.answer(complaint.id, note)
    assert [line.text for line in answer.lines] == [note]
    assert mine.home.request(complaint.id).state == "answered"
    other = mine.home.receive("purpose_notice", person=ben, **LETTER)
    with pytest.raises(WaitsForPerson) as waits:
        mine.home.answer(other.id)
    assert waits.value.code == "SY405"

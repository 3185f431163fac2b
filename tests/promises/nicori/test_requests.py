"""Articles 5.2 and 7: disclosure after proof, correction and deletion of what is wrong."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from seiyaku.kernel import Actor, Conflict, InvalidInput, WaitsForPerson
from seiyaku.requests import Proof
from seiyaku.standing import Scope
from seiyaku.testing.promises import promise

from ..homes import APPROVER, Copies, Installed

HANDLER = Actor("ito", "handler")


def _outbox(mine: Installed) -> list[str]:
    return sorted(path.name for path in (mine.folder / "outbox").glob("*"))


@promise("NICO-5.2")
def test_nothing_is_disclosed_before_a_proof_the_policy_names_was_seen(mine: Installed) -> None:
    """Given a request for disclosure without proof; planning it, and asking for the package, is
    refused, and no file exists. Being signed in is no proof that 5.2 names. With a driver's
    licence it goes on, and the package exists once the plan was approved and run.
    """
    person = mine.world.person("aki").id
    request = mine.home.receive("disclosure", person=person)
    for step, code in ((mine.home.plan, "SY405"), (mine.home.package, "SY406")):
        with pytest.raises(WaitsForPerson) as waits:
            step(request.id)
        assert waits.value.code == code
    with pytest.raises(InvalidInput) as refused:
        mine.home.show_identity(request.id, Proof("signed_in"))
    assert refused.value.code == "SY197"
    assert mine.home.request(request.id).state == "received"
    assert _outbox(mine) == []
    mine.home.show_identity(request.id, Proof("drivers_licence", "ito"))
    plan = mine.home.plan(request.id)
    mine.home.approve(plan.id, APPROVER)
    mine.home.run(plan.id)
    assert _outbox(mine) == [mine.home.package(request.id).name]


@promise("NICO-7.1")
def test_a_claim_that_something_is_wrong_is_taken_in_with_item_and_value(mine: Installed) -> None:
    """Given a member who says that the phone number is wrong and gives the right one, and that a
    location was never theirs; both requests are accepted with the item they are about, and the
    claims are kept: carried out, the row holds exactly that number and the locations are gone.
    A claim about no item, or about a word the policy does not know, is refused.
    """
    person, phone = mine.world.person("aki").id, Scope(items=("phone",))
    for scope, code in ((Scope(), "SY182"), (Scope(items=("shoe_size",)), "SY198")):
        with pytest.raises(InvalidInput) as refused:
            mine.home.receive("correction", person=person, scope=scope, value="03-0000-0001")
        assert refused.value.code == code
    assert mine.home.requests() == ()
    wrong = mine.home.receive("correction", person=person, scope=phone, value="03-0000-0001")
    gone = mine.home.receive("deletion", person=person, scope=Scope(items=("location",)))
    assert [(r.kind, r.state, r.scope.items) for r in mine.home.requests()] == [
        ("correction", "received", ("phone",)),
        ("deletion", "received", ("location",)),
    ]
    held = "SELECT lat, lon FROM location_points WHERE member_id = 1"
    assert [place for place in mine.sql(held) if any(place)]
    for request in (wrong, gone):
        mine.home.show_identity(request.id, Proof("signed_in"))
        plan = mine.home.plan(request.id)
        mine.home.approve(plan.id, APPROVER)
        mine.home.run(plan.id)
    assert mine.sql("SELECT phone FROM members WHERE id = 1") == [("03-0000-0001",)]
    assert not [place for place in mine.sql(held) if any(place)]
    others = "SELECT count(*) FROM members WHERE phone = '03-0000-0001'"
    assert mine.sql(others) == [(1,)]


@promise("NICO-7.2a", by_hand=True)
def test_a_correction_reaches_the_sellers_who_were_given_the_old_address(
    mine: Installed,
) -> None:
    """Given a member with orders whose sellers were given the address, and a correction that was
    investigated and approved by a named person; the member's row holds the new address at once,
    and telling the sellers is a task that keeps the request open until a file proves it. The
    history tells who decided and, by its times, how long all of it took.
    """
    person = mine.world.person("aki").id
    handed = "SELECT count(*) FROM provisions p JOIN orders o ON o.id = p.order_id"
    assert mine.sql(f"{handed} WHERE o.member_id = ?", person) != [(0,)]
    scope = Scope(items=("postal_address",))
    request = mine.proven("correction", person, scope=scope, value="東京都千代田区架空町1-1")
    mine.home.investigate(request.id, "the envelope came back", HANDLER)
    mine.clock.advance(hours=2)
    plan = mine.home.plan(request.id)
    mine.home.approve(plan.id, APPROVER)
    mine.home.run(plan.id)
    rows = mine.sql("SELECT address FROM members WHERE id = ?", person)
    assert rows == [("東京都千代田区架空町1-1",)]
    tasks = {task.system: task for task in mine.home.tasks(request.id)}
    assert tasks["seller_copies"].items == ("postal_address",)
    assert mine.home.request(request.id).state == "open"
    mine.clock.advance(hours=20)
    for task in tasks.values():
        assert mine.home.request(request.id).state == "open"
        mine.home.complete_task(task.id, b"confirmed by the seller", HANDLER)
    ended = mine.home.request(request.id)
    assert ended.state == "answered"
    assert ended.ended_at is not None
    assert ended.ended_at - ended.received_at == timedelta(hours=22)
    steps = {step.what: step for step in mine.home.steps(request.id)}
    assert (steps["investigated"].actor, steps["approved"].actor) == ("ito", "sato")
    assert steps["running"].at - steps["received"].at == timedelta(hours=2)


def _kept(mine: Installed, text: str) -> bool:
    """Whether what a request carries holds `text`."""
    with closing(sqlite3.connect(mine.folder / "seiyaku.sqlite")) as store:
        rows = store.execute("SELECT * FROM request_details").fetchall()
    return any(text in str(row) for row in rows)


def test_the_address_for_the_answer_outlives_its_correction_and_goes_once_answered(
    mine: Installed,
) -> None:
    """The half of NICO-7.2b that stands today: the old e-mail address is corrected everywhere and
    stays in the request alone, until the person was told; then it is in it no more. The clause
    is kept once the notice itself is sent, to the new address and to the old.
    """
    ben = mine.world.person("ben")
    ((old,),) = mine.sql("SELECT email FROM members WHERE id = ?", ben.id)
    scope = Scope(items=("email",))
    asked = {"scope": scope, "value": "new@example.jp", "answer_to": old}
    request = mine.carry_out("correction", ben.id, **asked)
    assert mine.sql("SELECT email FROM members WHERE id = ?", ben.id) == [("new@example.jp",)]
    for task in mine.home.tasks(request.id):
        mine.home.complete_task(task.id, b"done", HANDLER)
    assert mine.home.request(request.id).state == "answered"
    assert _kept(mine, old)
    mine.home.hand_over(request.id)
    assert not _kept(mine, old)


@promise("NICO-5.2n")
def test_the_copy_of_a_licence_is_sealed_while_it_is_looked_at_and_then_gone(
    mine: Installed,
) -> None:
    """Given the scan of a licence; kept, no file of the home holds its bytes, while who looks at
    it sees it whole. When identity is accepted it is destroyed, before the request is even
    closed; the history keeps its kind and a digest that nobody can tell it from. So is one of a
    request that is refused, and an empty one, or one for a request that needs none, is not kept.
    """
    scan = b"%PDF-1.7 licence 12 3456 7890 of Aki " * 400
    person = mine.world.person("aki").id
    request = mine.home.receive("disclosure", person=person, channel="post")
    mine.home.intake.keep_copy(request.id, "drivers_licence", scan, HANDLER)
    assert mine.home.intake.copy(request.id) == scan
    assert not [p for p in mine.folder.rglob("*") if p.is_file() and b"3456 7890" in _bytes(p)]
    mine.home.show_identity(request.id, Proof("drivers_licence", "ito"))
    assert mine.home.intake.copy(request.id) is None
    kept = next(s for s in mine.home.steps(request.id) if s.what == "copy_kept")
    assert (kept.actor, kept.facts["proof"]) == ("ito", "drivers_licence")
    assert str(kept.facts["copy"]) not in {hashlib.sha256(scan).hexdigest(), ""}
    assert len(str(kept.facts["copy"])) == 64
    with pytest.raises(Conflict):
        mine.home.intake.keep_copy(request.id, "drivers_licence", scan, HANDLER)
    doubted = mine.home.receive("disclosure", person=person, channel="post")
    with pytest.raises(InvalidInput):
        mine.home.intake.keep_copy(doubted.id, "drivers_licence", b"", HANDLER)
    mine.home.intake.keep_copy(doubted.id, "drivers_licence", scan, HANDLER)
    mine.home.refuse(doubted.id, HANDLER, "identity_not_shown", "NICO-5.2n")
    assert mine.home.intake.copy(doubted.id) is None


def _bytes(path: Path) -> bytes:
    return path.read_bytes()


@promise("NICO-5.2r")
def test_a_disclosure_late_after_identity_was_clear_is_found(opened: Copies) -> None:
    """Given a disclosure whose sender was identified 10 days ago, with 7 as the company's own
    limit in its settings; the look of the day finds it overdue by 5.2r, counted from the proof
    and not from the day it came. Within seven days, and once it is answered, it is not found.
    """
    mine = opened(_seven_days)
    person = mine.world.person("aki").id
    request = mine.home.receive("disclosure", person=person)
    mine.clock.advance(days=20)
    mine.home.show_identity(request.id, Proof("insurance_card", "ito"))
    mine.clock.advance(days=7)
    assert _late(mine) == []
    mine.clock.advance(days=3)
    assert _late(mine) == [(request.id, "NICO-5.2r")]
    plan = mine.home.plan(request.id)
    mine.home.approve(plan.id, APPROVER)
    mine.home.run(plan.id)
    for task in mine.home.tasks(request.id):
        mine.home.complete_task(task.id, b"exported there", HANDLER)
    assert mine.home.request(request.id).state == "answered"
    assert _late(mine) == []


def _late(mine: Installed) -> list[tuple[str, str]]:
    found = mine.home.days.check().found
    return [(f.subject, f.cite) for f in found if f.code == "request-overdue"]


def _seven_days(home: Path) -> None:
    with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
        settings.write("aims: {answer_days: 7}\n")

"""Articles 3.5a and 5: periods, and requests that reach every service of the company."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from seiyaku.cli import cli
from seiyaku.kernel import Conflict, WaitsForPerson
from seiyaku.requests import Proof
from seiyaku.standing import Scope
from seiyaku.testing.promises import promise

from ..homes import APPROVER, Installed, check, codes, edited, published


@promise("JSER-3.5a")
def test_a_licence_number_without_a_period_fails_the_check(tmp_path: Path) -> None:
    """Given the period of the licence number taken out; the check finds by 3.5a that a promised
    period is missing, and names the rule, as it does for what else customers gave (the policy
    sets no period for it). Under no rule at all the item itself is named.
    """
    file = tmp_path / "p.yaml"

    def missing(text: str) -> list[tuple[str, str, str]]:
        found = [f for f in check(file, text) if f["rule"] == "promised-value-missing"]
        assert CliRunner().invoke(cli, ["check", str(file)]).exit_code == 1
        return [(f["clause"], f["severity"], f["message"].split("`")[1]) for f in found]

    given = ("3.5a", "high", "given_by_customers")
    assert missing(published("jsers")) == [given]
    period = ("    days: 90\n    ends_early: identity_checked", "    ends_early: identity_checked")
    without = edited("jsers", period)
    assert missing(without) == [given, ("3.5a", "high", "identity_documents")]
    unruled = edited("jsers", ("    items: [drivers_licence]\n", "    items: [inquiry]\n"))
    gaps = [f for f in check(file, unruled) if f["rule"] == "deletion-scope-gap"]
    assert [f for f in gaps if "`drivers_licence`" in f["message"]]
    whole = [f for f in check(file, published("jsers")) if f["rule"] == "deletion-scope-gap"]
    assert not [f for f in whole if "`drivers_licence`" in f["message"]]


@promise("JSER-5.1a")
def test_one_package_holds_what_both_services_know(mine: Installed) -> None:
    """Given a customer of the portal and of the lessons, whose accounts have keys of their own,
    and one whose lesson account has another address; when they ask for disclosure, one package
    holds their rows of both, and nobody else's.
    """
    for short in ("aki", "chika"):
        person = mine.world.person(short)
        request = mine.carry_out("disclosure", person.id)
        assert request.state in ("answered", "open")
        shown = mine.package(request)
        (portal,) = shown["app.customers"]
        (account,) = shown["lessons.accounts"]
        assert portal["id"] == person.number
        refs = mine.sql(
            "SELECT account_ref FROM service_accounts WHERE customer_id = ?", person.number
        )
        assert [(account["ref"],)] == refs
        known = "SELECT id FROM bookings WHERE account_ref = ?"
        bookings = mine.sql(known, account["ref"], system="lessons")
        assert [(b["id"],) for b in shown["lessons.bookings"]] == bookings
        assert bookings
        text = json.dumps(shown, ensure_ascii=False)
        assert not [c for c in mine.world.canaries_of_others(person) if c in text]


@promise("JSER-5.1b")
def test_one_correction_reaches_both_services_and_one_receipt_lists_both(mine: Installed) -> None:
    """Given a customer of the portal and of the lessons, under a key of each, with the same wrong
    phone number in both (two databases; here both are SQLite); when one correction of the phone
    is accepted, both hold the new one, one receipt lists both systems, and nobody else's row
    changed. Where the account holds another number, that one is not the wrong one and stays.
    """
    chika, aki = (mine.world.person(short) for short in ("chika", "aki"))
    query = "SELECT account_ref FROM service_accounts WHERE customer_id = ?"
    ((ref,),) = mine.sql(query, chika.number)
    ((other,),) = mine.sql(query, aki.number)
    wrong, right, scope = "03-0000-0009", "03-0000-0001", Scope(items=("phone",))
    mine.sql("UPDATE customers SET phone = ? WHERE id = ?", wrong, chika.number)
    mine.sql("UPDATE accounts SET phone = ? WHERE ref = ?", wrong, ref, system="lessons")
    mine.sql("UPDATE accounts SET phone = ? WHERE ref = ?", "070-1", other, system="lessons")
    before = mine.sql("SELECT * FROM accounts WHERE ref <> ?", ref, system="lessons")
    request = mine.carry_out("correction", chika.id, scope=scope, value=right)
    assert mine.sql("SELECT id FROM customers WHERE phone = ?", right) == [(chika.number,)]
    accounts = mine.sql("SELECT ref FROM accounts WHERE phone = ?", right, system="lessons")
    assert accounts == [(ref,)]
    assert mine.sql("SELECT * FROM accounts WHERE ref <> ?", ref, system="lessons") == before
    receipt = json.loads(mine.home.receipt(request.id).read_text("utf-8"))
    told = [json.loads(entry["entry"]) for entry in receipt["entries"]]
    done = {e.get("system", "").partition(".")[0] for e in told if e.get("outcome") == "done"}
    assert {"app", "lessons"} <= done
    mine.carry_out("correction", aki.id, scope=scope, value=right)
    kept = mine.sql("SELECT phone FROM accounts WHERE ref = ?", other, system="lessons")
    assert kept == [("070-1",)]


@promise("JSER-5.1c")
def test_use_stops_for_all_but_billing_when_that_is_asked(mine: Installed) -> None:
    """Given a customer who asks that every use but billing be suspended; as soon as it is known
    who asks, each other purpose is refused for each of its items, by 5.1c, and billing goes on.
    Nobody else is touched, and asked for everything, billing stops as well.
    """
    aki, ben = (mine.world.person(short).id for short in ("aki", "ben"))
    policy = mine.home.history.versions[-1]
    others = tuple(p for p in policy.purposes if p != "billing")
    request = mine.home.receive("suspension", person=aki, scope=Scope(purposes=others))
    assert mine.ask(aki, "use", "email", purpose="service").permitted
    mine.home.show_identity(request.id, Proof("signed_in"))
    assert mine.home.answer(request.id).outcome == "done"
    for purpose in others:
        for item in policy.purposes[purpose].items:
            decision = mine.ask(aki, "use", item, purpose=purpose)
            assert (decision.outcome, codes(decision)) == ("refused", {"suspended"})
            assert {r.cite for r in decision.reasons} == {"JSER-5.1c"}
            assert mine.ask(ben, "use", item, purpose=purpose).permitted
    for item in policy.purposes["billing"].items:
        assert mine.ask(aki, "use", item, purpose="billing").permitted
    whole = mine.proven("suspension", aki)
    assert whole.state == "identity_shown"
    assert codes(mine.ask(aki, "use", "invoice", purpose="billing")) == {"suspended"}


@promise("JSER-5.2")
def test_a_request_goes_through_its_steps_in_order_and_skips_none(mine: Installed) -> None:
    """Given a request for disclosure that came by e-mail, and the set steps: receive, identity,
    search, approve, run, hand over. Delivering or searching with identity open, running what
    nobody approved, and handing over before the end are refused, each with what comes first;
    in order it is delivered, and the history tells every step with its time.
    """
    home = mine.home
    request = home.receive("disclosure", person=mine.world.person("aki").id, channel="email")
    assert request.channel in home.history.versions[-1].rights["disclosure"].channels

    def refused(code: str, step: object, *args: object) -> None:
        with pytest.raises((WaitsForPerson, Conflict)) as waits:
            step(*args)  # type: ignore[operator]
        assert waits.value.code == code

    refused("SY405", home.plan, request.id)
    refused("SY406", home.package, request.id)
    refused("SY408", home.hand_over, request.id)
    home.show_identity(request.id, Proof("email_link"))
    refused("SY406", home.package, request.id)
    plan = home.plan(request.id)
    refused("SY402", home.run, plan.id)
    home.approve(plan.id, APPROVER)
    refused("SY406", home.package, request.id)
    home.run(plan.id)
    assert home.package(request.id).is_file()
    for task in home.tasks(request.id):
        refused("SY408", home.hand_over, request.id)
        home.complete_task(task.id, b"copied into the package", APPROVER)
    home.hand_over(request.id)
    steps = [step.what for step in home.steps(request.id) if step.what != "task_done"]
    assert steps == ["received", "identity_shown", "planned", "approved", "running", "handed_over"]
    assert all(step.at.tzinfo for step in home.steps(request.id))

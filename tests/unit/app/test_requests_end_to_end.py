"""What a person asks for happens, and is proven; what cannot happen is said."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import zipfile
from contextlib import closing

import pytest
from home_cases import KONDO, SATO, Case

from seiyaku.app import open_home
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import (
    Conflict,
    InvalidInput,
    NotPermitted,
    SystemUnavailable,
    WaitsForPerson,
)
from seiyaku.kernel.text import Text
from seiyaku.requests.identity import Proof, Proxy
from seiyaku.standing.model import Scope


def sql(case: Case, query: str, *parameters: object) -> list[tuple[object, ...]]:
    """Rows read without the driver."""
    with closing(sqlite3.connect(case.home.parts.home / "app.db")) as db:
        rows = db.execute(query, parameters).fetchall()
        db.commit()
        return rows


def test_the_law_keeps_the_order_and_nothing_beside_it(closm: Case) -> None:
    person = closm.world.everyone[0].id
    orders = [r[0] for r in sql(closm, "SELECT id FROM orders WHERE user_id = ?", person)]
    assert orders
    _, result = closm.done("closure", person)
    kept = {o.dataset: o for o in result.outcomes if o.outcome == "kept_by_law"}
    assert kept["app.orders"].cite == "CLOSM-9.2b"
    assert kept["app.orders"].until is not None
    marks = ",".join("?" * len(orders))
    [[count]] = sql(
        closm,
        f"SELECT count(*) FROM orders WHERE id IN ({marks}) AND user_id IS NULL",
        *orders,
    )
    assert count == len(orders)
    rows = sql(
        closm,
        f"SELECT name, postal_code, address, phone, email FROM shipping_addresses"
        f" WHERE order_id IN ({marks})",
        *orders,
    )
    assert rows
    assert all(name and not any(rest) for name, *rest in rows)


def test_orders_past_their_period_go_with_the_rest(closm: Case) -> None:
    person = closm.world.everyone[0].id
    sql(closm, "UPDATE orders SET ordered_at = '2010-01-01 00:00:00' WHERE user_id = ?", person)
    _, result = closm.done("closure", person)
    outcomes = {o.dataset: o.outcome for o in result.outcomes if o.dataset == "app.orders"}
    assert outcomes == {"app.orders": "done"}


def test_the_chain_is_impossible_and_no_table_ties_the_address_to_the_person(closm: Case) -> None:
    person = closm.world.everyone[0].id
    [[address]] = sql(closm, "SELECT address FROM wallets WHERE user_id = ?", person)
    _, result = closm.done("closure", person)
    [chain] = [o for o in result.outcomes if o.system == "chain"]
    assert (chain.outcome, chain.cite, chain.note) == ("impossible", "CLOSM-9.3", "link_cut")
    assert sql(closm, "SELECT * FROM wallets WHERE address = ?", address) == []
    assert sql(closm, "SELECT * FROM nft_mints WHERE user_id = ?", person) == []


def test_an_erasure_is_open_until_every_task_by_hand_is_proven(closm: Case) -> None:
    request, result = closm.done("closure", closm.world.everyone[0].id)
    assert result.state == "open"
    assert closm.home.request(request.id).state == "open"
    tasks = closm.home.tasks(request.id)
    assert {t.system for t in tasks} >= {"auth0", "stripe"}
    with pytest.raises(InvalidInput, match="proven by a file"):
        closm.home.complete_task(tasks[0].id, b"", SATO)
    for task in tasks:
        assert closm.home.request(request.id).state == "open"
        closm.home.complete_task(task.id, b"screenshot", SATO)
    assert closm.home.request(request.id).state == "answered"
    assert closm.home.run(result.plan).state == "done"


def test_running_a_plan_twice_changes_nothing_more(closm: Case) -> None:
    _, result = closm.done("closure", closm.world.everyone[0].id)
    entries = closm.home.parts.log.size
    assert closm.home.run(result.plan) == result
    assert closm.home.parts.log.size == entries


def test_data_changed_after_the_approval_stops_the_run_before_anything_is_done(
    closm: Case,
) -> None:
    person = closm.world.everyone[0].id
    _, plan = closm.planned("closure", person)
    closm.home.approve(plan.id, SATO)
    sql(
        closm,
        "INSERT INTO posts (user_id, body, created_at) VALUES (?, 'late', '2026-11-19')",
        person,
    )
    with pytest.raises(Conflict) as caught:
        closm.home.run(plan.id)
    assert caught.value.code == "SY502"
    assert sql(closm, "SELECT count(*) FROM users WHERE id = ?", person) == [(1,)]
    again = closm.home.plan(closm.home.requests()[-1].id)
    closm.home.approve(again.id, SATO)
    assert closm.home.run(again.id).state == "open"
    with pytest.raises(Conflict):
        closm.home.approve(plan.id, SATO)


def test_a_plan_waits_for_identity_and_for_an_approver(closm: Case) -> None:
    request = closm.home.receive("deletion", person=closm.world.everyone[0].id)
    with pytest.raises(WaitsForPerson) as caught:
        closm.home.plan(request.id)
    assert caught.value.code == "SY405"
    closm.home.show_identity(request.id, Proof("signed_in"))
    plan = closm.home.plan(request.id)
    with pytest.raises(WaitsForPerson) as caught:
        closm.home.run(plan.id)
    assert caught.value.code == "SY402"
    with pytest.raises(NotPermitted):
        closm.home.approve(plan.id, Actor("ito", "handler"))


def test_more_erasures_than_the_limit_need_a_second_person(closm: Case) -> None:
    settings = closm.home.parts.settings.model_copy(update={"erasures_an_hour": 2})
    closm.home.parts.settings = settings
    people = [p.id for p in closm.world.everyone[:3]]
    _, plan = closm.planned("closure", *people)
    closm.home.approve(plan.id, SATO)
    closm.home.approve(plan.id, SATO)
    with pytest.raises(WaitsForPerson) as caught:
        closm.home.run(plan.id)
    assert caught.value.code == "SY403"
    closm.home.approve(plan.id, KONDO)
    assert closm.home.run(plan.id).state == "open"


def test_erasures_of_the_last_hour_count_and_older_ones_do_not(closm: Case) -> None:
    settings = closm.home.parts.settings.model_copy(update={"erasures_an_hour": 1})
    closm.home.parts.settings = settings
    one, two, three = (p.id for p in closm.world.everyone[:3])
    closm.done("closure", one)
    with pytest.raises(WaitsForPerson):
        closm.done("closure", two)
    closm.clock.advance(hours=1.5)
    closm.done("closure", three)


def test_a_halt_stops_everything_until_an_officer_lifts_it(closm: Case) -> None:
    _, plan = closm.planned("closure", closm.world.everyone[0].id)
    closm.home.approve(plan.id, SATO)
    closm.home.halt(SATO)
    with pytest.raises(WaitsForPerson) as caught:
        closm.home.run(plan.id)
    assert caught.value.code == "SY401"
    with pytest.raises(NotPermitted):
        closm.home.resume(SATO)
    closm.home.resume(KONDO)
    assert closm.home.run(plan.id).state == "open"


def test_an_unreachable_system_leaves_the_run_open_and_is_retried(closm: Case) -> None:
    person = closm.world.everyone[0].id
    request, plan = closm.planned("closure", person)
    closm.home.approve(plan.id, SATO)
    system = closm.home.parts.system("media")  # type: ignore[arg-type]
    original = system.apply

    def refuse(*_: object, **__: object) -> None:
        raise SystemUnavailable("`media` does not answer", code="SY301")

    system.apply = refuse  # type: ignore[method-assign, assignment]
    result = closm.home.run(plan.id)
    assert {o.system for o in result.outcomes if o.outcome == "unreachable"} == {"media"}
    assert result.state == "open"
    for task in closm.home.tasks(request.id):
        closm.home.complete_task(task.id, b"proof", SATO)
    assert closm.home.request(request.id).state == "open"
    system.apply = original  # type: ignore[method-assign]
    result = closm.home.run(plan.id)
    assert result.state == "done"
    assert not [o for o in result.outcomes if o.outcome == "unreachable"]
    assert closm.home.request(request.id).state == "answered"
    assert_receipt_verifies(closm, request.id)


def test_two_runs_of_one_plan_at_once_do_it_once(closm: Case) -> None:
    _, plan = closm.planned("closure", closm.world.everyone[0].id)
    closm.home.approve(plan.id, SATO)
    results: list[object] = []

    def go() -> None:
        try:
            results.append(closm.home.run(plan.id))
        except Conflict as error:
            results.append(error.code)

    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = [r for r in results if not isinstance(r, str)]
    assert done
    acts = [e.act_id for e in closm.home.parts.log.entries()]
    assert len(acts) == len(set(acts))
    assert len(closm.home.parts.repositories.runs.of(plan.id)) == 1


def test_a_person_unknown_to_us_is_told_that_we_hold_nothing(closm: Case) -> None:
    request = closm.home.receive("disclosure", email="nobody@example.invalid")
    closm.home.show_identity(request.id, Proof("email_link"))
    plan = closm.home.plan(request.id)
    assert {o.outcome for o in plan.outcomes if o.dataset} == {"nothing_found"}
    closm.home.approve(plan.id, SATO)
    closm.home.run(plan.id)
    assert closm.home.request(request.id).reason == "nothing_held"
    with zipfile.ZipFile(closm.home.package(request.id)) as package:
        assert "保有していません" in package.read("index.ja.html").decode()


def test_a_person_is_found_by_the_e_mail_address_of_their_own_row(closm: Case) -> None:
    person = closm.world.everyone[4].id
    [[email]] = sql(closm, "SELECT email FROM users WHERE id = ?", person)
    request = closm.home.receive("disclosure", email=str(email))
    assert closm.home.parts.repositories.requests.people(request.id) == (person,)


def test_a_package_holds_every_canary_of_the_person_and_none_of_anybody_else(
    closm: Case,
) -> None:
    seen = 0
    for person in closm.world.everyone[:6]:
        request, _ = closm.done("disclosure", person.id)
        text = ""
        with zipfile.ZipFile(closm.home.package(request.id)) as package:
            for name in package.namelist():
                text += package.read(name).decode("utf-8", "replace")
        others = [p.canary for p in closm.world.everyone if p.id != person.id]
        seen += person.canary in text
        assert [c for c in others if c in text] == []
    assert seen, "no package held its own canary: the search would find nothing"


def test_a_package_keeps_types_and_its_manifest_names_every_file(closm: Case) -> None:
    import hashlib

    request, _ = closm.done("disclosure", closm.world.everyone[0].id)
    with zipfile.ZipFile(closm.home.package(request.id)) as package:
        names = set(package.namelist())
        manifest = json.loads(package.read("manifest.json"))["sha256"]
        assert set(manifest) == names - {"manifest.json"}
        for name, digest in manifest.items():
            assert hashlib.sha256(package.read(name)).hexdigest() == digest
        data = {d["id"]: d for d in json.loads(package.read("data.json"))["datasets"]}
    users = data["app.users"]
    row = dict(zip([c["name"] for c in users["columns"]], users["rows"][0], strict=True))
    assert row["created_at"].keys() == {"$datetime"}
    assert isinstance(row["id"], int)
    access = data["logs.access"]
    moment = access["rows"][0][[c["name"] for c in access["columns"]].index("time_local")]
    assert moment["$datetime"].endswith(("+00:00", "+09:00"))
    assert any(n.startswith("media/") for n in names)


def test_correcting_the_e_mail_address_corrects_the_rows_found_by_it(closm: Case) -> None:
    person = closm.world.everyone[0].id
    [[old]] = sql(closm, "SELECT email FROM users WHERE id = ?", person)
    sql(
        closm,
        "INSERT INTO inquiries (email, channel, body, received_at) VALUES (?, 'mail', 'b', ?)",
        old,
        "2026-11-01",
    )
    written = sql(closm, "SELECT count(*) FROM inquiries WHERE email = ?", old)
    assert written != [(0,)]
    _, plan = closm.planned(
        "correction", person, scope=Scope(items=("email",)), value="new@example.jp"
    )
    assert "new@example.jp" not in json.dumps(repr(plan))
    closm.home.approve(plan.id, SATO)
    closm.home.run(plan.id)
    assert sql(closm, "SELECT email FROM users WHERE id = ?", person) == [("new@example.jp",)]
    assert sql(closm, "SELECT count(*) FROM inquiries WHERE email = 'new@example.jp'") == written
    assert sql(closm, "SELECT count(*) FROM inquiries WHERE email = ?", old) == [(0,)]


def test_deleting_one_item_leaves_the_others(closm: Case) -> None:
    person = closm.world.everyone[0].id
    _, result = closm.done("deletion", person, scope=Scope(items=("bio",)))
    assert {o.dataset for o in result.outcomes if o.outcome == "done"} == {"app.user_profiles"}
    [[bio, colors]] = sql(
        closm, "SELECT bio, colors_json FROM user_profiles WHERE user_id = ?", person
    )
    assert bio is None
    assert colors is not None


def test_a_suspension_binds_as_soon_as_it_is_known_who_asks(closm: Case) -> None:
    person = closm.world.everyone[0].id
    request = closm.home.receive("suspension", person=person, scope=Scope(purposes=("analytics",)))
    assert closm.home.standing(person).suspensions == ()
    closm.home.show_identity(request.id, Proof("signed_in"))
    assert closm.home.standing(person).suspensions == (Scope(purposes=("analytics",)),)
    answer = closm.home.answer(request.id)
    assert answer.outcome == "done"
    assert closm.home.request(request.id).state == "answered"


def test_a_notice_of_purposes_names_each_purpose_of_what_is_held(closm: Case) -> None:
    request = closm.home.receive("purpose_notice", person=closm.world.everyone[0].id)
    closm.home.show_identity(request.id, Proof("signed_in"))
    lines = closm.home.answer(request.id).lines
    assert "CLOSM-4.4" in {line.cite for line in lines if line.about == "postal_address"}
    assert {line.cite for line in lines if line.about == "wallet_address"} == {"CLOSM-4.5"}


def test_measures_abroad_come_from_the_policy_and_releases_are_not_invented(closm: Case) -> None:
    person = closm.world.everyone[0].id
    request = closm.home.receive("foreign_measures", person=person)
    closm.home.show_identity(request.id, Proof("signed_in"))
    answer = closm.home.answer(request.id)
    assert {"auth0", "stripe", "printful", "cloudflare"} <= {line.about for line in answer.lines}
    request = closm.home.receive("provision_records", person=person)
    closm.home.show_identity(request.id, Proof("signed_in"))
    assert closm.home.answer(request.id).outcome == "none_recorded"


def test_a_complaint_is_answered_in_words(closm: Case) -> None:
    request = closm.home.receive("complaint", person=closm.world.everyone[0].id)
    closm.home.show_identity(request.id, Proof("signed_in"))
    answer = closm.home.answer(request.id, Text(ja="改めます。", en="We will do better."))
    assert answer.lines[0].text.en == "We will do better."


def test_an_addition_is_for_declared_items_only(closm: Case) -> None:
    person = closm.world.everyone[0].id
    request = closm.home.receive(
        "addition", person=person, scope=Scope(items=("shoe_size",)), value="27"
    )
    assert (request.state, request.reason) == ("refused", "item_not_declared")
    assert request.cite == "CLOSM-11.1c"


def test_a_mandate_for_disclosure_does_not_cover_deletion(closm: Case) -> None:
    request = closm.home.receive("deletion", person=closm.world.everyone[0].id)
    proxy = Proxy("0" * 64, ("disclosure",), "id_copy")
    with pytest.raises(WaitsForPerson) as caught:
        closm.home.show_identity(request.id, Proof("id_copy", "sato", proxy))
    assert caught.value.code == "SY404"


def test_the_address_for_the_answer_is_kept_until_it_is_sent_and_then_destroyed(
    closm: Case,
) -> None:
    person = closm.world.everyone[0].id
    request, result = closm.done("closure", person, answer_to="me@example.jp")
    requests = closm.home.parts.repositories.requests
    assert requests.detail(request.id, "answer_to") == "me@example.jp"
    with pytest.raises(WaitsForPerson):
        closm.home.hand_over(request.id)
    for task in closm.home.tasks(request.id):
        closm.home.complete_task(task.id, b"proof", SATO)
    assert requests.detail(request.id, "answer_to") == "me@example.jp"
    receipt = closm.home.receipt(request.id)
    closm.home.hand_over(request.id)
    assert requests.detail(request.id, "answer_to") is None
    assert not receipt.exists()
    assert requests.people(request.id) == ()
    assert closm.home.parts.repositories.plans.handles(result.plan).values == {}
    assert closm.home.standing(person).status == "erased"


def test_after_the_hand_over_our_own_files_hold_nothing_of_the_person(closm: Case) -> None:
    person = closm.world.everyone[0]
    request, _ = closm.done("closure", person.id, answer_to=f"{person.canary}@example.jp")
    for task in closm.home.tasks(request.id):
        closm.home.complete_task(task.id, b"proof", SATO)
    closm.home.receipt(request.id)
    closm.home.hand_over(request.id)
    folder = closm.home.parts.home
    closm.home.close()
    with closing(sqlite3.connect(folder / "seiyaku.sqlite")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in folder.rglob("*"):
        if path.is_file() and path.parts[len(folder.parts)] not in ("app.db", "media", "logs"):
            assert person.canary.encode() not in path.read_bytes(), path


def test_durable_state_evidence_and_plans_carry_no_personal_data(closm: Case) -> None:
    person = closm.world.everyone[0]
    _, _ = closm.done("disclosure", person.id)
    _, plan = closm.planned("closure", person.id)
    closm.home.approve(plan.id, SATO)
    closm.home.run(plan.id)
    folder = closm.home.parts.home
    closm.home.close()
    for path in [folder / "runs.sqlite", *(folder / "evidence").rglob("*")]:
        if path.is_file():
            data = path.read_bytes()
            assert person.canary.encode() not in data, path
            assert b"gASV" not in data, "a pickle in base64"


def test_what_a_dead_process_began_is_gone_on_with(closm: Case) -> None:
    _, plan = closm.planned("closure", closm.world.everyone[0].id)
    closm.home.approve(plan.id, SATO)
    path = closm.home.parts.home
    closm.home.close()
    code = (
        "import sys; from pathlib import Path; from seiyaku.app import open_home;"
        "open_home(Path(sys.argv[1])).run(sys.argv[2])"
    )
    died = subprocess.run(
        [sys.executable, "-c", code, str(path), plan.id],
        env={"SEIYAKU_CHAOS": "media:act:after", "PATH": "/usr/bin"},
        capture_output=True,
        check=False,
    )
    assert died.returncode == -9, died.stderr
    with open_home(path, clock=closm.clock) as home:
        [result] = home.recover()
        assert result.state == "open"
        assert home.recover() == ()


def test_why_tells_what_is_held_and_what_was_decided_up_to_a_moment(closm: Case) -> None:
    from seiyaku.gate.model import Question
    from seiyaku.kernel.ids import PersonId

    person = PersonId(closm.world.everyone[0].id)
    first_at = closm.clock.now()
    closm.home.ask(Question("use", person, "email", first_at, purpose="newsletter"))
    closm.clock.advance(hours=1)
    closm.home.ask(
        Question("use", person, "email", closm.clock.now(), purpose="billing", source="person")
    )
    told = closm.home.why(person, "email", first_at)
    assert [a.decision.outcome for a in told.asked] == ["undecided"]
    assert told.asked[0].decision.reasons
    assert told.version == "2026-02-16"
    assert "app.users" in {h.dataset for h in told.held}
    assert len(closm.home.why(person, "email").asked) == 2
    assert closm.home.why(person, "bio").asked == ()


def assert_receipt_verifies(case: Case, request: str) -> None:
    """The receipt stands in another process that shares no code with us."""
    receipt = case.home.receipt(request)
    done = subprocess.run(
        [sys.executable, "-I", "-m", "seiyaku_verify", "receipt", "--own-key", str(receipt)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_receipts_of_a_request_about_many_open_for_each_of_them_alone(closm: Case) -> None:
    people = [p.id for p in closm.world.everyone[:3]]
    request, _ = closm.done("closure", *people)
    texts = [closm.home.receipt(request.id, p).read_text() for p in people]
    for person, text in zip(people, texts, strict=True):
        value = json.loads(text)
        assert value["person"] == person
        assert sum(e["nonce"] is not None for e in value["entries"]) == 1
    with pytest.raises(InvalidInput):
        closm.home.receipt(request.id)


def test_a_correction_leaves_a_note_of_what_was_found_out_and_a_day_in_court(
    closm: Case,
) -> None:
    from datetime import date

    person = closm.world.everyone[0].id
    request = closm.home.receive(
        "correction", person=person, scope=Scope(items=("email",)), value="a@example.jp"
    )
    closm.home.investigate(request.id, "the register says otherwise", SATO)
    [step] = [s for s in closm.home.steps(request.id) if s.what == "investigated"]
    assert "register" not in json.dumps(dict(step.facts))
    line = closm.home.litigation_line(request.id)
    assert line is not None
    assert line > date(2026, 11, 20)
    assert closm.home.litigation_line(closm.home.receive("complaint", person=person).id) is None


def test_an_erasure_destroys_what_tied_earlier_requests_to_the_person(closm: Case) -> None:
    person = closm.world.everyone[0].id
    earlier, _ = closm.done("disclosure", person)
    request, _ = closm.done("closure", person)
    for task in closm.home.tasks(request.id):
        closm.home.complete_task(task.id, b"proof", SATO)
    closm.home.hand_over(request.id)
    store = closm.home.parts.repositories
    assert store.requests.people(earlier.id) == ()
    assert store.nonces.of_request(earlier.id) == {}

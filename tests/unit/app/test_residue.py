"""The residue hunt over a home: what it finds, what it says it did not read, what follows."""

from __future__ import annotations

import gzip
import hashlib
import json
import pickle
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from home_cases import SATO, Case

from seiyaku.cli import cli
from seiyaku.kernel.errors import InvalidInput
from seiyaku.scan import Hunt
from seiyaku.testing.person import Person

LINE = '10.0.0.1 - - [20/Nov/2026:09:00:00 +0900] "GET {} HTTP/1.1" 200 1 "-" "-"\n'


def sql(case: Case, *statements: tuple[str, tuple[object, ...]]) -> None:
    with closing(sqlite3.connect(case.home.parts.home / "app.db")) as db, db:
        for statement, values in statements:
            db.execute(statement, values)


def planted(case: Case, person: Person) -> set[str]:
    """Copies as they really go astray: the places, one copy each."""
    phone = person.phone.replace("-", "")
    international = f"+81 {phone[1:3]} {phone[3:7]} {phone[7:]}"
    digest = hashlib.sha256(person.email.encode()).hexdigest()
    sql(
        case,
        ("CREATE TABLE newsletter_2025 (mail TEXT, note JSON)", ()),
        ("INSERT INTO newsletter_2025 VALUES (?, ?)", (person.email.upper(), None)),
        ("CREATE TABLE ad_audience (hashed VARCHAR(64))", ()),
        ("INSERT INTO ad_audience VALUES (?)", (digest,)),
        ("CREATE TABLE jobs (id INTEGER, payload JSON)", ()),
        ("INSERT INTO jobs VALUES (1, ?)", (json.dumps({"a": {"to": person.email}}),)),
        ("CREATE TABLE vendors (ref)", ()),
        ("INSERT INTO vendors SELECT auth0_sub FROM users WHERE id = ?", (person.number,)),
        (
            "UPDATE posts SET body = ? WHERE id = (SELECT max(id) FROM posts WHERE user_id != ?)",
            (f"call them: {international}", person.number),
        ),
    )
    sql(
        case,
        ("CREATE TABLE cache (value BLOB, n BIGINT)", ()),
        ("INSERT INTO cache VALUES (?, ?)", (pickle.dumps({"to": person.email}), int(phone))),
    )
    logs, events = case.home.parts.home / "logs", case.home.parts.home / "events"
    path = f"/reset?mail={person.email.replace('@', '%40')}"
    with gzip.open(logs / "access-2026-11-19.log.gz", "wt") as packed:
        packed.write(LINE.format(path))
    stray = {"id": 900001, "user_id": 999999, "path": f"/call/{person.phone}"}
    (events / "date=2026-11-19").mkdir(exist_ok=True)
    (events / "date=2026-11-19" / "stray.jsonl").write_text(json.dumps(stray) + "\n")
    (events / "copied.jsonl").write_text(json.dumps({"note": f"told {person.email}"}) + "\n")
    media = case.home.parts.home / "media"
    (media / "objects" / f"{person.email}.png").write_bytes(b"\x89PNG")
    (media / "objects" / "letter.txt").write_text(f"Dear {person.email}", "cp932")
    (media / "exports").mkdir()
    with zipfile.ZipFile(media / "exports" / "2025.zip", "w") as archive:
        archive.writestr("members.csv", f"mail\n{person.email}\n")
    (logs / "moved.bak").write_bytes(gzip.compress(LINE.format(path).encode()))
    return {
        "app.newsletter_2025.mail",
        "app.ad_audience.hashed",
        "app.jobs.payload",
        "app.vendors.ref",
        "app.posts.body",
        "logs.access-*.log*.request",
        "events.date=*/*.jsonl.path",
        "events.copied.jsonl.note",
        "media.objects.key",
        "media.objects.content",
        "media.(other files).content",
        "logs.(other files).content",
        "app.cache.value",
        "app.cache.n",
    }


def places(found: Hunt) -> set[str]:
    return {str(hit.place) for hit in found.residue}


def test_every_planted_copy_in_reach_is_found_and_nothing_else(closm: Case) -> None:
    aki = closm.world.person("aki")
    where = planted(closm, aki)
    request, _ = closm.done("closure", aki.id)
    found = closm.home.residue(request.id)
    assert places(found) == where  # recall and precision on the planted copies: 1.0
    assert found.copies == len(where)
    assert {u.system for u in found.unsearched if u.why == "not_read"} == {
        n for n, e in closm.home.parts.datamap.systems.items() if e.kind in ("chain", "by_hand")
    }
    packed = {(u.system, u.where): u.read for u in found.unsearched if u.why == "packed"}
    assert packed.keys() == {("media", "objects.content")}  # pictures: only their beginning
    assert any(u.where == "backups" for u in found.unsearched)


def test_after_a_whole_erasure_only_what_law_and_clauses_let_stay_is_met(closm: Case) -> None:
    request, _ = closm.done("closure", closm.world.person("aki").id)
    found = closm.home.residue(request.id)
    assert found.residue == ()
    stays = {str(h.place): h.stays for h in found.hits}
    assert stays["app.payments.stripe_payment_intent_id"] == "CLOSM-9.2b"
    assert set(stays.values()) <= {"CLOSM-9.2b", "CLOSM-9.3", "until_answered"}


def test_the_one_who_stays_is_not_hunted_for(closm: Case) -> None:
    # aki traded with others: a row holds the addresses of both
    request, _ = closm.done("closure", closm.world.person("aki").id)
    found = closm.home.residue(request.id)
    assert "app.wallets.address" not in {str(h.place) for h in found.hits}


def test_each_place_is_one_task_that_a_person_ends_and_finding_it_again_is_another(
    closm: Case,
) -> None:
    aki = closm.world.person("aki")
    request, _ = closm.done("closure", aki.id)
    state = closm.home.request(request.id).state
    sql(closm, ("CREATE TABLE old (mail TEXT)", ()), ("INSERT INTO old VALUES (?)", (aki.email,)))
    closm.home.residue(request.id)
    closm.home.residue(request.id)
    [task] = [t for t in closm.home.tasks(request.id) if "residue" in t.id]
    assert (task.system, task.items) == ("app.old.mail", ("email",))
    closm.home.complete_task(task.id, b"it is another aki's", SATO)
    assert closm.home.request(request.id).state == state
    closm.home.residue(request.id)
    assert len([t for t in closm.home.tasks(request.id) if "residue" in t.id]) == 2


def test_a_table_named_after_a_person_is_found_and_named_nowhere(closm: Case) -> None:
    aki = closm.world.person("aki")
    request, _ = closm.done("closure", aki.id)
    sql(closm, (f'CREATE TABLE "of {aki.email}" (x TEXT)', ()))
    found = closm.home.residue(request.id)
    assert len(found.residue) == 1
    [task] = [t for t in closm.home.tasks(request.id) if "residue" in t.id]
    assert aki.email not in task.system
    closm.home.complete_task(task.id, b"dropped", SATO)
    written = b"".join(p.read_bytes() for p in _files(closm.home.parts.paths.evidence))
    assert aki.email.encode() not in written


def test_the_budget_holds_and_every_place_it_cut_short_is_told(closm: Case) -> None:
    request, _ = closm.done("closure", closm.world.person("aki").id)
    found = closm.home.residue(request.id, budget_bytes=2000)
    assert 0 < found.bytes <= 2000
    cut = [u for u in found.unsearched if u.why == "budget"]
    assert cut
    whole = closm.home.residue(request.id)
    assert found.places + len(cut) == whole.places


def test_the_numbers_of_a_hunt_are_in_the_evidence(closm: Case) -> None:
    request, _ = closm.done("closure", closm.world.person("aki").id)
    found = closm.home.residue(request.id)
    log = closm.home.parts.log
    entry = log.entry(log.checkpoint().size - 1)
    assert entry.detail == {"hunt": "residue"}
    assert entry.counts["places"] == found.places
    assert entry.counts["unsearched"] == len(found.unsearched)


def test_nothing_is_left_to_look_by_once_the_answer_was_handed_over(closm: Case) -> None:
    request, _ = closm.done("closure", closm.world.person("ben").id)
    for task in closm.home.tasks(request.id):
        closm.home.complete_task(task.id, b"done", SATO)
    closm.home.hand_over(request.id)
    with pytest.raises(InvalidInput) as refused:
        closm.home.residue(request.id)
    assert refused.value.code == "SY188"


def test_the_command_shows_places_and_counts_and_no_value(closm: Case) -> None:
    aki = closm.world.person("aki")
    request, _ = closm.done("closure", aki.id)
    sql(closm, ("CREATE TABLE old (mail TEXT)", ()), ("INSERT INTO old VALUES (?)", (aki.email,)))
    closm.home.close()
    home = str(closm.home.parts.home)
    shown = CliRunner().invoke(cli, ["request", "residue", request.id, "--home", home])
    assert shown.exit_code == 1, shown.output
    assert "app.old.mail" in shown.output
    assert "Not searched" in shown.output
    assert aki.email not in shown.output


def _files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file()]

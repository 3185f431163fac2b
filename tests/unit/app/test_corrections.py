"""A correction leaves digests of the old and the new value, which the person alone can open."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

from home_cases import SATO, Case

from seiyaku.evidence import Entry
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.plans.model import RunResult
from seiyaku.standing.model import Scope

BIO = Scope(items=("bio",))
EMAIL = Scope(items=("email",))
OLD, NEW = "I paint.", "I paint and draw."


def bio(case: Case, text: str | None) -> str:
    """Aki, with this self-introduction."""
    path = case.home.parts.home / "app.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE user_profiles SET bio = ? WHERE user_id = 1", (text,))
    return "1"


def witnessed(case: Case, result: RunResult) -> list[Entry]:
    """The entries about the person of a run."""
    reader = case.home.parts.log_reader()
    return [e for e in reader.entries() if e.person and e.act_id.startswith(result.run)]


def opened(case: Case, request: str) -> tuple[dict[str, str], bytes]:
    """Digests and nonce of the entry about the person, out of the receipt alone."""
    receipt = json.loads(case.home.receipt(request).read_text("utf-8"))
    [own] = [e for e in receipt["entries"] if e.get("nonce")]
    return json.loads(own["entry"])["digests"], bytes.fromhex(own["nonce"])


def mac(nonce: bytes, *values: str) -> str:
    """The digest as the format describes it, written a second time."""
    message = b"seiyaku-values/1\x00" + "\n".join(sorted(values)).encode()
    return hmac.new(nonce, message, hashlib.sha256).hexdigest()


def stored(case: Case) -> str:
    """Everything the control plane holds, as text."""
    with closing(sqlite3.connect(case.home.parts.paths.store)) as db:
        return "\n".join(db.iterdump())


def test_the_receipt_opens_what_stood_there_and_what_stands_there_now(closm: Case) -> None:
    request, result = closm.done("correction", bio(closm, OLD), scope=BIO, value=NEW)
    [entry] = witnessed(closm, result)
    digests, nonce = opened(closm, request.id)
    assert dict(entry.digests) == digests
    assert digests["old"] == mac(nonce, json.dumps(OLD))
    assert digests["new"] == mac(nonce, json.dumps(NEW))


def test_an_empty_field_that_gets_a_value_is_told_as_empty(closm: Case) -> None:
    request, _ = closm.done("addition", bio(closm, None), scope=BIO, value=NEW)
    digests, nonce = opened(closm, request.id)
    assert digests["old"] == mac(nonce, "null")


def test_who_guesses_the_value_finds_it_in_no_digest_and_two_corrections_share_none(
    closm: Case,
) -> None:
    runs = [closm.done("correction", bio(closm, OLD), scope=BIO, value=NEW)[1] for _ in range(2)]
    first, second = (dict(e.digests) for run in runs for e in witnessed(closm, run))
    assert not {first["old"], first["new"]} & {second["old"], second["new"]}
    guesses = {OLD, NEW, json.dumps(OLD), json.dumps(NEW)}
    plain = {hashlib.sha256(g.encode()).hexdigest() for g in guesses}
    empty = {mac(b"", g) for g in guesses} | {mac(bytes(32), g) for g in guesses}
    assert not (plain | empty) & {*first.values(), *second.values()}


def test_the_old_value_is_kept_until_the_run_is_done_and_the_key_until_the_record_goes(
    closm: Case,
) -> None:
    marker = "canary-of-the-old-value"
    person = bio(closm, marker)
    request, plan = closm.planned("correction", person, scope=BIO, value=NEW)
    assert marker not in stored(closm)
    closm.home.approve(plan.id, SATO)
    closm.home.run(plan.id)
    assert closm.home.request(request.id).state == "answered"
    assert marker not in stored(closm)
    assert NEW not in stored(closm)
    _, nonce = opened(closm, request.id)
    assert nonce.hex() in stored(closm)
    gone, _ = closm.done("deletion", person)
    for task in closm.home.tasks(gone.id):
        closm.home.complete_task(task.id, b"proof", SATO)
    closm.home.hand_over(gone.id)
    assert nonce.hex() not in stored(closm)


def test_a_second_attempt_tells_what_stood_there_before_the_first(
    case_of: Callable[[str], Case],
) -> None:
    case = case_of("jsers")
    aki = case.world.person("aki")
    with closing(sqlite3.connect(case.home.parts.home / "app.db")) as db:
        [[old]] = db.execute("SELECT email FROM customers WHERE id = ?", (aki.id,))
    request, plan = case.planned("correction", aki.id, scope=EMAIL, value="n@example.jp")
    assert {g.system for g in plan.groups} == {"app", "lessons"}
    case.home.approve(plan.id, SATO)
    system: Any = case.home.parts.system(plan.groups[-1].system)
    original = system.apply

    def away(*_: object, **__: object) -> None:
        raise SystemUnavailable("it does not answer", code="SY301")

    system.apply = away
    assert case.home.run(plan.id).state == "open"
    first, key = opened(case, request.id)
    system.apply = original
    case.home.run(plan.id)
    second, other_key = opened(case, request.id)
    assert key != other_key
    assert first["old"] == mac(key, json.dumps(old))
    assert second["old"] == mac(other_key, json.dumps(old))

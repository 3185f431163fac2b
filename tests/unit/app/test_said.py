"""What people and the controller said is in the evidence, and no word of theirs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner
from home_cases import SATO, Case

from seiyaku.assurance.model import Assurance
from seiyaku.cli import cli
from seiyaku.evidence import Entry
from seiyaku.evidence.entry import commitment_of
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.ids import PersonId, RequestId
from seiyaku.services import path as packaged
from seiyaku.standing.model import Acceptance, Consent, OptOut, Scope, Withdrawal

AT = datetime(2026, 11, 19, tzinfo=UTC)
VERSION = "2026-02-16"
AKI = PersonId("1")


def entries(case: Case) -> list[Entry]:
    """Every entry of the log, in order."""
    return list(case.home.parts.log_reader().entries())


def test_an_acceptance_is_witnessed_with_version_and_digest_of_its_text(closm: Case) -> None:
    closm.home.record(Acceptance(AKI, AT, VERSION))
    [entry] = entries(closm)
    parts = closm.home.parts
    assert (entry.kind, entry.act, entry.version) == ("consent", "acceptance", VERSION)
    assert entry.digests == {"policy": parts.policy_sha256(VERSION)}
    group = RequestId(entry.act_id.partition(":")[0])
    nonce = parts.repositories.nonces.of_person(group, AKI)[entry.act_id]
    assert entry.person == commitment_of(AKI, nonce)


def test_yes_and_no_are_told_apart_and_many_are_one_append(closm: Case) -> None:
    people = [PersonId(str(n)) for n in range(1, 9)]
    yes = [Consent(p, AT, Scope(items=("email",)), VERSION) for p in people]
    closm.home.record(*yes, Withdrawal(AKI, AT), OptOut(AKI, AT))
    found = entries(closm)
    assert [e.kind for e in found] == ["consent"] * 8 + ["withdrawal"] * 2
    assert len({e.person for e in found}) == len(found)
    assert closm.home.parts.log_reader().checkpoint().size == len(found)


def test_a_fact_is_witnessed_by_kind_subject_and_who_recorded_it(closm: Case) -> None:
    closm.home.assure(
        Assurance("supervision", "stripe", AT, "contract 7", by="sato"),
        Assurance("reading", "two_ages", AT, "minutes 3", about="CLOSM-10.2", by="kondo"),
    )
    told = [(e.kind, e.act, e.actor, dict(e.detail)) for e in entries(closm)]
    assert told == [
        ("assurance", "supervision", "sato", {"subject": "stripe"}),
        ("reading", "reading", "kondo", {"subject": "two_ages", "about": "CLOSM-10.2"}),
    ]


def test_a_published_version_is_witnessed_once_with_the_digest_of_its_file(
    closm: Case, tmp_path: Path
) -> None:
    text = (packaged("closm-i") / "policy.yaml").read_text("utf-8")
    text = text.replace('  id: "2026-02-16"\n', '  id: "2026-12-01"\n', 1)
    text = text.replace("  published_at: 2026-02-16T00:00:00+09:00\n", "", 1)
    draft = tmp_path / "draft.yaml"
    draft.write_text(text, "utf-8")
    version = closm.home.publish(draft)
    assert closm.home.publish(draft) == version
    [entry] = entries(closm)
    assert (entry.kind, entry.version) == ("policy", "2026-12-01")
    assert entry.digests == {"policy": version.sha256}
    file = closm.home.parts.home / "versions" / version.file
    assert sha256_hex(file.read_bytes()) == version.sha256


def test_an_account_found_under_age_is_frozen_and_its_erasure_opened(closm: Case) -> None:
    request = closm.home.flag_under_age("1", SATO)
    standing = closm.home.standing("1")
    assert (standing.status, standing.below) == ("frozen", 13)
    assert (request.kind, request.state) == ("deletion", "identity_shown")
    plan = closm.home.plan(request.id)
    assert any(o.dataset == "app.users" and o.outcome == "done" for o in plan.outcomes)
    assert {s.actor for s in closm.home.steps(request.id)} >= {SATO.name}


def test_what_no_live_fact_bears_out_is_listed(closm: Case) -> None:
    before = closm.home.review()
    assert before, "the policy promises safeguards, and nothing is on file"
    first = next(lapse for lapse in before if lapse.code == "safeguard-unproven")
    proof = Assurance("safeguard", first.subject, AT, "report 1", first.about, by="sato")
    closm.home.assure(proof)
    assert first not in closm.home.review()


def test_the_check_of_a_home_lists_what_no_live_fact_bears_out(closm: Case) -> None:
    command = ["check", "--home", str(closm.home.parts.home), "--format", "json"]
    found = json.loads(CliRunner().invoke(cli, command).stdout)
    shown = {(f["rule"], f["clause"]) for f in found}
    lapses = {(lapse.code, lapse.cite.partition("-")[2]) for lapse in closm.home.review()}
    assert lapses
    assert lapses <= shown

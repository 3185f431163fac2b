"""Articles 4.1 and 6.1: who answers for a control, and what only aims."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from seiyaku.assurance import Assurance, review
from seiyaku.cli import cli
from seiyaku.gate import Case, Decision
from seiyaku.kernel import Actor, InvalidInput, NotPermitted
from seiyaku.testing.promises import promise

from ..homes import AT, SINCE, Copies, Installed, granted


def _open(mine: Installed, *measures: str) -> set[tuple[str, str, str]]:
    """What the review finds of these measures: code, word, clause."""
    found = review(mine.home.parts.policy(), mine.home.assurances(), AT)
    return {(x.code, x.subject, x.cite) for x in found if x.subject in measures}


def _owned(mine: Installed, *measures: str) -> None:
    owners = (Assurance("measure_owner", m, SINCE, "chart 2", "sato", by="sato") for m in measures)
    mine.home.assure(*owners)


@promise("NICO-4.1a")
def test_a_control_without_an_owner_is_named_until_it_has_one(mine: Installed) -> None:
    """Given the register of controls, all with an owner but the internal system; `check --home`
    ends with 1 and names it, by 4.1. With an owner set, no control is without one.
    """
    words = tuple(mine.home.parts.policy().measures)
    _owned(mine, *(w for w in words if w != "internal_system"))
    command = ["check", "--home", str(mine.folder), "--format", "json", "--fail-from", "medium"]

    def unowned() -> list[str]:
        shown = CliRunner().invoke(cli, command)
        assert shown.exit_code == 1
        found = json.loads(shown.stdout)
        return [f["message"] + f["clause"] for f in found if f["rule"] == "measure-unowned"]

    (message,) = unowned()
    assert "`internal_system`" in message
    assert message.endswith("4.1a")
    _owned(mine, "internal_system")
    assert unowned() == []


@promise("NICO-6.1")
def test_an_aim_that_was_long_not_looked_at_is_reported_and_stops_nothing(
    mine: Installed,
) -> None:
    """Given the last look at security measures 400 days ago, and a clause that only aims; the
    review reports it as stale, by 6.1, and the address may serve an inquiry all the same.
    """
    word, person = "newest_measures", mine.world.person("aki").id
    before = mine.ask(person, "use", "email", purpose="support", source="person")
    mine.home.assure(Assurance("measure", word, AT - timedelta(days=400), "minutes", by="sato"))
    assert _open(mine, word) == {("measure-stale", word, "NICO-6.1")}
    after = mine.ask(person, "use", "email", purpose="support", source="person")
    assert before.permitted
    assert after == before


@promise("NICO-9.1")
def test_an_exception_is_approved_by_the_manager_in_charge_or_a_delegate(
    opened: Copies,
) -> None:
    """Given an exception (a danger to somebody) with every condition recorded, approved by a
    packer; it is refused for want of the role, and nothing is witnessed as approved by them.
    Approved by the manager the policy names, or by a delegate, it is decided; once the
    delegation has ended, it is refused again.
    """
    mine = opened(_in_charge)
    person = mine.world.person("aki").id
    policy = mine.home.history.versions[-1]
    assert policy.controller.responsible is not None
    met = policy.exceptions["life_body_property"].conditions
    law = mine.home.laws.at(AT.date()).exception("life_body_property")
    assert law is not None
    conditions = frozenset({*met, *law.conditions})

    def ask(approver: str) -> Decision:
        case = Case("exception", "life_body_property", conditions, approver)
        words = {"recipient": "hospital", "purpose": "support", "case": case}
        return mine.ask(person, "send", "phone", **words)

    size = mine.home.parts.log_reader().checkpoint().size
    with pytest.raises(NotPermitted) as refused:
        ask("packer-3")
    assert refused.value.code == "SY212"
    assert mine.home.parts.log_reader().checkpoint().size == size
    for approver in ("minami", "sato"):
        decided = ask(approver)
        log = mine.home.parts.log_reader()
        assert log.entry(log.checkpoint().size - 1).actor == approver
        assert decided.outcome in ("permitted", "refused")
    mine.home.assure(Assurance("delegate", "kato", SINCE, "letter 2", "exceptions", AT))
    with pytest.raises(NotPermitted):
        ask("kato")


def _in_charge(home: Path) -> None:
    with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
        settings.write("in_charge: minami\n")


@promise("NICO-4.3b")
def test_an_account_that_two_of_the_staff_used_is_found(mine: Installed, tmp_path: Path) -> None:
    """Given the record of sign-ins of a week, in which one account was used by two of the staff;
    the audit names that account and both, and no other. A file that is no record is refused.
    """
    record = tmp_path / "sign-ins.jsonl"
    lines = [("packing", "ito"), ("sato", "sato"), ("packing", "kato"), ("sato", "sato")]
    record.write_text("".join(json.dumps({"account": a, "staff": s}) + "\n" for a, s in lines))
    (shared,) = mine.home.doors.sign_ins(record)
    assert (shared.account, shared.staff) == ("packing", ("ito", "kato"))
    record.write_text("".join(json.dumps({"account": s, "staff": s}) + "\n" for _, s in lines))
    assert mine.home.doors.sign_ins(record) == ()
    for text in ("no json", "{}", "[]"):
        record.write_text(text)
        with pytest.raises(InvalidInput):
            mine.home.doors.sign_ins(record)


@promise("NICO-4.2b")
def test_rows_leave_for_a_file_only_onto_a_medium_of_the_register(
    mine: Installed, tmp_path: Path
) -> None:
    """Given somebody of the staff with a grant, who exports members as CSV; without a medium, or
    onto one nobody recorded or that was destroyed, it is refused and no file exists. Onto one of
    the register it is written, and the evidence tells the medium, who, how many rows, and the
    digest of the file.
    """
    mine.home.assure(Assurance("staff_pledge", "ito", SINCE, "pledge 4", by="sato"))
    mine.home.doors.grant(granted("ito", "support"))
    file, actor = tmp_path / "members.csv", Actor("ito", "handler")
    gone = Assurance("medium", "usb-1", SINCE, "safe", "sato", until_at=AT)
    mine.home.assure(gone, Assurance("medium", "usb-2", SINCE, "locked drawer 3", "sato"))
    for medium in (None, "usb-9", "usb-1"):
        with pytest.raises(NotPermitted) as refused:
            mine.home.media.export("app.members", "support", file, actor, medium=medium)
        assert refused.value.code == "SY213"
        assert not file.exists()
    rows = mine.home.media.export("app.members", "support", file, actor, medium="usb-2")
    assert rows == len(file.read_text("utf-8").splitlines()) - 1
    assert rows > 0
    log = mine.home.parts.log_reader()
    entry = log.entry(log.checkpoint().size - 1)
    assert (entry.act, entry.actor, entry.detail["medium"]) == ("export", "ito", "usb-2")
    assert entry.clauses == ("NICO-4.2b",)
    assert entry.counts == {"rows": rows}
    assert entry.digests == {"report": hashlib.sha256(file.read_bytes()).hexdigest()}
    assert [(m.subject, m.source) for m in mine.home.media.kept()] == [("usb-2", "locked drawer 3")]

"""A backup is restored: who was erased since comes back, and is erased again."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from home_cases import SATO, Case

from seiyaku import services
from seiyaku.app import Home, open_home
from seiyaku.app.restoring import notice_of
from seiyaku.cli import cli
from seiyaku.kernel.clock import parse_at
from seiyaku.kernel.errors import InvalidInput
from seiyaku.policy.model import Backups
from seiyaku.policy.notice import render_notice

TAKEN = "2026-11-20T03:00:00+09:00"
SYSTEMS = ("app.db", "media", "logs", "events")


class Restorable:
    """A home with a replay list beside it, and a backup taken in the night."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.world, self.clock = case.world, case.clock
        self.path, self.outside, self.backup = case.home.parts.home, folder / "out", folder / "bak"
        case.home.close()
        with (self.path / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
            settings.write(f"restore: {{folder: {self.outside}, backups_kept_days: 35}}\n")
        shutil.copytree(self.path, self.backup)
        self.home: Home = open_home(self.path, clock=self.clock)
        self.case = Case(self.home, self.world, self.clock)

    def restore(self, *names: str) -> None:
        """Put systems back as they were in the backup."""
        self.home.close()
        for name in names or SYSTEMS:
            target = self.path / name
            shutil.rmtree(target) if target.is_dir() else target.unlink()
            source = self.backup / name
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
        self.home = open_home(self.path, clock=self.clock)
        self.case = Case(self.home, self.world, self.clock)

    def sql(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.path / "app.db")) as db, db:
            return db.execute(query, values).fetchall()

    def erase_again(self) -> int:
        found = self.home.replay(parse_at(TAKEN), SATO)
        for request in found.requests:
            plan = self.home.plan(request)
            self.home.approve(plan.id, SATO)
            self.home.run(plan.id)
        return found.people


@pytest.fixture
def night(closm: Case, tmp_path: Path) -> Iterator[Restorable]:
    made = Restorable(closm, tmp_path)
    yield made
    made.home.close()


def test_who_came_back_is_erased_again_and_nobody_else(night: Restorable) -> None:
    aki, chika = night.world.person("aki"), night.world.person("chika")
    night.case.done("closure", aki.id, chika.id)
    night.restore()
    before = night.sql("SELECT count(*) FROM users")[0][0]
    assert night.sql("SELECT 1 FROM users WHERE id = ?", aki.number)
    assert night.erase_again() == 2
    assert night.sql("SELECT count(*) FROM users") == [(before - 2,)]  # type: ignore[operator]
    assert not night.sql("SELECT 1 FROM users WHERE id IN (?, ?)", aki.number, chika.number)
    assert night.erase_again() == 0


def test_rows_that_came_back_without_their_person_are_found_by_what_they_hold(
    night: Restorable,
) -> None:
    aki = night.world.person("aki")
    [(customer,)] = night.sql("SELECT auth0_sub FROM users WHERE id = ?", aki.number)
    rows = night.sql("SELECT * FROM inquiries WHERE user_id = ?", aki.number)
    night.case.done("closure", aki.id)
    assert not night.sql("SELECT 1 FROM users WHERE auth0_sub = ?", customer)
    for row in rows:  # only one table is put back, by hand
        night.sql("PRAGMA foreign_keys = OFF")
        night.sql(f"INSERT INTO inquiries VALUES ({', '.join('?' * len(row))})", *row)
    assert night.erase_again() == 1
    assert not night.sql("SELECT 1 FROM inquiries WHERE user_id = ?", aki.number)


def test_a_newcomer_under_an_old_key_and_a_family_with_one_telephone_stay(
    night: Restorable,
) -> None:
    ben, aki = night.world.person("ben"), night.world.person("aki")
    [row] = night.sql("SELECT * FROM users WHERE id = ?", ben.number)
    night.case.done("closure", ben.id)
    night.case.done("closure", aki.id)
    new = list(row)
    new[1:3] = ["auth0|000011112222333344445555", "newcomer@example.jp"]
    night.sql(f"INSERT INTO users VALUES ({', '.join('?' * len(new))})", *new)
    other = night.world.person("hana")
    night.sql(
        "UPDATE shipping_addresses SET phone = ? WHERE order_id IN "
        "(SELECT id FROM orders WHERE user_id = ?)",
        aki.phone,
        other.number,
    )
    assert night.erase_again() == 0
    assert night.sql("SELECT 1 FROM users WHERE id IN (?, ?)", ben.number, other.number)


def test_an_erasure_from_before_the_backup_is_none_it_can_bring_back(night: Restorable) -> None:
    night.case.done("closure", night.world.person("aki").id)
    night.restore()
    late = night.home.replay(parse_at("2026-11-20T10:00:00+09:00"), SATO)
    assert (late.erasures, late.people, late.requests) == (0, 0, ())


def test_what_came_back_and_points_at_nobody_is_told_by_its_place(night: Restorable) -> None:
    aki = night.world.person("aki")
    night.case.done("closure", aki.id)
    night.restore("media")
    found = night.home.replay(parse_at(TAKEN), SATO)
    assert found.people == 0
    assert set(found.unowned) == {"media.objects.key"}


def test_the_list_holds_hashes_alone_and_ends_with_the_last_backup(night: Restorable) -> None:
    aki = night.world.person("aki")
    night.case.done("closure", aki.id)
    [listed] = night.outside.glob("*.jsonl")
    assert listed.stem == "2026-12-25"
    text = listed.read_text("ascii")
    assert not [c for c in aki.canaries if c in text]
    assert {p.stat().st_mode & 0o077 for p in night.outside.iterdir()} == {0}
    night.clock.advance(days=36)
    night.home.carry_on()
    assert not list(night.outside.glob("*.jsonl"))


def test_a_process_that_died_before_the_list_is_caught_up_with(night: Restorable) -> None:
    night.case.done("closure", night.world.person("ben").id)
    for path in night.outside.glob("*.jsonl"):
        path.unlink()
    with closing(sqlite3.connect(night.path / "seiyaku.sqlite")) as store, store:
        store.execute("DELETE FROM request_details WHERE name = 'remembered'")
    night.home.recover()
    assert len(list(night.outside.glob("*.jsonl"))) == 1


def test_without_settings_nothing_is_listed_and_a_replay_says_so(closm: Case) -> None:
    closm.done("closure", closm.world.person("ben").id)
    with pytest.raises(InvalidInput) as refused:
        closm.home.replay(parse_at(TAKEN), SATO)
    assert refused.value.code == "SY115"


def test_the_command_erases_again_and_prints_what_the_notice_must_say(night: Restorable) -> None:
    aki = night.world.person("aki")
    night.case.done("closure", aki.id)
    night.restore()
    night.home.close()
    home = ["--home", str(night.path)]
    asked = ["restore", "replay", "--backup-of", TAKEN, "--by", "sato", *home]
    shown = CliRunner().invoke(cli, asked)
    assert shown.exit_code == 4, shown.output  # tasks by hand wait for their evidence
    assert "1 people came back" in shown.output
    assert not night.sql("SELECT 1 FROM users WHERE id = ?", aki.number)
    assert "35日" in CliRunner().invoke(cli, ["restore", "notice", *home]).output


@pytest.mark.parametrize(
    ("backups", "rule"),
    [
        ("", "restore-not-told"),
        ('{clause: "9.1", days: 35}', "restore-not-told"),
        ('{clause: "9.1", days: 34, erased_again: true}', "backups-longer-than-told"),
        ('{clause: "9.1", days: 35, erased_again: true}', ""),
    ],
)
def test_a_list_the_notice_does_not_tell_of_fails_the_check(
    backups: str, rule: str, tmp_path: Path
) -> None:
    policy = (services.path("closm-i") / "policy.yaml").read_text("utf-8")
    policy += f"\nbackups: {backups}\n" if backups else ""
    (tmp_path / "policy.yaml").write_text(policy, "utf-8")
    settings = "seiyaku_home: 1\nservice: closm-i\npolicies: [policy.yaml]\n"
    restore = "restore: {folder: ../out, backups_kept_days: 35}\n"
    (tmp_path / "seiyaku.yaml").write_text(settings + restore, "utf-8")
    asked = ["check", "--home", str(tmp_path), "--format", "json"]
    shown = CliRunner().invoke(cli, asked)
    found = {f["rule"]: f["severity"] for f in json.loads(shown.output)}
    ours = {r: s for r, s in found.items() if r in ("restore-not-told", "backups-longer-than-told")}
    assert ours == ({rule: "high"} if rule else {})
    if rule:
        assert shown.exit_code == 1
    (tmp_path / "seiyaku.yaml").write_text(settings, "utf-8")
    again = CliRunner().invoke(cli, asked)
    assert not {"restore-not-told", "backups-longer-than-told"} & {
        f["rule"] for f in json.loads(again.output)
    }


def test_the_notice_says_the_sentence_the_list_needs(night: Restorable) -> None:
    policy = night.home.parts.policy()
    told = policy.model_copy(update={"backups": Backups(clause="9.1", days=35, erased_again=True)})
    wanted = notice_of(night.home.parts)
    assert wanted is not None
    for language in ("ja", "en"):
        sentence = wanted.get(language)
        assert sentence in render_notice(told, night.home.laws, language, "md")
        assert sentence not in render_notice(policy, night.home.laws, language, "md")

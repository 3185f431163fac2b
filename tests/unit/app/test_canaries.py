"""Canaries: planted by the service's own front door, erased, hunted, and remembered."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from home_cases import SATO, Case

from seiyaku.app import Home, open_home
from seiyaku.app.canaries import FILE, Trial, plant, run_canaries, trials
from seiyaku.app.canary_page import render_history
from seiyaku.cli import cli
from seiyaku.kernel.errors import InvalidInput, SystemUnavailable

JOIN = """
import json, sqlite3, sys
person = json.load(sys.stdin)
db = sqlite3.connect("app.db")
row = ("auth0|" + person["word"] * 2, person["email"], "person", person["word"], person["name"])
done = db.execute(
    "INSERT INTO users (auth0_sub, email, email_source, username, nickname, created_at) "
    "VALUES (?, ?, ?, ?, ?, '2026-11-20 00:00:00')", row)
key = done.lastrowid
post = "INSERT INTO posts (user_id, body, created_at) VALUES (?, 'hello', '2026-11-20')"
db.execute(post, (key,))
db.commit()
if {forgets}:
    db.execute("CREATE TABLE IF NOT EXISTS newsletter (mail TEXT)")
    db.execute("INSERT INTO newsletter VALUES (?)", (person["email"],))
    db.commit()
print(json.dumps({{"person": str(key)}}))
"""


def with_door(case: Case, code: str) -> Home:
    """The home again, with this front door."""
    path = case.home.parts.home
    case.home.close()
    (path / "join.py").write_text(code)
    with (path / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
        settings.write(f"canaries: {{plant: [{sys.executable}, join.py], days: 7}}\n")
    return open_home(path, clock=case.clock)


def tried(case: Case, home: Home, people: int = 1) -> tuple[Trial, ...]:
    plant(home, people)
    assert run_canaries(home, SATO) == ()  # their days are not over
    case.clock.advance(days=7)
    return run_canaries(home, SATO)


def test_a_canary_that_goes_whole_is_recalled_whole_and_counted_once(closm: Case) -> None:
    with with_door(closm, JOIN.format(forgets=False)) as home:
        [trial] = tried(closm, home)
        assert (trial.before, trial.left, trial.recall) == (2, 0, 1.0)
        assert trial.places == ()
        assert {"media", "logs", "events"} <= set(trial.untouched)
        assert trial.unsearched > 0
        assert run_canaries(home, SATO) == ()
        assert trials(home) == (trial,)


def test_a_copy_the_map_does_not_know_lowers_the_recall_and_is_named(closm: Case) -> None:
    with with_door(closm, JOIN.format(forgets=True)) as home:
        found = tried(closm, home, people=2)
        assert [(t.before, t.left) for t in found] == [(3, 1), (3, 1)]
        assert {t.places for t in found} == {("app.newsletter.mail",)}
        assert found[0].recall == pytest.approx(2 / 3)
        assert found[0].systems == (("app", 3, 1),)


def test_the_history_is_shown_and_a_left_copy_is_a_finding(closm: Case) -> None:
    path = closm.home.parts.home
    with with_door(closm, JOIN.format(forgets=True)) as home:
        tried(closm, home)
    shown = CliRunner().invoke(cli, ["canaries", "show", "--home", str(path)])
    assert "recall of deletion: 0.6667 (2 of 3)" in shown.output
    again = CliRunner().invoke(cli, ["canaries", "run", "--by", "sato", "--home", str(path)])
    assert again.exit_code == 0, again.output  # nobody is due any longer


@pytest.mark.parametrize("code", ["raise SystemExit(1)", "print('{}')", "print('no')"])
def test_a_door_that_lets_nobody_in_is_said_and_nothing_is_written(closm: Case, code: str) -> None:
    with with_door(closm, code) as home:
        with pytest.raises(SystemUnavailable) as failed:
            plant(home)
        assert failed.value.code == "SY350"
        assert not (home.parts.home / FILE).exists()


def test_without_a_command_nothing_is_planted(closm: Case) -> None:
    with pytest.raises(InvalidInput) as refused:
        plant(closm.home)
    assert refused.value.code == "SY109"
    with closing(sqlite3.connect(closm.home.parts.home / "app.db")) as db:
        assert db.execute("SELECT 1 FROM users WHERE email LIKE 'canary-%'").fetchone() is None


def test_the_page_shows_every_figure_in_words_beside_the_chart(closm: Case, tmp_path: Path) -> None:
    path, out = closm.home.parts.home, tmp_path / "page.html"
    with with_door(closm, JOIN.format(forgets=True)) as home:
        tried(closm, home)
    asked = ["canaries", "page", "--home", str(path), "--out", str(out), "--lang", "en"]
    shown = CliRunner().invoke(cli, asked)
    assert shown.exit_code == 0, shown.output
    page = out.read_text("utf-8")
    assert "66.7 %" in page
    assert "app.newsletter.mail" in page
    assert "media" in page
    assert "never held one: not measured" in page
    assert page.count("<circle") == 1
    assert "http" not in page.replace("http-equiv", "")
    again = render_history((), "ja", closm.clock.now())
    assert "まだ測っていません" in again

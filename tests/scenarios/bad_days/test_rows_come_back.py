"""Rows that come back between an act and the look at it: never claimed, and erased once more."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from bad_day import AT, BadDay

from seiyaku.app.carrying import Carried
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import Conflict
from seiyaku.plans.model import RunResult
from seiyaku.standing.model import AgeBand

RUN = (
    "import sys; from pathlib import Path; from seiyaku.app import open_home;"
    "from seiyaku.testing.clock import FixedClock;"
    f"open_home(Path(sys.argv[1]), clock=FixedClock('{AT}')).run(sys.argv[2])"
)
POSTS = "app.posts"


def killed_at(boundary: str, day: BadDay) -> None:
    """A worker runs the plan and is killed there."""
    died = subprocess.run(
        [sys.executable, "-c", RUN, str(day.folder), day.plan],
        env={**os.environ, "SEIYAKU_CHAOS": boundary},
        capture_output=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr[-2000:]


def posts(day: BadDay, write: int = 0) -> int:
    """Posts of the person who left; some more are written first, as a late job would."""
    with closing(sqlite3.connect(day.folder / "app.db")) as db, db:
        row = "INSERT INTO posts (user_id, body, created_at) VALUES (?, 'late', '2026-11-20')"
        db.executemany(row, [(day.person.id,)] * write)
        [found] = db.execute(
            "SELECT count(*) FROM posts WHERE user_id = ?", (day.person.id,)
        ).fetchone()
    return int(found)


def told(result: RunResult, dataset: str) -> tuple[str, str]:
    """Outcome and note of one dataset."""
    [found] = [(o.outcome, o.note) for o in result.outcomes if o.dataset == dataset]
    return found


def test_rows_that_came_back_are_told_and_another_attempt_of_the_same_run_erases_them(
    day: BadDay,
) -> None:
    assert posts(day) >= 1
    killed_at("app:act:after", day)
    assert posts(day) == 0
    posts(day, write=1)
    with day.home() as home:
        first = home.run(day.plan)
        assert told(first, POSTS) == ("pending", "found_again")
        assert posts(day) == 1, "an act is not done twice by one attempt"
        second = home.run(day.plan)
        assert told(second, POSTS)[0] == "done"
        assert posts(day) == 0
        assert not [o for o in second.outcomes if o.outcome == "pending"]
        assert home.carry_on().results == ()


@pytest.mark.slow
def test_more_rows_than_anybody_approved_are_not_erased_without_asking_again(day: BadDay) -> None:
    many = posts(day) + 1
    killed_at("app:act:after", day)
    posts(day, write=many)
    with day.home() as home:
        assert told(home.run(day.plan), POSTS) == ("pending", "found_again")
        with pytest.raises(Conflict) as caught:
            home.run(day.plan)
        assert caught.value.code == "SY502"
        assert posts(day) == many
        again = home.plan(day.request)
        home.approve(again.id, Actor("sato", "approver"))
        assert told(home.run(again.id), POSTS)[0] == "done"
        assert posts(day) == 0
        assert home.carry_on().stopped == ()


@pytest.mark.slow
@pytest.mark.parametrize("boundary", ["app:tell:after", "conclude:told"])
def test_what_was_told_before_a_crash_stays_told_and_what_is_seen_after_it_stays_open(
    boundary: str, day: BadDay
) -> None:
    """Evidence says *done*, the process dies, and rows come back before it is gone on with."""
    killed_at(boundary, day)
    dataset = POSTS
    with day.home() as home:
        if boundary == "conclude:told":
            dataset = "seiyaku.standing_events"
            home.record(AgeBand(day.person.id, home.parts.clock.now(), 18))
        else:
            posts(day, write=1)
        first = home.run(day.plan)
        assert told(first, dataset)[0] == "pending"
        assert home.request(day.request).state == "open"
        second = home.run(day.plan)
        assert told(second, dataset)[0] in ("done", "kept_by_law", "nothing_found")
        acts = [e.act_id for e in home.parts.log.entries()]
        assert len(acts) == len(set(acts))
    assert posts(day) == 0


@pytest.mark.slow
def test_an_approval_given_while_a_run_lies_dead_does_not_stop_it(day: BadDay) -> None:
    """Entries name who approved; the intent told before the crash names one actor fewer."""
    killed_at("app:intend:after", day)
    with day.home() as home:
        home.approve(day.plan, Actor("kondo", "officer"))
        assert told(home.run(day.plan), POSTS)[0] == "done"


@pytest.mark.slow
def test_a_run_that_another_plan_took_the_place_of_is_gone_on_with_by_nobody(day: BadDay) -> None:
    """It died before it did anything, the data changed, and somebody approved what is there now."""
    killed_at("app:intend:after", day)
    many = posts(day, write=2)
    with day.home() as home:
        again = home.plan(day.request)
    with day.home() as home:
        assert home.carry_on() == Carried(), "the library takes up by itself what a process left"
        assert posts(day) == many, "nobody has approved the new plan yet"
        home.approve(again.id, Actor("sato", "approver"))
        assert told(home.run(again.id), POSTS)[0] == "done"
        with pytest.raises(Conflict) as caught:
            home.run(day.plan)
        assert caught.value.code == "SY502"
        assert home.carry_on() == Carried()
    assert posts(day) == 0

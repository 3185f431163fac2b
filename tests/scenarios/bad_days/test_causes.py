"""Whatever is wrong: a code and what to do, nothing touched, and the request is still there."""

from __future__ import annotations

import pytest
from bad_day import (
    SATO,
    BadDay,
    Break,
    datamap,
    flip,
    planned,
    settings,
    spoil,
    sql,
    to_the_end,
    typed,
)

from seiyaku.cli._output import exit_code as exit_of
from seiyaku.kernel.errors import InvalidDocument, SeiyakuError

CAUSES: dict[str, tuple[Break, tuple[str, ...], str, int]] = {
    # what: how it is broken, what is kept for mending, code, exit code
    "a missing table": (
        sql("ALTER TABLE wallets RENAME TO gone"),
        ("app.db",),
        "SY501",
        1,
    ),
    "a renamed column": (
        sql("ALTER TABLE user_profiles RENAME COLUMN bio TO biography"),
        ("app.db",),
        "SY502",
        1,
    ),
    "a file that is no database": (spoil("app.db", b"nothing " * 900), ("app.db",), "SY305", 3),
    "a database that is not there": (spoil("app.db", None), ("app.db",), "SY304", 3),
    "logs that are not there": (spoil("logs", None), ("logs",), "SY304", 3),
    "media that are a file": (spoil("media", b"x"), ("media",), "SY304", 3),
    "a data map with a broken link": (
        datamap("{by: user_id, to: users}", "{by: user_id, to: userz}"),
        ("datamap.yaml",),
        "SY101",
        1,
    ),
    "a data map with a table that does not exist": (
        datamap("      inquiries: #", "      inquiries:\n        table: enquiries\n        #"),
        ("datamap.yaml",),
        "SY501",
        1,
    ),
    "a data map that is not there": (
        spoil("datamap.yaml", None),
        ("datamap.yaml",),
        "SY102",
        2,
    ),
    "a policy that is not there": (
        spoil("policy.yaml", None),
        ("policy.yaml",),
        "SY102",
        2,
    ),
    "settings that are no YAML": (
        spoil("seiyaku.yaml", b"seiyaku_home: [1\n"),
        ("seiyaku.yaml",),
        "SY101",
        1,
    ),
    "settings that are not UTF-8": (
        spoil("seiyaku.yaml", b"seiyaku_home: 1\nservice: \xff\n"),
        ("seiyaku.yaml",),
        "SY101",
        1,
    ),
    "settings with an unknown key": (settings("system: {}\n"), ("seiyaku.yaml",), "SY101", 1),
    "settings that are not there": (spoil("seiyaku.yaml", None), ("seiyaku.yaml",), "SY102", 2),
    "settings of an unknown service": (
        spoil("seiyaku.yaml", b"seiyaku_home: 1\nservice: nobody\n"),
        ("seiyaku.yaml",),
        "SY105",
        2,
    ),
    "settings without a system": (
        spoil("seiyaku.yaml", b"seiyaku_home: 1\nservice: closm-i\nsystems: {app: app.db}\n"),
        ("seiyaku.yaml",),
        "SY113",
        2,
    ),
    "a store that is no database": (
        spoil("seiyaku.sqlite", b"nothing " * 900),
        ("seiyaku.sqlite",),
        "SY330",
        3,
    ),
    "a record of runs that is no database": (
        spoil("runs.sqlite", b"nothing " * 900),
        ("runs.sqlite",),
        "SY331",
        3,
    ),
    "a key that is lost": (spoil("keys/evidence.key", None), ("keys",), "SY163", 2),
    "a key that is spoilt": (spoil("keys/evidence.key", b"x"), ("keys",), "SY163", 2),
    "a checkpoint with a changed byte": (
        flip("evidence/public/checkpoint"),
        ("evidence",),
        "SY61",
        1,
    ),
    "a journal with a changed byte": (flip("evidence/journal"), ("evidence",), "SY61", 1),
    "evidence that is gone": (spoil("evidence", None), ("evidence",), "SY617", 1),
    "evidence that is a file": (spoil("evidence", b"x"), ("evidence",), "SY617", 1),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_a_run_says_what_is_wrong_changes_nothing_and_goes_on_when_it_is_mended(
    cause: str, day: BadDay
) -> None:
    broken, kept, code, exit_code = CAUSES[cause]
    whole = day.company()
    day.keep(*kept)
    broken(day.folder)
    with pytest.raises(SeiyakuError) as caught, day.home() as home:
        home.run(day.plan)
    assert caught.value.code.startswith(code)
    assert isinstance(caught.value, InvalidDocument) or caught.value.hint() or code == "SY61"

    assert exit_of(caught.value) == exit_code
    assert "canary" not in str(caught.value) + caught.value.hint()
    assert day.leaks() == []

    day.mend()
    assert day.company() == whole, "something was done though the run failed"
    with day.home() as home:
        assert to_the_end(home, day.plan) == frozenset()
        assert home.request(day.request).state == "open"  # tasks by hand are left
    assert day.company() != whole


@pytest.mark.parametrize(
    "cause",
    [
        "a missing table",
        "a database that is not there",
        "a key that is lost",
        "evidence that is gone",
    ],
)
def test_the_command_line_ends_with_the_code_for_it_and_one_clear_line(
    cause: str, day: BadDay
) -> None:
    broken, _, code, exit_code = CAUSES[cause]
    broken(day.folder)
    ended = typed("request", "run", day.request, "--home", str(day.folder))
    assert ended.returncode == exit_code
    assert ended.stderr.startswith(f"{code}: ")
    assert len(ended.stderr.splitlines()) == 2, "what is wrong, and what to do"
    assert "canary" not in ended.stdout + ended.stderr


@pytest.mark.parametrize("cause", ["a missing table", "logs that are not there"])
def test_a_plan_that_cannot_be_made_leaves_the_request_to_be_planned_again(
    cause: str, day: BadDay
) -> None:
    broken, kept, code, _ = CAUSES[cause]
    day.keep(*kept)
    broken(day.folder)
    with day.home() as home:
        with pytest.raises(SeiyakuError) as caught:
            planned(home, "disclosure", "2")
        assert caught.value.code == code
        request = home.requests()[-1]
        assert request.state == "identity_shown"
    day.mend()
    with day.home() as home:
        assert home.plan(request.id).groups


def test_a_column_renamed_after_the_plan_of_a_disclosure_is_said_and_the_package_made_later(
    day: BadDay,
) -> None:
    day.keep("app.db")
    CAUSES["a renamed column"][0](day.folder)
    with day.home() as home:
        _, plan = planned(home, "disclosure", "2")
        home.approve(plan.id, SATO)
        with pytest.raises(SeiyakuError) as caught:
            home.run(plan.id)
        assert caught.value.code == "SY501"
        assert "bio" in str(caught.value)
    assert not list((day.folder / "outbox").glob("*")), "half a package would be nobody's to erase"

"""``seiyaku export``: what it prints and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seiyaku.app import init_home
from seiyaku.cli.export import command
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import generate


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of Deskrex."""
    folder = tmp_path_factory.mktemp("export") / "home"
    world = generate("deskrex", folder, people=15)
    places = {**world.databases, **world.folders}
    systems = {n: p.name for n, p in places.items()}
    init_home(folder, "deskrex", systems, clock=FixedClock("2026-11-20T09:00:00+09:00")).close()
    return folder


def run(home: Path, rows: str, *options: str) -> Result:
    """Check a CSV file of these rows."""
    file = home / "devices.csv"
    file.write_text("device,people\n" + rows, "utf-8")
    words = ["improvement_statistics", str(file), "--home", str(home), *options]
    return CliRunner().invoke(command, words)


COLUMNS = ("--group", "device=device_info", "--count", "people")


def test_a_file_that_may_leave_says_by_which_clause(home: Path) -> None:
    ended = run(home, "phone,50\n", *COLUMNS)
    assert (ended.exit_code, ended.output) == (0, "permitted\n  granted  DESK-4.3c\n")


def test_one_that_may_not_says_why_and_ends_with_1(home: Path) -> None:
    ended = run(home, "phone,50\ntablet,2\n", *COLUMNS)
    assert ended.exit_code == 1
    assert ended.output == "refused\n  group too small  2<5  DESK-4.3c\n"


def test_json_names_the_digest_of_the_check(home: Path) -> None:
    ended = run(home, "phone,50\n", *COLUMNS, "--to", "openai", "--json")
    told = json.loads(ended.output)
    assert (ended.exit_code, told["outcome"]) == (1, "refused")
    assert told["reasons"] == [["not_for_recipient", "DESK-4.3c", "openai"]]
    assert len(told["report"]) == 64


def test_a_column_without_its_items_is_wrong_usage(home: Path) -> None:
    assert run(home, "phone,50\n", "--group", "device").exit_code == 2

"""What the page on the guard tells a reader to type works as typed."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from seiyaku.app import init_home
from seiyaku.cli.guard import command
from seiyaku.services import path
from seiyaku.testing.servers import Server

COMMANDS = re.compile(r"^\$ (.+)$", re.M)


def test_the_page_is_typed(
    postgres: Server, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (root / "docs/how-to/guard-postgresql.md").read_text("utf-8")
    export, *typed = COMMANDS.findall(page)
    assert len(typed) == 4
    init_home(tmp_path / "home", "closm-i", {}).close()
    monkeypatch.chdir(tmp_path / "home")
    with postgres.database() as database:
        schema = (path("closm-i") / "schema.sql").read_text("utf-8")
        database.run(*schema.split(";\n")[:-1], "CREATE ROLE app_writer LOGIN")
        monkeypatch.setitem(os.environ, export.split()[1].partition("=")[0], database.dsn)
        roles = []
        try:
            for line in typed:
                words = shlex.split(line)
                assert words[:2] == ["seiyaku", "guard"]
                result = CliRunner().invoke(command, words[2:])
                want = 1 if "status" in words else 0  # it is asked for every purpose here
                assert result.exit_code == want, result.output
                roles += re.findall(r"^(\w+): give it a password", result.output, re.M)
            assert roles == ["seiyaku_ship_goods", "seiyaku_ship_goods__printful__us"]
        finally:
            gone = "DROP OWNED BY {0} CASCADE", "DROP ROLE {0}"
            with database.engine().connect() as connection:
                there = connection.exec_driver_sql(
                    "SELECT rolname FROM pg_roles WHERE rolname = 'app_writer' "
                    "OR starts_with(rolname, 'seiyaku_')"
                ).scalars()
                names = list(there)
            for role in names:
                database.run(*(g.format(role) for g in gone))

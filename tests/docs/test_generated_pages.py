"""The generated pages of the reference say what the code says now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from seiyaku.cli import COMMANDS, cli


@pytest.fixture(scope="module")
def written(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    subprocess.run([sys.executable, str(root / "tools/docs.py"), str(folder)], check=True)
    return folder


def test_every_generated_page_is_up_to_date(root: Path, written: Path) -> None:
    pages = sorted(written.iterdir())
    assert {"command-line.md", "laws.md", "policy-file.md"} <= {p.name for p in pages}
    stale = [
        p.name
        for p in pages
        if p.read_text("utf-8") != (root / "docs/reference" / p.name).read_text("utf-8")
    ]
    assert not stale, "run: make docs"


def test_every_command_and_every_option_is_on_the_page(root: Path) -> None:
    page = (root / "docs/reference/command-line.md").read_text("utf-8")
    for name in COMMANDS:
        assert f"## seiyaku {name}\n" in page
        shown = CliRunner().invoke(cli, [name, "--help"]).output
        options = {w.strip(",") for w in shown.split() if w.startswith("--")} - {"--help"}
        assert not {o for o in options if f"`{o}`" not in page and f" {o} " not in page}

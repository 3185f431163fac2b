"""What the documents tell a reader to type works as typed, and what they link to exists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "PROOFS.md", "CHANGELOG.md")


def _run(blocks: list[str], folder: Path, bin_: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PATH": f"{bin_}:{os.environ['PATH']}", "COLUMNS": "80"}
    script = "set -eu\n" + "\n".join(blocks)
    command = ["bash", "-c", script]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def _blocks(page: Path) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.S)


def test_the_tutorial_runs_as_it_is_written(root: Path, tmp_path: Path) -> None:
    ended = _run(
        _blocks(root / "docs/tutorial/first-hour.md"), tmp_path, Path(sys.executable).parent
    )
    assert ended.returncode == 0, ended.stdout[-1500:] + ended.stderr[-1500:]
    assert "THE RECEIPT IS TRUE" in ended.stdout
    assert "undeclared-column" in ended.stdout


def test_the_commands_of_the_readme_run_as_they_are_written(root: Path, tmp_path: Path) -> None:
    (block,) = (b for b in _blocks(root / "README.md") if "seiyaku init" in b)
    lines = [line for line in block.splitlines() if "verify receipt.json" not in line]
    lines = [f"{line.split('#')[0]} || test $? = 1" for line in lines]
    ended = _run(["\n".join(lines)], tmp_path, Path(sys.executable).parent)
    assert ended.returncode == 0, ended.stdout[-1500:] + ended.stderr[-1500:]
    assert "プライバシーポリシー" in (tmp_path / "notice.html").read_text("utf-8")


def _pages(root: Path) -> list[Path]:
    return [root / p for p in PAGES] + sorted((root / "docs").rglob("*.md"))


def test_every_link_between_documents_leads_somewhere(root: Path) -> None:
    dead = [
        f"{page.relative_to(root)}: {target}"
        for page in _pages(root)
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8"))
        if not target.startswith(("http", "mailto:")) and not (page.parent / target).exists()
    ]
    assert not dead


def test_every_test_that_proofs_names_exists(root: Path) -> None:
    named = re.findall(
        r"`(tests/[\w/.]+\.py)(?:::(\w+))?`", (root / "PROOFS.md").read_text("utf-8")
    )
    assert named
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (root / path).exists()
        or (name and f"def {name}(" not in (root / path).read_text("utf-8"))
    ]
    assert not missing


@pytest.mark.parametrize("word", ["data subject", "data element", "DSAR"])
def test_documents_use_one_word_for_one_thing(root: Path, word: str) -> None:
    assert not [p.name for p in _pages(root) if word in p.read_text("utf-8")]

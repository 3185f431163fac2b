"""What the how-to pages tell a reader to type works as typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seiyaku.app import init_home
from seiyaku.kernel.ids import PersonId
from seiyaku.standing import Consent, Scope
from seiyaku.testing.people import generate

BIN = Path(sys.executable).parent
SHELL = {
    "answer-a-request.md": r"request-\w+\.zip",
    "install-shell-completion.md": "",
    "publish-a-new-version.md": r"0 changes|changes, \d+ material",
    "run-in-ci.md": "birth_date",
    "verify-offline.md": "THE RECEIPT IS TRUE",
}
"""Pages with commands, and a pattern of what they print."""
PYTHON = (
    "ask-in-code.md",
    "choose-an-audience.md",
    "dispose-of-what-is-over.md",
    "erase-many-people.md",
    "give-a-consent-receipt.md",
    "guard-outgoing-calls.md",
    "guard-queries.md",
    "hunt-for-residue.md",
    "let-statistics-leave.md",
    "reach-vendors.md",
    "record-consent-and-assurances.md",
    "record-releases.md",
    "try-a-coming-version.md",
)


def _blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text("utf-8"), re.S)


def _run(command: list[str], folder: Path) -> str:
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "COLUMNS": "80"}
    ended = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout[-800:] + ended.stderr[-1500:]
    return ended.stdout


@pytest.mark.parametrize("page", SHELL)
def test_the_commands_of_a_page_run_as_they_are_written(
    page: str, root: Path, tmp_path: Path
) -> None:
    blocks = _blocks(root / "docs/how-to" / page, "sh")
    assert blocks
    printed = _run(["bash", "-c", "set -eu\n" + "\n".join(blocks)], tmp_path)
    assert re.search(SHELL[page], printed)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of CLOSM i in which somebody agreed to something."""
    folder = tmp_path_factory.mktemp("how-to") / "home"
    world = generate("closm-i", folder, people=20)
    places = {**world.databases, **world.folders}
    with init_home(folder, "closm-i", {n: p.name for n, p in places.items()}) as opened:
        version = opened.parts.policy().version.id
        scope = Scope(items=("email",), purposes=("analytics",))
        opened.record(Consent(PersonId("5"), datetime.now(UTC), scope, version))
    return folder


@pytest.mark.parametrize("page", PYTHON)
def test_the_python_of_a_page_runs_as_it_is_written(page: str, root: Path, home: Path) -> None:
    [block] = _blocks(root / "docs/how-to" / page, "python")
    names = f"from pathlib import Path\nfolder, person = Path({str(home)!r}), '5'\n"
    _run([sys.executable, "-c", names + block], home.parent)


def test_every_page_with_something_to_type_is_typed(root: Path) -> None:
    pages = sorted((root / "docs/how-to").glob("*.md"))
    with_commands = {p.name for p in pages if _blocks(p, "sh")}
    assert with_commands - {"add-a-system.md"} == set(SHELL)
    assert {p.name for p in pages if _blocks(p, "python")} - {"add-a-system.md"} == set(PYTHON)

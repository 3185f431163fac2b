"""The verifier stands alone: standard library and `cryptography`, nothing of ours."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import seiyaku_verify

World = Any
SOURCE = Path(seiyaku_verify.__file__).parent
ALLOWED = {*sys.stdlib_module_names, "cryptography", "_cffi_backend", "cffi", "seiyaku_verify"}


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-m", "seiyaku_verify", *map(str, arguments)]
    plain = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env=plain, check=False
    )


@pytest.fixture
def papers(history: World, tmp_path: Path) -> Path:
    (tmp_path / "receipt.json").write_text(history.receipt, encoding="utf-8")
    (tmp_path / "key").write_text(history.vkey + "\n")
    (tmp_path / "old").write_text(history.remembered)
    return tmp_path


def test_it_loads_nothing_but_the_standard_library_and_cryptography() -> None:
    code = "import sys; before = set(sys.modules); import seiyaku_verify.__main__; " + (
        "print(*sorted({m.partition('.')[0] for m in set(sys.modules) - before}))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _with_path(code)],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert "seiyaku_verify" in loaded
    assert {m for m in loaded if not m.startswith("_")} <= ALLOWED


def _with_path(code: str) -> str:
    """Find the packages without the site module, whose hooks load what they like."""
    packages = [str(SOURCE.parent), *(p for p in sys.path if p.endswith("site-packages"))]
    return f"import sys; sys.path += {packages!r}; {code}"


def test_its_source_names_nothing_else() -> None:
    for path in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            assert {name.partition(".")[0] for name in names} <= ALLOWED - {"cffi"}


def test_a_true_receipt_ends_with_0_and_names_each_step(papers: Path) -> None:
    done = run(
        "receipt", papers / "receipt.json", "--key", papers / "key", "--checkpoint", papers / "old"
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line[:9] for line in lines[:8]] == [f"{n} passed:" for n in range(1, 9)]
    assert lines[-1] == "THE RECEIPT IS TRUE"
    assert max(map(len, lines)) <= 80


def test_the_persons_id_is_shown_only_where_asked_for(papers: Path) -> None:
    asked = ("receipt", papers / "receipt.json", "--key", papers / "key")
    assert "person-0042" not in run(*asked).stdout
    assert "person: person-0042" in run(*asked, "--show-person").stdout


def test_a_false_receipt_ends_with_1_and_shows_no_person(papers: Path) -> None:
    path = papers / "receipt.json"
    path.write_text(path.read_text().replace("person-0042", "person-0043"))
    done = run("receipt", path, "--key", papers / "key", "--show-person")
    assert done.returncode == 1
    assert "step 6 of 8 FAILED" in done.stdout
    assert "person-004" not in done.stdout + done.stderr


def test_a_whole_log_ends_with_0(papers: Path, history: World) -> None:
    done = run("fsck", history.folder, "--key", papers / "key", "--checkpoint", papers / "old")
    assert done.returncode == 0
    assert done.stdout.endswith("THE LOG IS WHOLE\n")
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_bent_log_ends_with_1_and_names_the_place(papers: Path, world: World) -> None:
    tile = world.file("public/tile/0/000")
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    done = run("fsck", world.folder, "--key", papers / "key")
    assert done.returncode == 1
    assert "public/tile/0/000, byte 0 (hash of entry 0)" in " ".join(done.stdout.split())


def test_the_key_must_be_given_or_forgone_in_so_many_words(papers: Path, history: World) -> None:
    done = run("receipt", papers / "receipt.json")
    assert (done.returncode, done.stdout) == (2, "")
    done = run("receipt", papers / "receipt.json", "--own-key")
    assert done.returncode == 0
    assert "KEY NOT CHECKED" in done.stdout
    assert "compare it" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 2),
        (("prove",), 2),
        (("receipt", "nowhere.json", "--own-key"), 3),
        (("fsck", "nowhere", "--own-key"), 3),
        (("receipt", "receipt.json", "--key", "nowhere"), 3),
        (("receipt", "receipt.json", "--key", "receipt.json"), 2),
    ],
)
def test_wrong_use_ends_with_2_and_the_unreadable_with_3(
    papers: Path, arguments: tuple[str, ...], code: int
) -> None:
    placed = [papers / a if a.endswith(("json", "nowhere")) else a for a in arguments]
    done = run(*placed)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_what_an_entry_holds_cannot_steer_the_terminal(papers: Path) -> None:
    path = papers / "receipt.json"
    path.write_text(path.read_text().replace('"index": 5', '"index": "\\u001b[2J\\u202e"'))
    done = run("receipt", path, "--key", papers / "key")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout

"""The installed wheel is whole: all a user needs is in it, nothing of the tests, and it runs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from seiyaku.cli import COMMANDS
from seiyaku.laws import pack_ids
from seiyaku.services import available

BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built here by the build backend itself: no network, no other environment."""
    folder = tmp_path_factory.mktemp("dist")
    built = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)], cwd=root, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    return folder / built.stdout.split()[-1]


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_holds_the_data_of_every_service(names: set[str]) -> None:
    for service in available():
        folder = "seiyaku/services/" + service.replace("-", "_")
        assert {f"{folder}/{n}" for n in ("policy.yaml", "datamap.yaml", "schema.sql")} <= names


def test_it_holds_every_law_pack_template_and_type_marker(names: set[str]) -> None:
    assert {f"seiyaku/laws/packs/{pack}.yaml" for pack in pack_ids()} <= names
    assert {"seiyaku/py.typed", "seiyaku_verify/py.typed"} <= names
    assert {f"seiyaku/cli/{name.replace('-', '_')}.py" for name in COMMANDS} <= names


def test_every_file_of_the_source_that_is_no_python_is_in_it(root: Path, names: set[str]) -> None:
    """Templates, tables, style sheets: what the code reads beside it."""
    listed = subprocess.run(
        ["git", "ls-files", "src"], cwd=root, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    data = {line.removeprefix("src/") for line in listed if not line.endswith(".py")}
    assert any(name.endswith(".html") for name in data)
    assert data <= names


def test_it_holds_no_tests_and_nothing_of_how_it_is_made(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    [metadata] = [t for t in tops if t.endswith(".dist-info")]
    assert tops == {"seiyaku", "seiyaku_verify", metadata}
    assert f"{metadata}/licenses/LICENSE" in names
    assert not [n for n in names if "test_" in n or "conftest" in n or "__pycache__" in n]


def test_installed_in_an_empty_folder_it_runs_the_demo(wheel: Path, tmp_path: Path) -> None:
    target, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*command, "--target", str(target), str(wheel)], check=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "SEIYAKU"))}
    env["PYTHONPATH"] = str(target)
    where = "import seiyaku; print(seiyaku.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", where],
        cwd=empty,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(found.stdout.strip()).is_relative_to(target), "the checkout was imported"
    ended = subprocess.run(
        [sys.executable, "-m", "seiyaku", "demo", "--people", "60"],
        cwd=empty,
        env=env,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "THE RECEIPT IS TRUE" in ended.stdout

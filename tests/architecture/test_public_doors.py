"""Promise tests act through public doors, and every public name is real."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest

import seiyaku

PACKAGES = sorted(m.name for m in pkgutil.iter_modules(seiyaku.__path__) if m.ispkg)


def _imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
    return found


def test_promise_tests_import_only_the_faces_of_packages(root: Path) -> None:
    inside = {
        f"{path.name}: {name}"
        for path in (root / "tests" / "promises").glob("**/*.py")
        for name in _imports(path)
        if name.startswith("seiyaku.")
        and name.count(".") > 1
        and not name.startswith(("seiyaku.testing.", "seiyaku.doors."))  # every door is a face
    }
    assert not inside, "a promise is kept through a public door only"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_of_a_package_exists(package: str) -> None:
    module = importlib.import_module(f"seiyaku.{package}")
    names = getattr(module, "__all__", [])
    assert all(hasattr(module, name) for name in names)


@pytest.mark.parametrize("package", PACKAGES)
def test_the_face_of_a_package_says_what_it_serves(package: str) -> None:
    assert len((importlib.import_module(f"seiyaku.{package}").__doc__ or "").split()) > 8

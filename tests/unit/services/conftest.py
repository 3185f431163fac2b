"""What the tests of the services share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def reference_folder(root: Path) -> Path:
    """The reference folder beside the repository; its tests skip, saying so, without it."""
    folder = root.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the reference folder is not beside the repository")
    return folder


@pytest.fixture(scope="session")
def register(reference_folder: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """The register of promises: service → clause id without prefix → entry."""
    entries = json.loads((reference_folder / "promises" / "register.json").read_text("utf-8"))
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for entry in entries:
        clause = entry["id"].partition("-")[2]
        found.setdefault(entry["service"], {})[clause] = entry
    return found

"""A log, its key, and entries to put into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from seiyaku.evidence import Entry, Log, SigningKey

NOON = datetime(2026, 2, 16, 3, 0, tzinfo=UTC)


def an_entry(number: int = 0, **changes: Any) -> Entry:
    fields: dict[str, Any] = {
        "act_id": f"plan-7/app.orders/{number}",
        "kind": "outcome",
        "at": NOON,
        "service": "closm-i",
        "clauses": ("CLOSM-9.2b", "APPI 35(6)"),
        "act": "erase",
        "outcome": "done",
        "system": "app.orders",
        "counts": {"rows": 3},
        "actor": "sato",
        "version": "2026-02-16",
        "digests": {"policy": "ab" * 32},
    }
    return Entry(**{**fields, **changes})


@pytest.fixture
def make() -> Callable[..., Entry]:
    return an_entry


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return SigningKey.generate("evidence.example.jp/closm-i")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def log(folder: Path, key: SigningKey) -> Iterator[Log]:
    with Log(folder, key) as opened:
        yield opened

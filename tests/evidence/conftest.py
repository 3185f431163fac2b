"""A log with a history, copied for each test that bends it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seiyaku.evidence import Entry, Log, SigningKey, commitment_of, make_receipt, new_nonce

NOON = datetime(2026, 2, 16, 3, 0, tzinfo=UTC)
PERSON = "person-0042"
REMEMBERED = 300
SIZE = 700


def told(number: int, nonce: bytes) -> Entry:
    """Entry `number` of the history: an erasure of the person's rows."""
    return Entry(
        act_id=f"plan-7/app.orders/{number}",
        kind="outcome",
        at=NOON,
        service="closm-i",
        clauses=("CLOSM-9.2b",),
        act="erase",
        outcome="done",
        system="app.orders",
        counts={"rows": number},
        version="2026-02-16",
        digests={"policy": "ab" * 32},
        person=commitment_of(PERSON, nonce),
        detail={"reach": "vacuumed", "backups_expire_on": "2026-05-16"},
    )


@dataclass(frozen=True)
class World:
    """A log folder with 700 entries, what one remembers of it, and a receipt."""

    folder: Path
    key: SigningKey
    nonces: dict[int, bytes]
    remembered: str
    head: str
    receipt: str

    @property
    def vkey(self) -> str:
        return str(self.key.verifier)

    def file(self, path: str) -> Path:
        return self.folder / path


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("evidence") / "log"
    key = SigningKey.generate("evidence.example.jp/closm-i")
    nonces = {n: new_nonce() for n in range(SIZE)}
    with Log(folder, key) as log:
        for start in range(0, SIZE, 50):
            log.append([told(n, nonces[n]) for n in range(start, start + 50)])
            if log.size == REMEMBERED:
                remembered = log.checkpoint()
        receipt = make_receipt(log, [5, 256, 699], _some(nonces), PERSON, since=remembered)
        head = log.checkpoint().note
    return World(folder, key, nonces, remembered.note, head, receipt.to_json())


def _some(nonces: dict[int, bytes]) -> dict[int, bytes]:
    return {n: nonces[n] for n in (5, 256, 699)}


@pytest.fixture
def world(history: World, tmp_path: Path) -> World:
    """A copy of the history that a test may bend."""
    folder = tmp_path / "log"
    shutil.copytree(history.folder, folder)
    return World(
        folder, history.key, history.nonces, history.remembered, history.head, history.receipt
    )

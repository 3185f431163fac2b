"""Everything an erasure may touch, as text that can be compared."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from seiyaku.evidence import Log, SigningKey
from seiyaku.kernel.errors import EvidenceBroken
from seiyaku_verify import VerifyError, fsck

RANDOM = ("gone", "nonces", "secrets")
"""Tables of our own whose values differ between runs by design."""


def database(path: Path) -> str:
    """Digest of every row of a database."""
    with closing(sqlite3.connect(path)) as db:
        return digest("\n".join(db.iterdump()))


def folder(path: Path) -> str:
    """Digest of every visible file below a folder."""
    files = sorted(p for p in path.rglob("*") if p.is_file() and ".seiyaku" not in str(p))
    lines = [f"{p.relative_to(path)} {digest(p.read_bytes())}" for p in files]
    return digest("\n".join(lines))


def own_store(path: Path) -> dict[str, str]:
    """Digest of every table of the control plane."""
    with closing(sqlite3.connect(path)) as db:
        names = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {n: sorted(map(repr, db.execute(f'SELECT * FROM "{n}"'))) for n in names}
    counted = {n: str(len(rows)) for n, rows in tables.items() if n in RANDOM}
    return {n: digest("\n".join(rows)) for n, rows in tables.items() if n not in RANDOM} | counted


def entries(home: Path) -> list[dict[str, Any]]:
    """Every entry of the evidence as act id, kind, system and outcome, published or not yet."""
    key = SigningKey.load(home / "keys" / "evidence.key")
    try:
        with TemporaryDirectory() as folder:
            copy = shutil.copytree(home / "evidence", Path(folder) / "evidence")
            with Log(copy, key) as log:
                return [
                    {"act": e.act_id, "kind": e.kind, "system": e.system, "outcome": e.outcome}
                    for e in log.entries()
                ]
    except EvidenceBroken as error:
        return [{"act": f"broken {error.code}", "kind": "", "system": "", "outcome": ""}]


def checkpoint(home: Path) -> str | None:
    """What the log has published last, as somebody outside remembers it."""
    path = home / "evidence" / "public" / "checkpoint"
    return path.read_text("utf-8") if path.exists() else None


def doubts(home: Path, remembered: str | None = None) -> str:
    """What the verifier, which shares no code with the writer, has against the log.

    Args:
        remembered: a checkpoint from before, which the log must have grown out of.
    """
    key = SigningKey.load(home / "keys" / "evidence.key").verifier
    try:
        fsck(home / "evidence", str(key), remembered)
    except VerifyError as error:
        return str(error)
    return ""


def state(home: Path) -> dict[str, Any]:
    """The whole installation."""
    return {
        "app": database(home / "app.db"),
        "media": folder(home / "media"),
        "logs": folder(home / "logs"),
        "events": folder(home / "events"),
        "seiyaku": own_store(home / "seiyaku.sqlite"),
        "entries": entries(home),
    }


def digest(data: str | bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()

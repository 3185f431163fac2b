"""Which entry tells which act: the index that makes appending idempotent.

A SQLite file beside the log, derived from the entries and rebuilt at need. It
holds no text, only the first 16 bytes of the SHA-256 of an act id.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS acts (key BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS covers (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL);
INSERT OR IGNORE INTO covers VALUES (1, 0);
"""
_AT_ONCE = 100
_FIND_ONE = "SELECT key, at FROM acts WHERE key = ?"
_FIND = f"SELECT key, at FROM acts WHERE key IN ({','.join('?' * _AT_ONCE)})"  # noqa: S608


def act_key(act_id: str) -> bytes:
    """The key of an act: 16 bytes."""
    return hashlib.sha256(act_id.encode()).digest()[:16]


class ActIndex:
    """Act key to entry index, for the entries below `covers`."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # WAL with NORMAL loses the newest rows in a power failure, never the file's order:
        # `covers` then tells from where to index again.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    @property
    def covers(self) -> int:
        """The entries with an index below this are known here."""
        row: tuple[int] = self._db.execute("SELECT size FROM covers").fetchone()
        return row[0]

    def find(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        """Index of the entry that tells the act, for those of `keys` that are known."""
        found: dict[bytes, int] = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            padded = [*some, *[None] * (_AT_ONCE - len(some))] if len(some) > 1 else some
            found.update(self._db.execute(_FIND if len(some) > 1 else _FIND_ONE, padded))
        return found

    def extend(self, acts: Iterable[tuple[bytes, int]], covers: int) -> None:
        """Add `acts`, after which the index covers the entries below `covers`."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("INSERT OR IGNORE INTO acts VALUES (?, ?)", acts)
        self._db.execute("UPDATE covers SET size = ?", (covers,))
        self._db.execute("COMMIT")

    def clear(self) -> None:
        """Forget everything: the index belongs to another log."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("DELETE FROM acts")
        self._db.execute("UPDATE covers SET size = 0")
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

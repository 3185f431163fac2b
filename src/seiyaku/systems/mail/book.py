"""The book of mails: a row for each mail sent and each that came back, and the list of marks.

A mark is a keyed hash of an address. Without the key nobody can tell whose it is; with it one
can ask whether an address is on the list, and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from seiyaku.kernel.errors import SystemUnavailable

Why = Literal["bounced", "complained", "opted_out"]
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sent (id TEXT PRIMARY KEY, address TEXT NOT NULL, letter TEXT NOT NULL,
  at TIMESTAMP NOT NULL, state TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS sent_address ON sent (address);
CREATE TABLE IF NOT EXISTS bounces (id INTEGER PRIMARY KEY, address TEXT NOT NULL,
  mail TEXT NOT NULL, status TEXT NOT NULL, at TIMESTAMP NOT NULL);
CREATE INDEX IF NOT EXISTS bounces_address ON bounces (address);
CREATE TABLE IF NOT EXISTS suppressed (mark TEXT PRIMARY KEY, why TEXT NOT NULL,
  at TIMESTAMP NOT NULL);
"""


@dataclass(frozen=True)
class Bounce:
    """A mail that came back.

    Args:
        mail: Message-ID of the mail. status: as RFC 3463 writes it (``5.1.1``).
        complaint: the receiver called it unwanted.
    """

    mail: str
    address: str
    status: str
    complaint: bool = False

    @property
    def lasting(self) -> bool:
        """Whether writing again is of no use."""
        return self.complaint or self.status.startswith("5")


class Book:
    """The book of mails of one installation.

    Args:
        system: its id, for errors. path: the file, made where it is missing; the key of the
            marks lies beside it (``.key``), readable by this user only.
        key: the key of the marks, where it is kept elsewhere.
    """

    def __init__(self, system: str, path: Path, key: bytes | None = None) -> None:
        self._system, self._path = system, path
        if not path.exists():
            with self._opened() as connection:
                connection.executescript(_SCHEMA)
        self._key = key or self._own_key()

    def mark(self, address: str) -> str:
        """The keyed hash of an address, however it is written."""
        plain = unicodedata.normalize("NFKC", address).strip().casefold()
        return hmac.new(self._key, plain.encode(), hashlib.sha256).hexdigest()

    def suppress(self, address: str, why: Why, at: datetime) -> None:
        """Never write to `address` again; the first reason stays."""
        self._run(
            "INSERT INTO suppressed VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (self.mark(address), why, at.isoformat()),
        )

    def suppressed(self, address: str) -> Why | None:
        """Why `address` must not be written to; None where it may."""
        with self._opened() as connection:
            statement = "SELECT why FROM suppressed WHERE mark = ?"
            row = connection.execute(statement, (self.mark(address),)).fetchone()
        return row[0] if row else None

    def state(self, mail: str) -> str | None:
        """What became of a mail: ``sending``, ``accepted``, ``refused``, ``bounced``."""
        with self._opened() as connection:
            row = connection.execute("SELECT state FROM sent WHERE id = ?", (mail,)).fetchone()
        return row[0] if row else None

    def note(self, mail: str, address: str, letter: str, state: str, at: datetime) -> None:
        """Write down a mail, or what became of it."""
        self._run(
            "INSERT INTO sent VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET state = excluded.state",
            (mail, address, letter, at.isoformat(), state),
        )

    def forget_address(self, mail: str) -> None:
        """Cut a mail off from whom it went to: the notice of an erasure is the last of them."""
        self._run("UPDATE sent SET address = '' WHERE id = ?", (mail,))

    def came_back(self, bounce: Bounce, at: datetime) -> bool:
        """Write down a mail that came back, and its address on the list where that lasts.

        Returns:
            False for a mail that was not sent from here to that address: anybody can write a
            report.
        """
        with self._opened() as connection:
            statement = "SELECT address FROM sent WHERE id = ?"
            row = connection.execute(statement, (bounce.mail,)).fetchone()
            if row is None or self.mark(row[0]) != self.mark(bounce.address):
                return False
            connection.execute("UPDATE sent SET state = 'bounced' WHERE id = ?", (bounce.mail,))
            connection.execute(
                "INSERT INTO bounces (address, mail, status, at) VALUES (?, ?, ?, ?)",
                (row[0], bounce.mail, bounce.status, at.isoformat()),
            )
        if bounce.lasting:
            self.suppress(bounce.address, "complained" if bounce.complaint else "bounced", at)
        return True

    def bounces(self) -> list[tuple[str, datetime]]:
        """Address and moment of every mail that came back, oldest first."""
        with self._opened() as connection:
            rows = connection.execute("SELECT address, at FROM bounces ORDER BY id").fetchall()
        return [(address, datetime.fromisoformat(at)) for address, at in rows]

    def _run(self, statement: str, values: tuple[str, ...]) -> None:
        with self._opened() as connection:
            connection.execute(statement, values)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
                connection.execute("PRAGMA secure_delete = ON")
                yield connection
        except sqlite3.Error:
            raise SystemUnavailable(
                f"`{self._system}`: the book of mails cannot be read or written",
                code="SY304",
                hint="see where it lies, who may write there, and whether the disk is full",
            ) from None

    def _own_key(self) -> bytes:
        path = self._path.with_suffix(".key")
        if not path.exists():
            path.touch(mode=0o600)
            path.write_bytes(secrets.token_bytes(32))
        return path.read_bytes()

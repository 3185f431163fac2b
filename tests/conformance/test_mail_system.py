"""The book of mails passes the public suite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seiyaku.datamap import DataMap
from seiyaku.datamap.system import HandleColumn, Handles, Row
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.systems.mail import Book, Bounce, MailSystem
from seiyaku.testing.system_suite import Bench, Correction, Holdings, SystemSuite

NAME = {"ja": "系", "en": "system"}
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
COLUMNS = {
    "sent": ("id", "address", "letter", "at", "state"),
    "bounces": ("id", "address", "mail", "status", "at"),
}
SUPPRESSED = {"key": "mark", "shared": True, "fields": dict.fromkeys(("mark", "why", "at"))}
USERS = {"person": "user", "key": "email", "fields": {"email": "email"}}
ONE, TWO = "marker-one@example.com", "two@example.com"


def mail_map() -> DataMap:
    datasets = {
        name: {
            "key": "id",
            "links": [{"by": "address", "to": "app.users"}],
            "fields": {**dict.fromkeys(columns), "address": "email"},
        }
        for name, columns in COLUMNS.items()
    }
    mail = {"kind": "mail", "name": NAME, "datasets": {**datasets, "suppressed": SUPPRESSED}}
    app = {"kind": "sqlite", "name": NAME, "datasets": {"users": USERS}}
    raw = {"seiyaku_datamap": 1, "service": "t", "systems": {"app": app, "mail": mail}}
    return DataMap.model_validate(raw)


class TestMail(SystemSuite):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        path, datamap = tmp_path / "mail.sqlite", mail_map()
        book = Book("mail", path)
        for address in (ONE, TWO):
            book.note(f"<{address}>", address, "received", "accepted", AT)
            book.came_back(Bounce(f"<{address}>", address, "5.1.1"), AT)

        def look() -> Holdings:
            with closing(sqlite3.connect(path)) as connection:
                return {DatasetId(f"mail.{n}"): _rows(connection, n) for n in COLUMNS}

        @contextmanager
        def cut_off() -> Iterator[None]:
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("BEGIN EXCLUSIVE")
                yield

        @contextmanager
        def spoil() -> Iterator[None]:
            refuse = "BEGIN SELECT RAISE(ABORT, 'marker-one'); END"
            with closing(sqlite3.connect(path)) as connection:
                connection.execute(f"CREATE TRIGGER no BEFORE DELETE ON bounces {refuse}")
                yield
                connection.execute("DROP TRIGGER no")

        def known(address: str) -> Handles:
            column = HandleColumn(DatasetId("app.users"), ("email",))
            return Handles({column: frozenset({(address,)})})

        held = {d: [r for r in rows if ONE in r] for d, rows in look().items()}
        return Bench(
            system=SystemId("mail"),
            datamap=datamap,
            open=lambda: MailSystem("mail", datamap.systems["mail"], path, timeout_s=0.2),
            person=known(ONE),
            absent=known("nobody@example.com"),
            held=held,
            referring={},
            look=look,
            cut_off=cut_off,
            spoil=spoil,
            markers=("marker-one",),
            correction=Correction(DatasetId("mail.sent"), "letter", "done"),
        )


def _rows(connection: sqlite3.Connection, name: str) -> list[Row]:
    columns = COLUMNS[name]
    found = connection.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall()
    at = columns.index("at")
    return [(*r[:at], datetime.fromisoformat(r[at]), *r[at + 1 :]) for r in found]

"""The book of mails as a company system: its rows are found by address, as in any database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import Capabilities
from seiyaku.systems.mail.book import Book
from seiyaku.systems.sqlite import SqliteSystem


class MailSystem(SqliteSystem):
    """Mails sent and come back. INVARIANT: no erasure touches the list of marks.

    Args:
        system: its id in the data map. entry: its declaration. path: the book of mails.
        key: the key of the marks, where it is kept elsewhere.
    """

    def __init__(
        self,
        system: str,
        entry: SystemEntry,
        path: Path,
        *,
        key: bytes | None = None,
        timeout_s: float = 5.0,
    ) -> None:
        self.book = Book(system, path, key)
        super().__init__(system, entry, path, timeout_s=timeout_s)

    @property
    def capabilities(self) -> Capabilities:
        """Those of a SQLite file; what lies in mailboxes is the receivers'."""
        can = super().capabilities
        others = ("mails in the mailboxes of those who received them", "logs of the mail server")
        return replace(can, excludes=(*can.excludes, *others))

"""Who was erased, as keyed hashes, for as long as a backup could bring them back.

The list and its key lie outside every backup: without the key the hashes say nothing, and a
backup that held both would be a register of the erased. One file for each day on which what it
holds expires, so that forgetting is removing a file.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from seiyaku.evidence.files import sync
from seiyaku.kernel.clock import parse_at


@dataclass(frozen=True)
class Erased:
    """One erasure: the hashes of its people's keys and of what names them strongly."""

    at: datetime
    kind: str
    people: frozenset[str]
    marks: frozenset[str]


class ReplayList:
    """The list in one folder.

    Args:
        folder: made at the first use, readable by this user only.
        kept_days: days after an erasure on which the last backup from before it is gone.
    """

    def __init__(self, folder: Path, kept_days: int) -> None:
        self._folder, self._kept = folder, timedelta(days=kept_days)

    def hashed(self, word: str, value: str) -> str:
        """A value as the list holds it; `word` keeps values of several kinds apart."""
        text = f"{word}\0{value}".encode()
        return hmac.new(self._key(), text, hashlib.sha256).hexdigest()[:32]

    def add(self, at: datetime, kind: str, people: Iterable[str], marks: Iterable[str]) -> None:
        """Remember an erasure until the last backup from before it is gone; on disk at once."""
        self._key()  # the folder is there from here on
        line = {"at": at.isoformat(), "kind": kind, "people": sorted(people)}
        data = json.dumps({**line, "marks": sorted(marks)}) + "\n"
        path = self._folder / f"{(at + self._kept).date()}.jsonl"
        with open(path, "a", encoding="ascii", opener=_private) as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        sync([self._folder])

    def since(self, taken_at: datetime) -> Iterator[Erased]:
        """Erasures after a backup was taken: only those can it bring back."""
        for path in self._files():
            for line in path.read_text("ascii").splitlines():
                read = json.loads(line)
                at = parse_at(read["at"])
                if at > taken_at:
                    people, marks = frozenset(read["people"]), frozenset(read["marks"])
                    yield Erased(at, read["kind"], people, marks)

    def expire(self, today: date) -> int:
        """Destroy what no backup can bring back any longer; how many files went."""
        gone = [p for p in self._files() if date.fromisoformat(p.stem) < today]
        for path in gone:
            path.unlink()
        return len(gone)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.jsonl"))

    def _key(self) -> bytes:
        path = self._folder / "key"
        if not path.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(path, "xb", opener=_private) as out:
                out.write(secrets.token_bytes(32))
                out.flush()
                os.fsync(out.fileno())
            sync([self._folder])
        return path.read_bytes()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

"""A home with a closure approved, ways to break it and to mend it, and what may not change."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from seiyaku.app import Home, open_home
from seiyaku.kernel.actors import Actor
from seiyaku.plans.model import Plan
from seiyaku.requests.identity import Proof
from seiyaku.requests.model import Request
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.person import Person

AT = "2026-11-20T09:00:00+09:00"
SATO = Actor("sato", "approver")
COMPANY = ("app.db", "media", "logs", "events")
"""Everything of the company in a home; the rest is ours."""

Break = Callable[[Path], None]


@dataclass
class BadDay:
    """A home folder in which the closure of one person is approved and not begun.

    Args:
        person: who leaves; their canary stands in every system. request: theirs.
    """

    folder: Path
    person: Person
    request: str
    plan: str
    _kept: dict[str, Path] = field(default_factory=dict)

    def home(self) -> Home:
        """The home, opened by a process that knows nothing yet."""
        return open_home(self.folder, clock=FixedClock(AT))

    def keep(self, *names: str) -> None:
        """Remember how files and folders look, for `mend`."""
        for name in names:
            beside = self.folder.with_name(f"kept-{name.replace('/', '-')}")
            _copy(self.folder / name, beside)
            self._kept[name] = beside

    def mend(self) -> None:
        """Put back what was kept."""
        for name, beside in self._kept.items():
            _remove(self.folder / name)
            _copy(beside, self.folder / name)

    def company(self) -> dict[str, object]:
        """Everything of the company, as values that can be compared."""
        return {name: _look(self.folder / name) for name in COMPANY}

    def leaks(self) -> list[str]:
        """Our files, but for the store and the outbox, that hold something of anybody."""
        ours = ("evidence", "keys", "runs.sqlite", "runs.sqlite-wal", "worker.lock")
        files = [p for n in ours for p in _files(self.folder / n)]
        return [str(p) for p in files if b"canary" in p.read_bytes()]


def planned(home: Home, kind: str, person: str) -> tuple[Request, Plan]:
    """A request of a person, planned."""
    request = home.receive(kind, person=person)  # type: ignore[arg-type]
    home.show_identity(request.id, Proof("signed_in"))
    return request, home.plan(request.id)


def to_the_end(home: Home, plan: str) -> frozenset[str]:
    """Run a plan until no system is left unreachable; systems that were on the way there."""
    unreachable: set[str] = set()
    for _ in range(3):
        result = home.run(plan)
        left = {o.system for o in result.outcomes if o.outcome == "unreachable"}
        if not left:
            return frozenset(unreachable)
        unreachable |= left
    raise AssertionError(f"still unreachable: {unreachable}")


def typed(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What the command line says and ends with, in a process of its own."""
    command = [sys.executable, "-m", "seiyaku", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def sql(*statements: str) -> Break:
    """Break the application's database by statements."""

    def change(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "app.db")) as db:
            for statement in statements:
                db.execute(statement)
            db.commit()

    return change


def spoil(name: str, data: bytes | None) -> Break:
    """Put `data` in the place of a file or folder; None takes it away."""

    def change(folder: Path) -> None:
        _remove(folder / name)
        if data is not None:
            (folder / name).write_bytes(data)

    return change


def flip(name: str) -> Break:
    """Change one byte in the middle of a file."""

    def change(folder: Path) -> None:
        data = bytearray((folder / name).read_bytes())
        data[len(data) // 2] ^= 1
        (folder / name).write_bytes(data)

    return change


def settings(text: str) -> Break:
    """Add lines to ``seiyaku.yaml``."""

    def change(folder: Path) -> None:
        with (folder / "seiyaku.yaml").open("a", encoding="utf-8") as file:
            file.write(text)

    return change


def datamap(old: str, new: str) -> Break:
    """Change one word of the data map."""

    def change(folder: Path) -> None:
        text = (folder / "datamap.yaml").read_text("utf-8")
        assert old in text
        (folder / "datamap.yaml").write_text(text.replace(old, new, 1), "utf-8")

    return change


def _look(path: Path) -> object:
    if path.suffix == ".db":
        with closing(sqlite3.connect(path)) as db:
            return tuple(db.iterdump())
    return {str(p.relative_to(path)): p.read_bytes() for p in _files(path)}


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(p for p in path.rglob("*") if p.is_file() and ".seiyaku" not in str(p))


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        shutil.copy(source, target)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

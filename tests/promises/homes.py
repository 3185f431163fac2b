"""A home over a generated service, and short ways through it: what promise tests share.

`installed` makes the home once; tests that write open a copy of it (`Copies`).
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from click.testing import CliRunner

from seiyaku.app import Home, init_home, open_home
from seiyaku.assurance import Assurance
from seiyaku.cli import cli
from seiyaku.doors.handling import handling
from seiyaku.evidence import Entry
from seiyaku.gate import Decision, Question
from seiyaku.kernel import Actor, PersonId
from seiyaku.requests import Proof, Request
from seiyaku.services import path as packaged
from seiyaku.standing import Acceptance, AgeBand
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import World, generate

AT = datetime.fromisoformat("2026-11-20T09:00:00+09:00")
SINCE = datetime.fromisoformat("2026-04-01T00:00:00+09:00")
UNTIL = datetime.fromisoformat("2027-04-01T00:00:00+09:00")
APPROVER = Actor("sato", "approver")


@dataclass
class Installed:
    """One open home, with the people and the clock it was made with."""

    home: Home
    world: World
    clock: FixedClock
    folder: Path

    def ask(
        self, person: PersonId, act: Any, item: str, *, at: datetime = AT, **words: Any
    ) -> Decision:
        """Ask the gate one question about a person."""
        return self.home.ask(Question(act, person, item, at, **words))

    def ask_on(self, person: PersonId, act: Any, item: str, **words: Any) -> tuple[Decision, Entry]:
        """Ask, and read the entry the question left in the evidence."""
        decision = self.ask(person, act, item, **words)
        log = self.home.parts.log_reader()
        return decision, log.entry(log.checkpoint().size - 1)

    def sql(self, query: str, *values: object, system: str = "app") -> list[tuple[Any, ...]]:
        """Read (or change) one of the service's own databases beside the product."""
        with closing(sqlite3.connect(self.folder / f"{system}.db")) as db, db:
            return db.execute(query, values).fetchall()

    def query(
        self,
        query: str,
        purpose: str,
        *,
        person: str | None = None,
        staff: str | None = None,
        refused: Any = "null",
        **values: object,
    ) -> list[tuple[Any, ...]]:
        """Ask the service's database through its door; staff only where `staff` is given."""
        return through_door(
            self.home, query, purpose, person=person, staff=staff, refused=refused, **values
        )

    def proven(self, kind: Any, person: str, proof: str = "signed_in", **asked: Any) -> Request:
        """Receive a request and show identity."""
        request = self.home.receive(kind, person=person, **asked)
        return self.home.show_identity(request.id, Proof(proof))

    def carry_out(self, kind: Any, person: str, proof: str = "signed_in", **asked: Any) -> Request:
        """Receive a request, show identity, plan, approve and run it."""
        request = self.proven(kind, person, proof, **asked)
        plan = self.home.plan(request.id)
        self.home.approve(plan.id, APPROVER)
        self.home.run(plan.id)
        return self.home.request(request.id)

    def package(self, request: Request) -> dict[str, list[dict[str, Any]]]:
        """The rows of a disclosure, by dataset."""
        with zipfile.ZipFile(self.home.package(request.id)) as archive:
            document = json.loads(archive.read("data.json"))
        return {
            d["id"]: [
                dict(zip([c["name"] for c in d["columns"]], r, strict=True)) for r in d["rows"]
            ]
            for d in document["datasets"]
        }


def _rows(dataset: dict[str, Any]) -> list[dict[str, Any]]:
    names = [column["name"] for column in dataset["columns"]]
    return [dict(zip(names, row, strict=True)) for row in dataset["rows"]]


def installed(service: str, folder: Path, people: int = 60) -> World:
    """Generate a service in `folder` and make a home of it."""
    made = generate(service, folder, people)
    places: Mapping[str, Path] = {**made.databases, **made.folders}
    systems = {name: str(path.relative_to(folder)) for name, path in places.items()}
    init_home(folder, service, systems, clock=FixedClock(AT)).close()
    return made


class Copies:
    """Opens copies of a home in a folder, as often as a test likes."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._folder = folder
        self._open: list[Home] = []

    def __call__(self, edit: Callable[[Path], None] | None = None, name: str = "home") -> Installed:
        """A copy; `edit` changes its files before it opens."""
        folder = self._folder / name
        shutil.copytree(self._world.home, folder)
        if edit is not None:
            edit(folder)
        clock = FixedClock(AT)
        self._open.append(open_home(folder, clock=clock))
        return Installed(self._open[-1], self._world, clock, folder)

    def close(self) -> None:
        """Close every copy."""
        for home in self._open:
            home.close()


def through_door(
    home: Home,
    query: str,
    purpose: str,
    *,
    person: str | None = None,
    staff: str | None = None,
    refused: Any = "null",
    **values: object,
) -> list[tuple[Any, ...]]:
    """The rows a statement brings through the door before `app`, within one handling."""
    engine = home.doors.database("app", [purpose], staff_only=bool(staff), refused=refused)
    try:
        with (
            handling(person=person, purpose=purpose, staff=staff),
            engine.begin() as connection,
        ):
            found = connection.execute(sa.text(query), values)
            return [tuple(row) for row in found] if found.returns_rows else []
    finally:
        engine.dispose()


def adult(home: Home, person: PersonId) -> PersonId:
    """Somebody grown up who accepted the version in force a month ago."""
    before = AT - timedelta(days=30)
    version = home.parts.policy().version.id
    home.record(AgeBand(person, before, at_least=20), Acceptance(person, before, version))
    return person


def used(home: Home, person: PersonId, purpose: str, items: Iterable[str]) -> set[str]:
    """The clauses each of these uses cites; every one must be permitted, given by the person."""
    policy, common = home.parts.policy(), set[str]()
    for item in items:
        known = policy.items[item].sources
        for source in ("person",) if "person" in known else known or (None,):
            words = {"purpose": purpose, "source": source}
            decision = home.ask(Question("use", person, item, AT, **words))
            assert decision.permitted, (item, source, decision.reasons)
            assert decision.version == policy.version.id
            common = common & cites(decision) if common else cites(decision)
    return common


def last_reading(home: Home) -> Entry:
    """What the evidence says of the last reading."""
    log = home.parts.log_reader()
    return log.entry(log.checkpoint().size - 1)


def granted(staff: str, purpose: str, until: datetime = UNTIL) -> Assurance:
    """A grant for a purpose, as the one who answers for the data gives it."""
    return Assurance("staff_grant", staff, SINCE, "grant 1", purpose, until, "sato")


def entrusted(recipient: str, *more: str) -> tuple[Assurance, ...]:
    """What is on file for somebody entrusted: contract and supervision, and `more` kinds."""
    kinds = ("trustee_record", "supervision", *more)
    return tuple(
        Assurance(kind, recipient, SINCE, "contract file", until_at=UNTIL, by="sato")
        for kind in kinds
    )


def published(service: str) -> str:
    """The policy file of the version in force, as text."""
    return (packaged(service) / "policy.yaml").read_text("utf-8")


def edited(service: str, *edits: tuple[str, str]) -> str:
    """The policy file with pieces of its text replaced; each must stand there exactly once."""
    text = published(service)
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def check(path: Path, text: str) -> list[dict[str, Any]]:
    """What ``seiyaku check`` finds in a policy file of this text, through the command."""
    path.write_text(text, "utf-8")
    command = ["check", str(path), "--format", "json", "--show-from", "info"]
    found: list[dict[str, Any]] = json.loads(CliRunner().invoke(cli, command).stdout)
    return found


def with_policies(*texts: str) -> Callable[[Path], None]:
    """Let a home know these versions of its policy instead of the packaged one."""

    def edit(home: Path) -> None:
        names = [f"v{n}.yaml" for n in range(1, len(texts) + 1)]
        for name, text in zip(names, texts, strict=True):
            (home / name).write_text(text, "utf-8")
        with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
            settings.write(f"policies: [{', '.join(names)}]\n")

    return edit


def with_calls(service: str, calls: Mapping[str, Any]) -> Callable[[Path], None]:
    """Let a home know what goes to these counterparts, field by field."""
    lines = "".join(f"  {word}: {json.dumps(entry)}\n" for word, entry in calls.items())

    def edit(home: Path) -> None:
        text = (packaged(service) / "datamap.yaml").read_text("utf-8")
        text = text if "\ncalls:\n" in text else f"{text}\ncalls:\n"
        text = text.replace("\ncalls:\n", f"\ncalls:\n{lines}")
        (home / "datamap.yaml").write_text(text, "utf-8")
        with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
            settings.write("datamap: datamap.yaml\n")

    return edit


def codes(decision: Decision) -> set[str]:
    """The reasons of a decision, by code."""
    return {reason.code for reason in decision.reasons}


def cites(decision: Decision) -> set[str]:
    """The clauses and articles a decision names."""
    return {reason.cite for reason in decision.reasons}


def about(decision: Decision) -> set[str]:
    """The words a decision is about."""
    return {reason.about for reason in decision.reasons}

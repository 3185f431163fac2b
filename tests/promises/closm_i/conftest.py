"""The generated world of CLOSM i: made once, copied by the tests that write.

`closm` is a home nobody erases from: gate questions about `someone` new each time.
`opened` gives a test its own copy, to run requests in.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from seiyaku.app import Home, init_home, open_home
from seiyaku.assurance import Assurance
from seiyaku.cli import cli
from seiyaku.gate import Decision, Question
from seiyaku.kernel import Actor, PersonId
from seiyaku.requests import Proof, Request
from seiyaku.services import path as packaged
from seiyaku.standing import AgeBand, Consent, Scope
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import World, generate

AT = datetime.fromisoformat("2026-11-20T09:00:00+09:00")
VERSION = "2026-02-16"
APPROVER = Actor("sato", "approver")
_CONTRACTS = datetime.fromisoformat("2026-04-01T00:00:00+09:00")
RENEWAL = datetime.fromisoformat("2027-04-01T00:00:00+09:00")


def contracts(*recipients: str) -> tuple[Assurance, ...]:
    """What is on file for processors: contract, supervision, equivalent measures in the US."""
    kinds = (("trustee_record", None), ("supervision", None), ("equivalent_measures", "US"))
    return tuple(
        Assurance(kind, recipient, _CONTRACTS, "contract file", about, RENEWAL, "sato")
        for recipient in recipients
        for kind, about in kinds
    )


@dataclass
class Closm:
    """One home of CLOSM i, open, with the people and the clock it was made with."""

    home: Home
    world: World
    clock: FixedClock
    folder: Path

    def ask(
        self, person: PersonId, act: Any, item: str, *, at: datetime = AT, **words: Any
    ) -> Decision:
        """Ask the gate one question about a person."""
        return self.home.ask(Question(act, person, item, at, **words))

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read (or change) the service's own database beside the product."""
        with closing(sqlite3.connect(self.folder / "app.db")) as db, db:
            return db.execute(query, values).fetchall()

    def carry_out(self, kind: Any, person: PersonId, **asked: Any) -> Request:
        """Receive a request, show identity, plan, approve and run it."""
        request = self.home.receive(kind, person=person, **asked)
        self.home.show_identity(request.id, Proof("signed_in"))
        plan = self.home.plan(request.id)
        self.home.approve(plan.id, APPROVER)
        self.home.run(plan.id)
        return self.home.request(request.id)

    def entries(self, request: Request) -> list[dict[str, Any]]:
        """What the receipt of a request opens, entry by entry."""
        receipt = json.loads(self.home.receipt(request.id).read_text("utf-8"))
        return [json.loads(opened["entry"]) for opened in receipt["entries"]]

    def rows(self) -> dict[str, set[str]]:
        """Every row of the service's own tables as text, by table."""
        with closing(sqlite3.connect(self.folder / "app.db")) as db:
            tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {
                t: {repr(r) for r in db.execute(f'SELECT * FROM "{t}"')}
                for (t,) in tables
                if not t.startswith("seiyaku_")
            }

    def files(self) -> dict[str, bytes]:
        """Pictures, logs and copied events as they lie there, unpacked, by name."""
        found = {}
        for system in ("media", "logs", "events"):
            for path in sorted((self.folder / system).rglob("*")):
                if path.is_file() and ".seiyaku" not in path.parts:
                    data = path.read_bytes()
                    name = str(path.relative_to(self.folder))
                    found[name] = gzip.decompress(data) if path.suffix == ".gz" else data
        return found


def published() -> str:
    """The policy file of the version in force, as text."""
    return (packaged("closm-i") / "policy.yaml").read_text("utf-8")


def edited(*edits: tuple[str, str]) -> str:
    """The policy file with pieces of its text replaced; each must stand there exactly once."""
    text = published()
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


REVISION = "2026-07-01"
_ARTICLE_4 = (
    '  "4.9":\n    says: {ja: お知らせメールを送るために使います。, en: To send a newsletter.}\n'
    "    lines: [45, 45]\n"
    '    sha256: "0000000000000000000000000000000000000000000000000000000000000000"\n'
    "    force: may\n"
)


def revised(published_at: str = "  published_at: 2026-07-01T12:00:00+09:00\n") -> str:
    """An invented revision: a newsletter, and Cloudflare also in Singapore."""
    return edited(
        (
            '  id: "2026-02-16"\n  enacted_on: 2026-02-16\n',
            f'  id: "{REVISION}"\n  enacted_on: {REVISION}\n',
        ),
        ("  published_at: 2026-02-16T00:00:00+09:00\n", published_at),
        (
            "\nrecipients:\n",
            "  newsletter:\n    clause: '4.9'\n    items: [email]\n    promotes: true\n"
            "    name: {ja: お知らせメールの配信, en: sending a newsletter}\n\nrecipients:\n",
        ),
        (
            "    countries: [US]\n    routes: {US: equivalent_measures}\n"
            "    safeguards: [soc2_type2, iso27001]\n    purposes: [service]\n",
            "    countries: [US, SG]\n"
            "    routes: {US: equivalent_measures, SG: equivalent_measures}\n"
            "    safeguards: [soc2_type2, iso27001]\n    purposes: [service]\n",
        ),
        ('  "5.1":\n', f'{_ARTICLE_4}  "5.1":\n'),
    )


def with_revision(home: Path) -> None:
    """Let a home know the published version and the revision."""
    (home / "v1.yaml").write_text(published(), "utf-8")
    (home / "v2.yaml").write_text(revised(), "utf-8")
    with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
        settings.write("policies: [v1.yaml, v2.yaml]\n")


def check(path: Path, text: str | None = None) -> list[dict[str, Any]]:
    """What ``seiyaku check`` finds in a policy file of this text, through the command."""
    path.write_text(published() if text is None else text, "utf-8")
    command = ["check", str(path), "--format", "json", "--show-from", "info"]
    found: list[dict[str, Any]] = json.loads(CliRunner().invoke(cli, command).stdout)
    return found


def codes(decision: Decision) -> set[str]:
    """The reasons of a decision, by code."""
    return {reason.code for reason in decision.reasons}


def cites(decision: Decision) -> set[str]:
    """The clauses and articles a decision names."""
    return {reason.cite for reason in decision.reasons}


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Sixty people of CLOSM i, and a home over their data."""
    folder = tmp_path_factory.mktemp("closm") / "home"
    made = generate("closm-i", folder, 60)
    places: Mapping[str, Path] = {**made.databases, **made.folders}
    systems = {name: str(path.relative_to(folder)) for name, path in places.items()}
    with init_home(folder, "closm-i", systems, clock=FixedClock(AT)) as home:
        home.assure(*contracts("auth0", "stripe", "printful", "cloudflare"))
    return made


@pytest.fixture(scope="session")
def closm(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closm]:
    """A home for questions: nothing is run in it."""
    folder = tmp_path_factory.mktemp("closm") / "asked"
    shutil.copytree(world.home, folder)
    clock = FixedClock(AT)
    with open_home(folder, clock=clock) as home:
        yield Closm(home, world, clock, folder)


@pytest.fixture(scope="session")
def _strangers(closm: Closm) -> Iterator[PersonId]:
    """Active people of the generated data, each given out once."""
    return iter(
        [PersonId(str(n)) for (n,) in closm.sql("SELECT id FROM users WHERE withdrawn_at IS NULL")]
    )


@pytest.fixture
def stranger(_strangers: Iterator[PersonId]) -> PersonId:
    """Somebody who has said nothing yet."""
    return next(_strangers)


@pytest.fixture
def someone(closm: Closm, stranger: PersonId) -> PersonId:
    """An active adult who uses the service under the version in force."""
    joined = datetime.fromisoformat("2026-04-01T10:00:00+09:00")
    closm.home.record(
        AgeBand(stranger, joined, at_least=13),
        Consent(stranger, joined, Scope(), VERSION, countries=("US", "EU"), kind="deemed"),
    )
    return stranger


@pytest.fixture
def opened(world: World, tmp_path: Path) -> Iterator[Callable[..., Closm]]:
    """Open a copy of the home, as often as the test likes; edits happen before it opens."""
    homes: list[Home] = []

    def _open(edit: Callable[[Path], None] | None = None, name: str = "home") -> Closm:
        folder = tmp_path / name
        shutil.copytree(world.home, folder)
        if edit is not None:
            edit(folder)
        clock = FixedClock(AT)
        homes.append(open_home(folder, clock=clock))
        return Closm(homes[-1], world, clock, folder)

    yield _open
    for home in homes:
        home.close()


@pytest.fixture
def mine(opened: Callable[..., Closm]) -> Closm:
    """The test's own copy of the home."""
    return opened()

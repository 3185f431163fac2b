"""A worker killed inside a driver: at every file it touches, at every call it makes.

Boundaries lie between steps; these deaths lie within one. A lake, lines, a folder and a bucket
keep no transactions of their own, so whoever comes next has to end what was begun: nothing of
the reader is left, nothing of anybody else is missing, and every act is told once.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest

import bookshop
from object_store import Door, client, moto_server
from seiyaku.app.settings import Place
from seiyaku.evidence import SigningKey
from seiyaku.testing.servers import Database, Server
from seiyaku_verify import fsck

pytestmark = pytest.mark.slow
READERS = 90
RUN = f"""
import os, signal, sys; from pathlib import Path
root, at, passed = sys.argv[3], int(sys.argv[4]), 0
def hook(event, arguments):
    global passed
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & 3
    if writes or event in ("os.rename", "os.remove"):
        if str(arguments[0]).startswith(root):
            passed += 1
            if passed == at:
                os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
from seiyaku.app import open_home
from seiyaku.testing.clock import FixedClock
home = open_home(Path(sys.argv[1]), clock=FixedClock("{bookshop.AT}"))
home.run(sys.argv[2])
print(passed)
"""
OWN = [{"by": "user_id", "to": "app.users"}]
LAKE: dict[str, Any] = {
    "events": {
        "table": "day=*/*.parquet",
        "key": "id",
        "links": OWN,
        "fields": {"id": None, "user_id": None, "page": "use"},
    }
}
LINES: dict[str, Any] = {
    "visits": {
        "table": "*.jsonl",
        "key": "id",
        "links": OWN,
        "fields": {"id": None, "user_id": None, "page": "use"},
    }
}
FOLDER: dict[str, Any] = {
    "letters": {
        "key": "name",
        "links": [{"by": "name", "to": "app.users", "columns": "email"}],
        "fields": {"name": "contact", "content": "contact"},
    }
}
BUCKET: dict[str, Any] = {
    "avatars": {
        "table": "avatars/{user_id}/*",
        "key": ["name", "version"],
        "links": OWN,
        "fields": {"name": "contact", "version": None, "user_id": None, "content": "contact"},
    }
}


@dataclass
class World:
    """A bookshop with holdings beside its database."""

    home: Path
    database: Database
    door: Door
    dead: set[int] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def files(self) -> Path:
        """Where lake, lines and folder lie."""
        return self.home / "files"

    def approved(self) -> tuple[int, str]:
        """The next reader, and the approved plan of their erasure."""
        reader = next(self.numbers)
        self.dead.add(reader)
        with bookshop.opened(self.home) as home:
            return reader, bookshop.approved(home, reader)

    def worker(self, plan: str, at: int = 0) -> subprocess.Popen[str]:
        """A process that runs a plan and dies before it touches the file number `at`."""
        arguments = [str(self.home), plan, str(self.files), str(at)]
        return subprocess.Popen(
            [sys.executable, "-c", RUN, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ},
        )

    def held(self) -> Counter[int]:
        """How many rows, lines, files and objects each reader has."""
        held: Counter[int] = Counter()
        with closing(duckdb.connect()) as db:
            lake = f"SELECT user_id FROM read_parquet('{self.files}/lake/*/*.parquet')"
            held.update(n for (n,) in db.execute(lake).fetchall())
        for file in (self.files / "lines").glob("*.jsonl"):
            held.update(json.loads(line)["user_id"] for line in file.read_text().splitlines())
        letters = (self.files / "folder" / "letters").glob("*@*")
        held.update(int(p.name.partition("@")[0].removeprefix("reader")) for p in letters)
        pages = client(self.door.url).get_paginator("list_object_versions").paginate(Bucket="books")
        found = (o for p in pages for o in (*p.get("Versions", ()), *p.get("DeleteMarkers", ())))
        names = (o["Key"].split("/") for o in found)
        held.update(int(n[1]) for n in names if n[0] == "avatars")
        held.update(n for n in range(1, READERS + 1) if bookshop.rows(self.database, n)["users"])
        return held

    def ended(self, plan: str) -> None:
        """Another process goes on, and everything is as if nobody had died."""
        with bookshop.opened(self.home) as home:
            home.carry_on()
            assert home.parts.repositories.runs.of(plan)[-1].state == "done"  # type: ignore[arg-type]
            acts = Counter(e.act_id for e in home.parts.log_reader().entries())
            assert set(acts.values()) == {1}
        alive = set(range(1, READERS + 1)) - self.dead
        assert self.held() == dict.fromkeys(alive, EACH)
        assert not [p for p in self.files.rglob("*") if p.name.endswith(".seiyaku-new")]
        key = SigningKey.load(self.home / "keys" / "evidence.key").verifier
        fsck(self.home / "evidence", str(key))


EACH = 3 + 2 + 1 + 4 + 1
"""In the lake, in lines, a letter, objects, and the row of the reader."""


@pytest.fixture(scope="module")
def world(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("inside") / "home"
    with ExitStack() as stack:
        database = stack.enter_context(postgres.database())
        door = Door(stack.enter_context(moto_server()))
        stack.callback(door.close)
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("BOOKSHOP_KEY", "test")
        bookshop.stock(database, READERS)
        options = {"bucket": "books", "access_key": "test"}
        bookshop.settle(
            home,
            database,
            beside={
                "lake": ("lake", LAKE, Place(path="files/lake")),
                "lines": ("jsonl", LINES, Place(path="files/lines")),
                "folder": ("folder", FOLDER, Place(path="files/folder")),
                "bucket": (
                    "objects",
                    BUCKET,
                    Place(url=door.url, secret="env:BOOKSHOP_KEY", options=options),
                ),
            },
        )
        found = World(home, database, door)
        fill(found)
        yield found


def fill(world: World) -> None:
    """Put `EACH` things of every reader there."""
    with closing(duckdb.connect()) as db:
        for day in (1, 2, 3):
            folder = world.files / "lake" / f"day={day}"
            folder.mkdir(parents=True)
            rows = f"SELECT n + {day * 1000} AS id, n AS user_id, 'page' AS page"
            source = f"{rows} FROM range(1, {READERS + 1}) t(n)"
            db.execute(f"COPY ({source}) TO '{folder}/a.parquet' (FORMAT parquet)")
    (world.files / "lines").mkdir()
    for name in ("a", "b"):
        rows = ({"id": f"{name}{n}", "user_id": n, "page": "x"} for n in range(1, READERS + 1))
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (world.files / "lines" / f"{name}.jsonl").write_text(text)
    letters = world.files / "folder" / "letters"
    letters.mkdir(parents=True)
    store = client(world.door.url)
    store.create_bucket(Bucket="books")
    store.put_bucket_versioning(Bucket="books", VersioningConfiguration={"Status": "Enabled"})
    for n in range(1, READERS + 1):
        (letters / f"reader{n}@mail.example").write_text("canary")
        for name in ("a.png", "a.png", "b.png", "c.png"):
            store.put_object(Bucket="books", Key=f"avatars/{n}/{name}", Body=b"canary")


def test_before_every_file_it_writes_moves_or_removes(world: World) -> None:
    _, plan = world.approved()
    said, err = world.worker(plan).communicate(timeout=100)
    assert said.strip().isdigit(), err[-2000:]
    world.ended(plan)
    places = int(said)
    assert places >= 15, "each file of three systems, and what is written down of each"
    for at in range(1, places + 1):
        reader, plan = world.approved()
        before = bookshop.rows(world.database, reader)
        one = world.worker(plan, at)
        said, err = one.communicate(timeout=100)
        assert one.returncode == -signal.SIGKILL, (at, said, err[-2000:])
        between = bookshop.rows(world.database, reader)
        assert between in (before, dict.fromkeys(before, 0)), "half a transaction"
        world.ended(plan)


@pytest.mark.parametrize("heard", [False, True], ids=["unheard", "heard"])
def test_at_every_call_that_changes_a_bucket(heard: bool, world: World) -> None:
    """*Heard*: the store does what it was asked, and nobody is left to read its answer."""
    changing = [0]

    def counting(method: str, _path: str) -> None:
        changing[0] += method not in ("GET", "HEAD")

    _, plan = world.approved()
    with world.door.having(counting):
        said, err = world.worker(plan).communicate(timeout=100)
        assert said.strip(), err[-2000:]
    world.ended(plan)
    calls = changing[0]
    assert calls >= 3, "begun, removed, ended"
    for at in range(1, calls + 1):
        _, plan = world.approved()
        one, changing[0] = world.worker(plan), 0

        def deadly(method: str, path: str, at: int = at) -> tuple[int, str] | None:
            counting(method, path)
            if changing[0] == at and method not in ("GET", "HEAD"):
                one.kill()  # noqa: B023 - the door has this rule for this worker only
                return None if heard else (500, "InternalError")
            return None

        with world.door.having(deadly):
            one.communicate(timeout=100)
            assert one.returncode == -signal.SIGKILL, at
        world.ended(plan)

"""Five hundred requests at once: every one is answered, each by itself, and nobody else's rows go.

A third ask to see, the others to be erased; eight are in flight at any moment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

import bookshop
from seiyaku.app import Home
from seiyaku.evidence import SigningKey
from seiyaku.kernel.ids import SystemId
from seiyaku.policy.model import RequestKind
from seiyaku.testing.servers import Database, Server
from seiyaku_verify import fsck

MANY, OTHERS, ABREAST = 500, 100, 8
WORK = """
import sys; from pathlib import Path
sys.path.insert(0, sys.argv[4])
import bookshop, test_many_at_once as many
with bookshop.opened(Path(sys.argv[1])) as home:
    many.answer(home, range(int(sys.argv[2]), int(sys.argv[3])), many.ABREAST // 2)
"""


def kind_of(reader: int) -> RequestKind:
    """What a reader asks."""
    return "disclosure" if reader % 3 == 0 else "deletion"


def answer(home: Home, readers: range, abreast: int = ABREAST) -> None:
    """Carry out the requests of some readers, `abreast` at a time."""

    def one(reader: int) -> None:
        home.run(bookshop.approved(home, reader, kind=kind_of(reader)))

    with ThreadPoolExecutor(abreast) as pool:
        list(pool.map(one, readers))


def worker(folder: Path, first: int, end: int) -> subprocess.Popen[str]:
    """A process that answers the readers from `first` to before `end`."""
    arguments = [str(folder), str(first), str(end), str(Path(__file__).parent)]
    return subprocess.Popen(
        [sys.executable, "-c", WORK, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
        text=True,
    )


def all_is_well(home: Home, shop: Database) -> None:
    """Every request is answered, told once, and of exactly its own reader."""
    requests = home.requests()
    assert Counter(r.state for r in requests) == {"answered": MANY}
    erased = {n for n in range(1, MANY + 1) if kind_of(n) == "deletion"}
    left = bookshop.rows(shop)
    readers = MANY + OTHERS - len(erased)
    assert (left["users"], left["orders"], left["reviews"]) == (readers, 2 * readers, 3 * readers)
    even = sum(1 for n in range(1, MANY + OTHERS + 1) if n % 2 == 0 and n not in erased)
    assert left["newsletter"] == even
    key = SigningKey.load(home.parts.home / "keys" / "evidence.key").verifier
    fsck(home.parts.home / "evidence", str(key))
    acts = Counter(e.act_id for e in home.parts.log_reader().entries())
    assert set(acts.values()) == {1}
    assert sum(act.endswith(":1:person-0") for act in acts) == MANY
    for request in (r for r in requests if r.kind == "disclosure"):
        with zipfile.ZipFile(home.package(request.id)) as package:
            data = json.loads(package.read("data.json"))
        [users] = [d for d in data["datasets"] if d["id"] == "app.users"]
        [person] = home.parts.repositories.requests.people(request.id)
        shown = dict(zip((c["name"] for c in users["columns"]), *users["rows"], strict=True))
        assert shown["email"] == f"reader{person}@mail.example"


@pytest.mark.slow
def test_by_one_process_with_its_control_plane_in_a_file(postgres: Server, tmp_path: Path) -> None:
    with postgres.database() as shop:
        bookshop.stock(shop, MANY + OTHERS)
        bookshop.settle(tmp_path / "home", shop)
        with bookshop.opened(tmp_path / "home") as home:
            answer(home, range(1, MANY + 1))
            all_is_well(home, shop)


@pytest.mark.slow
def test_by_two_processes_that_share_a_control_plane(postgres: Server, tmp_path: Path) -> None:
    with postgres.database() as shop, postgres.database() as store:
        bookshop.stock(shop, MANY + OTHERS)
        folder = tmp_path / "home"
        bookshop.settle(folder, shop, store)
        middle = MANY // 2 + 1
        workers = [worker(folder, 1, middle), worker(folder, middle, MANY + 1)]
        said = [one.communicate(timeout=400)[1] for one in workers]
        assert [one.returncode for one in workers] == [0, 0], said
        with bookshop.opened(folder) as home:
            all_is_well(home, shop)


@pytest.mark.slow
def test_five_hundred_people_in_one_request_are_one_plan(postgres: Server, tmp_path: Path) -> None:
    with postgres.database() as shop:
        bookshop.stock(shop, MANY + OTHERS)
        bookshop.settle(tmp_path / "home", shop)
        with bookshop.opened(tmp_path / "home") as home:
            assert home.run(bookshop.approved(home, *range(1, MANY + 1))).state == "done"
            people = [e for e in home.parts.log.entries() if e.person]
            assert len({e.person for e in people}) == MANY
        assert bookshop.rows(shop)["users"] == OTHERS


def test_threads_that_come_first_together_open_everything_once(
    postgres_database: Database, tmp_path: Path
) -> None:
    """Two of them once opened the log each, and one request in five hundred ended in SY510."""
    bookshop.settle(tmp_path / "home", postgres_database)
    for _ in range(5):
        with bookshop.opened(tmp_path / "home") as home:
            gate = Barrier(ABREAST)

            def first(opened: Home = home, gate: Barrier = gate) -> tuple[object, object]:
                gate.wait(10)
                return opened.parts.log, opened.parts.system(SystemId("app"))

            with ThreadPoolExecutor(ABREAST) as pool:
                found = [pool.submit(first) for _ in range(ABREAST)]
            assert len({f.result() for f in found}) == 1

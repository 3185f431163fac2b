"""The systems of this package pass the public suite."""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from linked_rows import away

from seiyaku.datamap import DataMap
from seiyaku.datamap.system import HandleColumn, Handles, Row
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.systems import SystemSettings, open_system
from seiyaku.testing.system_suite import Bench, Holdings, SystemSuite

NAME = {"ja": "系", "en": "system"}
TOKYO = timezone(timedelta(hours=9))
USERS = {"person": "user", "key": "id", "fields": {"id": None}}


def made(kind: str, datasets: dict[str, Any], **others: dict[str, Any]) -> DataMap:
    own = {"kind": kind, "name": NAME, "datasets": datasets}
    systems = {
        "own": own,
        **{k: {"kind": "sqlite", "name": NAME, "datasets": d} for k, d in others.items()},
    }
    return DataMap.model_validate({"seiyaku_datamap": 1, "service": "t", "systems": systems})


def known(dataset: str, column: str, *values: object) -> Handles:
    rows = frozenset((v,) for v in values)
    return Handles({HandleColumn(DatasetId(dataset), (column,)): rows})  # type: ignore[dict-item]


@contextmanager
def no_room() -> Iterator[None]:
    """No file may grow beyond eight bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class TestFolder(SystemSuite):
    """Files named in a database elsewhere."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        root = tmp_path / "root"
        folder = root / "media"
        (folder / "deep").mkdir(parents=True)
        for name in ("marker-one.jpg", "deep/marker-two.jpg", "other.jpg"):
            (folder / name).write_bytes(name.encode() + b"\xff")
        objects = {
            "table": "media",
            "key": "key",
            "links": [{"by": "key", "to": "app.pictures"}],
            "fields": {"key": "image", "content": "image"},
        }
        pictures = {
            "key": "key",
            "links": [{"by": "user", "to": "users"}],
            "fields": {"key": None, "user": None},
        }
        datamap = made("folder", {"objects": objects}, app={"users": USERS, "pictures": pictures})
        rows: list[Row] = [
            (n, n.encode() + b"\xff") for n in ("marker-one.jpg", "deep/marker-two.jpg")
        ]

        def look() -> Holdings:
            files = (p for p in sorted(folder.rglob("*")) if p.is_file())
            found = [(p.relative_to(folder).as_posix(), p.read_bytes()) for p in files]
            return {DatasetId("own.objects"): found}

        names = ("marker-one.jpg", "deep/marker-two.jpg", "gone.jpg")
        return Bench(
            system=SystemId("own"),
            datamap=datamap,
            open=lambda: open_system("own", datamap.systems["own"], SystemSettings(path=root)),
            person=known("app.pictures", "key", *names),
            absent=known("app.pictures", "key", "nobody.jpg"),
            held={DatasetId("own.objects"): rows},
            referring={},
            look=look,
            cut_off=lambda: away(root),
            spoil=no_room,
            markers=("marker-one", "marker-two"),
        )


class TestJsonLines(SystemSuite):
    """Plain and packed files of JSON lines."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        root = tmp_path / "root"
        root.mkdir()
        plain = [
            {"id": 1, "user": 1, "text": "marker-one", "n": 1.5},
            {"id": 2, "user": 2, "text": "x", "n": None},
        ]
        packed = [{"id": 3, "user": "1", "text": "marker-two", "n": True}]
        lines = ["".join(json.dumps(r) + "\n" for r in rows).encode() for rows in (plain, packed)]
        (root / "a.jsonl").write_bytes(b"no json\n" + lines[0])
        (root / "b.jsonl.gz").write_bytes(gzip.compress(lines[1]))
        events = {
            "table": "*.jsonl*",
            "key": "id",
            "links": [{"by": "user", "to": "app.users"}],
            "fields": {"id": None, "user": None, "text": "event", "n": "event"},
        }
        datamap = made("jsonl", {"events": events}, app={"users": USERS})

        def look() -> Holdings:
            content = (root / "a.jsonl").read_bytes()
            content += gzip.decompress((root / "b.jsonl.gz").read_bytes())
            return {DatasetId("own.events"): [(line,) for line in content.splitlines()]}

        rows: list[Row] = [(1, 1, "marker-one", Decimal("1.5")), (3, "1", "marker-two", True)]
        return Bench(
            system=SystemId("own"),
            datamap=datamap,
            open=lambda: open_system("own", datamap.systems["own"], SystemSettings(path=root)),
            person=known("app.users", "id", 1),
            absent=known("app.users", "id", 99),
            held={DatasetId("own.events"): rows},
            referring={},
            look=look,
            cut_off=lambda: away(root),
            spoil=no_room,
            markers=("marker-one", "marker-two"),
        )


class TestAccessLog(SystemSuite):
    """Access logs whose user field holds the person's key; fields are emptied, lines stay."""

    LOG = (
        b'203.0.113.1 - 1 [16/Feb/2026:09:00:00 +0900] "GET /marker-one HTTP/1.1" 200 1 "-" "A"\n'
        b'203.0.113.2 - 2 [16/Feb/2026:09:00:01 +0900] "GET /x HTTP/1.1" 200 1 "-" "B"\n'
        b'203.0.113.1 - 1 [16/Feb/2026:00:00:02 +0000] "GET / HTTP/1.1" 200 - "/marker-two" "A"\n'
    )

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        root = tmp_path / "root"
        root.mkdir()
        (root / "access.log").write_bytes(self.LOG)
        fields: dict[str, Any] = {
            "remote_addr": "ip",
            "remote_user": None,
            "time_local": None,
            "request": "log",
            "status": None,
            "body_bytes_sent": None,
            "http_referer": "log",
            "http_user_agent": "agent",
        }
        access = {
            "table": "access.log*",
            "key": ["file", "line"],
            "links": [{"by": "remote_user", "to": "app.users"}],
            "fields": {"file": None, "line": None, **fields},
            "erase": {"how": "blank"},
        }
        datamap = made("access_log", {"access": access}, app={"users": USERS})
        path = root / "access.log"
        at = datetime(2026, 2, 16, 9, tzinfo=TOKYO)
        rows: list[Row] = [
            (
                *("access.log", 1, "203.0.113.1", "1", at),
                *("GET /marker-one HTTP/1.1", 200, 1, None, "A"),
            ),
            (
                *("access.log", 3, "203.0.113.1", "1", datetime(2026, 2, 16, 0, 0, 2, tzinfo=UTC)),
                *("GET / HTTP/1.1", 200, None, "/marker-two", "A"),
            ),
        ]
        lines = DatasetId("own.access")
        return Bench(
            system=SystemId("own"),
            datamap=datamap,
            open=lambda: open_system("own", datamap.systems["own"], SystemSettings(path=root)),
            person=known("app.users", "id", 1),
            absent=known("app.users", "id", 99),
            held={lines: rows},
            referring={},
            look=lambda: {lines: [(line,) for line in path.read_bytes().splitlines()]},
            cut_off=lambda: away(root),
            spoil=no_room,
            markers=("marker-one", "marker-two"),
        )


class TestGapsOfTheSuite:
    """A gap that is declared and closed fails, and so does one that names no test."""

    @pytest.mark.parametrize(
        ("gaps", "failed"),
        [
            ('{"test_somebody_unknown_has_nothing": "x"}', 1),
            ('{"test_that_is_not_there": "x"}', 0),
        ],
    )
    def test_a_closed_gap_fails(self, tmp_path: Path, gaps: str, failed: int) -> None:
        module = tmp_path / "test_inner.py"
        module.write_text(
            "import sys; sys.path.insert(0, " + repr(str(Path(__file__).parent)) + ")\n"
            "import test_systems\n"
            "class TestInner(test_systems.TestFolder):\n"
            f"    gaps = {gaps}\n"
        )
        chosen = ["-k", "TestInner and test_somebody_unknown_has_nothing"]
        quiet = ["-q", "-p", "no:cacheprovider", "--no-header", str(module), *chosen]

        done = subprocess.run(
            [sys.executable, "-m", "pytest", *quiet], capture_output=True, text=True
        )
        assert done.returncode == 1
        expected = "XPASS(strict)" if failed else "gaps name tests that do not exist"
        assert expected in done.stdout

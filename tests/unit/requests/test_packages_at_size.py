"""A package passes through: its volumes, its digests, and what it needs in memory."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from seiyaku.datamap.system import Content, Row
from seiyaku.kernel.ids import DatasetId
from seiyaku.kernel.text import Text
from seiyaku.requests.package import Heading, write_package
from seiyaku.requests.page import MAX_ROWS, Page
from seiyaku.requests.shown import Column, Shown
from seiyaku.requests.volumes import Volume

NAME = Text(ja="試", en="trial")
AT = datetime(2026, 11, 20, tzinfo=UTC)
HEADING = Heading("trial", NAME, "request-1", AT, "1", "00")
FILES = {f"{n}.bin": Random(n).randbytes(40_000) for n in range(10)}


def _page(items: frozenset[str]) -> Page:
    return Page(NAME, "request-1", AT, "1")


def _columns(*names: str) -> tuple[Column, ...]:
    return tuple(Column(n, None, Text(ja=n, en=n)) for n in names)


def _rows(count: int) -> Iterator[Row]:
    return ((n, f"line {n}", "=1+1" if n == 3 else None) for n in range(count))


def _files() -> Iterator[Row]:
    for name, data in FILES.items():
        yield name, Content(len(data), lambda data=data: iter((data[:30_000], data[30_000:])))  # type: ignore[misc]


def _shown(rows: int) -> Iterator[Shown]:
    yield Shown(DatasetId("app.lines"), NAME, _columns("id", "text", "more"), _rows(rows))
    yield Shown(DatasetId("media.files"), NAME, _columns("key", "content"), _files(), "key")


def _read(folder: Path, volumes: tuple[Volume, ...]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for volume in volumes:
        data = (folder / volume.name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (volume.size, volume.sha256)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            found |= {name: archive.read(name) for name in archive.namelist()}
    return found


def test_everything_is_in_one_volume_and_every_digest_is_that_of_its_file(tmp_path: Path) -> None:
    volumes = write_package(tmp_path, HEADING, _shown(1_200), _page)
    assert [v.name for v in volumes] == ["request-1.zip"]
    found = _read(tmp_path, volumes)
    manifest = json.loads(found.pop("manifest.json"))
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in found.items()}
    assert manifest["sha256"] == digests
    document = {d["id"]: d for d in json.loads(found["data.json"])["datasets"]}
    assert [tuple(r) for r in document["app.lines"]["rows"]] == list(_rows(1_200))
    for name, reference in document["media.files"]["rows"]:
        assert found[reference["$file"]] == FILES[name]
    table = list(csv.reader(io.StringIO(found["csv/app.lines.csv"].decode("utf-8-sig"))))
    assert (len(table), table[4]) == (1_201, ["3", "line 3", "'=1+1"])
    page = found["index.en.html"].decode()
    assert f"line {MAX_ROWS - 1}<" in page
    assert f"line {MAX_ROWS}<" not in page
    assert "(1200)" in page


def test_a_package_above_the_size_goes_into_volumes_that_hold_all_of_it(tmp_path: Path) -> None:
    volumes = write_package(tmp_path, HEADING, _shown(50), _page, volume_bytes=100_000)
    assert volumes[0].name == "request-1.zip"
    assert len(volumes) == 5
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(v.name for v in volumes)
    assert all(v.size <= 101_000 for v in volumes)  # its directory comes on top
    found = _read(tmp_path, volumes)
    assert {n for n in found if n.startswith("media/")} == {f"media/media.files/{n}" for n in FILES}
    manifest = json.loads(found["manifest.json"])
    assert [(p["name"], p["sha256"]) for p in manifest["parts"]] == [
        (v.name, v.sha256) for v in volumes[1:]
    ]


def test_a_source_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    def torn() -> Iterator[bytes]:
        yield b"x" * 50_000
        raise OSError(5, "Input/output error")

    rows: list[Row] = [("a.bin", Content(100_000, torn))]
    broken = Shown(DatasetId("media.files"), NAME, _columns("key", "content"), rows, "key")
    (tmp_path / "request-1.7.part").write_bytes(b"left by a process that was killed")
    with pytest.raises(OSError, match="Input/output"):
        write_package(tmp_path, HEADING, [*_shown(5), broken], _page, volume_bytes=60_000)
    assert list(tmp_path.iterdir()) == []


_MEASURE = """
import json, sys
from pathlib import Path
from seiyaku.datamap.system import Content
from seiyaku.requests.package import write_package
from seiyaku.requests.shown import Shown
from seiyaku.testing.memory import peak_mib
import test_packages_at_size as t
folder, rows, megabytes = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
piece = bytes(1 << 20)
def files():
    for n in range(megabytes // 100):
        yield f"{n}.bin", Content(100 << 20, lambda: (piece for _ in range(100)))
def shown():
    yield Shown("app.lines", t.NAME, t._columns("id", "text", "more"), t._rows(rows))
    yield Shown("media.files", t.NAME, t._columns("key", "content"), files(), "key")
t.write_package(folder, t.HEADING, [*t._shown(5)], t._page)  # everything is loaded
before = peak_mib()
volumes = write_package(folder, t.HEADING, shown(), t._page)
print(json.dumps([peak_mib() - before, sum(v.size for v in volumes), len(volumes)]))
"""


def _measured(folder: Path, rows: int, megabytes: int) -> list[float]:
    arguments = [sys.executable, "-c", _MEASURE, str(folder), str(rows), str(megabytes)]
    here = str(Path(__file__).parent)
    done = subprocess.run(
        arguments, capture_output=True, text=True, check=True, env={"PYTHONPATH": here}, timeout=300
    )
    found: list[float] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("rows", "megabytes"),
    [(20_000, 300), pytest.param(100_000, 5_000, marks=pytest.mark.slow)],
)
def test_memory_does_not_grow_with_what_is_packed(
    rows: int, megabytes: int, tmp_path: Path
) -> None:
    grown, written, volumes = _measured(tmp_path, rows, megabytes)
    assert written >= megabytes << 20
    assert volumes == 1 + (megabytes << 20) // 2_000_000_000
    assert grown < 16, f"{grown} MiB more"


def test_a_file_named_like_a_way_out_stays_inside(tmp_path: Path) -> None:
    rows: list[Any] = [("../../etc/passwd", Content(1, lambda: iter((b"x",))))]
    one = Shown(DatasetId("media.files"), NAME, _columns("key", "content"), rows, "key")
    found = _read(tmp_path, write_package(tmp_path, HEADING, [one], _page))
    assert found["media/media.files/etc/passwd"] == b"x"


def test_two_versions_of_one_name_are_both_in_the_package(tmp_path: Path) -> None:
    rows = [("a/x.png", Content(len(d), lambda d=d: iter((d,)))) for d in (b"old", b"new")]  # type: ignore[misc]
    one = Shown(DatasetId("media.files"), NAME, _columns("key", "content"), rows, "key")
    found = _read(tmp_path, write_package(tmp_path, HEADING, [one], _page))
    media = {name: data for name, data in found.items() if name.startswith("media/")}
    assert media == {
        "media/media.files/a/x.png": b"old",
        "media/media.files/a/x (2).png": b"new",
    }

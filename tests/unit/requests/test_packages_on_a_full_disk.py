"""Whatever write of a package the disk refuses, nothing of anybody is left in the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import test_packages_at_size as at_size

from seiyaku.app.outbox import writing
from seiyaku.datamap.system import Content, Row
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.kernel.ids import DatasetId
from seiyaku.requests.archive import SPOOL_BYTES
from seiyaku.requests.package import write_package
from seiyaku.requests.shown import Shown
from seiyaku.requests.volumes import Volume
from small_disk import disk_of

VOLUME_BYTES = 150_000
FILES = {f"{n}.bin": Random(n).randbytes(7_000) for n in range(60)}
STEPS = 24


def _shown() -> Iterator[Shown]:
    """Tables too long for the spools' memory, and files for several volumes."""
    rows: Iterator[Row] = ((n, Random(n).randbytes(30).hex(), None) for n in range(3_000))
    columns = at_size._columns("id", "text", "more")
    yield Shown(DatasetId("app.lines"), at_size.NAME, columns, rows)
    media: list[Row] = [(k, Content(len(d), lambda d=d: iter((d,)))) for k, d in FILES.items()]  # type: ignore[misc]
    columns = at_size._columns("key", "content")
    yield Shown(DatasetId("media.files"), at_size.NAME, columns, media, "key")


def _written(folder: Path) -> tuple[Volume, ...]:
    with writing():
        return write_package(
            folder, at_size.HEADING, _shown(), at_size._page, volume_bytes=VOLUME_BYTES
        )


def test_a_disk_that_is_full_at_any_write_of_a_package_leaves_nothing(tmp_path: Path) -> None:
    good = _written(tmp_path / "good")
    assert len(good) > 3
    document = at_size._read(tmp_path / "good", good)["data.json"]
    assert len(document) > SPOOL_BYTES
    largest = max(*(v.size for v in good), len(document))
    refused = 0
    for step in range(STEPS):
        folder = tmp_path / str(step)
        with disk_of(largest * step // STEPS), pytest.raises(SystemUnavailable) as caught:
            _written(folder)
        assert caught.value.code == "SY340"
        assert list(folder.iterdir()) == []
        refused += 1
    assert refused == STEPS
    with disk_of(largest):
        assert [v.size for v in _written(tmp_path / "fits")] == [v.size for v in good]


def test_a_package_for_which_there_is_room_again_is_the_one_that_was_asked_for(
    tmp_path: Path,
) -> None:
    with disk_of(100_000), pytest.raises(SystemUnavailable):
        _written(tmp_path)
    found = at_size._read(tmp_path, _written(tmp_path))
    assert {n.rpartition("/")[2] for n in found if n.startswith("media/")} == set(FILES)

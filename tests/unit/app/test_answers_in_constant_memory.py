"""A disclosure from its request to its package, of somebody who has very much, on PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import bookshop
from seiyaku.app import Home
from seiyaku.app.settings import Place
from seiyaku.testing.memory import peak_mib
from seiyaku.testing.servers import Database

LIMIT_MIB = 150
"""What one process may need while it answers, whoever asks."""
GROWTH_MIB = 16
"""More would be the answer itself: its texts alone are larger."""
MEDIA: dict[str, Any] = {
    "files": {
        "key": "key",
        "links": [{"by": "key", "to": "app.order_items", "columns": "title"}],
        "fields": {"key": None, "content": "use"},
    }
}
MUCH = """
INSERT INTO orders SELECT 1000 + n, 1, 1.50, '2026-03-01 12:00+09' FROM generate_series(1, {n}) n;
INSERT INTO order_items SELECT 1000 + n, m, n || '-' || m || '.bin'
  FROM generate_series(1, {n}) n, generate_series(1, 2) m;
INSERT INTO reviews (user_id, body) SELECT 1, repeat('long review ', 90)
  FROM generate_series(1, {n} * 2) n;
ANALYZE;
"""


def settle(folder: Path, shop: Database, orders: int, files: int, file_bytes: int) -> None:
    """A shop whose reader 1 has five rows for each of `orders`, and files."""
    bookshop.stock(shop, 2)
    shop.run(MUCH.format(n=orders))
    bookshop.settle(folder, shop, beside={"media": ("folder", MEDIA, Place(path="media"))})
    (folder / "media" / "files").mkdir(parents=True)
    for number in range(1, files + 1):
        with (folder / "media" / "files" / f"{number}-1.bin").open("wb") as file:
            file.truncate(file_bytes)


def disclosed(home: Home, reader: int) -> float:
    """Carry a disclosure out; the most memory this process ever held, in MiB."""
    plan = bookshop.approved(home, reader, kind="disclosure")
    assert home.run(plan).state == "done"
    return peak_mib()


_CHILD = """
import json, sys
from pathlib import Path
import bookshop, test_answers_in_constant_memory as t
with bookshop.opened(Path(sys.argv[1])) as home:
    print(json.dumps([t.disclosed(home, 2), t.disclosed(home, 1)]))
"""


@pytest.mark.parametrize(
    ("orders", "files", "file_bytes"),
    [(3_000, 8, 8 << 20), pytest.param(20_000, 50, 100 << 20, marks=pytest.mark.slow)],
)
def test_one_process_answers_who_has_very_much_as_it_answers_anybody(
    orders: int, files: int, file_bytes: int, postgres_database: Database, tmp_path: Path
) -> None:
    settle(tmp_path / "home", postgres_database, orders, files, file_bytes)
    here = Path(__file__).parent
    path = os.pathsep.join([str(here), str(here.parents[1]), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(tmp_path / "home")],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    ordinary, much = json.loads(done.stdout)
    packed = _packed(tmp_path / "home" / "outbox")
    assert packed["data.json"] > orders * 2 * 1_080
    assert sum(n for name, n in packed.items() if name.startswith("media/")) == files * file_bytes
    assert much < LIMIT_MIB
    handles = orders * 3 * 200 / (1 << 20)  # ids and titles by which rows are found
    assert much - ordinary < GROWTH_MIB + handles


def _packed(outbox: Path) -> dict[str, int]:
    """Sizes of the files in the largest package, by name."""
    volumes = sorted(outbox.glob("*.zip"), key=lambda p: p.stat().st_size)
    largest = volumes[-1].name.partition(".")[0]
    found: dict[str, int] = {}
    for volume in outbox.glob(f"{largest}*.zip"):
        with zipfile.ZipFile(volume) as archive:
            found |= {i.filename: i.file_size for i in archive.infolist()}
    return found

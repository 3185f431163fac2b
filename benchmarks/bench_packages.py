"""Packages at size: one customer with 100,000 rows and 5 GB of media, on PostgreSQL.

Ours: asked, identity shown, planned, approved, run durably; the package holds every row as JSON
and as a table, every file, a page to read and the digest of each. The script: each table through
a cursor of the server into a table of a ZIP file, each file put beside it, and nothing else.
Each runs in a process of its own, whose highest memory is told. The files are holes: they cost no
disk, and their reading is real. ``SEIYAKU_BENCH_MEDIA_MB`` sets how much of them there is.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import psycopg

from benchmarks.__main__ import Line
from benchmarks.bench_requests import SHOP, alone, line, request, shop
from benchmarks.shop.generate import generate
from seiyaku.app import Settings, open_home
from seiyaku.app.settings import Place, write_settings
from seiyaku.testing.memory import peak_mib
from seiyaku.testing.servers import Database, postgres_server

ORDERS, FILES, MEDIA_MB = 33_300, 50, 5_000
LIMIT = "150 MiB"
CUSTOMER, ANYBODY = 1, 2
MUCH = """
INSERT INTO orders SELECT 1000000 + n, 1, NULL, repeat('gift message ', 20), n, '2026-01-01'
  FROM generate_series(1, {orders}) n;
INSERT INTO order_items SELECT 1000000 + n, m, 1, 1
  FROM generate_series(1, {orders}) n, generate_series(1, 2) m;
INSERT INTO reviews SELECT 1000000 + n, 1, 1, 5, n || '.bin', '2026-01-01'
  FROM generate_series(1, {files}) n;
ANALYZE;
"""
MEDIA = """
  media:
    kind: folder
    name: {ja: 画像, en: pictures}
    datasets:
      pictures:
        key: key
        links: [{by: key, to: app.reviews, columns: body}]
        fields: {key: ~, content: usage}
"""
SCRIPT = {
    "orders": "SELECT * FROM orders WHERE customer_id = 1",
    "order_items": "SELECT i.* FROM order_items i JOIN orders o ON o.id = i.order_id"
    " WHERE o.customer_id = 1",
    "reviews": "SELECT * FROM reviews WHERE customer_id = 1",
}


def run() -> list[Line]:
    """Measure; every figure in the unit named."""
    megabytes = int(os.environ.get("SEIYAKU_BENCH_MEDIA_MB", MEDIA_MB))
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        home = Path(folder) / "home"
        generate(Path(folder) / "shop.db", 50)
        with shop(server, Path(folder) / "shop.db") as database:
            _settle(home, database, megabytes)
            ours = _child("disclose", str(home))
            script = _child("by_hand", str(home), database.dsn)
    size = f"{3 * ORDERS + FILES} rows, {megabytes} MB of media"
    return [
        line(f"package of {size}", "s", ours["s"], script["s"]),
        line("the same, processor time", "s", ours["cpu_s"], script["cpu_s"]),
        {**alone("memory of the process, anybody", "MiB", ours["anybody"]), "target": LIMIT},
        {
            **line("memory of the process, that customer", "MiB", ours["much"], script["much"]),
            "target": LIMIT,
        },
    ]


def _settle(home: Path, database: Database, megabytes: int) -> None:
    """A home over the shop, whose first customer has very much."""
    with psycopg.connect(database.dsn, autocommit=True) as db:
        db.execute(MUCH.format(orders=ORDERS, files=FILES).encode())
    pictures = home / "media" / "pictures"
    pictures.mkdir(parents=True)
    for number in range(1, FILES + 1):
        with (pictures / f"{number}.bin").open("wb") as file:
            file.truncate(megabytes * 1_000_000 // FILES)
    (home / "policy.yaml").write_bytes((SHOP / "policy.yaml").read_bytes())
    datamap = (SHOP / "datamap.yaml").read_text("utf-8").replace("kind: sqlite", "kind: postgres")
    (home / "datamap.yaml").write_text(datamap + MEDIA.lstrip("\n"), "utf-8")
    settings = Settings(
        seiyaku_home=1,
        service="shop",
        policies=("policy.yaml",),
        datamap="datamap.yaml",
        systems={"app": Place(url=database.dsn), "media": Place(path="media")},
    )
    write_settings(home, settings)


def disclose(home: str) -> None:
    """One process: a disclosure of anybody, then that of the customer with very much."""
    with open_home(Path(home)) as opened:
        request(opened, "disclosure", [ANYBODY])
        anybody, began, cpu = peak_mib(), time.perf_counter(), time.process_time()
        request(opened, "disclosure", [CUSTOMER])
        _tell(began, cpu, anybody=anybody)


def by_hand(home: str, dsn: str) -> None:
    """One process: the rows and files of that customer, put into a ZIP file."""
    began, cpu = time.perf_counter(), time.process_time()
    with zipfile.ZipFile(Path(home) / "by-hand.zip", "w", compresslevel=1) as package:
        package.compression = zipfile.ZIP_DEFLATED
        with psycopg.connect(dsn) as db:
            for table, query in SCRIPT.items():
                with package.open(f"{table}.csv", "w") as entry, db.cursor(table) as cursor:
                    rows = csv.writer(io.TextIOWrapper(entry, "utf-8", write_through=True))
                    rows.writerows(cursor.execute(query.encode()))
        package.compression = zipfile.ZIP_STORED
        for file in (Path(home) / "media" / "pictures").iterdir():
            package.write(file, file.name)
    _tell(began, cpu)


def _tell(began: float, cpu: float, **more: float) -> None:
    figures = {"s": time.perf_counter() - began, "cpu_s": time.process_time() - cpu}
    print(json.dumps({**figures, "much": peak_mib(), **more}))


def _child(function: str, *arguments: str) -> dict[str, float]:
    """What a process tells that calls a function of this file."""
    code = f"import sys; from benchmarks import bench_packages as b; b.{function}(*sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found

"""Erase 10,000 people from a generated Parquet lake, beside a hand-written script.

    python -m benchmarks.bench_lake [gigabytes]

The figure is Parquet gone through for each hour of one core: bytes of the whole lake by the
processor time of finding, planning, rewriting and reading again, all threads counted.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import duckdb

from seiyaku.datamap import DataMap, resolve
from seiyaku.datamap.system import Action, HandleColumn, Handles
from seiyaku.kernel.ids import DatasetId, RunId
from seiyaku.systems.lake import LakeSystem

PEOPLE, ERASED, ROWS_A_FILE = 1_000_000, 10_000, 1_000_000
USERS = HandleColumn(DatasetId("app.users"), ("id",))
EVENTS = DatasetId("lake.events")
FIELDS = {"id": None, "user_id": None, "at": "event", "page": "event", "agent": "event", "n": None}
NAME = {"ja": "湖", "en": "lake"}
MAP = DataMap.model_validate(
    {
        "seiyaku_datamap": 1,
        "service": "bench",
        "systems": {
            "app": {
                "kind": "sqlite",
                "name": NAME,
                "datasets": {"users": {"person": "user", "key": "id", "fields": {"id": None}}},
            },
            "lake": {
                "kind": "lake",
                "name": NAME,
                "datasets": {
                    "events": {
                        "table": "*.parquet",
                        "key": "id",
                        "links": [{"by": "user_id", "to": "app.users"}],
                        "fields": FIELDS,
                    }
                },
            },
        },
    }
)
GENERATE = """
COPY (SELECT {n} * {rows} + i AS id, (hash(i + {n} * {rows}) % {people})::BIGINT AS user_id,
  TIMESTAMP '2026-01-01' + INTERVAL (i % 2592000) SECOND AS at,
  '/posts/' || (hash(i * 7 + {n}) % 100000000) || '/' || md5(i::VARCHAR) AS page,
  'Mozilla/5.0 (' || (hash(i) % 400) || ') ' || sha256((i + {n})::VARCHAR) AS agent,
  hash(i * 3) % 100000 AS n
 FROM range({rows}) t(i)) TO '{file}' (FORMAT parquet, COMPRESSION snappy)
"""


def generate(root: Path, gigabytes: float) -> int:
    """Files until they are as many bytes as asked for."""
    number = total = 0
    with closing(duckdb.connect()) as db:
        while total < gigabytes * 1e9:
            file = root / f"{number:04}.parquet"
            db.execute(GENERATE.format(n=number, rows=ROWS_A_FILE, people=PEOPLE, file=file))
            total, number = total + file.stat().st_size, number + 1
    return total


def used() -> float:
    """Processor seconds of this process so far, all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def ours(root: Path) -> int:
    """Rows erased by the driver: found, rewritten, read again."""
    people = frozenset((n * (PEOPLE // ERASED),) for n in range(ERASED))
    handles, steps = Handles({USERS: people}), resolve(MAP).of_system("lake")
    with closing(LakeSystem("lake", MAP.systems["lake"], root)) as system:
        rows = system.locate(steps, handles).rows[EVENTS]
        action = Action(EVENTS, "delete", steps[0].paths, expected=rows)
        applied = system.apply(RunId("run-bench"), [action], handles)
        assert not system.read_again(steps, handles)[EVENTS]
    return applied.deleted[EVENTS]


def by_hand(root: Path) -> int:
    """What somebody writes in a minute: every file copied without the people."""
    people = ", ".join(str(n * (PEOPLE // ERASED)) for n in range(ERASED))
    with closing(duckdb.connect(config={"threads": "1"})) as db:
        db.execute(f"CREATE TABLE gone AS SELECT unnest([{people}]) AS id")
        source = f"read_parquet('{root}/*.parquet')"
        inside = "user_id IN (SELECT id FROM gone)"
        found = db.execute(f"SELECT count(*) FROM {source} WHERE {inside}").fetchone()
        for file in sorted(root.glob("*.parquet")):
            db.execute(
                f"COPY (SELECT * FROM '{file}' WHERE NOT ({inside})) TO '{file}.new' "
                "(FORMAT parquet, COMPRESSION snappy)"
            )
            Path(f"{file}.new").replace(file)
    return int(found[0]) if found else 0


def main() -> None:
    gigabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder, "ours"), Path(folder, "by_hand")
        first.mkdir()
        size = generate(first, gigabytes)
        shutil.copytree(first, second)
        for name, work, root in (("ours", ours, first), ("by hand", by_hand, second)):
            began, at = used(), time.monotonic()
            rows = work(root)
            cpu, wall = used() - began, time.monotonic() - at
            figures[name] = cpu
            print(
                f"{name}: {rows:,} rows of {ERASED:,} people out of {size / 1e9:.2f} GB: "
                f"{cpu:.1f} s of one core, {wall:.1f} s; {size / 1e9 / cpu * 3600:.0f} GB/core-hour"
            )
    print(f"ratio {figures['ours'] / figures['by hand']:.2f}")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()

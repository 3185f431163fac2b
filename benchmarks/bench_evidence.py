"""Evidence: how fast acts are acknowledged, beside raw SQLite with full sync in the same run.

The reference only stores rows (body, unique act id) that were encoded beforehand. Ours
encodes, hashes, looks the act up, writes tiles and signs a checkpoint besides. The two
take turns, so that a busy disk is busy for both.

    python benchmarks/bench_evidence.py
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seiyaku.evidence import (
    Entry,
    GroupCommitter,
    Log,
    SigningKey,
    commitment_of,
    make_receipt,
    new_nonce,
)
from seiyaku_verify import fsck, verify_receipt

Row = dict[str, Any]
ROUNDS, GROUPS, SINGLES = 10, 20, 100
NONCE = new_nonce()


def run() -> list[Row]:
    """Measure; answer one row for each figure (`ratio` is ours by reference)."""
    with tempfile.TemporaryDirectory() as folder:
        key = SigningKey.generate("evidence.example.jp/bench")
        with Log(Path(folder) / "log", key) as log, _Sqlite(Path(folder) / "raw.sqlite") as raw:
            rows = [*_grouped(log, raw), *_single(log, raw), *_threads(log)]
            rows += _proofs(log)
        rows += _checks(Path(folder) / "log", key)
    return rows


def _grouped(log: Log, raw: _Sqlite) -> list[Row]:
    ours, theirs = [], []
    for turn in range(ROUNDS):
        groups = [_entries(f"g{turn}/{g}", 100) for g in range(GROUPS)]
        ours.append(_seconds(lambda: [log.append(g) for g in groups]))  # noqa: B023
        bodies = [[(e.act_id, e.to_bytes()) for e in g] for g in groups]
        theirs.append(_seconds(lambda: [raw.append(b) for b in bodies]))  # noqa: B023
    count = GROUPS * 100
    return [_row("append in groups of 100", "entries/s", _rate(count, ours), _rate(count, theirs))]


def _single(log: Log, raw: _Sqlite) -> list[Row]:
    ours, theirs = [], []
    for turn in range(ROUNDS):
        for entry in _entries(f"s{turn}", SINGLES):
            ours.append(_seconds(lambda: log.append([entry])))  # noqa: B023
            body = [(entry.act_id, entry.to_bytes())]
            theirs.append(_seconds(lambda: raw.append(body)))  # noqa: B023
    rows = [_row("append one by one", "entries/s", 1 / _median(ours), 1 / _median(theirs))]
    for name, part in (("median", 0.5), ("99th percentile", 0.99)):
        rows.append(_row(f"one acknowledged, {name}", "ms", _at(ours, part), _at(theirs, part)))
    return rows


def _threads(log: Log) -> list[Row]:
    """32 threads, each waiting for its answer before the next."""
    waits: list[float] = []

    def work(name: int) -> None:
        for entry in _entries(f"t{name}", 50):
            waits.append(_seconds(lambda: committer.submit(entry).result()))  # noqa: B023

    with GroupCommitter(log) as committer:
        threads = [threading.Thread(target=work, args=(n,)) for n in range(32)]
        total = _seconds(lambda: _together(threads))
    return [
        _row("32 threads through one committer", "entries/s", len(waits) / total),
        _row("32 threads, one acknowledged, median", "ms", _at(waits, 0.5)),
        _row("32 threads, one acknowledged, 99th percentile", "ms", _at(waits, 0.99)),
    ]


def _proofs(log: Log) -> list[Row]:
    size = log.size
    seconds = [_seconds(lambda: log.inclusion_proof(n, size)) for n in range(0, size, 97)]  # noqa: B023
    return [_row(f"inclusion proof out of {size} entries, median", "ms", _at(seconds, 0.5))]


def _checks(folder: Path, key: SigningKey) -> list[Row]:
    vkey = str(key.verifier)
    opened = _seconds(lambda: Log(folder, key).close())
    with Log(folder, key) as log:
        receipt = make_receipt(log, [0], {0: NONCE}, "42").to_json()
        size = log.size
    whole = _seconds(lambda: fsck(folder, vkey))
    seconds = [_seconds(lambda: verify_receipt(receipt, vkey)) for _ in range(50)]
    return [
        _row("open for writing", "ms", opened * 1000),
        _row("fsck of the whole log", "entries/s", size / whole),
        _row("verify a receipt, median", "ms", _at(seconds, 0.5)),
    ]


class _Sqlite:
    """A table with full sync: what is stored is on the disk."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("CREATE TABLE log (id INTEGER PRIMARY KEY, act TEXT UNIQUE, body BLOB)")

    def __enter__(self) -> _Sqlite:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def append(self, rows: Sequence[tuple[str, bytes]]) -> bool:
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO log (act, body) VALUES (?, ?)", rows)
        self._db.execute("COMMIT")
        return True


def _entries(name: str, count: int) -> list[Entry]:
    """Outcomes as an erasure leaves them: some 450 bytes each."""
    return [
        Entry(
            act_id=f"plan-7/app.orders/{name}/{n}",
            kind="outcome",
            at=datetime.now(UTC),
            service="closm-i",
            clauses=("CLOSM-9.2b", "APPI 35(6)"),
            act="erase",
            outcome="done",
            system="app.orders",
            counts={"rows": n},
            version="2026-02-16",
            digests={"policy": "ab" * 32},
            person=commitment_of("42", NONCE),
            detail={"reach": "vacuumed"},
        )
        for n in range(count)
    ]


def _together(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _rate(count: int, seconds: Sequence[float]) -> float:
    return count / _median(seconds)


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _at(seconds: Sequence[float], part: float) -> float:
    """The value below which `part` of them lie, in milliseconds."""
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * part))] * 1000


def _row(name: str, unit: str, ours: float, reference: float | None = None) -> Row:
    ratio = None if reference is None else ours / reference
    return {"name": name, "unit": unit, "ours": ours, "reference": reference, "ratio": ratio}


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def main() -> None:
    """Print the table."""
    print(f"{'evidence':<50}{'unit':<11}{'ours':>9}{'SQLite':>9}{'ratio':>7}")
    for row in run():
        numbers = [_text(row[k]) for k in ("ours", "reference", "ratio")]
        print(f"{row['name']:<50}{row['unit']:<11}{numbers[0]:>9}{numbers[1]:>9}{numbers[2]:>7}")


if __name__ == "__main__":
    main()

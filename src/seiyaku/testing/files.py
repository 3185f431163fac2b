"""The files beside a generated database: pictures, access logs, copies in JSON lines.

Each goes where the data map says: a folder system's objects, named by the columns they are
found by, into the dataset's folder; an access log in nginx's "combined" format (all months but
the last one packed); a copy in JSON lines from the table of the same name.
"""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from seiyaku.datamap.model import Dataset, SystemEntry
from seiyaku.testing import names
from seiyaku.testing.book import Book

_PNG = b"\x89PNG\r\n\x1a\n"


def write_files(system: SystemEntry, folder: Path, book: Book) -> None:
    """Write the files of one folder, log or JSON lines system into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, dataset in system.datasets.items():
        if system.kind == "folder":
            _write_objects(dataset, folder / (dataset.table or name), book)
        elif system.kind == "access_log":
            _write_logs(folder, book)
        elif system.kind == "jsonl" and name in book.tables:
            _write_lines(book, name, dataset, folder)


def picture(red: int, green: int, blue: int, comment: str) -> bytes:
    """A PNG of one pixel with a comment: real enough to be shown, small enough to be many."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(bytes((0, red, green, blue)), 1)
    note = b"Comment\x00" + comment.encode("latin-1")
    parts = ((b"IHDR", header), (b"tEXt", note), (b"IDAT", pixel), (b"IEND", b""))
    return _PNG + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _write_objects(dataset: Dataset, folder: Path, book: Book) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for key, canary in _objects(dataset, book):
        path = folder / key
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
        red, green, blue = zlib.crc32(key.encode()).to_bytes(4, "big")[:3]
        path.write_bytes(picture(red, green, blue, canary))


def _objects(dataset: Dataset, book: Book) -> Iterator[tuple[str, str]]:
    """Key of every object, and the canary of whose it is."""
    for link in dataset.links:
        name = link.to.rpartition(".")[2]
        table = book.tables[name]
        index = table.columns.index((link.columns or table.dataset.key)[0])
        for person in book.people:
            for number in table.by_person.get(person.number, ()):
                key = table.rows[number - 1][index]
                if isinstance(key, str):
                    yield key, person.canary


def _write_logs(folder: Path, book: Book) -> None:
    months: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for person in book.people:
        for _ in range(book.rng.randint(1, 6)):
            at = book.moment(person)
            user = "-" if book.chance(0.1) else person.id
            path = book.rng.choice(names.PATHS)
            line = (
                f'{person.ip} - {user} [{at:%d/%b/%Y:%H:%M:%S +0000}] "GET {path} HTTP/1.1" 200 '
                f'{book.rng.randrange(200, 9000)} "-" "{person.user_agent}"'
            )
            months[f"{at:%Y-%m}"].append((at, line))
    last = max(months, default="")
    for month, lines in sorted(months.items()):
        text = "".join(f"{line}\n" for _, line in sorted(lines)).encode()
        if month == last:
            (folder / f"access-{month}.log").write_bytes(text)
        else:
            packed = gzip.compress(text, compresslevel=1, mtime=0)
            (folder / f"access-{month}.log.gz").write_bytes(packed)


def _write_lines(book: Book, name: str, dataset: Dataset, folder: Path) -> None:
    table = book.tables[name]
    dated = dataset.times.get("collected", "at")
    days: dict[str, list[str]] = defaultdict(list)
    for row in table.rows:
        record = {c: v for c, v in zip(table.columns, row, strict=True) if c in dataset.fields}
        at = str(record[dated])
        record[dated] = at.replace(" ", "T") + "Z"
        days[at[:10]].append(json.dumps(record, ensure_ascii=False))
    for day, lines in days.items():
        part = folder / f"date={day}"
        part.mkdir(exist_ok=True)
        (part / "part-0.jsonl").write_text("\n".join(lines) + "\n", "utf-8")

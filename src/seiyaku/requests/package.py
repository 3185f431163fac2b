"""The package a person gets: everything held about them, in one ZIP file or several.

| in it | what |
|---|---|
| ``index.ja.html``, ``index.en.html`` | to read: items by name, purposes, recipients, sources |
| ``data.json`` | every value with its type kept (`seiyaku.plans.values`) |
| ``csv/NAME.csv`` | one table a dataset, UTF-8 |
| ``media/...`` | files, as they are; ``data.json`` names them by ``{"$file": ...}`` |
| ``manifest.json`` | SHA-256 of each of these, and of the other volumes |

Rows come in, one dataset after another, and are not kept; files pass through in pieces. What a
package needs in memory does not grow with what is held of a person.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import IO, Final

from seiyaku.datamap.system import Content, Row
from seiyaku.kernel.ids import DatasetId
from seiyaku.kernel.text import Text
from seiyaku.plans.model import ItemOutcome
from seiyaku.plans.values import Json, to_json
from seiyaku.requests.archive import spool
from seiyaku.requests.page import MAX_ROWS, Page, page_html, row_html
from seiyaku.requests.shown import Column, Sample, Shown
from seiyaku.requests.volumes import PIECE_BYTES, Volume, Volumes

FORMAT = "seiyaku-package/1"
VOLUME_BYTES: Final = 2_000_000_000
"""What every file system and mail-less way of handing over still takes."""
KEPT: Final = timedelta(days=7)
"""How long a package lies ready; then it is destroyed, and can be asked for again."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Heading:
    """What stands over a package.

    Args:
        outcomes: what lies where we do not read, and what was not found.
    """

    service: str
    service_name: Text
    request: str
    made_at: datetime
    version: str
    policy_sha256: str
    outcomes: tuple[ItemOutcome, ...] = ()


def write_package(
    folder: Path,
    heading: Heading,
    shown: Iterable[Shown],
    page_of: Callable[[frozenset[str]], Page],
    *,
    volume_bytes: int = VOLUME_BYTES,
) -> tuple[Volume, ...]:
    """Write the package of a request into `folder`, whole or not at all.

    Args:
        page_of: what the page says beside the rows, by the items that were found.
        volume_bytes: size above which a further volume is begun.

    Returns:
        The volumes; the first has the pages and the manifest.
    """
    volumes = Volumes(folder, heading.request, volume_bytes, heading.made_at)
    try:
        with spool(folder) as document, spool(folder) as manifest:
            _Writer(volumes, heading, folder, document, manifest).write(shown, page_of)
        return volumes.finish()
    except BaseException:
        volumes.discard()
        raise


class _Writer:
    """Writes what a package consists of; tables grow in files without a name, then go in."""

    def __init__(
        self,
        volumes: Volumes,
        heading: Heading,
        folder: Path,
        document: IO[bytes],
        manifest: IO[bytes],
    ) -> None:
        self._volumes, self._heading, self._folder = volumes, heading, folder
        self._document, self._manifest = document, manifest
        self._taken, self._first = set[int](), True

    def write(self, shown: Iterable[Shown], page_of: Callable[[frozenset[str]], Page]) -> None:
        self._say(_opening(self._heading))
        self._manifest.write(_json({"format": FORMAT})[:-1].encode() + b', "sha256": {')
        samples, items = [], set[str]()
        for number, one in enumerate(shown):
            self._say("," * (number > 0))
            samples.append(self._dataset(one))
            items |= {c.item for c in one.columns if c.item}
        self._say(_closing(self._heading))
        self._add_spool("data.json", self._document)
        for language in ("ja", "en"):
            html = page_html(page_of(frozenset(items)), samples, language)
            self._add(f"index.{language}.html", html.encode())
        parts = [{"name": v.name, "size": v.size, "sha256": v.sha256} for v in self._volumes.done]
        self._manifest.write(b'}, "parts": ' + _json(parts).encode() + b"}")
        self._volumes.add("manifest.json", *_unwound(self._manifest))

    def _dataset(self, shown: Shown) -> Sample:
        """Write one dataset's files, its table, and its part of the document."""
        first, total = list[str](), 0
        with spool(self._folder) as spooled:
            table = csv.writer(_Text(spooled), lineterminator="\r\n")
            spooled.write(b"\xef\xbb\xbf")
            table.writerow([c.name for c in shown.columns])
            self._say(_dataset_opening(shown))
            for total, row in enumerate(shown.rows, 1):
                written = self._row(shown, row)
                self._say("," * (total > 1) + _json(written))
                table.writerow([_cell(v) for v in written])
                if total <= MAX_ROWS:
                    first.append(row_html(row))
            self._say("]}")
            self._add_spool(f"csv/{shown.dataset}.csv", spooled)
        return Sample(shown.title, shown.columns, "".join(first), len(first), total)

    def _row(self, shown: Shown, row: Row) -> list[Json]:
        named = dict(zip((c.name for c in shown.columns), row, strict=True))
        name = str(named.get(shown.named_by or "", "file"))
        return [
            self._file(shown.dataset, name, value) if isinstance(value, Content) else to_json(value)
            for value in row
        ]

    def _file(self, dataset: DatasetId, name: str, content: Content) -> Json:
        readable = name.encode("utf-8", "replace").decode()
        safe = "/".join(p for p in readable.split("/") if p not in ("", ".", ".."))
        path = self._free(f"media/{dataset}/{safe}")
        self._list(path, self._volumes.add(path, content.pieces(), content.size, packed=False))
        return {"$file": path}

    def _free(self, path: str) -> str:
        """`path`, or with a number before its ending: versions of one object share a name."""
        place = PurePosixPath(path)
        number, free = 1, path
        while hash(free) in self._taken:  # the names themselves would fill the memory
            number += 1
            free = str(place.with_name(f"{place.stem} ({number}){place.suffix}"))
        self._taken.add(hash(free))
        return free

    def _add(self, name: str, data: bytes) -> None:
        self._list(name, self._volumes.add(name, (data,), len(data)))

    def _add_spool(self, name: str, spooled: IO[bytes]) -> None:
        self._list(name, self._volumes.add(name, *_unwound(spooled)))

    def _list(self, name: str, sha256: str) -> None:
        comma = ", " * (not self._first)
        self._manifest.write(f"{comma}{_json(name)}: {_json(sha256)}".encode())
        self._first = False

    def _say(self, text: str) -> None:
        self._document.write(text.encode("utf-8", "surrogatepass"))


class _Text:
    """Takes text for a file of bytes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode("utf-8", "surrogatepass"))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _unwound(file: IO[bytes]) -> tuple[Iterator[bytes], int]:
    """What was written so far, from the start, and its size."""
    size = file.tell()
    file.seek(0)
    return iter(lambda: file.read(PIECE_BYTES), b""), size


def _opening(heading: Heading) -> str:
    words = {
        "format": FORMAT,
        "service": heading.service,
        "request": heading.request,
        "made_at": heading.made_at.isoformat(),
        "policy": {"version": heading.version, "sha256": heading.policy_sha256},
    }
    return _json(words)[:-1] + ', "datasets": ['


def _closing(heading: Heading) -> str:
    elsewhere = [
        {
            "system": o.system,
            "items": list(o.items),
            "outcome": o.outcome,
            "cite": o.cite,
            "note": o.note,
        }
        for o in heading.outcomes
    ]
    return '], "elsewhere": ' + _json(elsewhere) + "}"


def _dataset_opening(shown: Shown) -> str:
    words = {
        "id": shown.dataset,
        "title": {"ja": shown.title.ja, "en": shown.title.en},
        "columns": [_label(c) for c in shown.columns],
    }
    return _json(words)[:-1] + ', "rows": ['


def _label(column: Column) -> Json:
    return {"name": column.name, "item": column.item, "clauses": list(column.cites)}


def _cell(value: Json) -> str:
    """Plain text for a table; what a spreadsheet would run as a formula gets a quote."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return str(next(iter(value.values())))
    text = str(value)
    numeric = isinstance(value, int | float)
    return f"'{text}" if text.startswith(_FORMULA) and not numeric else text

"""The package a person gets: everything held about them, in one ZIP file.

| in it | what |
|---|---|
| ``index.ja.html``, ``index.en.html`` | to read: items by name, purposes, recipients, sources |
| ``data.json`` | every value with its type kept (`seiyaku.plans.values`) |
| ``csv/NAME.csv`` | one table a dataset, UTF-8 |
| ``media/...`` | files, as they are; ``data.json`` names them by ``{"$file": ...}`` |
| ``manifest.json`` | SHA-256 of each of these |

Pure but for writing the file: rows come in, one dataset after another, and are not kept.
"""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from seiyaku.datamap.system import Row, Value
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.ids import DatasetId
from seiyaku.kernel.text import Text
from seiyaku.plans.model import ItemOutcome
from seiyaku.plans.values import Json, to_json
from seiyaku.requests.page import Page, page_html
from seiyaku.requests.shown import Column, Shown

FORMAT = "seiyaku-package/1"
_EPOCH = (1980, 1, 1, 0, 0, 0)
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


def write_zip(target: Path, heading: Heading, shown: Iterable[Shown], page: Page) -> str:
    """Write the package to `target`, whole or not at all.

    Returns:
        SHA-256 of the file, hex.
    """
    partial = target.with_suffix(".part")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return _write_whole(partial, target, heading, shown, page)
    except BaseException:
        partial.unlink(missing_ok=True)  # nobody would destroy it later
        raise


def _write_whole(
    partial: Path, target: Path, heading: Heading, shown: Iterable[Shown], page: Page
) -> str:
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        writer = _Writer(archive)
        datasets = [writer.dataset(one) for one in shown]
        writer.json("data.json", _document(heading, [d for d, _ in datasets]))
        for language in ("ja", "en"):
            html = page_html(page, [s for _, s in datasets], language)
            writer.add(f"index.{language}.html", html.encode())
        writer.json("manifest.json", {"format": FORMAT, "sha256": dict(writer.digests)})
    with partial.open("rb") as file:
        digest = sha256_hex(file.read())
        os.fsync(file.fileno())
    partial.replace(target)
    return digest


class _Writer:
    """Adds files to the archive and remembers their digests; the same bytes every time."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.digests: dict[str, str] = {}

    def add(self, name: str, data: bytes) -> None:
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        self._archive.writestr(info, data, compresslevel=1)
        self.digests[name] = sha256_hex(data)

    def json(self, name: str, value: Json) -> None:
        self.add(name, json.dumps(value, ensure_ascii=False, allow_nan=False).encode())

    def dataset(self, shown: Shown) -> tuple[Json, Shown]:
        """Write a dataset's files and CSV; its JSON comes back."""
        rows = [self._row(shown, row) for row in shown.rows]
        self.add(f"csv/{shown.dataset}.csv", _csv(shown, rows))
        return {
            "id": shown.dataset,
            "title": {"ja": shown.title.ja, "en": shown.title.en},
            "columns": [_label(c) for c in shown.columns],
            "rows": [list(row) for row in rows],
        }, shown

    def _row(self, shown: Shown, row: Row) -> list[Json]:
        names = [c.name for c in shown.columns]
        written = [to_json(value) for value in row]
        if shown.files in names:
            place = names.index(shown.files or "")
            name = str(row[names.index(shown.named_by or "")]) if shown.named_by else "file"
            written[place] = self._file(shown.dataset, name, row[place])
        return written

    def _file(self, dataset: DatasetId, name: str, content: Value) -> Json:
        if not isinstance(content, bytes):
            return to_json(content)
        safe = "/".join(p for p in name.split("/") if p not in ("", ".", ".."))
        path = f"media/{dataset}/{safe}"
        self.add(path, content)
        return {"$file": path}


def _document(heading: Heading, datasets: list[Json]) -> Json:
    return {
        "format": FORMAT,
        "service": heading.service,
        "request": heading.request,
        "made_at": heading.made_at.isoformat(),
        "policy": {"version": heading.version, "sha256": heading.policy_sha256},
        "datasets": datasets,
        "elsewhere": [
            {
                "system": o.system,
                "items": list(o.items),
                "outcome": o.outcome,
                "cite": o.cite,
                "note": o.note,
            }
            for o in heading.outcomes
        ],
    }


def _label(column: Column) -> Json:
    return {"name": column.name, "item": column.item, "clauses": list(column.cites)}


def _csv(shown: Shown, rows: Sequence[Sequence[Json]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([c.name for c in shown.columns])
    for row in rows:
        writer.writerow([_cell(v) for v in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "surrogatepass")


def _cell(value: Json) -> str:
    """Plain text for a table; what a spreadsheet would run as a formula gets a quote."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return str(next(iter(value.values())))
    text = str(value)
    numeric = isinstance(value, int | float)
    return f"'{text}" if text.startswith(_FORMULA) and not numeric else text

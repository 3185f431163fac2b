"""Files that leave without anybody in them: read, checked, and written anew.

    report = check_file(path, "attribute_statistics", policy.exports["attribute_statistics"], {
        "device": Column("group", ("device_type",)), "people": Column("count")})

CSV, JSON lines and (with the extra ``duckdb``) Parquet are tables; Markdown and plain text are
checked as publications. What cannot be read as such is refused, never guessed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from seiyaku.kernel.errors import InvalidInput
from seiyaku.policy.model import Export
from seiyaku.releases.check import check_rows
from seiyaku.releases.publication import check_publication
from seiyaku.releases.report import Column, Report

_TEXTS: Final = frozenset({".md", ".txt"})
_FORMATS: Final = ".csv, .jsonl, .parquet; .md and .txt for publications"
_CHUNK: Final = 1 << 20


def check_file(
    path: Path,
    name: str,
    export: Export,
    columns: Mapping[str, Column] | None = None,
    *,
    not_counts: Collection[str] = (),
    transform: str = "",
) -> Report:
    """Check a file for the export called `name`; the report is bound to its bytes.

    Args:
        columns: what each column is made of, for a table.
        not_counts: headings of a text's columns whose numbers are not of people.
        transform: id of the `Transform` that made the file, where one did.

    Raises:
        InvalidInput: SY102 it cannot be read; SY107 it is no whole table, or changes meanwhile.
    """
    before = file_sha256(path)
    if export.kind == "publication":
        report = check_publication(name, _text(path), export.k, before, not_counts=not_counts)
    else:
        rows = read_rows(path)
        kind, declared = export.kind, columns or {}
        report = check_rows(name, kind, rows, declared, export.k, before, transform=transform)
    if file_sha256(path) != before:
        raise _refused(path, "changed while it was read")
    return report


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hex.

    Raises:
        InvalidInput: SY102 it cannot be read.
    """
    sha = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                sha.update(chunk)
    except OSError as error:
        raise InvalidInput(
            f"`{path.name}` cannot be read: {error.strerror}", code="SY102", hint="check the path"
        ) from None
    return sha.hexdigest()


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table as text, an empty text where there is no value.

    Raises:
        InvalidInput: SY107 it is no table of these formats, or not a whole one.
    """
    match path.suffix.lower():
        case ".csv":
            return list(_csv(path))
        case ".jsonl" | ".ndjson":
            return list(_json_lines(path))
        case ".parquet":
            return list(_parquet(path))
    raise _refused(path, f"is none of {_FORMATS}")


def write_csv(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write rows as CSV in UTF-8, under the names of the first one."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]) if rows else [])
        writer.writeheader()
        writer.writerows(rows)


def _csv(path: Path) -> Iterator[dict[str, str]]:
    try:
        reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
        names = next(reader, [])
        _require_names(path, names)
        for cells in reader:
            if len(cells) != len(names):
                raise _refused(path, f"has {len(cells)} cells in line {reader.line_num}")
            yield dict(zip(names, cells, strict=True))
    except csv.Error:
        raise _refused(path, "is no whole CSV") from None


def _json_lines(path: Path) -> Iterator[dict[str, str]]:
    found: list[dict[str, object]] = []
    for number, line in enumerate(_text(path).removesuffix("\n").split("\n"), 1):
        try:
            row = json.loads(line, object_pairs_hook=_once) if line.strip() else None
        except (ValueError, RecursionError):
            raise _refused(path, f"is no JSON in line {number}") from None
        if not isinstance(row, dict):
            raise _refused(path, f"has no JSON object in line {number}")
        found.append(row)
    names = list(dict.fromkeys(name for row in found for name in row))
    return ({name: _cell(row.get(name)) for name in names} for row in found)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise ValueError("a name twice")
    return row


def _parquet(path: Path) -> Iterator[dict[str, str]]:
    try:
        import duckdb
    except ImportError:
        raise InvalidInput(
            "reading Parquet needs DuckDB", hint='pip install "seiyaku[duckdb]"'
        ) from None
    if not set("*?[").isdisjoint(str(path.resolve())):
        raise _refused(path, "stands under a name that DuckDB takes for a pattern")
    try:
        with duckdb.connect() as connection:
            found = connection.read_parquet(str(path.resolve()))
            names = list(found.columns)
            _require_names(path, names)
            for row in found.fetchall():
                yield {name: _cell(value) for name, value in zip(names, row, strict=True)}
    except duckdb.Error:
        raise _refused(path, "is no whole Parquet file") from None


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _text(path: Path) -> str:
    if path.suffix.lower() not in _TEXTS | {".csv", ".jsonl", ".ndjson"}:
        raise _refused(path, f"is none of {_FORMATS}")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(path, "is not in UTF-8") from None


def _require_names(path: Path, names: Iterable[str]) -> None:
    listed = list(names)
    if not listed or len(set(listed)) != len(listed) or "" in listed:
        raise _refused(path, "names a column twice, or not at all")


def _refused(path: Path, why: str) -> InvalidInput:
    return InvalidInput(
        f"`{path.name}` {why}",
        code="SY107",
        hint="write it anew as one whole table, and check that",
    )

"""Files for export are read whole, as what they are, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import pytest

from seiyaku.doors import exports
from seiyaku.doors.exports import check_file, file_sha256, read_rows, write_csv
from seiyaku.kernel.errors import InvalidInput
from seiyaku.policy.model import Export
from seiyaku.releases import Column

STATISTICS = Export.model_validate(
    {
        "clause": "1",
        "name": {"ja": "統計", "en": "statistics"},
        "kind": "statistics",
        "items": ["device_type"],
    }
)
TEXT = STATISTICS.model_copy(update={"kind": "publication"})
COLUMNS = {"os": Column("group", ("device_type",)), "people": Column("count")}
ROWS = [{"os": "iOS", "people": "41"}, {"os": "web, other", "people": "7"}]


def file(folder: Path, name: str, text: str) -> Path:
    """A file of this text."""
    path = folder / name
    path.write_text(text, "utf-8", newline="")
    return path


def test_three_formats_of_one_table_are_the_same_rows(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", ROWS)
    lines = '{"os": "iOS", "people": 41}\n{"os": "web, other", "people": 7}\n'
    file(tmp_path, "a.jsonl", lines)
    with duckdb.connect() as db:
        db.execute(
            "CREATE TABLE t AS SELECT * FROM (VALUES ('iOS', 41), ('web, other', 7)) v(os, people)"
        )
        db.table("t").write_parquet(str(tmp_path / "a.parquet"))
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        assert read_rows(tmp_path / name) == ROWS
        report = check_file(tmp_path / name, "s", STATISTICS, COLUMNS)
        assert (report.smallest, report.rows, report.findings) == (7, 2, ())


def test_a_report_is_bound_to_the_bytes_of_its_file(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", "os,people\r\niOS,41\r\n")
    report = check_file(path, "s", STATISTICS, COLUMNS)
    assert report.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(path.read_bytes() + b"\n")
    assert report.sha256 != file_sha256(path)


def test_a_file_that_changes_while_it_is_read_has_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(tmp_path, "a.csv", "os,people\niOS,41\n")

    def changing(where: Path) -> list[dict[str, str]]:
        rows = read_rows(where)
        where.write_text("os,people\niOS,1\n", "utf-8")
        return rows

    monkeypatch.setattr(exports, "read_rows", changing)
    with pytest.raises(InvalidInput) as caught:
        check_file(path, "s", STATISTICS, COLUMNS)
    assert caught.value.code == "SY107"


def test_cells_within_json_are_searched_too(tmp_path: Path) -> None:
    path = file(tmp_path, "a.jsonl", '{"os": {"by": ["ai@example.jp"]}, "people": 41}\n')
    [found] = check_file(path, "s", STATISTICS, COLUMNS).findings
    assert (found.code, found.line, found.about) == ("identifier", 1, "os:email")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "os,people\niOS\n"),
        ("a.csv", "os,people\niOS,41,ai@example.jp\n"),
        ("a.csv", "os,os\niOS,41\n"),
        ("a.csv", "os,\niOS,41\n"),
        ("a.csv", ""),
        ("a.csv", 'os,people\n"iOS,41\n'),
        ("a.jsonl", '{"os": "iOS"'),
        ("a.jsonl", '["iOS", 41]\n'),
        ("a.jsonl", '{"os": "iOS", "os": "web"}\n'),
        ("a.jsonl", "[" * 100_000 + "\n"),
        ("a.parquet", "os,people\niOS,41\n"),
        ("a.xlsx", "os,people\niOS,41\n"),
        ("a[1].parquet", "os,people\niOS,41\n"),
    ],
)
def test_what_is_no_whole_table_is_refused(tmp_path: Path, name: str, text: str) -> None:
    path = file(tmp_path, name, text)
    with pytest.raises(InvalidInput) as caught:
        check_file(path, "s", STATISTICS, COLUMNS)
    assert caught.value.code == "SY107"
    assert "example" not in str(caught.value)


def test_what_is_not_there_or_not_in_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_file(tmp_path / "none.csv", "s", STATISTICS, COLUMNS)
    assert caught.value.code == "SY102"
    (tmp_path / "a.csv").write_bytes("os,people\nその他,9\n".encode("cp932"))
    with pytest.raises(InvalidInput) as caught:
        check_file(tmp_path / "a.csv", "s", STATISTICS, COLUMNS)
    assert caught.value.code == "SY107"


def test_a_text_is_checked_as_a_publication(tmp_path: Path) -> None:
    path = file(tmp_path, "a.md", "Of 3 users one came back.\n")
    report = check_file(path, "s", TEXT)
    assert (report.kind, report.rows) == ("publication", 1)
    assert [(f.code, f.line, f.place) for f in report.findings] == [("group_too_small", 1, 4)]

"""A published version is immutable, hashed, and never dated back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from edits import TEASHOP, edited

from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import InvalidInput
from seiyaku.policy import Announcement, effective_at, parse_policy
from seiyaku.policy.publish import load_history, publish

AT = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)
LATER = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
SHOWN = Announcement("https://tea.example/privacy", "2026-04-15, 2026年6月10日から".encode(), AT)


def draft(folder: Path, edits: dict[str, Any] | None = None) -> Path:
    """A draft of the tea shop: no moment of publication yet."""
    path = folder / "policy.yaml"
    path.write_bytes(edited({"/version/published_at": None, **(edits or {})}))
    return path


def test_publishing_writes_the_file_and_an_index_with_its_digest(tmp_path: Path) -> None:
    versions = tmp_path / "versions"
    line = publish(draft(tmp_path), versions, AT)
    written = (versions / "2026-04-01.yaml").read_bytes()
    assert line.sha256 == sha256_hex(written)
    index = json.loads((versions / "versions.json").read_text("utf-8"))
    assert index["versions"] == [
        {
            "id": "2026-04-01",
            "file": "2026-04-01.yaml",
            "sha256": line.sha256,
            "published_at": "2026-05-01T03:00:00+00:00",
        }
    ]
    assert list(versions.glob("*.part")) == []


def test_only_the_moment_is_added_and_every_other_byte_stays(tmp_path: Path) -> None:
    text = TEASHOP.read_text("utf-8").replace("  published_at: 2026-04-10T00:00:00Z\n", "")
    path = tmp_path / "policy.yaml"
    path.write_text(text, "utf-8")
    publish(path, tmp_path / "v", AT)
    published = (tmp_path / "v" / "2026-04-01.yaml").read_text("utf-8")
    added = "published_at: 2026-05-01T03:00:00+00:00\n  "
    assert published.replace(added, "") == text
    assert parse_policy(tmp_path / "v" / "2026-04-01.yaml").policy.version.published_at == AT


def test_a_version_written_on_one_line_gets_its_moment_too(tmp_path: Path) -> None:
    text = TEASHOP.read_text("utf-8")
    start, end = text.index("version:\n"), text.index("source:\n")
    flow = 'version: {enacted_on: 2026-04-01, id: "2026-04-01"} # 茶\n'
    path = tmp_path / "policy.yaml"
    path.write_text(text[:start] + flow + text[end:], "utf-8")
    publish(path, tmp_path / "v", AT)
    assert parse_policy(tmp_path / "v" / "2026-04-01.yaml").policy.version.published_at == AT


def test_publishing_twice_changes_nothing(tmp_path: Path) -> None:
    first = publish(draft(tmp_path), tmp_path / "v", AT)
    again = publish(draft(tmp_path), tmp_path / "v", LATER)
    assert again == first
    assert len(list((tmp_path / "v").iterdir())) == 2


def test_other_words_under_a_published_id_are_refused(tmp_path: Path) -> None:
    publish(draft(tmp_path), tmp_path / "v", AT)
    changed = draft(tmp_path, {"/service_name/en": "Another Shop"})
    with pytest.raises(InvalidInput) as caught:
        publish(changed, tmp_path / "v", LATER)
    assert caught.value.code == "SY123"


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_published_file_that_changed_is_refused(tmp_path: Path, harm: str) -> None:
    publish(draft(tmp_path), tmp_path / "v", AT)
    file = tmp_path / "v" / "2026-04-01.yaml"
    if harm == "changed":
        file.write_bytes(file.read_bytes().replace(b"days: 90", b"days: 91"))
    else:
        file.unlink()
    with pytest.raises(InvalidInput) as caught:
        load_history(tmp_path / "v")
    assert caught.value.code == "SY121"
    with pytest.raises(InvalidInput) as caught:
        publish(draft(tmp_path, {"/version/id": "2"}), tmp_path / "v", LATER)
    assert caught.value.code == "SY121"


def test_a_version_dated_back_is_refused(tmp_path: Path) -> None:
    path = draft(tmp_path, {"/version/published_at": "2026-04-30T00:00:00Z"})
    with pytest.raises(InvalidInput) as caught:
        publish(path, tmp_path / "v", AT)
    assert caught.value.code == "SY122"
    assert not (tmp_path / "v").exists()


def test_a_version_before_the_one_it_follows_is_refused(tmp_path: Path) -> None:
    publish(draft(tmp_path), tmp_path / "v", LATER)
    with pytest.raises(InvalidInput) as caught:
        publish(draft(tmp_path, {"/version/id": "2026-04-02"}), tmp_path / "v", AT, SHOWN)
    assert caught.value.code == "SY122"


def test_a_publication_that_was_interrupted_before_the_index_is_finished(tmp_path: Path) -> None:
    publish(draft(tmp_path), tmp_path / "v", AT)
    before = (tmp_path / "v" / "2026-04-01.yaml").read_bytes()
    (tmp_path / "v" / "versions.json").unlink()
    with pytest.raises(InvalidInput) as caught:
        load_history(tmp_path / "v")
    assert caught.value.code == "SY124"
    line = publish(draft(tmp_path), tmp_path / "v", LATER)
    assert line.published_at == AT.isoformat()
    assert (tmp_path / "v" / "2026-04-01.yaml").read_bytes() == before


@pytest.mark.parametrize(
    "index",
    [
        "not json",
        "{}",
        '{"seiyaku_versions": 2, "versions": []}',
        '{"seiyaku_versions": 1, "versions": [{"id": "x"}]}',
        '{"seiyaku_versions": 1, "versions": [{"id": "x", "file": "../x.yaml", "sha256": "", '
        '"published_at": "2026-05-01T00:00:00+00:00"}]}',
        '{"seiyaku_versions": 1, "versions": [{"id": "x", "file": "x.yaml", "sha256": "", '
        '"published_at": "2026-05-01T00:00:00"}]}',
    ],
)
def test_a_broken_index_is_refused(tmp_path: Path, index: str) -> None:
    (tmp_path / "versions.json").write_text(index, "utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_history(tmp_path)
    assert caught.value.code == "SY124"


def test_the_history_knows_which_version_is_in_force_when(tmp_path: Path) -> None:
    first = {"/version/effective": "on_publication", "/version/effective_on": None}
    publish(draft(tmp_path, first), tmp_path / "v", AT)
    second = {"/version/id": "2026-06-01", "/version/effective_on": "2026-06-10"}
    publish(draft(tmp_path, second), tmp_path / "v", LATER, SHOWN)
    history = load_history(tmp_path / "v")
    assert [p.version.id for p in history.versions] == ["2026-04-01", "2026-06-01"]
    in_force = {
        datetime(2026, 5, 1, 2, 59, tzinfo=UTC): None,
        AT: "2026-04-01",
        datetime(2026, 6, 9, 14, 59, tzinfo=UTC): "2026-04-01",
        datetime(2026, 6, 9, 15, 0, tzinfo=UTC): "2026-06-01",
    }
    for moment, expected in in_force.items():
        found = history.in_force(moment)
        assert (found.version.id if found else None) == expected


def test_a_version_is_never_effective_before_it_was_published(tmp_path: Path) -> None:
    early = draft(tmp_path, {"/version/effective_on": "2026-01-01"})
    publish(early, tmp_path / "v", AT)
    (version,) = load_history(tmp_path / "v").versions
    assert effective_at(version) == AT


def test_a_draft_among_the_files_stands_last_and_never_counts(tmp_path: Path) -> None:
    path = draft(tmp_path, {"/version/id": "next"})
    history = load_history([path, TEASHOP])
    assert [p.version.id for p in history.versions] == ["2026-04-01", "next"]
    found = history.in_force(datetime(2030, 1, 1, tzinfo=UTC))
    assert found is not None
    assert found.version.id == "2026-04-01"


def test_versions_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_history([TEASHOP, TEASHOP])
    assert caught.value.code == "SY126"
    other = draft(tmp_path, {"/service": "coffee", "/version/id": "2"})
    with pytest.raises(InvalidInput) as caught:
        load_history([TEASHOP, other])
    assert caught.value.code == "SY126"


def test_no_version_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_history(tmp_path)
    assert caught.value.code == "SY125"


def test_a_version_known_by_its_date_only_is_named_and_never_in_force() -> None:
    history = load_history(TEASHOP)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert history.in_force(moment) is None
    known = history.known_by_date(moment)
    assert known is not None
    assert known.on.isoformat() == "2025-10-01"
    assert history.known_by_date(datetime(2025, 9, 30, tzinfo=UTC)) is None
    assert history.known_by_date(datetime(2026, 5, 1, tzinfo=UTC)) is None

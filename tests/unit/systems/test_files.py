"""Files as company systems: folders of objects, JSON lines, access logs."""

from __future__ import annotations

import gzip
import json
import os
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from seiyaku.datamap.graph import resolve
from seiyaku.datamap.model import DataMap
from seiyaku.datamap.system import (
    Action,
    Content,
    HandleColumn,
    Handles,
    HoldSplit,
    Step,
    System,
)
from seiyaku.kernel.errors import Conflict, SystemUnavailable, WaitsForPerson
from seiyaku.kernel.ids import DatasetId, RunId
from seiyaku.systems import SystemSettings, open_system
from seiyaku.systems._shared import files as shared_files

LOG = (
    b'198.51.100.7 - 1 [16/Feb/2026:09:00:00 +0900] "GET /a HTTP/1.1" 200 12 "-" "Firefox"\n'
    b'198.51.100.8 - 2 [16/Feb/2026:09:00:01 +0900] "GET /b HTTP/1.1" 200 13 "https://x/?q=1" '
    b'"agent \\"odd\\" 1"\n'
    b"a line nobody can read\n"
    b'198.51.100.7 - 1 [17/Feb/2026:09:00:00 +0900] "GET /c HTTP/1.1" 304 - "-" "Firefox"'
)
EVENTS = (
    b'{"id": 1, "user_id": 1, "event": "view", "price": 1.10, "at": "2026-02-16T00:00:00+09:00"}\n'
    b'{"user_id":2,"id":2,  "event":"buy"}\n'
    b"not json\n"
    b'\xff\xfe{"user_id": 1}\n'
    b'{"id": 3, "user_id": "1", "event": "\xe8\xb2\xb7\xe3\x81\x86", "tags": ["a", "b"]}\n'
)
MAP = {
    "seiyaku_datamap": 1,
    "service": "t",
    "systems": {
        "app": {
            "kind": "sqlite",
            "name": {"ja": "店", "en": "shop"},
            "datasets": {
                "users": {"person": "user", "key": "id", "fields": {"id": None}},
                "pictures": {
                    "key": "id",
                    "links": [{"by": "user_id", "to": "users"}],
                    "fields": {"id": None, "user_id": None, "object_key": "image"},
                },
            },
        },
        "media": {
            "kind": "folder",
            "name": {"ja": "画像", "en": "pictures"},
            "datasets": {
                "objects": {
                    "table": "media",
                    "key": "key",
                    "links": [{"by": "key", "to": "app.pictures", "columns": "object_key"}],
                    "fields": {"key": "image", "content": "image", "size": None},
                }
            },
        },
        "logs": {
            "kind": "access_log",
            "name": {"ja": "ログ", "en": "logs"},
            "datasets": {
                "access": {
                    "table": "access.log*",
                    "key": ["file", "line"],
                    "links": [{"by": "remote_user", "to": "app.users"}],
                    "fields": {
                        "file": None,
                        "line": None,
                        "remote_addr": "ip_address",
                        "remote_user": None,
                        "time_local": "access_time",
                        "request": "access_log",
                        "http_user_agent": "browser_type",
                    },
                }
            },
        },
        "events": {
            "kind": "jsonl",
            "name": {"ja": "履歴", "en": "events"},
            "datasets": {
                "usage": {
                    "table": "events/*.jsonl*",
                    "key": "id",
                    "links": [{"by": "user_id", "to": "app.users"}],
                    "fields": {
                        "id": None,
                        "user_id": None,
                        "event": "usage",
                        "price": "usage",
                        "tags": "usage",
                        "at": "usage",
                    },
                }
            },
        },
        "chain": {
            "kind": "chain",
            "name": {"ja": "鎖", "en": "chain"},
            "immutable": True,
            "clause": "9.3",
        },
        "vendor": {"kind": "by_hand", "name": {"ja": "業者", "en": "vendor"}},
    },
}
PERSON = Handles(
    {
        HandleColumn(DatasetId("app.users"), ("id",)): frozenset({(1,)}),
        HandleColumn(DatasetId("app.pictures"), ("object_key",)): frozenset(
            {("a/1.jpg",), ("gone.jpg",), ("../secret.txt",), ("/etc/passwd",), ("link.jpg",)}
        ),
    }
)


@pytest.fixture
def datamap() -> DataMap:
    return DataMap.model_validate(MAP)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    (root / "media" / "a").mkdir(parents=True)
    (root / "events").mkdir()
    (root / "media" / "a" / "1.jpg").write_bytes(b"\xff\xd8one")
    (root / "media" / "a" / "2.jpg").write_bytes(b"\xff\xd8two")
    (root / "secret.txt").write_text("not yours")
    (root / "media" / "link.jpg").symlink_to(root / "secret.txt")
    (root / "access.log").write_bytes(LOG)
    (root / "access.log.1.gz").write_bytes(gzip.compress(LOG))
    (root / "events" / "a.jsonl").write_bytes(EVENTS)
    return root


def opened(datamap: DataMap, name: str, root: Path) -> System:
    return open_system(name, datamap.systems[name], SystemSettings(path=root))


def steps(datamap: DataMap, name: str) -> tuple[Step, ...]:
    return resolve(datamap).of_system(name)


def action(datamap: DataMap, name: str, verb: Any, expected: int, **more: Any) -> Action:
    step = steps(datamap, name)[0]
    return Action(step.dataset, verb, step.paths, expected=expected, **more)


def test_a_folder_gives_the_files_a_person_is_known_by_with_their_content(
    datamap: DataMap, root: Path
) -> None:
    media = opened(datamap, "media", root)
    assert media.locate(steps(datamap, "media"), PERSON).rows == {"media.objects": 1}
    (found,) = media.export(steps(datamap, "media"), PERSON)
    assert found.columns == ("key", "content", "size")
    [(key, content, size)] = found.rows
    assert (key, size) == ("a/1.jpg", 5)
    assert isinstance(content, Content)
    assert [b"".join(content.pieces()) for _ in range(2)] == [b"\xff\xd8one"] * 2


def test_a_name_from_a_database_never_leads_out_of_the_folder(datamap: DataMap, root: Path) -> None:
    media = opened(datamap, "media", root)
    media.apply(RunId("r"), [action(datamap, "media", "delete", 1)], PERSON)
    assert (root / "secret.txt").read_text() == "not yours"
    assert (root / "media" / "link.jpg").is_symlink()
    assert not (root / "media" / "a" / "1.jpg").exists()
    assert (root / "media" / "a" / "2.jpg").exists()
    assert not any(media.read_again(steps(datamap, "media"), PERSON).values())


def test_erasing_lines_leaves_every_other_byte(datamap: DataMap, root: Path) -> None:
    events = opened(datamap, "events", root)
    applied = events.apply(RunId("r"), [action(datamap, "events", "delete", 2)], PERSON)
    assert applied.deleted == {"events.usage": 2}
    lines = EVENTS.splitlines(keepends=True)
    assert (root / "events" / "a.jsonl").read_bytes() == b"".join(lines[1:4])
    assert "2 unreadable lines of events.usage" in events.capabilities.excludes


def test_json_numbers_and_nested_values_are_exported_as_they_stand(
    datamap: DataMap, root: Path
) -> None:
    (found,) = opened(datamap, "events", root).export(steps(datamap, "events"), PERSON)
    first, second = found.rows
    assert first == (1, 1, "view", Decimal("1.10"), None, "2026-02-16T00:00:00+09:00")
    assert second == (3, "1", "買う", None, '["a", "b"]', None)


def test_emptying_a_json_line_keeps_the_rest_of_it(datamap: DataMap, root: Path) -> None:
    events = opened(datamap, "events", root)
    blank = action(datamap, "events", "blank", 2, blank=("event", "price"), cut=("user_id",))
    assert events.apply(RunId("r"), [blank], PERSON).blanked == {"events.usage": 2}
    lines = (root / "events" / "a.jsonl").read_bytes().splitlines(keepends=True)
    at = "2026-02-16T00:00:00+09:00"
    assert json.loads(lines[0]) == {
        "id": 1,
        "user_id": None,
        "event": None,
        "price": None,
        "at": at,
    }
    assert lines[1:4] == EVENTS.splitlines(keepends=True)[1:4]
    assert not any(events.read_again(steps(datamap, "events"), PERSON).values())


def test_an_access_log_is_read_with_its_zone_and_what_is_in_quotes(
    datamap: DataMap, root: Path
) -> None:
    logs = opened(datamap, "logs", root)
    assert logs.locate(steps(datamap, "logs"), PERSON).rows == {"logs.access": 4}
    (found,) = logs.export(steps(datamap, "logs"), PERSON)
    tokyo = timezone(timedelta(hours=9))
    assert next(iter(found.rows)) == (
        "access.log",
        1,
        "198.51.100.7",
        "1",
        datetime(2026, 2, 16, 9, tzinfo=tokyo),
        "GET /a HTTP/1.1",
        "Firefox",
    )


def test_lines_of_plain_and_packed_logs_go_together(datamap: DataMap, root: Path) -> None:
    logs = opened(datamap, "logs", root)
    os.chmod(root / "access.log", 0o640)
    logs.apply(RunId("r"), [action(datamap, "logs", "delete", 4)], PERSON)
    rest = b"".join(LOG.splitlines(keepends=True)[1:3])
    assert (root / "access.log").read_bytes() == rest
    assert gzip.decompress((root / "access.log.1.gz").read_bytes()) == rest
    assert (root / "access.log").stat().st_mode & 0o777 == 0o640


def test_fields_of_a_log_are_emptied_in_place(datamap: DataMap, root: Path) -> None:
    logs = opened(datamap, "logs", root)
    columns = ("remote_addr", "http_user_agent")
    logs.apply(
        RunId("r"),
        [action(datamap, "logs", "blank", 4, blank=columns, cut=("remote_user",))],
        PERSON,
    )
    first = (root / "access.log").read_bytes().splitlines()[0]
    assert first == b'- - - [16/Feb/2026:09:00:00 +0900] "GET /a HTTP/1.1" 200 12 "-" "-"'
    assert logs.locate(steps(datamap, "logs"), PERSON).rows == {"logs.access": 0}


def test_lines_within_their_period_stay(datamap: DataMap, root: Path) -> None:
    logs = opened(datamap, "logs", root)
    split = HoldSplit(DatasetId("logs.access"), "time_local", date(2026, 2, 17))
    applied = logs.apply(RunId("r"), [action(datamap, "logs", "keep", 4, split=split)], PERSON)
    assert (applied.kept, applied.deleted) == ({"logs.access": 2}, {"logs.access": 2})
    assert b"GET /c" in (root / "access.log").read_bytes()
    assert b"GET /a" not in (root / "access.log").read_bytes()


@pytest.mark.parametrize(("name", "expected"), [("media", 1), ("logs", 4), ("events", 2)])
def test_a_crash_after_the_commit_is_finished_by_the_same_run(
    datamap: DataMap, root: Path, name: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = opened(datamap, name, root)
    actions = [action(datamap, name, "delete", expected)]

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shared_files.Journal, "_carry_out", killed)
        with pytest.raises(KeyboardInterrupt):
            system.apply(RunId("r"), actions, PERSON)
    again = opened(datamap, name, root)
    applied = again.apply(RunId("r"), actions, PERSON)
    assert applied.again
    assert sum(applied.deleted.values()) == expected
    assert not any(again.read_again(steps(datamap, name), PERSON).values())
    assert not list(root.rglob("*.seiyaku-new"))


@pytest.mark.parametrize(("name", "expected"), [("logs", 4), ("events", 2)])
def test_a_crash_before_the_commit_leaves_the_files_as_they_were(
    datamap: DataMap, root: Path, name: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = opened(datamap, name, root)
    actions = [action(datamap, name, "delete", expected)]

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shared_files.Journal, "commit", killed)
        with pytest.raises(KeyboardInterrupt):
            system.apply(RunId("r"), actions, PERSON)
    assert (root / "access.log").read_bytes() == LOG
    assert (root / "events" / "a.jsonl").read_bytes() == EVENTS
    assert not opened(datamap, name, root).apply(RunId("r"), actions, PERSON).again


def test_a_line_written_while_a_log_is_rewritten_is_not_lost(
    datamap: DataMap, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = b'{"id": 9, "user_id": 2, "event": "late"}\n'
    original = shared_files.Journal.commit

    def commit(self: shared_files.Journal, *arguments: Any, **named: Any) -> None:
        with (root / "events" / "a.jsonl").open("ab") as log:
            log.write(late)
        original(self, *arguments, **named)

    monkeypatch.setattr(shared_files.Journal, "commit", commit)
    events = opened(datamap, "events", root)
    events.apply(RunId("r"), [action(datamap, "events", "delete", 2)], PERSON)
    assert (root / "events" / "a.jsonl").read_bytes().endswith(late)


def test_changed_files_are_a_conflict_and_nothing_is_done(datamap: DataMap, root: Path) -> None:
    events = opened(datamap, "events", root)
    with pytest.raises(Conflict) as caught:
        events.apply(RunId("r"), [action(datamap, "events", "delete", 3)], PERSON)
    assert caught.value.code == "SY502"
    assert (root / "events" / "a.jsonl").read_bytes() == EVENTS


def test_a_verb_a_log_cannot_do_is_refused(datamap: DataMap, root: Path) -> None:
    logs = opened(datamap, "logs", root)
    with pytest.raises(Conflict) as caught:
        logs.apply(RunId("r"), [action(datamap, "logs", "set", 4)], PERSON)
    assert caught.value.code == "SY508"


def test_a_folder_that_is_not_there_is_unavailable(datamap: DataMap, tmp_path: Path) -> None:
    for name in ("media", "logs", "events"):
        system = opened(datamap, name, tmp_path / "none")
        with pytest.raises(SystemUnavailable) as caught:
            system.locate(steps(datamap, name), PERSON)
        assert caught.value.code == "SY304"
        assert not (tmp_path / "none").exists()


def test_a_damaged_packed_file_is_said(datamap: DataMap, root: Path) -> None:
    packed = root / "access.log.1.gz"
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(SystemUnavailable) as caught:
        opened(datamap, "logs", root).locate(steps(datamap, "logs"), PERSON)
    assert caught.value.code == "SY305"


def test_a_copy_of_a_log_that_nobody_declared_is_on_the_surface(
    datamap: DataMap, root: Path
) -> None:
    (root / "events-old.jsonl").write_bytes(EVENTS)
    tables = {t.name: t for t in opened(datamap, "events", root).surface()}
    assert set(tables) == {"events/*.jsonl*", "events-old.jsonl"}
    assert {c.name for c in tables["events-old.jsonl"].columns} == {
        "id",
        "user_id",
        "event",
        "price",
        "tags",
        "at",
    }


def test_an_immutable_system_is_not_read_and_refuses(datamap: DataMap) -> None:
    chain = open_system("chain", datamap.systems["chain"], SystemSettings())
    assert chain.capabilities.immutable
    assert chain.locate([], PERSON).rows == {}
    with pytest.raises(Conflict):
        chain.apply(RunId("r"), [], PERSON)


def test_a_system_worked_in_by_hand_waits_for_a_person(datamap: DataMap) -> None:
    vendor = open_system("vendor", datamap.systems["vendor"], SystemSettings())
    assert vendor.capabilities.by_hand
    with pytest.raises(WaitsForPerson):
        vendor.apply(RunId("r"), [], PERSON)


def test_datasets_of_a_folder_may_be_read_after_all_were_asked_for(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.png").write_bytes(folder.encode())
    links = [{"by": "key", "to": "app.pictures", "columns": "object_key"}]
    datasets = {
        "one": {"key": "key", "links": links, "fields": {"key": "image", "size": None}},
        "two": {"key": "key", "links": links, "fields": {"content": "image", "key": "image"}},
    }
    media = {"kind": "folder", "name": {"ja": "画像", "en": "pictures"}, "datasets": datasets}
    datamap = DataMap.model_validate(
        {**MAP, "systems": {"app": MAP["systems"]["app"], "media": media}}  # type: ignore[index]
    )
    system = open_system("media", datamap.systems["media"], SystemSettings(path=tmp_path))
    column = HandleColumn(DatasetId("app.pictures"), ("object_key",))
    found = list(
        system.export(
            resolve(datamap).of_system("media"), Handles({column: frozenset({("a.png",)})})
        )
    )
    rows = {s.dataset: next(iter(s.rows)) for s in found}
    assert rows[DatasetId("media.one")] == ("a.png", 3)
    content = rows[DatasetId("media.two")][0]
    assert isinstance(content, Content)
    assert b"".join(content.pieces()) == b"two"

"""Several processes write one log in turns; none overwrites, none forgets what another wrote."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seiyaku.evidence import Entry, Log, SigningKey
from seiyaku.evidence.journal import _record
from seiyaku.evidence.log import ROTATE_AFTER
from seiyaku.kernel.errors import Conflict
from seiyaku_verify import fsck

Make = Callable[..., Entry]
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from seiyaku.evidence import Entry, Log, SigningKey
folder, key, name = sys.argv[1:]
log = Log(Path(folder), SigningKey.load(Path(key)), shared=True)
for number in range(40):
    log.append([Entry(act_id=f"{name}/{number}", kind="intent", service="closm-i", act="erase",
                      at=datetime(2026, 2, 16, tzinfo=UTC))])
"""


@pytest.mark.parametrize("group", [7, 50])
def test_writers_take_turns_beyond_every_rotation(
    tmp_path: Path, key: SigningKey, make: Make, group: int
) -> None:
    logs = [Log(tmp_path / "log", key, shared=True) for _ in range(3)]
    wanted = ROTATE_AFTER + 300
    for start in range(0, wanted, group):
        placed = logs[start % 3].append([make(n) for n in range(start, start + group)])
        assert [p.index for p in placed] == list(range(start, start + group))
    assert len({log.checkpoint().root for log in logs}) == 1
    [again] = logs[0].append([make(1)])
    assert (again.index, again.new) == (1, False), "told by another writer, known to all"
    for log in logs:
        log.close()
    fsck(tmp_path / "log", str(key.verifier))


def test_processes_that_write_at_once_leave_one_log(tmp_path: Path, key: SigningKey) -> None:
    key.save(tmp_path / "key")
    arguments = [str(tmp_path / "log"), str(tmp_path / "key")]
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, *arguments, name]) for name in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    with Log(tmp_path / "log", key) as log:
        acts = [entry.act_id for entry in log.entries()]
    assert sorted(acts) == sorted(f"{name}/{n}" for name in "abc" for n in range(40))
    fsck(tmp_path / "log", str(key.verifier))


def test_what_a_dead_writer_left_unpublished_is_taken_in_first(
    tmp_path: Path, key: SigningKey, make: Make
) -> None:
    first, second = (Log(tmp_path / "log", key, shared=True) for _ in range(2))
    first.append([make(0)])
    second.append([make(1)])
    with (tmp_path / "log" / "journal").open("ab") as journal:
        journal.write(_record(2, [make(2).to_bytes()]))
    placed = first.append([make(2), make(3)])
    assert [(p.index, p.new) for p in placed] == [(2, False), (3, True)]
    with (tmp_path / "log" / "journal").open("ab") as journal:
        journal.write(_record(4, [make(4).to_bytes()])[:-3])
    [place] = second.append([make(5)])
    assert place.index == 4, "what was cut off was never acknowledged"
    first.close()
    second.close()
    fsck(tmp_path / "log", str(key.verifier))


def test_a_log_that_is_not_shared_stays_with_its_process(tmp_path: Path, key: SigningKey) -> None:
    with Log(tmp_path / "log", key), pytest.raises(Conflict) as caught:
        Log(tmp_path / "log", key)
    assert caught.value.code == "SY510"


def test_a_journal_begun_anew_is_read_anew_once_by_each_of_the_others(
    tmp_path: Path, key: SigningKey, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = [Log(tmp_path / "log", key, shared=True, publish_after_s=60) for _ in range(3)]
    read: list[Log] = []
    recover = Log._recover
    monkeypatch.setattr(Log, "_recover", lambda log: (read.append(log), recover(log))[1])
    for start in range(0, ROTATE_AFTER + 300, 20):
        logs[start // 20 % 3].append([make(n) for n in range(start, start + 20)])
    assert len(read) == len(set(read)) == 2, "all but the one who began it anew"
    for log in logs:
        log.close()
    fsck(tmp_path / "log", str(key.verifier))

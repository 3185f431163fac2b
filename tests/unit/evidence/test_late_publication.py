"""What is acknowledged is on the disk; its checkpoint may come a moment later, for many at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from seiyaku.evidence import Entry, Log, LogReader, SigningKey
from seiyaku.evidence import journal as journals
from seiyaku.evidence import log as logs
from seiyaku.evidence.log import ROTATE_AFTER
from seiyaku.kernel.errors import Conflict
from seiyaku_verify import fsck

Make = Callable[..., Entry]
LATER_S = 60.0
DYING = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from seiyaku.evidence import Entry, Log, SigningKey
log = Log(Path(sys.argv[1]), SigningKey.load(Path(sys.argv[2])), publish_after_s=60)
for n in range(300):
    log.append([Entry(act_id=f"dying/{n}", kind="intent", service="closm-i", act="erase",
                      at=datetime(2026, 2, 16, tzinfo=UTC))])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_group_is_published_by_itself_a_moment_later(
    folder: Path, key: SigningKey, make: Make
) -> None:
    with Log(folder, key, publish_after_s=0.05) as log:
        log.append([make(0)])
        reader, until = LogReader(folder, key.verifier), time.monotonic() + 10
        while reader.size < 1:
            assert time.monotonic() < until
            time.sleep(0.01)


def test_whoever_reads_through_the_log_sees_everything_acknowledged(
    folder: Path, key: SigningKey, make: Make
) -> None:
    with Log(folder, key, publish_after_s=LATER_S) as log:
        log.append([make(0)])
        assert LogReader(folder, key.verifier).size == 0
        log.append([make(1)])
        assert log.entry(1) == make(1)
        assert LogReader(folder, key.verifier).size == 2
        [again] = log.append([make(1)])
        assert (again.index, again.new) == (1, False)


def test_closing_publishes_what_waits(folder: Path, key: SigningKey, make: Make) -> None:
    with Log(folder, key, publish_after_s=LATER_S) as log:
        log.append([make(n) for n in range(3)])
    assert LogReader(folder, key.verifier).size == 3
    fsck(folder, str(key.verifier))


def test_a_process_that_dies_before_publishing_loses_nothing(
    folder: Path, tmp_path: Path, key: SigningKey
) -> None:
    key.save(tmp_path / "key")
    dying = [sys.executable, "-c", DYING, str(folder), str(tmp_path / "key")]
    assert subprocess.run(dying, check=False).returncode == -signal.SIGKILL
    assert LogReader(folder, key.verifier).size == 0
    with Log(folder, key) as log:
        assert [e.act_id for e in log.entries()] == [f"dying/{n}" for n in range(300)]
    fsck(folder, str(key.verifier))


@pytest.mark.parametrize("group", [61, 130])
def test_writers_that_publish_late_take_in_what_the_others_left(
    folder: Path, key: SigningKey, make: Make, group: int
) -> None:
    writers = [Log(folder, key, shared=True, publish_after_s=LATER_S) for _ in range(3)]
    wanted = ROTATE_AFTER + 300
    for turn, start in enumerate(range(0, wanted, group)):
        placed = writers[turn % 3].append([make(n) for n in range(start, start + group)])
        assert [p.index for p in placed] == list(range(start, start + group))
        if turn % 11 == 0:
            assert writers[(turn + 1) % 3].checkpoint().size == start + group
    for log in writers:
        log.close()
    fsck(folder, str(key.verifier))


def test_a_disk_that_refuses_the_checkpoint_for_a_while_delays_it_alone(
    folder: Path, key: SigningKey, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[Path] = []
    replace = logs.replace_durably

    def full(path: Path, data: bytes, *, sync_folder: bool = False) -> None:
        if path.name == "checkpoint" and len(refused) < 2:
            refused.append(path)
            raise OSError(28, "No space left on device")
        replace(path, data, sync_folder=sync_folder)

    with Log(folder, key, publish_after_s=0.05) as log:
        monkeypatch.setattr(logs, "replace_durably", full)
        [place] = log.append([make(0)])
        assert place.new
        until = time.monotonic() + 10
        while LogReader(folder, key.verifier).size < 1:
            assert time.monotonic() < until
            time.sleep(0.01)
    assert len(refused) == 2
    fsck(folder, str(key.verifier))


def test_threads_that_wait_for_each_other_are_written_as_one(
    folder: Path, key: SigningKey, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[int] = []
    first, append = threading.Event(), journals.Journal.append

    def slow(journal: journals.Journal, entries: list[bytes]) -> None:
        groups.append(len(entries))
        if len(groups) == 1:
            first.set()
            time.sleep(0.5)
        append(journal, entries)

    with Log(folder, key, publish_after_s=LATER_S) as log, ThreadPoolExecutor(8) as pool:
        monkeypatch.setattr(journals.Journal, "append", slow)
        told = [pool.submit(log.append, [make(0)])]
        first.wait(10)
        told += [pool.submit(log.append, [make(n)]) for n in range(1, 7)]
        told.append(pool.submit(log.append, [make(0, outcome="impossible")]))
        with pytest.raises(Conflict):
            told.pop().result()
        places = [one.result()[0].index for one in told]
    assert groups == [1, 6], "the one that is wrong spoils no other"
    assert sorted(places) == list(range(7))
    fsck(folder, str(key.verifier))

"""A writer in another process is killed with SIGKILL, again and again, at chance moments."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seiyaku.evidence import Log, SigningKey
from seiyaku_verify import fsck

WRITER = """
import sys, threading
from datetime import UTC, datetime
from pathlib import Path
from seiyaku.evidence import Entry, GroupCommitter, Log, SigningKey
from seiyaku.evidence import log as module

module.ROTATE_AFTER = 256
folder, key, run = Path(sys.argv[1]), SigningKey.load(Path(sys.argv[2])), sys.argv[3]
NOW = datetime(2026, 2, 16, tzinfo=UTC)
said = threading.Lock()

def tell(act, index):
    with said:
        sys.stdout.write(f"{act} {index}\\n")
        sys.stdout.flush()

def work(committer, name):
    for n in range(1_000_000):
        act = f"{run}/{name}/{n}"
        entry = Entry(act, "outcome", NOW, "closm-i", counts={"rows": n})
        tell(act, committer.submit(entry).result().index)

with Log(folder, key) as log, GroupCommitter(log) as committer:
    tell("open", log.size)
    threads = [threading.Thread(target=work, args=(committer, t)) for t in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def one_life(folder: Path, key_file: Path, run: int, after_s: float) -> dict[str, int]:
    """Start a writer, kill it `after_s` seconds after it opened; answer what it acknowledged."""
    command = [sys.executable, "-c", WRITER, str(folder), str(key_file), str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        assert first.startswith("open "), first
        time.sleep(after_s)
        os.kill(child.pid, signal.SIGKILL)
        said = child.stdout.read().split("\n")[:-1]  # a line cut off was not said
    return {act: int(index) for act, index in (line.split() for line in said)}


def lives(folder: Path, key: SigningKey, key_file: Path, count: int, seed: int) -> None:
    chance = random.Random(seed)
    acknowledged: dict[str, int] = {}
    for run in range(count):
        acknowledged |= one_life(folder, key_file, run, chance.uniform(0, 0.12))
        fsck(folder, str(key.verifier))  # as the dead writer left it
    assert len(acknowledged) > count * 10
    with Log(folder, key) as log:
        fsck(folder, str(key.verifier))
        told = {entry.act_id: index for index, entry in enumerate(log.entries())}
    assert len(told) == log_size(folder, key), "an act stands twice"
    assert acknowledged.items() <= told.items()
    # each thread waits for its answer: beyond the acknowledged, at most one act in flight
    assert len(told) - len(acknowledged) <= 8 * count


def log_size(folder: Path, key: SigningKey) -> int:
    with Log(folder, key) as log:
        return log.size


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    key = SigningKey.generate("evidence.example.jp/kill")
    key.save(tmp_path / "key")
    return key


def test_a_writer_killed_15_times_lost_nothing_and_half_wrote_nothing(
    tmp_path: Path, key: SigningKey
) -> None:
    lives(tmp_path / "log", key, tmp_path / "key", 15, seed=2026)


@pytest.mark.slow
def test_a_writer_killed_200_times_lost_nothing_and_half_wrote_nothing(
    tmp_path: Path, key: SigningKey
) -> None:
    lives(tmp_path / "log", key, tmp_path / "key", 200, seed=9)

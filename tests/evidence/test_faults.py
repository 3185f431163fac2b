"""The writer is stopped at every single call to the disk, in five ways; nothing is lost.

Each test walks through one scenario as often as it has steps and fails step 0, 1, 2...
What was acknowledged is there afterwards, what was not is there whole or not at all,
and what is published verifies.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from seiyaku.evidence import Entry, KeyList, Log, SigningKey, VerifierKey
from seiyaku.evidence import acts as acts_module
from seiyaku.evidence import files as files_module
from seiyaku.evidence import journal as journal_module
from seiyaku.evidence import log as log_module
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku_verify import fsck

NOON = datetime(2026, 2, 16, 3, 0, tzinfo=UTC)
KEY = SigningKey.generate("evidence.example.jp/faults")
START, GROUPS = 240, [(240, 250), (250, 262), (262, 263), (263, 280)]
MAX_STEPS = 400


class Killed(BaseException):
    """The process is gone: nothing after this line runs."""


class Disk:
    """The calls to the disk, counted; the one numbered `fail_at` goes wrong."""

    def __init__(self, fail_at: int, trouble: Callable[[Disk, str, tuple[Any, ...]], None]) -> None:
        self.fail_at, self.trouble, self.steps = fail_at, trouble, 0
        self.down = False
        self.paths: dict[int, Path] = {}

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in ("open", "write", "fsync", "fdatasync", "replace", "ftruncate"):
            return real

        def call(*args: Any, **kwargs: Any) -> Any:
            self.step(name, args)
            answer = real(*args, **kwargs)
            self.seen(name, args, answer)
            return answer

        return call

    def step(self, name: str, args: tuple[Any, ...]) -> None:
        self.steps += 1
        if self.down or self.steps - 1 == self.fail_at:
            self.trouble(self, name, args)

    def seen(self, name: str, args: tuple[Any, ...], answer: Any) -> None:
        """For those who keep books."""


def entries(start: int, stop: int) -> list[Entry]:
    return [
        Entry(f"act/{n}", "outcome", NOON, "closm-i", counts={"rows": n})
        for n in range(start, stop)
    ]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults") / "log"
    with Log(folder, KEY) as log:
        log.append(entries(0, START))
    return folder


@pytest.fixture(autouse=True)
def small_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rotate often, so that the scenario goes through a rotation too."""
    monkeypatch.setattr(log_module, "ROTATE_AFTER", 16)


def install(monkeypatch: pytest.MonkeyPatch, disk: Disk) -> None:
    for module in (files_module, journal_module):
        monkeypatch.setattr(module, "os", disk)
    real = acts_module.ActIndex.extend

    def extend(self: acts_module.ActIndex, *args: Any) -> None:
        disk.step("extend", args)
        real(self, *args)

    monkeypatch.setattr(acts_module.ActIndex, "extend", extend)


def walk(begun: Path, tmp_path: Path, stride: int = 1) -> Iterator[tuple[int, Path]]:
    """A fresh copy of the log for each step, until the scenario has no such step."""
    for step in range(0, MAX_STEPS, stride):
        folder = tmp_path / f"step{step}"
        shutil.copytree(begun, folder)
        yield step, folder
        shutil.rmtree(folder)
    raise AssertionError("the scenario has no end")


def play(log: Log) -> int:
    """Append the groups; answer how many entries were acknowledged, up to a `Killed`."""
    acknowledged = START
    try:
        for start, stop in GROUPS:
            places = log.append(entries(start, stop))
            assert [p.index for p in places] == list(range(start, stop))
            acknowledged = stop
    except Killed:
        pass
    return acknowledged


def let_go(log: Log) -> None:
    """What the kernel does for a dead process."""
    log.close()


def check(folder: Path, acknowledged: int) -> None:
    """Reopened, the log has all that was acknowledged, whole, and goes on."""
    with Log(folder, KEY) as log:
        assert acknowledged <= log.size <= GROUPS[-1][1]
        assert list(log.entries()) == entries(0, log.size)
        assert log.size in {START, *(stop for _, stop in GROUPS)}, "half a group"
        for start, stop in [(START - 3, START), *GROUPS]:
            assert [p.index for p in log.append(entries(start, stop))] == list(range(start, stop))
    fsck(folder, str(KEY.verifier))


def die(disk: Disk, name: str, args: tuple[Any, ...]) -> None:
    disk.down = True
    raise Killed


def die_halfway(disk: Disk, name: str, args: tuple[Any, ...]) -> None:
    if name == "write" and not disk.down:
        os.write(args[0], bytes(args[1])[: len(args[1]) // 2])
    die(disk, name, args)


@pytest.mark.parametrize("trouble", [die, die_halfway])
def test_killed_at_any_step_the_log_opens_whole(
    begun: Path, tmp_path: Path, trouble: Callable[..., None]
) -> None:
    for step, folder in walk(begun, tmp_path):
        log = Log(folder, KEY)
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(step, trouble)
            install(patch, disk)
            acknowledged = play(log)
        let_go(log)
        if not disk.down:
            break
        fsck(folder, str(KEY.verifier))  # readers see no trouble even before it is reopened
        check(folder, acknowledged)
    assert step > 30


@pytest.mark.parametrize("trouble", [die, die_halfway])
def test_killed_at_any_step_of_reopening_the_log_opens_whole(
    begun: Path, tmp_path: Path, trouble: Callable[..., None]
) -> None:
    torn = tmp_path / "torn"
    shutil.copytree(begun, torn)
    with Log(torn, KEY) as log, pytest.MonkeyPatch.context() as patch:
        install(patch, Disk(3, die))
        assert play(log) == START
    for step, folder in walk(torn, tmp_path):
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(step, trouble)
            install(patch, disk)
            with contextlib.suppress(Killed):
                Log(folder, KEY).close()
        if not disk.down:
            break
        check(folder, START)
    assert step > 5


@pytest.mark.parametrize("trouble", [die])
def test_killed_at_any_step_of_the_first_opening_the_log_opens_whole(
    tmp_path: Path, trouble: Callable[..., None]
) -> None:
    for step in range(MAX_STEPS):
        folder = tmp_path / f"first{step}"
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(step, trouble)
            install(patch, disk)
            with contextlib.suppress(Killed):
                Log(folder, KEY).close()
        with Log(folder, KEY) as log:
            assert log.append(entries(0, 3))[2].index == 2
        fsck(folder, str(KEY.verifier))
        if not disk.down:
            break
    assert step > 5


def test_killed_at_any_step_of_a_change_of_keys_one_of_the_two_opens_the_log(
    begun: Path, tmp_path: Path
) -> None:
    new = SigningKey.generate(KEY.name)
    opened_by = []
    for step, folder in walk(begun, tmp_path):
        log = Log(folder, KEY)
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(step, die)
            install(patch, disk)
            with contextlib.suppress(Killed):
                log.rotate_key(new)
        let_go(log)
        fsck(folder, str(KEY.verifier))
        opened_by.append(_goes_on(folder, new))
        if not disk.down:
            break
    assert {KEY.verifier, new.verifier} == set(opened_by)


def _goes_on(folder: Path, new: SigningKey) -> VerifierKey:
    """Append with the key the log names; answer which it was."""
    keys = KeyList.from_json((folder / "public" / "keys.json").read_text())
    key = new if keys.current == new.verifier else KEY
    with Log(folder, key) as log:
        log.append(entries(START, START + 5))
    fsck(folder, str(KEY.verifier))
    fsck(folder, str(key.verifier))
    return key.verifier


def failing(number: int) -> Callable[..., None]:
    def trouble(disk: Disk, name: str, args: tuple[Any, ...]) -> None:
        if name == "extend":
            return
        if name == "write":
            os.write(args[0], bytes(args[1])[: len(args[1]) // 2])
        raise OSError(number, os.strerror(number))

    return trouble


def refusal(log: Log, start: int, stop: int) -> SystemUnavailable | None:
    """Append a group; answer the error where the disk refused it."""
    try:
        places = log.append(entries(start, stop))
    except SystemUnavailable as error:
        return error
    assert [p.index for p in places] == list(range(start, stop))
    return None


@pytest.mark.parametrize(
    ("number", "code", "stride"),
    [
        (errno.ENOSPC, "SY310", 1),
        (errno.EDQUOT, "SY310", 9),
        (errno.EROFS, "SY311", 8),
        (errno.EACCES, "SY311", 10),
        (errno.EIO, "SY312", 7),
    ],
)
def test_a_disk_that_fails_at_any_step_is_said_plainly_and_the_log_goes_on(
    begun: Path, tmp_path: Path, number: int, code: str, stride: int
) -> None:
    failed = 0
    for step, folder in walk(begun, tmp_path, stride):
        with Log(folder, KEY) as log:
            with pytest.MonkeyPatch.context() as patch:
                disk = Disk(step, failing(number))
                install(patch, disk)
                acknowledged = START
                for start, stop in GROUPS:
                    error = refusal(log, start, stop)
                    if error is not None:
                        failed += 1
                        assert (error.code, "act/" in str(error)) == (code, False)
                        assert error.hint()
                        assert refusal(log, start, stop) is None  # the same writer, once more
                    acknowledged = stop
            assert acknowledged == log.size == GROUPS[-1][1]
        if disk.steps <= step:
            break
        check(folder, acknowledged)
    assert failed > 30 / stride


def test_a_disk_that_stays_full_refuses_until_there_is_room(begun: Path, tmp_path: Path) -> None:
    folder = tmp_path / "full"
    shutil.copytree(begun, folder)
    with Log(folder, KEY) as log:
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(0, failing(errno.ENOSPC))
            disk.down = True
            install(patch, disk)
            for _ in range(3):
                with pytest.raises(SystemUnavailable, match="No space"):
                    log.append(entries(*GROUPS[0]))
        assert log.append(entries(*GROUPS[0]))[0].index == START
    check(folder, GROUPS[0][1])


class Books(Disk):
    """A disk that remembers what a power failure would leave.

    `synced` is what each file held when it was last synced; `durable` is what its
    *name* leads to for certain: a name made or replaced counts once its folder is synced.
    """

    def __init__(self, fail_at: int, folder: Path) -> None:
        super().__init__(fail_at, die)
        self.folder = folder
        self.synced = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        self.durable = dict(self.synced)
        self.unsure: set[Path] = set()  # names that may still lead to the older file

    def seen(self, name: str, args: tuple[Any, ...], answer: Any) -> None:
        if name == "open":
            self.paths[answer] = Path(args[0])
        elif name == "replace":
            self.synced[Path(args[1])] = self.synced.pop(Path(args[0]), b"")
            self.unsure.add(Path(args[1]))
        elif name in ("fsync", "fdatasync"):
            self._sync(self.paths[args[0]])

    def _sync(self, path: Path) -> None:
        if path.is_dir():
            for inner in path.iterdir():
                if inner.is_file():
                    self.unsure.discard(inner)
                    self.durable[inner] = self.synced.get(inner, b"")
        else:
            self.synced[path] = path.read_bytes()
            if path in self.durable and path not in self.unsure:
                self.durable[path] = self.synced[path]

    def lose_power(self, chance: random.Random | None) -> None:
        """Put back what is durable: all of it, or a chance mixture with what was written."""
        for path in {*self.durable, *(p for p in self.folder.rglob("*") if p.is_file())}:
            if path.name == "lock" or path.name.startswith("acts.sqlite"):
                continue
            if chance is not None and chance.random() < 0.5:
                continue
            if path in self.durable:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(self.durable[path])
            else:
                path.unlink()
        if chance is None or chance.random() < 0.5:
            for path in self.folder.glob("acts.sqlite*"):
                path.unlink()


@pytest.mark.parametrize(
    "seed", [None, 1, *(pytest.param(s, marks=pytest.mark.slow) for s in (2, 3))]
)
def test_after_a_power_failure_at_any_step_the_log_opens_whole(
    begun: Path, tmp_path: Path, seed: int | None
) -> None:
    chance = None if seed is None else random.Random(seed)
    for step, folder in walk(begun, tmp_path):
        log = Log(folder, KEY)
        with pytest.MonkeyPatch.context() as patch:
            disk = Books(step, folder)
            install(patch, disk)
            disk.paths[log._ready().journal._descriptor] = folder / "journal"
            acknowledged = play(log)
        let_go(log)
        disk.lose_power(chance)
        check(folder, acknowledged)
        if not disk.down:
            break
    assert step > 30

"""The log and its one writer.

A group of entries goes this way, and a `kill -9` may fall anywhere:

1. journal: written and synced; from here on the group is in the log, and acknowledged;
2. tiles and bundles: derived from the journal, rewritten on reopening;
3. checkpoint: signed, synced, renamed into place; the group is published;
4. now and then: full files synced, act index extended, journal begun anew.

Publishing (2 and 3) is done before the acknowledgement, or where the log is opened so a moment
later, for all groups that came meanwhile; whoever reads through the log sees all of them. Groups
of several threads that wait for each other are written as one. After any failure the log forgets
what it had in memory and reads the disk again before the next group.

# INVARIANT: no checkpoint is signed over an entry that is not synced.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from seiyaku.evidence.acts import ActIndex, act_key
from seiyaku.evidence.checkpoint import Checkpoint, open_checkpoint
from seiyaku.evidence.entry import Entry
from seiyaku.evidence.files import replace_durably, sync, unavailable, write_new
from seiyaku.evidence.group import Appended, Fresh, Group
from seiyaku.evidence.growth import File, Growth, frontier_bytes
from seiyaku.evidence.journal import Journal, Kept, read_journal
from seiyaku.evidence.keys import KeyList, SigningKey, Tenure
from seiyaku.evidence.layout import HEIGHT, WIDTH, width_at
from seiyaku.evidence.reader import ENTITLED, PUBLIC, LogReader
from seiyaku.evidence.tree import EMPTY_ROOT
from seiyaku.kernel.errors import Conflict, EvidenceBroken, InvalidInput, SystemUnavailable

ROTATE_AFTER = 1024
"""Entries after which full files are synced and the journal begins anew."""


class Log(LogReader):
    """The log opened for writing: one process at a time, any number of threads.

    Args:
        directory: the log's folder; made when it does not exist.
        key: the log's current signing key.
        shared: several processes write, in turns of one group each; whoever finds that
            another wrote since reads the disk again.
        publish_after_s: seconds an acknowledged group may wait for its checkpoint; 0: none.

    Raises:
        Conflict: SY510 another process has the log open for writing.
        InvalidInput: SY164 the key is not the log's current key.
        EvidenceBroken: SY610 to SY614 what is there does not fit together.
        SystemUnavailable: SY310 disk full, SY311 not writable, SY312 other trouble.
    """

    def __init__(
        self,
        directory: Path,
        key: SigningKey,
        *,
        shared: bool = False,
        publish_after_s: float = 0.0,
    ) -> None:
        super().__init__(directory, key.verifier)
        self._key, self._shared, self._publish_after_s = key, shared, publish_after_s
        self._mutex = threading.RLock()
        self._turns = 0
        self._waiting: deque[Group] = deque()
        self._timer: threading.Timer | None = None
        self._state: _State | None = None
        self._seen: tuple[tuple[int, int, int], ...] = ()
        with _as_unavailable("log"):
            directory.mkdir(parents=True, exist_ok=True)
            (directory / PUBLIC).mkdir(exist_ok=True)
            (directory / ENTITLED).mkdir(mode=0o700, exist_ok=True)
            self._lock = _lock(directory / "lock", shared)
        try:
            with self._turn():
                self._ready()
        except BaseException:
            os.close(self._lock)
            raise

    def __enter__(self) -> Log:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Publish what waits for it, and let go of the log; what was acknowledged stays."""
        with self._mutex:
            if self._timer is not None:
                self._timer.cancel()
                self._publish_late()
            self._forget()
            if self._lock >= 0:
                os.close(self._lock)
                self._lock = -1

    def checkpoint(self) -> Checkpoint:
        """The checkpoint over everything acknowledged, published at the latest now."""
        with self._mutex, self._turn():
            state = self._ready()
            with _as_unavailable("log"), self._safely():
                self._catch_up(state)
            return state.published

    def append(self, entries: Sequence[Entry]) -> tuple[Appended, ...]:
        """Put `entries` into the log, all or none, with one sync for the group.

        When it returns, the entries are on the disk; see `publish_after_s` for the checkpoint.
        An act that is in the log already is not told twice: its first entry is
        answered. Where that happens, the nonce belongs to the *first* entry: store a
        nonce with the person's record before appending, and keep it on a repeat.

        Returns:
            For each entry, in order, where it stands.

        Raises:
            Conflict: SY511 an act id is taken by an entry that tells something else.
            InvalidInput: SY161 an entry is too long.
            SystemUnavailable: SY310 to SY312 nothing is acknowledged; append again later.
        """
        mine = Group(entries)
        self._waiting.append(mine)
        with self._mutex:
            if not mine.done:  # else another thread wrote it beside its own
                self._write_waiting()
        return mine.answer()

    def told(self, act_ids: Sequence[str]) -> dict[str, Appended]:
        """Where those of the acts stand that are in the log, by act id."""
        with self._mutex, self._turn():
            state = self._ready()
            keys = {act_key(a): a for a in act_ids}
            with _as_unavailable("log"):
                known = state.acts.find([k for k in keys if k not in state.recent])
                found = {a: state.recent.get(k, known.get(k)) for k, a in keys.items()}
                places = {a: i for a, i in found.items() if i is not None}
                return {a: Appended(i, self.entry(i), new=False) for a, i in places.items()}

    def rotate_key(self, new: SigningKey) -> None:
        """Let `new` sign from here on, endorsed by the key so far.

        Save `new` before: from the moment ``keys.json`` names it, only it opens the log.
        The present checkpoint is signed by both. The old key's file may be destroyed
        afterwards; its public half stays in ``keys.json``.

        Raises:
            InvalidInput: SY164 the name differs from the log's, or the key is the same.
        """
        with self._mutex, self._turn(), _as_unavailable("keys.json"):
            state = self._ready()
            self._catch_up(state)
            keys = state.keys.rotated(self._key, new, state.growth.size)
            self._forget()  # whatever happens below, the disk tells which key is in office
            _write_keys(self.directory, keys)
            text = state.published.text
            note = self._key.sign_note(text) + new.signature(text)
            self._key, self._trusted = new, new.verifier
            replace_durably(self._published_path, note.encode(), sync_folder=True)
            self._ready()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The writer's lock for one group, where several processes write.

        # INVARIANT: what is in memory is what the disk holds, also what a process left in the
        # journal that died before it published.
        """
        if not self._shared or self._lock < 0 or self._turns:
            yield
            return
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._turns = 1  # a turn within a turn is the same
        try:
            if self._seen != self._marks() and not self._caught_up():
                self._forget()
            yield
            self._seen = self._marks()
        finally:
            self._turns = 0
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _caught_up(self) -> bool:
        """Take in what others appended or published; False where it is not that alone."""
        state = self._state
        if state is None:
            return False
        first = state.growth.size
        try:
            entries = state.journal.newer(self.directory / "journal")
            head = self._read_head(state.keys)
            if entries is None or head is None:
                return False
            full = _grow_past(state.growth, entries, head, met=head == state.published)
            self._write(file for file in full if not self._has(file))
        except (OSError, EvidenceBroken):
            return False
        state.recent.update((_key_in(data), n) for n, data in enumerate(entries, first))
        state.completed(full)
        state.published = head
        return True

    def _marks(self) -> tuple[tuple[int, int, int], ...]:
        """What changes whenever anybody writes: journal and checkpoint, as the disk has them."""
        return tuple(_mark(p) for p in (self.directory / "journal", self._published_path))

    @property
    def _published_path(self) -> Path:
        return self.directory / PUBLIC / "checkpoint"

    def _ready(self) -> _State:
        """The state in memory, read from the disk again where it was given up."""
        if self._lock < 0:
            raise InvalidInput("the log is closed", code="SY165")
        if self._state is None:
            with _as_unavailable("log"):
                self._state = self._recover()
        return self._state

    def _forget(self) -> None:
        state, self._state = self._state, None
        if state is not None:
            state.journal.close()
            state.acts.close()

    def _write_waiting(self) -> None:
        """Write every group that waits as one: its own, and those of threads behind it."""
        groups = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            with self._turn():
                state = self._ready()
                with _as_unavailable("log"), self._safely():
                    fresh = Fresh(self.entry, state.acts, state.recent, state.growth.size)
                    for group in groups:
                        group.place(fresh)
                    if fresh.entries:
                        self._commit(state, fresh)
        except BaseException as error:
            for group in groups:
                group.failed(error)
            if not isinstance(error, Exception):
                raise
        for group in groups:
            group.done = True

    @contextmanager
    def _safely(self) -> Iterator[None]:
        """Give up what is in memory where the disk may hold something else."""
        try:
            yield
        except BaseException:
            self._forget()
            raise

    def _commit(self, state: _State, fresh: Fresh) -> None:
        state.journal.append(fresh.entries)
        full = [file for data in fresh.entries for file in state.growth.push(data)]
        state.recent.update(fresh.keys)
        self._write(full)
        state.completed(full)
        if len(state.recent) >= ROTATE_AFTER:
            self._catch_up(state)
            self._rotate(state)
        elif self._publish_after_s:
            self._publish_soon()
        else:
            self._catch_up(state)

    def _publish_soon(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(self._publish_after_s, self._publish_late)
            self._timer.daemon = True
            self._timer.start()

    def _publish_late(self) -> None:
        """Publish what came meanwhile; where the disk does not let it, try again later."""
        with self._mutex:
            self._timer = None
            if self._lock < 0:
                return
            with suppress(EvidenceBroken):  # said to whoever writes or reads next
                try:
                    self.checkpoint()
                except SystemUnavailable:
                    self._publish_soon()

    def _catch_up(self, state: _State) -> None:
        """Let readers see everything the journal holds.

        # INVARIANT: a published file is not written again; high partial tiles seldom change.
        """
        if state.published.size == state.growth.size:
            return
        self._write(file for file in state.growth.partials() if not self._has(file))
        state.published = self._publish(state.growth)
        self._drop_partials(state.full)
        state.full = []

    def _publish(self, growth: Growth) -> Checkpoint:
        head = self._key.sign(Checkpoint(self._key.name, growth.size, growth.root()))
        replace_durably(self._published_path, head.note.encode())
        return head

    def _rotate(self, state: _State) -> None:
        """Sync what the journal need not hold any longer, then begin it anew."""
        paths = [self._path(path) for path in state.unsynced]
        folders = {f for path in paths for f in path.parents if f.is_relative_to(self.directory)}
        sync(paths)
        sync([*folders])
        growth = state.growth
        state.acts.extend(state.recent.items(), growth.size)
        old, kept = state.journal, Kept(growth.base, growth.frontier(), growth.tail)
        state.journal = Journal(self.directory / "journal", kept)
        old.close()
        state.recent, state.unsynced = {}, []

    def _recover(self) -> _State:
        """Read the disk, complete what a crash left open, and check it against the head."""
        keys = _read_keys(self.directory, self._key)
        head = self._read_head(keys)
        kept = self._read_kept(head)
        growth = Growth(kept.base, kept.frontier)
        full = _grow_past(growth, kept.entries, head)
        journal = Journal(self.directory / "journal", kept)
        acts = _open_acts(self.directory / "acts.sqlite")
        try:
            edge = dict(growth.partials())
            self._write(file for file in [*full, *edge.items()] if not self._has(file))
            if head is None or head.size < growth.size:
                head = self._publish(growth)
            self._drop_partials(path for path, _ in full)
            self._index(acts, kept.base, head)
        except BaseException:
            journal.close()
            acts.close()
            raise
        recent = {_key_in(data): kept.base + i for i, data in enumerate(kept.entries)}
        unsynced = [path for path, _ in full]
        return _State(keys, growth, journal, acts, head, recent, unsynced, [])

    def _read_head(self, keys: KeyList) -> Checkpoint | None:
        if not self._published_path.exists():
            return None
        note = self._read(PUBLIC, "checkpoint").decode(errors="replace")
        head = open_checkpoint(note, [t.key for t in keys.tenures])
        return open_checkpoint(note, keys.at(head.size))

    def _read_kept(self, head: Checkpoint | None) -> Kept:
        """The journal; where there is none (a restored copy), its like from the tiles."""
        try:
            return read_journal(self.directory / "journal")
        except FileNotFoundError:
            return Kept(0, b"", ()) if head is None else self._kept_from_tiles(head.size)

    def _kept_from_tiles(self, size: int) -> Kept:
        base = size - size % WIDTH
        frontier, level = b"", 1
        while len(frontier) < frontier_bytes(base):
            number = base >> (HEIGHT * (level + 1))
            if width := width_at(level, number, base):
                frontier += b"".join(self._tile(level, number, width))
            level += 1
        width = size - base
        return Kept(base, frontier, self._bundle(base // WIDTH, width) if width else ())

    def _index(self, acts: ActIndex, base: int, head: Checkpoint) -> None:
        """Let the act index cover everything the journal does not hold."""
        if acts.covers > head.size:
            acts.clear()
        for start in range(acts.covers, base, WIDTH * 16):
            stop = min(base, start + WIDTH * 16)
            pairs = [(_key_in(self._entry_bytes(i, head.size)), i) for i in range(start, stop)]
            acts.extend(pairs, stop)

    def _write(self, files: Iterable[File]) -> None:
        for path, data in files:
            write_new(self._path(path), data)

    def _has(self, file: File) -> bool:
        path, data = file
        try:
            return self._path(path).read_bytes() == data
        except FileNotFoundError:
            return False

    def _drop_partials(self, full: Iterable[str]) -> None:
        for path in full:
            shutil.rmtree(f"{self._path(path)}.p", ignore_errors=True)

    def _path(self, path: str) -> Path:
        half = ENTITLED if path.startswith("tile/entries/") else PUBLIC
        return self.directory / half / path


@dataclass
class _State:
    """What the writer has in memory; all of it can be read from the disk again.

    Args:
        recent: acts told since the journal was begun. unsynced: full files since then.
        full: those since the checkpoint.
    """

    keys: KeyList
    growth: Growth
    journal: Journal
    acts: ActIndex
    published: Checkpoint
    recent: dict[bytes, int]
    unsynced: list[str]
    full: list[str]

    def completed(self, files: Iterable[File]) -> None:
        """Note full files."""
        paths = [path for path, _ in files]
        self.unsynced += paths
        self.full += paths


def _grow_past(
    growth: Growth, entries: Iterable[bytes], head: Checkpoint | None, *, met: bool = False
) -> list[File]:
    """Push `entries`, checking the root where the published head was signed.

    Args:
        met: it was checked before.
    """
    size, root = (0, EMPTY_ROOT) if head is None else (head.size, head.root)
    full, met = list[File](), met or (growth.size == size and growth.root() == root)
    for data in entries:
        full += growth.push(data)
        met = met or (growth.size == size and growth.root() == root)
    if not met:
        raise EvidenceBroken(
            f"the journal ends at {growth.size} entries and does not lead to the published "
            f"checkpoint of {size}",
            code="SY614",
            hint="do not write: keep the folder as it is and investigate",
        )
    return full


def _key_in(data: bytes) -> bytes:
    """The key of an entry that was read from the log: it was looked at when it was written."""
    act_id: str = json.loads(data)["act_id"]
    return act_key(act_id)


def _mark(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return (0, 0, 0)
    return found.st_ino, found.st_size, found.st_mtime_ns


def _lock(path: Path, shared: bool) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if shared:
        return descriptor
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Conflict(
            "the log is open for writing elsewhere",
            code="SY510",
            hint="one process writes; others read, or hand it their entries",
        ) from None
    return descriptor


def _read_keys(directory: Path, key: SigningKey) -> KeyList:
    path = directory / PUBLIC / "keys.json"
    if not path.exists():
        keys = KeyList((Tenure(key.verifier, 0),))
        _write_keys(directory, keys)
        return keys
    keys = KeyList.from_json(path.read_bytes().decode(errors="replace"))
    if keys.current != key.verifier:
        raise InvalidInput("the key is not the log's current key", code="SY164")
    return keys


def _write_keys(directory: Path, keys: KeyList) -> None:
    replace_durably(directory / PUBLIC / "keys.json", keys.to_json().encode(), sync_folder=True)


def _open_acts(path: Path) -> ActIndex:
    """The act index; one that cannot be read is made anew, for it is only derived."""
    try:
        acts = ActIndex(path)
        acts.covers  # noqa: B018  reads the file
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        for leftover in path.parent.glob(f"{path.name}*"):
            leftover.unlink()
        return ActIndex(path)
    return acts


@contextmanager
def _as_unavailable(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unavailable(what, error) from None
    except sqlite3.Error as error:
        reason = getattr(error, "sqlite_errorname", type(error).__name__)
        raise SystemUnavailable(f"evidence `acts.sqlite`: {reason}", code="SY312") from None

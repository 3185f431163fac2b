"""Checking a whole log: everything is derived again from what is published.

From the entries follow the leaf hashes, from these every tile and the root. What
is published must be exactly that. Where entries and tiles differ, the signed root
says which of the two was changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from seiyaku_verify.errors import Broken, CannotRead, DoesNotVerify, Fault
from seiyaku_verify.merkle import leaf_hash, tree_root
from seiyaku_verify.note import Checkpoint, Key, Tenure, open_checkpoint, open_keys
from seiyaku_verify.reading import given_checkpoint, given_key, read_entry, strict_json

WIDTH = 256
MAX_FAULTS = 50


@dataclass
class CheckedLog:
    """A log while it is checked, and what was found when all steps are passed.

    Attributes:
        passed: one sentence for each step passed.
        key_given: False where the key came out of the log itself.
        hashes_only: True where the entries were not there to be checked.
    """

    directory: Path
    trusted: Key | None
    remembered: Path | str | None
    hashes_only: bool
    passed: list[str] = field(default_factory=list)
    tenures: tuple[Tenure, ...] = ()
    checkpoint: Checkpoint | None = None
    old: Checkpoint | None = None
    root: bytes = b""
    old_root: bytes = b""
    faults: list[Fault] = field(default_factory=list)
    differing: list[tuple[int, str, int]] = field(default_factory=list)

    @property
    def key_given(self) -> bool:
        return self.trusted is not None

    @property
    def head(self) -> Checkpoint:
        if self.checkpoint is None:
            raise Broken("public/checkpoint", "was not read")
        return self.checkpoint


def fsck(
    log_dir: Path,
    public_key: Path | str | None = None,
    remembered_checkpoint: Path | str | None = None,
    *,
    hashes_only: bool = False,
) -> None:
    """Check a whole log; silence means that every step passed.

    Args:
        log_dir: folder with ``public/`` and ``entries/``.
        public_key: the log's key: a file (`Path`) or its line (`str`); None takes the
            key the log publishes, which proves no origin.
        remembered_checkpoint: a checkpoint or a receipt from before.
        hashes_only: for those who have ``public/`` only: entries are not looked at.

    Raises:
        DoesNotVerify: with every fault found (at most 50), each at its place.
        WrongUse: the key or the checkpoint is not one.
        CannotRead: there is no log at that place.
    """
    check_log(log_dir, public_key, remembered_checkpoint, hashes_only=hashes_only)


def check_log(
    log_dir: Path,
    public_key: Path | str | None = None,
    remembered_checkpoint: Path | str | None = None,
    *,
    hashes_only: bool = False,
) -> CheckedLog:
    """As `fsck`, but tell what was found."""
    case = CheckedLog(log_dir, given_key(public_key), remembered_checkpoint, hashes_only)
    for number, step in enumerate(STEPS, 1):
        try:
            sentence = step(case)
        except Broken as broken:
            case.faults.append(broken.fault)
            sentence = ""
        if case.faults:
            raise DoesNotVerify(number, case.faults[:MAX_FAULTS])
        case.passed.append(sentence)
    return case


def _keys_hold(case: CheckedLog) -> str:
    if not (case.directory / "public").is_dir():
        raise CannotRead(f"{case.directory}: there is no log here (no folder public/)")
    place = "public/keys.json"
    value = strict_json(_published(case, place), place)
    case.tenures = open_keys(value, case.trusted, place)
    if case.trusted is None:
        return "KEY NOT CHECKED: none was given, the log's own is used"
    return f"the key you trust is a key of this log (1 of {len(case.tenures)})"


def _checkpoint_is_signed(case: CheckedLog) -> str:
    place = "public/checkpoint"
    try:
        note = _published(case, place).decode()
    except UnicodeDecodeError:
        raise Broken(place, "is not UTF-8") from None
    case.checkpoint = open_checkpoint(note, case.tenures, place)
    return f"the checkpoint over {case.head.size} entries is signed"


def _log_is_not_shorter(case: CheckedLog) -> str:
    if case.remembered is None:
        return "no remembered checkpoint given: a fork or roll-back would not show"
    case.old = given_checkpoint(case.remembered, case.tenures)
    if case.old.size > case.head.size:
        raise Broken(
            "public/checkpoint",
            f"is over {case.head.size} entries and you remember {case.old.size}: "
            "the log was rolled back",
        )
    return f"the log is not shorter than the {case.old.size} entries you remember"


def _tiles_follow(case: CheckedLog) -> str:
    """Walk the leaves once; compare every tile; keep the roots for the next steps."""
    source = _leaves_in_tiles if case.hashes_only else _leaves_in_entries
    walk = _Walk(case)
    old_size = -1 if case.old is None else case.old.size
    try:
        for count, leaf in enumerate(source(case)):
            if count == old_size:
                case.old_root = walk.root()
            walk.push(0, leaf)
    except Broken as broken:  # what was read so far still tells where the trouble begins
        case.faults.append(broken.fault)
        walk.finish(1)
    else:
        walk.finish()
        case.root = walk.root()
    if old_size in (0, case.head.size):
        case.old_root = tree_root(()) if old_size == 0 else case.root
    _blame(case)
    if case.hashes_only:
        return "every tile follows from those below it; ENTRIES NOT LOOKED AT"
    return "every tile follows from the entries"


def _root_follows(case: CheckedLog) -> str:
    if case.root != case.head.root:
        raise Broken("public/checkpoint", "its root is not that of what is published")
    return "the root of the checkpoint follows from what is published"


def _acts_are_told_once(case: CheckedLog) -> str:
    if case.hashes_only:
        return "ENTRIES NOT LOOKED AT: asked for hashes only"
    seen: dict[bytes, int] = {}
    for index, (place, data) in enumerate(_entries(case)):
        entry = read_entry(data, f"{place} (entry {index})")
        key = hashlib.sha256(entry["act_id"].encode()).digest()[:16]
        if key in seen:
            message = f"tells the same act as entry {seen[key]}"
            case.faults.append(Fault(f"{place} (entry {index})", message))
        seen[key] = index
    return f"{len(seen)} entries are in canonical form, each act told once"


def _log_only_grew(case: CheckedLog) -> str:
    if case.old is None:
        return "no remembered checkpoint given: a fork would not show"
    if case.old_root != case.old.root:
        raise Broken(
            "public/checkpoint",
            f"the first {case.old.size} entries are not those you remember: a fork",
        )
    return f"the first {case.old.size} entries are those you remember"


STEPS: tuple[Callable[[CheckedLog], str], ...] = (
    _keys_hold,
    _checkpoint_is_signed,
    _log_is_not_shorter,
    _tiles_follow,
    _root_follows,
    _acts_are_told_once,
    _log_only_grew,
)


class _Walk:
    """Derives the tiles from the leaves and compares each with the published one."""

    def __init__(self, case: CheckedLog) -> None:
        self._case = case
        self._levels: list[list[bytes]] = []
        self._numbers: list[int] = []

    def push(self, level: int, value: bytes) -> None:
        if level == len(self._levels):
            self._levels.append([])
            self._numbers.append(0)
        tile = self._levels[level]
        tile.append(value)
        if len(tile) == WIDTH:
            self._compare(level)
            self._levels[level] = []
            self._numbers[level] += 1
            self.push(level + 1, tree_root(tile))

    def finish(self, levels: int = 64) -> None:
        """Compare what is left on the right edge, in the lowest `levels`."""
        for level, tile in enumerate(self._levels[:levels]):
            if tile:
                self._compare(level)

    def root(self) -> bytes:
        """Root over all leaves so far: each level's open tile, with what is open below."""
        open_below: list[bytes] = []
        for tile in self._levels:
            level = tile + open_below
            open_below = [tree_root(level)] if level else []
        return open_below[0] if open_below else tree_root(())

    def _compare(self, level: int) -> None:
        number, derived = self._numbers[level], self._levels[level]
        width = min(WIDTH, (self._case.head.size >> (8 * level)) - number * WIDTH)
        try:
            place, published = _tile(self._case, level, number, width)
        except Broken as broken:
            self._case.faults.append(broken.fault)
            return
        for at, (mine, theirs) in enumerate(zip(derived, published, strict=False)):
            if mine != theirs and level == 0:
                self._case.differing.append((number * WIDTH + at, place, at))
            elif mine != theirs:
                where = f"{place}, byte {at * 32} (hash {at})"
                self._case.faults.append(Fault(where, "does not follow from the tile below"))


def _blame(case: CheckedLog) -> None:
    """Say of each entry that differs from its hash, which of the two was changed."""
    if not case.differing:
        return
    tiles_are_signed = _root_of_tiles(case) == case.head.root
    entries_are_signed = case.root == case.head.root
    found = []
    for index, tile, at in case.differing[:MAX_FAULTS]:
        bundle = _entry_place(case, index)
        if tiles_are_signed:
            found.append(Fault(bundle, "is not the entry that was signed"))
        elif entries_are_signed:
            where = f"{tile}, byte {at * 32} (hash of entry {index})"
            found.append(Fault(where, "is not the hash that was signed"))
        else:
            found.append(Fault(bundle, f"does not hash to {tile}, byte {at * 32}"))
    if tiles_are_signed:  # what was derived above the changed entries says nothing
        case.faults = [f for f in case.faults if "does not follow" not in f.message]
    case.faults = found + case.faults


def _root_of_tiles(case: CheckedLog) -> bytes:
    try:
        leaves = list(_leaves_in_tiles(case))
    except Broken:
        return b""
    return tree_root(leaves)


def _leaves_in_entries(case: CheckedLog) -> Iterator[bytes]:
    for _, data in _entries(case):
        yield leaf_hash(data)


def _leaves_in_tiles(case: CheckedLog) -> Iterator[bytes]:
    for number, width in _pieces(case.head.size):
        yield from _tile(case, 0, number, width)[1]


def _entries(case: CheckedLog) -> Iterator[tuple[str, bytes]]:
    for number, width in _pieces(case.head.size):
        place, data = _either(case, "entries/tile/entries", number, width)
        offset = 0
        for count in range(width):
            start = offset + 2
            end = start + int.from_bytes(data[offset:start], "big")
            where = f"{place}, byte {offset}"
            if start > len(data) or end > len(data):
                index = number * WIDTH + count
                raise Broken(f"{where} (entry {index})", "the entry is cut off")
            yield where, data[start:end]
            offset = end
        if offset != len(data) and place.endswith(_piece(number, width)):
            raise Broken(f"{place}, byte {offset}", "something follows the last entry")


def _entry_place(case: CheckedLog, index: int) -> str:
    for at, (place, _) in enumerate(_entries(case)):
        if at == index:
            return f"{place} (entry {index})"
    return f"entry {index}"


def _tile(case: CheckedLog, level: int, number: int, width: int) -> tuple[str, list[bytes]]:
    place, data = _either(case, f"public/tile/{level}", number, width)
    whole = 32 * (width if place.endswith(_piece(number, width)) else WIDTH)
    if len(data) != whole:
        raise Broken(place, f"has {len(data)} bytes and should have {whole}")
    return place, [data[i : i + 32] for i in range(0, width * 32, 32)]


def _either(case: CheckedLog, folder: str, number: int, width: int) -> tuple[str, bytes]:
    """The file of that width; where it is gone, the full one that took its place."""
    place = f"{folder}/{_piece(number, width)}"
    if width < WIDTH and not (case.directory / place).exists():
        full = f"{folder}/{_piece(number, WIDTH)}"
        if (case.directory / full).exists():
            place = full
    return place, _published(case, place)


def _pieces(size: int) -> Iterator[tuple[int, int]]:
    """Number and width of each bundle (or tile of level 0) of a tree of `size`."""
    for start in range(0, size, WIDTH):
        yield start // WIDTH, min(WIDTH, size - start)


def _piece(number: int, width: int) -> str:
    digits = str(number)
    digits = "0" * (-len(digits) % 3) + digits
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    path = "/".join([f"x{g}" for g in groups[:-1]] + groups[-1:])
    return path if width == WIDTH else f"{path}.p/{width}"


def _published(case: CheckedLog, place: str) -> bytes:
    try:
        return (case.directory / place).read_bytes()
    except FileNotFoundError:
        raise Broken(place, "is missing") from None
    except NotADirectoryError:
        raise Broken(place, "is missing") from None
    except OSError as error:
        raise CannotRead(f"{place}: {error.strerror}") from None

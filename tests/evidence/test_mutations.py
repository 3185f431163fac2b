"""Whatever is changed in a published log is found, at its place; some of it only by memory."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seiyaku.evidence import Log, SigningKey, new_nonce
from seiyaku.evidence.checkpoint import Checkpoint
from seiyaku.evidence.growth import Growth
from seiyaku.evidence.layout import pack, unpack
from seiyaku_verify import CannotRead, DoesNotVerify, WrongUse, fsck

World = Any
BUNDLE = "entries/tile/entries/000"
TILE = "public/tile/0/000"


def faults(world: World, **arguments: Any) -> list[str]:
    with pytest.raises(DoesNotVerify) as failed:
        fsck(world.folder, world.vkey, **arguments)
    return [str(fault) for fault in failed.value.faults]


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def republish(world: World, entries: list[bytes]) -> None:
    """What an operator with the key can do: publish another history, signed and whole."""
    shutil.rmtree(world.folder / "public" / "tile")
    shutil.rmtree(world.folder / "entries" / "tile")
    growth = Growth()
    files = [file for entry in entries for file in growth.push(entry)] + [*growth.partials()]
    for path, data in files:
        half = "entries" if path.startswith("tile/entries") else "public"
        target = world.folder / half / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    head = world.key.sign(Checkpoint(world.key.name, growth.size, growth.root()))
    (world.folder / "public" / "checkpoint").write_text(head.note)


def all_entries(world: World) -> list[bytes]:
    bundles = ["000", "001", "002.p/188"]
    return [
        entry
        for name in bundles
        for entry in unpack((world.folder / "entries/tile/entries" / name).read_bytes())
    ]


def test_the_log_as_written_is_whole(world: World) -> None:
    fsck(world.folder, world.vkey, world.remembered)
    fsck(world.folder, world.vkey, world.head)
    fsck(world.folder, world.vkey, world.receipt)
    fsck(world.folder)


def test_a_changed_entry_is_named(world: World) -> None:
    entries = unpack(world.file(BUNDLE).read_bytes())
    entries[17] = entries[17].replace(b'"rows":17', b'"rows":71')
    world.file(BUNDLE).write_bytes(pack(entries))
    offset = len(pack(entries[:17]))
    assert faults(world) == [
        f"{BUNDLE}, byte {offset} (entry 17): is not the entry that was signed"
    ]


def test_a_changed_length_is_named_at_the_entry_where_it_begins(world: World) -> None:
    entries = unpack(world.file(BUNDLE).read_bytes())
    offset = len(pack(entries[:20]))
    flip(world.file(BUNDLE), offset + 1)
    assert faults(world)[0].startswith(f"{BUNDLE}, byte {offset} (entry 20): ")


def test_two_swapped_entries_are_named(world: World) -> None:
    entries = unpack(world.file(BUNDLE).read_bytes())
    entries[3], entries[200] = entries[200], entries[3]
    world.file(BUNDLE).write_bytes(pack(entries))
    found = faults(world)
    assert [f.partition("(")[2].partition(")")[0] for f in found] == ["entry 3", "entry 200"]


@pytest.mark.parametrize(
    ("path", "at", "place"),
    [
        ("public/tile/0/000", 40, "public/tile/0/000, byte 32 (hash of entry 1)"),
        ("public/tile/0/001", 8191, "public/tile/0/001, byte 8160 (hash of entry 511)"),
        ("public/tile/0/002.p/188", 0, "public/tile/0/002.p/188, byte 0 (hash of entry 512)"),
        ("public/tile/1/000.p/2", 33, "public/tile/1/000.p/2, byte 32 (hash 1)"),
    ],
)
def test_a_changed_hash_of_any_level_is_named(world: World, path: str, at: int, place: str) -> None:
    flip(world.file(path), at)
    (found,) = faults(world)
    assert found.startswith(place)


def test_a_changed_hash_of_level_two_is_named(tmp_path: Path) -> None:
    """A tree of 65,537 entries; small ones, so that it is made in a moment."""
    key = SigningKey.generate("o")
    with Log(tmp_path, key) as log:
        head = log.checkpoint()
    world = type("W", (), {"folder": tmp_path, "key": key, "vkey": str(key.verifier)})()
    (tmp_path / "public" / "tile").mkdir()
    (tmp_path / "entries" / "tile").mkdir()
    republish(world, [b"%d" % n for n in range(65_537)])
    fsck(tmp_path, world.vkey, head.note, hashes_only=True)
    flip(tmp_path / "public/tile/2/000.p/1", 5)
    with pytest.raises(DoesNotVerify, match=r"public/tile/2/000.p/1, byte 0 \(hash 0\)"):
        fsck(tmp_path, world.vkey, hashes_only=True)


def test_every_single_changed_byte_is_found(world: World) -> None:
    """A sample of 150 over all published files; each alone."""
    chance = random.Random(6962)
    files = [p for half in ("public", "entries") for p in (world.folder / half).rglob("*")]
    used = [p for p in files if p.is_file() and "001.p" not in str(p)]
    for _ in range(150):
        path = chance.choice(used)
        whole = path.read_bytes()
        flip(path, chance.randrange(len(whole)))
        if _is_read(world, path):
            with pytest.raises(DoesNotVerify):
                fsck(world.folder, world.vkey)
        path.write_bytes(whole)
    fsck(world.folder, world.vkey)


def _is_read(world: World, path: Path) -> bool:
    """Partial files of earlier checkpoints are not part of the present tree."""
    name = str(path.relative_to(world.folder))
    stem, _, width = name.partition(".p/")
    newest = {"public/tile/0/002": "188", "public/tile/1/000": "2"}
    return not width or newest.get(stem, "188") == width


@pytest.mark.parametrize("line", range(5))
def test_a_changed_checkpoint_is_found(world: World, line: int) -> None:
    path = world.file("public/checkpoint")
    lines = path.read_text().split("\n")
    lines[line] = ("1" + lines[line][1:]) if lines[line] else "x"
    path.write_text("\n".join(lines))
    assert faults(world)[0].startswith("public/checkpoint: ")


def test_a_checkpoint_signed_over_another_root_is_found(world: World) -> None:
    head = world.key.sign(Checkpoint(world.key.name, 700, bytes(32)))
    world.file("public/checkpoint").write_text(head.note)
    assert faults(world) == ["public/checkpoint: its root is not that of what is published"]


def test_a_checkpoint_of_another_log_is_found(world: World) -> None:
    other = world.key.sign(Checkpoint("another.example/log", 0, bytes(32)))
    world.file("public/checkpoint").write_text(other.note)
    assert "another log" in faults(world)[0]


def test_entries_that_are_gone_while_the_checkpoint_stays_are_missed(world: World) -> None:
    world.file("entries/tile/entries/002.p/188").unlink()
    assert faults(world) == ["entries/tile/entries/002.p/188: is missing"]


def test_a_bundle_cut_short_or_with_more_in_it_is_found(world: World) -> None:
    path = world.file(BUNDLE)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert "(entry 255): the entry is cut off" in faults(world)[0]
    path.write_bytes(whole + b"\x00\x00")
    assert "something follows the last entry" in faults(world)[0]


@pytest.mark.parametrize("path", [TILE, "public/tile/1/000.p/2", "public/keys.json", BUNDLE])
def test_a_missing_file_is_named(world: World, path: str) -> None:
    world.file(path).unlink()
    assert faults(world)[0] == f"{path}: is missing"


def test_a_tile_of_a_wrong_length_is_named(world: World) -> None:
    world.file(TILE).write_bytes(bytes(8000))
    assert f"{TILE}: has 8000 bytes and should have 8192" in faults(world)


def test_the_last_entries_deleted_by_one_with_the_key_show_only_by_memory(world: World) -> None:
    republish(world, all_entries(world)[:-5])
    fsck(world.folder, world.vkey)
    assert "rolled back" in faults(world, remembered_checkpoint=world.head)[0]


def test_an_older_checkpoint_put_back_shows_only_by_memory(world: World) -> None:
    world.file("public/checkpoint").write_text(world.remembered)
    entries = all_entries(world)[:300]
    republish(world, entries)
    fsck(world.folder, world.vkey, world.remembered)
    assert "700: the log was rolled back" in faults(world, remembered_checkpoint=world.head)[0]


def test_a_fork_signed_with_the_same_key_shows_only_by_memory(world: World) -> None:
    entries = all_entries(world)
    entries[123] = entries[123].replace(b'"outcome":"done"', b'"outcome":"kept"')
    republish(world, entries)
    fsck(world.folder, world.vkey)
    for remembered in (world.remembered, world.head):
        found = faults(world, remembered_checkpoint=remembered)
        assert found[0].endswith("are not those you remember: a fork")


def test_a_fork_after_what_is_remembered_is_not_seen_by_that_memory(world: World) -> None:
    """Said in docs/explanation/threats.md: memory protects what it reaches."""
    entries = all_entries(world)
    entries[600] = entries[600].replace(b'"outcome":"done"', b'"outcome":"kept"')
    republish(world, entries)
    fsck(world.folder, world.vkey, world.remembered)
    assert "a fork" in faults(world, remembered_checkpoint=world.head)[0]


def test_the_same_act_told_twice_is_found(world: World) -> None:
    entries = all_entries(world)
    republish(world, [*entries, entries[9]])
    assert faults(world)[0].endswith("(entry 700): tells the same act as entry 9")


@pytest.mark.parametrize(
    "bend",
    [
        lambda e: e.replace(b'{"act":', b'{ "act":'),
        lambda e: e.replace(b'{"act":', b'{"zzz":1,"act":'),
        lambda e: e.replace(b'"format":"seiyaku-entry/1"', b'"format":"seiyaku-entry/9"'),
        lambda e: e.replace(b'"kind":"outcome"', b'"kind":5'),
        lambda e: b"\xff",
    ],
)
def test_an_entry_in_another_form_is_found_even_when_signed(
    world: World, bend: Callable[[bytes], bytes]
) -> None:
    entries = all_entries(world)
    entries[77] = bend(entries[77])
    republish(world, entries)
    assert "(entry 77)" in faults(world)[0]


def test_a_log_of_another_key_is_found(world: World) -> None:
    stranger = SigningKey.generate(world.key.name)
    with pytest.raises(DoesNotVerify, match="not a key of this log"):
        fsck(world.folder, str(stranger.verifier))


def test_a_remembered_checkpoint_of_another_log_is_found(world: World) -> None:
    stranger = SigningKey.generate(world.key.name)
    note = stranger.sign(Checkpoint(world.key.name, 3, bytes(32))).note
    assert faults(world, remembered_checkpoint=note)[0].startswith("remembered checkpoint: ")


def test_hashes_alone_can_be_checked_by_those_without_entries(world: World) -> None:
    shutil.rmtree(world.folder / "entries")
    fsck(world.folder, world.vkey, world.remembered, hashes_only=True)
    assert "is missing" in faults(world)[0]
    flip(world.file(TILE), 0)
    assert faults(world, hashes_only=True)


def test_a_place_without_a_log_cannot_be_read(tmp_path: Path, world: World) -> None:
    with pytest.raises(CannotRead):
        fsck(tmp_path / "nowhere", world.vkey)
    with pytest.raises(WrongUse):
        fsck(world.folder, "not a key")
    with pytest.raises(CannotRead):
        fsck(world.folder, tmp_path / "no such key")


def test_the_empty_log_is_whole(tmp_path: Path) -> None:
    key = SigningKey.generate("o")
    with Log(tmp_path / "log", key) as log:
        head = log.checkpoint()
    fsck(tmp_path / "log", str(key.verifier), head.note)
    assert new_nonce() != new_nonce()

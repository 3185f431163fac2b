"""The log keeps what it acknowledged, tells an act once, and opens again after anything."""

from __future__ import annotations

import errno
import shutil
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from seiyaku.evidence import (
    Entry,
    GroupCommitter,
    Log,
    LogReader,
    SigningKey,
    commitment_of,
    new_nonce,
)
from seiyaku.evidence.log import ROTATE_AFTER
from seiyaku.evidence.tree import leaf_hash
from seiyaku.kernel.errors import Conflict, EvidenceBroken, InvalidInput, SystemUnavailable
from seiyaku_verify import fsck
from seiyaku_verify.merkle import extends, includes

Make = Callable[..., Entry]


def test_what_is_appended_can_be_read_and_proven(log: Log, make: Make) -> None:
    places = log.append([make(n) for n in range(300)])
    assert [p.index for p in places] == list(range(300))
    assert all(p.new for p in places)
    assert log.entry(299) == make(299)
    assert list(log.entries(254, 258)) == [make(n) for n in range(254, 258)]
    head = log.checkpoint()
    for index in (0, 255, 256, 299):
        leaf = leaf_hash(make(index).to_bytes())
        assert includes(index, 300, leaf, log.inclusion_proof(index), head.root)


def test_the_log_only_grows_from_each_checkpoint_to_the_next(log: Log, make: Make) -> None:
    heads = [log.checkpoint()]
    for start in range(0, 700, 70):
        log.append([make(n) for n in range(start, start + 70)])
        heads.append(log.checkpoint())
    for old in heads:
        for new in heads[heads.index(old) :]:
            proof = log.consistency_proof(old.size, new.size)
            assert extends(old.size, old.root, new.size, new.root, proof)


def test_an_act_told_again_is_answered_with_its_first_entry(log: Log, make: Make) -> None:
    first = make(1, person=commitment_of("42", new_nonce()))
    again = make(1, person=commitment_of("42", new_nonce()), at=first.at + timedelta(hours=1))
    log.append([make(0), first])
    (place,) = log.append([again])
    assert (place.index, place.entry, place.new) == (1, first, False)
    assert log.size == 2


def test_an_act_told_twice_in_one_group_is_told_once(log: Log, make: Make) -> None:
    places = log.append([make(1), make(2), make(1)])
    assert [(p.index, p.new) for p in places] == [(0, True), (1, True), (0, False)]
    assert log.size == 2


def test_an_act_id_that_tells_something_else_is_a_conflict_and_nothing_is_kept(
    log: Log, make: Make
) -> None:
    log.append([make(1)])
    with pytest.raises(Conflict) as refused:
        log.append([make(2), make(1, outcome="nothing_found")])
    assert refused.value.code == "SY511"
    with pytest.raises(Conflict):
        log.append([make(3), make(3, counts={"rows": 9})])
    assert log.size == 1


def test_acts_are_remembered_over_rotations_and_reopening(
    folder: Path, key: SigningKey, make: Make
) -> None:
    count = ROTATE_AFTER * 2 + 300
    with Log(folder, key) as log:
        for start in range(0, count, 100):
            log.append([make(n) for n in range(start, min(count, start + 100))])
        assert not any(p.new for p in log.append([make(n) for n in range(0, count, 37)]))
    with Log(folder, key) as log:
        places = log.append([make(n) for n in range(0, count, 41)])
        assert [p.index for p in places] == list(range(0, count, 41))
        assert not any(p.new for p in places)
    fsck(folder, str(key.verifier))


@pytest.mark.parametrize("lost", [("acts.sqlite",), ("journal",), ("journal", "acts.sqlite")])
def test_what_is_only_derived_is_made_anew(
    folder: Path, key: SigningKey, make: Make, lost: tuple[str, ...]
) -> None:
    count = ROTATE_AFTER + 700
    with Log(folder, key) as log:
        log.append([make(n) for n in range(count)])
        log.append([make(count)])
        before = log.checkpoint()
    for name in lost:
        (folder / name).unlink()
    with Log(folder, key) as log:
        assert log.checkpoint() == before
        assert not log.append([make(7), make(count)])[1].new
        assert log.append([make(count + 1)])[0].index == count + 1
    fsck(folder, str(key.verifier), before.note)


def test_an_act_index_that_is_damaged_is_made_anew(
    folder: Path, key: SigningKey, make: Make
) -> None:
    with Log(folder, key) as log:
        log.append([make(n) for n in range(ROTATE_AFTER)])
    (folder / "acts.sqlite").write_bytes(b"not a database" * 500)
    with Log(folder, key) as log:
        assert not log.append([make(5)])[0].new


def test_an_act_index_of_another_log_is_made_anew(
    tmp_path: Path, key: SigningKey, make: Make
) -> None:
    with Log(tmp_path / "long", key) as log:
        log.append([make(n + 5000) for n in range(ROTATE_AFTER)])
    with Log(tmp_path / "short", key) as log:
        log.append([make(1)])
    shutil.copy(tmp_path / "long" / "acts.sqlite", tmp_path / "short" / "acts.sqlite")
    with Log(tmp_path / "short", key) as log:
        assert log.append([make(5000)])[0].new


def test_a_log_that_lost_acknowledged_entries_is_not_written_on(
    folder: Path, key: SigningKey, make: Make
) -> None:
    with Log(folder, key) as log:
        log.append([make(1)])
    older = (folder / "journal").read_bytes()
    with Log(folder, key) as log:
        log.append([make(2)])
    (folder / "journal").write_bytes(older)
    with pytest.raises(EvidenceBroken) as broken:
        Log(folder, key)
    assert broken.value.code == "SY614"


def test_a_journal_of_another_history_is_not_written_on(
    tmp_path: Path, key: SigningKey, make: Make
) -> None:
    for name, number in (("a", 1), ("b", 2)):
        with Log(tmp_path / name, key) as log:
            log.append([make(number)])
    shutil.copy(tmp_path / "a" / "journal", tmp_path / "b" / "journal")
    with pytest.raises(EvidenceBroken, match="does not lead to"):
        Log(tmp_path / "b", key)


@pytest.mark.parametrize("junk", [b"", b"junk", b"seiyaku-journal/1\n" + bytes(40)])
def test_a_journal_that_is_none_is_not_written_on(
    folder: Path, key: SigningKey, make: Make, junk: bytes
) -> None:
    with Log(folder, key) as log:
        log.append([make(1)])
    (folder / "journal").write_bytes(junk)
    with pytest.raises(EvidenceBroken) as broken:
        Log(folder, key)
    assert broken.value.code == "SY612"


@pytest.mark.parametrize("tail", [b"\x00" * 50, b"\xff" * 200, b"\x00\x00\x00\x05abc"])
def test_what_was_cut_off_in_the_journal_is_dropped(
    folder: Path, key: SigningKey, make: Make, tail: bytes
) -> None:
    with Log(folder, key) as log:
        log.append([make(1)])
    with (folder / "journal").open("ab") as journal:
        journal.write(tail)
    with Log(folder, key) as log:
        assert log.append([make(2)])[0].index == 1
    fsck(folder, str(key.verifier))


def test_one_process_writes_and_others_read(folder: Path, key: SigningKey, make: Make) -> None:
    with Log(folder, key) as log:
        log.append([make(1)])
        with pytest.raises(Conflict) as refused:
            Log(folder, key)
        assert refused.value.code == "SY510"
        reader = LogReader(folder, key.verifier)
        assert reader.entry(0) == make(1)
        log.append([make(n) for n in range(2, 600)])
        assert reader.size == 599
        assert list(reader.entries()) == [make(n) for n in range(1, 600)]
    with Log(folder, key) as log:
        assert log.size == 599


def test_a_closed_log_takes_nothing(folder: Path, key: SigningKey, make: Make) -> None:
    log = Log(folder, key)
    log.close()
    log.close()
    with pytest.raises(InvalidInput, match="closed"):
        log.append([make(1)])


def test_what_is_not_there_yet_is_said_so(log: Log, make: Make) -> None:
    log.append([make(1)])
    attempts: list[Callable[[], object]] = [
        lambda: log.entry(1),
        lambda: log.entry(-1),
        lambda: log.inclusion_proof(0, 2),
        lambda: log.inclusion_proof(1),
        lambda: log.consistency_proof(1, 2),
        lambda: log.consistency_proof(1, 0),
    ]
    for attempt in attempts:
        with pytest.raises(InvalidInput) as refused:
            attempt()
        assert refused.value.code == "SY165"


def test_a_missing_or_malformed_file_is_named(folder: Path, key: SigningKey, make: Make) -> None:
    with Log(folder, key) as log:
        log.append([make(n) for n in range(300)])
    reader = LogReader(folder, key.verifier)
    tile, bundle = folder / "public/tile/0/000", folder / "entries/tile/entries/000"
    tile.write_bytes(tile.read_bytes()[:-1])
    bundle.write_bytes(bundle.read_bytes()[:-1])
    with pytest.raises(EvidenceBroken, match="tile/0/000"):
        reader.inclusion_proof(3)
    with pytest.raises(EvidenceBroken, match="tile/entries/000"):
        reader.entry(3)
    bundle.write_bytes(b"\x00\x00" * 5)
    with pytest.raises(EvidenceBroken, match="tile/entries/000"):
        reader.entry(3)
    tile.unlink()
    with pytest.raises(EvidenceBroken, match="tile/0/000"):
        reader.inclusion_proof(4)


def test_a_reader_that_trusts_another_key_reads_nothing(folder: Path, log: Log, make: Make) -> None:
    log.append([make(1)])
    with pytest.raises(EvidenceBroken, match="not a key of this log"):
        LogReader(folder, SigningKey.generate(log.checkpoint().origin).verifier).entry(0)


def test_a_published_text_that_is_not_utf8_is_refused(folder: Path, log: Log) -> None:
    (folder / "public" / "checkpoint").write_bytes(b"\xff\xfe")
    with pytest.raises(EvidenceBroken, match="UTF-8"):
        LogReader(folder, log.keys().current).checkpoint()


def test_only_hashes_and_signatures_are_public(folder: Path, log: Log, make: Make) -> None:
    log.append([make(n) for n in range(300)])
    for path in (folder / "public").rglob("*"):
        if path.is_file():
            assert b"plan-7" not in path.read_bytes()
            assert b"CLOSM" not in path.read_bytes()
    assert (folder / "entries").stat().st_mode & 0o077 == 0


def test_the_person_stands_nowhere_in_the_folder(folder: Path, log: Log, make: Make) -> None:
    person, nonce = "customer-4711-canary", new_nonce()
    log.append([make(n, person=commitment_of(person, nonce)) for n in range(300)])
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert person.encode() not in data
            assert nonce not in data
            assert nonce.hex().encode() not in data


def test_partial_files_go_when_the_full_one_is_there(folder: Path, log: Log, make: Make) -> None:
    for n in range(300):
        log.append([make(n)])
    assert not list(folder.rglob("000.p/2*")) or (folder / "public/tile/1/000.p").exists()
    assert not (folder / "public/tile/0/000.p").exists()
    assert not (folder / "entries/tile/entries/000.p").exists()


def test_threads_share_one_sync_and_each_gets_its_answer(log: Log, make: Make) -> None:
    answers: dict[int, int] = {}
    with GroupCommitter(log) as committer:

        def work(first: int) -> None:
            for n in range(first, first + 25):
                answers[n] = committer.submit(make(n)).result(timeout=30).index

        threads = [threading.Thread(target=work, args=(t * 25,)) for t in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(answers.values()) == list(range(200))
    assert all(log.entry(index) == make(n) for n, index in answers.items())


def test_one_bad_entry_does_not_spoil_the_others_of_its_group(log: Log, make: Make) -> None:
    log.append([make(1)])
    with GroupCommitter(log) as committer:
        futures = [
            committer.submit(e) for e in (make(2), make(1, outcome="other"), make(3), make(1))
        ]
        with pytest.raises(Conflict):
            futures[1].result(timeout=30)
        assert {f.result(timeout=30).index for f in (futures[0], *futures[2:])} == {0, 1, 2}
    with pytest.raises(InvalidInput, match="closed"):
        committer.submit(make(4))


def test_a_full_disk_is_told_to_everyone_in_the_group(
    log: Log, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with GroupCommitter(log) as committer:
        with monkeypatch.context() as patch:
            patch.setattr("seiyaku.evidence.journal.write_all", full)
            futures = [committer.submit(make(n)) for n in range(20)]
            for future in futures:
                with pytest.raises(SystemUnavailable, match="No space"):
                    future.result(timeout=30)
        assert committer.submit(make(1)).result(timeout=30).index == 0


def test_closing_the_committer_appends_what_waits(log: Log, make: Make) -> None:
    committer = GroupCommitter(log)
    futures = [committer.submit(make(n)) for n in range(50)]
    committer.close()
    committer.close()
    assert [f.result(timeout=0).index for f in futures] == list(range(50))


def test_a_committer_over_a_closed_log_says_so_to_each(
    folder: Path, key: SigningKey, make: Make
) -> None:
    log = Log(folder, key)
    log.close()
    with (
        GroupCommitter(log) as committer,
        pytest.raises(InvalidInput, match="closed"),
    ):
        committer.submit(make(1)).result(timeout=30)


def test_acts_that_were_told_are_found_by_their_ids_and_others_are_not(
    log: Log, make: Make
) -> None:
    log.append([make(n) for n in range(ROTATE_AFTER + 2)])
    for n in (1, ROTATE_AFTER + 1):  # out of the index, and out of the journal
        found = log.told([make(n).act_id, "nobody-told-this"])
        assert {a: (p.index, p.entry, p.new) for a, p in found.items()} == {
            make(n).act_id: (n, make(n), False)
        }

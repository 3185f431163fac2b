"""A program that others wrote reads our log: tlog-scales (Apache-2.0), test only."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import NoteSignature, Vkey
from tlog_scales.tiles import leaf_hash
from tlog_scales.tlog import Checkpoint, ConsistencyProof, InclusionProof

from seiyaku.evidence import LogReader

World = Any
PAIRS = [(1, 700), (255, 256), (256, 700), (300, 699), (511, 513), (512, 700), (700, 700)]


@pytest.fixture(scope="module")
def others(history: World, tmp_path_factory: pytest.TempPathFactory) -> TilesReader:
    """Both halves of the folder laid over each other, as the document says."""
    folder = tmp_path_factory.mktemp("tlog")
    shutil.copytree(history.folder / "public", folder, dirs_exist_ok=True)
    shutil.copytree(history.folder / "entries", folder, dirs_exist_ok=True)
    reader = TilesReader(LocalBackend(Path(folder)))
    reader.get_checkpoint()
    return reader


def test_they_read_and_verify_our_checkpoint(history: World, others: TilesReader) -> None:
    checkpoint = others.get_checkpoint()
    checkpoint.verify(Vkey.from_string(history.vkey))
    assert (checkpoint.origin, checkpoint.size) == ("evidence.example.jp/closm-i", 700)
    assert checkpoint.serialize() == history.head


def test_they_refuse_our_checkpoint_when_it_is_bent(history: World) -> None:
    bent = Checkpoint.from_text(history.head.replace("\n700\n", "\n701\n"))
    with pytest.raises(InvalidSignature):
        bent.verify(Vkey.from_string(history.vkey))


def test_they_find_our_key_line_to_be_one_of_theirs(history: World) -> None:
    assert Vkey.from_string(history.vkey).serialize() == history.vkey
    signature = NoteSignature.from_line(history.head.splitlines()[-1])
    assert Vkey.from_string(history.vkey).match(signature)


def test_they_derive_our_root_from_our_tiles(others: TilesReader) -> None:
    assert others.calculate_root_hash() == others.get_checkpoint().root_hash


def test_they_read_the_entries_we_wrote(history: World, others: TilesReader) -> None:
    ours = LogReader(history.folder, history.key.verifier)
    for index in (0, 1, 255, 256, 511, 512, 699):
        assert others.get_entry(index) == ours.entry_bytes(index)


def test_our_inclusion_proofs_are_theirs_and_verify_with_them(
    history: World, others: TilesReader
) -> None:
    ours = LogReader(history.folder, history.key.verifier)
    for size in (1, 2, 255, 256, 257, 512, 513, 699, 700):
        root = others.mth(0, size)
        for index in {0, size // 3, size // 2, size - 1}:
            proof = list(ours.inclusion_proof(index, size))
            assert proof == others.get_inclusion_proof(index, size).node_hashes
            leaf = leaf_hash(ours.entry_bytes(index))
            InclusionProof(index, size, proof).check(leaf, root)


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_our_consistency_proofs_are_theirs_and_verify_with_them(
    history: World, others: TilesReader, old: int, new: int
) -> None:
    ours = LogReader(history.folder, history.key.verifier)
    proof = list(ours.consistency_proof(old, new))
    assert proof == others.get_consistency_proof(old, new).node_hashes
    ConsistencyProof(old, new, proof).check(others.mth(0, old), others.mth(0, new))


def test_they_verify_a_receipt_of_ours(history: World) -> None:
    receipt = json.loads(history.receipt)
    checkpoint = Checkpoint.from_text(receipt["checkpoint"])
    checkpoint.verify(Vkey.from_string(receipt["key"]))
    for row in receipt["entries"]:
        proof = [bytes.fromhex(h) for h in row["proof"]]
        InclusionProof(row["index"], checkpoint.size, proof).check(
            leaf_hash(row["entry"].encode()), checkpoint.root_hash
        )

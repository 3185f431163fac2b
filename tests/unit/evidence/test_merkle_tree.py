"""The tree agrees with its definition (RFC 6962 2.1), and the verifier with both."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyaku.evidence.growth import Growth
from seiyaku.evidence.tree import (
    EMPTY_ROOT,
    Peaks,
    consistency_ranges,
    fold,
    inclusion_ranges,
    leaf_hash,
    nodes_of,
    perfect_root,
)
from seiyaku_verify import merkle as verifier

# The tree of eight leaves with which certificate transparency logs are tested.
LEAVES = [
    bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")
] + [bytes(range(0x60, 0x70))]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

trees = st.lists(st.binary(max_size=4), min_size=1, max_size=70)


def split(n: int) -> int:
    """The largest power of two smaller than n, by counting."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(d: list[bytes]) -> bytes:
    """MTH of RFC 6962 2.1, word for word."""
    if not d:
        return hashlib.sha256().digest()
    if len(d) == 1:
        return hashlib.sha256(b"\x00" + d[0]).digest()
    k = split(len(d))
    return hashlib.sha256(b"\x01" + mth(d[:k]) + mth(d[k:])).digest()


def path(m: int, d: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 2.1.1, word for word."""
    if len(d) == 1:
        return []
    k = split(len(d))
    if m < k:
        return [*path(m, d[:k]), mth(d[k:])]
    return [*path(m - k, d[k:]), mth(d[:k])]


def subproof(m: int, d: list[bytes], b: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 2.1.2, word for word."""
    if m == len(d):
        return [] if b else [mth(d)]
    k = split(len(d))
    if m <= k:
        return [*subproof(m, d[:k], b), mth(d[k:])]
    return [*subproof(m - k, d[k:], False), mth(d[:k])]


def grown(leaves: list[bytes]) -> Peaks:
    peaks = Peaks()
    for leaf in leaves:
        peaks.push(leaf_hash(leaf))
    return peaks


def span_hash(leaves: list[bytes], lo: int, hi: int) -> bytes:
    """The hash of a range, put together from perfect subtrees as a reader does it."""
    hashes = [leaf_hash(leaf) for leaf in leaves]
    return fold([perfect_root(hashes[i << h : (i + 1) << h]) for h, i in nodes_of(lo, hi)])


@pytest.mark.parametrize("size", range(1, 9))
def test_the_known_tree_has_its_known_roots(size: int) -> None:
    assert grown(LEAVES[:size]).root().hex() == ROOTS[size - 1] == mth(LEAVES[:size]).hex()


def test_the_empty_tree_has_the_root_of_the_definition() -> None:
    assert Peaks().root() == EMPTY_ROOT == mth([]) == verifier.tree_root([])


@given(trees)
def test_growing_one_by_one_gives_the_root_of_the_definition(leaves: list[bytes]) -> None:
    hashes = [verifier.leaf_hash(leaf) for leaf in leaves]
    assert grown(leaves).root() == mth(leaves) == verifier.tree_root(hashes)


@given(trees, st.data())
def test_an_inclusion_proof_is_that_of_the_definition_and_verifies(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = [span_hash(leaves, lo, hi) for lo, hi in inclusion_ranges(index, len(leaves))]
    assert proof == path(index, leaves)
    leaf, root = leaf_hash(leaves[index]), mth(leaves)
    assert verifier.includes(index, len(leaves), leaf, proof, root)


@given(trees, st.data())
def test_a_consistency_proof_is_that_of_the_definition_and_verifies(
    leaves: list[bytes], data: st.DataObject
) -> None:
    new = len(leaves)
    old = data.draw(st.integers(1, new))
    proof = [span_hash(leaves, lo, hi) for lo, hi in consistency_ranges(old, new)]
    assert proof == subproof(old, leaves, True)
    assert verifier.extends(old, mth(leaves[:old]), new, mth(leaves), proof)


@given(trees, st.integers(1, 3))
def test_a_proof_is_bound_to_the_size_of_its_tree(leaves: list[bytes], doublings: int) -> None:
    size, wider = len(leaves), len(leaves) << doublings
    leaf, root = leaf_hash(leaves[0]), mth(leaves)
    assert not verifier.includes(0, wider, leaf, path(0, leaves), root)
    proof = subproof(size, [*leaves, b"more"], True)
    assert not verifier.extends(size, root, wider + 2, mth([*leaves, b"more"]), proof)


def test_every_tree_grows_consistently_out_of_the_empty_one() -> None:
    assert consistency_ranges(0, 7) == []
    assert verifier.extends(0, EMPTY_ROOT, 7, mth(LEAVES[:7]), [])
    assert not verifier.extends(0, mth(LEAVES[:1]), 7, mth(LEAVES[:7]), [])


@given(trees, st.data())
def test_an_inclusion_proof_proves_nothing_else(leaves: list[bytes], data: st.DataObject) -> None:
    size = len(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof, root = path(index, leaves), mth(leaves)
    leaf = leaf_hash(leaves[index])
    other = data.draw(st.integers(0, size + 2).filter(lambda i: i != index))
    hashes = {leaf_hash(x) for x in leaves}
    assert not verifier.includes(other, size, leaf, proof, root) or len(hashes) < size
    assert not verifier.includes(index, size, leaf_hash(b"another entry"), proof, root)
    assert not verifier.includes(index, size, leaf, [*proof, root], root)
    assert not verifier.includes(-1, size, leaf, proof, root)
    for at in range(len(proof)):
        bent = [*proof[:at], bytes(32), *proof[at + 1 :]]
        assert not verifier.includes(index, size, leaf, bent, root)
        assert not verifier.includes(index, size, leaf, proof[:at], root)


@given(trees, st.data())
def test_a_consistency_proof_does_not_join_a_fork(leaves: list[bytes], data: st.DataObject) -> None:
    size = len(leaves)
    old = data.draw(st.integers(1, size))
    proof, root = subproof(old, leaves, True), mth(leaves)
    forked = mth([*leaves[: old - 1], b"another entry"])
    assert not verifier.extends(old, forked, size, root, proof)
    assert not verifier.extends(old, mth(leaves[:old]), size, forked, proof)
    assert not verifier.extends(old, mth(leaves[:old]), size, root, [*proof, bytes(32)])
    assert not verifier.extends(size + 1, root, size, root, proof)
    for at in range(len(proof)):
        bent = [*proof[:at], bytes(32), *proof[at + 1 :]]
        assert not verifier.extends(old, mth(leaves[:old]), size, root, bent)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1400), st.integers(0, 300))
def test_a_growth_begins_again_at_its_base_as_if_never_stopped(first: int, more: int) -> None:
    whole = Growth()
    for number in range(first):
        whole.push(b"%d" % number)
    again = Growth(whole.base, whole.frontier())
    for entry in whole.tail:
        again.push(entry)
    assert again.root() == whole.root()
    for number in range(first, first + more):
        assert again.push(b"%d" % number) == whole.push(b"%d" % number)
    assert dict(again.partials()) == dict(whole.partials())
    assert again.root() == whole.root()
    assert again.size == whole.size == first + more


def test_a_growth_refuses_a_frontier_of_another_size() -> None:
    with pytest.raises(ValueError, match="frontier"):
        Growth(512, bytes(32))
    with pytest.raises(ValueError, match="frontier"):
        Growth(100, b"")

"""The layout is that of C2SP tlog-tiles: the specification's own examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyaku.evidence.growth import Growth
from seiyaku.evidence.layout import bundle_path, pack, tile_path, unpack, width_at


def test_an_index_is_written_in_groups_of_three_digits() -> None:
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(5, 0, 17) == "tile/5/000.p/17"
    assert bundle_path(1000) == "tile/entries/x001/000"
    assert bundle_path(999, 255) == "tile/entries/999.p/255"


def test_a_tree_of_70000_has_the_tiles_of_the_specification() -> None:
    size = 70_000
    assert [width_at(0, n, size) for n in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert [width_at(1, n, size) for n in (0, 1, 2)] == [256, 17, 0]
    assert [width_at(2, n, size) for n in (0, 1)] == [1, 0]


def test_a_tree_of_256_has_a_full_tile_and_a_partial_one_above() -> None:
    growth = Growth()
    files = [file for n in range(256) for file in growth.push(b"%d" % n)]
    assert [path for path, _ in files] == ["tile/0/000", "tile/entries/000"]
    assert [path for path, _ in growth.partials()] == ["tile/1/000.p/1"]
    assert len(files[0][1]) == 8192


def test_a_level_is_filled_by_the_full_tiles_below_it() -> None:
    growth = Growth()
    paths = [path for n in range(65_536) for path, _ in growth.push(b"")]
    assert paths[-3:] == ["tile/0/255", "tile/1/000", "tile/entries/255"]
    assert [path for path, _ in growth.partials()] == ["tile/2/000.p/1"]
    assert len(paths) == 256 + 256 + 1


@given(st.lists(st.binary(max_size=300)))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    assert unpack(pack(entries)) == entries


@pytest.mark.parametrize("cut", [1, 2, 3, 5])
def test_a_bundle_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="cut off"):
        unpack(pack([b"whole", b"entry"])[:-cut])

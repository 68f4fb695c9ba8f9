"""Tiles: names and contents of the document, and trees read back from them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.board.checkpoint import Checkpoint
from evote.board.tiles import (
    bundle,
    bundles,
    entries_path,
    is_tile_path,
    read_bundle,
    read_entries,
    read_tree,
    tile_path,
    tiles,
)
from evote.errors import DecodeError, VerificationError
from evote.merkle import Tree
from tests.board.logs import entries, flipped, head, tree
from tests.merkle.reference import mth

TREE = tree(1300)
DATA = entries(1300)
LARGE = Tree()
LARGE.extend_packed(bytes(32 * 70_000))


@pytest.mark.parametrize(
    ("index", "path"),
    [
        (0, "000"),
        (7, "007"),
        (999, "999"),
        (1000, "x001/000"),
        (1234067, "x001/x234/067"),
        (10**9, "x001/x000/x000/000"),
    ],
)
def test_a_number_is_written_in_groups_of_three_digits(index: int, path: str) -> None:
    assert tile_path(0, index) == f"tile/0/{path}"
    assert tile_path(63, index, 112) == f"tile/63/{path}.p/112"
    assert entries_path(index, 1) == f"tile/entries/{path}.p/1"
    for name in (tile_path(0, index), tile_path(63, index, 112), entries_path(index, 1)):
        assert is_tile_path(name)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x01/002",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/300",
        "tile/0/000/",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/0/../000",
        "tile/data/000",
        "tile/0/٠٠٠",
    ],
)
def test_what_is_no_name_of_a_tile_is_not_taken_for_one(path: str) -> None:
    assert not is_tile_path(path)


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_tiles_that_do_not_exist_have_no_name(level: int, index: int, width: int) -> None:
    with pytest.raises(ValueError, match="there is no"):
        tile_path(level, index, width)


def test_a_tree_of_70000_leaves_has_the_tiles_that_the_document_counts() -> None:
    names = [path for path, _ in tiles(LARGE)]
    assert sum(name.startswith("tile/0/") and ".p/" not in name for name in names) == 273
    assert [name for name in names if ".p/" in name] == [
        "tile/0/273.p/112",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ]
    assert [name for name in names if name.startswith("tile/1/")] == ["tile/1/000", "tile/1/001.p/17"]
    assert len(names) == 273 + 1 + 2 + 1


def test_a_tree_of_256_leaves_has_a_full_tile_and_a_partial_one_above() -> None:
    found = dict(tiles(TREE, 256))
    assert list(found) == ["tile/0/000", "tile/1/000.p/1"]
    assert len(found["tile/0/000"]) == 8192
    assert found["tile/1/000.p/1"] == TREE.root(256)


def test_the_hashes_of_a_tile_are_those_of_the_definition() -> None:
    leaves = [TREE.leaf(at) for at in range(1300)]
    found = dict(tiles(TREE))
    assert found["tile/0/001"] == b"".join(leaves[256:512])
    assert found["tile/0/005.p/20"] == b"".join(leaves[1280:])
    assert found["tile/1/000.p/5"] == b"".join(mth(leaves[at * 256 : at * 256 + 256]) for at in range(5))


def test_the_empty_log_has_no_tiles() -> None:
    assert list(tiles(TREE, 0)) == list(bundles([])) == []


@settings(max_examples=30)
@given(st.integers(0, 1300), st.data())
def test_the_tiles_since_a_size_and_those_of_that_size_are_all_that_is_needed(
    size: int, data: st.DataObject
) -> None:
    since = data.draw(st.integers(0, size))
    files = dict(tiles(TREE, since)) | dict(tiles(TREE, size, since=since))
    files |= dict(bundles(DATA[:since])) | dict(bundles(DATA[:size], since=since))
    found = read_tree(files.get, head(TREE, size))
    assert (found.size, found.root()) == (size, TREE.root(size))
    assert list(read_entries(files.get, head(TREE, size))) == DATA[:size]
    again = [path for path, _ in tiles(TREE, size, since=since) if ".p/" not in path]
    assert not set(again) & {path for path, _ in tiles(TREE, since) if ".p/" not in path}


def test_sizes_out_of_order_have_no_tiles() -> None:
    for size, since in ((1301, 0), (5, 6), (5, -1)):
        with pytest.raises(ValueError, match="no tiles lead"):
            list(tiles(TREE, size, since=since))
    with pytest.raises(ValueError, match="no bundles lead"):
        list(bundles(DATA[:5], since=6))


def test_a_full_tile_serves_for_a_partial_one_that_was_deleted() -> None:
    files = dict(tiles(TREE)) | dict(bundles(DATA))
    files["tile/1/000.p/1"] = dict(tiles(TREE, 300))["tile/1/000.p/1"]
    assert "tile/0/001.p/44" not in files
    found = read_tree(files.get, head(TREE, 300))
    assert found.root() == TREE.root(300)
    assert list(read_entries(files.get, head(TREE, 300))) == DATA[:300]


@pytest.mark.parametrize("path", [path for path, _ in tiles(TREE)])
def test_an_absent_short_or_changed_tile_is_noticed(path: str) -> None:
    files = dict(tiles(TREE))
    for wrong, error in (
        (None, DecodeError),
        (files[path][:-1], DecodeError),
        (files[path][:-32], DecodeError),
        (files[path] + bytes(32), DecodeError),
        (b"", DecodeError),
        (flipped(files[path], 5), VerificationError),
    ):
        changed = files | {path: wrong}
        with pytest.raises(error):
            read_tree(changed.get, head(TREE))


def test_tiles_of_another_log_do_not_lead_to_the_root() -> None:
    files = dict(tiles(tree(1300, start=1)))
    with pytest.raises(VerificationError, match="do not lead to the root"):
        read_tree(files.get, head(TREE))


def test_an_entry_bundle_has_lengths_of_two_bytes() -> None:
    assert bundle([b"ab", b"", b"c" * 300]) == b"\x00\x02ab\x00\x00\x01\x2c" + b"c" * 300
    assert read_bundle(bundle([b"ab", b"", b"c" * 300]), 3) == (b"ab", b"", b"c" * 300)


@pytest.mark.parametrize(
    ("data", "width"),
    [
        (b"", 1),
        (b"\x00", 1),
        (b"\x00\x02a", 1),
        (b"\x00\x01a", 2),
        (b"\x00\x01a\x00", 2),
        (b"\x00\x01ab", 1),
        (b"\x00\x01a\x00\x01b", 1),
    ],
)
def test_what_is_no_bundle_of_that_many_entries_is_refused(data: bytes, width: int) -> None:
    with pytest.raises(DecodeError):
        read_bundle(data, width)


@pytest.mark.parametrize("found", [[], [b""] * 257, [bytes(2**16)]])
def test_no_bundle_is_made_of_none_or_too_many_or_too_long_entries(found: list[bytes]) -> None:
    with pytest.raises(ValueError, match="bundle|entry"):
        bundle(found)


@pytest.mark.parametrize("at", [0, 2, 5])
def test_a_changed_or_absent_entry_is_noticed_at_the_end(at: int) -> None:
    files = dict(bundles(DATA))
    path = entries_path(at, 20 if at == 5 else 256)
    for wrong in (flipped(files[path]), flipped(files[path], 0), None):
        with pytest.raises((DecodeError, VerificationError)):
            list(read_entries((files | {path: wrong}).get, head(TREE)))


def test_a_head_with_another_root_is_not_served() -> None:
    files = dict(bundles(DATA)) | dict(tiles(TREE))
    wrong = Checkpoint("o", 1300, bytes(32))
    with pytest.raises(VerificationError, match="do not lead"):
        list(read_entries(files.get, wrong))
    with pytest.raises(VerificationError, match="do not lead"):
        read_tree(files.get, wrong)

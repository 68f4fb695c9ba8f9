"""Trees that keep their nodes, against the definitions and the plain makers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.merkle import (
    Tree,
    consistency_proof,
    empty_root,
    inclusion_length,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.merkle.reference import leaves, mth

MANY = leaves(1200)
"""Enough for paths whose upper part is remembered."""
GROWN = Tree(MANY)


@given(st.data())
def test_inclusion_proofs_are_those_of_the_plain_maker_for_every_size(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(MANY)))
    index = data.draw(st.integers(0, size - 1))
    path = GROWN.inclusion(index, size)
    assert path == inclusion_proof(MANY[:size], index)
    assert len(path) == inclusion_length(index, size)
    verify_inclusion(MANY[index], index, size, path, GROWN.root(size))


@given(st.data())
def test_consistency_proofs_are_those_of_the_plain_maker_for_every_pair_of_sizes(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, len(MANY)))
    old = data.draw(st.integers(1, new))
    path = GROWN.consistency(old, new)
    assert path == consistency_proof(MANY[:new], old)
    verify_consistency(old, new, path, old_root=GROWN.root(old), new_root=GROWN.root(new))


@pytest.mark.parametrize("size", range(1, 40))
def test_every_proof_of_a_small_tree_is_that_of_the_plain_maker(size: int) -> None:
    tree = Tree(MANY[:size])
    assert tree.root() == mth(MANY[:size])
    for index in range(size):
        assert tree.inclusion(index) == inclusion_proof(MANY[:size], index)
        assert tree.consistency(index + 1) == consistency_proof(MANY[:size], index + 1)


@pytest.mark.parametrize("size", [256, 257, 511, 512, 513, 768, 1023, 1024, 1025])
def test_the_remembered_upper_parts_of_paths_are_right_at_their_borders(size: int) -> None:
    tree = Tree(MANY[:size])
    for index in {0, 1, 255, 256, 257, 511, 512, size - 2, size - 1}:
        if 0 <= index < size:
            assert tree.inclusion(index) == inclusion_proof(MANY[:size], index)
            assert tree.inclusion(index) == inclusion_proof(MANY[:size], index)


def test_the_empty_tree_has_the_root_of_nothing() -> None:
    assert Tree().root() == empty_root() == GROWN.root(0)
    assert Tree().size == 0


@given(st.lists(st.integers(0, 70), max_size=6))
def test_a_tree_is_the_same_however_its_leaves_arrive(parts: list[int]) -> None:
    tree, packed, one_by_one = Tree(), Tree(), Tree()
    at = 0
    for count in parts:
        row = MANY[at : at + count]
        at += count
        tree.extend(row)
        packed.extend_packed(b"".join(row))
        for leaf in row:
            assert one_by_one.append(leaf) == one_by_one.size - 1
    assert tree.size == packed.size == one_by_one.size == at
    assert tree.root() == packed.root() == one_by_one.root() == mth(MANY[:at])


@given(st.integers(0, 600), st.integers(0, 600), st.integers(0, 600))
def test_what_was_cut_off_leaves_no_trace(keep: int, more: int, other: int) -> None:
    tree = Tree(MANY[:keep])
    tree.root()
    tree.extend(MANY[keep : keep + more])
    if tree.size:
        tree.inclusion(0)
    tree.cut(keep)
    assert (tree.size, tree.root()) == (keep, mth(MANY[:keep]))
    replaced = MANY[:keep] + MANY[1200 - other :] if other else MANY[:keep]
    tree.extend(replaced[keep:])
    assert tree.root() == mth(replaced)
    if replaced:
        assert tree.inclusion(len(replaced) - 1) == inclusion_proof(replaced, len(replaced) - 1)


def test_growing_between_two_proofs_does_not_change_a_proof_of_an_old_size() -> None:
    tree = Tree(MANY[:300])
    before = [tree.inclusion(index) for index in range(300)]
    tree.extend(MANY[300:900])
    tree.inclusion(700)
    assert [tree.inclusion(index, 300) for index in range(300)] == before


def test_leaves_and_nodes_can_be_read_back() -> None:
    assert GROWN.leaf(7) == MANY[7]
    assert GROWN.nodes(0, 3, 6) == b"".join(MANY[3:6])
    assert GROWN.nodes(3, 1, 3) == mth(MANY[8:16]) + mth(MANY[16:24])
    assert GROWN.nodes(3, 150, 150) == b"" == GROWN.nodes(40, 0, 0)


@pytest.mark.parametrize(("level", "begin", "end"), [(0, 0, 1201), (3, 149, 151), (-1, 0, 0), (0, 2, 1)])
def test_nodes_that_are_not_full_cannot_be_read(level: int, begin: int, end: int) -> None:
    with pytest.raises(ValueError, match="no full subtrees"):
        GROWN.nodes(level, begin, end)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_leaf_of_another_length_is_refused_and_nothing_is_added(length: int) -> None:
    tree = Tree(MANY[:3])
    with pytest.raises(ValueError, match="32 bytes"):
        tree.extend([MANY[3], bytes(length)])
    assert tree.size == 3
    if length % 32:
        with pytest.raises(ValueError, match="no row of hashes"):
            tree.extend_packed(bytes(length))
        assert tree.root() == mth(MANY[:3])


def test_a_size_or_leaf_that_the_tree_never_had_is_refused() -> None:
    tree = Tree(MANY[:5])
    for size in (-1, 6):
        with pytest.raises(ValueError, match="never one of"):
            tree.root(size)
        with pytest.raises(ValueError, match="never one of"):
            tree.cut(size)
        with pytest.raises(ValueError, match="never one of"):
            tree.inclusion(0, size)
    for index in (-1, 5):
        with pytest.raises(ValueError, match="no leaf"):
            tree.inclusion(index)
        with pytest.raises(ValueError, match="no leaf"):
            tree.leaf(index)
    with pytest.raises(ValueError, match="no leaf"):
        tree.inclusion(3, 3)
    for old, new in ((0, 5), (-1, 5), (4, 3)):
        with pytest.raises(ValueError, match="no proof leads"):
            tree.consistency(old, new)


def test_a_proof_takes_no_hash_once_its_size_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = Tree(MANY)
    tree.root()

    def refuse(*parts: bytes) -> bytes:
        raise AssertionError("hashed")

    monkeypatch.setattr("evote.merkle.tree.node_hash", refuse)
    monkeypatch.setattr("evote.merkle.tree.sha256", refuse)
    for index in range(0, len(MANY), 7):
        tree.inclusion(index)
        tree.consistency(index + 1)


def test_appending_hashes_once_per_leaf_on_average(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0

    def counting(*parts: bytes) -> bytes:
        nonlocal count
        count += 1
        return leaf_hash(b"".join(parts))

    monkeypatch.setattr("evote.merkle.tree.sha256", counting)
    tree = Tree()
    for leaf in MANY[:1024]:
        tree.append(leaf)
    assert count == 1023

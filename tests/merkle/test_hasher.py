"""The hashes of leaves and nodes."""

from __future__ import annotations

import hashlib

import pytest

from evote.merkle import empty_root, leaf_hash, node_hash


def test_the_root_of_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert empty_root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_leaf_is_hashed_behind_a_zero_byte() -> None:
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"vote") == hashlib.sha256(b"\x00vote").digest()


def test_a_node_is_hashed_behind_a_one_byte() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) == hashlib.sha256(b"\x01" + left + right).digest()


def test_a_node_depends_on_the_order_of_its_children() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) != node_hash(right, left)


def test_a_leaf_that_holds_two_hashes_is_not_their_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
    assert leaf_hash(b"\x01" + left + right) != node_hash(left, right)


@pytest.mark.parametrize(
    ("left", "right"), [(31, 32), (32, 31), (33, 31), (31, 33), (0, 64), (64, 0), (0, 0)]
)
def test_a_node_takes_two_hashes_of_32_bytes_and_nothing_else(left: int, right: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        node_hash(bytes(left), bytes(right))

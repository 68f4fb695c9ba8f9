"""Inclusion and consistency proofs, against the recursive definitions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.errors import VerificationError
from evote.merkle import (
    consistency_proof,
    empty_root,
    inclusion_proof,
    root_from_inclusion,
    verify_consistency,
    verify_inclusion,
)
from tests.merkle import reference
from tests.merkle.reference import leaves, mth

LEAVES = leaves(80)
SIZES = range(1, 34)

trees = st.integers(1, 80)


def flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.fixture
def no_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(left: bytes, right: bytes) -> bytes:
        raise AssertionError("hashed before the form was checked")

    monkeypatch.setattr("evote.merkle.proof.node_hash", refuse)


@pytest.mark.parametrize("size", SIZES)
def test_inclusion_proofs_are_those_of_the_definition_and_verify(size: int) -> None:
    tree = LEAVES[:size]
    root = mth(tree)
    for index, leaf in enumerate(tree):
        path = inclusion_proof(tree, index)
        assert list(path) == reference.path(index, tree)
        assert root_from_inclusion(leaf, index, size, path) == root
        verify_inclusion(leaf, index, size, path, root)


@pytest.mark.parametrize("size", SIZES)
def test_consistency_proofs_are_those_of_the_definition_and_verify(size: int) -> None:
    tree = LEAVES[:size]
    for old in range(1, size + 1):
        path = consistency_proof(tree, old)
        assert list(path) == reference.proof(old, tree)
        verify_consistency(old, size, path, old_root=mth(tree[:old]), new_root=mth(tree))


@given(st.data())
def test_a_leaf_is_included_at_no_other_index(data: st.DataObject) -> None:
    size = data.draw(trees)
    tree = LEAVES[:size]
    index, claimed = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    path = inclusion_proof(tree, index)
    if claimed == index:
        verify_inclusion(tree[index], index, size, path, mth(tree))
    else:
        with pytest.raises(VerificationError):
            verify_inclusion(tree[index], claimed, size, path, mth(tree))


@given(st.data())
def test_one_changed_bit_anywhere_breaks_an_inclusion_proof(data: st.DataObject) -> None:
    size = data.draw(trees)
    tree = LEAVES[:size]
    index = data.draw(st.integers(0, size - 1))
    parts = [tree[index], mth(tree), *inclusion_proof(tree, index)]
    place = data.draw(st.integers(0, len(parts) - 1))
    parts[place] = flipped(parts[place], data.draw(st.integers(0, 255)))
    with pytest.raises(VerificationError, match="another root"):
        verify_inclusion(parts[0], index, size, parts[2:], parts[1])


@given(st.data())
def test_one_changed_bit_anywhere_breaks_a_consistency_proof(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 80))
    tree = LEAVES[:size]
    old = data.draw(st.integers(1, size - 1))
    parts = [mth(tree[:old]), mth(tree), *consistency_proof(tree, old)]
    place = data.draw(st.integers(0, len(parts) - 1))
    parts[place] = flipped(parts[place], data.draw(st.integers(0, 255)))
    with pytest.raises(VerificationError, match="another root"):
        verify_consistency(old, size, parts[2:], old_root=parts[0], new_root=parts[1])


@given(st.data())
def test_a_rewritten_prefix_is_not_consistent(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 60))
    old = data.draw(st.integers(1, size))
    tree = LEAVES[:size]
    rewritten = list(tree)
    rewritten[data.draw(st.integers(0, old - 1))] = LEAVES[79]
    with pytest.raises(VerificationError):
        verify_consistency(
            old, size, consistency_proof(rewritten, old), old_root=mth(tree[:old]), new_root=mth(rewritten)
        )


def test_a_reordered_pair_is_not_consistent() -> None:
    tree = LEAVES[:9]
    swapped = [*tree[:3], tree[4], tree[3], *tree[5:]]
    with pytest.raises(VerificationError, match="another root"):
        verify_consistency(6, 9, consistency_proof(swapped, 6), old_root=mth(tree[:6]), new_root=mth(swapped))


def test_a_mismatch_carries_the_expected_and_the_computed_root() -> None:
    tree = LEAVES[:5]
    path = inclusion_proof(tree, 2)
    with pytest.raises(VerificationError) as caught:
        verify_inclusion(tree[3], 2, 5, path, mth(tree))
    assert caught.value.expected == mth(tree).hex()
    assert caught.value.computed == root_from_inclusion(tree[3], 2, 5, path).hex()
    assert caught.value.where == "root"


def test_a_consistency_mismatch_names_the_head_that_does_not_fit() -> None:
    tree = LEAVES[:5]
    path = consistency_proof(tree, 3)
    with pytest.raises(VerificationError) as caught:
        verify_consistency(3, 5, path, old_root=mth(tree[:2]), new_root=mth(tree))
    assert (caught.value.where, caught.value.expected) == ("old root", mth(tree[:2]).hex())
    assert caught.value.computed == mth(tree[:3]).hex()
    with pytest.raises(VerificationError) as caught:
        verify_consistency(3, 5, path, old_root=mth(tree[:3]), new_root=mth(tree[:4]))
    assert (caught.value.where, caught.value.computed) == ("new root", mth(tree).hex())


@pytest.mark.usefixtures("no_hashing")
def test_a_path_of_the_wrong_length_is_refused_before_anything_is_hashed() -> None:
    for size in SIZES:
        for index in range(size):
            right = len(reference.path(index, LEAVES[:size]))
            for wrong in {0, right - 1, right + 1, 64} - {right, -1}:
                with pytest.raises(VerificationError, match="wrong length") as caught:
                    root_from_inclusion(LEAVES[index], index, size, [bytes(32)] * wrong)
                assert caught.value.expected == f"{right} hashes"
                assert caught.value.computed == f"{wrong} hashes"
        for old in range(1, size + 1):
            right = len(reference.proof(old, LEAVES[:size]))
            for wrong in {0, right - 1, right + 1, 64} - {right, -1}:
                with pytest.raises(VerificationError, match="wrong length"):
                    verify_consistency(old, size, [bytes(32)] * wrong, old_root=bytes(32), new_root=bytes(32))


@pytest.mark.usefixtures("no_hashing")
@pytest.mark.parametrize("length", [0, 31, 33, 64])
@pytest.mark.parametrize("place", range(5))
def test_a_hash_of_another_length_is_refused_before_anything_is_hashed(place: int, length: int) -> None:
    parts = [LEAVES[2], mth(LEAVES[:5]), *reference.path(2, LEAVES[:5])]
    parts[place] = bytes(length)
    with pytest.raises(VerificationError, match="wrong length") as caught:
        verify_inclusion(parts[0], 2, 5, parts[2:], parts[1])
    assert (caught.value.expected, caught.value.computed) == ("32 bytes", f"{length} bytes")
    parts = [mth(LEAVES[:6]), mth(LEAVES[:7]), *reference.proof(6, LEAVES[:7])]
    parts[place] = bytes(length)
    with pytest.raises(VerificationError, match="wrong length"):
        verify_consistency(6, 7, parts[2:], old_root=parts[0], new_root=parts[1])


def test_nothing_is_included_in_the_empty_tree() -> None:
    for leaf in (LEAVES[0], empty_root()):
        with pytest.raises(VerificationError, match="no such leaf"):
            verify_inclusion(leaf, 0, 0, [], empty_root())


@pytest.mark.parametrize("index", [-1, 5, 2**64 - 1])
def test_an_index_outside_the_tree_is_refused(index: int) -> None:
    with pytest.raises(VerificationError, match="no such leaf"):
        verify_inclusion(LEAVES[0], index, 5, [bytes(32)] * 3, mth(LEAVES[:5]))


@pytest.mark.parametrize("new", [0, 1, 5])
def test_nothing_is_proved_from_the_empty_tree(new: int) -> None:
    with pytest.raises(VerificationError, match="no consistency proof"):
        verify_consistency(0, new, [], old_root=empty_root(), new_root=mth(LEAVES[:new]))


@pytest.mark.parametrize(("old", "new"), [(6, 5), (-1, 5), (-1, -1), (2**64, 5)])
def test_a_tree_does_not_shrink(old: int, new: int) -> None:
    with pytest.raises(VerificationError, match="no consistency proof"):
        verify_consistency(old, new, [], old_root=mth(LEAVES[:5]), new_root=mth(LEAVES[:5]))


def test_equal_sizes_need_equal_roots_and_an_empty_path() -> None:
    root, other = mth(LEAVES[:5]), mth(LEAVES[1:6])
    verify_consistency(5, 5, [], old_root=root, new_root=root)
    with pytest.raises(VerificationError, match="another root"):
        verify_consistency(5, 5, [], old_root=root, new_root=other)
    with pytest.raises(VerificationError, match="wrong length"):
        verify_consistency(5, 5, [root], old_root=root, new_root=root)


def test_an_old_root_of_a_power_of_two_is_used_and_not_taken_from_the_path() -> None:
    tree = LEAVES[:7]
    path = consistency_proof(tree, 4)
    assert mth(tree[:4]) not in path
    with pytest.raises(VerificationError, match="another root"):
        verify_consistency(4, 7, path, old_root=mth(LEAVES[1:5]), new_root=mth(tree))


@pytest.mark.parametrize("index", [-1, 5, 6])
def test_no_inclusion_proof_is_made_for_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(LEAVES[:5], index)


@pytest.mark.parametrize("old", [-1, 0, 6])
def test_no_consistency_proof_is_made_from_a_size_that_never_was(old: int) -> None:
    with pytest.raises(ValueError, match="no proof leads"):
        consistency_proof(LEAVES[:5], old)


def test_proofs_for_a_tree_of_2_to_the_62_leaves_are_as_long_as_they_must_be() -> None:
    size = 2**62
    with pytest.raises(VerificationError, match="wrong length") as caught:
        root_from_inclusion(LEAVES[0], size - 1, size, [])
    assert caught.value.expected == "62 hashes"
    assert len(root_from_inclusion(LEAVES[0], size - 1, size, [bytes(32)] * 62)) == 32

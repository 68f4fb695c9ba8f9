"""Small secrets under one key open only as what they were sealed as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.errors import StorageError
from evote.secret import Secret
from evote.storage.vault import KEY_BYTES, Vault

VAULT = Vault(Secret(bytes(range(KEY_BYTES))))


@given(st.text(max_size=20), st.binary(max_size=40), st.binary(max_size=200))
def test_what_is_sealed_opens_under_its_labels(kind: str, owner: bytes, value: bytes) -> None:
    sealed = VAULT.seal(kind, owner, Secret(value))
    assert VAULT.open(kind, owner, sealed).reveal() == value
    assert len(value) < 8 or value not in sealed


def test_one_value_is_sealed_differently_every_time() -> None:
    assert VAULT.seal("nonce", b"1", Secret(b"x")) != VAULT.seal("nonce", b"1", Secret(b"x"))


@pytest.mark.parametrize(("kind", "owner"), [("nonce", b"2"), ("key", b"1"), ("nonc", b"e1")])
def test_other_labels_do_not_open_it(kind: str, owner: bytes) -> None:
    sealed = VAULT.seal("nonce", b"1", Secret(b"value"))
    with pytest.raises(StorageError, match="does not open"):
        VAULT.open(kind, owner, sealed)


def test_another_key_does_not_open_it() -> None:
    sealed = VAULT.seal("nonce", b"1", Secret(b"value"))
    with pytest.raises(StorageError, match="does not open"):
        Vault(Vault.new_key()).open("nonce", b"1", sealed)


@given(st.data())
def test_changed_bytes_do_not_open(data: st.DataObject) -> None:
    sealed = bytearray(VAULT.seal("nonce", b"1", Secret(b"value")))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(StorageError):
        VAULT.open("nonce", b"1", bytes(sealed))


@pytest.mark.parametrize("size", [0, 1, 39])
def test_what_is_too_short_is_refused(size: int) -> None:
    with pytest.raises(StorageError, match="too short"):
        VAULT.open("nonce", b"1", bytes(size))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_has_the_right_length(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(Secret(bytes(size)))


def test_new_keys_differ() -> None:
    assert Vault.new_key().reveal() != Vault.new_key().reveal()


def test_a_vault_does_not_print_its_key() -> None:
    assert repr(VAULT) == "<vault>"


def test_digests_know_equal_values_and_nothing_else() -> None:
    vault, other = Vault(Vault.new_key()), Vault(Vault.new_key())
    digest = vault.digest("row", b"Ada")
    assert len(digest) == 32
    assert vault.digest("row", b"Ada") == digest
    others = {vault.digest("row", b"Bo"), vault.digest("name", b"Ada"), other.digest("row", b"Ada")}
    assert len(others | {digest}) == 4

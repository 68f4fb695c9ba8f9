"""Values sealed under a passphrase."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.codec import decode, encode
from evote.errors import DecodeError, StorageError
from evote.secret import Secret
from evote.storage.sealed import MAX_SEALED_BYTES, Cost, SealedBytes, Sealer

CHEAP = Cost(10)


def sealer(passphrase: str = "correct horse") -> Sealer:
    return Sealer(Secret(passphrase), CHEAP)


def parsed(data: bytes) -> SealedBytes:
    return decode(SealedBytes, data, element_bytes=0)


@settings(max_examples=20)
@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_opens_with_the_same_passphrase_and_kind(value: bytes, kind: str) -> None:
    assert sealer().open(kind, sealer().seal(kind, Secret(value))).reveal() == value


def test_the_default_cost_is_a_strong_one() -> None:
    data = Sealer(Secret("p")).seal("k", Secret(b"value"))
    assert parsed(data).header.cost == Cost() == Cost(17)
    assert Sealer(Secret("p"), CHEAP).open("k", data).reveal() == b"value"


def test_a_wrong_passphrase_is_one_sentence() -> None:
    data = sealer().seal("key", Secret(b"value"))
    with pytest.raises(StorageError, match="passphrase is wrong") as caught:
        sealer("correct house").open("key", data)
    assert "\n" not in str(caught.value) and "value" not in str(caught.value)


def test_a_passphrase_is_the_same_in_every_unicode_form() -> None:
    data = sealer("caf\u00e9").seal("k", Secret(b"v"))
    assert sealer("cafe\u0301").open("k", data).reveal() == b"v"


def test_every_changed_byte_is_noticed() -> None:
    data = sealer().seal("key", Secret(b"some value"))
    opener = sealer()
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 1
        with pytest.raises((DecodeError, StorageError)):
            opener.open("key", bytes(changed))


def test_the_header_is_authenticated() -> None:
    found = parsed(sealer().seal("key", Secret(b"value")))
    relabelled = replace(found, header=replace(found.header, kind="other"))
    with pytest.raises(StorageError, match="passphrase is wrong, or the sealed bytes were changed"):
        sealer().open("other", encode(relabelled))
    dearer = replace(found, header=replace(found.header, cost=Cost(11)))
    with pytest.raises(StorageError):
        sealer().open("key", encode(dearer))


def test_another_kind_is_refused_by_name() -> None:
    data = sealer().seal("share", Secret(b"v"))
    with pytest.raises(StorageError, match="'share', not 'session'"):
        sealer().open("session", data)


@pytest.mark.parametrize("data", [b"", b"\x80", b"x" * 100, b"\xc1"])
def test_bytes_that_are_no_sealed_value_do_not_decode(data: bytes) -> None:
    with pytest.raises(DecodeError):
        sealer().open("key", data)


def test_limits_are_strict() -> None:
    found = parsed(sealer().seal("key", Secret(b"value")))
    with pytest.raises(DecodeError, match="more than the limit"):
        sealer().open("key", bytes(MAX_SEALED_BYTES + 1))
    with pytest.raises(DecodeError, match="tag"):
        sealer().open("key", encode(replace(found, body=b"short")))
    for log_n in (9, 19, 60):
        with pytest.raises(ValueError, match="cost"):
            Cost(log_n)
    good = encode(found)
    assert b"log_n\x0a" in good
    with pytest.raises(DecodeError):
        sealer().open("key", good.replace(b"log_n\x0a", b"log_n\x1f"))


@pytest.mark.parametrize("passphrase", ["", "x" * 4097, "\u00e9" * 2049])
def test_passphrases_have_a_length(passphrase: str) -> None:
    with pytest.raises(ValueError, match="passphrase"):
        sealer(passphrase)


def test_two_sealings_share_no_nonce_and_no_bytes() -> None:
    one = sealer()
    first, second = one.seal("k", Secret(b"v" * 40)), one.seal("k", Secret(b"v" * 40))
    assert parsed(first).header.nonce != parsed(second).header.nonce
    assert parsed(first).body != parsed(second).body
    assert parsed(first).header.salt == parsed(second).header.salt
    assert parsed(sealer().seal("k", Secret(b"v"))).header.salt != parsed(first).header.salt


def test_a_salt_from_bytes_that_did_not_open_is_not_used() -> None:
    foreign = sealer("another").seal("k", Secret(b"v"))
    one = sealer()
    with pytest.raises(StorageError):
        one.open("k", foreign)
    assert parsed(one.seal("k", Secret(b"v"))).header.salt != parsed(foreign).header.salt


def test_nothing_secret_is_printed_or_written() -> None:
    assert "horse" not in repr(sealer())
    data = sealer().seal("k", Secret(b"planted-secret-value"))
    assert b"planted" not in data and b"horse" not in data

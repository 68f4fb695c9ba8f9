"""H, its field encodings, the key stream and evote's own tagged hash."""

from __future__ import annotations

import hashlib
import hmac as reference_hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.groups import reduced_group, standard_group
from evote.hashing import hmac, key_block, prefixed, sha256, sha256_stream, tagged, text, u32, xor

KEY = bytes(range(32))


def hmac_by_hand(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 as FIPS 198-1 writes it, for keys of at most 64 bytes."""
    block = key.ljust(64, b"\x00")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).digest()


# --- H -------------------------------------------------------------------------------------------


keys = st.binary(min_size=32, max_size=32)


@given(keys, st.integers(0, 255), st.lists(st.binary(max_size=600), max_size=5))
def test_h_is_hmac_sha256_over_the_domain_byte_and_the_joined_fields(
    key: bytes, domain: int, fields: list[bytes]
) -> None:
    message = bytes([domain]) + b"".join(fields)
    assert hmac(key, domain, *fields) == hmac_by_hand(key, message)
    assert hmac(key, domain, *fields) == reference_hmac.new(key, message, hashlib.sha256).digest()


def test_h_without_fields_hashes_the_domain_byte_alone() -> None:
    assert hmac(KEY, 0x14) == hmac_by_hand(KEY, b"\x14")


@pytest.mark.parametrize("size", [0, 1, 31, 33, 64])
def test_a_key_that_is_not_32_bytes_wide_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        hmac(bytes(size), 0x00)


@pytest.mark.parametrize("domain", [-1, 256, 0x1234])
def test_a_domain_is_one_byte(domain: int) -> None:
    with pytest.raises(ValueError):
        hmac(KEY, domain)


PARAMETER_BASE_HASHES = {
    (1, 1): "742FDEE2753D416B072D4735E7030721CEFC4F7D34BAC49A0D592AEE3BC52D44",
    (3, 2): "51BCA66C1792739F07526B7422771FC4AEC7AD9A40E92C1BB03BFDE12AE8B661",
    (3, 3): "DA7A87E10AA123565FE41EE06C5D26FD7AA612E0A126CAC69BBDC96E3416B8A8",
    (5, 3): "944286970EAFDB6F347F4EB93B30D48FA3EDCC89BFBAEA6F5AE8F29AFB05DDCE",
}


@pytest.mark.parametrize(("guardians", "quorum"), PARAMETER_BASE_HASHES)
def test_the_parameter_base_hash_of_the_standard_set_is_the_known_one(guardians: int, quorum: int) -> None:
    version = b"v2.1.0".ljust(32, b"\x00")
    digest = hmac(version, 0x00, standard_group().parameter_bytes(), u32(guardians), u32(quorum))
    assert digest.hex().upper() == PARAMETER_BASE_HASHES[guardians, quorum]


def test_parameters_enter_the_hash_at_their_fixed_widths() -> None:
    assert 1 + len(standard_group().parameter_bytes()) + 4 + 4 == 1065
    assert len(reduced_group().parameter_bytes()) == 384 + 32 + 384


def test_the_2_0_parameter_base_hash_is_the_one_in_the_records() -> None:
    version = b"v2.0.0".ljust(32, b"\x00")
    digest = hmac(version, 0x00, standard_group().parameter_bytes())
    assert digest.hex().upper() == "2B3B025E50E09C119CBA7E9448ACD1CABC9447EF39BF06327D81C665CDD86296"


# --- fields --------------------------------------------------------------------------------------


def test_small_integers_take_four_bytes() -> None:
    assert u32(0) == bytes(4)
    assert u32(5) == bytes.fromhex("00000005")
    assert u32(2**31 - 1) == bytes.fromhex("7FFFFFFF")


@pytest.mark.parametrize("number", [-1, 2**31, 2**32, 2**64])
def test_an_integer_that_is_not_small_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="small integer"):
        u32(number)


def test_strings_are_utf8_behind_their_length_in_bytes() -> None:
    assert text("ElectionGuard") == bytes.fromhex("0000000D456C656374696F6E4775617264")
    assert text("é") == b"\x00\x00\x00\x02\xc3\xa9"
    assert text("") == bytes(4)
    with pytest.raises(ValueError, match="surrogate"):
        text("\udc80")


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_a_prefixed_field_can_be_told_from_what_follows(first: bytes, rest: bytes) -> None:
    joined = prefixed(first) + rest
    size = int.from_bytes(joined[:4], "big")
    assert (joined[4 : 4 + size], joined[4 + size :]) == (first, rest)


# --- SHA-256 -------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=200), max_size=6))
def test_a_digest_is_of_the_joined_parts_at_once_or_in_a_stream(parts: list[bytes]) -> None:
    whole = hashlib.sha256(b"".join(parts)).digest()
    assert sha256(*parts) == whole
    stream = sha256_stream()
    for part in parts:
        stream.update(part)
    assert stream.digest() == whole


def test_the_digest_of_nothing_is_the_published_one() -> None:
    assert sha256().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


# --- tagged hash (A25) ---------------------------------------------------------------------------


def test_a_tagged_hash_is_sha256_of_prefixed_tag_count_and_prefixed_fields() -> None:
    message = b"\x00\x00\x00\x03tag" + b"\x00\x00\x00\x02" + b"\x00\x00\x00\x01a" + b"\x00\x00\x00\x02bc"
    assert tagged("tag", b"a", b"bc") == hashlib.sha256(message).digest()


inputs = st.tuples(st.text("ab", max_size=3), st.lists(st.binary(max_size=3), max_size=4).map(tuple))


@given(inputs, inputs)
def test_different_inputs_have_different_tagged_hashes(
    first: tuple[str, tuple[bytes, ...]], second: tuple[str, tuple[bytes, ...]]
) -> None:
    equal = tagged(first[0], *first[1]) == tagged(second[0], *second[1])
    assert equal == (first == second)


def test_moving_a_border_between_fields_changes_the_tagged_hash() -> None:
    splits = [
        ("t", (b"a", b"bc")), ("t", (b"ab", b"c")), ("t", (b"abc",)), ("t", (b"abc", b"")),
        ("t", (b"", b"abc")), ("t", (b"a", b"b", b"c")), ("ta", (b"bc",)), ("tabc", ()), ("", (b"tabc",)),
        ("t", (b"\x00\x00\x00\x01abc",)), ("t", ()), ("t", (b"",)), ("t", (b"", b"")),
    ]  # fmt: skip
    assert len({tagged(tag, *fields) for tag, fields in splits}) == len(splits)


def test_moving_a_digit_between_neighbouring_numbers_changes_the_tagged_hash() -> None:
    joined = "1234567"
    cuts = {tagged("numbers", joined[:cut].encode(), joined[cut:].encode()) for cut in range(len(joined) + 1)}
    assert len(cuts) == len(joined) + 1


# --- key stream ----------------------------------------------------------------------------------


def sp800_108(
    key: bytes, label: bytes, context: bytes, bits: int, counter_width: int, length_width: int
) -> bytes:
    """The counter-mode key derivation of SP 800-108 with HMAC-SHA-256: ``bits`` bits of key stream."""
    stream = b""
    counter = 1
    while 8 * len(stream) < bits:
        message = counter.to_bytes(counter_width, "big") + label + b"\x00" + context
        stream += hmac_by_hand(key, message + bits.to_bytes(length_width, "big"))
        counter += 1
    return stream[: bits // 8]


@pytest.mark.parametrize(
    ("label", "context", "blocks", "counter_width", "length_width"),
    [
        (b"share_enc_keys", b"share_encrypt" + u32(2) + u32(3), 2, 1, 2),
        (b"ballot_nonce", b"ballot_nonce_encrypt", 1, 1, 2),
        (b"data_enc_keys", b"contest_data" + u32(4), 5, 4, 4),
    ],
    ids=["shares (17, 18)", "ballot nonce (36)", "contest data (66)"],
)
def test_the_key_stream_is_that_of_sp_800_108(
    label: bytes, context: bytes, blocks: int, counter_width: int, length_width: int
) -> None:
    bits = 256 * blocks
    stream = b"".join(
        key_block(KEY, counter, label, context, bits, counter_bytes=counter_width, bits_bytes=length_width)
        for counter in range(1, blocks + 1)
    )
    assert stream == sp800_108(KEY, label, context, bits, counter_width, length_width)


def test_the_bit_lengths_are_encoded_as_the_specification_prints_them() -> None:
    label, context = b"ballot_nonce", b"ballot_nonce_encrypt"
    block = key_block(KEY, 1, label, context, 256, counter_bytes=1, bits_bytes=2)
    assert block == hmac_by_hand(KEY, b"\x01ballot_nonce\x00ballot_nonce_encrypt\x01\x00")


def test_every_input_of_a_key_block_changes_it() -> None:
    changes: list[tuple[bytes, int, bytes, bytes, int]] = [
        (KEY, 1, b"label", b"context", 512),
        (KEY[::-1], 1, b"label", b"context", 512),
        (KEY, 2, b"label", b"context", 512),
        (KEY, 1, b"lab", b"context", 512),
        (KEY, 1, b"label", b"contex", 512),
        (KEY, 1, b"label", b"context", 256),
    ]
    blocks = {key_block(*change, counter_bytes=1, bits_bytes=2) for change in changes}
    assert len(blocks) == len(changes)


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), max_size=100))
def test_exclusive_or_undoes_itself(pairs: list[tuple[int, int]]) -> None:
    left, right = bytes(pair[0] for pair in pairs), bytes(pair[1] for pair in pairs)
    assert xor(xor(left, right), right) == left
    assert xor(left, right) == bytes(one ^ other for one, other in zip(left, right, strict=True))


def test_exclusive_or_of_unequal_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        xor(b"ab", b"a")

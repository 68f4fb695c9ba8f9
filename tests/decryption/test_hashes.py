"""Hash inputs byte by byte, as section 5.5.4 lays them out for elements of 512 bytes."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from evote.decryption import hashes
from evote.groups import standard_group
from evote.testing.groups import toy

KEY = bytes(range(32))


def element(fill: int) -> bytes:
    return bytes([fill]) * 512


def word(number: int) -> bytes:
    return number.to_bytes(4, "big")


def h(message: bytes) -> bytes:
    return hmac.new(KEY, message, hashlib.sha256).digest()


@pytest.mark.parametrize("guardians", [(1,), (2, 3, 5), tuple(range(1, 8))])
def test_the_commitment_of_a_field_is_hash_30_of_2577_bytes_and_the_guardians(
    guardians: tuple[int, ...],
) -> None:
    message = (
        b"\x30" + word(3) + word(4) + word(5) + element(1) + element(2) + element(3) + element(4) + element(5)
    )
    message += word(len(guardians)) + b"".join(map(word, guardians))
    assert len(message) == 2577 + 4 * len(guardians)
    computed = hashes.tally_commitment(
        KEY, 3, 4, 5, element(1), element(2), element(3), element(4), element(5), guardians
    )
    assert computed == h(message)


def test_the_challenge_of_a_field_is_hash_31_of_2569_bytes() -> None:
    group = standard_group()
    message = b"\x31" + word(3) + word(4) + b"".join(element(fill) for fill in range(1, 6))
    assert len(message) == 2569
    computed = hashes.tally_challenge(group, KEY, 3, 4, *(element(fill) for fill in range(1, 6)))
    assert computed.value == int.from_bytes(h(message), "big") % group.order


@pytest.mark.parametrize("blocks", [1, 4])
def test_the_commitment_of_contest_data_is_hash_32(blocks: int) -> None:
    data = (element(1), b"\x02" * 32 * blocks, b"\x03" * 32, b"\x04" * 32)
    message = b"\x32" + word(6) + word(2) + b"".join(data) + element(5) + element(6) + element(7)
    message += word(2) + word(1) + word(2)
    assert len(message) == 2125 + 32 * blocks + 4 * 2
    computed = hashes.data_commitment(KEY, 6, 2, data, element(5), element(6), element(7), (1, 2))
    assert computed == h(message)


@pytest.mark.parametrize("blocks", [1, 4])
def test_the_challenge_of_contest_data_is_hash_33(blocks: int) -> None:
    group = standard_group()
    data = (element(1), b"\x02" * 32 * blocks, b"\x03" * 32, b"\x04" * 32)
    message = b"\x33" + word(6) + b"".join(data) + element(5) + element(6) + element(7)
    assert len(message) == 2117 + 32 * blocks
    computed = hashes.data_challenge(group, KEY, 6, data, element(5), element(6), element(7))
    assert computed.value == int.from_bytes(h(message), "big") % group.order


def test_the_guardians_enter_in_increasing_order_behind_their_number() -> None:
    assert hashes.guardian_set((2, 7)) == bytes.fromhex("000000020000000200000007")


def test_nonces_have_hashes_of_their_own_that_depend_on_every_field() -> None:
    group = toy()
    base: dict[str, object] = {
        "identifier_hash": KEY,
        "guardian": 1,
        "sealed": (b"c0", b"c1", b"c", b"v"),
        "a": b"a",
        "b": b"b",
        "partial": b"m",
        "guardians": (1, 2),
    }
    changed: list[dict[str, object]] = [
        {"identifier_hash": bytes(32)},
        {"guardian": 2},
        {"sealed": (b"c0", b"c1", b"c", b"w")},
        {"a": b"x"},
        {"b": b"x"},
        {"partial": b"x"},
        {"guardians": (1, 3)},
    ]
    made = {hashes.nonce_commitment(**{**base, **change}) for change in ({}, *changed)}  # type: ignore[arg-type]
    assert len(made) == 1 + len(changed)
    challenge = {
        hashes.nonce_challenge(group, *parts).value
        for parts in (
            (KEY, (b"c0", b"c1"), b"a", b"b", b"m"),
            (bytes(32), (b"c0", b"c1"), b"a", b"b", b"m"),
            (KEY, (b"c0", b"cx"), b"a", b"b", b"m"),
            (KEY, (b"c0", b"c1"), b"x", b"b", b"m"),
            (KEY, (b"c0", b"c1"), b"a", b"x", b"m"),
            (KEY, (b"c0", b"c1"), b"a", b"b", b"x"),
        )
    }
    assert len(challenge) == 6


def test_a_request_digest_depends_on_every_part() -> None:
    base = (KEY, 7, bytes(32), 1, (1, 2), [b"s" * 32, b"t" * 32])
    changed = [
        (bytes(32), 7, bytes(32), 1, (1, 2), base[5]),
        (KEY, 8, bytes(32), 1, (1, 2), base[5]),
        (KEY, 7, KEY, 1, (1, 2), base[5]),
        (KEY, 7, bytes(32), 2, (1, 2), base[5]),
        (KEY, 7, bytes(32), 1, (1, 3), base[5]),
        (KEY, 7, bytes(32), 1, (1, 2), [b"t" * 32, b"s" * 32]),
        (KEY, 7, bytes(32), 1, (1, 2), [b"s" * 32]),
    ]
    assert len({hashes.request_digest(*parts) for parts in (base, *changed)}) == 8

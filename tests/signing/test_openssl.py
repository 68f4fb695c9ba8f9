"""OpenSSL behind the strict rule accepts exactly what the rule accepts, and signs the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from Crypto.Signature import eddsa
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.errors import DecodeError, VerificationError
from evote.secret import Secret
from evote.signing import SigningKey, VerifyKey, openssl
from evote.signing import verify as module
from evote.signing.ed25519 import L, compress, decompress
from evote.signing.sign import _sign_raw
from evote.signing.verify import _form, _verify_raw
from tests.shared import shared_data
from tests.signing.points import NON_CANONICAL, SMALL_ORDER, add, multiple, secret_scalar, signature_with

pytestmark = pytest.mark.skipif(openssl.NAME is None, reason="needs the extra 'openssl' (cryptography)")

SEED = bytes(range(32))
KEY = SigningKey.from_seed(Secret(SEED))
PUBLIC = KEY.verify_key.encoded
MESSAGE = b"one of many"
SIGNATURE = _sign_raw(KEY._signs, MESSAGE)


def by_the_rule(public: bytes, message: bytes, signature: bytes) -> bool:
    """Rules 1 to 7 as evote computes them itself."""
    try:
        key = VerifyKey(public)
        key._equation(message, *_form(signature))
    except (DecodeError, VerificationError):
        return False
    return True


def by_openssl(public: bytes, message: bytes, signature: bytes) -> bool:
    """Rules 1 to 6, and OpenSSL for rule 7."""
    try:
        key = VerifyKey(public)
        _form(signature)
    except (DecodeError, VerificationError):
        return False
    assert key._fast is not None
    return key._fast(signature, message)


def published() -> Iterator[tuple[bytes, bytes, bytes]]:
    for group in json.loads(shared_data("wycheproof/ed25519_test.json").read_text("utf-8"))["testGroups"]:
        for case in group["tests"]:
            yield bytes.fromhex(group["publicKey"]["pk"]), *map(bytes.fromhex, (case["msg"], case["sig"]))
    for case in json.loads(shared_data("cctv-ed25519/ed25519vectors.json").read_text("utf-8")):
        yield bytes.fromhex(case["key"]), case["msg"].encode(), bytes.fromhex(case["sig"])


def test_openssl_behind_the_strict_rule_decides_every_published_vector_as_the_rule_does() -> None:
    cases = list(published())
    assert len(cases) == 151 + 914
    ours, theirs = ([way(*case) for case in cases] for way in (by_the_rule, by_openssl))
    assert ours == theirs
    assert sum(ours) == 88 + 1


def test_openssl_alone_accepts_more_so_the_strict_rule_is_needed() -> None:
    loose = 0
    for public, message, signature in published():
        accepts = openssl.verifier(public)(signature, message)
        assert accepts or not by_the_rule(public, message, signature)
        loose += accepts and not by_the_rule(public, message, signature)
    assert loose > 0


@settings(max_examples=150, deadline=None)
@given(
    st.binary(min_size=32, max_size=32),
    st.binary(max_size=80),
    st.lists(st.tuples(st.integers(0, 127), st.integers(1, 255)), max_size=2),
    st.integers(-1, 2),
)
def test_changed_keys_signatures_and_messages_are_decided_alike(
    seed: bytes, message: bytes, changes: list[tuple[int, int]], orders: int
) -> None:
    key = SigningKey.from_seed(Secret(seed))
    whole = bytearray(key.verify_key.encoded + _sign_raw(key._signs, message) + bytes(32))
    for place, mask in changes:
        whole[place] ^= mask
    public, r = bytes(whole[:32]), bytes(whole[32:64])
    s = (int.from_bytes(whole[64:96], "little") + orders * L) % 2**256
    signature = r + s.to_bytes(32, "little")
    for said in (message, message + bytes(whole[96:])):
        assert by_openssl(public, said, signature) == by_the_rule(public, said, signature)
    if not changes and orders == 0:
        assert by_openssl(public, message, signature)


@pytest.mark.parametrize("r", [*SMALL_ORDER.values(), *NON_CANONICAL.values()])
def test_an_r_of_small_order_or_another_encoding_is_decided_alike(r: bytes) -> None:
    for nonce in (0, 987654321):
        signature = signature_with(secret_scalar(SEED), PUBLIC, nonce, r, MESSAGE)
        assert by_openssl(PUBLIC, MESSAGE, signature) == by_the_rule(PUBLIC, MESSAGE, signature) is False
    try:
        mixed = compress(*add(multiple(987654321), decompress(r)))
    except DecodeError:
        return
    signature = signature_with(secret_scalar(SEED), PUBLIC, 987654321, mixed, MESSAGE)
    assert by_openssl(PUBLIC, MESSAGE, signature) == by_the_rule(PUBLIC, MESSAGE, signature)


@settings(max_examples=80, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300))
def test_both_libraries_make_the_same_keys_and_signatures(seed: bytes, message: bytes) -> None:
    slow = eddsa.import_private_key(seed)
    key = SigningKey.from_seed(Secret(seed))
    assert key.verify_key.encoded == slow.public_key().export_key(format="raw")
    assert _sign_raw(key._signs, message) == eddsa.new(slow, "rfc8032").sign(message)


def test_a_no_of_openssl_is_computed_again_and_the_rule_stands() -> None:
    key = VerifyKey(PUBLIC)
    asked: list[bytes] = []

    def denies(signature: bytes, message: bytes) -> bool:
        asked.append(signature)
        return False

    object.__setattr__(key, "_fast", denies)
    key._verify(MESSAGE, SIGNATURE)
    assert asked == [SIGNATURE]
    with pytest.raises(VerificationError, match="not authentic"):
        key._verify(MESSAGE + b"!", SIGNATURE)


def test_a_yes_of_openssl_does_not_help_against_the_rules_before() -> None:
    key = VerifyKey(PUBLIC)
    object.__setattr__(key, "_fast", lambda signature, message: True)
    s = int.from_bytes(SIGNATURE[32:], "little")
    for wrong in (
        SIGNATURE[:63],
        SIGNATURE[:32] + (s + L).to_bytes(32, "little"),
        SMALL_ORDER["order 1"] + SIGNATURE[32:],
        (2**255 - 19).to_bytes(32, "little") + SIGNATURE[32:],
    ):
        with pytest.raises(VerificationError):
            key._verify(MESSAGE, wrong)


def test_without_the_package_keys_sign_and_verify_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.openssl, "NAME", None)
    key = SigningKey.from_seed(Secret(SEED))
    assert key.verify_key._fast is None
    assert _sign_raw(key._signs, MESSAGE) == SIGNATURE
    _verify_raw(PUBLIC, MESSAGE, SIGNATURE)
    with pytest.raises(VerificationError, match="not authentic"):
        _verify_raw(PUBLIC, MESSAGE + b"!", SIGNATURE)
    assert openssl.used().startswith("pycryptodome ")


def test_what_is_used_is_named_with_its_version() -> None:
    assert "OpenSSL" in openssl.used() and "cryptography" in openssl.used()


def test_a_key_that_openssl_signs_with_shows_no_secret_either() -> None:
    for text in (repr(KEY), repr(KEY._signs), str(KEY._signs)):
        assert SEED.hex() not in text and "Ed25519" not in text

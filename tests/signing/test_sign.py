"""Signing keys: known answers, and that the seed stays inside."""

from __future__ import annotations

import copy
import pickle

import pytest
from Crypto.Signature import eddsa

import evote.signing
from evote.errors import VerificationError
from evote.secret import Secret
from evote.signing import SigningKey
from evote.signing.sign import _sign_raw
from evote.signing.statement import signed_bytes

SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
H_E = b"\x11" * 32

RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_the_examples_of_rfc_8032_come_out(seed: str, public: str, message: str, signature: str) -> None:
    secret = Secret(bytes.fromhex(seed))
    assert SigningKey.from_seed(secret).verify_key.encoded.hex() == public
    assert _sign_raw(SigningKey.from_seed(secret)._signs, bytes.fromhex(message)).hex() == signature


def test_a_key_restored_from_its_seed_signs_the_same() -> None:
    key = SigningKey.generate()
    again = SigningKey.from_seed(Secret(key.seed().reveal()))
    assert again.verify_key == key.verify_key
    statement = ("receipt", H_E, "abroad", b"ballot 7")
    assert again.sign(*statement) == key.sign(*statement)
    key.verify_key.verify(
        key.sign(*statement), tag="receipt", election=H_E, origin="abroad", message=b"ballot 7"
    )


def test_generated_keys_differ() -> None:
    assert len({SigningKey.generate().verify_key for _ in range(4)}) == 4


def test_a_key_is_generated_from_32_bytes_of_the_source_it_is_given() -> None:
    asked = []

    class Counting:
        def token(self, size: int) -> bytes:
            asked.append(size)
            return SEED[:size]

        def below(self, bound: int) -> int:
            raise AssertionError("a seed is bytes, not a number")

    key = SigningKey.generate(Counting())
    assert asked == [32]
    assert key.verify_key.encoded.hex() == RFC_8032[0][1]


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_has_32_bytes_and_a_wrong_one_is_not_shown(length: int) -> None:
    seed = (SEED * 2)[:length]
    with pytest.raises(ValueError, match="32 bytes") as caught:
        SigningKey.from_seed(Secret(seed))
    assert length == 0 or seed.hex() not in str(caught.value)


def test_no_printed_form_of_a_key_shows_the_seed() -> None:
    key = SigningKey.from_seed(Secret(SEED))
    number = int.from_bytes(SEED, "little")
    for text in (repr(key), str(key), f"{key}", f"{key!r}", repr([key]), repr(key.seed())):
        for shown in (SEED.hex(), repr(SEED)[2:-1], str(number)):
            assert shown not in text
    assert key.verify_key.key_id() in repr(key)


def test_a_key_is_not_pickled() -> None:
    key = SigningKey.from_seed(Secret(SEED))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(key, protocol)
        with pytest.raises(TypeError, match="pickl"):
            pickle.dumps(key.seed(), protocol)


def test_a_key_is_not_copied() -> None:
    key = SigningKey.from_seed(Secret(SEED))
    with pytest.raises(TypeError, match="copied"):
        copy.copy(key)
    with pytest.raises(TypeError, match="copied"):
        copy.deepcopy(key)


def test_keys_are_compared_by_identity_only() -> None:
    key = SigningKey.from_seed(Secret(SEED))
    assert key == key
    assert key != SigningKey.from_seed(Secret(SEED))


def test_a_statement_of_the_wrong_form_is_not_signed() -> None:
    key = SigningKey.from_seed(Secret(SEED))
    for tag, election, origin in (("", H_E, "abroad"), ("index", b"", "abroad"), ("index", H_E, "")):
        with pytest.raises(ValueError, match=r"tag|32 bytes|origin"):
            key.sign(tag, election, origin, b"")


def test_the_package_offers_what_it_lists_and_nothing_else() -> None:
    assert all(getattr(evote.signing, name) is not None for name in evote.signing.__all__)
    with pytest.raises(AttributeError, match="unsigned"):
        evote.signing.unsigned  # noqa: B018


def test_a_note_is_signed_as_it_is_and_a_statement_in_a_role_never_is() -> None:
    key = SigningKey.from_seed(Secret(SEED))
    signature = key.sign_note(b"text\n")
    assert signature == eddsa.new(eddsa.import_private_key(SEED), "rfc8032").sign(b"text\n")
    key.verify_key.verify_note(b"text\n", signature)
    with pytest.raises(VerificationError):
        key.verify_key.verify_note(b"text", signature)
    with pytest.raises(VerificationError):
        key.verify_key.verify(signature, tag="index", election=H_E, origin="o", message=b"text\n")
    for message in (b"", b"\x00", signed_bytes("index", H_E, "o", b"text\n")):
        with pytest.raises(ValueError, match="zero byte"):
            key.sign_note(message)
        with pytest.raises(ValueError, match="zero byte"):
            key.verify_key.verify_note(message, signature)

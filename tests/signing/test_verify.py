"""The strict rule for keys and signatures, and what a signature is bound to."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest
from Crypto.Signature import eddsa
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.errors import DecodeError, VerificationError
from evote.secret import Secret
from evote.signing import SigningKey, VerifyKey, prove_possession, signed_bytes, verify_possession
from evote.signing.ed25519 import L, compress, decompress
from evote.signing.verify import _verify_raw
from tests.signing.points import (
    NON_CANONICAL,
    SMALL_ORDER,
    add,
    multiple,
    secret_scalar,
    signature_with,
)

ROLES = (
    "ballot",
    "challenge",
    "checkpoint",
    "cosignature",
    "index",
    "possession",
    "receipt",
    "reissue",
    "request",
    "return",
)
SEED = bytes(range(32))
KEY = SigningKey.from_seed(Secret(SEED))
PUBLIC = KEY.verify_key.encoded
SCALAR = secret_scalar(SEED)
H_E = b"\x11" * 32
MESSAGE = b"0 ballots, root e3b0c442"
SIGNATURE = KEY.sign("index", H_E, "abroad", MESSAGE)
TORSION = [name for name in SMALL_ORDER if name != "order 1"]


def verify(
    signature: bytes = SIGNATURE,
    *,
    key: VerifyKey = KEY.verify_key,
    tag: str = "index",
    election: bytes = H_E,
    origin: str = "abroad",
    message: bytes = MESSAGE,
) -> None:
    key.verify(signature, tag=tag, election=election, origin=origin, message=message)


def test_a_signature_verifies_for_its_statement() -> None:
    verify()


@pytest.mark.parametrize(("signed", "claimed"), list(permutations(ROLES, 2)))
def test_a_signature_in_one_role_is_refused_in_every_other(signed: str, claimed: str) -> None:
    signature = KEY.sign(signed, H_E, "abroad", MESSAGE)
    verify(signature, tag=signed)
    with pytest.raises(VerificationError, match="not authentic"):
        verify(signature, tag=claimed)


def test_a_signature_is_refused_for_another_election_origin_message_or_key() -> None:
    with pytest.raises(VerificationError, match="not authentic"):
        verify(election=b"\x12" + H_E[1:])
    with pytest.raises(VerificationError, match="not authentic"):
        verify(origin="abroad/ZZ01")
    with pytest.raises(VerificationError, match="not authentic"):
        verify(message=MESSAGE + b"\x00")
    with pytest.raises(VerificationError, match="not authentic"):
        verify(key=SigningKey.generate().verify_key)


@settings(max_examples=60)
@given(st.integers(0, 511))
def test_one_changed_bit_anywhere_breaks_a_signature(bit: int) -> None:
    changed = bytearray(SIGNATURE)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(VerificationError):
        verify(bytes(changed))


def test_a_false_signature_carries_both_points() -> None:
    with pytest.raises(VerificationError) as caught:
        verify(message=b"")
    assert caught.value.where == "R"
    assert caught.value.expected == SIGNATURE[:32].hex()
    assert len(caught.value.computed) == 64
    assert caught.value.computed != caught.value.expected


@pytest.mark.parametrize("length", [0, 32, 63, 65, 128])
def test_a_signature_has_64_bytes(length: int) -> None:
    with pytest.raises(VerificationError, match="wrong length") as caught:
        verify((SIGNATURE * 2)[:length])
    assert caught.value.computed == f"{length} bytes"


def test_s_plus_the_order_is_refused_although_the_equation_holds() -> None:
    s = int.from_bytes(SIGNATURE[32:], "little")
    for multiple_of_order in range(1, 9):
        raised = SIGNATURE[:32] + (s + multiple_of_order * L).to_bytes(32, "little")
        with pytest.raises(VerificationError, match="S is not below L"):
            verify(raised)


@pytest.mark.parametrize("name", NON_CANONICAL)
def test_an_r_that_is_not_canonical_is_refused(name: str) -> None:
    message = signed_bytes("index", H_E, "abroad", MESSAGE)
    with pytest.raises(VerificationError, match=r"not canonical|not authentic"):
        verify(signature_with(SCALAR, PUBLIC, 0, NON_CANONICAL[name], message))


def test_an_r_that_is_the_identity_is_refused_although_the_equation_holds() -> None:
    message = signed_bytes("index", H_E, "abroad", MESSAGE)
    forged = signature_with(SCALAR, PUBLIC, 0, SMALL_ORDER["order 1"], message)
    eddsa.new(eddsa.import_public_key(PUBLIC), "rfc8032").verify(message, forged)
    with pytest.raises(VerificationError, match="R is the identity"):
        verify(forged)


@pytest.mark.parametrize("name", TORSION)
def test_an_r_of_small_order_is_refused_although_the_equation_with_cofactor_holds(name: str) -> None:
    message = signed_bytes("index", H_E, "abroad", MESSAGE)
    forged = signature_with(SCALAR, PUBLIC, 0, SMALL_ORDER[name], message)
    eddsa.new(eddsa.import_public_key(PUBLIC), "rfc8032").verify(message, forged)
    with pytest.raises(VerificationError, match="not authentic"):
        verify(forged)


@pytest.mark.parametrize("name", TORSION)
def test_an_r_with_a_component_of_small_order_is_refused_although_the_cofactor_hides_it(name: str) -> None:
    message = signed_bytes("index", H_E, "abroad", MESSAGE)
    nonce = 987654321
    r = compress(*add(multiple(nonce), decompress(SMALL_ORDER[name])))
    forged = signature_with(SCALAR, PUBLIC, nonce, r, message)
    eddsa.new(eddsa.import_public_key(PUBLIC), "rfc8032").verify(message, forged)
    with pytest.raises(VerificationError, match="not authentic"):
        verify(forged)


def test_the_same_nonce_without_a_small_component_is_accepted() -> None:
    message = signed_bytes("index", H_E, "abroad", MESSAGE)
    nonce = 987654321
    verify(signature_with(SCALAR, PUBLIC, nonce, compress(*multiple(nonce)), message))


@pytest.mark.parametrize("name", NON_CANONICAL)
def test_a_key_that_is_not_canonical_does_not_load(name: str) -> None:
    with pytest.raises(DecodeError, match=r"not below 2\^255 - 19|x = 0"):
        VerifyKey(NON_CANONICAL[name])


@pytest.mark.parametrize("name", SMALL_ORDER)
def test_a_key_of_small_order_does_not_load(name: str) -> None:
    with pytest.raises(DecodeError, match="identity" if name == "order 1" else "prime order"):
        VerifyKey(SMALL_ORDER[name])


@pytest.mark.parametrize("name", TORSION)
def test_a_key_with_a_component_of_small_order_does_not_load(name: str) -> None:
    mixed = compress(*add(decompress(PUBLIC), decompress(SMALL_ORDER[name])))
    with pytest.raises(DecodeError, match="prime order"):
        VerifyKey(mixed)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_has_32_bytes(length: int) -> None:
    with pytest.raises(DecodeError, match="32 bytes"):
        VerifyKey((PUBLIC * 2)[:length])


@pytest.mark.parametrize("value", [bytearray(PUBLIC), PUBLIC.hex(), None])
def test_a_key_is_made_of_bytes_that_nobody_can_change(value: object) -> None:
    with pytest.raises(TypeError, match="bytes"):
        VerifyKey(value)  # type: ignore[arg-type]


def test_keys_are_equal_when_their_bytes_are() -> None:
    again, other = VerifyKey(bytes(PUBLIC)), SigningKey.generate().verify_key
    assert again == KEY.verify_key
    assert hash(again) == hash(KEY.verify_key)
    assert other != again
    assert other.key_id() != again.key_id()


def test_a_key_id_is_64_hexadecimal_digits_and_not_the_key() -> None:
    assert len(bytes.fromhex(KEY.verify_key.key_id())) == 32
    assert KEY.verify_key.key_id() == VerifyKey(PUBLIC).key_id() != PUBLIC.hex()


def test_a_key_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        KEY.verify_key.encoded = bytes(32)  # type: ignore[misc]


def test_a_pickled_key_is_checked_again_where_it_is_loaded() -> None:
    pickled = pickle.dumps(KEY.verify_key)
    loaded = pickle.loads(pickled)
    assert loaded == KEY.verify_key
    verify(key=loaded)
    assert PUBLIC in pickled
    with pytest.raises(DecodeError, match="prime order"):
        pickle.loads(pickled.replace(PUBLIC, SMALL_ORDER["order 2"]))


def test_one_key_verifies_in_several_threads_at_once() -> None:
    def attempt(number: int) -> bool:
        try:
            verify(message=MESSAGE if number % 2 else b"another")
        except VerificationError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(attempt, range(40))) == [bool(number % 2) for number in range(40)]


def test_a_statement_of_the_wrong_form_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="tag"):
        verify(tag="Index")
    with pytest.raises(ValueError, match="32 bytes"):
        verify(election=b"")
    with pytest.raises(ValueError, match="origin"):
        verify(origin="")


def test_a_proof_of_possession_holds_for_its_key_salt_and_origin_only() -> None:
    salt, other = b"\x22" * 32, SigningKey.generate()
    proof = prove_possession(KEY, salt=salt, origin="abroad/ZZ01")
    verify_possession(KEY.verify_key, proof, salt=salt, origin="abroad/ZZ01")
    with pytest.raises(VerificationError):
        verify_possession(other.verify_key, proof, salt=salt, origin="abroad/ZZ01")
    with pytest.raises(VerificationError):
        verify_possession(KEY.verify_key, proof, salt=b"\x23" * 32, origin="abroad/ZZ01")
    with pytest.raises(VerificationError):
        verify_possession(KEY.verify_key, proof, salt=salt, origin="abroad/ZZ02")


def test_a_proof_of_possession_of_one_key_is_not_made_by_another() -> None:
    salt = b"\x22" * 32
    thief = SigningKey.generate()
    stolen = thief.sign("possession", salt, "abroad/ZZ01", PUBLIC)
    with pytest.raises(VerificationError, match="not authentic"):
        verify_possession(KEY.verify_key, stolen, salt=salt, origin="abroad/ZZ01")
    with pytest.raises(VerificationError, match="not authentic"):
        verify_possession(thief.verify_key, stolen, salt=salt, origin="abroad/ZZ01")


def test_a_signature_over_plain_bytes_is_not_one_in_a_role() -> None:
    plain = eddsa.new(eddsa.import_private_key(SEED), "rfc8032").sign(MESSAGE)
    _verify_raw(PUBLIC, MESSAGE, plain)
    for role in ROLES:
        with pytest.raises(VerificationError, match="not authentic"):
            verify(plain, tag=role)


def test_verifying_loads_no_module_that_holds_secrets() -> None:
    program = (
        "import sys; from evote.signing import VerifyKey, verify_possession; import evote.merkle;"
        "print(*sorted(name for name in sys.modules if name.startswith(('evote', 'Crypto.Signature'))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "evote.signing.verify" in loaded
    assert not loaded & {"evote.secret", "evote.randomness", "evote.signing.sign", "Crypto.Signature.eddsa"}

"""Credentials: pseudonyms, schemes of others, keys that voters make, and what a holder signs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evote.board.codes import FIRST, WHOLE, Code
from evote.board.credential import (
    BUILT_IN,
    ED25519,
    VOTER_ORIGIN,
    Ed25519Credentials,
    pseudonym,
    schemes,
    verify_voter_key,
)
from evote.board.holder import Holder, signed
from evote.errors import DecodeError, VerificationError
from evote.signing import SigningKey, prove_possession
from evote.testing.elections import Kit
from evote.testing.electorate import Electorate
from evote.testing.randomness import SeededRandomness

SALT = bytes(range(32))
KEYS = [SigningKey.generate(SeededRandomness(f"credential {number}")) for number in range(3)]
PUBLIC = tuple(key.verify_key.encoded for key in KEYS)


def test_a_pseudonym_depends_on_the_election_and_on_every_key_in_its_place() -> None:
    names = [
        pseudonym(SALT, PUBLIC[:1]),
        pseudonym(SALT, PUBLIC[:2]),
        pseudonym(SALT, (PUBLIC[1], PUBLIC[0])),
        pseudonym(bytes(32), PUBLIC[:1]),
        pseudonym(SALT, PUBLIC[1:2]),
    ]
    assert len(set(names)) == 5 and all(len(name) == 32 for name in names)


@pytest.mark.parametrize(
    ("salt", "keys"), [(b"", PUBLIC[:1]), (SALT, ()), (SALT, PUBLIC), (SALT, (b"short",))]
)
def test_a_pseudonym_needs_one_or_two_keys_of_full_length(salt: bytes, keys: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="one or two keys"):
        pseudonym(salt, keys)


def test_every_key_of_a_credential_signs() -> None:
    place = {"tag": "ballot", "election": SALT, "origin": "log.example", "message": b"message"}
    signatures = tuple(key.sign("ballot", SALT, "log.example", b"message") for key in KEYS[:2])
    scheme = BUILT_IN[ED25519]
    scheme.verify(PUBLIC[:2], signatures, **place)
    for wrong in (
        signatures[:1],
        signatures[::-1],
        (signatures[0], signatures[0]),
        (),
        (*signatures, signatures[0]),
    ):
        with pytest.raises(VerificationError):
            scheme.verify(PUBLIC[:2], wrong, **place)
    with pytest.raises(VerificationError):
        scheme.verify((), (), **place)
    with pytest.raises(VerificationError, match="key is not valid"):
        scheme.verify((bytes(32),), signatures[:1], **place)


def test_a_key_of_small_order_is_no_credential() -> None:
    with pytest.raises(DecodeError):
        Ed25519Credentials().check_keys((bytes([1]) + bytes(31),))
    Ed25519Credentials().check_keys(PUBLIC[:2])


def test_a_scheme_has_one_verifier() -> None:
    with pytest.raises(ValueError, match="two verifiers"):
        schemes(Ed25519Credentials())
    assert list(schemes()) == [ED25519]


def test_a_voter_proves_that_a_key_of_their_own_is_theirs() -> None:
    key = KEYS[0]
    proof = prove_possession(key, salt=SALT, origin=VOTER_ORIGIN)
    verify_voter_key(PUBLIC[0], proof, SALT)
    for public, given, salt in (
        (PUBLIC[1], proof, SALT),
        (PUBLIC[0], proof, bytes(32)),
        (PUBLIC[0], prove_possession(key, salt=SALT, origin="credential authority"), SALT),
        (PUBLIC[0], bytes(64), SALT),
    ):
        with pytest.raises(VerificationError):
            verify_voter_key(public, given, salt)
    with pytest.raises(DecodeError):
        verify_voter_key(bytes(32), proof, SALT)


def test_a_holder_of_two_parts_needs_both_codes_in_any_order() -> None:
    electorate = Electorate(parts=2)
    voter = electorate.voters[0]
    backwards = Holder.of_codes(electorate.manifest, voter.codes[::-1])
    assert backwards.public == voter.holder.public
    assert backwards.pseudonym == pseudonym(electorate.manifest.salt, voter.holder.public)
    first, second = voter.codes
    whole = Code(WHOLE, first.bits)
    for codes in ([first], [second], [first, first], [whole], [whole, second], [first, second, second], []):
        with pytest.raises(ValueError, match="two codes per voter"):
            Holder.of_codes(electorate.manifest, codes)
    with pytest.raises(ValueError, match="2 keys"):
        Holder(electorate.manifest, voter.holder.keys[:1])


def test_a_holder_of_one_part_needs_its_whole_code() -> None:
    electorate = Electorate()
    (code,) = electorate.voters[0].codes
    for codes in ([Code(FIRST, code.bits)], [code, code], []):
        with pytest.raises(ValueError, match="one code per voter"):
            Holder.of_codes(electorate.manifest, codes)


def test_without_a_roll_nobody_holds_credentials_and_without_a_board_nothing_is_signed() -> None:
    kit = Kit(seed="no roll")
    with pytest.raises(ValueError, match="no roll"):
        Holder.of_codes(kit.manifest, [])
    with pytest.raises(ValueError, match="no roll"):
        Holder(kit.manifest, ())
    electorate = Electorate()
    submission = electorate.unsigned(electorate.voters[0])
    with pytest.raises(ValueError, match="log of their unit"):
        signed(kit.election, submission, KEYS)


def test_signing_again_over_another_head_changes_nothing_but_previous_and_signatures() -> None:
    electorate = Electorate()
    voter = electorate.voters[0]
    first = electorate.submission(voter)
    again = voter.holder.sign(electorate.election, replace(first, previous=bytes([7]) * 32))
    assert again.signatures != first.signatures
    assert replace(again, previous=first.previous, signatures=first.signatures) == first
    assert "secret" not in repr(again) and "Secret" not in repr(voter.holder.public)

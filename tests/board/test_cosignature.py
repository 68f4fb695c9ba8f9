"""Cosignatures: the published bytes, the published ones verify, and nothing else does."""

from __future__ import annotations

import pytest

from evote.board.checkpoint import Checkpoint
from evote.board.cosignature import (
    COSIGNATURE_BYTES,
    Cosignature,
    cosign,
    cosignatures,
    cosigned_bytes,
    parse_cosignatures,
    verify_cosignature,
)
from evote.board.note import KeyKind, Note, NoteKey, NoteSignature, sign_note
from evote.errors import DecodeError, VerificationError
from tests.board.logs import (
    LOG,
    LOG_SIGNER,
    NOW,
    ORIGIN,
    WITNESS_SIGNERS,
    WITNESSES,
    cosigned,
    flipped,
    head,
    line,
    signed,
    tree,
)
from tests.board.published import (
    ARCHE_KEY,
    ARCHE_NOTE,
    ARCHE_TIME,
    ARCHE_WITNESSES,
    COSIGNED_EXAMPLE,
    COSIGNED_TIME,
)

HEAD = head(tree(7))
A, B, C = WITNESSES


def test_the_signed_message_is_that_of_the_document() -> None:
    checkpoint = Checkpoint.parse(Note.parse(COSIGNED_EXAMPLE).text)
    assert cosigned_bytes(checkpoint, COSIGNED_TIME) == (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )
    stated = Note.parse(COSIGNED_EXAMPLE).signatures[1].signature
    assert len(stated) == COSIGNATURE_BYTES
    assert int.from_bytes(stated[:8], "big") == COSIGNED_TIME


def test_cosignatures_of_public_witnesses_verify() -> None:
    note = Note.parse(ARCHE_NOTE)
    witnesses = tuple(map(NoteKey.parse, ARCHE_WITNESSES))
    assert cosignatures(note, witnesses) == tuple(Cosignature(key, ARCHE_TIME) for key in witnesses)
    assert note.encode() == ARCHE_NOTE
    note.verify(NoteKey.parse(ARCHE_KEY))


@pytest.mark.parametrize("vkey", ARCHE_WITNESSES)
def test_a_published_cosignature_of_another_head_does_not_verify(vkey: str) -> None:
    note, witness = Note.parse(ARCHE_NOTE), NoteKey.parse(vkey)
    other = Note(note.text.replace("1432088532", "1432088533"), note.signatures)
    with pytest.raises(VerificationError, match="not authentic"):
        cosignatures(other, (witness,))


def test_a_cosignature_states_the_time_and_verifies() -> None:
    made = cosign(HEAD, A.name, WITNESS_SIGNERS[A.name], NOW)
    assert made.is_of(A)
    assert made.signature[:8] == NOW.to_bytes(8, "big")
    assert verify_cosignature(HEAD, made, A) == Cosignature(A, NOW)


def test_changing_time_head_or_signature_breaks_it() -> None:
    made = line(HEAD, A)
    later = (NOW + 1).to_bytes(8, "big") + made.signature[8:]
    for checkpoint, signature in (
        (HEAD, later),
        (HEAD, flipped(made.signature)),
        (head(tree(6)), made.signature),
        (Checkpoint("other.example/log", HEAD.size, HEAD.root), made.signature),
    ):
        with pytest.raises(VerificationError) as caught:
            verify_cosignature(checkpoint, NoteSignature(A.name, A.key_id, signature), A)
        assert caught.value.where == f"cosignature of {A.name}"


@pytest.mark.parametrize("length", [1, 64, 71, 73, 2428])
def test_a_cosignature_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(VerificationError, match="a time and a signature"):
        verify_cosignature(HEAD, NoteSignature(A.name, A.key_id, bytes(length)), A)


@pytest.mark.parametrize("time", [0, 2**63, 2**64 - 1])
def test_a_time_that_is_none_is_refused(time: int) -> None:
    signature = time.to_bytes(8, "big") + bytes(64)
    with pytest.raises(VerificationError, match="at this time"):
        verify_cosignature(HEAD, NoteSignature(A.name, A.key_id, signature), A)
    with pytest.raises(ValueError, match="at the time"):
        cosign(HEAD, A.name, WITNESS_SIGNERS[A.name], time)


def test_a_line_of_another_witness_is_refused() -> None:
    with pytest.raises(VerificationError, match="another key"):
        verify_cosignature(HEAD, line(HEAD, B), A)


def test_a_key_used_for_a_log_and_a_witness_signs_two_things_that_are_never_exchanged() -> None:
    as_witness = NoteKey(ORIGIN, KeyKind.COSIGNATURE, LOG_SIGNER.verify_key)
    plain = sign_note(HEAD.text, ORIGIN, LOG_SIGNER)
    stamped = cosign(HEAD, ORIGIN, LOG_SIGNER, NOW)
    assert plain.key_id != stamped.key_id
    with pytest.raises(VerificationError, match="another key"):
        verify_cosignature(HEAD, plain, as_witness)
    with pytest.raises(VerificationError, match="not authentic"):
        forged = NoteSignature(ORIGIN, as_witness.key_id, NOW.to_bytes(8, "big") + plain.signature)
        verify_cosignature(HEAD, forged, as_witness)
    with pytest.raises(VerificationError, match="does not verify"):
        forged = NoteSignature(ORIGIN, LOG.key_id, stamped.signature[8:])
        Note(HEAD.text, (forged,)).verify(LOG)
    with pytest.raises(ValueError, match="no key for cosignatures"):
        verify_cosignature(HEAD, plain, LOG)


def test_of_several_by_one_witness_the_latest_stands() -> None:
    note = cosigned(HEAD, A, time=NOW).having(line(HEAD, A, NOW + 60), line(HEAD, A, NOW + 30))
    assert cosignatures(note, WITNESSES) == (Cosignature(A, NOW + 60),)


def test_strangers_are_ignored_and_one_false_line_of_a_known_witness_is_not() -> None:
    note = cosigned(HEAD, A, B, C)
    assert [each.witness for each in cosignatures(note, (C, A))] == [C, A]
    false = NoteSignature(B.name, B.key_id, flipped(line(HEAD, B, NOW + 1).signature))
    assert [each.witness for each in cosignatures(note.having(false), (A, C))] == [A, C]
    with pytest.raises(VerificationError, match="not authentic"):
        cosignatures(note.having(false), (A, B))


def test_a_note_that_is_no_checkpoint_has_no_cosignatures() -> None:
    with pytest.raises(DecodeError):
        cosignatures(Note("text\n", signed(HEAD).signatures), WITNESSES)


def test_the_answer_of_a_witness_is_signature_lines() -> None:
    lines = (line(HEAD, A), line(HEAD, B))
    assert parse_cosignatures("".join(f"{each}\n" for each in lines)) == lines


@pytest.mark.parametrize("text", ["", "\n", "x\n", "— w1.example/a AAAA"])
def test_another_answer_is_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_cosignatures(text)

"""Evidence of a split view: who signed two histories cannot deny it, who did not cannot be framed."""

from __future__ import annotations

import pytest

from evote.board.note import KeyKind, NoteKey, NoteSignature
from evote.board.splitview import SplitView
from evote.codec import encode
from evote.errors import DecodeError, VerificationError
from tests.board.logs import LOG, WITNESSES, cosigned, head, line, signed, signer, tree

ONE, OTHER = head(tree(9)), head(tree(9, start=1))
NOTES = signed(ONE), signed(OTHER)


def test_two_heads_of_one_size_with_different_roots_are_evidence_for_anybody() -> None:
    evidence = SplitView.of(*NOTES, LOG)
    again = SplitView.parse(evidence.encode())
    first, second = again.verify(LOG)
    assert {first, second} == {ONE, OTHER}
    assert first.root < second.root


def test_one_contradiction_has_one_form_whoever_found_it() -> None:
    found = cosigned(OTHER, *WITNESSES), signed(ONE).having(line(ONE, WITNESSES[0]))
    assert SplitView.of(*found, LOG).encode() == SplitView.of(*NOTES, LOG).encode()


def test_one_head_is_no_contradiction() -> None:
    for pair in ((NOTES[0], NOTES[0]), (signed(head(tree(8))), NOTES[0])):
        with pytest.raises(VerificationError, match="no contradiction"):
            SplitView.of(*pair, LOG)


def test_a_log_that_signed_one_of_them_only_is_not_accused() -> None:
    forged = signed(OTHER, signer("somebody"))
    with pytest.raises(VerificationError, match="not signed by"):
        SplitView.of(NOTES[0], forged, LOG)
    line_of_log = NoteSignature(LOG.name, LOG.key_id, forged.signatures[0].signature)
    pair = sorted((NOTES[0], forged.having(line_of_log).of_key(LOG)), key=lambda note: note.text)
    for first, second in (pair, pair[::-1]):
        with pytest.raises(VerificationError, match="does not verify"):
            SplitView(1, first.encode(), second.encode()).verify(LOG)


def test_a_log_is_not_accused_with_heads_of_another() -> None:
    other = NoteKey("other.example/log", KeyKind.ED25519, LOG.key)
    with pytest.raises(VerificationError, match="another log"):
        SplitView.of(*NOTES, LOG).verify(other)
    with pytest.raises(VerificationError, match="not signed by"):
        SplitView.of(*NOTES, LOG).verify(NoteKey(LOG.name, KeyKind.ED25519, signer("somebody").verify_key))


def test_evidence_in_another_order_or_with_more_signatures_is_refused() -> None:
    evidence = SplitView.of(*NOTES, LOG)
    with pytest.raises(VerificationError, match="no contradiction"):
        SplitView(1, evidence.second, evidence.first).verify(LOG)
    with pytest.raises(VerificationError, match="no other"):
        SplitView(1, cosigned(ONE, WITNESSES[0]).encode(), evidence.second).verify(LOG)


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xc0", encode(SplitView(1, b"", b"")) + b"\x00"])
def test_what_is_no_evidence_in_form_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        SplitView.parse(data)


def test_evidence_of_what_are_no_notes_is_refused() -> None:
    with pytest.raises(DecodeError):
        SplitView(1, b"text", b"text").verify(LOG)

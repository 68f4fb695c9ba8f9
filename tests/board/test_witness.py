"""What a witness cosigns, refuses, and holds as evidence."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.board.checkpoint import Checkpoint
from evote.board.cosignature import verify_cosignature
from evote.board.note import KeyKind, Note, NoteKey
from evote.board.splitview import SplitView
from evote.board.witness import Advance, Remembered, Request, StaleRequestError, consider
from evote.errors import DecodeError, RefusedError, VerificationError
from evote.merkle import Tree
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
    signer,
    tree,
)

TREE = tree(60)
W = WITNESSES[0]


def request(new: int, old: int = 0, grown: Tree = TREE) -> Request:
    return Request(old, grown.consistency(old, new) if old else (), signed(head(grown, new)))


def advanced(last: Remembered | None, asked: Request, now: int = NOW) -> Advance:
    outcome = consider(LOG, last, asked, now)
    assert isinstance(outcome, Advance)
    return outcome


def remembered(size: int, grown: Tree = TREE, time: int = NOW) -> Remembered:
    return advanced(None, request(size, grown=grown), time).remember


@settings(max_examples=20)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=5).map(sorted))
def test_a_growing_log_is_cosigned_at_every_step(sizes: list[int]) -> None:
    last, seen = None, 0
    for step, size in enumerate(sizes):
        outcome = advanced(last, request(size, seen), NOW + step)
        made = outcome.cosign(W.name, WITNESS_SIGNERS[W.name])
        assert verify_cosignature(head(TREE, size), made, W).time == NOW + step
        last, seen = outcome.remember, size
        assert last == Remembered(signed(head(TREE, size)), NOW + step)


def test_the_same_head_is_cosigned_again_with_a_fresh_time() -> None:
    last = remembered(20)
    again = advanced(last, request(20, 20), NOW + 5)
    assert again.remember == Remembered(last.head, NOW + 5)
    assert advanced(last, request(20, 20), NOW).remember == last


def test_only_the_signature_of_the_log_is_remembered() -> None:
    note = cosigned(head(TREE, 20), *WITNESSES)
    assert advanced(None, Request(0, (), note)).remember.head == signed(head(TREE, 20))


def test_two_roots_of_one_size_are_evidence_whatever_the_request_says() -> None:
    other = tree(60, start=1)
    last = remembered(20)
    for old, proof in ((20, ()), (0, ()), (7, other.consistency(7, 20)), (20, (bytes(32),))):
        found = consider(LOG, last, Request(old, proof, signed(head(other, 20))), NOW)
        assert isinstance(found, SplitView)
        assert set(found.verify(LOG)) == {head(TREE, 20), head(other, 20)}


def test_a_smaller_head_is_refused() -> None:
    last = remembered(20)
    with pytest.raises(RefusedError, match="does not continue"):
        consider(LOG, last, Request(20, (), signed(head(TREE, 19))), NOW)
    with pytest.raises(StaleRequestError):
        consider(LOG, last, request(19, 7), NOW)
    with pytest.raises(StaleRequestError):
        consider(LOG, last, request(0), NOW)


@pytest.mark.parametrize("old", [0, 7, 19, 21])
def test_a_proof_from_another_size_is_answered_with_the_size_that_was_seen(old: int) -> None:
    with pytest.raises(StaleRequestError, match="has seen 20 leaves") as caught:
        consider(LOG, remembered(20), request(40, old), NOW)
    assert caught.value.size == 20
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.size, str(again)) == (20, str(caught.value))


def test_a_witness_that_has_seen_nothing_takes_no_proof_from_somewhere() -> None:
    with pytest.raises(StaleRequestError) as caught:
        consider(LOG, None, request(40, 7), NOW)
    assert caught.value.size == 0


def test_a_history_that_was_rewritten_is_not_cosigned() -> None:
    other = tree(60, start=1)
    last = remembered(20)
    for proof in (other.consistency(20, 40), TREE.consistency(20, 40), (), TREE.consistency(20, 40)[:-1]):
        with pytest.raises(VerificationError):
            consider(LOG, last, Request(20, proof, signed(head(other, 40))), NOW)
    with pytest.raises(VerificationError):
        consider(LOG, last, Request(20, (bytes(32),), signed(head(TREE, 20))), NOW)


def test_a_proof_that_is_not_needed_is_refused() -> None:
    with pytest.raises(VerificationError, match="every log continues the empty one"):
        consider(LOG, None, Request(0, (bytes(32),), signed(head(TREE, 20))), NOW)
    with pytest.raises(VerificationError, match="every log continues the empty one"):
        consider(LOG, remembered(0), Request(0, (bytes(32),), signed(head(TREE, 20))), NOW)
    assert advanced(remembered(0), request(20)).checkpoint == head(TREE, 20)


def test_a_head_of_another_log_or_key_is_refused() -> None:
    other = Checkpoint("other.example/log", 20, TREE.root(20))
    with pytest.raises(VerificationError, match="another log"):
        consider(LOG, None, Request(0, (), signed(other)), NOW)
    with pytest.raises(VerificationError, match="not signed by"):
        consider(LOG, None, Request(0, (), signed(head(TREE, 20), signer("somebody"))), NOW)
    forged = Note(head(TREE, 21).text, signed(head(TREE, 20)).signatures)
    with pytest.raises(VerificationError, match="does not verify"):
        consider(LOG, None, Request(0, (), forged), NOW)


def test_a_cosignature_of_the_log_key_is_no_signature_of_the_log() -> None:
    as_witness = NoteKey(ORIGIN, KeyKind.COSIGNATURE, LOG_SIGNER.verify_key)
    note = Note(head(TREE, 20).text, (line(head(TREE, 20), W),))
    with pytest.raises(VerificationError, match="not signed by"):
        consider(LOG, None, Request(0, (), note), NOW)
    with pytest.raises(ValueError, match="no key for plain notes"):
        consider(as_witness, None, request(20), NOW)


def test_a_clock_that_goes_back_stops_the_witness() -> None:
    last = remembered(20, time=NOW)
    with pytest.raises(RefusedError, match="clock went back"):
        consider(LOG, last, request(40, 20), NOW - 1)
    for time in (0, -1, 2**63):
        with pytest.raises(ValueError, match="at the time"):
            consider(LOG, None, request(20), time)


# --- requests ---------------------------------------------------------------------------------------

TEXT = request(40, 20).encode().decode()


def test_a_request_has_the_lines_of_the_document() -> None:
    asked = request(40, 20)
    lines = TEXT.split("\n")
    assert lines[0] == "old 20"
    assert len(asked.proof) == lines.index("") - 1 > 0
    assert "\n".join(lines[lines.index("") + 1 :]).encode() == asked.note.encode()
    assert Request.parse(TEXT.encode()) == asked
    assert Request.parse(request(40).encode()) == request(40)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        TEXT.replace("old 20\n", ""),
        TEXT.replace("old 20", "old 020"),
        TEXT.replace("old 20", "old -20"),
        TEXT.replace("old 20", "old  20"),
        TEXT.replace("old 20", "Old 20"),
        TEXT.replace("old 20", f"old {2**63}"),
        TEXT.replace("old 20\n", "old 20\nAAAA\n"),
        TEXT.replace("old 20\n", "old 20\n" + ("A" * 43 + "=\n") * 63),
        TEXT.replace("old 20\n", "old 20\n\n"),
        TEXT.replace(f"\n\n{ORIGIN}", f"\n{ORIGIN}"),
        TEXT.replace("\n40\n", "\n040\n"),
        TEXT + "\n",
        TEXT[:-1],
        TEXT.replace("old", "\udcffld"),
    ],
)
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        Request.parse(text.encode("utf-8", "surrogateescape"))


def test_a_request_too_long_to_be_one_is_refused_at_once() -> None:
    with pytest.raises(DecodeError, match="more than a request has"):
        Request.parse(bytes(2**21))


@pytest.mark.parametrize(
    ("old", "proof"),
    [(-1, ()), (2**63, ()), (1, (bytes(32),) * 64), (1, (bytes(31),)), (1, (flipped(b"a"),))],
)
def test_no_value_is_made_of_what_no_request_says(old: int, proof: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="leaves|hashes"):
        Request(old, proof, signed(head(TREE)))

"""Proofs of logging in text and compact form."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.board.log import proof_in
from evote.board.note import KeyKind, Note, NoteKey, NoteSignature
from evote.board.policy import UNWITNESSED, Policy
from evote.board.proof import HEADER, LogProof
from evote.errors import DecodeError, VerificationError
from evote.merkle import leaf_hash
from tests.board.logs import (
    LOG,
    LOG_SIGNER,
    NOW,
    ORIGIN,
    WITNESSES,
    cosigned,
    entries,
    flipped,
    head,
    line,
    policy_text,
    signed,
    tree,
)

TREE = tree(400)
HEAD = head(TREE, 300)
A, B, C = WITNESSES
NOTE = cosigned(HEAD, A, B)
POLICY = Policy.parse(policy_text())
PROOF = proof_in(TREE, 77, NOTE)
TEXT = PROOF.encode().decode()
LEAF = TREE.leaf(77)
WIDE = signed(head(TREE))


def test_the_text_has_the_lines_of_the_document() -> None:
    lines = TEXT.split("\n")
    assert lines[:2] == [HEADER, "index 77"]
    assert lines[2 + len(PROOF.path)] == ""
    assert "\n".join(lines[3 + len(PROOF.path) :]).encode() == NOTE.encode()
    assert LogProof.parse(TEXT.encode()) == PROOF


def test_the_index_and_path_of_the_published_example_are_read() -> None:
    hashes = (
        "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\nB95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n"
        "EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=\nRoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=\n"
        "AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=\n"
    )
    text = f"{HEADER}\nindex 73894\n{hashes}\n".encode() + NOTE.encode()
    proof = LogProof.parse(text)
    assert (proof.index, len(proof.path), proof.path[0][:4].hex()) == (73894, 5, "8122b25e")
    assert proof.encode() == text


def test_a_proof_is_believed_for_its_leaf_and_no_other() -> None:
    found = PROOF.verify(LEAF, LOG, POLICY)
    assert (found.checkpoint, found.time) == (HEAD, NOW)
    assert PROOF.verify_included(LEAF, LOG) == HEAD
    for leaf in (TREE.leaf(76), leaf_hash(LEAF), entries(78)[77], b""):
        with pytest.raises(VerificationError):
            PROOF.verify(leaf, LOG, POLICY)
        with pytest.raises(VerificationError):
            PROOF.verify_included(leaf, LOG)


def test_a_proof_without_a_quorum_is_refused_where_witnesses_are_asked() -> None:
    few = proof_in(TREE, 77, cosigned(HEAD, A))
    assert few.verify_included(LEAF, LOG) == HEAD
    with pytest.raises(VerificationError, match="too few witnesses"):
        few.verify(LEAF, LOG, POLICY)
    assert few.verify(LEAF, LOG, UNWITNESSED).checkpoint == HEAD


def test_index_path_or_head_of_another_place_are_refused() -> None:
    for wrong in (
        LogProof(76, PROOF.path, NOTE),
        LogProof(77, PROOF.path[:-1], NOTE),
        LogProof(77, (*PROOF.path, bytes(32)), NOTE),
        LogProof(77, (flipped(PROOF.path[0]), *PROOF.path[1:]), NOTE),
        LogProof(77, PROOF.path, WIDE),
        LogProof(300, PROOF.path, NOTE),
    ):
        with pytest.raises(VerificationError):
            wrong.verify_included(LEAF, LOG)


def test_another_log_is_refused() -> None:
    other = NoteKey("other.example/log", KeyKind.ED25519, LOG_SIGNER.verify_key)
    with pytest.raises(VerificationError, match="another log"):
        PROOF.verify_included(LEAF, other)
    with pytest.raises(VerificationError, match="another log"):
        PROOF.verify(LEAF, other, UNWITNESSED)


def test_extra_data_is_carried_and_changes_nothing() -> None:
    proof = LogProof(77, PROOF.path, NOTE, b"whatever \x00")
    again = LogProof.parse(proof.encode())
    assert again == proof
    assert again.verify(LEAF, LOG, POLICY) == PROOF.verify(LEAF, LOG, POLICY)
    assert proof.encode().split(b"\n")[1].startswith(b"extra ")
    assert proof.pack(LOG, WITNESSES) == PROOF.pack(LOG, WITNESSES)


def test_a_tree_of_one_leaf_needs_no_path() -> None:
    proof = proof_in(tree(1), 0, signed(head(tree(1))))
    assert proof.path == ()
    assert LogProof.parse(proof.encode()) == proof
    assert proof.encode().startswith(f"{HEADER}\nindex 0\n\n{ORIGIN}\n1\n".encode())
    assert LogProof.unpack(proof.pack(LOG), LOG) == proof


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        TEXT.replace("@v1", "@v2"),
        TEXT.replace(HEADER + "\n", ""),
        "\n" + TEXT,
        TEXT.replace("index 77\n", ""),
        TEXT.replace("index 77\n", "index 077\n"),
        TEXT.replace("index 77\n", "index  77\n"),
        TEXT.replace("index 77\n", "index -77\n"),
        TEXT.replace("index 77\n", f"index {2**63}\n"),
        TEXT.replace("index 77\n", "Index 77\n"),
        TEXT.replace("index 77\n", "index 77\nindex 77\n"),
        TEXT.replace("index 77\n", "index 77\nextra QQ==\n"),
        TEXT.replace("index 77\n", "extra \nindex 77\n"),
        TEXT.replace("index 77\n", "extra QQ\nindex 77\n"),
        TEXT.replace("index 77\n", "extra QR==\nindex 77\n"),
        TEXT.replace("index 77\n", "extra QQ==\nextra QQ==\nindex 77\n"),
        TEXT.replace("index 77\n", "index 77\nAAAA\n"),
        TEXT.replace("index 77\n", "index 77\n" + ("A" * 43 + "=\n") * 60),
        TEXT.replace("index 77\n", "index 77\n\n"),
        TEXT.replace("index 77\n", "index 77\r\n"),
        TEXT.replace(f"\n\n{ORIGIN}", f"\n{ORIGIN}"),
        TEXT.replace("\n300\n", "\n0300\n"),
        TEXT.replace("\n300\n", "\nextension\n300\n"),
        TEXT + "\n",
        TEXT[:-1],
        TEXT.split("—")[0],
        TEXT.replace("index", "ind\udcffex"),
    ],
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        LogProof.parse(text.encode("utf-8", "surrogateescape"))


def test_a_proof_too_long_to_be_one_is_refused_at_once() -> None:
    with pytest.raises(DecodeError, match="more than a proof has"):
        LogProof.parse(bytes(2**21))


@pytest.mark.parametrize(
    ("index", "path", "extra"),
    [
        (-1, (), b""),
        (2**63, (), b""),
        (0, (bytes(31),), b""),
        (0, (bytes(32),) * 64, b""),
        (0, (), bytes(2**16 + 1)),
    ],
)
def test_no_value_is_made_of_what_no_proof_says(index: int, path: tuple[bytes, ...], extra: bytes) -> None:
    with pytest.raises(ValueError, match="index|path|extra"):
        LogProof(index, path, NOTE, extra)


# --- compact form -----------------------------------------------------------------------------------


@settings(max_examples=25)
@given(st.integers(1, 400), st.data())
def test_the_compact_form_is_unpacked_to_a_proof_that_is_believed(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = proof_in(TREE, index, signed(head(TREE, size)))
    packed = proof.pack(LOG)
    assert len(packed) == 1 + 8 + 8 + 32 + 32 * len(proof.path) + 68
    assert LogProof.unpack(packed, LOG) == proof


def test_the_compact_form_to_the_byte() -> None:
    packed = PROOF.pack(LOG, WITNESSES)
    first, second = sorted((A, B), key=lambda key: key.key_id)
    lines = {key.key_id: line(HEAD, key).signature for key in (A, B)}
    assert packed == b"".join(
        (
            b"\x01",
            (77).to_bytes(8, "big"),
            (300).to_bytes(8, "big"),
            HEAD.root,
            *PROOF.path,
            LOG.key_id + NOTE.signatures[0].signature,
            first.key_id + lines[first.key_id],
            second.key_id + lines[second.key_id],
        )
    )
    again = LogProof.unpack(packed, LOG, WITNESSES)
    assert again.verify(LEAF, LOG, POLICY) == PROOF.verify(LEAF, LOG, POLICY)
    assert again.pack(LOG, WITNESSES) == packed


def test_packing_leaves_strangers_out_and_takes_the_latest_of_each_witness() -> None:
    note = NOTE.having(line(HEAD, A, NOW + 9), line(HEAD, C), NoteSignature("x", b"abcd", bytes(500)))
    proof = proof_in(TREE, 77, note)
    again = LogProof.unpack(proof.pack(LOG, (A, B)), LOG, (A, B))
    times = {each.witness: each.time for each in again.verify(LEAF, LOG, POLICY).cosignatures}
    assert times == {A: NOW + 9, B: NOW}


def test_a_proof_with_a_false_signature_or_of_another_log_is_not_packed() -> None:
    wrong = Note(NOTE.text, (NOTE.signatures[0], NoteSignature(A.name, A.key_id, bytes(72))))
    with pytest.raises(VerificationError):
        LogProof(77, PROOF.path, wrong).pack(LOG, WITNESSES)
    with pytest.raises(VerificationError, match="another log"):
        PROOF.pack(NoteKey("other", KeyKind.ED25519, LOG.key))
    with pytest.raises(ValueError, match="does not belong"):
        LogProof(77, PROOF.path[:-1], NOTE).pack(LOG)
    with pytest.raises(ValueError, match="does not belong"):
        LogProof(300, PROOF.path, NOTE).pack(LOG)


def test_every_cut_of_a_compact_proof_is_refused_but_those_between_cosignatures() -> None:
    packed = PROOF.pack(LOG, WITNESSES)
    whole = {len(packed), len(packed) - 76, len(packed) - 152}
    for length in range(len(packed) + 1):
        if length in whole:
            LogProof.unpack(packed[:length], LOG, WITNESSES)
        else:
            with pytest.raises(DecodeError):
                LogProof.unpack(packed[:length], LOG, WITNESSES)
    with pytest.raises(DecodeError):
        LogProof.unpack(packed + b"\x00", LOG, WITNESSES)


def test_another_form_number_key_or_order_in_a_compact_proof_is_refused() -> None:
    packed = PROOF.pack(LOG, WITNESSES)
    start = len(packed) - 220
    log_part, one, two = packed[start : start + 68], packed[-152:-76], packed[-76:]
    body = packed[:start]
    for wrong in (
        b"\x02" + packed[1:],
        b"\x00" + packed[1:],
        packed[:1] + (300).to_bytes(8, "big") + packed[9:],
        packed[:1] + b"\xff" + packed[2:],
        packed[:9] + b"\xff" + packed[10:],
        body + log_part + two + one,
        body + log_part + one + one,
        body + one + two,
        body + log_part + log_part,
        body + log_part + flipped(one, 0) + two,
    ):
        with pytest.raises(DecodeError):
            LogProof.unpack(wrong, LOG, WITNESSES)
    with pytest.raises(DecodeError, match="not known"):
        LogProof.unpack(packed, LOG)


def test_a_changed_bit_of_a_compact_proof_is_noticed_when_it_is_verified() -> None:
    packed = PROOF.pack(LOG, WITNESSES)
    for at in range(0, len(packed), 5):
        with pytest.raises((DecodeError, VerificationError)):
            LogProof.unpack(flipped(packed, at), LOG, WITNESSES).verify(LEAF, LOG, POLICY)


def test_keys_that_a_compact_proof_cannot_tell_apart_are_refused() -> None:
    for log, witnesses in ((LOG, (A, A)), (A, ()), (LOG, (LOG,))):
        with pytest.raises(ValueError, match="key ID|compact proof has one key"):
            PROOF.pack(log, witnesses)
        with pytest.raises(ValueError, match="key ID|compact proof has one key"):
            LogProof.unpack(b"", log, witnesses)


def test_a_proof_is_made_under_heads_of_the_tree_only() -> None:
    with pytest.raises(ValueError, match="not a head of this tree"):
        proof_in(tree(400, start=1), 0, NOTE)
    with pytest.raises(ValueError, match="not a head of this tree"):
        proof_in(tree(100), 0, NOTE)
    with pytest.raises(ValueError, match="no leaf"):
        proof_in(TREE, 300, NOTE)

"""Receipts as values, as text, compact, and as letters: one form each, one length for all votes (A56)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.board.checkpoint import Checkpoint
from evote.board.entries import NO_PSEUDONYM, blinded, consistency_hash, leaf_data, unit_head_leaf_data
from evote.board.receipt import Ballot, Inclusion, Promise, Receipt
from evote.board.receipt_compact import letters, pack, read_letters, unpack
from evote.board.receipt_setting import ReceiptSetting
from evote.board.receipt_text import read_text, write_text
from evote.board.submission import ballot_hash
from evote.errors import DecodeError
from evote.testing.boards import ORIGIN, unit_origin
from tests.board.logs import flipped
from tests.board.receipts import (
    A2,
    ALICE,
    ELECTORATE,
    FINGERPRINT,
    SETTING,
    A,
    B,
    C,
    S,
    ballot,
    closed,
    digest,
    entry_of,
    promised,
)

CLOSED = closed()
FINAL = CLOSED.final(A)
RECEIPTS = [
    promised(A),
    promised(C),
    promised(S),
    FINAL,
    CLOSED.final(C),
    replace(CLOSED.final(A2), promise=None),
]


# --- the leaf ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [A, A2, B, C, S], ids=["a", "a2", "b", "c", "s"])
def test_the_leaf_of_a_receipt_is_that_of_the_logs_entry(made: Ballot) -> None:
    origin = unit_origin(made.unit)
    assert made.leaf(FINGERPRINT, origin) == leaf_data(FINGERPRINT, origin, made.unit, entry_of(made))


def test_the_leaf_of_a_units_head_is_found_without_its_consistency_proof() -> None:
    head = CLOSED.heads[-1]
    hashed = consistency_hash(head.proof)
    parts = (head.size, head.root, hashed, head.closing)
    computed = unit_head_leaf_data(FINGERPRINT, ORIGIN, head.unit, *parts)
    assert computed == leaf_data(FINGERPRINT, ORIGIN, "", head)


@pytest.mark.parametrize("challenge", [True, False])
def test_a_device_makes_its_part_of_the_receipt_from_its_own_submission(challenge: bool) -> None:
    submission = ELECTORATE.submission(ALICE, challenge=challenge)
    hashed = ballot_hash(ELECTORATE.election, submission)
    made = Ballot.of(submission, hashed)
    assert (made.unit, made.style, made.challenged, made.ballot) == ("North", "plain", challenge, hashed)
    if submission.blind is None:
        assert made.voter == ALICE.holder.pseudonym
    else:
        assert made.voter == blinded(ALICE.holder.pseudonym, submission.blind)
    anonymous = replace(submission, context=replace(submission.context, pseudonym=None))
    if not challenge:
        assert Ballot.of(anonymous, hashed).voter == NO_PSEUDONYM


def test_the_receipt_of_a_challenge_does_not_name_the_voter() -> None:
    submission = ELECTORATE.submission(ALICE, challenge=True)
    made = Ballot.of(submission, ballot_hash(ELECTORATE.election, submission))
    text = write_text(promised(made))
    assert ALICE.holder.pseudonym.hex().encode() not in text
    assert submission.blind is not None and submission.blind.hex().encode() not in text


def test_no_receipt_holds_what_the_vote_was_made_of() -> None:
    """Randomness of the context, confirmation code and ciphertexts all stay on the device."""
    for option in ("yes", "no"):
        submission = ELECTORATE.submission(ALICE, option=option)
        made = Ballot.of(submission, ballot_hash(ELECTORATE.election, submission))
        text, packed = write_text(promised(made)), pack(SETTING, promised(made))
        for secret in (
            submission.context.randomness,
            submission.ballot.identifier,
            submission.ballot.confirmation_code,
        ):
            assert secret.hex().encode() not in text.lower() and secret not in packed


# --- one length --------------------------------------------------------------------------------------


def test_a56_promises_have_one_length_for_every_vote_and_revote_of_a_style() -> None:
    votes = [ballot(ALICE, f"vote {number}") for number in range(4)]
    revotes = [ballot(ALICE, f"revote {number}", digest(f"{number}")) for number in range(4)]
    assert len({len(write_text(promised(made))) for made in (*votes, *revotes)}) == 1
    opened = [ballot(ALICE, "opened", challenged=True)]
    assert {len(pack(SETTING, promised(made))) for made in (*votes, *revotes, *opened)} == {221}


def test_the_whole_receipt_has_one_length_at_one_place_of_the_log() -> None:
    """First vote and revote, each as the first entry of a log that is the same otherwise."""
    sizes = {len(write_text(FINAL)), len(write_text(replace(FINAL, ballot=A2)))}
    assert len(sizes) == 1
    packed = {len(pack(SETTING, FINAL)), len(pack(SETTING, replace(FINAL, ballot=A2)))}
    assert len(packed) == 1


# --- forms -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("receipt", RECEIPTS)
def test_every_form_gives_the_receipt_back(receipt: Receipt) -> None:
    assert read_text(write_text(receipt)) == receipt
    packed = pack(SETTING, receipt)
    assert read_letters(letters(packed)) == packed
    again = unpack(SETTING, packed)
    assert pack(SETTING, again) == packed
    assert (again.fingerprint, again.ballot, again.promise) == (
        receipt.fingerprint,
        receipt.ballot,
        receipt.promise,
    )
    assert (again.inclusion is None) == (receipt.inclusion is None)


def test_the_text_of_a_receipt_holds_two_proofs_in_their_own_format() -> None:
    text = write_text(FINAL).decode()
    head, first, second = text.split("\n\nc2sp.org/tlog-proof@v1\n")
    assert head.startswith("evote receipt v1\nelection ") and head.endswith("\nclosing yes")
    assert unit_origin("North") in first and ORIGIN in second
    assert FINAL.inclusion is not None
    for proof in (FINAL.inclusion.leaf, FINAL.inclusion.head):
        assert proof.encode().decode() in text


def test_a_receipt_of_a_large_election_fits_one_printed_code() -> None:
    """19 hashes to a unit's head of 416,601 leaves, 14 to the election's head, three witnesses."""
    assert FINAL.inclusion is not None
    leaf, head = FINAL.inclusion.leaf, FINAL.inclusion.head
    present = len(leaf.path) + len(head.path)
    size = len(pack(SETTING, FINAL)) + 32 * (19 + 14 - present)
    assert 1000 < size < 2000
    assert len(letters(bytes(size))) < 3391  # alphanumeric letters of version 40 at level M


LINES = write_text(FINAL).decode().split("\n")


def wrong_texts() -> list[tuple[str, str]]:
    text = write_text(FINAL).decode()
    wrong = [
        ("version", text.replace("v1", "v2", 1)),
        ("capitals", text.replace(A.ballot.hex(), A.ballot.hex().upper())),
        ("short hash", text.replace(A.ballot.hex(), A.ballot.hex()[:-2])),
        ("decision", text.replace("decision cast", "decision spoiled")),
        ("closing", text.replace("closing yes", "closing 1")),
        ("two spaces", text.replace("unit North", "unit  North")[:-1]),
        ("time", text.replace("T19:00:00Z", "T19:00:00+0")),
        ("no such day", text.replace("2026-06-30T19:00", "2026-06-31T19:00")),
        ("signature", text.replace("signature ", "signature A")),
        ("carriage returns", text.replace("\n", "\r\n")),
        ("one proof", text[: text.rindex("c2sp.org")]),
        ("a third proof", text + text[text.rindex("\nc2sp.org") :]),
        ("no end", text[:-1]),
        ("more", text + "\n"),
        ("promise alone, cut", write_text(promised(A)).decode()[:-1]),
        ("promise alone, more", write_text(promised(A)).decode() + "\n"),
        (
            "an empty challenge",
            text.replace("decision cast", "decision challenge").replace("0" * 64, "1" * 64),
        ),
        ("neither", "\n".join([*LINES[:8], ""])),
        ("long", text + " " * 70000),
        ("nothing", ""),
    ]
    for at in range(len(LINES[:13])):
        wrong.append((f"without line {at}", "\n".join([*LINES[:at], *LINES[at + 1 :]])))
        wrong.append((f"line {at} twice", "\n".join([*LINES[: at + 1], *LINES[at:]])))
    return wrong


@pytest.mark.parametrize("text", [each for _, each in wrong_texts()], ids=[name for name, _ in wrong_texts()])
def test_a_text_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        read_text(text.encode())


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(DecodeError, match="UTF-8"):
        read_text(write_text(FINAL)[:-1] + b"\xff")


@given(at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_text_with_a_bit_changed_is_refused_or_is_another_receipt(at: int, bit: int) -> None:
    data = bytearray(write_text(FINAL))
    data[at % len(data)] ^= 1 << bit
    try:
        changed = read_text(bytes(data))
    except DecodeError:
        return
    assert changed != FINAL
    assert write_text(changed) == bytes(data)


@given(at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_compact_bytes_with_a_bit_changed_are_refused_or_are_another_receipt(at: int, bit: int) -> None:
    packed = pack(SETTING, FINAL)
    data = bytearray(packed)
    data[at % len(data)] ^= 1 << bit
    try:
        changed = unpack(SETTING, bytes(data))
    except DecodeError:
        return
    assert changed != unpack(SETTING, packed)


def wrong_bytes() -> list[tuple[str, bytes]]:
    packed = pack(SETTING, FINAL)
    alone = pack(SETTING, promised(A))
    return [
        ("form", b"EVR2" + packed[4:]),
        ("kind", packed[:4] + bytes((31,)) + packed[5:]),
        ("closing without proof", alone[:4] + bytes((10,)) + alone[5:]),
        ("neither", alone[:4] + bytes((0,)) + alone[5:-80]),
        ("unit 0", packed[:37] + bytes(4) + packed[41:]),
        ("unit 9", packed[:37] + b"\0\0\0\x09" + packed[41:]),
        ("style 0", packed[:41] + bytes(4) + packed[45:]),
        ("style 9", packed[:41] + b"\0\0\0\x09" + packed[45:]),
        ("a challenge that follows", _revote_as_challenge()),
        ("year 10000", alone[:141] + (2**40).to_bytes(8, "big") + alone[149:]),
        ("cut", packed[:-1]),
        ("more", packed + b"\0"),
        ("cut promise", alone[:-1]),
        ("proof length", packed[:253] + bytes((packed[253] ^ 1,)) + packed[254:]),
        ("nothing", b""),
    ]


def _revote_as_challenge() -> bytes:
    packed = pack(SETTING, promised(A2))
    return packed[:4] + bytes((packed[4] + 1,)) + packed[5:]


@pytest.mark.parametrize("data", [each for _, each in wrong_bytes()], ids=[name for name, _ in wrong_bytes()])
def test_compact_bytes_of_another_form_are_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        unpack(SETTING, data)


@given(st.binary(max_size=200))
def test_letters_give_any_bytes_back(data: bytes) -> None:
    assert read_letters(letters(data)) == data


def test_letters_are_those_of_rfc_9285() -> None:
    """The examples of its section 4.3."""
    assert letters(b"AB") == "EVR1:BB8"
    assert letters(b"Hello!!") == "EVR1:%69 VD92EX0"
    assert letters(b"base-45") == "EVR1:UJCLQE7W581"
    assert read_letters("EVR1:QED8WEX0") == b"ietf!"


@pytest.mark.parametrize(
    "text", ["BB8", "EVR1:B", "EVR1:BB8B", "EVR1:GGW", "EVR1:::", "EVR1:bb8", "EVR2:BB8"]
)
def test_letters_of_another_form_are_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        read_letters(text)


def test_a_receipt_of_another_place_has_no_compact_form() -> None:
    with pytest.raises(ValueError, match="unit"):
        pack(SETTING, replace(FINAL, ballot=replace(A, unit="West")))
    with pytest.raises(ValueError, match="style"):
        pack(SETTING, replace(FINAL, ballot=replace(A, style="other")))


# --- values ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": ""},
        {"unit": "a\nb"},
        {"style": "x" * 257},
        {"unit": "x" * 1025},
        {"voter": bytes(31)},
        {"ballot": bytes(33)},
        {"previous": b""},
        {"challenged": True, "previous": digest("x")},
    ],
)
def test_a_ballot_of_another_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="."):
        replace(A, **changes)


def test_values_of_another_form_are_refused() -> None:
    promise = promised(A).promise
    assert promise is not None and FINAL.inclusion is not None
    for build in (
        lambda: replace(promise, time="2026-06-30"),
        lambda: replace(promise, deadline="2026-02-30T00:00:00Z"),
        lambda: replace(promise, signature=bytes(63)),
        lambda: replace(FINAL, fingerprint=bytes(31)),
        lambda: replace(FINAL, promise=None, inclusion=None),
        lambda: replace(FINAL.inclusion, consistency=bytes(31)),
    ):
        with pytest.raises(ValueError, match="."):
            build()


def test_a_proof_is_made_of_heads_of_its_trees_alone() -> None:
    tree, place = CLOSED.tree("North"), (CLOSED.tree(""), 0, CLOSED.last)
    other = CLOSED.notes["South"]
    assert Checkpoint.parse(other.text).size != tree.size
    with pytest.raises(ValueError, match="not a head"):
        Inclusion.made((tree, 0, other), place, (), True)
    with pytest.raises(ValueError, match="."):
        Inclusion.made((tree, tree.size, CLOSED.notes["North"]), place, (), True)


def test_a_setting_knows_the_keys_and_dates_of_the_manifest() -> None:
    assert SETTING.log.name == ORIGIN
    assert SETTING.unit_log("South").name == unit_origin("South")
    assert [SETTING.unit_number(unit) for unit in ("North", "South")] == [1, 2]
    assert SETTING.last_deadline == SETTING.closes + 600
    for ask in (SETTING.unit_log, SETTING.unit_number):
        with pytest.raises(ValueError, match="no reporting unit"):
            ask("West")
    assert isinstance(promised(A).promise, Promise)
    with pytest.raises(ValueError, match="32 bytes"):
        ReceiptSetting(ELECTORATE.manifest, flipped(FINGERPRINT)[:-1])

"""Evidence of a log that went on after its end: for anybody with the manifest, and against nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evote.board.checkpoint import Checkpoint, sign_checkpoint
from evote.board.entries import ClosingEntry, CountsEntry, Entry, leaf_data
from evote.board.note import KeyKind, Note, NoteKey
from evote.board.wenton import WentOn
from evote.codec import encode
from evote.errors import DecodeError, VerificationError
from evote.merkle import Tree, leaf_hash
from evote.signing import SigningKey
from evote.testing.randomness import SeededRandomness

ELECTION, UNIT, ORIGIN = bytes(range(32)), "Town/North", "example.org/north"
KEY = SigningKey.generate(SeededRandomness("went on"))
LOG = NoteKey(ORIGIN, KeyKind.ED25519, KEY.verify_key)
END = ClosingEntry(2, "2026-06-30T20:05:00Z")
ENTRIES: list[Entry] = [CountsEntry("2026-06-30T10:00:00Z", ()), ClosingEntry(1, "2026-06-30T20:00:00Z"), END]


def tree(entries: list[Entry]) -> Tree:
    return Tree(leaf_hash(leaf_data(ELECTION, ORIGIN, UNIT, entry)) for entry in entries)


def note(of: Tree, size: int | None = None, key: SigningKey = KEY) -> Note:
    return sign_checkpoint(Checkpoint.of_tree(ORIGIN, of, size), key)


CLOSED = tree(ENTRIES)
LONGER = note(tree([*ENTRIES, ENTRIES[0]]))
FOUND = WentOn.of(CLOSED, END, note(CLOSED), LONGER, LOG)


def test_a_head_behind_the_last_entry_is_evidence_for_anybody_with_the_manifest() -> None:
    closed, later = WentOn.parse(FOUND.encode()).verify(ELECTION, UNIT, LOG)
    assert (closed.size, later.size) == (3, 4)


@pytest.mark.parametrize(
    ("found", "match"),
    [
        (replace(FOUND, later=note(CLOSED).encode()), "did not go on"),
        (replace(FOUND, later=note(CLOSED, 2).encode()), "did not go on"),
        (WentOn.of(tree([*ENTRIES, ENTRIES[0]]), END, LONGER, LONGER, LOG), None),
        (WentOn.of(tree(ENTRIES[:2]), ENTRIES[1], note(tree(ENTRIES[:2])), LONGER, LOG), "does not end"),
        (replace(FOUND, entry=encode(replace(END, time="2026-06-30T20:06:00Z"))), None),
        (replace(FOUND, later=note(tree([*ENTRIES, END]), key=SigningKey.generate()).encode()), None),
    ],
)
def test_a_log_that_did_not_is_not_accused(found: WentOn, match: str | None) -> None:
    with pytest.raises(VerificationError, match=match):
        found.verify(ELECTION, UNIT, LOG)


def test_the_evidence_is_of_one_election_unit_and_log() -> None:
    other = NoteKey("example.org/south", KeyKind.ED25519, KEY.verify_key)
    for election, unit, log in (
        (bytes(32), UNIT, LOG),
        (ELECTION, "Town/South", LOG),
        (ELECTION, UNIT, other),
    ):
        with pytest.raises(VerificationError):
            FOUND.verify(election, unit, log)


def test_what_is_no_evidence_has_no_form() -> None:
    for data in (b"", FOUND.encode() + b"\x00", b"x" * 40_000):
        with pytest.raises(DecodeError):
            WentOn.parse(data)

"""The receipt of one ballot: what its leaf is made of, the box's promise, and the proof that it was kept.

A receipt belongs to the voter's device, which made its first part itself (:class:`Ballot`: everything
that the leaf covers), got the second at once (:class:`Promise`: the log's signed admission), and the third
later (:class:`Inclusion`): the ballot's leaf is in a head of the unit's log, and that head is a leaf
of the election's log, whose head the witnesses cosigned. A head of a unit's log alone proves nothing,
since nobody but its keeper has seen it (rule A65).

Nothing here says how somebody voted: no randomness, no plaintext, no code that depends on the choice. A
receipt names the credential by its pseudonym; that of a challenge does not even do that, but holds the
blinded stand-in of the entry, so that whoever sees it cannot tell whose ballot was opened.

Forms: :mod:`evote.board.receipt_text` (files) and :mod:`evote.board.receipt_compact` (printed codes).
What is left out: whether a receipt is true; that is :mod:`evote.board.receipt_check`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from evote.ballots.values import BallotState
from evote.board.admission import Admission, AdmissionReceipt
from evote.board.checkpoint import Checkpoint
from evote.board.entries import (
    NO_PSEUDONYM,
    CastEntry,
    ChallengeEntry,
    blinded,
    consistency_hash,
    leaf_data,
    unit_head_leaf_data,
)
from evote.board.log import proof_in
from evote.board.note import Note
from evote.board.proof import LogProof
from evote.board.submission import NO_PREVIOUS, Submission
from evote.codec import MAX_LABEL_BYTES, MAX_PATH_BYTES
from evote.errors import DecodeError
from evote.hashing import DIGEST_BYTES
from evote.manifest.moments import seconds_of
from evote.merkle import Tree
from evote.signing import SIGNATURE_BYTES

Place: TypeAlias = tuple[Tree, int, Note]
"""A log, the index of a leaf in it, and a signed head that covers the leaf."""

MAX_RECEIPT_BYTES: Final = 64 * 1024
"""Longest form of a receipt. A full one has about 3 kB."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """Everything that the leaf of a cast or challenged ballot covers, beside H_E and the log's origin.

    ``voter`` is the pseudonym of a cast ballot (:data:`NO_PSEUDONYM` without a roll) and the blinded
    stand-in of a challenged one; ``ballot`` is the ballot hash; ``previous`` is the slot's head before it,
    :data:`NO_PREVIOUS` for a first ballot and every challenge. Raises ``ValueError`` for another form.
    """

    unit: str
    style: str
    challenged: bool
    voter: bytes
    ballot: bytes
    previous: bytes

    def __post_init__(self) -> None:
        lengths = (("unit", self.unit, MAX_PATH_BYTES), ("style", self.style, MAX_LABEL_BYTES))
        for name, text, limit in lengths:
            if not text or any(letter < " " for letter in text) or len(text.encode("utf-8")) > limit:
                raise ValueError(f"the {name} is one line of 1 to {limit} bytes")
        if not len(self.voter) == len(self.ballot) == len(self.previous) == DIGEST_BYTES:
            raise ValueError("voter, ballot and previous ballot have 32 bytes each")
        if self.challenged and self.previous != NO_PREVIOUS:
            raise ValueError("a challenge follows no ballot")

    @classmethod
    def of(cls, submission: Submission, ballot: bytes) -> Ballot:
        """What the device keeps of its own submission; ``ballot`` is the ballot hash that it computed."""
        name = submission.context.pseudonym or NO_PSEUDONYM
        challenged = submission.decision is BallotState.CHALLENGED
        if submission.blind is not None:
            name = blinded(name, submission.blind)
        encrypted = submission.ballot
        return cls(encrypted.unit, encrypted.style, challenged, name, ballot, submission.previous)

    def leaf(self, extended_hash: bytes, origin: str) -> bytes:
        """The leaf data in the log ``origin`` of the ballot's unit, 32 bytes."""
        if self.challenged:
            challenge = ChallengeEntry(self.style, self.voter, self.ballot)
            return leaf_data(extended_hash, origin, self.unit, challenge)
        cast = CastEntry(self.style, self.voter, self.ballot, self.previous, "", ())
        return leaf_data(extended_hash, origin, self.unit, cast)


@dataclass(frozen=True, slots=True)
class Promise:
    """What is particular about an admission receipt: its times, and the log's signature (64 bytes).

    What else the log signed is computed from the voter's own :class:`Ballot`, so that a receipt cannot
    say two things. Raises ``ValueError`` for another form.
    """

    time: str
    deadline: str
    signature: bytes

    def __post_init__(self) -> None:
        for moment in (self.time, self.deadline):
            try:
                seconds_of(moment)
            except DecodeError as error:
                raise ValueError(error.message) from None
        if len(self.signature) != SIGNATURE_BYTES:
            raise ValueError(f"a signature has {SIGNATURE_BYTES} bytes")

    def receipt(self, extended_hash: bytes, origin: str, leaf: bytes) -> AdmissionReceipt:
        """The admission receipt of a ballot with this leaf data, as the log signed it or did not."""
        admission = Admission(1, extended_hash, origin, leaf, self.time, self.deadline)
        return AdmissionReceipt(admission, self.signature)


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A unit's head that covers the leaf, and that head's place in the witnessed log of the election.

    Raises ``ValueError`` for a consistency hash that has not 32 bytes and for notes that are no
    checkpoints.
    """

    leaf: LogProof
    """From the ballot's leaf to a head of the unit's log."""
    consistency: bytes
    """The :func:`~evote.board.entries.consistency_hash` in the unit head's entry."""
    closing: bool
    """Whether the entry says that the unit's log ends with this head."""
    head: LogProof
    """From the unit head's leaf to a checkpoint of the election's log."""

    def __post_init__(self) -> None:
        if len(self.consistency) != DIGEST_BYTES:
            raise ValueError("the hash of a consistency proof has 32 bytes")

    @classmethod
    def made(
        cls,
        unit: Place,
        election: Place,
        proof: tuple[bytes, ...],
        closing: bool,
    ) -> Inclusion:
        """Both proofs, by whoever has the logs: tree, place of the leaf, and signed head, twice.

        ``unit`` is the ballot's leaf, ``election`` the unit head's; ``proof`` and ``closing`` are those of
        the :class:`~evote.board.entries.UnitHeadEntry`. Raises ``ValueError`` for a head that is not one
        of its tree or does not cover the leaf.
        """
        return cls(proof_in(*unit), consistency_hash(proof), closing, proof_in(*election))

    def head_leaf(self, extended_hash: bytes, origin: str, unit: str, head: Checkpoint) -> bytes:
        """The leaf data of the unit's head in the election's log ``origin``."""
        return unit_head_leaf_data(
            extended_hash, origin, unit, head.size, head.root, self.consistency, self.closing
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a voter keeps of a ballot. Raises ``ValueError`` unless it has a promise or a proof.

    ``fingerprint`` is the H_E under which the leaf was made, 32 bytes.
    """

    fingerprint: bytes
    ballot: Ballot
    promise: Promise | None
    inclusion: Inclusion | None

    def __post_init__(self) -> None:
        if len(self.fingerprint) != DIGEST_BYTES:
            raise ValueError("an election is named by 32 bytes")
        if self.promise is None and self.inclusion is None:
            raise ValueError("a receipt has the promise of the log, a proof, or both")

    def having(self, inclusion: Inclusion) -> Receipt:
        """The same receipt with this proof, in the place of an earlier one."""
        return replace(self, inclusion=inclusion)

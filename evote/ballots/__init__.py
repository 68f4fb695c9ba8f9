"""Ballots: what was marked, the encrypted ballot, the verified one, the challenge and its opening.

Specification sections 3.3, 3.4 and 3.6.7; verifications 5.B, 6, 7, 8, 13, 14.

===============  ==============================================================================
``election``     parameters, manifest, keys and the hashes over them
``plaintext``    marks and what is encrypted for them
``hashes``       every hash of a ballot, by name
``shape``        the shape of a contest on a ballot
``values``       the written form of ballots, openings and device records
``chain``        chaining fields
``verified``     the types that tally and decryption accept
``examiner``     what is looked at on one ballot, whoever decides its proofs
``examine``      verification one by one, which makes them
``hints``        the commitments of a ballot, for verification in batches
``rehint``       making them again from the proofs
``batch``        verification of many ballots at once (by its own name)
``bisection``    taking a rejected batch apart, within the price that ``effort`` reckons
``opened``       verification of an opening
``encrypt``      (secret side) encryption, cast or challenge
``device``       (secret side) a voting device and its chain
``opening``      (secret side) opening with a ballot nonce
===============  ==============================================================================

Ballots that are encrypted before their voters choose are in modules whose names begin with ``preencrypted``:
``hashes``, ``shape``, ``examine`` (15 to 17), ``opened`` (18, 19); of the secret side ``vectors``, ``make``,
``record``.

The secret side is imported by its own names; verifiers never load it.
"""

from __future__ import annotations

from evote.ballots.chain import device_record
from evote.ballots.election import Election, ceremony_setting
from evote.ballots.examine import examine, leaf_of, verified_of, verify_cast, verify_challenged
from evote.ballots.hints import BallotHint
from evote.ballots.opened import examine_opening, verify_opening
from evote.ballots.plaintext import PlaintextBallot, PlaintextContest
from evote.ballots.values import (
    BallotState,
    ContextOpening,
    DeviceRecord,
    EncryptedBallot,
    OpenedBallot,
    SubmittedBallot,
)
from evote.ballots.verified import Examination, VerifiedBallot, VerifiedChallenge

__all__ = [
    "BallotHint",
    "BallotState",
    "ContextOpening",
    "DeviceRecord",
    "Election",
    "EncryptedBallot",
    "Examination",
    "OpenedBallot",
    "PlaintextBallot",
    "PlaintextContest",
    "SubmittedBallot",
    "VerifiedBallot",
    "VerifiedChallenge",
    "ceremony_setting",
    "device_record",
    "examine",
    "examine_opening",
    "leaf_of",
    "verified_of",
    "verify_cast",
    "verify_challenged",
    "verify_opening",
]

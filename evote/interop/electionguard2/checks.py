"""The list of checks on a 2.0 record: verifications 1 to 18 of its specification, and ten more.

Numbers are those of the 2.0 specification, section 6; they are not the numbers of 2.1. ``F`` numbers are
evote's for foreign records. Each list names the checks of one stage of an election.
"""

from __future__ import annotations

from typing import Final

from evote.record.values import Stage
from evote.report import Check

_SETUP: Final = {
    "1.A": "The version is one that the group's records have",
    "1.B": "The large prime is that of the group",
    "1.C": "The small prime, or the order of the curve, is that of the group",
    "1.D": "The cofactor, or the coefficients of the curve, are those of the group",
    "1.E": "The generator is that of the group",
    "1.F": "The parameter base hash H_P is right",
    "1.G": "The manifest hash H_M is right",
    "1.H": "The base hash H_B is right",
    "2.A": "Guardian commitments are there, and in the subgroup",
    "2.B": "Responses of guardian key proofs are below q",
    "2.C": "Guardian key proofs answer their challenges",
    "3.A": "Guardian public keys are in the subgroup and not 1",
    "3.B": "The joint key K is the product of the guardians' keys and not 1",
    "4.A": "The extended base hash H_E is right",
}

_BALLOTS: Final = {
    "5.A": "Selections are in the subgroup",
    "5.B": "Challenges of selection proofs are below 2^256",
    "5.C": "Responses of selection proofs are below q",
    "5.D": "Selection proofs answer their challenges",
    "6.A": "All selections of a contest are in the subgroup",
    "6.B": "Challenges of contest limit proofs are below 2^256",
    "6.C": "Responses of contest limit proofs are below q",
    "6.D": "Contest limit proofs answer their challenges",
    "7.A": "Contest hashes are right",
    "7.B": "Confirmation codes are right",
    "7.C": "No confirmation code occurs twice",
    "7.D": "Chains start with the hash of bytes that name their device",
    "7.E": "Ballots of a chain hold the code of the ballot before",
    "7.F": "Chains end with the code of their last ballot",
    "7.G": "Chains are closed by the right hash",
}

_SUMS: Final = {
    "8.A": "The first part of each encrypted sum is the product over the cast ballots",
    "8.B": "The second part of each encrypted sum is the product over the cast ballots",
    "9.A": "Responses of decryption proofs are below q",
    "9.B": "Decryption proofs answer their challenges",
    "10.A": "Counts are those that were decrypted",
    "10.B": "Decrypted contests are in the manifest",
    "10.C": "Decrypted options are in the manifest",
    "10.D": "No option of a decrypted contest is missing",
    "10.E": "Every contest that was voted on is decrypted",
    "11.A": "Responses of contest data proofs are below q",
    "11.B": "Contest data proofs answer their challenges",
    "12.A": "Responses of decryption proofs of challenged ballots are below q",
    "12.B": "Decryption proofs of challenged ballots answer their challenges",
    "13.A": "Values of challenged ballots are those that were decrypted",
    "13.B": "Values of challenged ballots are allowed",
    "13.C": "Values of challenged ballots respect the contest limit",
    "13.D": "Contests of decrypted ballots are in the manifest",
    "13.E": "Options of decrypted ballots are in the manifest",
    "13.F": "No option of a contest of a decrypted ballot is missing",
    "14.A": "Responses of contest data proofs of challenged ballots are below q",
    "14.B": "Contest data proofs of challenged ballots answer their challenges",
}

_PRE_ENCRYPTED: Final = {
    "15.A": "Selections of pre-encrypted ballots are in the subgroup",
    "15.B": "Challenges of their selection proofs are below 2^256",
    "15.C": "Responses of their selection proofs are below q",
    "15.D": "Their selection proofs answer their challenges",
    "16.A": "Challenges of their contest limit proofs are below 2^256",
    "16.B": "Responses of their contest limit proofs are below q",
    "16.C": "Their contest limit proofs answer their challenges",
    "17.A": "Hashes of chosen vectors are right",
    "17.B": "Contest hashes of pre-encrypted ballots cover all vectors in order",
    "17.C": "Confirmation codes of pre-encrypted ballots are right",
    "17.D": "No confirmation code of a pre-encrypted ballot occurs twice",
    "18.A": "Short codes are right, and selections are the products of the chosen vectors",
}

_OWN: Final = {
    "F.1": "Every file is there, and is in the form of the format",
    "F.2": "Every file names this election",
    "F.3": "Ballots have the shape of their style",
    "F.4": "The tally was made of exactly the cast ballots, each once",
    "F.5": "What was decrypted is what the record encrypts",
    "F.6": "Exactly the challenged ballots were decrypted, with all their contests",
    "F.7": "No ciphertext occurs twice, and none is the identity",
    "F.8": "The fingerprint is the expected one",
    "F.9": "Opened contest data is what its ciphertext holds",
    "F.10": "Ballots of a record without chains hold the configured bytes",
}

_STAGES: Final = {
    **dict.fromkeys((*_SETUP, "F.1", "F.8"), Stage.SETUP),
    **dict.fromkeys((*_BALLOTS, *_PRE_ENCRYPTED, "F.2", "F.3", "F.7", "F.10"), Stage.VOTING),
    **dict.fromkeys((*_SUMS, "F.4", "F.5", "F.6", "F.9"), Stage.FINAL),
}

_ORDER: Final = (Stage.SETUP, Stage.VOTING, Stage.FINAL)

CHECKS: Final[tuple[Check, ...]] = tuple(
    Check(
        identifier,
        title,
        "specs/foreign-records.md"
        if identifier.startswith("F")
        else f"2.0 specification, section 6, verification {identifier.split('.')[0]}",
    )
    for identifier, title in {**_SETUP, **_BALLOTS, **_SUMS, **_PRE_ENCRYPTED, **_OWN}.items()
)
"""Every check, in the order of the report."""

FAMILIES: Final = {
    "1": "The parameters are the published ones, and the hashes cover them and the manifest",
    "2": "Every guardian knows the secret behind its keys",
    "3": "The joint key comes from all guardians",
    "4": "The election's fingerprint covers the key",
    "5": "Every encrypted selection holds an allowed value",
    "6": "No ballot has more votes in a contest than allowed",
    "7": "Confirmation codes are right, no code occurs twice, and chains are unbroken",
    "8": "The encrypted sums are those of the ballots",
    "9": "The sums were decrypted correctly",
    "10": "The result has all contests and options, and no others",
    "11": "Contest data of counted ballots was decrypted correctly",
    "12": "Challenged ballots were decrypted correctly",
    "13": "Challenged ballots hold allowed votes",
    "14": "Contest data of challenged ballots was decrypted correctly",
    "15": "Pre-encrypted ballots: every selection holds an allowed value",
    "16": "Pre-encrypted ballots: no more votes than allowed",
    "17": "Pre-encrypted ballots: codes",
    "18": "Pre-encrypted ballots: short codes and chosen vectors",
    "F": "Further checks, beyond the specification",
}
"""What a verification is about, for people."""

CHAINS: Final = ("7.D", "7.E", "7.F", "7.G")
COUNTED_DATA: Final = ("11.A", "11.B")
CHALLENGES: Final = (*(name for name in _SUMS if name.startswith(("12", "13", "14"))), "F.6", "F.9")
PRE_ENCRYPTION: Final = tuple(_PRE_ENCRYPTED)
REGULAR: Final = (*(name for name in _BALLOTS if name.startswith(("5", "6"))), "7.A", "7.B")
"""Checks on ballots that are not pre-encrypted."""


def later_than(stage: Stage) -> frozenset[str]:
    """The ids of the checks that belong to a later stage."""
    reached = _ORDER[: _ORDER.index(stage) + 1]
    return frozenset(name for name, needed in _STAGES.items() if needed not in reached)

"""The list of checks on a 1.x record, by what they are about.

The 1.x specification numbers its verifications in another way in each of its versions; names are used here,
and ``specs/foreign-records.md`` says which of its statements stands where.
"""

from __future__ import annotations

from typing import Final

from evote.record.values import Stage
from evote.report import Check

_SETUP: Final = {
    "FILES.1": "Every file is there, and is in the form of the format",
    "FILES.2": "The fingerprint is the expected one",
    "PARAMETERS.1": "The large prime is that of ElectionGuard 1.x",
    "PARAMETERS.2": "The small prime is that of ElectionGuard 1.x",
    "PARAMETERS.3": "The cofactor is that of ElectionGuard 1.x",
    "PARAMETERS.4": "The generator is that of ElectionGuard 1.x",
    "HASHES.1": "The manifest hash is right",
    "HASHES.2": "The base hash Q is right",
    "HASHES.3": "The commitment hash is right",
    "HASHES.4": "The extended base hash is right",
    "GUARDIANS.1": "There are as many guardians as stated, each with a key and quorum commitments",
    "GUARDIANS.2": "Commitments of guardians are in the subgroup",
    "GUARDIANS.3": "Challenges of key proofs are the hashes of keys and commitments",
    "GUARDIANS.4": "Responses of key proofs are below q",
    "GUARDIANS.5": "Key proofs hold",
    "KEY.1": "The joint key is the product of the guardians' keys and not 1",
}

_BALLOTS: Final = {
    "SHAPE.1": "Ballots have the contests, options and placeholders of their style, in order",
    "SHAPE.2": "Ballots name this manifest",
    "SHAPE.3": "Description hashes on ballots are right",
    "SELECTIONS.1": "Selections, and the commitments of their proofs, are in the group",
    "SELECTIONS.2": "Challenges and responses of selection proofs are below q",
    "SELECTIONS.3": "Challenges of selection proofs add up to the hash",
    "SELECTIONS.4": "Selection proofs hold: every selection is 0 or 1",
    "LIMITS.1": "The proven number of votes is the contest's limit",
    "LIMITS.2": "Contest totals are the products of the selections",
    "LIMITS.3": "Challenges and responses of contest proofs are below q",
    "LIMITS.4": "Challenges of contest proofs are the hashes",
    "LIMITS.5": "Contest proofs hold: votes and placeholders add up to the limit",
    "CODES.1": "Hashes of selections are right",
    "CODES.2": "Hashes of contests are right",
    "CODES.3": "Hashes of ballots are right",
    "CODES.4": "Confirmation codes are right",
    "CODES.5": "No confirmation code occurs twice",
    "CODES.6": "Codes follow each other in unbroken chains, each from the start of a device",
    "EXTRA.1": "No ciphertext occurs twice, and none shows its vote",
    "EXTRA.2": "No nonce is published",
}

_RESULTS: Final = {
    "TALLY.1": "The encrypted tally has the contests and options of the manifest",
    "TALLY.2": "Encrypted sums are the products over the cast ballots",
    "SHARES.1": "Everything was decrypted by every guardian, or by a quorum in its place",
    "SHARES.2": "Shares are in the group, challenges and responses of their proofs below q",
    "SHARES.3": "Challenges of share proofs are the hashes",
    "SHARES.4": "Share proofs hold",
    "RECOVERY.1": "Parts of recovered shares come from the guardians that were there",
    "RECOVERY.2": "Recovery keys follow from the commitments of the missing guardian",
    "RECOVERY.3": "Parts are in the group, challenges and responses of their proofs below q",
    "RECOVERY.4": "Challenges of proofs of parts are the hashes",
    "RECOVERY.5": "Proofs of parts hold",
    "RECOVERY.6": "Lagrange coefficients are right, and those of a quorum",
    "RECOVERY.7": "Recovered shares are put together from their parts",
    "RESULT.1": "The tally has the contests and options of the manifest",
    "RESULT.2": "What was decrypted is the encrypted tally",
    "RESULT.3": "Decrypted values follow from the shares",
    "RESULT.4": "Counts are those of the decrypted values",
    "SPOILED.1": "Exactly the spoiled ballots were decrypted, with all contests and options",
    "SPOILED.2": "What was decrypted is what the spoiled ballot holds",
    "SPOILED.3": "Decrypted values of spoiled ballots follow from the shares",
    "SPOILED.4": "Votes of spoiled ballots are those of the decrypted values",
    "SPOILED.5": "Votes of spoiled ballots are allowed",
}

CHECKS: Final[tuple[Check, ...]] = tuple(
    Check(identifier, title, "specs/foreign-records.md")
    for identifier, title in {**_SETUP, **_BALLOTS, **_RESULTS}.items()
)
"""Every check, in the order of the report."""

FAMILIES: Final = {
    "FILES": "The record is whole, and its files are readable in one way only",
    "PARAMETERS": "The parameters are the published ones",
    "HASHES": "The hashes on which the election rests are right",
    "GUARDIANS": "Every guardian knows the secrets behind its keys",
    "KEY": "The joint key comes from all guardians",
    "SHAPE": "Ballots are what the manifest says",
    "SELECTIONS": "Every encrypted selection holds 0 or 1",
    "LIMITS": "No ballot has more votes in a contest than allowed",
    "CODES": "Confirmation codes are right, no code occurs twice, and chains are unbroken",
    "EXTRA": "Further checks on ballots, beyond the specification",
    "TALLY": "The encrypted sums are those of the cast ballots",
    "SHARES": "Every guardian decrypted correctly",
    "RECOVERY": "Missing guardians were replaced correctly",
    "RESULT": "The counts are what was decrypted",
    "SPOILED": "Spoiled ballots were decrypted correctly",
}
"""What a family of checks is about, for people."""

SETUP_CHECKS: Final = tuple(_SETUP)
BALLOT_CHECKS: Final = tuple(_BALLOTS)
RESULT_CHECKS: Final = tuple(_RESULTS)
PROOF_CHECKS: Final = tuple(
    name for name in (*_BALLOTS, *_RESULTS) if name.split(".")[0] in ("SELECTIONS", "LIMITS", "CODES")
)
DECRYPTIONS: Final = tuple(name for name in _RESULTS if name.startswith(("SHARES", "RECOVERY")))
SPOILED_CHECKS: Final = tuple(name for name in _RESULTS if name.startswith("SPOILED"))


def later_than(stage: Stage) -> frozenset[str]:
    """The ids of the checks that belong to a later stage."""
    if stage is Stage.FINAL:
        return frozenset()
    return frozenset(RESULT_CHECKS if stage is Stage.VOTING else (*BALLOT_CHECKS, *RESULT_CHECKS))

"""The list of checks on an archive of protocol 1, in the order in which they are made.

The families are those of the specification's public data: the archive itself, the election, trustees,
credentials, ballots, the encrypted tally, shuffles, partial decryptions and the result. What each check
reads, and which checks fail together, stands in ``specs/foreign-records.md``.
"""

from __future__ import annotations

from typing import Final

from evote.record.values import Stage
from evote.report import Check

_SETUP: Final = {
    "ARCHIVE.1": ("The container is written to the byte as the format demands", "Public data"),
    "ARCHIVE.2": ("Every file is named after the hash of its bytes", "Public data"),
    "ARCHIVE.3": ("The events form one unbroken chain", "Public data"),
    "ARCHIVE.4": ("Events and their data come in the order of an election, and nothing else", "Public data"),
    "ELECTION.1": ("Setup data and election are well formed", "Elections"),
    "ELECTION.2": ("The group is known, and the public key is in it and not 1", "Groups"),
    "ELECTION.3": ("The election has the fingerprint that is known from elsewhere", "Elections"),
    "TRUSTEES.1": ("The trustees are well formed", "Trustees"),
    "TRUSTEES.2": ("Trustees know the secrets behind their keys, all in the group", "Verification keys"),
    "TRUSTEES.3": ("Certificates are signed by their own keys", "Certificates"),
    "TRUSTEES.4": ("Certificates are for this group and this place", "Certificates"),
    "TRUSTEES.5": ("Polynomials are signed, and as long as the threshold", "Threshold trustees"),
    "TRUSTEES.6": ("Certificates and polynomials are signed together", "Threshold trustees"),
    "TRUSTEES.7": ("Verification keys follow from the polynomials", "Threshold trustees"),
    "TRUSTEES.8": ("Verification keys are signed", "Threshold trustees"),
    "TRUSTEES.9": ("The election's public key is the product of the trustees' keys", "Trustees"),
    "CREDENTIALS.1": ("Public credentials are well formed and distinct", "Credentials"),
    "CREDENTIALS.2": ("Public credentials are in the group", "Credentials"),
    "CREDENTIALS.3": ("The authority's certificate covers the credentials and is signed", "Credentials"),
}

_VOTING: Final = {
    "BALLOTS.1": ("Ballots are canonical, and have the shape of the questions", "Ballots"),
    "BALLOTS.2": ("Ballots are for this election", "Ballots"),
    "BALLOTS.3": ("Ballots are by listed credentials", "Credentials"),
    "BALLOTS.4": ("No ballot occurs twice", "Ballots"),
    "BALLOTS.5": ("Signatures are by the ballots' credentials", "Signatures"),
    "BALLOTS.6": ("Ciphertexts are in the group", "Ballots"),
    "BALLOTS.7": ("Every choice is 0 or 1", "Proofs of interval membership"),
    "BALLOTS.8": ("The number of choices is allowed", "Proofs of interval membership"),
    "BALLOTS.9": ("A ballot is blank or has choices", "Proofs of possibly-blank votes"),
    "BALLOTS.10": ("Choices stand in the chosen list", "Proofs of list constraints"),
    "BALLOTS.11": ("The chosen list has a choice", "Proof of encryption of non-zero"),
    "BALLOTS.12": ("Non-homomorphic answers were encrypted by who sends them", "Non-homomorphic answers"),
}

_FINAL: Final = {
    "TALLY.1": ("The encrypted tally is well formed", "Tally"),
    "TALLY.2": ("Numbers of ballots and weights are those of the counted ballots", "Tally"),
    "TALLY.3": ("The encrypted tally is that of the last ballot of each credential", "Tally"),
    "SHUFFLES.1": ("Shuffles are well formed", "Shuffles"),
    "SHUFFLES.2": ("Every shuffle permutes what came before", "Shuffles"),
    "DECRYPTIONS.1": ("Partial decryptions are well formed, one per trustee", "Partial decryptions"),
    "DECRYPTIONS.2": ("Decryption factors belong to the trustees' keys", "Partial decryptions"),
    "DECRYPTIONS.3": ("Every ordinary trustee and enough of each group took part", "Election result"),
    "RESULT.1": ("The result is well formed", "Election result"),
    "RESULT.2": ("The counts are what was decrypted", "Election result"),
    "RESULT.3": ("The non-homomorphic answers are what was decrypted", "Election result"),
}

_LISTS: Final = ((Stage.SETUP, _SETUP), (Stage.VOTING, _VOTING), (Stage.FINAL, _FINAL))

CHECKS: Final = tuple(
    Check(identifier, title, anchor) for _, checks in _LISTS for identifier, (title, anchor) in checks.items()
)
"""All of them, in order."""

FAMILIES: Final = {
    "ARCHIVE": "The archive is whole, and its events are one chain",
    "ELECTION": "The election is well formed, in a known group",
    "TRUSTEES": "The trustees know the secrets behind their keys, and the public key comes from all of them",
    "CREDENTIALS": "The list of credentials is well formed",
    "BALLOTS": "Every ballot is by a listed credential and holds an allowed vote",
    "TALLY": "The encrypted sums are those of the last ballot of each credential",
    "SHUFFLES": "Shuffles change the order of the answers and nothing else",
    "DECRYPTIONS": "The sums were decrypted by the trustees, correctly",
    "RESULT": "The result is what was decrypted",
}
"""What each family of checks is about, for people."""

STAGE_OF: Final = {identifier: stage for stage, checks in _LISTS for identifier in checks}
"""The first stage of an election at which each check can be made."""


def of_family(*names: str) -> list[str]:
    """The ids of the families of those names, in order."""
    return [check.id for check in CHECKS if check.family in names]


def beyond(stage: Stage) -> list[str]:
    """The ids of what comes after that stage."""
    order = [each for each, _ in _LISTS]
    return [check.id for check in CHECKS if order.index(STAGE_OF[check.id]) > order.index(stage)]

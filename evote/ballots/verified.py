"""What verification hands out: the types that a tally and a decryption accept.

Only the examiners of this package make these values; they are never restored from bytes, pickled, or
built from parts (rules A54, A68).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import InitVar, dataclass
from typing import NoReturn

from evote.ballots.election import Election
from evote.ballots.values import SubmittedBallot
from evote.elgamal import Ciphertext
from evote.errors import VerificationError
from evote.groups import Element

_TOKEN = object()
"""Held by the examiner alone, so that nothing else makes these values by mistake."""


@dataclass(frozen=True, slots=True)
class Examination:
    """All findings on one ballot, and how many statements each check looked at."""

    token: InitVar[object]
    election: Election
    submitted: SubmittedBallot
    findings: tuple[VerificationError, ...]
    counts: Counter[str]
    selections: tuple[tuple[Ciphertext, ...], ...]
    """Per contest, per field; empty unless the ballot is cast and without findings."""
    nonce: Element | None
    """C0 of the ballot nonce, if its proof holds."""
    data: tuple[Element | None, ...]
    """C0 of each contest's data, if its proof holds."""

    def __post_init__(self, token: object) -> None:
        if token is not _TOKEN:
            raise TypeError("examinations come out of examine() only")


class _Verified:
    """A ballot whose examination found nothing."""

    __slots__ = ("data", "election", "leaf", "nonce", "submitted")

    def __init__(
        self,
        token: object,
        leaf: bytes,
        examination: Examination,
    ) -> None:
        if token is not _TOKEN:
            raise TypeError("verified ballots come out of verification only")
        if examination.findings or examination.nonce is None:
            raise ValueError("a verified ballot has no findings, and a proven ballot nonce")
        self.election = examination.election
        self.submitted = examination.submitted
        self.leaf = leaf
        """Hash of the stored frame: the ballot's leaf in the record's closing head."""
        self.nonce = examination.nonce
        """C0 of the encrypted ballot nonce, whose Schnorr proof holds."""
        self.data = examination.data
        """C0 of the contest data per contest, whose Schnorr proofs hold; None without contest data."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.submitted.ballot.identifier.hex()[:16]}…>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("verified ballots are not pickled: verify the bytes where they are used")


class VerifiedBallot(_Verified):
    """A cast ballot whose every proof and hash was checked by this process: what a tally accepts."""

    __slots__ = ("selections",)

    def __init__(
        self,
        token: object,
        leaf: bytes,
        examination: Examination,
    ) -> None:
        super().__init__(token, leaf, examination)
        self.selections = examination.selections
        """The ciphertexts per contest of the style, per field, in manifest order."""


class VerifiedChallenge(_Verified):
    """A challenged ballot whose hashes and nonce proofs hold: what guardians may open."""

    __slots__ = ()

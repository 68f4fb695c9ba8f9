"""The admission receipt: the box's signed promise, given before the voter hears that it has the ballot.

It says which leaf will stand in which log, when the ballot was admitted, and by when the log's
head will cover it. All its fields have one length for all ballots of a unit, first votes and revotes
alike, so that a receipt does not tell which it is (rule A56).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from evote.board.entries import Moment
from evote.codec import Between, Digest, Label, Width, encode
from evote.errors import VerificationError
from evote.signing import VerifyKey

RECEIPT_TAG: Final = "receipt"
"""Role of the log's signature under an admission."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What is promised."""

    format: Annotated[int, Between(1, 1)]
    fingerprint: Digest
    """H_E."""
    origin: Label
    """Of the unit's log."""
    leaf: Digest
    """The leaf data (:func:`evote.board.entries.leaf_data`)."""
    time: Moment
    deadline: Moment


@dataclass(frozen=True, slots=True)
class AdmissionReceipt:
    """The promise with the signature of the unit's log key, in the role ``receipt``."""

    admission: Admission
    signature: Annotated[bytes, Width(64)]

    def verify(self, key: VerifyKey) -> None:
        """Raises :class:`VerificationError` unless ``key`` signed exactly this."""
        admission = self.admission
        try:
            key.verify(
                self.signature,
                tag=RECEIPT_TAG,
                election=admission.fingerprint,
                origin=admission.origin,
                message=encode(admission),
            )
        except VerificationError as error:
            raise VerificationError(f"the receipt is not signed by the log: {error.message}") from error

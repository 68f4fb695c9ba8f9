"""What a check of a receipt finds, and the evidence that lets anybody find it again.

Evidence is the input of a check, no more: the receipt and whatever else was looked at. Whoever holds the
manifest checks it again (:func:`evote.board.receipt_check.check_evidence`) and gets the same verdict, or
knows that the evidence shows nothing. It carries no time: whether a deadline is over is for the clock of
who checks, or for the witnesses of a checkpoint in it.

What each verdict shows, and against whom: BROKEN PROMISE is the log's own signature under a deadline that
passed, to which it can only answer with a proof; NOT INCLUDED is that signature against all leaves of the
closed log; SPLIT VIEW are two signed histories of one log. FORGED accuses nobody: it says only that this
receipt is not what it claims to be.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated, Final

from evote.board.receipt import MAX_RECEIPT_BYTES
from evote.board.receipt_log import NoteBytes, ShownLog
from evote.codec import AtMost, Between, decode, encode

MAX_EVIDENCE_BYTES: Final = 512 * 1024 * 1024
MAX_CHECKPOINTS: Final = 16


class ReceiptVerdict(enum.Enum):
    """What became of the ballot of a receipt, as far as can be said."""

    COUNTED = "COUNTED"
    SUPERSEDED = "SUPERSEDED"
    """The voter cast a later ballot, which was accepted too."""
    REJECTED = "REJECTED"
    """A check failed on it; the log says which."""
    CHALLENGED = "CHALLENGED"
    """It was opened, and never counts."""
    LOGGED = "LOGGED"
    """It is in the witnessed log; whether it counts was not looked at."""
    NOT_YET_DUE = "NOT YET DUE"
    """The log has promised to show it, and has time left."""
    BROKEN_PROMISE = "BROKEN PROMISE"
    """The log's time is over, or it took more than it may, and it has shown nothing."""
    NOT_INCLUDED = "NOT INCLUDED"
    """The log promised it, and was closed without it."""
    FORGED = "FORGED"
    """The receipt is not what it claims to be."""
    SPLIT_VIEW = "SPLIT VIEW"
    """The log has signed two histories that exclude each other."""
    INVALID = "INVALID"
    """The log as a whole breaks the rules of the election, so nothing can be said of the ballot."""

    @property
    def exit_code(self) -> int:
        """That of a program: 0 the promise was kept, 3 not all could be looked at, 1 something is wrong."""
        return _EXIT_CODES[self]


_KEPT = (
    ReceiptVerdict.COUNTED,
    ReceiptVerdict.SUPERSEDED,
    ReceiptVerdict.REJECTED,
    ReceiptVerdict.CHALLENGED,
)
_OPEN = (ReceiptVerdict.LOGGED, ReceiptVerdict.NOT_YET_DUE)
_EXIT_CODES = {each: 0 if each in _KEPT else 3 if each in _OPEN else 1 for each in ReceiptVerdict}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a check looked at, beside the manifest; nothing in it is verified."""

    format: Annotated[int, Between(1, 1)]
    verdict: ReceiptVerdict
    """What it is said to show."""
    receipt: Annotated[bytes, AtMost(MAX_RECEIPT_BYTES)]
    """In its text form."""
    checkpoints: Annotated[tuple[NoteBytes, ...], AtMost(MAX_CHECKPOINTS)]
    log: ShownLog | None

    def encode(self) -> bytes:
        """The canonical bytes, for a file."""
        return encode(self)

    @classmethod
    def parse(cls, data: bytes) -> Evidence:
        """Evidence that somebody sent; raises :class:`~evote.errors.DecodeError` for its form."""
        return decode(cls, data, element_bytes=0, limit=MAX_EVIDENCE_BYTES)


@dataclass(frozen=True, slots=True)
class CheckedReceipt:
    """What a check found. ``reason`` says it in one sentence."""

    verdict: ReceiptVerdict
    reason: str
    leaf: bytes | None = None
    """The leaf data, 32 bytes; None where the unit has no log."""
    index: int | None = None
    """Of the leaf in the unit's log, where it was found there."""
    due: int | None = None
    """The moment until which the log had to show it, where it promised that; seconds since 1970."""
    witnessed: int | None = None
    """The latest moment that a quorum of witnesses says had come, of all that was looked at."""
    superseded_by: int | None = None
    """Index of the counted ballot's entry, for SUPERSEDED."""
    check: str = ""
    """Number of the check that failed, for REJECTED."""
    final: bool = False
    """Whether it is in the log's closing head."""
    evidence: Evidence | None = None
    """For the verdicts that accuse, if the receipt has one."""

    @property
    def exit_code(self) -> int:
        return self.verdict.exit_code

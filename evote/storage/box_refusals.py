"""Why a ballot box refuses, by name: the names stand in the log's counts and in the server's answers.

What is refused here changes nothing and reserves nothing; the voter's device may come again.
"""

from __future__ import annotations

import enum

from evote.errors import RefusedError


class BoxRefusal(enum.Enum):
    """What the box itself refuses, beside what the rules of the board do."""

    TOO_LARGE = "too-large"
    """More bytes than any ballot of the election has; nothing of it was read."""
    MALFORMED = "malformed"
    """Bytes that are no submission, or the other decision than the one that was asked for."""
    QUEUE_FULL = "queue-full"
    """Too many submissions at once; the same may come again at once."""
    CLOSED = "closed"
    """Voting has ended."""
    REPEATED_CIPHERTEXT = "repeated-ciphertext"
    """A ciphertext of the ballot stands in the box already; the device encrypts it again."""
    STOPPED = "stopped"
    """The box found itself behind what it had promised and signs nothing."""
    FAILED = "failed"
    """The database could not take it; the same may come again."""


class SubmissionRefusedError(RefusedError):
    """A submission was refused; ``name`` is the stable text of the reason.

    It is that of a :class:`BoxRefusal` or of an :class:`evote.board.rules.Refusal`. ``head`` is the head
    of the slot (32 bytes) where the submission was stale, so that the voter can sign over it; else None.
    """

    def __init__(self, name: str, message: str, head: bytes | None = None) -> None:
        self.name = name
        self.message = message
        self.head = head
        super().__init__(message)

    def __reduce__(self) -> tuple[type[SubmissionRefusedError], tuple[str, str, bytes | None]]:
        return type(self), (self.name, self.message, self.head)

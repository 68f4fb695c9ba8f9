"""The guardians of a demonstration, who decrypt in one process.

Each guardian of an election verifies the record before it decrypts (specification section 3.6.3), or
lets a verifier that it trusts do so (rule A50). Here they share one run of
:func:`evote.guardian.closed_record` over the written files. That is sound because one process plays them
all anyway; in an election each runs its own on its own machine (``evote guardian decrypt``).

All messages pass through the codec, as they do between machines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from evote.ceremony import GuardianShare
from evote.codec import decode, encode
from evote.decryption import Decryption, combine, commit, decryption_request
from evote.guardian import closed_record
from evote.record import RecordReader

T = TypeVar("T")


def decrypt(
    reader: RecordReader, shares: Sequence[GuardianShare], progress: Callable[[str, int, int], None]
) -> Decryption:
    """Let the guardians of those shares (in increasing order) decrypt the closed record.

    Raises as :func:`~evote.guardian.closed_record`, and :class:`~evote.errors.DecryptionError` that
    names whoever spoilt it.
    """
    record = closed_record(reader, lambda what, done, total: progress(f"Guardians: {what}", done, total))
    request = decryption_request(record.tally, record.values, tuple(share.index for share in shares), 1)
    width = record.election.group.element_bytes

    def over_the_wire(message: T) -> T:
        return decode(type(message), encode(message), element_bytes=width)

    progress("Decryption", 0, 4)
    committed = [commit(share, request) for share in shares]
    progress("Decryption", 1, 4)
    commitments = [over_the_wire(message) for _, message in committed]
    opened = [state.open(commitments) for state, _ in committed]
    openings = [over_the_wire(message) for _, message in opened]
    progress("Decryption", 2, 4)
    responses = [over_the_wire(state.respond(openings)) for state, _ in opened]
    progress("Decryption", 3, 4)
    decryption = combine(request, record.shares, commitments, openings, responses)
    progress("Decryption", 4, 4)
    return decryption

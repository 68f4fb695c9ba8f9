"""The guardians of a demonstration, who decrypt in one process.

Each guardian of an election verifies the record before it decrypts (specification section 3.6.3), or
lets a verifier that it trusts do so (rule A50). Here they share one run of
:func:`evote.guardian.closed_record` over the written files. That is sound because one process plays them
all anyway; in an election each runs its own on its own machine (``evote guardian decrypt``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evote.ceremony import GuardianShare
from evote.decryption import Decryption, decryption_request
from evote.decryption.local import run_session
from evote.guardian import closed_record
from evote.record import RecordReader


def decrypt(
    reader: RecordReader, shares: Sequence[GuardianShare], progress: Callable[[str, int, int], None]
) -> Decryption:
    """Let the guardians of those shares (in increasing order) decrypt the closed record.

    Raises as :func:`~evote.guardian.closed_record`, and :class:`~evote.errors.DecryptionError` that
    names whoever spoilt it.
    """
    record = closed_record(reader, lambda what, done, total: progress(f"Guardians: {what}", done, total))
    request = decryption_request(record.tally, record.values, tuple(share.index for share in shares), 1)
    return run_session(request, record.shares, shares, progress)

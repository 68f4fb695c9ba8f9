"""A whole decryption in one process: every guardian, every message through the codec.

For tests, demonstrations, and elections whose guardians are one person. In earnest every guardian
verifies the record on a machine of its own, keeps a ledger, and exchanges the same messages there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from evote.ballots import VerifiedBallot, VerifiedChallenge
from evote.ceremony import GuardianRecords, GuardianShare, verify_guardian_record
from evote.codec import decode, encode
from evote.decryption.combination import combine
from evote.decryption.guardian import commit
from evote.decryption.request import DecryptionRequest, decryption_request
from evote.decryption.result import Decryption
from evote.decryption.shares import PublicShares
from evote.tally import Tally

T = TypeVar("T")

Progress = Callable[[str, int, int], None]


def decrypt_local(
    tally: Tally,
    records: GuardianRecords,
    shares: Sequence[GuardianShare],
    ballots: Iterable[VerifiedBallot | VerifiedChallenge] = (),
) -> Decryption:
    """Decrypt a complete tally with the guardians whose ``shares`` are given, in increasing order.

    ``records`` are those of all guardians. ``ballots``, the verified ballots of the record in order,
    are needed where the manifest has contest data decrypted or nonces opened by guardians. Raises as
    :func:`~evote.decryption.decryption_request` and :func:`run_session`, and
    :class:`~evote.errors.VerificationError` for a false guardian record.
    """
    election = tally.election
    guardians = [verify_guardian_record(election.setting, record) for record in records.guardians]
    request = decryption_request(tally, ballots, tuple(share.index for share in shares), 1)
    return run_session(request, PublicShares.of(election, guardians), shares)


def run_session(
    request: DecryptionRequest,
    public: PublicShares,
    shares: Sequence[GuardianShare],
    progress: Progress | None = None,
) -> Decryption:
    """All rounds of one session between honest guardians, and their combination.

    ``progress`` is called with "Decryption", the steps done and their number. Raises
    :class:`~evote.errors.DecryptionError` that names whoever spoilt the session.
    """

    def over_the_wire(message: T) -> T:
        return decode(type(message), encode(message), element_bytes=request.election.group.element_bytes)

    def tell(done: int) -> None:
        if progress is not None:
            progress("Decryption", done, 4)

    tell(0)
    committed = [commit(share, request) for share in shares]
    commitments = [over_the_wire(message) for _, message in committed]
    tell(1)
    opened = [state.open(commitments) for state, _ in committed]
    openings = [over_the_wire(message) for _, message in opened]
    tell(2)
    responses = [over_the_wire(state.respond(openings)) for state, _ in opened]
    tell(3)
    decryption = combine(request, public, commitments, openings, responses)
    tell(4)
    return decryption

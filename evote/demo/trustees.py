"""The guardians of a demonstration, who decrypt in one process.

Each guardian of an election verifies the record before it decrypts (specification section 3.6.3), or
lets a verifier that it trusts do so (rule A50). Here they share one run: verifications 5 to 9 on the
written record, from its files, once for all of them. That is sound because one process plays them all
anyway; in an election each runs its own on its own machine (``evote guardian decrypt``).

All messages pass through the codec, as they do between machines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from evote.ballots import Election, examine, verified_of
from evote.ceremony import GuardianShare, verify_guardian_record
from evote.codec import decode, encode
from evote.decryption import Decryption, PublicShares, commit, decryption_request, setting_of
from evote.decryption.combination import combine
from evote.errors import DecodeError, VerificationError
from evote.record import RecordReader
from evote.record.layout import largest_ballot
from evote.tally import Tallier, Tally

T = TypeVar("T")


def verified_tally(election: Election, reader: RecordReader, step: Callable[[], None]) -> Tally:
    """Verify every ballot of a written record and add it up; ``step`` is called after each.

    Raises :class:`VerificationError` unless the published tally is the sum of the ballots and its head is
    theirs, and for the first ballot that does not hold.
    """
    tallier = Tallier(election)
    limit = largest_ballot(election.manifest, election.group.element_bytes)
    for _, _, submitted in reader.ballots(limit=limit):
        if isinstance(submitted, DecodeError):
            raise submitted
        tallier.add(verified_of(election, submitted, examine(election, submitted)))
        step()
    published = reader.tally()
    tally = tallier.tally(tallier.head())
    if tally.publish() != published:
        raise VerificationError("the published tally is not the sum of the ballots", check="9.A")
    return tally


def decrypt(
    election: Election,
    reader: RecordReader,
    shares: Sequence[GuardianShare],
    step: Callable[[], None],
) -> Decryption:
    """Let the guardians of those shares decrypt the closed record; errors as :func:`verified_tally`.

    Raises :class:`~evote.errors.DecryptionError` that names whoever spoilt it.
    """
    tally = verified_tally(election, reader, step)
    setting = setting_of(election)
    guardians = [verify_guardian_record(setting, record) for record in reader.guardians().guardians]
    request = decryption_request(tally, (), tuple(share.index for share in shares), 1)

    def over_the_wire(message: T) -> T:
        return decode(type(message), encode(message), element_bytes=election.group.element_bytes)

    committed = [commit(share, request) for share in shares]
    commitments = [over_the_wire(message) for _, message in committed]
    opened = [state.open(commitments) for state, _ in committed]
    openings = [over_the_wire(message) for _, message in opened]
    responses = [over_the_wire(state.respond(openings)) for state, _ in opened]
    return combine(request, PublicShares.of(election, guardians), commitments, openings, responses)

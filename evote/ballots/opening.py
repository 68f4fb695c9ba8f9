"""Opening a ballot with its ballot nonce (specification section 3.6.7).

Used by the voter's device after a challenge and by guardians who decrypted the nonce. What is
published are the nonces of the selections and of the contest data, never the ballot nonce.
"""

from __future__ import annotations

from evote.ballots import hashes
from evote.ballots.election import Election
from evote.ballots.unseal import open_data
from evote.ballots.values import (
    EncryptedBallot,
    EncryptedContest,
    OpenedBallot,
    OpenedContest,
    OpenedData,
    OpenedSelection,
)
from evote.codec import MAX_SELECTION_LIMIT
from evote.elgamal import DiscreteLog
from evote.groups import Element
from evote.hashing import xor
from evote.manifest import Contest
from evote.secret import Secret

MAX_OPENED_VALUE = MAX_SELECTION_LIMIT
"""Values are sought up to here: beyond every limit, so that a dishonest device can be shown up."""


def open_ballot(election: Election, ballot: EncryptedBallot, nonce: Secret[bytes]) -> OpenedBallot:
    """Derive all nonces, decrypt every selection and all contest data.

    Requires a ballot with the contests and options of its style. Raises
    :class:`~evote.errors.DiscreteLogError` if a selection does not hold a small number under this
    nonce, and :class:`~evote.errors.DecodeError` or :class:`~evote.errors.VerificationError` if a value
    is not in the group: the device lied about the nonce or about the vote.
    """
    search = DiscreteLog(election.vote_key.base, MAX_OPENED_VALUE)
    contests = []
    for encrypted in ballot.contests:
        contest = election.manifest.contest(encrypted.contest)
        contests.append(_open_contest(election, ballot.identifier_hash, contest, encrypted, nonce, search))
    return OpenedBallot(ballot.identifier, tuple(contests))


def _open_contest(
    election: Election,
    key: bytes,
    contest: Contest,
    encrypted: EncryptedContest,
    ballot_nonce: Secret[bytes],
    search: DiscreteLog,
) -> OpenedContest:
    group = election.group
    selections = []
    for option, selection in zip(contest.options, encrypted.selections, strict=True):
        nonce = hashes.selection_nonce(group, key, contest.index, option.index, ballot_nonce.reveal())
        blinding = group.invert(group.power(election.vote_key.base, nonce))
        power = group.multiply(group.decode(selection.beta), blinding)  # equation 109
        selections.append(OpenedSelection(option.label, search.find(power), nonce.encode()))
    data = None
    if encrypted.data is not None:
        nonce = hashes.contest_data_nonce(group, key, contest.index, ballot_nonce.reveal())
        beta = group.power(election.data_key.base, nonce)  # equation 110
        data = OpenedData(
            open_data(key, contest.index, group.decode(encrypted.data.c0), beta, encrypted.data.c1),
            nonce.encode(),
        )
    return OpenedContest(contest.label, tuple(selections), data)


def open_nonce(key: bytes, alpha: Element, beta: Element, c1: bytes) -> Secret[bytes]:
    """The ballot nonce from its shared value beta (section 3.6.7, equations 35, 36)."""
    return Secret(
        xor(c1, hashes.ballot_nonce_pad(hashes.ballot_nonce_key(key, alpha.encode(), beta.encode())))
    )

"""Checking one ballot from its published bytes (verifications 5.B, 6, 7, 8 and evote's own).

:func:`examine` looks at everything and collects all that is wrong, with the number of statements
it looked at per check; :func:`verify_cast` and :func:`verify_challenged` raise the first finding
and otherwise give the verified types that tally and decryption accept. What is looked at stands in
:mod:`evote.ballots.examiner`; here its proofs are decided one by one, which is the plain way that every
other one must agree with.

The checks of evote's own on one ballot: E.1 context, E.2 shape, E.3 weight, E.4 proof of the ballot
nonce, E.5 proof of contest data, E.7 no identity ciphertext. Uniqueness over ballots (5.A, E.6), chains
(8.E to 8.G) and device records (8.C) need the whole record and stand in the verifier.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evote.ballots import hashes
from evote.ballots.election import Election
from evote.ballots.examiner import Examiner, Pair, Part, name_of
from evote.ballots.values import BallotState, SubmittedBallot
from evote.ballots.verified import _TOKEN, Examination, VerifiedBallot, VerifiedChallenge
from evote.codec import encode
from evote.errors import VerificationError
from evote.groups import Claimed, Element
from evote.proofs.ranges import range_statement
from evote.proofs.relation import Challenge, DisjunctionProof, RelationProof, knowledge
from evote.proofs.verify import Members, verify, verify_disjunction


def verify_cast(election: Election, submitted: SubmittedBallot) -> VerifiedBallot:
    """Check a cast ballot completely; raises the first :class:`VerificationError`."""
    if submitted.state is not BallotState.CAST:
        raise VerificationError("only a cast ballot can be counted", where=name_of(submitted))
    return _verified_cast(examine(election, submitted))


def verify_challenged(election: Election, submitted: SubmittedBallot) -> VerifiedChallenge:
    """Check hashes, nonce and data proofs of a challenged ballot; raises the first finding."""
    if submitted.state is not BallotState.CHALLENGED:
        raise VerificationError("only a challenged ballot can be opened", where=name_of(submitted))
    examination = examine(election, submitted)
    return _verified_challenge(examination)


def verified_of(
    election: Election, submitted: SubmittedBallot, examination: Examination
) -> VerifiedBallot | VerifiedChallenge:
    """The verified ballot of an examination that :func:`examine` gave for these very arguments.

    Raises the first finding, if there is one, and ``ValueError`` for the examination of something else.
    """
    if examination.election is not election or examination.submitted is not submitted:
        raise ValueError("the examination is that of another ballot")
    if submitted.state is BallotState.CAST:
        return _verified_cast(examination)
    return _verified_challenge(examination)


def leaf_of(election: Election, submitted: SubmittedBallot) -> bytes:
    """The hash that stands for a submitted ballot in the record's closing head."""
    return hashes.submitted_hash(election.extended_hash, encode(submitted))


def _verified_cast(examination: Examination) -> VerifiedBallot:
    _raise_first(examination)
    leaf = leaf_of(examination.election, examination.submitted)
    return VerifiedBallot(_TOKEN, leaf, examination)


def _verified_challenge(examination: Examination) -> VerifiedChallenge:
    _raise_first(examination)
    leaf = leaf_of(examination.election, examination.submitted)
    return VerifiedChallenge(_TOKEN, leaf, examination)


def _raise_first(examination: Examination) -> None:
    if examination.findings:
        raise examination.findings[0]


def examine(election: Election, submitted: SubmittedBallot) -> Examination:
    """Check one submitted ballot against everything that can be checked of it alone."""
    proofs = PlainProofs(election)
    return Examiner(election, submitted, proofs).run().finish(proofs.element)


def examine_form(election: Election, submitted: SubmittedBallot) -> tuple[VerificationError, ...]:
    """What is wrong with a ballot that can be seen without a power in the group, in the order of its parts.

    5.B, E.2, E.3, E.1, 8.A, 8.B, 8.D, and E.7 (identity ciphertexts, whatever the ballot's state). A
    ballot that passes is not verified: :func:`examine` also looks at all that this does.
    """
    return Examiner(election, submitted, PlainProofs(election)).form()


class PlainProofs:
    """Decides every proof at once: commitments are recomputed, and their challenge compared."""

    __slots__ = ("_election", "_group", "_members")

    def __init__(self, election: Election) -> None:
        self._election = election
        self._group = election.group
        self._members: Members = {}

    def ranged(
        self,
        part: Part,
        alphas: Sequence[Claimed],
        betas: Sequence[Claimed],
        product: tuple[Claimed, Claimed],
        pairs: Sequence[Pair],
        challenge: Challenge,
    ) -> None:
        """See :class:`~evote.ballots.examiner.Proofs`."""
        statement = range_statement(self._election.vote_key, *product, len(pairs) - 1)
        proof = DisjunctionProof(tuple(self._proof(pair) for pair in pairs))
        self._members |= verify_disjunction(self._group, statement, proof, challenge)

    def known(self, part: Part, image: Claimed, pair: Pair, challenge: Challenge) -> None:
        """See :class:`~evote.ballots.examiner.Proofs`."""
        relation = knowledge((self._group.generator, image))
        self._members |= verify(self._group, relation, self._proof(pair), challenge)

    def product(self, values: Sequence[Claimed]) -> Element:
        """See :class:`~evote.ballots.examiner.Proofs`."""
        return self._group.product(map(self.element, values))

    def element(self, value: Claimed) -> Element:
        """The member that a value is.

        A proof that failed for another reason showed membership too, and is rare: it is tested again.
        """
        member = self._members.get(value)
        return self._group.decode(value.encode()) if member is None else member

    def _proof(self, pair: Pair) -> RelationProof:
        challenge, response = pair
        return RelationProof(self._group.scalar(challenge), (self._group.scalar(response),))


Examine = Callable[[Election, SubmittedBallot], Examination]
"""The signature of :func:`examine`; a faster examiner has it too and gives the same findings."""

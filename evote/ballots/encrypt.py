"""Encrypting a ballot (specification sections 3.3 and 3.4).

One 256-bit ballot nonce yields all encryption nonces (equations 33, 64); id_B, its random bytes
and the ballot nonce are drawn here and cannot be set from outside (rule A63). The operations are
the same in kind and number for every choice. What comes back is a :class:`PreparedBallot`: the
voter sees its confirmation code and then decides, once, to cast or to challenge it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from evote.ballots import hashes
from evote.ballots.device import Device
from evote.ballots.election import Election
from evote.ballots.hints import BallotHint
from evote.ballots.opening import open_ballot
from evote.ballots.plaintext import ContestVote, PlaintextBallot, interpret
from evote.ballots.values import (
    BallotState,
    ContextOpening,
    EncryptedBallot,
    EncryptedContest,
    HashedCiphertext,
    OpenedBallot,
    ProofPair,
    Selection,
    SubmittedBallot,
)
from evote.elgamal import Ciphertext
from evote.elgamal import encrypt as encrypt_value
from evote.errors import RefusedError
from evote.groups import Element, Scalar
from evote.hashing import tagged, xor
from evote.manifest.extensions import ROLL
from evote.proofs.prove import Exponents, prove
from evote.proofs.range_prover import prove_range
from evote.proofs.relation import Challenge, Commitments, DisjunctionProof, knowledge
from evote.randomness import SYSTEM, Randomness
from evote.secret import Secret


@dataclass(frozen=True, slots=True)
class BallotCommitments:
    """The commitments behind the proofs of one ballot, for batch verification; not secret.

    ``selections[i][j]`` belongs to field j of contest i, ``limits[i]`` to its limit proof,
    ``data[i]`` to its contest data, ``nonce`` to the encrypted ballot nonce.
    """

    selections: tuple[tuple[Commitments, ...], ...]
    limits: tuple[Commitments, ...]
    data: tuple[Commitments, ...]
    nonce: Commitments

    def hint(self, identifier: bytes) -> BallotHint:
        """The hint of the ballot with that identifier, with all its commitments."""
        parts = (*chain.from_iterable(self.selections), *self.limits, *self.data, self.nonce)
        return BallotHint(identifier, b"".join(each.encode() for part in parts for each in part))


class PreparedBallot:
    """An encrypted ballot whose voter has not decided yet, with the secret that can open it.

    :meth:`cast` or :meth:`challenge` consumes it; the other is refused for ever after.
    """

    def __init__(
        self,
        election: Election,
        ballot: EncryptedBallot,
        context: ContextOpening,
        nonce: Secret[bytes],
        commitments: BallotCommitments,
    ) -> None:
        self.ballot = ballot
        self.commitments = commitments
        self._election = election
        self._context = context
        self._nonce = nonce
        self._lock = threading.Lock()
        self._decided: BallotState | None = None

    def __repr__(self) -> str:
        return f"<prepared ballot {self.code}>"

    @property
    def code(self) -> str:
        """The confirmation code that the voter keeps, as 64 hexadecimal digits."""
        return self.ballot.confirmation_code.hex().upper()

    def hint(self) -> BallotHint:
        """The commitments of all proofs, which let others verify the ballot faster; not secret.

        For a challenged ballot, :meth:`~evote.ballots.hints.BallotHint.fitting` gives the part that is used.
        """
        return self.commitments.hint(self.ballot.identifier)

    def cast(self) -> SubmittedBallot:
        """The ballot to be counted; its nonce is forgotten. Raises :class:`RefusedError` if decided."""
        self._decide(BallotState.CAST)
        self._nonce = Secret(b"")
        return SubmittedBallot(BallotState.CAST, self.ballot, self._context)

    def challenge(self) -> tuple[SubmittedBallot, OpenedBallot]:
        """The ballot opened for the voter's check; it is never counted.

        Raises :class:`RefusedError` if the voter has decided already.
        """
        self._decide(BallotState.CHALLENGED)
        submitted = SubmittedBallot(BallotState.CHALLENGED, self.ballot, None)
        return submitted, open_ballot(self._election, self.ballot, self._nonce)

    def pending(self) -> tuple[EncryptedBallot, ContextOpening, Secret[bytes]]:
        """The parts, for storage that seals the nonce until the voter decides."""
        if self._decided is not None:
            raise RefusedError("this ballot is decided; there is nothing left to keep")
        return self.ballot, self._context, self._nonce

    def _decide(self, state: BallotState) -> None:
        with self._lock:
            if self._decided is not None:
                raise RefusedError(
                    f"this ballot is already {self._decided.value}; it cannot be {state.value} too"
                )
            self._decided = state


def encrypt(device: Device, plaintext: PlaintextBallot, *, pseudonym: bytes | None = None) -> PreparedBallot:
    """Encrypt a ballot on a device, which moves its chain on by one.

    ``pseudonym`` is 32 bytes where the election has a roll. Raises ``ValueError`` for marks that
    the manifest does not know, and for a pseudonym where the manifest declares no roll; overvotes
    are encrypted as the specification says.
    """
    return _encrypt(device, plaintext, pseudonym, SYSTEM)


def _encrypt(
    device: Device, plaintext: PlaintextBallot, pseudonym: bytes | None, rng: Randomness
) -> PreparedBallot:
    election = device.election
    manifest = election.manifest
    if manifest.pre_encrypts(device.information):
        raise ValueError(f"the device {device.information!r} makes pre-encrypted ballots, and no others")
    votes = interpret(manifest, plaintext)
    if pseudonym is not None and len(pseudonym) != 32:
        raise ValueError("a pseudonym has 32 bytes")
    if pseudonym is not None and ROLL not in manifest.extensions:
        raise ValueError("the election has no roll, so its ballots carry no pseudonym")
    context = ContextOpening(pseudonym, rng.token(32))
    identifier = hashes.context_identifier(
        election.extended_hash, plaintext.unit, plaintext.style, pseudonym, context.randomness
    )
    key = hashes.identifier_hash(election.extended_hash, identifier)
    nonce = Secret(tagged("evote/v1/ballot-nonce", rng.token(32), device.secret.reveal(), identifier))
    encryptor = Encryptor(election, key, nonce, rng)
    made = [encryptor.contest(vote) for vote in votes]
    sealed, sealed_commitments = encryptor.ballot_nonce()
    with device.lock:  # one ballot after the other takes its place in the chain
        field = device.next_field()
        code = hashes.confirmation_code(key, [contest.contest_hash for contest, *_ in made], field)
        ballot = EncryptedBallot(
            identifier,
            key,
            plaintext.unit,
            plaintext.style,
            manifest.style(plaintext.style).weight,
            device.information,
            tuple(contest for contest, *_ in made),
            sealed,
            field,
            code,
        )
        device.advance(code)
    commitments = BallotCommitments(
        tuple(selections for _, selections, _, _ in made),
        tuple(limit for _, _, limit, _ in made),
        tuple(data for _, _, _, data in made),
        sealed_commitments,
    )
    return PreparedBallot(election, ballot, context, nonce, commitments)


class Encryptor:
    """What all contests of one ballot share: election, H_I, ballot nonce, randomness."""

    __slots__ = ("_election", "_group", "_key", "_nonce", "_rng")

    def __init__(self, election: Election, key: bytes, nonce: Secret[bytes], rng: Randomness) -> None:
        self._election = election
        self._group = election.group
        self._key = key
        self._nonce = nonce
        self._rng = rng

    def contest(
        self, vote: ContestVote
    ) -> tuple[EncryptedContest, tuple[Commitments, ...], Commitments, Commitments]:
        contest, group, key = vote.contest, self._group, self._key
        vote_key = self._election.vote_key
        selections: list[Selection] = []
        commitments: list[Commitments] = []
        counted: list[Ciphertext] = []
        total_nonce = group.scalar(0)
        for option, value in zip(contest.options, vote.values, strict=True):
            nonce = hashes.selection_nonce(group, key, contest.index, option.index, self._nonce.reveal())
            ciphertext = encrypt_value(vote_key, value, nonce)
            alpha, beta = ciphertext.alpha.encode(), ciphertext.beta.encode()
            proven = prove_range(
                vote_key,
                ciphertext,
                value,
                Secret(nonce),
                option.limit,
                self._selection_challenge(contest.index, option.index, alpha, beta),
                rng=self._rng,
            )
            selections.append(Selection(option.index, alpha, beta, _pairs(proven.proof)))
            commitments.append(proven.commitments)
            if option.in_limit:
                counted.append(ciphertext)
                total_nonce = total_nonce + nonce
        total = Ciphertext(
            group.product(ciphertext.alpha for ciphertext in counted),
            group.product(ciphertext.beta for ciphertext in counted),
        )
        limit = prove_range(
            vote_key,
            total,
            vote.total,
            Secret(total_nonce),
            contest.limit,
            self._limit_challenge(contest.index, total.alpha.encode(), total.beta.encode()),
            rng=self._rng,
        )
        data, data_commitments = self._contest_data(vote)
        hashed = hashes.contest_hash(
            key,
            contest.index,
            [part for selection in selections for part in (selection.alpha, selection.beta)],
            () if data is None else data.fields,
        )
        encrypted = EncryptedContest(contest.index, tuple(selections), _pairs(limit.proof), data, hashed)
        return encrypted, tuple(commitments), limit.commitments, data_commitments

    def ballot_nonce(self) -> tuple[HashedCiphertext, Commitments]:
        """The ballot nonce under the data key (equations 34 to 38)."""
        group, key = self._group, self._key
        nonce = group.random_scalar(self._rng)
        alpha, beta = self._pair(nonce)
        pad = hashes.ballot_nonce_pad(hashes.ballot_nonce_key(key, alpha.encode(), beta.encode()))
        c0, c1 = alpha.encode(), xor(self._nonce.reveal(), pad)

        def challenge(commitments: Sequence[bytes]) -> Scalar:
            return hashes.ballot_nonce_challenge(group, key, commitments[0], c0, c1)

        return self._hashed(alpha, c0, c1, nonce, challenge)

    def _contest_data(self, vote: ContestVote) -> tuple[HashedCiphertext | None, Commitments]:
        """Contest data at the fixed length of the manifest (equations 63 to 69)."""
        contest, group, key = vote.contest, self._group, self._key
        if contest.data is None:
            return None, ()
        nonce = hashes.contest_data_nonce(group, key, contest.index, self._nonce.reveal())
        alpha, beta = self._pair(nonce)
        secret_key = hashes.contest_data_key(key, contest.index, alpha.encode(), beta.encode())
        pad = hashes.contest_data_pad(secret_key, contest.index, contest.data.blocks)
        c0, c1 = alpha.encode(), xor(vote.record.encode(contest), pad)

        def challenge(commitments: Sequence[bytes]) -> Scalar:
            return hashes.contest_data_challenge(group, key, contest.index, commitments[0], c0, c1)

        return self._hashed(alpha, c0, c1, nonce, challenge)

    def _hashed(
        self, alpha: Element, c0: bytes, c1: bytes, nonce: Scalar, challenge: Challenge
    ) -> tuple[HashedCiphertext, Commitments]:
        proven = prove(
            self._group,
            knowledge((self._group.generator, alpha)),
            (Secret(nonce),),
            challenge,
            exponents=Exponents.EPHEMERAL,
            rng=self._rng,
        )
        pair = ProofPair(proven.proof.challenge.encode(), proven.proof.responses[0].encode())
        return HashedCiphertext(c0, c1, pair), proven.commitments

    def _pair(self, nonce: Scalar) -> tuple[Element, Element]:
        group = self._group
        return group.power(group.generator, nonce), group.power(self._election.data_key.base, nonce)

    def _selection_challenge(self, contest: int, option: int, alpha: bytes, beta: bytes) -> Challenge:
        return lambda commitments: hashes.selection_challenge(
            self._group, self._key, contest, option, alpha, beta, commitments
        )

    def _limit_challenge(self, contest: int, alpha: bytes, beta: bytes) -> Challenge:
        return lambda commitments: hashes.limit_challenge(
            self._group, self._key, contest, alpha, beta, commitments
        )


def _pairs(proof: DisjunctionProof) -> tuple[ProofPair, ...]:
    return tuple(
        ProofPair(branch.challenge.encode(), branch.responses[0].encode()) for branch in proof.branches
    )

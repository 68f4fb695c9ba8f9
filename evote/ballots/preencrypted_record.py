"""The ballot recording tool: a marked sheet becomes a cast ballot, an unmarked one is opened (section 4.3).

Everything is derived again from the ballot nonce and has to give the printed confirmation code before
anything is made of it. Cast: the chosen vectors, filled up to L with null vectors, their product with
summed nonces, and proofs for the product, for the limit and, where L > 1, for every chosen vector
(verification 6 covers each). Uncast: all vectors, and their nonces in the opening, never the ballot nonce.

Rules: what is not selected is a null vector, so that undervotes do not show; more marks than L are an
overvote and recorded as null votes alone (section 3.3.5); vectors stand in the order of their hashes,
which says nothing about options. Deciding once between the two is for whoever keeps the sheets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evote.ballots import hashes
from evote.ballots import preencrypted_hashes as pre_hashes
from evote.ballots.election import Election
from evote.ballots.preencrypted_vectors import ContestVectors, Vector, derive
from evote.ballots.values import (
    BallotState,
    ContextOpening,
    EncryptedBallot,
    EncryptedContest,
    OpenedBallot,
    OpenedPreContest,
    OpenedVector,
    PreContest,
    PreEncryption,
    PreVector,
    ProofPair,
    Selection,
    SubmittedBallot,
)
from evote.elgamal import Ciphertext
from evote.errors import RefusedError
from evote.groups import Scalar
from evote.manifest import Contest
from evote.proofs.range_prover import prove_range
from evote.proofs.relation import Challenge, DisjunctionProof
from evote.randomness import SYSTEM, Randomness
from evote.secret import Secret

Marks = Mapping[str, Sequence[str]]
"""The marked options by contest label; a contest that is left out has no marks."""


def record_cast(
    election: Election,
    ballot: EncryptedBallot,
    context: ContextOpening,
    nonce: Secret[bytes],
    marks: Marks,
) -> SubmittedBallot:
    """The cast ballot of a marked sheet.

    Raises ``ValueError`` for marks that the sheet does not have, and :class:`RefusedError` for a nonce
    that is not that of the ballot.
    """
    return _record_cast(election, ballot, context, nonce, marks, SYSTEM)


def record_uncast(
    election: Election, ballot: EncryptedBallot, nonce: Secret[bytes]
) -> tuple[SubmittedBallot, OpenedBallot]:
    """An uncast sheet with all its vectors, and its opening; raises :class:`RefusedError` as above."""
    contests = _derived(election, ballot, nonce)
    pre = PreEncryption(tuple(_all_vectors(each) for each in contests))
    opened = tuple(
        OpenedPreContest(each.contest.label, tuple(_opened(vector) for vector in each.vectors))
        for each in contests
    )
    submitted = SubmittedBallot(BallotState.CHALLENGED, ballot, None, pre)
    return submitted, OpenedBallot(ballot.identifier, (), opened)


def overvoted(election: Election, ballot: EncryptedBallot, marks: Marks) -> tuple[str, ...]:
    """Labels of the contests with more marks than their limit, which are recorded as null votes."""
    contests = election.manifest.contests_of(ballot.style)
    return tuple(each.label for each in contests if len(marks.get(each.label, ())) > each.limit)


def marks_of_codes(
    election: Election, ballot: EncryptedBallot, nonce: Secret[bytes], codes: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """The marks that short codes stand for; codes of null votes stand for nothing marked.

    Raises ``ValueError`` for a contest or a code that the sheet does not have, and
    :class:`RefusedError` as above.
    """
    contests = {each.contest.label: each for each in _derived(election, ballot, nonce)}
    found: dict[str, list[str]] = {}
    for label, wanted in codes.items():
        if label not in contests:
            raise ValueError(f"the sheet has no contest {label!r}")
        options = {vector.short_code: vector.option for vector in contests[label].vectors}
        unknown = [code for code in wanted if code not in options]
        if unknown:
            raise ValueError(f"contest {label!r} of the sheet has no short code {unknown[0]!r}")
        found[label] = [option for option in (options[code] for code in wanted) if option is not None]
    return found


def _record_cast(
    election: Election,
    ballot: EncryptedBallot,
    context: ContextOpening,
    nonce: Secret[bytes],
    marks: Marks,
    rng: Randomness,
) -> SubmittedBallot:
    contests = _derived(election, ballot, nonce)
    unknown = set(marks) - {each.contest.label for each in contests}
    if unknown:
        raise ValueError(f"the sheet has no contest {min(unknown)!r}")
    recorder = _Recorder(election, ballot.identifier_hash, rng)
    encrypted, besides = [], []
    for each, old in zip(contests, ballot.contests, strict=True):
        chosen = _chosen(each, marks.get(each.contest.label, ()))
        made, one = recorder.contest(each, chosen, old.contest_hash)
        encrypted.append(made)
        besides.append(one)
    cast = EncryptedBallot(
        ballot.identifier,
        ballot.identifier_hash,
        ballot.unit,
        ballot.style,
        ballot.weight,
        ballot.device,
        tuple(encrypted),
        ballot.nonce,
        ballot.chaining_field,
        ballot.confirmation_code,
    )
    return SubmittedBallot(BallotState.CAST, cast, context, PreEncryption(tuple(besides)))


def _derived(election: Election, ballot: EncryptedBallot, nonce: Secret[bytes]) -> tuple[ContestVectors, ...]:
    """All vectors, if they give the ballot's confirmation code."""
    key = hashes.identifier_hash(election.extended_hash, ballot.identifier)
    contests = derive(election, ballot.style, key, nonce)
    hashed = [pre_hashes.contest_hash(key, each.contest.index, each.hashes) for each in contests]
    code = pre_hashes.confirmation_code(key, hashed, ballot.chaining_field)
    if code != ballot.confirmation_code or key != ballot.identifier_hash:
        raise RefusedError("the ballot nonce is not that of the sheet with this confirmation code")
    return contests


def _chosen(each: ContestVectors, marked: Sequence[str]) -> list[Vector]:
    """The vectors of the marks, and null vectors up to L; of an overvote null vectors alone."""
    contest = each.contest
    by_option = {vector.option: vector for vector in each.vectors if vector.option is not None}
    for label in marked:
        if label not in by_option:
            raise ValueError(f"contest {contest.label!r} has no option {label!r}")
    if len(set(marked)) != len(marked):
        raise ValueError(f"an option of contest {contest.label!r} is marked twice")
    selected = [] if len(marked) > contest.limit else [by_option[label] for label in marked]
    nulls = each.vectors[len(contest.options) :]
    chosen = selected + list(nulls[: contest.limit - len(selected)])
    return sorted(chosen, key=each.place)


def _all_vectors(each: ContestVectors) -> PreContest:
    vectors = tuple(
        PreVector(each.place(vector), vector.short_code, _fields(each.contest, vector))
        for vector in sorted(each.vectors, key=each.place)
    )
    return PreContest(each.contest.index, each.hashes, vectors)


def _fields(contest: Contest, vector: Vector) -> tuple[Selection, ...]:
    return tuple(
        Selection(option.index, ciphertext.alpha.encode(), ciphertext.beta.encode(), ())
        for option, ciphertext in zip(contest.options, vector.ciphertexts, strict=True)
    )


def _opened(vector: Vector) -> OpenedVector:
    nonces = tuple(nonce.encode() for nonce in vector.nonces.reveal())
    return OpenedVector(vector.option, vector.short_code, nonces)


class _Recorder:
    """What all contests of one cast ballot share."""

    __slots__ = ("_election", "_group", "_key", "_rng")

    def __init__(self, election: Election, key: bytes, rng: Randomness) -> None:
        self._election = election
        self._group = election.group
        self._key = key
        self._rng = rng

    def contest(
        self, each: ContestVectors, chosen: Sequence[Vector], contest_hash: bytes
    ) -> tuple[EncryptedContest, PreContest]:
        """The product of the chosen vectors with its proofs, and the vectors beside it."""
        contest, group = each.contest, self._group
        fields = range(len(contest.options))
        products = tuple(
            Ciphertext(
                group.product(vector.ciphertexts[field].alpha for vector in chosen),
                group.product(vector.ciphertexts[field].beta for vector in chosen),
            )
            for field in fields
        )
        nonces = [
            sum((vector.nonces.reveal()[field] for vector in chosen), group.scalar(0)) for field in fields
        ]
        values = [sum(vector.position == option.index for vector in chosen) for option in contest.options]
        selections = self._proven(contest, products, values, nonces)
        total = Ciphertext(
            group.product(ciphertext.alpha for ciphertext in products),
            group.product(ciphertext.beta for ciphertext in products),
        )
        limit = self._prove(
            total,
            sum(values),
            sum(nonces, group.scalar(0)),
            contest.limit,
            lambda commitments: hashes.limit_challenge(
                group, self._key, contest.index, total.alpha.encode(), total.beta.encode(), commitments
            ),
        )
        vectors = tuple(
            PreVector(
                each.place(vector),
                vector.short_code,
                self._shown(contest, vector) if contest.limit > 1 else (),
            )
            for vector in chosen
        )
        return (
            EncryptedContest(contest.index, selections, limit, None, contest_hash),
            PreContest(contest.index, each.hashes, vectors),
        )

    def _shown(self, contest: Contest, vector: Vector) -> tuple[Selection, ...]:
        values = [int(vector.position == option.index) for option in contest.options]
        return self._proven(contest, vector.ciphertexts, values, vector.nonces.reveal())

    def _proven(
        self,
        contest: Contest,
        ciphertexts: Sequence[Ciphertext],
        values: Sequence[int],
        nonces: Sequence[Scalar],
    ) -> tuple[Selection, ...]:
        found = []
        for option, ciphertext, value, nonce in zip(
            contest.options, ciphertexts, values, nonces, strict=True
        ):
            sides = ciphertext.alpha.encode(), ciphertext.beta.encode()
            challenge = self._challenge(contest.index, option.index, *sides)
            proof = self._prove(ciphertext, value, nonce, option.limit, challenge)
            found.append(Selection(option.index, *sides, proof))
        return tuple(found)

    def _challenge(self, contest: int, option: int, alpha: bytes, beta: bytes) -> Challenge:
        return lambda commitments: hashes.selection_challenge(
            self._group, self._key, contest, option, alpha, beta, commitments
        )

    def _prove(
        self, ciphertext: Ciphertext, value: int, nonce: Scalar, limit: int, challenge: Challenge
    ) -> tuple[ProofPair, ...]:
        proven = prove_range(
            self._election.vote_key, ciphertext, value, Secret(nonce), limit, challenge, rng=self._rng
        )
        return _pairs(proven.proof)


def _pairs(proof: DisjunctionProof) -> tuple[ProofPair, ...]:
    return tuple(
        ProofPair(branch.challenge.encode(), branch.responses[0].encode()) for branch in proof.branches
    )

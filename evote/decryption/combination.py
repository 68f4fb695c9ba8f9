"""Combining a session's messages into plaintexts with proofs, or naming who spoilt it.

Specification sections 3.6.4 to 3.6.7; works without a secret, so any guardian or outsider with the
messages can do it. Every guardian's part is checked by itself (equations 94, 95) against what all
guardians published in the ceremony, so that blame falls on exactly those who deserve it, and a
joint proof that comes out holds.

The nonces of challenged ballots pass through here: whoever combines sees them, and publishes the
derived nonces only (section 3.6.7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from evote.ballots import OpenedBallot
from evote.ballots.opening import open_ballot, open_nonce
from evote.ballots.unseal import open_data
from evote.decryption.inbox import Blame, check_length, one_from_each
from evote.decryption.joint import JointChallenge, check_openings, joint_challenge
from evote.decryption.messages import Commitments, Openings, Part, Responses
from evote.decryption.request import DecryptionRequest
from evote.decryption.result import Decryption, UnopenedBallot
from evote.decryption.shares import PublicShares, lagrange_coefficient
from evote.decryption.statements import BallotData, BallotNonce, FieldSum, JointKey, Statement
from evote.elgamal import DiscreteLog
from evote.errors import DecodeError, DiscreteLogError, VerificationError
from evote.groups import Element, Scalar
from evote.proofs.relation import RelationProof, recompute, same_exponent
from evote.tally import DecryptedCell, DecryptedData, DecryptedField

_TABLE_FROM = 50
"""Number of values from which tables of the guardians' keys pay."""
_TABLES_UP_TO = 16
"""Most guardians for whom tables are kept (4 MiB each at 4096 bits)."""


def combine(
    request: DecryptionRequest,
    shares: PublicShares,
    commitments: Iterable[Commitments],
    openings: Iterable[Openings],
    responses: Iterable[Responses],
) -> Decryption:
    """The plaintexts and proofs of a session.

    Raises :class:`DecryptionError` that names exactly those whose messages are missing, double, of
    another session, or wrong; :class:`DiscreteLogError` if a field does not hold a possible count,
    which verified ballots exclude; ``ValueError`` for the shares of another election.
    """
    if shares.election.extended_hash != request.election.extended_hash:
        raise ValueError("these are the guardians of another election than the request's")
    committed = one_from_each(request, None, commitments, None, "list of commitments")
    opened = one_from_each(request, None, openings, None, "list of openings")
    blame = Blame()
    check_openings(request, committed, opened, blame)
    blame.settle()
    answered = one_from_each(request, None, responses, None, "list of responses")
    proven = _Checker(request, shares).check(opened, answered)
    return _Reader(request).read(proven)


@dataclass(frozen=True, slots=True)
class _Proven:
    """A statement with its combined value and the joint proof (c, v)."""

    statement: Statement
    combined: Element
    challenge: Scalar
    response: Scalar


class _Checker:
    """Checks every guardian's part of every statement (equations 94, 95)."""

    def __init__(self, request: DecryptionRequest, shares: PublicShares) -> None:
        self._request = request
        self._group = group = request.election.group
        self._weights = {
            guardian: lagrange_coefficient(group, request.guardians, guardian)
            for guardian in request.guardians
        }
        tables = len(request.statements) >= _TABLE_FROM and len(request.guardians) <= _TABLES_UP_TO
        used = {statement.key for statement in request.statements}
        self._keys: dict[tuple[JointKey, int], Element] = {}
        for key in used:
            for guardian in request.guardians:
                share = shares.of_guardian(key, guardian)
                self._keys[key, guardian] = group.precompute(share) if tables else share

    def check(
        self, openings: Mapping[int, Openings], responses: Mapping[int, Responses]
    ) -> tuple[_Proven, ...]:
        """The joint proofs; raises :class:`DecryptionError` with all culprits."""
        blame = Blame()
        for sender, message in responses.items():
            check_length(self._request, sender, len(message.responses), "list of responses", blame)
        blame.settle()
        proven = []
        for position, statement in enumerate(self._request.statements):
            parts = {sender: message.parts[position] for sender, message in openings.items()}
            joint = joint_challenge(self._group, statement, self._weights, parts, blame)
            if joint is None:
                continue
            answers = {sender: message.responses[position] for sender, message in responses.items()}
            response = self._responses(statement, joint, parts, answers, blame)
            proven.append(_Proven(statement, joint.combined, joint.challenge, response))
        blame.settle()
        return tuple(proven)

    def _responses(
        self,
        statement: Statement,
        joint: JointChallenge,
        parts: Mapping[int, Part],
        answers: Mapping[int, bytes],
        blame: Blame,
    ) -> Scalar:
        """v (equation 93) over the responses that hold; the senders of the others are in ``blame``."""
        group = self._group
        total = group.scalar(0)
        relations, proofs, senders = [], [], []
        for guardian, weight in self._weights.items():
            try:
                answer = group.decode_scalar(answers[guardian])
            except DecodeError as error:
                blame.add(f"{statement.where}: response of guardian {guardian}: {error.message}", guardian)
                continue
            key = self._keys[statement.key, guardian]
            relations.append(
                same_exponent((group.generator, key), (statement.base, joint.partials[guardian]))
            )
            proofs.append(RelationProof(joint.challenge * weight, (answer,)))
            senders.append(guardian)
            total = total + answer
        recomputed = recompute(group, relations, proofs)
        for position, guardian in enumerate(senders):
            a, b = recomputed[2 * position], recomputed[2 * position + 1]
            if (a.encode(), b.encode()) != (parts[guardian].a, parts[guardian].b):
                blame.add(f"{statement.where}: the part of guardian {guardian} does not hold", guardian)
        return total


@dataclass(slots=True)
class _Reader:
    """Turns combined values into plaintexts."""

    request: DecryptionRequest
    cells: list[DecryptedCell] = field(default_factory=list)
    data: list[DecryptedData] = field(default_factory=list)
    openings: list[OpenedBallot] = field(default_factory=list)
    unopened: list[UnopenedBallot] = field(default_factory=list)

    def read(self, proven: tuple[_Proven, ...]) -> Decryption:
        fields: dict[tuple[str, str], list[DecryptedField]] = {}
        search = DiscreteLog(self.request.election.vote_key.base, _largest_bound(self.request))
        for item in proven:
            statement = item.statement
            if isinstance(statement, FieldSum):
                row = fields.setdefault((statement.contest.label, statement.cell.label), [])
                row.append(_field(statement, item, search))
            elif isinstance(statement, BallotData):
                self.data.append(_data(statement, item))
            elif isinstance(statement, BallotNonce):
                self._open(statement, item)
            else:
                raise TypeError(f"{statement!r} is no statement of a request")
        for (contest, cell), row in fields.items():
            self.cells.append(DecryptedCell(contest, cell, tuple(row)))
        return Decryption(
            self.request.guardians,
            tuple(self.cells),
            self.request.withheld,
            tuple(self.data),
            tuple(self.openings),
            tuple(self.unopened),
        )

    def _open(self, statement: BallotNonce, item: _Proven) -> None:
        ballot = statement.ballot
        nonce = open_nonce(ballot.identifier_hash, statement.base, item.combined, statement.sealed.c1)
        try:
            self.openings.append(open_ballot(self.request.election, ballot, nonce))
        except (DecodeError, DiscreteLogError, VerificationError):
            # Nobody proves the selections of a challenged ballot: they may be anything, members or not.
            self.unopened.append(
                UnopenedBallot(
                    ballot.identifier,
                    "the decrypted nonce does not open the ballot: its device did not keep to the rules",
                )
            )


def _largest_bound(request: DecryptionRequest) -> int:
    return max(
        (statement.bound for statement in request.statements if isinstance(statement, FieldSum)), default=0
    )


def _field(statement: FieldSum, item: _Proven, search: DiscreteLog) -> DecryptedField:
    """T = B / M (equation 82) and its count t with T = K^t."""
    group = item.combined.group
    power = group.multiply(statement.beta, group.invert(item.combined))
    try:
        count = search.find(power)
    except DiscreteLogError:
        raise DiscreteLogError(statement.bound) from None
    if count > statement.bound:  # the search goes as far as the largest field of the request
        raise DiscreteLogError(statement.bound)
    return DecryptedField(
        statement.option.label, power.encode(), count, item.challenge.encode(), item.response.encode()
    )


def _data(statement: BallotData, item: _Proven) -> DecryptedData:
    """The contest data behind beta (equations 104 to 106)."""
    return DecryptedData(
        statement.identifier,
        statement.contest.label,
        item.combined.encode(),
        item.challenge.encode(),
        item.response.encode(),
        open_data(
            statement.identifier_hash,
            statement.contest.index,
            statement.base,
            item.combined,
            statement.sealed.c1,
        ),
    )

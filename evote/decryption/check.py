"""Checking published decryptions without a secret (verifications 10 and 12).

Both functions collect everything that is wrong with one value, with the number of statements each
sub-letter looked at. Decisions (``specs/decisions/decrypted-values.md``):

* T is judged by 10.C alone: T = K^t holds only for one element, so a T out of range or outside the
  subgroup fails there; and since M = B / T then means nothing, 10.B fails with it.
* A challenge of q or more fails 10.B (12.B), because no hash is equal to it; a response of q or more
  fails 10.A (12.A) and goes on modulo q, so that it fails nothing else.
* A and B must be elements: 6.A and 9 state it of them, and verification 10 says nothing about others.
"""

from __future__ import annotations

from collections import Counter

from evote.ballots import Election, EncryptedBallot
from evote.ballots.hashes import contest_data_key, contest_data_pad, identifier_hash
from evote.decryption.hashes import data_challenge, tally_challenge
from evote.errors import DecodeError, VerificationError
from evote.groups import Element, Group, MembershipError, Scalar
from evote.hashing import xor
from evote.manifest import Contest
from evote.proofs.relation import RelationProof, same_exponent
from evote.proofs.verify import verify
from evote.tally import DecryptedData, DecryptedField

Findings = tuple[tuple[VerificationError, ...], Counter[str]]


class _Check:
    """Findings on one value."""

    def __init__(self, group: Group, where: str) -> None:
        self.group = group
        self.findings: list[VerificationError] = []
        self.counts: Counter[str] = Counter()
        self._where = where

    def fail(self, check: str, message: str, expected: str = "", computed: str = "") -> None:
        self.findings.append(
            VerificationError(message, check=check, where=self._where, expected=expected, computed=computed)
        )

    def result(self) -> Findings:
        return tuple(self.findings), self.counts

    def response(self, check: str, data: bytes) -> Scalar:
        """v in Z_q, or a finding; modulo q in any case."""
        self.counts[check] += 1
        value = int.from_bytes(data, "big")
        if value >= self.group.order:
            self.fail(check, "the response is not below q")
        return self.group.scalar(value)

    def challenge(self, check: str, data: bytes) -> Scalar | None:
        """c as a scalar; None, with a finding, if it is not below q."""
        try:
            return self.group.decode_scalar(data)
        except DecodeError:
            self.fail(check, "the challenge is not below q, as every hash to Z_q is")
            return None


def examine_decryption(
    election: Election,
    alpha: Element,
    beta: Element,
    contest: int,
    option: int,
    field: DecryptedField,
    *,
    where: str = "",
) -> Findings:
    """All findings of 10.A, 10.B and 10.C on one decrypted field of the aggregate (A, B)."""
    group = election.group
    check = _Check(group, where or f"contest {contest}, option {option}")
    response = check.response("10.A", field.response)
    check.counts["10.B"] += 1
    check.counts["10.C"] += 1
    power = _power(election, check, field)
    challenge = check.challenge("10.B", field.challenge)
    if challenge is None:
        return check.result()
    if power is None:
        check.fail("10.B", "M = B / T cannot be computed, because T is not in the group")
        return check.result()
    combined = group.multiply(beta, group.invert(power))  # 10.1
    try:  # 10.2, 10.3
        verify(
            group,
            same_exponent((group.generator, election.vote_key.base), (alpha, combined)),
            RelationProof(challenge, (response,)),
            lambda commitments: tally_challenge(
                group,
                election.extended_hash,
                contest,
                option,
                alpha.encode(),
                beta.encode(),
                commitments[0],
                commitments[1],
                combined.encode(),
            ),
        )
    except VerificationError as error:
        check.fail("10.B", error.message, error.expected, error.computed)
    return check.result()


def _power(election: Election, check: _Check, field: DecryptedField) -> Element | None:
    """T as an element, with a finding of 10.C unless it is K^t; None if it is not in the group."""
    group = election.group
    computed = group.power(election.vote_key.base, group.scalar(field.count))
    encoded = computed.encode()
    if encoded == field.power:
        return computed
    check.fail("10.C", f"T is not K^{field.count}", encoded.hex().upper(), field.power.hex().upper())
    try:
        return group.decode(field.power)
    except (DecodeError, MembershipError):
        return None


def examine_data(
    election: Election, ballot: EncryptedBallot, contest: Contest, data: DecryptedData
) -> Findings:
    """All findings of 12.A, 12.B and 12.C on the decrypted contest data of one contest of a ballot.

    Requires a ballot of the right shape (E.2 has passed) that has the contest.
    """
    group = election.group
    check = _Check(group, f"ballot {ballot.identifier.hex()[:16]}, contest {contest.label!r}")
    key = identifier_hash(election.extended_hash, ballot.identifier)
    response = check.response("12.A", data.response)
    check.counts["12.B"] += 1
    check.counts["12.C"] += 1
    sealed = next(encrypted.data for encrypted in ballot.contests if encrypted.contest == contest.index)
    if sealed is None:
        check.fail("12.C", "contest data is stated that the ballot does not have")
        return check.result()
    secret_key = contest_data_key(key, contest.index, sealed.c0, data.beta)  # 12.3
    pad = contest_data_pad(secret_key, contest.index, len(sealed.c1) // 32)  # 12.4
    if xor(sealed.c1, pad) != data.plaintext:
        check.fail("12.C", "the contest data does not decrypt to what is stated")
    challenge = check.challenge("12.B", data.challenge)
    if challenge is None:
        return check.result()
    try:
        base = group.decode(sealed.c0)
        beta = group.claim(data.beta)
        verify(
            group,
            same_exponent((group.generator, election.data_key.base), (base, beta)),
            RelationProof(challenge, (response,)),
            lambda commitments: data_challenge(
                group, key, contest.index, sealed.fields, commitments[0], commitments[1], data.beta
            ),
        )
    except DecodeError as error:
        check.fail("12.B", error.message)
    except VerificationError as error:
        check.fail("12.B", error.message, error.expected, error.computed)
    return check.result()

"""Checks on the record of one guardian; everything here works without a secret.

Verification 2 of the specification (section 3.2.2) and the checks of what evote adds in round 0.
Guardians run them on each other's records, the election verifier on the published ones. What
concerns all guardians together is in :mod:`evote.ceremony.joint`.

Rules: checks 2.A to 2.C carry their number; for everything else the caller attaches the number.
``verify_…`` and ``check_…`` raise at the first failure, ``examine_…`` yields all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

from evote.ceremony.hashes import (
    binding_challenge,
    data_key_challenge,
    record_commitment,
    vote_key_challenge,
)
from evote.ceremony.messages import GroupedProof, GuardianRecord
from evote.ceremony.setting import Setting
from evote.errors import DecodeError, VerificationError
from evote.groups import Claimed, Element, MembershipError, Scalar
from evote.proofs.relation import RelationProof, knowledge
from evote.proofs.verify import verify

_KeyChallenge = Callable[[Setting, int, Sequence[bytes], bytes, Sequence[bytes]], Scalar]


@dataclass(frozen=True, slots=True)
class VerifiedGuardian:
    """A record that passed 2.A, 2.B and 2.C, with its keys as elements.

    Made by :func:`verify_guardian_record` only. The binding proof is not part of it.
    """

    record: GuardianRecord
    vote_commitments: tuple[Element, ...]
    data_commitments: tuple[Element, ...]
    communication_key: Element

    @property
    def index(self) -> int:
        """i, between 1 and n."""
        return self.record.index


# --- verification 2 ------------------------------------------------------------------------------


def verify_guardian_record(setting: Setting, record: GuardianRecord) -> VerifiedGuardian:
    """Verification 2 of one guardian: 2.A membership, 2.B responses in range, 2.C both challenges.

    Raises :class:`VerificationError` with the first check that fails.
    """
    examination = _examine(setting, record)
    try:
        failure = next(examination)
    except StopIteration as end:
        verified: VerifiedGuardian = end.value
        return verified
    raise failure


def examine_guardian_record(setting: Setting, record: GuardianRecord) -> Iterator[VerificationError]:
    """Every failure of verification 2 in one record, with check number and place; nothing if it passes.

    2.C recomputes a challenge from keys that are members (2.A) and from responses modulo q, so that
    a response out of range fails 2.B alone. Where one of its keys is not a member, or the number of
    keys or responses is wrong, the challenge is not defined, and the failure is reported as 2.A or 2.B.
    """
    yield from _examine(setting, record)


def _examine(
    setting: Setting, record: GuardianRecord
) -> Generator[VerificationError, None, VerifiedGuardian | None]:
    where = f"guardian {record.index}"
    failures = 0
    if record.index not in setting.indices:
        failures += 1
        yield VerificationError(
            f"the index is not between 1 and {setting.guardians}", check="2.C", where=where
        )
    vote, faults = _read_keys(setting, record.vote_commitments, f"{where} K", setting.quorum)
    data, more = _read_keys(setting, record.data_commitments, f"{where} K^", setting.quorum)
    communication, last = _read_keys(setting, (record.communication_key,), f"{where} kappa", None)
    for failure in (*faults, *more, *last):
        failures += 1
        yield failure
    for proof, keys, commitments, challenge, hat in (
        (record.vote_proof, vote, record.vote_commitments, vote_key_challenge, ""),
        (record.data_proof, data, record.data_commitments, data_key_challenge, "^"),
    ):
        responses, faults = _read_responses(setting, proof, f"{where} v{hat}", setting.quorum + 1)
        for failure in faults:
            failures += 1
            yield failure
        if keys is None or communication is None or responses is None or record.index not in setting.indices:
            continue

        def hashed(
            nonce_commitments: Sequence[bytes],
            challenge: _KeyChallenge = challenge,
            commitments: tuple[bytes, ...] = commitments,
        ) -> Scalar:
            return challenge(setting, record.index, commitments, record.communication_key, nonce_commitments)

        fault = _challenge_fault(
            setting, (*keys, *communication), proof.challenge, responses, hashed, "2.C", f"{where} c{hat}"
        )
        if fault is not None:
            failures += 1
            yield fault
    if failures or vote is None or data is None or communication is None:
        return None
    return VerifiedGuardian(record, vote, data, communication[0])


def _read_keys(
    setting: Setting, encoded: Sequence[bytes], where: str, wanted: int | None
) -> tuple[tuple[Element, ...] | None, list[VerificationError]]:
    """The keys as elements, or None and what is wrong with them (2.A)."""
    faults = []
    if wanted is not None and len(encoded) != wanted:
        faults.append(
            VerificationError(
                "the number of keys is not the quorum",
                check="2.A",
                where=where,
                expected=str(wanted),
                computed=str(len(encoded)),
            )
        )
    elements = []
    for position, data in enumerate(encoded):
        try:
            elements.append(setting.group.decode(data))
        except (DecodeError, MembershipError) as error:
            place = where if wanted is None else f"{where}[{position}]"
            faults.append(VerificationError(error.message, check="2.A", where=place))
    return (None if faults else tuple(elements)), faults


def _read_responses(
    setting: Setting, proof: GroupedProof, where: str, wanted: int
) -> tuple[tuple[Scalar, ...] | None, list[VerificationError]]:
    """The responses modulo q (None if their number is wrong), and what is wrong with them (2.B)."""
    if len(proof.responses) != wanted:
        fault = VerificationError(
            "a proof has one response per secret",
            check="2.B",
            where=where,
            expected=str(wanted),
            computed=str(len(proof.responses)),
        )
        return None, [fault]
    faults = []
    responses = []
    for position, data in enumerate(proof.responses):
        value = int.from_bytes(data, "big")
        if value >= setting.group.order:
            faults.append(
                VerificationError("the response is not below q", check="2.B", where=f"{where}[{position}]")
            )
        responses.append(setting.group.scalar(value))
    return tuple(responses), faults


def _challenge_fault(
    setting: Setting,
    keys: Sequence[Claimed],
    challenge: bytes,
    responses: tuple[Scalar, ...],
    hashed: Callable[[Sequence[bytes]], Scalar],
    check: str,
    where: str,
) -> VerificationError | None:
    """Recompute the nonce commitments (2.1 to 2.4) and the challenge; the failure, if there is one."""
    group = setting.group
    try:
        stated = group.decode_scalar(challenge)
        relation = knowledge(*((group.generator, key) for key in keys))
        verify(group, relation, RelationProof(stated, responses), hashed)
    except DecodeError as error:
        return VerificationError(error.message, check=check, where=where)
    except VerificationError as error:
        return VerificationError(
            error.message, check=check, where=where, expected=error.expected, computed=error.computed
        )
    return None


# --- round 0 -------------------------------------------------------------------------------------


def check_binding(setting: Setting, record: GuardianRecord) -> None:
    """The binding proof: the owner of all 2k + 1 keys knows them in the election of this H_B.

    Raises :class:`VerificationError` (without a check number) if the proof or its form is wrong.
    """
    where = f"guardian {record.index} binding proof"
    group = setting.group
    proof = record.binding_proof
    counts = (len(record.vote_commitments), len(record.data_commitments), len(proof.responses))
    if counts != (setting.quorum, setting.quorum, 2 * setting.quorum + 1):
        raise VerificationError("a proof has one response per secret, and k keys of each kind", where=where)
    if record.index not in setting.indices:
        raise VerificationError(f"the index is not between 1 and {setting.guardians}", where=where)
    try:
        keys = [
            group.claim(data)
            for data in (*record.vote_commitments, *record.data_commitments, record.communication_key)
        ]
        responses = tuple(group.decode_scalar(data) for data in proof.responses)
    except DecodeError as error:
        raise VerificationError(error.message, where=where) from None

    def hashed(nonce_commitments: Sequence[bytes]) -> Scalar:
        return binding_challenge(
            setting,
            record.index,
            record.vote_commitments,
            record.data_commitments,
            record.communication_key,
            nonce_commitments,
        )

    fault = _challenge_fault(setting, keys, proof.challenge, responses, hashed, "", where)
    if fault is not None:
        raise fault


def check_commitment(setting: Setting, record: GuardianRecord, commitment: bytes) -> None:
    """The record is the one that its owner committed to in round 0.

    Raises :class:`VerificationError` (without a check number) otherwise.
    """
    computed = record_commitment(setting.base_hash, record)
    if computed != commitment:
        raise VerificationError(
            "the record is not the one committed to in round 0",
            where=f"guardian {record.index}",
            expected=commitment.hex().upper(),
            computed=computed.hex().upper(),
        )

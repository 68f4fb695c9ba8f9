"""What follows from the records of all guardians together; everything here works without a secret.

Verifications 3 and 4 of the specification (sections 3.2.2, 3.2.3), the guardian hash H_G, keys that
no honest guardians have, and the public counterpart of a share (equation 14), which lets a
decryption name a guardian whose share is wrong.

Rule: a :class:`~evote.errors.VerificationError` from here has no check number; the caller knows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evote.ceremony.check import VerifiedGuardian
from evote.ceremony.hashes import extended_base_hash, guardian_hash
from evote.ceremony.messages import GuardianRecord, GuardianRecords, JointKeys
from evote.ceremony.setting import Setting
from evote.errors import DecodeError, VerificationError
from evote.groups import Element, Group, MembershipError


@dataclass(frozen=True, slots=True)
class ComputedKeys:
    """The joint keys as computed from the guardians' records."""

    vote_key: Element
    """K (equation 25)."""
    data_key: Element
    """K̂ (equation 26)."""
    extended_hash: bytes
    """H_E (equation 30)."""

    def encode(self) -> JointKeys:
        """The same as a wire value."""
        return JointKeys(self.vote_key.encode(), self.data_key.encode(), self.extended_hash)


@dataclass(frozen=True, slots=True)
class KeyFault:
    """A key that no honest guardian has: the identity, or one that occurs a second time."""

    guardians: tuple[int, ...]
    message: str


def joint_keys(setting: Setting, records: Sequence[GuardianRecord]) -> ComputedKeys:
    """K, K̂ and H_E (equations 25, 26, 30) of the published records, in any order.

    Raises :class:`VerificationError` (without a check number) unless there is one record for each
    of guardians 1 to n, each with k keys of both kinds, and both products are in the subgroup.
    """
    if sorted(record.index for record in records) != list(setting.indices):
        raise VerificationError(
            f"there is not one record for each guardian from 1 to {setting.guardians}", where="guardians"
        )
    vote_key = _joint_key(setting, [(record.index, record.vote_commitments) for record in records], "K")
    data_key = _joint_key(setting, [(record.index, record.data_commitments) for record in records], "K^")
    hashed = extended_base_hash(setting.base_hash, vote_key.encode(), data_key.encode())
    return ComputedKeys(vote_key, data_key, hashed)


def _joint_key(setting: Setting, keys: Sequence[tuple[int, tuple[bytes, ...]]], name: str) -> Element:
    group = setting.group
    factors = []
    for index, commitments in keys:
        place = f"guardian {index} {name}"
        if len(commitments) != setting.quorum:
            raise VerificationError("the number of keys is not the quorum", where=place)
        try:
            factors.append(group.claim(commitments[0]))
        except DecodeError as error:
            raise VerificationError(error.message, where=f"{place}[0]") from None
    try:
        return group.decode(group.product_of_claimed(factors).encode())
    except MembershipError as error:
        raise VerificationError(error.message, where=name) from None


def check_confirmations(setting: Setting, records: GuardianRecords) -> None:
    """Every guardian confirmed the H_G (equation 27) that the published record has.

    Raises :class:`VerificationError` (without a check number) with the guardian whose hash differs,
    or if there is not one confirmation per guardian, or the records are not in the order 1 to n.
    """
    if [record.index for record in records.guardians] != list(setting.indices):
        raise VerificationError("the records are not those of guardians 1 to n in order", where="guardians")
    if len(records.confirmations) != setting.guardians:
        raise VerificationError("there is not one confirmation per guardian", where="confirmations")
    keys = joint_keys(setting, records.guardians)
    computed = guardian_hash(
        setting.base_hash, keys.vote_key.encode(), keys.data_key.encode(), records.guardians
    )
    for index, stated in zip(setting.indices, records.confirmations, strict=True):
        if stated != computed:
            raise VerificationError(
                "the confirmed guardian hash is not that of the record",
                where=f"guardian {index}",
                expected=computed.hex().upper(),
                computed=stated.hex().upper(),
            )


def share_commitment(setting: Setting, guardians: Sequence[VerifiedGuardian], index: int) -> Element:
    """g^z_i = g^P(i) for the vote key: product over j, m of K_j,m^(i^m) (equation 14).

    Raises ``ValueError`` for an index outside 1 to n or guardians other than 1 to n.
    """
    _require_all(setting, guardians, index)
    return _share_commitment(setting, [guardian.vote_commitments for guardian in guardians], index)


def data_share_commitment(setting: Setting, guardians: Sequence[VerifiedGuardian], index: int) -> Element:
    """g^ẑ_i = g^P̂(i) for the ballot data key; see :func:`share_commitment`."""
    _require_all(setting, guardians, index)
    return _share_commitment(setting, [guardian.data_commitments for guardian in guardians], index)


def _require_all(setting: Setting, guardians: Sequence[VerifiedGuardian], index: int) -> None:
    setting.require_index(index)
    if sorted(guardian.index for guardian in guardians) != list(setting.indices):
        raise ValueError("the records of all guardians are needed, each once")


def _share_commitment(setting: Setting, commitments: Sequence[tuple[Element, ...]], index: int) -> Element:
    group = setting.group
    # Coefficients of P first (equation 6): one evaluation instead of n.
    columns = [group.product(column) for column in zip(*commitments, strict=True)]
    return evaluate_commitments(group, columns, index)


def evaluate_commitments(group: Group, commitments: Sequence[Element], point: int) -> Element:
    """g^P(point) = product of K_j^(point^j) from public commitments (equation 14); requires one or more.

    Horner's rule in the exponent: the exponents stay as small as the point.
    """
    at = group.scalar(point)
    value = commitments[-1]
    for commitment in reversed(commitments[:-1]):
        value = group.multiply(group.power(value, at), commitment)
    return value


def key_faults(setting: Setting, records: Sequence[GuardianRecord]) -> Iterator[KeyFault]:
    """Keys that are the identity, and keys that occur twice, inside one guardian or in two of them.

    Compares all K_i,j, K̂_i,j and κ_i with each other. 2.1 does not ask for it: honest keys differ.
    """
    identity = setting.group.identity.encode()
    first: dict[bytes, tuple[int, str]] = {}
    for record in records:
        for name, key in _named_keys(record):
            if key == identity:
                yield KeyFault((record.index,), f"guardian {record.index} {name} is the identity")
                continue
            if key not in first:
                first[key] = (record.index, name)
                continue
            index, other = first[key]
            yield KeyFault(
                tuple(sorted({index, record.index})),
                f"guardian {record.index} {name} repeats guardian {index} {other}",
            )


def _named_keys(record: GuardianRecord) -> Iterator[tuple[str, bytes]]:
    for position, key in enumerate(record.vote_commitments):
        yield f"K[{position}]", key
    for position, key in enumerate(record.data_commitments):
        yield f"K^[{position}]", key
    yield "kappa", record.communication_key

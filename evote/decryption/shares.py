"""Lagrange coefficients, and the public counterparts of the guardians' shares.

Specification sections 3.6.4 and 3.2.2 (equations 85 and 14). g^z_i follows from what all guardians
published in the ceremony, so that anybody can tell whose partial decryption is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evote.ballots import Election
from evote.ceremony import Setting, VerifiedGuardian, data_share_commitment, joint_keys, share_commitment
from evote.decryption.statements import JointKey
from evote.errors import VerificationError
from evote.groups import Element, Group, Scalar


def lagrange_coefficient(group: Group, guardians: Sequence[int], index: int) -> Scalar:
    """w_i: the product of l / (l - i) over the other members l of U, mod q (equation 85).

    Requires ``index`` in ``guardians``, distinct indices below q.
    """
    if guardians.count(index) != 1:
        raise ValueError(f"guardian {index} is not once among those who take part")
    q = group.order
    numerator = denominator = 1
    for other in guardians:
        if other != index:
            numerator = numerator * other % q
            denominator = denominator * (other - index) % q
    return group.scalar(numerator * pow(denominator, -1, q))


@dataclass(frozen=True, slots=True, eq=False)
class PublicShares:
    """g^z_i and g^ẑ_i of the guardians of an election; made by :meth:`of` only."""

    election: Election
    _setting: Setting
    _guardians: tuple[VerifiedGuardian, ...]

    @classmethod
    def of(cls, election: Election, guardians: Sequence[VerifiedGuardian]) -> PublicShares:
        """From the verified records of guardians 1 to n.

        Raises :class:`VerificationError` if they are not those of all guardians in order, or if the
        election's keys are not their product.
        """
        setting = election.setting
        if [guardian.index for guardian in guardians] != list(setting.indices):
            raise VerificationError("the records are not those of guardians 1 to n in order")
        keys = joint_keys(setting, [guardian.record for guardian in guardians])
        if (keys.vote_key, keys.data_key) != (election.vote_key.base, election.data_key.base):
            raise VerificationError("the joint keys of the election are not those of its guardians")
        return cls(election, setting, tuple(guardians))

    def of_guardian(self, key: JointKey, index: int) -> Element:
        """g^z_i (votes) or g^ẑ_i (data) of guardian ``index``, from 1 to n; ``ValueError`` for another."""
        if key is JointKey.VOTES:
            return share_commitment(self._setting, self._guardians, index)
        return data_share_commitment(self._setting, self._guardians, index)

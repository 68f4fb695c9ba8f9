"""The wire types of the ceremony: what guardians send each other and what is published.

Specification section 3.2.2. All are values of :mod:`evote.codec`; writing them to files or sending
them is left to others. A decoded message has the right form; whether it is true is checked in
:mod:`evote.ceremony.check` (published values) and by the guardian who receives it.

===========================  =====  ====================================================
message                      round  content
===========================  =====  ====================================================
:class:`Round0Message`       0      hash commitment to the sender's record
:class:`Round1Message`       1      the record, and all commitments that the sender saw
:class:`ShareMessage`        2      two encrypted shares for one receiver
:class:`Confirmation`        3      H_G of the sender's view
:class:`Complaint`           any    who is accused, and why; the ceremony starts again
===========================  =====  ====================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from evote.codec import MAX_GUARDIANS, AtMost, Digest, ElementBytes, Index, ScalarBytes, Text, Width

_Elements = Annotated[tuple[ElementBytes, ...], AtMost(MAX_GUARDIANS)]
_Digests = Annotated[tuple[Digest, ...], AtMost(MAX_GUARDIANS)]
_Scalars = Annotated[tuple[ScalarBytes, ...], AtMost(2 * MAX_GUARDIANS + 1)]


@dataclass(frozen=True, slots=True)
class GroupedProof:
    """One challenge and one response per secret: several Schnorr proofs at once (section 3.2.2)."""

    challenge: ScalarBytes
    responses: _Scalars


@dataclass(frozen=True, slots=True)
class GuardianRecord:
    """What one guardian publishes.

    ``vote_commitments`` are K_i,0 … K_i,k-1 and ``data_commitments`` K̂_i,0 … K̂_i,k-1 (equation 8);
    ``communication_key`` is κ_i (9). ``vote_proof`` is (c_i, v_i,0 … v_i,k) of equation 11 and
    ``data_proof`` its counterpart of 13. ``binding_proof`` is evote's own: all 2k + 1 secrets once
    more, with a challenge keyed by H_B (``specs/decisions/ceremony-round0.md``).
    """

    index: Index
    vote_commitments: _Elements
    data_commitments: _Elements
    communication_key: ElementBytes
    vote_proof: GroupedProof
    data_proof: GroupedProof
    binding_proof: GroupedProof


@dataclass(frozen=True, slots=True)
class GuardianRecords:
    """The guardian record as published; every tuple has one member per guardian, in order.

    ``round0`` holds the hash commitments, ``confirmations`` each guardian's H_G (equation 27).
    """

    guardians: Annotated[tuple[GuardianRecord, ...], AtMost(MAX_GUARDIANS)]
    round0: _Digests
    confirmations: _Digests


@dataclass(frozen=True, slots=True)
class JointKeys:
    """K (equation 25), K̂ (26) and the extended base hash H_E (30)."""

    vote_key: ElementBytes
    data_key: ElementBytes
    extended_hash: Digest


@dataclass(frozen=True, slots=True)
class Round0Message:
    """The sender's hash commitment to the record that it will send in round 1."""

    sender: Index
    commitment: Digest


@dataclass(frozen=True, slots=True)
class Round1Message:
    """The sender's record, with the round 0 commitments of guardians 1 to n as the sender saw them."""

    sender: Index
    record: GuardianRecord
    seen: _Digests


@dataclass(frozen=True, slots=True)
class ShareProof:
    """Schnorr proof (c̄, v̄) of the encryption nonce of a share (equation 22)."""

    challenge: ScalarBytes
    response: ScalarBytes


@dataclass(frozen=True, slots=True)
class ShareMessage:
    """Both shares of one receiver, encrypted: (C0, C1, C2) of equations 19 to 22."""

    sender: Index
    receiver: Index
    c0: ElementBytes
    c1: Annotated[bytes, Width(64)]
    proof: ShareProof


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The sender holds valid shares and computed this H_G from its own view (equation 27)."""

    sender: Index
    guardian_hash: Digest


@dataclass(frozen=True, slots=True)
class Complaint:
    """The sender accuses ``culprits`` (nobody, if no guardian is at fault); the ceremony starts again."""

    sender: Index
    culprits: Annotated[tuple[Index, ...], AtMost(MAX_GUARDIANS)]
    reason: Text

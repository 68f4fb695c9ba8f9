"""The wire types of a decryption session: what guardians send each other (section 3.6.5).

All are values of :mod:`evote.codec` and carry the digest of their request, so that a message of
one session cannot serve in another; lists are in the order of the request's statements. A decoded
message has the right form; who is to blame for its content is decided by those who receive it.

=====================  =====  ==========================================================
message                round  content
=====================  =====  ==========================================================
:class:`Commitments`   1      d_i of every statement
:class:`Openings`      2      M_i, a_i, b_i of every statement, once all d_j are there
:class:`Responses`     3      v_i of every statement
:class:`Complaint`     any    who is accused, and why; the others open a new session
=====================  =====  ==========================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from evote.codec import MAX_GUARDIANS, AtMost, Digest, ElementBytes, Index, ScalarBytes, Text
from evote.decryption.request import MAX_STATEMENTS


@dataclass(frozen=True, slots=True)
class Commitments:
    """One hash per statement, sent before anything else (equations 88, 99)."""

    sender: Index
    request: Digest
    hashes: Annotated[tuple[Digest, ...], AtMost(MAX_STATEMENTS)]


@dataclass(frozen=True, slots=True)
class Part:
    """A partial decryption and the commitments of its proof (equations 84, 87)."""

    partial: ElementBytes
    """M_i = A^z_i, or m_i = C0^ẑ_i."""
    a: ElementBytes
    """a_i = g^u_i."""
    b: ElementBytes
    """b_i = A^u_i, or C0^u_i."""


@dataclass(frozen=True, slots=True)
class Openings:
    """What was committed to, sent once the hashes of all guardians of the session have arrived."""

    sender: Index
    request: Digest
    parts: Annotated[tuple[Part, ...], AtMost(MAX_STATEMENTS)]


@dataclass(frozen=True, slots=True)
class Responses:
    """v_i = u_i - c_i * z_i per statement (equations 92, 102)."""

    sender: Index
    request: Digest
    responses: Annotated[tuple[ScalarBytes, ...], AtMost(MAX_STATEMENTS)]


@dataclass(frozen=True, slots=True)
class Complaint:
    """The sender accuses ``culprits`` (nobody, if no guardian is at fault) and leaves the session."""

    sender: Index
    request: Digest
    culprits: Annotated[tuple[Index, ...], AtMost(MAX_GUARDIANS)]
    reason: Text

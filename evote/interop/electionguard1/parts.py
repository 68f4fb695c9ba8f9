"""The parts of which 1.x files consist, read strictly: numbers, pairs, proofs, labels.

A member that must be there and is not, one that electionguard-python does not write, a wrong type, a number
in another form: each is a :class:`DecodeError` with its path. An optional member may be null. ``usage`` of
a proof is a sentence for people and is not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

from evote.codec import MAX_LABEL_BYTES, MAX_TEXT_BYTES
from evote.errors import DecodeError
from evote.interop.electionguard1.layout import MAX_NUMBER_TEXT, number_text
from evote.interop.electionguard1.values import Pair, PairProof, SelectionProof
from evote.manifest.strict_json import Node

_SELECTION_PROOF = (
    "proof_zero_pad",
    "proof_zero_data",
    "proof_one_pad",
    "proof_one_data",
    "proof_zero_challenge",
    "proof_one_challenge",
    "challenge",
    "proof_zero_response",
    "proof_one_response",
)


def members_of(node: Node, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Node]:
    """The members of an object; optional ones that are null are left out."""
    members = node.members(required, optional)
    return {name: each for name, each in members.items() if name in required or each.value is not None}


def number(node: Node) -> str:
    """An element, a scalar or a hash: its text."""
    return number_text(node.text(MAX_NUMBER_TEXT), node.where)


def optional_number(members: dict[str, Node], name: str) -> str | None:
    """A number that may be absent."""
    return number(members[name]) if name in members else None


def label(node: Node) -> str:
    """The name of something."""
    return node.text(MAX_LABEL_BYTES)


def text(node: Node) -> str:
    """A text for people."""
    return node.text(MAX_TEXT_BYTES)


def pair(node: Node) -> Pair:
    """A ciphertext."""
    members = members_of(node, ("pad", "data"))
    return Pair(number(members["pad"]), number(members["data"]))


def selection_proof(node: Node) -> SelectionProof:
    """A 0/1 proof."""
    members = members_of(node, _SELECTION_PROOF, ("usage",))
    a0, b0, a1, b1, c0, c1, c, v0, v1 = (number(members[name]) for name in _SELECTION_PROOF)
    return SelectionProof((a0, b0, a1, b1), (c0, c1), c, (v0, v1))


def pair_proof(node: Node, *further: str) -> tuple[PairProof, dict[str, Node]]:
    """A Chaum-Pedersen proof, and its members (those of ``further`` must be there too)."""
    members = members_of(node, ("pad", "data", "challenge", "response", *further), ("usage",))
    commitments = number(members["pad"]), number(members["data"])
    return PairProof(commitments, number(members["challenge"]), number(members["response"])), members


def named(node: Node, limit: int) -> dict[str, Node]:
    """An object whose keys are names of things, at most ``limit`` of them."""
    entries = node.entries()
    if len(entries) > limit:
        raise DecodeError(f"{len(entries)} members are more than {limit}", node.where)
    return entries


def same_label(key: str, node: Node) -> None:
    """An object under a key that must also be its name."""
    if label(node) != key:
        raise DecodeError(f"it stands under the name {key[:40]!r}", node.where)

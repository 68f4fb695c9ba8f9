"""Reads ``submitted_ballot_*.json``.

Encrypted contest data (``extended_data``) has to have the form of a ciphertext; no hash and no proof of a
1.x record covers it, and no check speaks of it.
"""

from __future__ import annotations

from evote.codec import (
    MAX_CONTEST_DATA_BYTES,
    MAX_CONTESTS,
    MAX_COUNT,
    MAX_INDEX,
    MAX_OPTIONS,
    MAX_SELECTION_LIMIT,
)
from evote.errors import DecodeError
from evote.interop.electionguard1.layout import MAX_BALLOT_BYTES, number_text
from evote.interop.electionguard1.parts import (
    label,
    members_of,
    number,
    optional_number,
    pair,
    pair_proof,
    selection_proof,
)
from evote.interop.electionguard1.values import Ballot, Contest, Ring, Selection, State
from evote.manifest.strict_json import Node, read_json

_SEALED_TEXT = 2 * MAX_CONTEST_DATA_BYTES


def ballot_of(raw: bytes) -> Ballot:
    """A ballot; raises :class:`DecodeError`."""
    names = ("object_id", "style_id", "manifest_hash", "code_seed", "contests", "code", "timestamp")
    members = members_of(
        Node(read_json(raw, limit=MAX_BALLOT_BYTES)), (*names, "crypto_hash", "state"), ("nonce",)
    )
    state = members["state"]
    if state.value not in (State.CAST, State.SPOILED) or type(state.value) is not int:
        raise DecodeError("a ballot is cast (1) or spoiled (2)", state.where)
    return Ballot(
        label(members["object_id"]),
        label(members["style_id"]),
        number(members["manifest_hash"]),
        Ring(
            number(members["code_seed"]),
            members["timestamp"].integer(0, MAX_COUNT),
            number(members["code"]),
        ),
        tuple(_contest(each) for each in members["contests"].items(MAX_CONTESTS)),
        number(members["crypto_hash"]),
        optional_number(members, "nonce"),
        State(state.integer(1, 2)),
    )


def _contest(node: Node) -> Contest:
    members = members_of(
        node,
        (
            "object_id",
            "sequence_order",
            "description_hash",
            "ballot_selections",
            "ciphertext_accumulation",
            "crypto_hash",
            "proof",
        ),
        ("nonce", "extended_data"),
    )
    if "extended_data" in members:
        _sealed(members["extended_data"])
    proof, proven = pair_proof(members["proof"], "constant")
    return Contest(
        label(members["object_id"]),
        members["sequence_order"].integer(0, MAX_INDEX),
        number(members["description_hash"]),
        tuple(
            _selection(each) for each in members["ballot_selections"].items(MAX_OPTIONS + MAX_SELECTION_LIMIT)
        ),
        pair(members["ciphertext_accumulation"]),
        number(members["crypto_hash"]),
        optional_number(members, "nonce"),
        proof,
        proven["constant"].integer(0, MAX_INDEX),
    )


def _selection(node: Node) -> Selection:
    members = members_of(
        node,
        ("object_id", "sequence_order", "description_hash", "ciphertext", "crypto_hash", "proof"),
        ("is_placeholder_selection", "nonce"),
    )
    placeholder = members.get("is_placeholder_selection")
    return Selection(
        label(members["object_id"]),
        members["sequence_order"].integer(0, MAX_INDEX),
        number(members["description_hash"]),
        pair(members["ciphertext"]),
        number(members["crypto_hash"]),
        False if placeholder is None else placeholder.boolean(),
        optional_number(members, "nonce"),
        selection_proof(members["proof"]),
    )


def _sealed(node: Node) -> None:
    members = members_of(node, ("pad", "data", "mac"))
    number(members["pad"])
    for name in ("data", "mac"):
        number_text(members[name].text(_SEALED_TEXT), members[name].where)

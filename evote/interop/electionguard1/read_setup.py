"""Reads the files of the setup but the manifest: parameters, context, guardians, devices, coefficients."""

from __future__ import annotations

from evote.codec import MAX_COUNT, MAX_GUARDIANS, MAX_INDEX
from evote.interop.electionguard1.layout import MAX_NUMBER_TEXT, number_text
from evote.interop.electionguard1.parts import label, members_of, named, number, text
from evote.interop.electionguard1.values import Constants, Context, Device, Guardian, KeyProof
from evote.manifest.strict_json import Node, read_json


def constants_of(raw: bytes) -> Constants:
    """``constants.json``."""
    names = ("large_prime", "small_prime", "cofactor", "generator")
    members = members_of(Node(read_json(raw)), names)
    numbers = (number_text(members[name].text(MAX_NUMBER_TEXT), members[name].where) for name in names)
    return Constants(*(int(digits, 16) for digits in numbers))


def context_of(raw: bytes) -> Context:
    """``context.json``; ``configuration`` and ``extended_data`` decide nothing here."""
    names = ("elgamal_public_key", "commitment_hash", "manifest_hash", "crypto_base_hash")
    members = members_of(
        Node(read_json(raw)),
        ("number_of_guardians", "quorum", *names, "crypto_extended_base_hash"),
        ("extended_data", "configuration"),
    )
    return Context(
        members["number_of_guardians"].integer(1, MAX_GUARDIANS),
        members["quorum"].integer(1, MAX_GUARDIANS),
        *(number(members[name]) for name in (*names, "crypto_extended_base_hash")),
    )


def guardian_of(raw: bytes) -> Guardian:
    """``guardian_*.json``."""
    members = members_of(
        Node(read_json(raw)),
        (
            "guardian_id",
            "sequence_order",
            "election_public_key",
            "election_commitments",
            "election_proofs",
        ),
    )
    return Guardian(
        label(members["guardian_id"]),
        members["sequence_order"].integer(1, MAX_INDEX),
        number(members["election_public_key"]),
        tuple(number(each) for each in members["election_commitments"].items(MAX_GUARDIANS)),
        tuple(_key_proof(each) for each in members["election_proofs"].items(MAX_GUARDIANS)),
    )


def _key_proof(node: Node) -> KeyProof:
    names = ("public_key", "commitment", "challenge", "response")
    members = members_of(node, names, ("usage",))
    return KeyProof(*(number(members[name]) for name in names))


def device_of(raw: bytes) -> Device:
    """``device_*.json``."""
    members = members_of(Node(read_json(raw)), ("device_id", "session_id", "launch_code", "location"))
    return Device(
        members["device_id"].integer(0, MAX_COUNT),
        members["session_id"].integer(0, MAX_COUNT),
        members["launch_code"].integer(0, MAX_COUNT),
        text(members["location"]),
    )


def coefficients_of(raw: bytes) -> dict[str, str]:
    """``coefficients.json``: one Lagrange coefficient per guardian that was there."""
    members = members_of(Node(read_json(raw)), ("coefficients",))
    return {name: number(each) for name, each in named(members["coefficients"], MAX_GUARDIANS).items()}

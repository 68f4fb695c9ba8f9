"""Reads the encrypted tally, the tally, and spoiled ballots after decryption."""

from __future__ import annotations

from evote.codec import MAX_CONTESTS, MAX_COUNT, MAX_GUARDIANS, MAX_INDEX, MAX_OPTIONS, MAX_SELECTION_LIMIT
from evote.errors import DecodeError
from evote.interop.electionguard1.layout import MAX_FILE_BYTES
from evote.interop.electionguard1.parts import label, members_of, named, number, pair, pair_proof, same_label
from evote.interop.electionguard1.values import (
    Decrypted,
    DecryptedOption,
    Part,
    Share,
    SummedContest,
    SummedOption,
)
from evote.manifest.strict_json import Node, read_json

_OPTIONS = MAX_OPTIONS + MAX_SELECTION_LIMIT


def encrypted_tally_of(raw: bytes) -> dict[str, SummedContest]:
    """``encrypted_tally.json``: its contests by label."""
    members = members_of(Node(read_json(raw, limit=MAX_FILE_BYTES)), ("object_id", "contests"))
    label(members["object_id"])
    return {key: _summed(key, node) for key, node in named(members["contests"], MAX_CONTESTS).items()}


def _summed(key: str, node: Node) -> SummedContest:
    members = members_of(node, ("object_id", "sequence_order", "description_hash", "selections"))
    same_label(key, members["object_id"])
    return SummedContest(
        members["sequence_order"].integer(0, MAX_INDEX),
        number(members["description_hash"]),
        {name: _summed_option(name, each) for name, each in named(members["selections"], _OPTIONS).items()},
    )


def _summed_option(key: str, node: Node) -> SummedOption:
    members = members_of(node, ("object_id", "sequence_order", "description_hash", "ciphertext"))
    same_label(key, members["object_id"])
    return SummedOption(
        members["sequence_order"].integer(0, MAX_INDEX),
        number(members["description_hash"]),
        pair(members["ciphertext"]),
    )


def decrypted_of(raw: bytes) -> Decrypted:
    """``tally.json`` or ``spoiled_ballot_*.json``."""
    members = members_of(Node(read_json(raw, limit=MAX_FILE_BYTES)), ("object_id", "contests"))
    contests = {}
    for key, node in named(members["contests"], MAX_CONTESTS).items():
        contest = members_of(node, ("object_id", "selections"))
        same_label(key, contest["object_id"])
        options = named(contest["selections"], _OPTIONS)
        contests[key] = {name: _decrypted_option(name, each) for name, each in options.items()}
    return Decrypted(label(members["object_id"]), contests)


def _decrypted_option(key: str, node: Node) -> DecryptedOption:
    members = members_of(node, ("object_id", "tally", "value", "message", "shares"))
    same_label(key, members["object_id"])
    return DecryptedOption(
        members["tally"].integer(0, MAX_COUNT),
        number(members["value"]),
        pair(members["message"]),
        tuple(_share(key, each) for each in members["shares"].items(MAX_GUARDIANS)),
    )


def _share(option: str, node: Node) -> Share:
    members = members_of(node, ("object_id", "guardian_id", "share"), ("proof", "recovered_parts"))
    same_label(option, members["object_id"])
    guardian = label(members["guardian_id"])
    if ("proof" in members) == ("recovered_parts" in members):
        raise DecodeError("a share has either a proof or parts that it was recovered from", node.where)
    factor = number(members["share"])
    if "proof" in members:
        return Share(guardian, factor, pair_proof(members["proof"])[0], None)
    parts = named(members["recovered_parts"], MAX_GUARDIANS)
    return Share(guardian, factor, None, {key: _part(option, key, each) for key, each in parts.items()})


def _part(option: str, key: str, node: Node) -> Part:
    members = members_of(
        node, ("object_id", "guardian_id", "missing_guardian_id", "share", "recovery_key", "proof")
    )
    same_label(option, members["object_id"])
    same_label(key, members["guardian_id"])
    return Part(
        key,
        label(members["missing_guardian_id"]),
        number(members["share"]),
        number(members["recovery_key"]),
        pair_proof(members["proof"])[0],
    )

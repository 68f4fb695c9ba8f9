"""A record in the JSON of the ElectionGuard 2.1 serialization draft 0.0.1, as far as that is usable.

Implements ``specs/official-formats.md#electionguard-21``. Five kinds of files, with the names of the
draft's schemas: the manifest byte for byte (H_B covers it), the election parameters, one public key per
guardian, the joint key K and the extended base hash H_E.

What it leaves out is a sentence each in :attr:`Draft21.left_out`: the draft has a schema for ballots that
no ciphertext fits, asks for a hash that 2.1 no longer has, and knows nothing of the second set of keys.

Only the 4096-bit standard group fits: the draft writes elements as 1024 hexadecimal digits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evote.ceremony import GuardianRecord
from evote.errors import RefusedError
from evote.groups import NAMES
from evote.manifest import ChainingMode, Manifest
from evote.record import RecordReader, load_election, load_setup
from evote.record.layout import GUARDIANS, KEYS
from evote.record.values import ParametersFile

MANIFEST = "election_manifest.json"
PARAMETERS = "election_parameters.json"
JOINT_KEY = "joint_election_public_key.json"
HASHES = "hashes_ext.json"

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft21:
    """Files by name, and a sentence for everything of the record that they do not carry."""

    files: Mapping[str, bytes]
    left_out: tuple[str, ...]


def guardian_file(index: int) -> str:
    """The name of a guardian's file."""
    return f"guardian_public_key_{index}.json"


def draft21_of_record(reader: RecordReader) -> Draft21:
    """The files of a record that has its keys.

    Raises :class:`RefusedError` for another group than the 4096-bit one and where there are no keys yet,
    and as :func:`evote.record.load_election` for what the record states of its setup and keys and is not so.
    """
    parameters, manifest = load_setup(reader)
    if parameters.group.name != NAMES[0]:
        raise RefusedError(
            f"the draft has the group {NAMES[0]} only, and this record has {parameters.group.name}"
        )
    if not reader.has(GUARDIANS) or not reader.has(KEYS):
        raise RefusedError("the guardians' keys are not in the record yet")
    load_election(reader, window=1)
    keys = reader.keys()
    guardians = reader.guardians().guardians
    files = {
        MANIFEST: reader.manifest_bytes(),
        PARAMETERS: _json(_parameters(reader.parameters(), manifest)),
        **{guardian_file(record.index): _json(_guardian(record)) for record in guardians},
        JOINT_KEY: _json({"joint_election_public_key": _hex(keys.vote_key)}),
        HASHES: _json({"h_e": _hex(keys.extended_hash)}),
    }
    return Draft21(files, tuple(_left_out(reader, manifest)))


def _parameters(stated: ParametersFile, manifest: Manifest) -> Object:
    return {
        "fixed_parameters": {
            # Section 3.1.1: p has 256 leading and 256 trailing ones, and digits of ln 2 in between.
            "generation_parameters": {
                "q_bits_total": 8 * len(stated.q),
                "p_bits_total": 8 * len(stated.p),
                "p_bits_msb_fixed_1": 256,
                "p_middle_bits_source": "ln_2",
                "p_bits_lsb_fixed_1": 256,
            },
            "field": {"q": _hex(stated.q)},
            "group": {"p": _hex(stated.p), "g": _hex(stated.g), "q": _hex(stated.q)},
        },
        "varying_parameters": {
            "n": stated.guardians,
            "k": stated.quorum,
            "info": manifest.label,
            "ballot_chaining": "Prohibited" if manifest.chaining is ChainingMode.NONE else "Required",
        },
    }


def _guardian(record: GuardianRecord) -> Object:
    # One grouped proof covers all coefficients in 2.1: the challenge is the same in each pair, and the
    # last response, of the communication key, has no coefficient to stand beside.
    proof = record.vote_proof
    return {
        "i": record.index,
        "name": f"guardian {record.index}",
        "coefficient_commitments": [_hex(key) for key in record.vote_commitments],
        "coefficient_proofs": [
            {"challenge": _hex(proof.challenge), "response": _hex(response)}
            for response in proof.responses[: len(record.vote_commitments)]
        ],
    }


def _left_out(reader: RecordReader, manifest: Manifest) -> Iterator[str]:
    yield (
        'the object "evote" stays in the manifest, because H_B covers the file; other readers may not know it'
    )
    yield "H_P and H_B: the draft's schema of hashes asks for H_M, which ElectionGuard 2.1 does not have"
    yield (
        "each guardian's communication key, the keys of the second kind, their proofs and the hash "
        "commitments of round 0; the proof of the first kind covers the communication key too, so it cannot "
        "be verified from these files"
    )
    yield "the joint key of the second kind (for ballot nonces and contest data)"
    yield "names of guardians: the record has none, so the files number them"
    if manifest.chaining is not ChainingMode.NONE:
        yield "chaining: the draft's schema only knows that it is prohibited; written is 'Required'"
    yield (
        "ballots, tally, decryption and everything after: the draft has no usable schema for them "
        "(ciphertexts are integers below 2^31 there)"
    )
    if reader.indexes():
        yield "indexes and signatures of the record"


def _hex(value: bytes) -> str:
    return value.hex().upper()


def _json(value: Object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")

"""The setup of a record in the 2.1 serialization draft: valid, and every value is the record's."""

from __future__ import annotations

import dataclasses
import functools
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from evote.ballots import ceremony_setting
from evote.ceremony import GuardianRecords, JointKeys, run_local
from evote.errors import RefusedError, VerificationError
from evote.groups import standard_group
from evote.interop.draft21 import HASHES, JOINT_KEY, MANIFEST, PARAMETERS, draft21_of_record, guardian_file
from evote.manifest import Manifest, Parameters
from evote.record import RecordReader, RecordWriter
from evote.testing.randomness import SeededRandomness
from tests.manifest.samples import DRAFT
from tests.record.kit import begin
from tests.shared import shared_data

SCHEMAS = {
    MANIFEST: "election_manifest.json",
    PARAMETERS: "election_parameters.json",
    JOINT_KEY: "joint_election_public_key.json",
    HASHES: "hashes_ext.json",
    guardian_file(1): "guardian_public_key.json",
    guardian_file(2): "guardian_public_key.json",
}


def schema(name: str) -> Any:
    return json.loads((shared_data("schemas/electionguard-2.1") / name).read_bytes())


@functools.cache
def ceremony() -> tuple[Manifest, Parameters, GuardianRecords, JointKeys]:
    """Two guardians in the 4096-bit group, both needed."""
    manifest = Manifest.build(DRAFT, salt=bytes(32), authority_key=None)
    parameters = Parameters(standard_group(), 2, 2)
    setting = ceremony_setting(parameters, manifest)
    records, keys, _ = run_local(setting, SeededRandomness("draft 2.1"))
    return manifest, parameters, records, keys


@pytest.fixture
def record(tmp_path: Path) -> RecordReader:
    manifest, parameters, records, keys = ceremony()
    writer = RecordWriter.create(tmp_path / "record", manifest, parameters)
    writer.put_guardians(records)
    writer.put_keys(keys)
    return RecordReader(tmp_path / "record")


def test_every_file_is_valid(record: RecordReader) -> None:
    files = draft21_of_record(record).files
    assert set(files) == set(SCHEMAS)
    for name, data in files.items():
        jsonschema.Draft202012Validator(schema(SCHEMAS[name])).validate(json.loads(data))


def test_every_value_reads_back_as_it_stands_in_the_record(record: RecordReader) -> None:
    manifest, parameters, records, keys = ceremony()
    files = draft21_of_record(record).files
    assert files[MANIFEST] == manifest.raw
    fixed, varying = (json.loads(files[PARAMETERS])[f"{kind}_parameters"] for kind in ("fixed", "varying"))
    p, q, g = parameters.group.published_parameters()
    assert [bytes.fromhex(fixed["group"][name]) for name in ("p", "q", "g")] == [p, q, g]
    assert bytes.fromhex(fixed["field"]["q"]) == q
    assert varying == {
        "n": 2,
        "k": 2,
        "info": "City election",
        "ballot_chaining": "Prohibited",
    }
    for guardian in records.guardians:
        read = json.loads(files[guardian_file(guardian.index)])
        assert (read["i"], read["name"]) == (guardian.index, f"guardian {guardian.index}")
        commitments = tuple(bytes.fromhex(each) for each in read["coefficient_commitments"])
        assert commitments == guardian.vote_commitments
        proof = guardian.vote_proof
        assert [bytes.fromhex(each["challenge"]) for each in read["coefficient_proofs"]] == [
            proof.challenge
        ] * 2
        responses = tuple(bytes.fromhex(each["response"]) for each in read["coefficient_proofs"])
        assert responses == proof.responses[:2] and len(proof.responses) == 3
    assert bytes.fromhex(json.loads(files[JOINT_KEY])["joint_election_public_key"]) == keys.vote_key
    assert bytes.fromhex(json.loads(files[HASHES])["h_e"]) == keys.extended_hash


def test_generation_parameters_are_those_of_the_prime(record: RecordReader) -> None:
    fixed = json.loads(draft21_of_record(record).files[PARAMETERS])["fixed_parameters"]
    p = int(fixed["group"]["p"], 16)
    stated = fixed["generation_parameters"]
    assert p.bit_length() == stated["p_bits_total"]
    assert int(fixed["field"]["q"], 16).bit_length() == stated["q_bits_total"]
    low, high = stated["p_bits_lsb_fixed_1"], stated["p_bits_msb_fixed_1"]
    assert p % 2**low == 2**low - 1
    assert p >> (stated["p_bits_total"] - high) == 2**high - 1


def test_what_the_draft_cannot_carry_is_named(record: RecordReader) -> None:
    left = "\n".join(draft21_of_record(record).left_out)
    for part in ("H_P and H_B", "communication key", "second kind", "names of guardians", "ballots, tally"):
        assert part in left
    assert "chaining" not in left and "indexes" not in left


def test_another_group_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="has the group electionguard-4096 only"):
        draft21_of_record(begin(tmp_path / "record").reader)


def test_a_record_without_keys_is_refused(tmp_path: Path) -> None:
    manifest, parameters, _, _ = ceremony()
    writer = RecordWriter.create(tmp_path / "record", manifest, parameters)
    with pytest.raises(RefusedError, match="not in the record yet"):
        draft21_of_record(writer.reader)


def test_keys_that_are_not_the_guardians_are_not_exported(tmp_path: Path) -> None:
    manifest, parameters, records, keys = ceremony()
    writer = RecordWriter.create(tmp_path / "record", manifest, parameters)
    writer.put_guardians(records)
    writer.put_keys(dataclasses.replace(keys, vote_key=keys.data_key))
    with pytest.raises(VerificationError) as caught:
        draft21_of_record(RecordReader(tmp_path / "record"))
    assert caught.value.check == "3.A"

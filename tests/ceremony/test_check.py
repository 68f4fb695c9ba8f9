"""Public checks: each failure is found by the check that states it, and by no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from evote.ceremony import (
    GuardianRecord,
    check_binding,
    check_commitment,
    check_confirmations,
    data_share_commitment,
    examine_guardian_record,
    joint_keys,
    key_faults,
    record_commitment,
    run_local,
    share_commitment,
    verify_guardian_record,
)
from evote.errors import VerificationError
from evote.testing.randomness import SeededRandomness
from tests.ceremony import oracle
from tests.ceremony.support import flipped, make_setting

SETTING = make_setting()
GROUP = SETTING.group
Q = GROUP.order
P: int = GROUP.modulus  # type: ignore[attr-defined]
RECORDS, KEYS, SHARES = run_local(SETTING, SeededRandomness("check"))
RECORD = RECORDS.guardians[1]
VERIFIED = [verify_guardian_record(SETTING, record) for record in RECORDS.guardians]
WIDTH = GROUP.element_bytes


def failures(record: GuardianRecord) -> list[tuple[str, str]]:
    """Check and place of everything that is wrong; the raising form must agree with the first."""
    found = [(error.check, error.where) for error in examine_guardian_record(SETTING, record)]
    if found:
        with pytest.raises(VerificationError) as caught:
            verify_guardian_record(SETTING, record)
        assert (caught.value.check, caught.value.where) == found[0]
    else:
        assert verify_guardian_record(SETTING, record).record == record
    return found


def swapped(values: Sequence[Any], position: int, value: Any) -> tuple[Any, ...]:
    return (*values[:position], value, *values[position + 1 :])


def outside(encoded: bytes) -> list[bytes]:
    """Values that may not stand for a key: out of range, of order 2, off the subgroup."""
    value = oracle.as_int(encoded)
    wrong = [0, P, P + value if P + value < 256**WIDTH else P + 1, P - 1, P - value, 2, 256**WIDTH - 1]
    return [oracle.big(number, WIDTH) for number in wrong]


@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize(("field", "name"), [("vote_commitments", "K"), ("data_commitments", "K^")])
def test_a_key_outside_the_subgroup_fails_2a_alone(field: str, name: str, position: int) -> None:
    keys = getattr(RECORD, field)
    for wrong in outside(keys[position]):
        record = replace(RECORD, **{field: swapped(keys, position, wrong)})
        assert failures(record) == [("2.A", f"guardian 2 {name}[{position}]")]


def test_a_communication_key_outside_the_subgroup_fails_2a_alone() -> None:
    for wrong in outside(RECORD.communication_key):
        assert failures(replace(RECORD, communication_key=wrong)) == [("2.A", "guardian 2 kappa")]


@pytest.mark.parametrize("field", ["vote_commitments", "data_commitments"])
def test_another_number_of_keys_fails_2a(field: str) -> None:
    keys = getattr(RECORD, field)
    name = "K" if field == "vote_commitments" else "K^"
    for wrong in (keys[:1], (*keys, keys[0]), ()):
        assert failures(replace(RECORD, **{field: wrong})) == [("2.A", f"guardian 2 {name}")]


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize(("field", "hat"), [("vote_proof", ""), ("data_proof", "^")])
def test_a_response_of_q_or_more_fails_2b_alone(field: str, hat: str, position: int) -> None:
    proof = getattr(RECORD, field)
    value = oracle.big(oracle.as_int(proof.responses[position]) + Q, 32)
    record = replace(RECORD, **{field: replace(proof, responses=swapped(proof.responses, position, value))})
    assert failures(record) == [("2.B", f"guardian 2 v{hat}[{position}]")]


@pytest.mark.parametrize(("field", "hat"), [("vote_proof", ""), ("data_proof", "^")])
def test_another_number_of_responses_fails_2b_alone(field: str, hat: str) -> None:
    proof = getattr(RECORD, field)
    for wrong in (proof.responses[:2], (*proof.responses, bytes(32)), ()):
        record = replace(RECORD, **{field: replace(proof, responses=wrong)})
        assert failures(record) == [("2.B", f"guardian 2 v{hat}")]


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize(("field", "hat"), [("vote_proof", ""), ("data_proof", "^")])
def test_a_changed_response_fails_2c_alone(field: str, hat: str, position: int) -> None:
    proof = getattr(RECORD, field)
    value = oracle.big((oracle.as_int(proof.responses[position]) + 1) % Q, 32)
    record = replace(RECORD, **{field: replace(proof, responses=swapped(proof.responses, position, value))})
    assert failures(record) == [("2.C", f"guardian 2 c{hat}")]


@pytest.mark.parametrize(("field", "hat"), [("vote_proof", ""), ("data_proof", "^")])
def test_a_changed_challenge_fails_2c_alone(field: str, hat: str) -> None:
    proof = getattr(RECORD, field)
    value = oracle.as_int(proof.challenge)
    for wrong in ((value + 1) % Q, value + Q, 0, 2**256 - 1):
        record = replace(RECORD, **{field: replace(proof, challenge=oracle.big(wrong, 32))})
        assert failures(record) == [("2.C", f"guardian 2 c{hat}")]


def test_both_challenges_stand_in_the_failure() -> None:
    proof = RECORD.vote_proof
    wrong = replace(proof, challenge=oracle.big((oracle.as_int(proof.challenge) + 1) % Q, 32))
    (error,) = examine_guardian_record(SETTING, replace(RECORD, vote_proof=wrong))
    assert error.computed == wrong.challenge.hex().upper()
    assert len(error.expected) == 64
    assert error.computed != error.expected


def test_swapped_proofs_fail_both_challenges() -> None:
    record = replace(RECORD, vote_proof=RECORD.data_proof, data_proof=RECORD.vote_proof)
    assert failures(record) == [("2.C", "guardian 2 c"), ("2.C", "guardian 2 c^")]


def test_another_member_for_a_key_fails_the_challenges_in_which_it_stands() -> None:
    other = GROUP.power(GROUP.generator, GROUP.scalar(7)).encode()
    vote = replace(RECORD, vote_commitments=swapped(RECORD.vote_commitments, 1, other))
    assert failures(vote) == [("2.C", "guardian 2 c")]
    data = replace(RECORD, data_commitments=swapped(RECORD.data_commitments, 0, other))
    assert failures(data) == [("2.C", "guardian 2 c^")]
    both = replace(RECORD, communication_key=other)
    assert failures(both) == [("2.C", "guardian 2 c"), ("2.C", "guardian 2 c^")]


def test_proofs_of_one_guardian_do_not_hold_for_another_index() -> None:
    assert failures(replace(RECORD, index=3)) == [("2.C", "guardian 3 c"), ("2.C", "guardian 3 c^")]
    for index in (0, 4, 2**31 - 1):
        assert failures(replace(RECORD, index=index)) == [("2.C", f"guardian {index}")]


@pytest.mark.parametrize(("guardians", "quorum"), [(4, 2), (3, 3), (2, 2)])
def test_proofs_do_not_hold_for_another_size_or_threshold(guardians: int, quorum: int) -> None:
    other = make_setting(guardians, quorum)
    assert list(examine_guardian_record(other, RECORD)) != []
    with pytest.raises(VerificationError):
        check_binding(other, RECORD)


def test_all_failures_of_one_record_are_reported() -> None:
    record = replace(
        RECORD,
        vote_commitments=swapped(RECORD.vote_commitments, 1, bytes(WIDTH)),
        data_proof=replace(
            RECORD.data_proof,
            responses=swapped(RECORD.data_proof.responses, 2, b"\xff" * 32),
        ),
    )
    assert failures(record) == [
        ("2.A", "guardian 2 K[1]"),
        ("2.B", "guardian 2 v^[2]"),
        ("2.C", "guardian 2 c^"),
    ]


# --- round 0 ---------------------------------------------------------------------------------------


def test_proofs_of_another_election_pass_verification_2_and_fail_the_binding_proof() -> None:
    other = make_setting(manifest=b"another election")
    assert other.parameter_hash == SETTING.parameter_hash
    assert list(examine_guardian_record(other, RECORD)) == []
    with pytest.raises(VerificationError):
        check_binding(other, RECORD)


def test_every_part_of_the_binding_proof_is_checked() -> None:
    check_binding(SETTING, RECORD)
    proof = RECORD.binding_proof
    other = GROUP.power(GROUP.generator, GROUP.scalar(7)).encode()
    wrong = [
        replace(RECORD, binding_proof=replace(proof, challenge=flipped(proof.challenge))),
        replace(RECORD, binding_proof=replace(proof, challenge=b"\xff" * 32)),
        replace(RECORD, binding_proof=replace(proof, responses=proof.responses[:-1])),
        replace(RECORD, binding_proof=replace(proof, responses=(*proof.responses, bytes(32)))),
        replace(RECORD, binding_proof=RECORDS.guardians[0].binding_proof),
        replace(RECORD, index=1),
        replace(RECORD, index=0),
        replace(RECORD, vote_commitments=RECORD.vote_commitments[:1]),
        replace(RECORD, communication_key=other),
        replace(RECORD, communication_key=bytes(WIDTH)),
        replace(RECORD, communication_key=oracle.big(P - oracle.as_int(RECORD.communication_key), WIDTH)),
    ]
    for field in ("vote_commitments", "data_commitments"):
        for position in (0, 1):
            wrong.append(replace(RECORD, **{field: swapped(getattr(RECORD, field), position, other)}))
    for position, response in enumerate(proof.responses):
        for value in ((oracle.as_int(response) + 1) % Q, oracle.as_int(response) + Q):
            responses = swapped(proof.responses, position, oracle.big(value, 32))
            wrong.append(replace(RECORD, binding_proof=replace(proof, responses=responses)))
    for record in wrong:
        with pytest.raises(VerificationError) as caught:
            check_binding(SETTING, record)
        assert caught.value.check == ""


def test_the_binding_proof_follows_its_definition() -> None:
    keys = (*RECORD.vote_commitments, *RECORD.data_commitments, RECORD.communication_key)
    challenge = oracle.as_int(RECORD.binding_proof.challenge)
    g = oracle.as_int(GROUP.generator.encode())
    nonces = [
        pow(g, oracle.as_int(response), P) * pow(oracle.as_int(key), challenge, P) % P
        for key, response in zip(keys, RECORD.binding_proof.responses, strict=True)
    ]
    digest = oracle.tagged(
        "evote/v1/ceremony/binding",
        [
            SETTING.base_hash,
            oracle.big(2, 4),
            b"".join(keys[:2]),
            b"".join(keys[2:4]),
            keys[4],
            b"".join(oracle.big(nonce, WIDTH) for nonce in nonces),
        ],
    )
    assert challenge == oracle.as_int(digest) % Q


@pytest.mark.parametrize(
    ("field", "keys_field", "label"),
    [("vote_proof", "vote_commitments", b"pk_vote"), ("data_proof", "data_commitments", b"pk_data")],
)
def test_the_key_proofs_follow_verification_2_by_its_definition(
    field: str, keys_field: str, label: bytes
) -> None:
    g = oracle.as_int(GROUP.generator.encode())
    for record in RECORDS.guardians:
        keys = (*getattr(record, keys_field), record.communication_key)
        proof = getattr(record, field)
        challenge = oracle.as_int(proof.challenge)
        nonces = [
            oracle.big(pow(g, oracle.as_int(response), P) * pow(oracle.as_int(key), challenge, P) % P, WIDTH)
            for key, response in zip(keys, proof.responses, strict=True)
        ]
        expected = oracle.key_challenge(Q, SETTING.parameter_hash, label, record.index, keys, nonces)
        assert challenge == expected


def test_a_commitment_holds_for_its_record_only() -> None:
    check_commitment(SETTING, RECORD, RECORDS.round0[1])
    with pytest.raises(VerificationError) as caught:
        check_commitment(SETTING, RECORD, RECORDS.round0[0])
    assert caught.value.expected == RECORDS.round0[0].hex().upper()
    assert caught.value.computed == RECORDS.round0[1].hex().upper()
    with pytest.raises(VerificationError):
        check_commitment(SETTING, RECORDS.guardians[0], RECORDS.round0[1])


# --- all guardians together ------------------------------------------------------------------------


def test_joint_keys_are_the_products_of_the_definition_in_any_order() -> None:
    keys = joint_keys(SETTING, RECORDS.guardians)
    for found, field in ((keys.vote_key, "vote_commitments"), (keys.data_key, "data_commitments")):
        product = 1
        for record in RECORDS.guardians:
            product = product * oracle.as_int(getattr(record, field)[0]) % P
        assert found.encode() == oracle.big(product, WIDTH)
    assert keys.extended_hash == oracle.extended_base_hash(
        SETTING.base_hash, keys.vote_key.encode(), keys.data_key.encode()
    )
    assert joint_keys(SETTING, RECORDS.guardians[::-1]) == keys
    assert keys.encode() == KEYS


def test_joint_keys_need_every_guardian_once_and_members() -> None:
    one, two, three = RECORDS.guardians
    negative = oracle.big(P - oracle.as_int(two.vote_commitments[0]), WIDTH)
    for records in (
        (one, two),
        (one, two, two),
        (one, two, three, three),
        (),
        (one, two, replace(three, index=4)),
        (one, replace(two, vote_commitments=()), three),
        (one, replace(two, data_commitments=two.data_commitments[:1]), three),
        (one, replace(two, vote_commitments=(bytes(WIDTH), two.vote_commitments[1])), three),
        (one, replace(two, vote_commitments=(negative, two.vote_commitments[1])), three),
    ):
        with pytest.raises(VerificationError):
            joint_keys(SETTING, records)


def test_confirmations_must_be_the_guardian_hash_of_the_record() -> None:
    check_confirmations(SETTING, RECORDS)
    hashed = RECORDS.confirmations[0]
    with pytest.raises(VerificationError) as caught:
        check_confirmations(SETTING, replace(RECORDS, confirmations=(hashed, hashed, flipped(hashed))))
    assert caught.value.where == "guardian 3"
    for changed in (
        replace(RECORDS, confirmations=(hashed, hashed)),
        replace(RECORDS, confirmations=(hashed,) * 4),
        replace(
            RECORDS,
            guardians=(replace(RECORDS.guardians[0], communication_key=bytes(WIDTH)), *RECORDS.guardians[1:]),
        ),
    ):
        with pytest.raises(VerificationError):
            check_confirmations(SETTING, changed)
    for guardians in (RECORDS.guardians[::-1], RECORDS.guardians[:2], (*RECORDS.guardians, RECORD), ()):
        with pytest.raises(VerificationError) as caught:
            check_confirmations(SETTING, replace(RECORDS, guardians=guardians))
        assert caught.value.where == "guardians"
        assert "in order" in caught.value.message


def test_share_commitments_are_the_products_of_the_definition() -> None:
    for index in SETTING.indices:
        for function, field in (
            (share_commitment, "vote_commitments"),
            (data_share_commitment, "data_commitments"),
        ):
            product = 1
            for record in RECORDS.guardians:
                for power, key in enumerate(getattr(record, field)):
                    product = product * pow(oracle.as_int(key), index**power, P) % P
            assert function(SETTING, VERIFIED, index).encode() == oracle.big(product, WIDTH)


@pytest.mark.parametrize("function", [share_commitment, data_share_commitment])
def test_share_commitments_need_every_guardian_and_an_index_in_range(function: Any) -> None:
    for index in (0, 4, -1):
        with pytest.raises(ValueError, match="between 1 and 3"):
            function(SETTING, VERIFIED, index)
    for guardians in (VERIFIED[:2], [*VERIFIED, VERIFIED[0]], [VERIFIED[0]] * 3, []):
        with pytest.raises(ValueError, match="all guardians"):
            function(SETTING, guardians, 1)


def test_repeated_keys_and_the_identity_are_found_with_their_guardians() -> None:
    one, two, three = RECORDS.guardians
    identity = GROUP.identity.encode()
    cases = [
        ((one, replace(two, communication_key=one.vote_commitments[1]), three), (1, 2)),
        ((replace(one, data_commitments=three.vote_commitments), two, three), (1, 3)),
        ((one, replace(two, data_commitments=two.vote_commitments), three), (2,)),
        ((one, two, replace(three, vote_commitments=(identity, three.vote_commitments[1]))), (3,)),
        ((one, two, replace(three, communication_key=identity)), (3,)),
    ]
    for records, expected in cases:
        assert {fault.guardians for fault in key_faults(SETTING, records)} == {expected}
    assert record_commitment(SETTING.base_hash, one) != record_commitment(SETTING.base_hash, two)

"""The hashes of key generation against their definition, and their injectivity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from evote.ceremony import (
    GroupedProof,
    GuardianRecord,
    extended_base_hash,
    guardian_hash,
    record_commitment,
    run_local,
)
from evote.ceremony.hashes import (
    binding_challenge,
    data_key_challenge,
    share_challenge,
    share_key,
    share_key_stream,
    vote_key_challenge,
)
from evote.groups import standard_group
from tests.ceremony import oracle
from tests.ceremony.support import flipped, make_setting

SETTING = make_setting()
Q = SETTING.group.order
KEYS = [bytes((number,)) * 32 for number in range(1, 3)]
KAPPA = b"\x09" * 32
NONCES = [bytes((number,)) * 32 for number in range(20, 25)]


@pytest.mark.parametrize(
    ("challenge", "label"), [(vote_key_challenge, b"pk_vote"), (data_key_challenge, b"pk_data")]
)
def test_key_challenges_follow_equations_11_and_13(challenge: Callable[..., object], label: bytes) -> None:
    expected = oracle.key_challenge(Q, SETTING.parameter_hash, label, 2, [*KEYS, KAPPA], NONCES[:3])
    assert challenge(SETTING, 2, KEYS, KAPPA, NONCES[:3]) == SETTING.group.scalar(expected)


def test_share_keys_follow_equations_16_to_18() -> None:
    key = share_key(SETTING, 3, 1, KAPPA, KEYS[0], KEYS[1])
    stream = share_key_stream(key, 3, 1)
    assert stream == oracle.share_keys(SETTING.parameter_hash, 3, 1, KAPPA, KEYS[0], KEYS[1])
    assert len(stream) == 64
    assert stream[:32] != stream[32:]


def test_the_share_challenge_follows_equation_22() -> None:
    expected = oracle.share_challenge(Q, SETTING.parameter_hash, 1, 3, KAPPA, KEYS[0], bytes(range(64)))
    assert share_challenge(SETTING, 1, 3, KAPPA, KEYS[0], bytes(range(64))) == SETTING.group.scalar(expected)


def test_guardian_hash_and_extended_base_hash_follow_equations_27_and_30() -> None:
    records, keys, _ = run_local(SETTING)
    joint = (keys.vote_key, keys.data_key)
    expected = oracle.guardian_hash(
        SETTING.base_hash,
        joint,
        [record.vote_commitments for record in records.guardians],
        [record.data_commitments for record in records.guardians],
        [record.communication_key for record in records.guardians],
    )
    assert guardian_hash(SETTING.base_hash, *joint, records.guardians) == expected
    assert extended_base_hash(SETTING.base_hash, *joint) == oracle.extended_base_hash(
        SETTING.base_hash, *joint
    )


def test_the_inputs_have_the_lengths_that_the_specification_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = {}

    def measuring(key: bytes, domain: int, *fields: bytes) -> bytes:
        lengths[domain] = 1 + sum(map(len, fields))
        return bytes(32)

    monkeypatch.setattr("evote.ceremony.hashes.hmac", measuring)
    setting = make_setting(3, 2, group=standard_group())
    element, n, k = bytes(512), 3, 2
    vote_key_challenge(setting, 1, [element] * k, element, [element] * (k + 1))
    share_key(setting, 1, 2, element, element, element)
    share_challenge(setting, 1, 2, element, element, bytes(64))
    proof = GroupedProof(bytes(32), ())
    record = GuardianRecord(1, (element,) * k, (element,) * k, element, proof, proof, proof)
    guardian_hash(setting.base_hash, element, element, [record] * n)
    extended_base_hash(setting.base_hash, element, element)
    assert lengths == {
        0x10: 12 + 2 * (k + 1) * 512,
        0x11: 1545,
        0x12: 1097,
        0x13: 1 + (2 + 2 * n * k + n) * 512,
        0x14: 1025,
    }


def test_the_binding_challenge_has_the_bytes_of_its_decision() -> None:
    expected = oracle.tagged(
        "evote/v1/ceremony/binding",
        [
            SETTING.base_hash,
            (2).to_bytes(4, "big"),
            b"".join(KEYS),
            b"".join(reversed(KEYS)),
            KAPPA,
            b"".join(NONCES),
        ],
    )
    computed = binding_challenge(SETTING, 2, KEYS, KEYS[::-1], KAPPA, NONCES)
    assert computed == SETTING.group.scalar(int.from_bytes(expected, "big"))


def test_the_round_0_commitment_has_the_bytes_of_its_decision() -> None:
    record = run_local(SETTING)[0].guardians[1]
    proofs = [record.vote_proof, record.data_proof, record.binding_proof]
    expected = oracle.tagged(
        "evote/v1/ceremony/round0",
        [
            SETTING.base_hash,
            (2).to_bytes(4, "big"),
            b"".join(record.vote_commitments),
            b"".join(record.data_commitments),
            record.communication_key,
            *(proof.challenge + b"".join(proof.responses) for proof in proofs),
        ],
    )
    assert record_commitment(SETTING.base_hash, record) == expected


def test_every_argument_enters_every_hash() -> None:
    other = make_setting(manifest=b"another election")
    wider = make_setting(4, 2)
    sender, receiver = 1, 2
    cases: list[tuple[Callable[..., object], list[object], list[object]]] = [
        (
            vote_key_challenge,
            [SETTING, 1, KEYS, KAPPA, NONCES[:3]],
            [wider, 2, KEYS[::-1], KEYS[0], NONCES[1:4]],
        ),
        (
            data_key_challenge,
            [SETTING, 1, KEYS, KAPPA, NONCES[:3]],
            [wider, 2, KEYS[::-1], KEYS[0], NONCES[1:4]],
        ),
        (
            share_key,
            [SETTING, sender, receiver, KAPPA, KEYS[0], KEYS[1]],
            [wider, 3, 3, KEYS[0], KEYS[1], KEYS[0]],
        ),
        (share_key_stream, [KAPPA, sender, receiver], [KEYS[0], 3, 3]),
        (
            share_challenge,
            [SETTING, sender, receiver, KAPPA, KEYS[0], bytes(64)],
            [wider, 3, 3, KEYS[0], KEYS[1], bytes(63) + b"\x01"],
        ),
        (
            binding_challenge,
            [SETTING, 1, KEYS, KEYS[::-1], KAPPA, NONCES],
            [other, 2, KEYS[::-1], KEYS, KEYS[0], NONCES[::-1]],
        ),
        (extended_base_hash, [bytes(32), KEYS[0], KEYS[1]], [b"\x01" * 32, KEYS[1], KEYS[0]]),
    ]
    for function, arguments, others in cases:
        base = function(*arguments)
        for position, changed in enumerate(others):
            varied = [*arguments[:position], changed, *arguments[position + 1 :]]
            assert function(*varied) != base, (function, position)


def test_the_two_key_proofs_do_not_answer_for_each_other() -> None:
    arguments = (SETTING, 1, KEYS, KAPPA, NONCES[:3])
    assert vote_key_challenge(*arguments) != data_key_challenge(*arguments)


def test_every_field_of_a_record_enters_its_commitment() -> None:
    record = run_local(SETTING)[0].guardians[0]
    base = record_commitment(SETTING.base_hash, record)
    changed = [
        replace(record, index=2),
        replace(record, vote_commitments=(flipped(record.vote_commitments[0]), record.vote_commitments[1])),
        replace(record, data_commitments=(record.data_commitments[0], flipped(record.data_commitments[1]))),
        replace(record, communication_key=flipped(record.communication_key)),
        # The same bytes in the same order, but for where one list ends and the next begins.
        replace(
            record,
            vote_commitments=record.vote_commitments[:1],
            data_commitments=(record.vote_commitments[1], *record.data_commitments),
        ),
    ]
    for name in ("vote_proof", "data_proof", "binding_proof"):
        proof = getattr(record, name)
        changed.append(replace(record, **{name: replace(proof, challenge=flipped(proof.challenge))}))
        for position, response in enumerate(proof.responses):
            responses = (*proof.responses[:position], flipped(response), *proof.responses[position + 1 :])
            changed.append(replace(record, **{name: replace(proof, responses=responses)}))
    hashes = [record_commitment(SETTING.base_hash, one) for one in changed]
    assert base not in hashes
    assert len(set(hashes)) == len(changed)
    assert record_commitment(flipped(SETTING.base_hash), record) != base

"""Whole ceremonies among honest guardians."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from evote.ceremony import (
    AwaitingCommitments,
    AwaitingConfirmations,
    AwaitingRecords,
    AwaitingShares,
    GuardianShare,
    GuardianStart,
    Setting,
    assemble_records,
    check_binding,
    check_commitment,
    check_confirmations,
    data_share_commitment,
    examine_guardian_record,
    joint_keys,
    key_faults,
    run_local,
    share_commitment,
    verify_guardian_record,
)
from evote.ceremony.memory import Stage
from evote.codec import decode, encode
from evote.errors import CeremonyError, DecodeError, RefusedError
from evote.groups import standard_group
from evote.secret import Secret
from evote.testing.groups import toy, toy48
from evote.testing.randomness import SeededRandomness
from tests.ceremony import oracle
from tests.ceremony.support import Ceremony, make_setting

SIZES = [(1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (5, 3), (6, 1)]


@pytest.mark.parametrize(("guardians", "quorum"), SIZES)
def test_any_quorum_of_shares_gives_the_secret_of_the_joint_keys(guardians: int, quorum: int) -> None:
    setting = make_setting(guardians, quorum)
    group = setting.group
    _, keys, shares = run_local(setting, SeededRandomness(f"{guardians}/{quorum}"))
    for kept, joint in (("vote_share", keys.vote_key), ("data_share", keys.data_key)):
        values = {share.index: getattr(share, kept).reveal().value for share in shares}
        for chosen in combinations(values, quorum):
            secret = oracle.interpolate_at_zero({index: values[index] for index in chosen}, group.order)
            assert group.power(group.generator, group.scalar(secret)).encode() == joint
        for chosen in combinations(values, quorum - 1):
            secret = oracle.interpolate_at_zero({index: values[index] for index in chosen}, group.order)
            assert group.power(group.generator, group.scalar(secret)).encode() != joint


@pytest.mark.parametrize(("guardians", "quorum"), SIZES)
def test_the_published_record_passes_every_public_check(guardians: int, quorum: int) -> None:
    setting = make_setting(guardians, quorum)
    records, keys, shares = run_local(setting, SeededRandomness(f"{guardians}/{quorum}"))
    verified = []
    for record, commitment in zip(records.guardians, records.round0, strict=True):
        assert list(examine_guardian_record(setting, record)) == []
        verified.append(verify_guardian_record(setting, record))
        check_binding(setting, record)
        check_commitment(setting, record, commitment)
    check_confirmations(setting, records)
    assert list(key_faults(setting, records.guardians)) == []
    assert joint_keys(setting, records.guardians).encode() == keys
    for share in shares:
        assert share.keys == keys and share.extended_hash == keys.extended_hash
        power = setting.group.power_secret
        generator = setting.group.generator
        assert power(generator, share.vote_share) == share_commitment(setting, verified, share.index)
        assert power(generator, share.data_share) == data_share_commitment(setting, verified, share.index)


@pytest.mark.slow
def test_a_ceremony_in_the_standard_group_gives_the_keys_of_the_definition() -> None:
    setting = make_setting(3, 2, group=standard_group())
    q = setting.group.order
    records, keys, shares = run_local(setting)
    joint = []
    for name in ("vote_commitments", "data_commitments"):
        product = 1
        for record in records.guardians:
            product = product * oracle.as_int(getattr(record, name)[0]) % setting.group.modulus  # type: ignore[attr-defined]
        joint.append(oracle.big(product, 512))
    assert [keys.vote_key, keys.data_key] == joint
    assert keys.extended_hash == oracle.extended_base_hash(setting.base_hash, *joint)
    hashed = oracle.guardian_hash(
        setting.base_hash,
        joint,
        [record.vote_commitments for record in records.guardians],
        [record.data_commitments for record in records.guardians],
        [record.communication_key for record in records.guardians],
    )
    assert records.confirmations == (hashed,) * 3
    for chosen in combinations(shares, 2):
        points = {share.index: share.vote_share.reveal().value for share in chosen}
        secret = oracle.interpolate_at_zero(points, q)
        assert pow(2, secret * ((setting.group.modulus - 1) // q), setting.group.modulus) == oracle.as_int(
            joint[0]
        )  # type: ignore[attr-defined]


def test_two_ceremonies_in_one_setting_share_no_key() -> None:
    setting = make_setting(2, 2)
    first, _, _ = run_local(setting)
    second, _, _ = run_local(setting)
    assert list(key_faults(setting, first.guardians)) == []
    assert {record.vote_commitments[0] for record in first.guardians}.isdisjoint(
        record.vote_commitments[0] for record in second.guardians
    )


def test_own_messages_may_come_back_or_stay_away() -> None:
    with_own = Ceremony(make_setting())
    without = Ceremony(make_setting())
    for _ in range(3):
        for index, box in without.mail.items():
            box.pop(index, None)
        with_own.step()
        without.step()
    assert with_own.errors == without.errors == {}
    assert with_own.mail == without.mail
    assert all(isinstance(state, AwaitingConfirmations) for state in without.states.values())


def test_a_guardian_that_stops_between_all_rounds_ends_with_the_same_share() -> None:
    outcomes = []
    for stopping in (False, True):
        ceremony = Ceremony(make_setting())
        posted = []
        for kind in (AwaitingCommitments, AwaitingRecords, AwaitingShares, AwaitingConfirmations):
            posted.append(list(ceremony.mail[1].values()))
            if stopping:
                ceremony.states = {
                    index: kind.from_secret_bytes(ceremony.setting, state.to_secret_bytes())
                    for index, state in ceremony.states.items()
                }
            if kind is AwaitingConfirmations:
                ceremony.finish(assemble_records(ceremony.setting, posted[0], posted[1], posted[3]))
            else:
                ceremony.step()
        assert ceremony.errors == {}
        outcomes.append(
            [
                (share.vote_share.reveal(), share.data_share.reveal(), records, keys)
                for share, records, keys in ceremony.ended.values()
            ]
        )
    assert outcomes[0] == outcomes[1]


def test_a_memory_is_read_only_for_its_round_and_its_election() -> None:
    ceremony = Ceremony(make_setting())
    kinds = (AwaitingCommitments, AwaitingRecords, AwaitingShares, AwaitingConfirmations)
    for kind in kinds:
        data = ceremony.states[1].to_secret_bytes()
        for other in kinds:
            if other is not kind:
                with pytest.raises(DecodeError):
                    other.from_secret_bytes(ceremony.setting, data)
        with pytest.raises(DecodeError):
            GuardianShare.from_secret_bytes(ceremony.setting, data)
        with pytest.raises(DecodeError, match="another election"):
            kind.from_secret_bytes(make_setting(manifest=b"another"), data)
        with pytest.raises(DecodeError):
            kind.from_secret_bytes(ceremony.setting, Secret(data.reveal() + b"\x00"))
        with pytest.raises(DecodeError):
            kind.from_secret_bytes(ceremony.setting, Secret(data.reveal()[:-1]))
        if kind is not AwaitingConfirmations:
            ceremony.step()


def test_a_memory_with_the_right_fields_and_the_wrong_label_is_refused() -> None:
    ceremony = Ceremony(make_setting())
    memory = ceremony.states[1]._held[0].reveal()
    for stage in Stage:
        data = Secret(encode(replace(memory, context=replace(memory.context, stage=stage))))
        if stage is Stage.COMMITMENTS:
            assert AwaitingCommitments.from_secret_bytes(ceremony.setting, data).index == 1
        else:
            with pytest.raises(DecodeError, match=stage.value):
                AwaitingCommitments.from_secret_bytes(ceremony.setting, data)


def test_a_memory_of_nobody_is_refused() -> None:
    ceremony = Ceremony(make_setting())
    memory = ceremony.states[1]._held[0].reveal()
    data = Secret(encode(replace(memory, context=replace(memory.context, index=4))))
    with pytest.raises(DecodeError, match="between 1 and 3"):
        AwaitingCommitments.from_secret_bytes(ceremony.setting, data)


def test_a_kept_share_survives_being_written_down() -> None:
    setting = make_setting()
    _, _, shares = run_local(setting)
    for share in shares:
        again = GuardianShare.from_secret_bytes(setting, share.to_secret_bytes(setting))
        assert (again.index, again.keys) == (share.index, share.keys)
        assert again.vote_share.reveal() == share.vote_share.reveal()
        assert again.data_share.reveal() == share.data_share.reveal()


def test_every_state_answers_once() -> None:
    ceremony = Ceremony(make_setting())
    for _ in range(3):
        before, mail = ceremony.states[1], list(ceremony.mail[1].values())
        ceremony.step()
        with pytest.raises(RefusedError):
            before.receive(mail)
        with pytest.raises(RefusedError):
            before.to_secret_bytes()


def test_a_state_that_refused_its_messages_may_be_asked_again_with_all_of_them() -> None:
    ceremony = Ceremony(make_setting())
    state = ceremony.states[1]
    with pytest.raises(CeremonyError) as caught:
        state.receive([ceremony.mail[1][2]])
    assert caught.value.culprits == (3,)
    following, _ = state.receive(ceremony.mail[1].values())
    assert isinstance(following, AwaitingRecords)


def test_a_memory_may_be_written_as_often_as_wanted_before_the_answer() -> None:
    ceremony = Ceremony(make_setting())
    state = ceremony.states[2]
    assert state.to_secret_bytes().reveal() == state.to_secret_bytes().reveal()


@pytest.mark.parametrize("index", [0, -1, 4, 2**31])
def test_no_guardian_begins_with_an_index_that_does_not_exist(index: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 3"):
        GuardianStart.begin(make_setting(), index)


@pytest.mark.parametrize(
    ("guardians", "quorum", "hashes"),
    [(0, 0, 32), (3, 0, 32), (3, 4, 32), (1001, 1, 32), (3, 2, 31), (3, 2, 0), (-1, -1, 32)],
)
def test_an_impossible_setting_is_the_callers_mistake(guardians: int, quorum: int, hashes: int) -> None:
    for parameter_hash, base_hash in ((bytes(hashes), bytes(32)), (bytes(32), bytes(hashes))):
        with pytest.raises(ValueError):
            Setting(toy(), guardians, quorum, parameter_hash, base_hash)


def test_ceremonies_in_two_groups_live_side_by_side() -> None:
    small = run_local(make_setting(2, 1, group=toy48()))
    large = run_local(make_setting(2, 1, group=toy()))
    assert len(small[1].vote_key) == 24
    assert len(large[1].vote_key) == 32


def test_the_record_and_the_keys_round_trip_through_the_codec() -> None:
    setting = make_setting()
    records, keys, _ = run_local(setting)
    for value in (records, keys, *records.guardians):
        data = encode(value)
        assert decode(type(value), data, element_bytes=setting.group.element_bytes) == value
        for wrong in (data[:-1], data + b"\x00", b"", data[1:]):
            with pytest.raises(DecodeError):
                decode(type(value), wrong, element_bytes=setting.group.element_bytes)

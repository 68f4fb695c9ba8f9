"""Every deviation stops the ceremony and names who deviated, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from evote.ceremony import (
    AwaitingConfirmations,
    Complaint,
    Confirmation,
    GuardianRecord,
    GuardianRecords,
    GuardianStart,
    Round0Message,
    Round1Message,
    assemble_records,
    complaint_about,
    heed,
    record_commitment,
)
from evote.ceremony.assembly import view_of
from evote.ceremony.keys import GuardianSecrets, draw_secrets, make_record
from evote.codec import decode, encode
from evote.errors import CeremonyError, DecodeError
from evote.groups import Scalar
from evote.secret import Secret
from evote.testing.randomness import SeededRandomness
from tests.ceremony.support import Ceremony, flipped, make_setting, records_in, with_record

CHEAT = 3
ALL_NAME_THE_CHEAT = {1: (CHEAT,), 2: (CHEAT,)}


def ceremony_at(round_number: int) -> Ceremony:
    """Three guardians, quorum 2, with the messages of that round in the mail."""
    ceremony = Ceremony(make_setting())
    for _ in range(round_number):
        ceremony.step()
    assert ceremony.errors == {}
    return ceremony


def published(ceremony: Ceremony, round0: list[Any], round1: list[Any]) -> GuardianRecords:
    return assemble_records(ceremony.setting, round0, round1, ceremony.mail[1].values())


def receive(ceremony: Ceremony, receiver: int, messages: list[Any]) -> CeremonyError:
    """What the receiver says to these messages."""
    state = ceremony.states[receiver]
    shown = (GuardianRecords((), (), ()),) if isinstance(state, AwaitingConfirmations) else ()
    with pytest.raises(CeremonyError) as caught:
        state.receive(messages, *shown)
    return caught.value


# --- messages as such ------------------------------------------------------------------------------


@pytest.mark.parametrize("round_number", [0, 1, 2, 3])
def test_a_missing_message_names_who_owes_it(round_number: int) -> None:
    ceremony = ceremony_at(round_number)
    box = ceremony.mail[1]
    assert receive(ceremony, 1, [box[2]]).culprits == (3,)
    assert receive(ceremony, 1, [box[3]]).culprits == (2,)
    assert receive(ceremony, 1, []).culprits == (2, 3)


@pytest.mark.parametrize("round_number", [0, 1, 2, 3])
def test_a_second_message_names_its_sender_even_if_it_is_the_same(round_number: int) -> None:
    ceremony = ceremony_at(round_number)
    box = ceremony.mail[1]
    error = receive(ceremony, 1, [box[2], box[3], box[3]])
    assert error.culprits == (3,)
    assert "more than one" in error.message


@pytest.mark.parametrize("round_number", [0, 1, 2, 3])
@pytest.mark.parametrize("index", [0, -1, 4, 2**31 - 1])
def test_a_message_of_nobody_names_the_index_it_bears(round_number: int, index: int) -> None:
    ceremony = ceremony_at(round_number)
    box = ceremony.mail[1]
    error = receive(ceremony, 1, [box[2], box[3], replace(box[3], sender=index)])
    assert error.culprits == (index,)


@pytest.mark.parametrize("round_number", [0, 1, 2, 3])
def test_a_message_in_ones_own_name_blames_no_guardian(round_number: int) -> None:
    ceremony = ceremony_at(round_number)
    box = ceremony.mail[1]
    forged = replace(box[3], sender=1)
    if isinstance(forged, Confirmation):  # an honest one is the same for all but the sender
        forged = replace(forged, guardian_hash=flipped(forged.guardian_hash))
    error = receive(ceremony, 1, [box[2], box[3], forged])
    assert error.culprits == ()
    assert "in the name of guardian 1" in error.message


def test_no_message_has_index_0_on_the_wire() -> None:
    record = records_in(ceremony_at(1))[2]
    for message in (Round0Message(1, bytes(32)), Confirmation(1, bytes(32)), Complaint(1, (), ""), record):
        data = encode(message)
        name = b"index" if isinstance(message, GuardianRecord) else b"sender"
        at = data.index(name) + len(name)
        assert decode(type(message), data, element_bytes=32) == message
        with pytest.raises(DecodeError, match="between 1 and"):
            decode(type(message), data[:at] + b"\x00" + data[at + 1 :], element_bytes=32)


# --- round 0 and round 1 ---------------------------------------------------------------------------


def test_a_record_other_than_the_committed_one_names_its_sender() -> None:
    ceremony = ceremony_at(1)
    other = Ceremony(make_setting(), "other keys")
    other.step()
    for box in ceremony.mail.values():
        box[CHEAT] = replace(box[CHEAT], record=records_in(other)[CHEAT])
    ceremony.step()
    assert ceremony.culprits(but=CHEAT) == ALL_NAME_THE_CHEAT


def test_different_records_for_different_receivers_name_their_sender() -> None:
    ceremony = ceremony_at(1)
    other = Ceremony(make_setting(), "other keys")
    other.step()
    ceremony.mail[2][CHEAT] = replace(ceremony.mail[2][CHEAT], record=records_in(other)[CHEAT])
    ceremony.step()
    assert ceremony.culprits() == {2: (CHEAT,)}


def test_a_rushing_guardian_cannot_fit_its_key_to_those_of_the_others() -> None:
    # It wants K = g and knows the logarithm of nothing that would give it.
    ceremony = ceremony_at(1)
    group = ceremony.setting.group
    records = records_in(ceremony)
    others = [group.decode(records[index].vote_commitments[0]) for index in (1, 2)]
    wanted = group.multiply(group.generator, group.invert(group.product(others))).encode()
    for box in ceremony.mail.values():
        box[CHEAT] = with_record(box[CHEAT], vote_commitments=(wanted, box[CHEAT].record.vote_commitments[1]))
    ceremony.step()
    assert ceremony.culprits(but=CHEAT) == ALL_NAME_THE_CHEAT


def test_a_rushing_guardian_with_a_sound_record_made_late_is_named() -> None:
    ceremony = ceremony_at(1)
    late = make_record(ceremony.setting, CHEAT, draw_secrets(ceremony.setting, ceremony.rng), ceremony.rng)
    for box in ceremony.mail.values():
        box[CHEAT] = replace(box[CHEAT], record=late)
    ceremony.step()
    assert ceremony.culprits(but=CHEAT) == ALL_NAME_THE_CHEAT


def test_a_commitment_that_differs_between_receivers_names_its_sender_and_says_what_was_seen() -> None:
    ceremony = Ceremony(make_setting())
    honest = ceremony.mail[1][CHEAT].commitment
    second = make_record(ceremony.setting, CHEAT, draw_secrets(ceremony.setting, ceremony.rng), ceremony.rng)
    other = record_commitment(ceremony.setting.base_hash, second)
    ceremony.mail[2][CHEAT] = replace(ceremony.mail[2][CHEAT], commitment=other)
    ceremony.step()
    # The cheat opens to each receiver what it committed to before that receiver.
    ceremony.mail[2][CHEAT] = replace(ceremony.mail[2][CHEAT], record=second)
    ceremony.step()
    assert ceremony.culprits(but=CHEAT) == ALL_NAME_THE_CHEAT
    for index in (1, 2):
        assert honest.hex() in ceremony.errors[index].message
        assert other.hex() in ceremony.errors[index].message


def test_a_guardian_that_misreports_the_readers_commitment_is_named_itself() -> None:
    ceremony = ceremony_at(1)
    for receiver in (1, 2):
        message: Round1Message = ceremony.mail[receiver][CHEAT]
        seen = tuple(flipped(one) if index != CHEAT else one for index, one in enumerate(message.seen, 1))
        ceremony.mail[receiver][CHEAT] = replace(message, seen=seen)
    ceremony.step()
    assert ceremony.culprits(but=CHEAT) == ALL_NAME_THE_CHEAT


def test_a_list_of_seen_commitments_of_the_wrong_length_names_its_sender() -> None:
    for change in (lambda seen: seen[:2], lambda seen: (*seen, seen[0]), lambda seen: ()):
        ceremony = ceremony_at(1)
        for box in ceremony.mail.values():
            box[CHEAT] = replace(box[CHEAT], seen=change(box[CHEAT].seen))
        ceremony.step()
        assert ceremony.culprits(but=CHEAT) == ALL_NAME_THE_CHEAT


def play_with(record: Callable[[Ceremony, GuardianSecrets], GuardianRecord]) -> Ceremony:
    """The cheat commits to a record of its own making and opens just that one."""
    ceremony = Ceremony(make_setting())
    secrets = draw_secrets(ceremony.setting, ceremony.rng)
    ceremony.place(CHEAT, record(ceremony, secrets), secrets)
    ceremony.step()
    ceremony.step()
    return ceremony


def honest_record(ceremony: Ceremony, secrets: GuardianSecrets) -> GuardianRecord:
    return make_record(ceremony.setting, CHEAT, secrets, ceremony.rng)


def test_the_record_of_the_following_tests_is_accepted_where_nothing_is_changed() -> None:
    assert play_with(honest_record).errors == {}


def made_in(manifest: bytes, guardians: int = 3, quorum: int = 2) -> Callable[..., GuardianRecord]:
    def record(ceremony: Ceremony, secrets: GuardianSecrets) -> GuardianRecord:
        return make_record(make_setting(guardians, quorum, manifest=manifest), CHEAT, secrets, ceremony.rng)

    return record


def changed(field: str, change: Callable[[Any], Any]) -> Callable[..., GuardianRecord]:
    def record(ceremony: Ceremony, secrets: GuardianSecrets) -> GuardianRecord:
        made = honest_record(ceremony, secrets)
        return replace(made, **{field: change(getattr(made, field))})

    return record


def off(data: bytes) -> bytes:
    """Another scalar, still below q."""
    return ((int.from_bytes(data, "big") + 1) % make_setting().group.order).to_bytes(32, "big")


BAD_RECORDS = {
    "old proofs of another election": made_in(b"another election"),
    "proofs for another number of guardians": made_in(b"an election", guardians=4),
    "proofs for another quorum of the same n": changed("vote_commitments", lambda keys: (*keys, keys[0])),
    "too few coefficients": changed("data_commitments", lambda keys: keys[:1]),
    "another index": changed("index", lambda index: 1),
    "an index of nobody": changed("index", lambda index: 7),
    "a wrong vote proof": changed(
        "vote_proof", lambda proof: replace(proof, responses=(off(proof.responses[0]), *proof.responses[1:]))
    ),
    "a wrong data proof": changed(
        "data_proof",
        lambda proof: replace(proof, responses=(*proof.responses[:-1], off(proof.responses[-1]))),
    ),
    "a wrong binding proof": changed(
        "binding_proof", lambda proof: replace(proof, challenge=off(proof.challenge))
    ),
    "no binding proof": changed("binding_proof", lambda proof: replace(proof, responses=())),
    "a response out of range": changed(
        "vote_proof", lambda proof: replace(proof, responses=(b"\xff" * 32, *proof.responses[1:]))
    ),
    "a key of order 2": changed(
        "communication_key",
        lambda key: (make_setting().group.modulus - 1).to_bytes(32, "big"),  # type: ignore[attr-defined]
    ),
    "a key of zero": changed("vote_commitments", lambda keys: (bytes(32), keys[1])),
}


@pytest.mark.parametrize("record", BAD_RECORDS.values(), ids=BAD_RECORDS)
def test_a_record_that_does_not_hold_names_its_owner(record: Callable[..., GuardianRecord]) -> None:
    ceremony = play_with(record)
    assert ceremony.culprits(but=CHEAT) == ALL_NAME_THE_CHEAT
    assert all("guardian 3" in ceremony.errors[index].message for index in (1, 2))


def test_a_copied_record_names_the_copyist_and_not_the_one_it_copied() -> None:
    # The copy cannot be committed to beforehand by somebody who does not know it; here it even is.
    def copied(ceremony: Ceremony, secrets: GuardianSecrets) -> GuardianRecord:
        memory = ceremony.states[1]._held[0].reveal()
        return replace(memory.record, index=CHEAT)

    assert play_with(copied).culprits(but=CHEAT) == ALL_NAME_THE_CHEAT


@pytest.mark.parametrize("field", ["vote_commitments", "data_commitments", "communication_key"])
def test_a_copied_key_names_the_copyist_and_not_the_one_it_copied(field: str) -> None:
    def copied(ceremony: Ceremony, secrets: GuardianSecrets) -> GuardianRecord:
        victim = ceremony.states[1]._held[0].reveal().record
        return replace(honest_record(ceremony, secrets), **{field: getattr(victim, field)})

    assert play_with(copied).culprits(but=CHEAT) == ALL_NAME_THE_CHEAT


def repeated(ceremony: Ceremony, secrets: GuardianSecrets) -> GuardianRecord:
    """One coefficient in both polynomials; every proof of it holds."""
    same = GuardianSecrets(secrets.vote, (secrets.vote[1], secrets.data[1]), secrets.communication)
    return make_record(ceremony.setting, CHEAT, same, ceremony.rng)


def communicating(ceremony: Ceremony, secrets: GuardianSecrets) -> GuardianRecord:
    same = GuardianSecrets(secrets.vote, secrets.data, secrets.vote[0])
    return make_record(ceremony.setting, CHEAT, same, ceremony.rng)


def vanishing(ceremony: Ceremony, secrets: GuardianSecrets) -> GuardianRecord:
    zero = Secret(ceremony.setting.group.scalar(0))
    same = GuardianSecrets((zero, secrets.vote[1]), secrets.data, secrets.communication)
    return make_record(ceremony.setting, CHEAT, same, ceremony.rng)


@pytest.mark.parametrize("record", [repeated, communicating, vanishing])
def test_a_guardian_that_repeats_its_own_key_or_has_none_is_named(
    record: Callable[..., GuardianRecord],
) -> None:
    assert play_with(record).culprits(but=CHEAT) == ALL_NAME_THE_CHEAT


def test_two_guardians_that_share_a_secret_are_both_named_by_others_and_each_by_the_other() -> None:
    # Proofs hold for both, so a third party cannot tell which of them gave the secret away.
    def shared(ceremony: Ceremony, secrets: GuardianSecrets) -> GuardianRecord:
        memory = ceremony.states[1]._held[0].reveal()
        stolen = Secret(ceremony.setting.group.decode_scalar(memory.communication))
        return make_record(
            ceremony.setting, CHEAT, GuardianSecrets(secrets.vote, secrets.data, stolen), ceremony.rng
        )

    assert play_with(shared).culprits() == {1: (3,), 2: (1, 3), 3: (1,)}


def test_keys_that_cancel_each_other_stop_the_ceremony() -> None:
    setting = make_setting(2, 1)
    ceremony = Ceremony(setting)
    group = setting.group
    memory = ceremony.states[1]._held[0].reveal()
    opposite = -group.decode_scalar(memory.vote[0])
    drawn = draw_secrets(setting, ceremony.rng)
    secrets = GuardianSecrets((Secret(opposite),), drawn.data, drawn.communication)
    ceremony.place(2, make_record(setting, 2, secrets, ceremony.rng), secrets)
    ceremony.step()
    ceremony.step()
    assert ceremony.culprits() == {1: (), 2: ()}
    assert "identity" in ceremony.errors[1].message


def test_two_cheats_are_named_together() -> None:
    ceremony = Ceremony(make_setting(4, 2))
    ceremony.step()
    for box in ceremony.mail.values():
        for cheat in (2, 4):
            proof = box[cheat].record.vote_proof
            box[cheat] = with_record(box[cheat], vote_proof=replace(proof, challenge=off(proof.challenge)))
    ceremony.step()
    assert {index: ceremony.errors[index].culprits for index in (1, 3)} == {1: (2, 4), 3: (2, 4)}


# --- shares ----------------------------------------------------------------------------------------


def test_a_bad_share_names_its_sender_to_the_one_who_got_it() -> None:
    for change in (
        lambda share: replace(share, c1=flipped(share.c1)),
        lambda share: replace(share, proof=replace(share.proof, response=off(share.proof.response))),
        lambda share: replace(share, c0=share.c0[::-1]),
        lambda share: replace(share, receiver=2),
    ):
        ceremony = ceremony_at(2)
        ceremony.mail[1][CHEAT] = change(ceremony.mail[1][CHEAT])
        ceremony.step()
        assert ceremony.culprits() == {1: (CHEAT,)}


def test_a_share_of_another_polynomial_names_its_sender() -> None:
    ceremony = Ceremony(make_setting())
    ceremony.open_records()
    memory = ceremony.states[CHEAT]._held[0].reveal()
    group = ceremony.setting.group
    wrong = (group.decode_scalar(memory.vote[1]) + Scalar(1, group.order)).encode()
    ceremony.states[CHEAT]._held = [Secret(replace(memory, vote=(memory.vote[0], wrong)))]
    ceremony.step()
    ceremony.step()
    assert ceremony.culprits(but=CHEAT) == ALL_NAME_THE_CHEAT


def test_a_share_of_another_election_names_its_sender() -> None:
    other = Ceremony(make_setting(manifest=b"another election"), "another election")
    other.open_records()
    other.step()
    ceremony = ceremony_at(2)
    ceremony.mail[1][CHEAT] = other.mail[1][CHEAT]
    ceremony.step()
    assert ceremony.culprits() == {1: (CHEAT,)}


# --- confirmations and the published record --------------------------------------------------------


def played() -> tuple[Ceremony, GuardianRecords]:
    ceremony = Ceremony(make_setting())
    round0 = list(ceremony.mail[1].values())
    ceremony.step()
    round1 = list(ceremony.mail[1].values())
    ceremony.step()
    ceremony.step()
    return ceremony, published(ceremony, round0, round1)


def test_an_honest_ceremony_ends_with_equal_views() -> None:
    ceremony, record = played()
    ceremony.finish(record)
    assert ceremony.errors == {}
    assert {index: ended[1] for index, ended in ceremony.ended.items()} == dict.fromkeys((1, 2, 3), record)


def test_a_different_guardian_hash_names_its_sender() -> None:
    ceremony, record = played()
    for box in ceremony.mail.values():
        box[CHEAT] = replace(box[CHEAT], guardian_hash=flipped(box[CHEAT].guardian_hash))
    ceremony.finish(record)
    assert ceremony.culprits(but=CHEAT) == ALL_NAME_THE_CHEAT


def test_a_guardian_with_another_view_of_somebodys_keys_is_found_by_its_hash() -> None:
    # The view of guardian 3 was changed behind all earlier checks, before it confirmed.
    ceremony = Ceremony(make_setting())
    ceremony.send_shares()
    memory = ceremony.states[CHEAT]._held[0].reveal()
    other = make_record(ceremony.setting, 1, draw_secrets(ceremony.setting, ceremony.rng), ceremony.rng)
    ceremony.mail[CHEAT].clear()
    hashed = view_of(ceremony.setting, (other, *memory.records[1:]))[1]
    del ceremony.states[CHEAT]
    ceremony.step()
    ceremony.post(Confirmation(CHEAT, hashed))
    ceremony.finish(GuardianRecords(memory.records, memory.round0, (hashed,) * 3))
    assert ceremony.culprits() == ALL_NAME_THE_CHEAT
    assert all(hashed.hex() in error.message for error in ceremony.errors.values())


@pytest.mark.parametrize("part", ["guardians", "round0", "confirmations"])
def test_a_published_record_that_is_not_what_was_seen_is_refused_and_no_guardian_blamed(part: str) -> None:
    for wrong in ("changed", "short", "swapped"):
        ceremony, record = played()
        values = getattr(record, part)
        if part == "confirmations" and wrong == "swapped":
            continue  # all confirmations are equal
        if wrong == "changed":
            first = values[0]
            other = (
                replace(first, binding_proof=record.guardians[1].binding_proof)
                if part == "guardians"
                else flipped(first)
            )
            values = (other, *values[1:])
        else:
            values = values[:2] if wrong == "short" else (values[1], values[0], values[2])
        ceremony.finish(replace(record, **{part: values}))
        assert ceremony.culprits() == {1: (), 2: (), 3: ()}
        assert all(part in error.message for error in ceremony.errors.values())
        assert ceremony.ended == {}


def test_assembling_names_who_is_missing() -> None:
    ceremony = Ceremony(make_setting())
    round0 = list(ceremony.mail[1].values())
    with pytest.raises(CeremonyError) as caught:
        assemble_records(ceremony.setting, round0[:2], [], [])
    assert caught.value.culprits == (3,)


# --- complaints ------------------------------------------------------------------------------------


def test_an_error_becomes_a_complaint_that_stops_everybody_and_names_the_same_culprits() -> None:
    setting = make_setting()
    error = CeremonyError("guardian 3 sent more than one share", (3,))
    complaint = complaint_about(1, error)
    assert decode(Complaint, encode(complaint), element_bytes=32) == complaint
    with pytest.raises(CeremonyError) as caught:
        heed(setting, [complaint])
    assert caught.value.culprits == (3,)
    assert "guardian 1 complains: guardian 3 sent more than one share" in caught.value.message


def test_a_ceremony_without_complaints_goes_on() -> None:
    stopped = False
    try:
        heed(make_setting(), [])
    except CeremonyError:
        stopped = True
    assert not stopped


@pytest.mark.parametrize(
    ("complaints", "culprits"),
    [
        ([Complaint(1, (3,), "a bad share")], (3,)),
        ([Complaint(2, (1, 3), "one key in two records")], (1, 3)),
        ([Complaint(1, (3,), "a bad share"), Complaint(3, (1,), "a false complaint")], (1, 3)),
        ([Complaint(1, (), "the published record is wrong")], ()),
        ([Complaint(1, (7,), "a share of nobody")], (7,)),
        ([Complaint(4, (2,), "from outside")], (4,)),
    ],
)
def test_any_complaint_stops_the_ceremony_and_says_who_accuses_whom(
    complaints: list[Complaint], culprits: tuple[int, ...]
) -> None:
    with pytest.raises(CeremonyError) as caught:
        heed(make_setting(), complaints)
    assert caught.value.culprits == culprits
    for complaint in complaints:
        assert f" {complaint.sender}" in caught.value.message
        assert (complaint.reason in caught.value.message) == (complaint.sender != 4)


def test_a_complaint_can_be_written_whatever_the_error_names() -> None:
    error = CeremonyError("a share comes from 0, who is no guardian", (-1, 0, 2, 2**31))
    complaint = complaint_about(1, error)
    assert complaint.culprits == (2,)
    assert decode(Complaint, encode(complaint), element_bytes=32) == complaint


def test_a_long_reason_is_cut_to_what_a_complaint_holds() -> None:
    complaint = complaint_about(1, CeremonyError("ä" * 5000, (2,)))
    assert decode(Complaint, encode(complaint), element_bytes=32) == complaint
    assert complaint.reason == "ä" * 2048


def test_after_a_failure_a_new_ceremony_works_and_has_other_keys() -> None:
    failed = play_with(BAD_RECORDS["a wrong vote proof"])
    old = {state._held[0].reveal().record.vote_commitments[0] for state in failed.states.values()}
    setting = failed.setting
    started = [
        GuardianStart.begin(setting, index, SeededRandomness(f"again {index}")) for index in setting.indices
    ]
    round0 = [message for _, message in started]
    opened = [state.receive(round0) for state, _ in started]
    shared = [state.receive([message for _, message in opened]) for state, _ in opened]
    assert old.isdisjoint(message.record.vote_commitments[0] for _, message in opened)
    assert all(len(shares) == 2 for _, shares in shared)

"""Cases of evote's own checks on the record as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from evote.ballots import Election
from evote.ceremony import GuardianRecord, joint_keys
from evote.ceremony.keys import GuardianSecrets, draw_secrets, make_record
from evote.record.values import Index
from evote.secret import Secret
from evote.signing import SigningKey
from evote.tally import WithheldCell
from evote.testing.elections import Kit, Published
from evote.testing.forge import Forge
from evote.testing.randomness import SeededRandomness
from tests.verifier.cases.tools import (
    case,
    edited_device,
    edited_guardian,
    published,
    recommitted,
    replaced,
)
from tests.verifier.records import OPENED, honest_results


@case("E.8")
def a_guardian_that_confirmed_another_record() -> tuple[Kit, Published]:
    made, record = published()
    confirmations = replaced(record.guardians.confirmations, 2, bytes(32))
    return made, replace(record, guardians=replace(record.guardians, confirmations=confirmations))


@case("E.8")
def a_confirmation_that_is_missing() -> tuple[Kit, Published]:
    made, record = published()
    confirmations = record.guardians.confirmations[:2]
    return made, replace(record, guardians=replace(record.guardians, confirmations=confirmations))


@case("E.9")
def a_record_that_was_not_committed_to() -> tuple[Kit, Published]:
    made, record = published()
    round0 = replaced(record.guardians.round0, 0, bytes(32))
    return made, replace(record, guardians=replace(record.guardians, round0=round0))


@case("E.9")
def keys_that_are_not_proven_for_this_election() -> tuple[Kit, Published]:
    def edit(made: Kit, record: GuardianRecord) -> GuardianRecord:
        response = (int.from_bytes(record.binding_proof.responses[0], "big") + 1) % made.q
        responses = replaced(record.binding_proof.responses, 0, response.to_bytes(32, "big"))
        return replace(record, binding_proof=replace(record.binding_proof, responses=responses))

    return edited_guardian(edit)


@case("E.10")
def an_index_that_somebody_else_signed() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, signer=SigningKey.generate(SeededRandomness("somebody else")))


@case("E.10")
def an_index_with_another_digest() -> tuple[Kit, Published]:
    made, record = published()

    def edit(index: Index) -> Index:
        return replace(index, files=replaced(index.files, 2, replace(index.files[2], digest=bytes(32))))

    return made, replace(record, edit_index=edit)


@case("E.11")
def a_tally_with_another_closing_head() -> tuple[Kit, Published]:
    made, record = published()
    head = replace(record.tally.head, root=bytes(32))
    return made, replace(record, tally=replace(record.tally, head=head))


@case("E.11")
def an_index_with_another_closing_head() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, head=replace(record.head, size=record.head.size + 1))


@case("E.12")
def another_number_of_ballots_in_a_cell() -> tuple[Kit, Published]:
    made, record = published()
    cell = replace(record.tally.cells[0], ballots=record.tally.cells[0].ballots + 1)
    return made, replace(record, tally=replace(record.tally, cells=replaced(record.tally.cells, 0, cell)))


@case("E.12")
def cells_in_another_order() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, tally=replace(record.tally, cells=record.tally.cells[::-1]))


@case("E.12", not_checked=("11.D",))
def a_cell_that_is_withheld_without_a_reason() -> tuple[Kit, Published]:
    made, record = published()
    cell = record.decryption.cells[1]
    decryption = replace(
        record.decryption,
        cells=record.decryption.cells[:1],
        withheld=(WithheldCell(cell.contest, cell.cell, "we would rather not"),),
    )
    return made, replace(record, decryption=decryption)


@case("E.13", not_checked=("13.B", "14.A"))
def a_challenged_ballot_that_is_not_opened() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, openings=[])


@case("E.13")
def a_cast_ballot_that_is_opened() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, openings=[*record.openings, made.opening(made.submitted[0])])


@case("E.13")
def a_ballot_that_is_opened_twice() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, openings=[*record.openings, *record.openings])


@case("E.13")
def a_device_that_lists_a_ballot_too_many() -> tuple[Kit, Published]:
    return edited_device(lambda device: replace(device, codes=(*device.codes, bytes(32))))


@case("E.13")
def a_device_that_is_not_listed() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, devices=replace(record.devices, devices=record.devices.devices[:1]))


@case("E.13")
def a_device_that_lists_its_ballots_in_another_order() -> tuple[Kit, Published]:
    return edited_device(lambda device: replace(device, codes=device.codes[::-1]))


@case("E.14")
def a_result_with_another_count() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    assert record.result is not None
    return made, replace(record, result=record.result.replace(b'"votes": 2', b'"votes": 3', 1))


@case("E.14")
def a_table_with_another_count() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    assert record.csv is not None
    return made, replace(record, csv=record.csv + b"\r\n")


@case("E.15", not_checked=("E.9",))
def round_0_declared_and_stripped() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, guardians=replace(record.guardians, round0=()))


@case("E.15", not_checked=("E.10", "E.11"))
def an_index_declared_and_stripped() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, left_out={"index"})


@case("E.18")
def a_key_that_two_guardians_share() -> tuple[Kit, Published]:
    return own_ceremony(lambda secrets: replace(secrets[1], vote=(secrets[1].vote[0], secrets[0].vote[1])))


@case("E.18")
def a_key_that_is_the_identity() -> tuple[Kit, Published]:
    def edit(secrets: list[GuardianSecrets]) -> GuardianSecrets:
        zero = secrets[1].vote[0].reveal()
        return replace(secrets[1], data=(secrets[1].data[0], Secret(zero - zero)))

    return own_ceremony(edit)


def own_ceremony(edit: Callable[[list[GuardianSecrets]], GuardianSecrets]) -> tuple[Kit, Published]:
    """An election whose second guardian chose its keys in its own way."""
    made = Kit()
    rng = SeededRandomness("own ceremony")
    secrets = [draw_secrets(made.setting, rng) for _ in made.setting.indices]
    secrets[1] = edit(secrets)
    guardians = tuple(
        make_record(made.setting, index, mine, rng)
        for index, mine in zip(made.setting.indices, secrets, strict=True)
    )
    computed = joint_keys(made.setting, guardians)
    made.keys = computed.encode()
    made.election = Election.of(made.parameters, made.manifest, computed.vote_key, computed.data_key)
    made.forge = Forge(made.election, "own ceremony/ballots")
    made.vote_secret = sum(mine.vote[0].reveal().value for mine in secrets) % made.q
    made.data_secret = sum(mine.data[0].reveal().value for mine in secrets) % made.q
    made.records = recommitted(made, guardians)
    made.vote("North", {"Mayor": {"Ada": 1}})
    made.vote("North", {"Mayor": {"Ada": 1}}, challenge=True)
    return made, made.publish()


@case("E.19", expect="0" * 64)
def another_fingerprint_than_was_expected() -> tuple[Kit, Published]:
    return published()


@case("E.20", not_checked=("12.A", "12.B", "12.C"))
def contest_data_that_is_missing() -> tuple[Kit, Published]:
    made, record = published(OPENED)
    return made, replace(record, data=record.data[1:])


@case("E.20")
def contest_data_that_is_decrypted_without_leave() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    return made, replace(record, data=made.contest_data(record.submitted))


@case("E.21")
def too_few_guardians() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, decryption=replace(record.decryption, guardians=(1,)))


@case("E.21")
def a_guardian_that_does_not_exist() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, decryption=replace(record.decryption, guardians=(1, 4)))

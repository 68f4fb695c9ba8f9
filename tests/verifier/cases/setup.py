"""Cases of verifications 1 to 4."""

from __future__ import annotations

from dataclasses import replace

from evote.ceremony import GuardianRecord
from evote.testing.elections import Kit, Published
from tests.verifier.cases.tools import (
    case,
    edited_guardian,
    member,
    other,
    plus,
    published,
    replaced,
    with_parameters,
)
from tests.verifier.records import honest_results


@case("1.A")
def another_version() -> tuple[Kit, Published]:
    return with_parameters(version="v2.0.0")


@case("1.B")
def another_p() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, parameters=replace(record.parameters, p=other(record.parameters.p)))


@case("1.C")
def another_q() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, parameters=replace(record.parameters, q=other(record.parameters.q)))


@case("1.D")
def another_g() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, parameters=replace(record.parameters, g=member(made, 2)))


@case("1.E")
def another_parameter_hash() -> tuple[Kit, Published]:
    return with_parameters(parameter_hash=bytes(32))


@case("1.F")
def another_base_hash() -> tuple[Kit, Published]:
    return with_parameters(base_hash=bytes(32))


@case("2.A", not_checked=("2.C", "E.9"))
def a_guardian_key_outside_the_subgroup() -> tuple[Kit, Published]:
    def edit(made: Kit, record: GuardianRecord) -> GuardianRecord:
        value = made.p - int.from_bytes(record.communication_key, "big")
        return replace(record, communication_key=value.to_bytes(made.group.element_bytes, "big"))

    return edited_guardian(edit)


@case("2.B")
def a_key_response_of_q_and_more() -> tuple[Kit, Published]:
    def edit(made: Kit, record: GuardianRecord) -> GuardianRecord:
        responses = record.vote_proof.responses
        proof = replace(record.vote_proof, responses=replaced(responses, 0, plus(responses[0], made.q)))
        return replace(record, vote_proof=proof)

    return edited_guardian(edit)


@case("2.C")
def a_key_proof_that_answers_nothing() -> tuple[Kit, Published]:
    def edit(made: Kit, record: GuardianRecord) -> GuardianRecord:
        response = (int.from_bytes(record.data_proof.responses[0], "big") + 1) % made.q
        responses = replaced(record.data_proof.responses, 0, response.to_bytes(32, "big"))
        return replace(record, data_proof=replace(record.data_proof, responses=responses))

    return edited_guardian(edit)


@case("3.A")
def another_joint_vote_key() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, keys=replace(record.keys, vote_key=member(made, 5)))


@case("3.B")
def another_joint_data_key() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, keys=replace(record.keys, data_key=member(made, 5)))


@case("4.A")
def another_extended_base_hash() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    fingerprint = made.keys.extended_hash
    return made, replace(
        record,
        keys=replace(record.keys, extended_hash=other(fingerprint)),
        edit_index=lambda index: replace(index, fingerprint=fingerprint),
    )

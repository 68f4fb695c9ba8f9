"""Cases of verifications 9 to 12."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from evote.tally import DecryptedData, DecryptedField
from evote.testing.elections import Kit, Published
from tests.verifier.cases.tools import (
    case,
    edited_field,
    member,
    other,
    plus,
    published,
    replaced,
    times,
    with_cells,
)
from tests.verifier.records import OPENED, honest_results


def edited_sum(**factors: Callable[[Kit], bytes]) -> tuple[Kit, Published]:
    """A sum that is not that of the ballots, decrypted and published as if it were."""
    made, record = published()
    cell = record.tally.cells[0]
    summed = cell.fields[0]
    changed = replace(
        summed, **{side: times(made, getattr(summed, side), factor(made)) for side, factor in factors.items()}
    )
    cells = replaced(record.tally.cells, 0, replace(cell, fields=replaced(cell.fields, 0, changed)))
    tally = replace(record.tally, cells=cells)
    return made, replace(record, tally=tally, decryption=made.decryption(tally))


@case("9.A")
def another_first_part_of_a_sum() -> tuple[Kit, Published]:
    return edited_sum(alpha=lambda made: member(made, 1))


@case("9.B")
def another_second_part_of_a_sum() -> tuple[Kit, Published]:
    return edited_sum(beta=lambda made: made.keys.vote_key)


@case("9.A", "9.B")
def a_vote_added_to_a_sum() -> tuple[Kit, Published]:
    return edited_sum(
        alpha=lambda made: member(made, 3),
        beta=lambda made: (pow(made.forge.vote_key, 4, made.p)).to_bytes(made.group.element_bytes, "big"),
    )


@case("10.A")
def a_decryption_response_of_q_and_more() -> tuple[Kit, Published]:
    return edited_field(lambda made, field: replace(field, response=plus(field.response, made.q)))


@case("10.B")
def a_decryption_proof_that_answers_nothing() -> tuple[Kit, Published]:
    def edit(made: Kit, field: DecryptedField) -> DecryptedField:
        response = (int.from_bytes(field.response, "big") + 1) % made.q
        return replace(field, response=response.to_bytes(32, "big"))

    return edited_field(edit)


@case("10.C")
def another_count_than_was_decrypted() -> tuple[Kit, Published]:
    return edited_field(lambda made, field: replace(field, count=field.count - 1))


@case("11.A", not_checked=("E.14",))
def a_decrypted_contest_that_does_not_exist() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    cells = record.decryption.cells
    return made, with_cells(record, (*cells, replace(cells[0], contest="Judge")))


@case("11.B", not_checked=("E.14",))
def a_decrypted_option_that_does_not_exist() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    cell = record.decryption.cells[0]
    more = replace(cell, fields=(*cell.fields, replace(cell.fields[0], option="Marie")))
    return made, with_cells(record, replaced(record.decryption.cells, 0, more))


@case("11.C", not_checked=("E.14",))
def a_decrypted_option_that_is_missing() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    cell = record.decryption.cells[0]
    return made, with_cells(
        record, replaced(record.decryption.cells, 0, replace(cell, fields=cell.fields[:-1]))
    )


@case("11.D", not_checked=("E.14",))
def a_contest_that_is_not_decrypted() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    return made, with_cells(record, record.decryption.cells[:1])


def edited_data(edit: Callable[[Kit, DecryptedData], DecryptedData]) -> tuple[Kit, Published]:
    made, record = published(OPENED)
    record = honest_results(made, record)
    return made, replace(record, data=[edit(made, record.data[0]), *record.data[1:]])


@case("12.A")
def a_data_response_of_q_and_more() -> tuple[Kit, Published]:
    return edited_data(lambda made, data: replace(data, response=plus(data.response, made.q)))


@case("12.B")
def a_data_proof_that_answers_nothing() -> tuple[Kit, Published]:
    def edit(made: Kit, data: DecryptedData) -> DecryptedData:
        response = (int.from_bytes(data.response, "big") + 1) % made.q
        return replace(data, response=response.to_bytes(32, "big"))

    return edited_data(edit)


@case("12.C", not_checked=("E.14",))
def other_contest_data_than_was_decrypted() -> tuple[Kit, Published]:
    return edited_data(lambda made, data: replace(data, plaintext=other(data.plaintext)))

"""A50: a total without its ballots is a way to read one voter's vote, so none is ever decrypted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evote.errors import RefusedError, VerificationError
from evote.guardian import closed_record
from evote.office.returns_checking import TotalsCheck, check_file
from evote.record import RecordReader, Stage
from evote.report import Status
from evote.returns import Rosters, SealedField, UnitReturn, sign_return
from evote.returns.schemes import BUILT_IN
from evote.testing.boxes import Boxes
from evote.testing.elections import Published
from evote.verifier.verify import _verify
from tests.verifier.returns_alone import COUNTS, NORTH, boxes, files, voted, with_return

FACTOR = 100_003


def _victims_power(box: Boxes, made: UnitReturn) -> UnitReturn:
    """The unit's totals, times one voter's ciphertexts to a large power."""
    group, victim = box.election.group, _victim(box)
    row = made.sealed[0]
    fields = []
    for stated, selection in zip(row.fields, victim.contests[0].selections, strict=True):
        sides = []
        for total, own in ((stated.alpha, selection.alpha), (stated.beta, selection.beta)):
            power = group.power(group.decode(own), group.scalar(FACTOR))
            sides.append(group.multiply(group.decode(total), power).encode())
        fields.append(SealedField(stated.label, *sides))
    return replace(made, sealed=(replace(row, fields=tuple(fields)), *made.sealed[1:]))


def _victim(box: Boxes):  # type: ignore[no-untyped-def]
    first = next(box.counted(NORTH).counted())
    return box.ballots[first.ballot].ballot


def _decrypted(box: Boxes, field: SealedField) -> tuple[int, int]:
    """What a decryption of the total would say: the victim's vote, and the honest votes."""
    kit = box.kit
    p = kit.p
    alpha, beta = int.from_bytes(field.alpha, "big"), int.from_bytes(field.beta, "big")
    power = beta * pow(pow(alpha, kit.vote_secret, p), -1, p) % p
    key = kit.forge.vote_key
    for vote in (0, 1):
        for honest in range(11):
            if pow(key, FACTOR * vote + honest, p) == power:
                return vote, honest
    raise AssertionError("the total is no such sum")


def _attacked(box: Boxes) -> tuple[UnitReturn, Published]:
    voted(box)
    made = _victims_power(box, box.returned(NORTH, COUNTS[NORTH]))
    return made, with_return(box, NORTH, sign_return(made, box.offices.units[NORTH]))


def test_A50_a_total_of_one_victims_ciphertext_and_honest_ones_is_never_decrypted(tmp_path: Path) -> None:
    box = boxes()
    made, published = _attacked(box)
    # the attack works: whoever decrypted this total would read the first voter's vote off it
    assert [_decrypted(box, field) for field in made.sealed[0].fields] == [(1, 2), (0, 1)]
    # so nobody does: the record fails, by itself and before anything is decrypted
    reader = RecordReader(box.kit.write(published, tmp_path / "record"), {box.kit.group.name: box.kit.group})
    assert _verify(reader, stage=Stage.FINAL).failed == ("E.38",)
    with pytest.raises(VerificationError, match="not decrypted") as error:
        closed_record(reader)
    assert error.value.check == "E.38"


def test_A50_a_total_whose_ballots_are_absent_is_not_checked_and_guardians_refuse(tmp_path: Path) -> None:
    box = boxes()
    made, published = _attacked(box)
    data = sign_return(made, box.offices.units[NORTH])
    alone = check_file(Rosters(box.election, BUILT_IN), data, None)
    assert alone.totals is TotalsCheck.NOT_CHECKED and alone.exit_code == 3
    assert check_file(Rosters(box.election, BUILT_IN), data, box.log_source(NORTH)).exit_code == 1
    published.left_out.add("log/000001.seg")
    reader = RecordReader(
        box.kit.write(published, tmp_path / "record", stage=Stage.VOTING), {box.kit.group.name: box.kit.group}
    )
    assert _verify(reader, stage=Stage.VOTING).check("E.38").status is Status.NOT_CHECKED
    with pytest.raises((RefusedError, VerificationError), match="not decrypted"):
        closed_record(reader)


def test_A50_a_tally_with_the_total_of_a_return_in_it_is_not_decrypted(tmp_path: Path) -> None:
    box = boxes()
    made, _ = _attacked(box)
    published = box.publish()
    published.returns = list(files(box).values())
    cell = published.tally.cells[0]
    evil = tuple(
        replace(field, alpha=mine.alpha, beta=mine.beta)
        for field, mine in zip(cell.fields, made.sealed[0].fields, strict=True)
    )
    published.tally = replace(published.tally, cells=(replace(cell, fields=evil), *published.tally.cells[1:]))
    reader = RecordReader(
        box.kit.write(published, tmp_path / "record", stage=Stage.FINAL), {box.kit.group.name: box.kit.group}
    )
    with pytest.raises(VerificationError) as error:
        closed_record(reader)
    assert error.value.check in ("9.A", "9.B")

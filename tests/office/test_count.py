"""Counting a record from its files: every ballot verified, no identifier twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from evote.errors import VerificationError
from evote.office.count import verified_tally
from evote.record import RecordReader, Stage
from evote.testing.elections import Kit
from evote.testing.forge import Cheat

MARKS = {"Mayor": {"Ada": 1}, "Council": {"Kurt": 2}}


def reader(kit: Kit, folder: Path) -> RecordReader:
    return RecordReader(kit.write(kit.publish(), folder, stage=Stage.VOTING), {kit.group.name: kit.group})


def test_the_tally_of_the_files_is_that_of_the_ballots(tmp_path: Path) -> None:
    kit = Kit(seed="office count")
    for challenge in (False, True, False):
        kit.vote("North", MARKS, challenge=challenge)
    steps: list[int] = []
    tally = verified_tally(kit.election, reader(kit, tmp_path / "record"), steps.append)
    assert tally.publish() == kit.publish().tally
    assert steps == [1, 2, 3]


def test_two_ballots_with_one_identifier_are_not_counted(tmp_path: Path) -> None:
    kit = Kit(seed="office count")
    for _ in range(2):
        kit.vote("North", MARKS, cheat=Cheat(context_randomness=bytes(32)))
    with pytest.raises(VerificationError) as raised:
        verified_tally(kit.election, reader(kit, tmp_path / "record"), lambda done: None)
    assert raised.value.check == "5.A"


def test_a_ballot_that_does_not_hold_is_not_counted(tmp_path: Path) -> None:
    kit = Kit(seed="office count")
    kit.vote("North", MARKS, cheat=Cheat(values={"Mayor": [1, 1, 0]}))
    with pytest.raises(VerificationError) as raised:
        verified_tally(kit.election, reader(kit, tmp_path / "record"), lambda done: None)
    assert raised.value.check == "7.D"

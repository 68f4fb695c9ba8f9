"""The second verifier says the same of records with pre-encrypted ballots, the wrong ones included."""

from __future__ import annotations

from pathlib import Path

import pytest

from evote.record import RecordReader, Stage
from evote.testing.groups import toy
from evote.verifier.verify import _verify
from tests.reference.second import statuses
from tests.verifier.pre_alone import CASES, DRAFTS, ceremony, honest


def differences(directory: Path, stage: Stage = Stage.FINAL) -> list[str]:
    """Checks that both make, and on which they do not agree."""
    theirs = _verify(RecordReader(directory, {toy().name: toy()}), stage=stage)
    mine = statuses(directory, stage=stage)
    return [
        f"{check.id}: {check.status.value} and {mine[check.id]}"
        for check in theirs.checks
        if check.id in mine and mine[check.id] != check.status.value
    ]


@pytest.mark.parametrize("stage", [Stage.VOTING, Stage.FINAL])
@pytest.mark.parametrize("draft", DRAFTS)
def test_the_two_agree_on_honest_mixed_records(draft: str, stage: Stage, tmp_path: Path) -> None:
    kit = ceremony(draft)
    assert differences(kit.write(honest(kit), tmp_path / "record", stage=stage), stage) == []


@pytest.mark.parametrize("name", CASES)
def test_the_two_agree_on_a_record_that_is_wrong_in_one_place(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    kit = ceremony(case.draft)
    assert differences(kit.write(case.make(kit), tmp_path / "record")) == []

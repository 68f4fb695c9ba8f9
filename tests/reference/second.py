"""The second verifier beside the package's: the same record, and the statuses of both, check by check."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from evote.groups import Group
from evote.record import RecordReader, Stage
from evote.report import Status
from evote.testing.groups import toy
from evote.verifier.verify import _verify

FILE = Path(__file__).resolve().parents[2] / "specs" / "reference_verifier.py"


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_verifier", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["reference_verifier"] = module
    spec.loader.exec_module(module)
    return module


reference: Any = _loaded()
"""``specs/reference_verifier.py``, which is no part of any package."""


def groups_of(*more: Group) -> dict[str, Any]:
    """The published groups and these, as the second verifier has them."""
    found = dict(reference.GROUPS)
    for group in more:
        numbers = (int.from_bytes(data, "big") for data in group.published_parameters())
        found[group.name] = reference.Integers(*numbers)
    return found


TOY = groups_of(toy())


def statuses(
    directory: Path, *, stage: Stage = Stage.FINAL, expect: str | None = None, zero: bool = False
) -> dict[str, str]:
    """What the second verifier says of every check, with the toy group among the known ones."""
    report = reference.verify(directory, stage.value, expect, zero, TOY)
    return {check["id"]: check["status"] for check in report["checks"]}


def differences(
    directory: Path, *, stage: Stage = Stage.FINAL, expect: str | None = None, zero: bool = False
) -> list[str]:
    """Checks on which the two do not agree; those that the second one lacks are left out."""
    reader = RecordReader(directory, {toy().name: toy()})
    theirs = _verify(reader, stage=stage, expect=expect, zero_ballots_expected=zero)
    mine = statuses(directory, stage=stage, expect=expect, zero=zero)
    assert list(mine) == [check.id for check in theirs.checks]
    return [
        f"{check.id}: {check.status.value} and {mine[check.id]}"
        for check in theirs.checks
        if mine[check.id] != check.status.value
        and not (
            check.id in reference.LACKING
            and mine[check.id] == "NOT_CHECKED"
            and (check.id in reference.BOARDS or check.status is not Status.NOT_APPLICABLE)
        )
    ]

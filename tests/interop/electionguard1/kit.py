"""Makes and verifies small 1.x records on the toy group; shared by the tests of this folder."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

from evote.interop import Request
from evote.interop.electionguard1.group import Parameters
from evote.interop.electionguard1.verify import verify_folder
from evote.record.folder import Folder
from evote.report import Report, Status
from evote.testing.groups import toy
from tests.interop.electionguard1.writer import Deviation, Maker


def toy_parameters() -> Parameters:
    """p, q and g of the toy group."""
    p, q, g = (int.from_bytes(part, "big") for part in toy().published_parameters())
    return p, q, g


def maker(deviation: Deviation | None = None, **options: Any) -> Maker:
    """A maker that has made its record on the toy group; honest ones are copies of one."""
    if options or (deviation is not None and not deviation.only_files):
        return Maker(*toy_parameters(), deviation=deviation, **options).make()
    made = copy.deepcopy(_honest())
    if deviation is not None and deviation.files is not None:
        deviation.files(made.files)
    return made


@cache
def _honest() -> Maker:
    return Maker(*toy_parameters()).make()


def verified(folder: Path, request: Request | None = None) -> Report:
    """The report on a record on the toy group."""
    return verify_folder(Folder(folder), request or Request(), parameters=toy_parameters())


def both_ways(folder: Path, **asked: Any) -> Report:
    """The report of the plain way, which must be that of the batched way."""
    plain = verified(folder, Request(batch=False, **asked))
    batched = verified(folder, Request(batch=True, **asked))
    assert plain.to_json() == batched.to_json()
    return plain


def unchecked(report: Report) -> set[str]:
    """The checks that were not made."""
    return {each.id for each in report.checks if each.status is Status.NOT_CHECKED}

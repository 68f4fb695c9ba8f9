"""Makes and verifies small 2.0 records on the toy group; shared by the tests of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evote.interop import Request
from evote.interop.electionguard2.profile import Profile, integer_profile
from evote.interop.electionguard2.verify import verify_folder
from evote.record.folder import Folder
from evote.report import Report, Status
from evote.testing.groups import toy
from tests.interop.writer2 import Deviation, Maker

PROFILE: Profile = integer_profile(toy())


def maker(deviation: Deviation | None = None, **options: Any) -> Maker:
    """A maker that has made its record on the toy group."""
    return Maker(PROFILE, deviation=deviation or Deviation(), **options).make()


def verified(folder: Path, request: Request | None = None, profile: Profile = PROFILE) -> Report:
    """The report on a record that was written."""
    return verify_folder(Folder(folder), request or Request(), profile=profile)


def unchecked(report: Report) -> dict[str, str]:
    """The checks that were not made, each with its reason."""
    return {each.id: each.note for each in report.checks if each.status is Status.NOT_CHECKED}

"""What the second verifier lacks: it says so of unit returns, early results and the log of requests."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from evote.errors import DecodeError
from evote.manifest import Manifest, ManifestError
from evote.record import Stage
from evote.testing.elections import Kit
from tests.guardian.early import DRAFT, with_requests
from tests.guardian.test_early import voted
from tests.reference.second import differences, reference, statuses
from tests.verifier import returns_alone
from tests.verifier.test_early_alone import seal


def changed(**members: object) -> bytes:
    """The manifest of an election with a log of requests, with these members in its declaration."""
    draft = json.loads(Kit(with_requests(), seed="declared").manifest.raw)
    draft["evote"]["extensions"]["requests"] |= members
    return json.dumps(draft, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "members",
    [
        {"witnesses": "no end of line"},
        {"witnesses": "\x07\n"},
        {"origin": "a b"},
        {"origin": "other"},
        {"more": 1},
    ],
    ids=str,
)
def test_both_refuse_a_log_of_requests_that_breaks_a_rule(members: dict[str, object]) -> None:
    assert reference.Manifest(changed()).label == Manifest.parse(changed()).label
    with pytest.raises(reference.Malformed):
        reference.Manifest(changed(**members))
    with pytest.raises((DecodeError, ManifestError)):
        Manifest.parse(changed(**members))


RECORDS = [*list(returns_alone.CASES)[::5], "declared returns that were stripped"]


@pytest.mark.parametrize("name", ["honest", *RECORDS])
def test_records_with_unit_returns_get_the_same_statuses_beside_them(name: str, tmp_path: Path) -> None:
    box = returns_alone.boxes()
    make = returns_alone.honest if name == "honest" else returns_alone.CASES[name].make
    directory = box.kit.write(make(box), tmp_path / "record")
    for stage in Stage:
        assert differences(directory, stage=stage) == [], stage
    found = statuses(directory)
    assert {found[check] for check in reference.RETURNED} == {"NOT_CHECKED"}
    assert (found["E.15"] == "FAIL") == ("stripped" in name)


@pytest.mark.parametrize("logged", [False, True])
def test_records_of_early_results_get_the_same_statuses_beside_them(logged: bool, tmp_path: Path) -> None:
    here = voted(tmp_path / "here", with_requests() if logged else DRAFT, guardians=3)
    directory = here.root / "record"
    wanted = "NOT_CHECKED" if logged else "NOT_APPLICABLE"

    def agreed(stage: Stage = Stage.VOTING) -> dict[str, str]:
        assert differences(directory, stage=stage) == []
        return statuses(directory, stage=stage)

    here.close("W")
    found = agreed()
    assert {found[check] for check in reference.REQUESTS} == {"NOT_APPLICABLE"}
    assert [check for check in reference.PROVISIONAL if found[check] == "NOT_CHECKED"] == ["E.61"]
    here.provisional()
    found = agreed()
    assert found["E.62"] == "NOT_APPLICABLE" and found["E.60"] == "NOT_CHECKED" and found["E.69"] == wanted
    here.close("X")
    here.provisional((2, 3))
    found = agreed()
    assert {found[check] for check in reference.PROVISIONAL} == {"NOT_CHECKED"}
    if logged:
        shutil.rmtree(directory / "requests")
        seal(here)
        assert agreed()["E.15"] == "FAIL"
    else:
        here.end()
        agreed(Stage.FINAL)

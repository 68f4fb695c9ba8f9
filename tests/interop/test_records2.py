"""Complete 2.0 records of others: every check that they have data for passes, and the counts are right.

The smallest are verified whole; of the others a sample of ballots here, and all of them in long runs.
"""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

import pytest

from evote.interop import Request, recognise
from evote.record.values import Stage
from evote.report import Report, Status, Verdict
from tests.shared import shared_data

SAMPLE = 2
"""Ballots of a record that are looked at where it is not verified whole."""


@pytest.fixture(scope="module")
def multiplatform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record in the older layout, unpacked."""
    archive = shared_data("ekm/allAvailableJson.tar.xz")
    folder = tmp_path_factory.mktemp("multiplatform")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "allAvailableJson"


def verified(path: Path, stage: Stage = Stage.FINAL) -> Report:
    found = recognise(path)
    assert found is not None
    assert found.system == "electionguard2"
    return found.verify(Request(stage=stage))


def sample(record: Path, folder: Path) -> Path:
    """A copy with the setup and the first ballots only."""
    target = folder / "sample"
    ballots = sorted((record / "encrypted_ballots").rglob("eballot-*.json"))[:SAMPLE]
    for path in [*record.glob("*.json"), *ballots]:
        copy = target / path.relative_to(record)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return target


def plaintext_counts(record: Path) -> dict[tuple[str, str], int]:
    """What the cast ballots hold, from the plaintexts that the test data has beside the record."""
    cast = set(json.loads((record / "encrypted_tally.json").read_text())["cast_ballot_ids"])
    counts: dict[tuple[str, str], int] = {}
    for path in (record / "private_data" / "input").glob("pballot-*.json"):
        ballot = json.loads(path.read_text())
        if ballot["ballot_id"] in cast:
            for contest in ballot["contests"]:
                for selection in contest["selections"]:
                    name = contest["contest_id"], selection["selection_id"]
                    counts[name] = counts.get(name, 0) + selection["vote"]
    return counts


def stated_counts(report: Report) -> dict[tuple[str, str], int]:
    assert report.summary is not None
    return {
        (contest.label, option.label): option.count
        for contest in report.summary.contests
        for option in contest.totals
        if option.count
    }


def passes(report: Report, *, cast: int, challenged: int, selections: int, decrypted: int) -> None:
    """Everything that the record has data for passes, and it was all looked at."""
    assert report.verdict is Verdict.PASS
    counts = dict(report.counts)
    assert counts == {
        "ballots": cast + challenged,
        "cast": cast,
        "challenged": challenged,
        "selections": selections,
        "decrypted": decrypted,
    }
    assert report.check("5.D").count == selections
    assert report.check("9.B").count == decrypted


@pytest.mark.slow
def test_a_whole_record_on_the_curve_passes() -> None:
    record = shared_data("egk-ec/allAvailableEc")
    report = verified(record)
    passes(report, cast=33, challenged=9, selections=700, decrypted=41)
    assert report.format == "ElectionGuard 2.0 (JSON of egk-ec)"
    assert report.subject.group == "p256"
    assert report.subject.fingerprint.startswith("a4b9b6e58f54046a")
    assert report.check("12.B").count == report.check("13.A").count == 141
    assert report.check("14.B").count == 64
    assert {each.id for each in report.checks if each.status is Status.NOT_APPLICABLE} == {
        *("7.D", "7.E", "7.F", "7.G", "11.A", "11.B", "F.8"),
        *(f"15.{letter}" for letter in "ABCD"),
        *(f"16.{letter}" for letter in "ABC"),
        *(f"17.{letter}" for letter in "ABCD"),
        "18.A",
    }
    expected = plaintext_counts(record)
    assert stated_counts(report) == {name: count for name, count in expected.items() if count}


@pytest.mark.parametrize("name", ["egk-ec/allAvailable", "multiplatform"])
def test_the_setup_and_some_ballots_in_the_4096_bit_group_pass(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    record = request.getfixturevalue(name) if name == "multiplatform" else shared_data(name)
    small = sample(record, tmp_path)
    if name == "multiplatform":
        # One ballot of a hundred selections is enough here; it keeps two contests of its style.
        for path in sorted((small / "encrypted_ballots").rglob("eballot-*.json"))[1:]:
            path.unlink()
    report = verified(small, Stage.VOTING)
    assert report.verdict is Verdict.PASS
    assert report.subject.group == "electionguard-4096"
    assert report.subject.profile == ""
    assert report.check("5.D").count == report.counts["selections"] > 0


@pytest.mark.slow
def test_the_decryptions_in_the_4096_bit_group_pass(tmp_path: Path) -> None:
    """Without its ballots a record fails verification 8; keys, decryptions and labels still hold."""
    record = shared_data("egk-ec/allAvailable")
    report = verified(sample(record, tmp_path))
    for identifier in ("2.C", "3.B", "4.A", "9.A", "9.B", "10.A", "10.B", "10.C", "10.D", "10.E", "F.5"):
        assert report.check(identifier).status is Status.PASS
    assert {"8.A", "F.4"} <= set(report.failed)


@pytest.mark.long
def test_the_whole_record_of_egk_ec_in_the_4096_bit_group_passes() -> None:
    record = shared_data("egk-ec/allAvailable")
    report = verified(record)
    passes(report, cast=33, challenged=9, selections=700, decrypted=41)
    expected = plaintext_counts(record)
    assert stated_counts(report) == {name: count for name, count in expected.items() if count}


@pytest.mark.long
def test_the_whole_record_in_the_older_layout_passes(multiplatform: Path) -> None:
    report = verified(multiplatform)
    passes(report, cast=11, challenged=0, selections=1100, decrypted=100)
    assert report.format == "ElectionGuard 2.0 (JSON of electionguard-kotlin-multiplatform)"
    assert report.check("12.B").status is Status.NOT_APPLICABLE
    assert report.check("F.6").status is Status.NOT_APPLICABLE

"""Archives that Belenios itself made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evote.interop import Request, recognise
from evote.interop.belenios1 import FORMAT_NAME
from evote.record import Stage
from evote.report import Status, Verdict
from evote.verifier import verify_record
from tests.interop.belenios1 import writer
from tests.interop.belenios1.conftest import Check
from tests.shared import shared_data

TRUSTEES_OF_OLD = ("TRUSTEES.4", "TRUSTEES.6", "TRUSTEES.8")
"""What archives before 2.5.1 and 3.0 do not have, of threshold groups."""


def archive(name: str) -> Path:
    return shared_data(f"belenios/belenios-{name}.bel")


@pytest.mark.parametrize(
    ("name", "group", "ballots", "counted", "shares", "result", "lacking"),
    [
        ("2.0-belenios2048-2of3", "BELENIOS-2048", 16, 16, 3, [10, 6, 3, 3], TRUSTEES_OF_OLD),
        ("3.3.0-ed25519-2of3-revotes", "Ed25519", 20, 18, 3, [11, 7, 3, 4], ()),
        ("3.3.0-ed25519-blank-2singles", "Ed25519", 14, 14, 2, [4, 4, 6, 3], ()),
    ],
)
def test_a_genuine_archive_verifies(
    name: str,
    group: str,
    ballots: int,
    counted: int,
    shares: int,
    result: list[int],
    lacking: tuple[str, ...],
) -> None:
    path = archive(name)
    found = recognise(path)
    assert found is not None
    assert found.system == "belenios1"
    report = found.verify(Request())
    assert report.failed == ()
    assert report.having(Status.NOT_CHECKED) == lacking
    assert report.verdict is (Verdict.INCOMPLETE if lacking else Verdict.PASS)
    assert (report.format, report.subject.group) == (FORMAT_NAME, group)
    assert report.counts["ballots"] == ballots
    assert report.counts["shares"] == shares
    assert report.summary is not None
    (contest,) = report.summary.contests
    assert [field.count for field in contest.totals] == result
    assert contest.cells[0].ballots == counted


def test_the_verifier_takes_an_archive_as_it_takes_any_record(check: Check, tmp_path: Path) -> None:
    first = check(writer.small().build())
    path = tmp_path / "archive.bel"
    report = verify_record(path, expect=first.subject.fingerprint)
    assert report.verdict is Verdict.PASS
    assert report.check("ELECTION.3").status is Status.PASS
    assert verify_record(path, expect="0" * 64).failed == ("ELECTION.3",)


def test_the_report_says_the_fingerprint_as_belenios_shows_it(check: Check) -> None:
    parts = writer.small()
    shown = parts.ballots[0]["election_hash"]
    assert any(shown in warning for warning in check(parts.build()).warnings)


def test_progress_comes_to_the_end_of_the_archive(check: Check) -> None:
    data = writer.whole().parts.build()
    said: list[tuple[str, int, int]] = []
    check(data, progress=lambda *what: said.append(what))
    assert said[-1] == ("archive", len(data), len(data))
    assert said == sorted(said)


def test_an_archive_that_is_not_finished_is_incomplete(check: Check) -> None:
    parts = writer.whole().parts
    whole_size = len(parts.build())
    parts.result = None
    assert check(parts.build()).having(Status.NOT_CHECKED) == ("DECRYPTIONS.3", "RESULT.1", "RESULT.2")
    parts.shares = []
    assert check(parts.build()).verdict is Verdict.INCOMPLETE
    parts.tally = None
    report = check(parts.build())
    assert report.verdict is Verdict.INCOMPLETE
    assert "TALLY.3" in report.having(Status.NOT_CHECKED)
    assert len(parts.build()) < whole_size


def test_an_election_that_goes_on_passes_as_far_as_it_is(check: Check) -> None:
    parts = writer.whole().parts
    parts.tally = None
    report = check(parts.build(), stage=Stage.VOTING)
    assert report.verdict is Verdict.PASS
    assert report.check("TALLY.3").status is Status.NOT_APPLICABLE


def test_an_archive_without_ballots_is_incomplete_unless_none_are_expected(check: Check) -> None:
    maker = writer.Maker([writer.PLAIN], threshold=False)
    maker.finish({}, owners=(1,))
    data = maker.parts.build()
    report = check(data)
    assert report.verdict is Verdict.INCOMPLETE
    assert report.check("BALLOTS.7").status is Status.NOT_CHECKED
    assert check(data, zero_ballots_expected=True).verdict is Verdict.PASS


def test_an_older_archive_says_what_it_does_not_show(check: Check) -> None:
    report = check(writer.whole(old=True).parts.build())
    assert report.having(Status.NOT_CHECKED) == TRUSTEES_OF_OLD
    assert report.exit_code == 3


def test_sealed_answers_without_a_shuffle_are_not_taken_for_secret(check: Check) -> None:
    report = check(writer.mixed(shuffles=0).parts.build())
    assert report.failed == ()
    assert report.having(Status.NOT_CHECKED) == ("SHUFFLES.1", "SHUFFLES.2")


def test_a_long_list_of_credentials_is_tested_together_and_each_stranger_is_named(check: Check) -> None:
    maker = writer.Maker([writer.PLAIN], weights=(1,) * 300, threshold=False)
    assert check(maker.parts.build()).check("CREDENTIALS.2").status is Status.PASS
    maker.parts.credentials += [str(writer.order_of(3)), str(writer.P - 1)]
    result = check(maker.parts.build()).check("CREDENTIALS.2")
    assert result.status is Status.FAIL
    assert [finding.where.split()[1] for finding in result.findings] == ["301", "302"]


def test_weights_above_the_largest_number_are_texts(check: Check) -> None:
    heavy = 2**30
    maker = writer.Maker([writer.PLAIN], weights=(heavy,), threshold=False)
    ballot = maker.ballot(0, [[0, 0]])
    maker.parts.ballots = [ballot]
    maker.finish({0: ballot}, owners=(1,))
    maker.parts.sizes["total_weight"] = str(heavy)
    assert check(maker.parts.build()).verdict is Verdict.PASS
    maker.parts.sizes["total_weight"] = heavy
    assert check(maker.parts.build()).failed == ("TALLY.1",)


def test_the_report_has_the_documented_form(check: Check) -> None:
    import jsonschema

    from evote import report as package

    schema = json.loads((Path(package.__file__).parent / "report.schema.json").read_text(encoding="utf-8"))
    found = check(writer.whole().parts.build())
    jsonschema.validate(found.to_dict(), schema)

"""The sheet of unit returns: statuses, voters and plain counts of the units that reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from evote.errors import DecodeError
from evote.manifest import ReturnKind
from evote.office.official.from_returns import sheet_of_returns
from evote.office.official.levels import levels_of
from evote.office.official.nist_err import nist_report
from evote.office.official.sheet import CellLine, Figures, ResultSheet, UnitKind, UnitStatus
from evote.record import RecordWriter
from evote.returns import Completeness, merge_returns
from evote.testing.elections import SMALL, Kit
from evote.testing.returns import ReturnKeys, ReturnsKit
from tests.cli.driver import evote, fine, refused
from tests.office.official.kit import DAY, ISSUER, MOMENT, build, sheet
from tests.office.official.test_nist_err import valid
from tests.returns.kit import kit, state

PATHS = ("A/1", "A/2", "A/3", "B")


def of(complete: Completeness, **options: object) -> ResultSheet:
    return sheet_of_returns(
        kit().election.manifest,
        complete,
        moment=MOMENT,
        first_day=DAY,
        last_day=DAY,
        **options,  # type: ignore[arg-type]
    )


def signed(unit: str, votes: int) -> bytes:
    """The file of a first return."""
    return kit().signed(unit, votes=votes)


def test_statuses_kinds_and_voters_are_those_of_the_returns() -> None:
    filled = of(state(signed("A/2", 7), signed("A/2", 7), signed("B", 3)))
    assert {path: line.status for path, line in filled.units.items()} == {
        "A/1": UnitStatus.MISSING,
        "A/2": UnitStatus.REPORTED,
        "A/3": UnitStatus.MISSING,
        "B": UnitStatus.REPORTED,
    }
    assert [filled.units[path].kind for path in PATHS] == [UnitKind.BALLOTS] + [UnitKind.OPEN] * 3
    assert (filled.units["A/2"].ballots, filled.units["A/2"].signed_in) == (14, 14)
    assert filled.units["A/3"].ballots is None and filled.reported == 2


def test_plain_counts_are_weighted_and_add_up() -> None:
    filled = of(state(signed("A/2", 7), signed("B", 3)))
    levels = levels_of(filled)
    mayor, council = (level.subtotals["election"] for level in levels.contests)
    # Styles of weight 1 and 2: each voter of "short" counts twice in "Mayor".
    assert mayor.open == Figures(20, 30, (30, 0, 0, 0, 0), 0)
    assert mayor.decrypted is None and (mayor.counted, mayor.expected) == (2, 4)
    assert council.open is not None and council.open.counts[0] == 10
    report = valid(nist_report(filled, ISSUER).data)
    assert report["Status"] == "unofficial-partial"
    assert "unit A/1: missing" in report["Notes"].splitlines()


def test_decrypted_cells_of_the_record_stand_beside_the_open_counts() -> None:
    manifest = kit().election.manifest
    complete = state(signed("A/2", 7))
    bare = of(complete)
    cells = (CellLine(1, "all", Figures(5, 5, (2, 2, 1, 0, 0), 0)),)
    filled = of(complete, decrypted=sheet(manifest, dict(bare.units), cells=cells, fingerprint=bytes(32)))
    mayor = levels_of(filled).contests[0].subtotals["election"]
    assert mayor.total == Figures(19, 26, (23, 2, 1, 0, 0), 0)
    assert filled.fingerprint == bytes(32)


def test_returns_of_another_election_or_of_none_are_refused() -> None:
    other = build({"label": "E", "contests": [{"label": "C", "options": ["a"]}], "units": list("XY")})
    with pytest.raises(ValueError, match="no unit returns"):
        sheet_of_returns(other, state(), moment=MOMENT, first_day=DAY, last_day=DAY)
    bare = of(state())
    with pytest.raises(ValueError, match="different elections"):
        of(state(), decrypted=sheet(other, {"X": bare.units["B"], "Y": bare.units["B"]}))
    with pytest.raises(DecodeError):
        sheet_of_returns(kit().election.manifest, state(), moment="now", first_day=DAY, last_day=DAY)


# --- on the command line -----------------------------------------------------------------------------


def paper_town(folder: Path) -> bytes:
    """A record with its keys, of two OPEN units; the merged file of the one that reported."""
    kinds = {"North": ReturnKind.OPEN, "South": ReturnKind.OPEN}
    keys = ReturnKeys.drawn("paper", kinds)
    town = Kit(lambda salt: {**SMALL, "returns": keys.returns(salt, kinds)}, seed="paper")
    writer = RecordWriter.create(folder, town.manifest, town.parameters)
    writer.put_guardians(town.records)
    writer.put_keys(town.keys)
    file = ReturnsKit(town.election, keys, kinds, 0).signed("North", votes=4)
    return merge_returns(town.election, [("north", file)])[0].encode()


def test_open_counts_are_exported_before_anything_is_decrypted(tmp_path: Path) -> None:
    merged = tmp_path / "merged"
    merged.write_bytes(paper_town(tmp_path / "record"))
    form = ("--format", "nist-err", "--returns", merged, "--last-day", DAY, "--standing", "provisional")
    report = valid(fine(evote("results", "export", tmp_path / "record", *form)).out.encode())
    assert report["Status"] == "unofficial-partial"
    assert (report["GpUnit"][0]["SubUnitsReported"], report["GpUnit"][0]["TotalSubUnits"]) == (1, 2)
    counts = report["Election"][0]["Contest"][0]["ContestSelection"][0]["VoteCounts"]
    assert [(each["GpUnitId"], each["Type"], each["Count"]) for each in counts] == [
        ("election", "total", 4),
        ("election", "other", 4),
        ("unit-1", "total", 4),
        ("unit-1", "other", 4),
    ]


def test_a_merged_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    data = paper_town(tmp_path / "record")
    merged = tmp_path / "merged"
    merged.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    form = ("--format", "csv", "--returns", merged, "--last-day", DAY)
    outcome = evote("results", "export", tmp_path / "record", *form)
    assert outcome.code in (1, 2) and outcome.out == "" and outcome.err.startswith("evote: ")
    merged.write_bytes(data)
    refused(evote("results", "export", tmp_path / "record", *form[:4]), 2, "give the day")

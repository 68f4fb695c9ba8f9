"""The result: sums of what was decrypted, one form for everybody, nothing that is not known."""

from __future__ import annotations

import csv
import functools
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from evote.errors import DecodeError, VerificationError
from evote.manifest import ContestRecord, ContestStatus
from evote.record import result as module
from evote.record.counts import BallotCount, DataCount, RecordCounter, RecordCounts, count_record
from evote.record.result import COLUMNS, Result, _quoted, compute_result, result_csv, result_json
from evote.record.segments import SegmentWriter
from evote.tally import WithheldCell
from evote.testing.elections import SMALL, Kit, Published
from tests.record.kit import counts, small, write_final

SCHEMA = json.loads(Path(module.__file__).with_name("result.schema.json").read_bytes())

CELLS: Mapping[str, object] = {
    **SMALL,
    "contests": [
        {
            "label": 'Council, "new"',
            "limit": 2,
            "options": ["Alan", "Emmy", {"label": "Kurt", "limit": 2}],
            "fields": ["overvote", "undervote_difference", "null_vote"],
        }
    ],
    "styles": [
        {"label": "plain", "contests": ['Council, "new"']},
        {"label": "heavy", "contests": ['Council, "new"'], "weight": 3},
    ],
    "units": [{"label": "City", "units": ["East", "West"]}, "North"],
    "cells": [{"label": "City", "units": ["City"]}, {"label": "North", "units": ["North"]}],
    "test": False,
    "minimum_cell": 10,
}


@functools.cache
def cells() -> tuple[Kit, Published]:
    """One contest with weights and facts; two cells, of which one may be withheld."""
    kit = Kit({**CELLS, "test": True, "minimum_cell": 1}, seed="cells", guardians=2, quorum=2)
    label = 'Council, "new"'
    for unit, style, marks in (
        ("City/East", "plain", {"Kurt": 2}),
        ("City/West", "heavy", {"Alan": 1, "Emmy": 1}),
        ("City/West", "plain", {"overvote": 1}),
        ("City/East", "heavy", {"null vote": 1, "undervote difference": 2}),
        ("North", "plain", {"Emmy": 1, "undervote difference": 1}),
    ):
        kit.vote(unit, {label: marks}, style=style)
    kit.vote("City/East", {label: {"Alan": 1}}, style="plain", challenge=True)
    return kit, kit.publish()


def result_of(kit: Kit, published: Published, **changes: Any) -> Result:
    values: dict[str, Any] = {
        "tally": published.tally,
        "decryption": published.decryption,
        "counts": counts(published),
    }
    return compute_result(kit.manifest, **(values | changes), fingerprint=kit.election.extended_hash)


def withheld(published: Published) -> Any:
    """The decryption with the second cell withheld."""
    decryption = published.decryption
    cell = decryption.cells[1]
    return replace(
        decryption, cells=decryption.cells[:1], withheld=(WithheldCell(cell.contest, cell.cell, "too few"),)
    )


# --- figures -----------------------------------------------------------------------------------------


def test_the_figures_are_the_sums_of_what_was_voted() -> None:
    kit, published = cells()
    result = result_of(kit, published)
    assert result["ballots"] == {"cast": 5, "challenged": 1}
    assert result["units"] == [
        {"unit": "City/East", "cast": 2, "challenged": 1},
        {"unit": "City/West", "cast": 2, "challenged": 0},
        {"unit": "North", "cast": 1, "challenged": 0},
    ]
    [contest] = result["contests"]
    city, north = contest["cells"]
    assert (city["cell"], city["units"], city["ballots"], city["weight"]) == (
        "City",
        ["City/East", "City/West"],
        4,
        8,
    )
    counted = city["counts"]
    assert counted is not None
    assert {item["option"]: item["votes"] for item in counted["votes"]} == {"Alan": 3, "Emmy": 3, "Kurt": 2}
    assert {item["kind"]: item["count"] for item in counted["facts"]} == {
        "overvote": 1,
        "undervote_difference": 6,
        "null_vote": 3,
    }
    assert not any(item["proved"] for item in counted["facts"])
    # 8 ballots' weight with 2 votes each, less 8 votes; one overvote of weight 1 lost 2 of them.
    assert (counted["unused"], counted["overvotes"], counted["undervotes"]) == (8, 1, 6)
    assert (north["ballots"], north["weight"], north["withheld"]) == (1, 1, None)
    total = contest["total"]
    assert (total["complete"], total["cells"], total["withheld"]) == (True, 2, 0)
    assert (total["ballots"], total["weight"]) == (5, 9)
    assert {item["option"]: item["votes"] for item in total["counts"]["votes"]} == {
        "Alan": 3,
        "Emmy": 4,
        "Kurt": 2,
    }
    assert (total["counts"]["unused"], total["counts"]["overvotes"], total["counts"]["undervotes"]) == (
        9,
        1,
        7,
    )


def test_a_withheld_cell_has_no_votes_and_is_not_in_the_total() -> None:
    kit, published = cells()
    result = result_of(kit, published, decryption=withheld(published))
    [contest] = result["contests"]
    north = contest["cells"][1]
    assert (north["withheld"], north["counts"], north["ballots"]) == ("too few", None, 1)
    total = contest["total"]
    assert (total["complete"], total["cells"], total["withheld"], total["ballots"]) == (False, 1, 1, 4)
    assert {item["option"]: item["votes"] for item in total["counts"]["votes"]} == {
        "Alan": 3,
        "Emmy": 3,
        "Kurt": 2,
    }
    jsonschema.validate(result, SCHEMA)


def test_overvotes_are_known_where_the_manifest_counts_them_or_all_contest_data_is_open() -> None:
    kit, published = small()
    mayor, council = (contest["cells"][0]["counts"] for contest in result_of(kit, published)["contests"])
    assert mayor is not None and council is not None
    assert (mayor["overvotes"], mayor["undervotes"], mayor["unused"]) == (None, None, 1)
    assert (council["overvotes"], council["undervotes"], council["unused"]) == (0, 5, 5)
    key = ("Council", "all")
    for data, wanted in (
        ({}, (None, None)),
        ({key: DataCount(4, 0)}, (None, None)),
        ({key: DataCount(5, 2)}, (2, 1)),
        ({key: DataCount(5, 3)}, (3, None)),  # three overvotes would have lost six votes; five are missing
    ):
        result = result_of(kit, published, counts=RecordCounts(counts(published).units, data))
        council = result["contests"][1]["cells"][0]["counts"]
        assert council is not None
        assert (council["overvotes"], council["undervotes"]) == wanted


def test_a_rehearsal_says_so_and_an_election_does_not() -> None:
    kit, published = small()
    assert result_of(kit, published)["test"] is True
    assert b"Town of Testing 2026,yes," in result_csv(result_of(kit, published))
    real = replace(kit.manifest, test=False, minimum_cell=10)
    result = compute_result(
        real, published.tally, published.decryption, counts(published), fingerprint=bytes(32)
    )
    assert result["test"] is False
    assert b"Town of Testing 2026,no," in result_csv(result)


@pytest.mark.parametrize("name", ["tally", "decryption"])
def test_a_cell_that_is_missing_twice_or_unknown_is_named(name: str) -> None:
    kit, published = cells()
    value = getattr(published, name)
    first, second = value.cells
    for changed, message in (
        ((first,), "the cell is not"),
        ((first, second, second), "cell 'North' of .* stands there twice"),
        ((first, second, replace(second, cell="South")), "the manifest has no cell 'South'"),
        ((first, replace(second, contest="x")), "the cell is not|has no cell"),
    ):
        with pytest.raises(VerificationError, match=message):
            result_of(kit, published, **{name: replace(value, cells=changed)})


def test_a_cell_both_decrypted_and_withheld_is_refused() -> None:
    kit, published = cells()
    both = replace(published.decryption, withheld=withheld(published).withheld)
    with pytest.raises(VerificationError, match="the cell is not either decrypted or withheld"):
        result_of(kit, published, decryption=both)


def test_options_out_of_order_and_too_many_votes_are_refused() -> None:
    kit, published = cells()
    first, second = published.decryption.cells
    for fields, message in (
        (first.fields[::-1], "not those of the contest, in order"),
        (first.fields[:-1], "not those of the contest, in order"),
        ((replace(first.fields[0], count=12), *first.fields[1:]), "more votes than the ballots can have"),
    ):
        changed = replace(published.decryption, cells=(replace(first, fields=fields), second))
        with pytest.raises(VerificationError, match=message):
            result_of(kit, published, decryption=changed)


# --- form --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [small, cells])
def test_the_result_keeps_its_schema(made: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    result = result_of(*made())
    jsonschema.validate(json.loads(result_json(result)), SCHEMA)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda result: result.pop("fingerprint"),
        lambda result: result.update(more=1),
        lambda result: result.update(format=2),
        lambda result: result["ballots"].update(cast=-1),
        lambda result: result["contests"][0]["cells"][0].pop("units"),
        lambda result: result["contests"][0]["cells"][0]["counts"].update(unused=None),
        lambda result: result["contests"][0]["cells"][0]["counts"]["facts"][0].update(proved=True),
    ],
)
def test_the_schema_refuses_another_form(spoil: Any) -> None:
    result = json.loads(result_json(result_of(*cells())))
    spoil(result)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(result, SCHEMA)


def test_the_bytes_are_the_same_for_everybody(tmp_path: Path) -> None:
    kit, published = small()
    reader = write_final(tmp_path)
    again = compute_result(
        reader.manifest(),
        reader.tally(),
        reader.decryption(),
        count_record(reader, reader.manifest()),
        fingerprint=reader.keys().extended_hash,
    )
    assert result_json(again) == reader.raw("result.json") == result_json(result_of(kit, published))
    assert result_csv(again) == reader.raw("result.csv")
    assert json.loads(result_json(again)) == again
    assert result_json(again).endswith(b"}\n") and b"\\u" not in result_json(again)


def test_the_table_has_every_figure_of_the_json() -> None:
    result = result_of(*cells())
    text = result_csv(result).decode()
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert tuple(rows[0]) == COLUMNS
    label = 'Council, "new"'
    votes = {
        (row["level"], row["cell"], row["option"]): int(row["count"])
        for row in rows
        if row["measure"] == "votes" and row["contest"] == label
    }
    [contest] = result["contests"]
    wanted = {("contest", "", i["option"]): i["votes"] for i in contest["total"]["counts"]["votes"]}
    for cell in contest["cells"]:
        assert cell["counts"] is not None
        wanted |= {("cell", cell["cell"], i["option"]): i["votes"] for i in cell["counts"]["votes"]}
    assert votes == wanted
    assert {row["units"] for row in rows if row["level"] == "cell"} == {"City/East + City/West", "North"}
    assert {row["measure"] for row in rows} >= {
        "overvote (not proved)",
        "unused",
        "overvotes",
        "undervotes",
        "ballots",
        "weight",
        "cast",
        "challenged",
    }
    assert [row["option"] for row in rows if row["measure"] == "fingerprint"] == [result["fingerprint"]]


def test_the_table_says_what_is_withheld_and_leaves_unknown_figures_empty() -> None:
    kit, published = cells()
    text = result_csv(result_of(kit, published, decryption=withheld(published))).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(row["cell"], row["option"]) for row in rows if row["measure"] == "withheld"] == [
        ("North", "too few")
    ]
    rows = list(csv.DictReader(io.StringIO(result_csv(result_of(*small())).decode(), newline="")))
    assert {row["count"] for row in rows if row["contest"] == "Mayor" and row["measure"] == "overvotes"} == {
        ""
    }


# --- counting ----------------------------------------------------------------------------------------


def test_ballots_are_counted_by_unit() -> None:
    assert counts(small()[1]).units == {"North": BallotCount(2, 1), "South": BallotCount(3, 0)}


def test_opened_overvotes_are_counted_by_weight() -> None:
    kit, published = small()
    contest = kit.manifest.contest_by_label("Council")
    over = ContestRecord(ContestStatus.OVERVOTE, (1, 1, 1)).encode(contest)
    data = [replace(published.data[0], plaintext=over), *published.data[1:]]
    heavy = replace(published.submitted[0], ballot=replace(published.submitted[0].ballot, weight=4))
    counter = RecordCounter(kit.manifest, data)
    for submitted in (heavy, *published.submitted[1:]):
        counter.add(submitted)
    assert counter.finish().data == {("Council", "all"): DataCount(5, 4)}


def test_contest_data_of_some_ballots_is_counted_as_far_as_it_goes() -> None:
    _, published = small()
    partly = replace(published, data=published.data[1::2])
    assert counts(partly).data == {("Council", "all"): DataCount(len(partly.data), 0)}


def test_contest_data_in_another_order_is_refused() -> None:
    _, published = small()
    for data in (published.data[::-1], [published.data[0], published.data[0]]):
        with pytest.raises(VerificationError, match="is not in the order of the cast ballots"):
            counts(replace(published, data=data))


def test_contest_data_that_is_no_record_of_its_contest_says_nothing_and_stops_no_count() -> None:
    kit, published = small()
    first, *rest = published.data
    broken = replace(first, plaintext=b"\x02" * len(first.plaintext))
    spoilt = replace(published, data=[broken, *rest])
    assert counts(spoilt).data == {("Council", "all"): DataCount(len(rest), 0)}
    result = compute_result(
        kit.manifest,
        spoilt.tally,
        spoilt.decryption,
        counts(spoilt),
        fingerprint=kit.election.extended_hash,
    )
    found = result["contests"][1]["cells"][0]["counts"]
    assert found is not None
    assert (found["overvotes"], found["undervotes"]) == (None, None)
    assert result["contests"][1]["total"]["counts"]["overvotes"] is None


def test_contest_data_of_a_contest_that_has_none_is_refused() -> None:
    _, published = small()
    strange = replace(published.data[0], contest="Mayor")
    with pytest.raises(VerificationError, match="no contest data field"):
        counts(replace(published, data=[strange]))


def test_a_ballot_of_an_unknown_unit_is_refused() -> None:
    _, published = small()
    first = published.submitted[0]
    moved = replace(first, ballot=replace(first.ballot, unit="Moon"))
    with pytest.raises(VerificationError, match="there is no reporting unit 'Moon'"):
        counts(replace(published, submitted=[moved]))


def test_counting_a_record_stops_at_bytes_that_are_no_ballot(tmp_path: Path) -> None:
    reader = write_final(tmp_path)
    with SegmentWriter(tmp_path / "ballots") as writer:
        writer.append(b"no ballot")
    with pytest.raises(DecodeError, match="ballots, frame 6"):
        count_record(reader, reader.manifest())


@pytest.mark.parametrize("label", ["=1+1", "+1 vote", "-Kurt", "@home"])
def test_what_a_spreadsheet_would_compute_is_shown_as_text(label: str) -> None:
    assert _quoted(label) == f"'{label}"


@pytest.mark.parametrize("field", ["12", "-12", "Ada", "a=b"])
def test_numbers_and_other_texts_stay_as_they_are(field: str) -> None:
    assert _quoted(field) == field

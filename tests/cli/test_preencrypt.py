"""Sheets on the command line: made, printed, recorded, cast, opened, beside ordinary ballots."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evote.ballots import BallotState, SubmittedBallot
from evote.errors import DecodeError
from evote.record import RecordReader, Stage
from evote.report import Status, Verdict
from evote.verifier.verify import verify_reader
from tests.cli.driver import DRAFT, GROUPS, Outcome, Town, cheap_passphrases, evote, fine, refused, vote
from tests.cli.test_decryption import decrypted

SHEETS = {"preencrypted": {"styles": ["all"], "tools": ["Printer 1"], "trimming": "hex-4"}}


@pytest.fixture(scope="module")
def printed_town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    town = Town(tmp_path_factory.mktemp("sheets") / "town", {**DRAFT, **SHEETS}, guardians=1, quorum=1)
    with cheap_passphrases():
        fine(town.new())
        town.ceremony()
    return town


def make(town: Town, name: str, count: int, *options: object, unit: str = "Town/North") -> Outcome:
    with cheap_passphrases():
        return evote(
            *("preencrypt", "make", town.record, "--tool", "Printer 1", "--private", town.root / "tool"),
            *("--unit", unit, "--style", "all", "--count", count),
            *("--sheets", town.root / f"{name}.sheets", "--print", town.root / f"{name}.jsonl"),
            *options,
            *town.sealed,
        )


def preencrypt(town: Town, name: str, *arguments: object) -> Outcome:
    with cheap_passphrases():
        return evote("preencrypt", name, town.record, *arguments, "--private", town.office, *town.sealed)


def marked(town: Town, *lines: object) -> Path:
    path = town.root / "marked.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_an_election_of_sheets_and_ordinary_ballots_from_first_to_last_command(printed_town: Town) -> None:
    town = printed_town
    codes = fine(make(town, "north", 3)).out.split()
    south = fine(make(town, "south", 1, unit="Town/South")).out.split()
    assert len({*codes, *south}) == 4
    refused(make(town, "north", 1), 2, "there already")
    data = [json.loads(line) for line in (town.root / "north.jsonl").read_text("utf-8").splitlines()]
    assert [sheet["code"] for sheet in data] == codes
    assert b"nonce" not in (town.root / "north.jsonl").read_bytes()
    assert not any(path.suffix == ".sealed" for path in (town.root / "tool").iterdir())

    page = town.root / "north.html"
    assert fine(evote("preencrypt", "print", town.root / "north.jsonl", "--out", page)).out == "3 sheets\n"
    text = page.read_text("utf-8")
    first = data[0]["contests"][0]["rows"]
    assert f'<td>Ada</td><td class="short">{first[0]["short_code"]}</td>' in text
    assert first[-1]["option"] is None and f">{first[-1]['short_code']}<" not in text

    refused(preencrypt(town, "record", town.root / "south.sheets"), 2, "in their order")
    assert "3 sheets" in fine(preencrypt(town, "record", town.root / "north.sheets")).out
    assert "0 sheets taken in, 3" in fine(preencrypt(town, "record", town.root / "north.sheets")).out
    fine(preencrypt(town, "record", town.root / "south.sheets"))
    ordinary = town.codes([vote("North", "Ada", ("Al",)), vote("South", "Bo")])

    refused(town.cast(codes[0]), 2, "evote preencrypt cast")
    wrong = marked(town, {"code": codes[0], "contests": {"Chair": ["Nobody"]}})
    refused(preencrypt(town, "cast", wrong), 2, "no option 'Nobody'")
    council = data[2]["contests"][1]["rows"]
    sheets = marked(
        town,
        {"code": codes[0][:8], "contests": {"Chair": ["Ada"], "Council": ["Em", "Ku"]}},
        {"code": codes[2], "short_codes": {"Council": [council[1]["short_code"]]}},
        {"code": south[0], "contests": {"Chair": ["Ada", "Bo"]}},
    )
    outcome = fine(preencrypt(town, "cast", sheets))
    assert outcome.out == "3 cast\n" and "too many marks in 'Chair'" in outcome.err
    assert fine(preencrypt(town, "cast", sheets)).out == "3 cast\n"  # the decision stands
    refused(preencrypt(town, "challenge", codes[0]), 2, "already cast")
    with cheap_passphrases():
        fine(town.cast(ordinary[0]))
        refused(preencrypt(town, "challenge", ordinary[1]), 2, "evote challenge")
        fine(town.challenge(ordinary[1]))
    opened = fine(preencrypt(town, "challenge", "--undecided")).out
    assert f"{codes[1]} opened" in opened and data[1]["contests"][0]["rows"][0]["short_code"] in opened
    refused(
        preencrypt(town, "cast", marked(town, {"code": codes[1], "contests": {}})), 2, "already challenged"
    )
    assert states(town) == {BallotState.CAST: 4, BallotState.CHALLENGED: 2}

    with cheap_passphrases():
        fine(town.tally())
        fine(decrypted(town, (1,)))
    report = verify_reader(RecordReader(town.record, GROUPS), stage=Stage.FINAL)
    assert report.verdict is Verdict.PASS, (report.failed, report.having(Status.NOT_CHECKED))
    assert all(report.check(each).status is Status.PASS for each in ("15.A", "16.F", "17.A", "18.A", "19.D"))
    votes = {
        tuple(line.split(",")[-4:])
        for line in (town.record / "result.csv").read_text("utf-8").splitlines()
        if ",contest," in line and ",votes," in line
    }
    assert votes == {
        ("", "votes", option, count)
        for option, count in (("Ada", "2"), ("Bo", "0"), ("Al", "1"), ("Em", "2"), ("Ku", "1"))
    }


def states(town: Town) -> dict[BallotState, int]:
    found: dict[BallotState, int] = {}
    for _, _, submitted in RecordReader(town.record, GROUPS).ballots():
        assert not isinstance(submitted, DecodeError)
        assert isinstance(submitted, SubmittedBallot)
        found[submitted.state] = found.get(submitted.state, 0) + 1
    return found

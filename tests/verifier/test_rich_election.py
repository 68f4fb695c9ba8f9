"""One election with everything a manifest may have: it verifies, and each of its rules is looked at.

Supplemental fields, option limits above 1, two weights, styles that not every unit has, a tree of units,
several cells, write-ins, contest data that is opened; ballots from the real encryption.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from evote.ballots import PlaintextBallot, PlaintextContest, verify_cast, verify_challenged
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.ballots.values import SubmittedBallot
from evote.errors import VerificationError
from evote.record import RecordReader
from evote.report import Report, Verdict
from evote.tally import DecryptedCell, TalliedCell, WithheldCell
from evote.testing.elections import SMALL, Kit, Published
from evote.verifier.verify import _verify

RICH: Mapping[str, object] = {
    **SMALL,
    "decrypt_contest_data": True,
    "contests": [
        {"label": "Mayor", "options": ["Ada", "Grace"], "fields": ["undervote", "null_vote"]},
        {
            "label": "Council",
            "limit": 3,
            "options": ["Alan", {"label": "Kurt", "limit": 3}],
            "fields": ["overvote", "undervote_difference"],
            "write_ins": 1,
        },
    ],
    "styles": [
        {"label": "plain", "contests": ["Mayor", "Council"]},
        {"label": "heavy", "contests": ["Mayor", "Council"], "weight": 3},
        {"label": "short", "contests": ["Council"]},
    ],
    "units": [
        {
            "label": "City",
            "units": [
                {"label": "East", "styles": ["plain", "heavy"]},
                {"label": "West", "styles": ["plain", "heavy"]},
            ],
        },
        {"label": "North", "styles": ["plain", "short"]},
    ],
    "cells": [{"label": "City", "units": ["City"]}, {"label": "North", "units": ["North"]}],
}

BALLOTS = (
    ("City/East", "plain", {"Ada": 1}, {"Alan": 1, "Kurt": 2}, True),
    ("City/West", "heavy", {"Grace": 1}, {"Kurt": 3}, True),
    ("City/West", "heavy", {}, {"Kurt": 1}, True),
    ("City/East", "plain", {"Ada": 1, "Grace": 1}, {"Alan": 1, "Kurt": 3}, True),
    ("North", "plain", {"Ada": 1}, {}, True),
    ("North", "short", None, {"Alan": 1}, True),
    ("North", "plain", {"Grace": 1}, {"Kurt": 1}, False),
    ("City/East", "heavy", {}, {"Alan": 1, "Kurt": 2}, False),
)


@functools.cache
def election() -> tuple[Kit, tuple[SubmittedBallot, ...]]:
    """The ceremony and the ballots, made once."""
    kit = Kit(RICH, seed="rich")
    devices = {name: Device(kit.election, name) for name in ("booth 1", "booth 2")}
    for number, (unit, style, mayor, council, cast) in enumerate(BALLOTS):
        contests = {"Council": PlaintextContest(council, ("Émile",) if number == 0 else ())}
        if mayor is not None:
            contests["Mayor"] = PlaintextContest(mayor)
        made = encrypt(devices[f"booth {number % 2 + 1}"], PlaintextBallot(unit, style, contests))
        kit.nonces[made.ballot.identifier] = made.pending()[2].reveal()
        kit.submitted.append(made.cast() if cast else made.challenge()[0])
    return kit, tuple(kit.submitted)


def record() -> tuple[Kit, Published]:
    kit, ballots = election()
    kit.submitted = list(ballots)
    return kit, kit.publish()


def verify(kit: Kit, published: Published, tmp_path: Path) -> Report:
    directory = kit.write(published, tmp_path / "record")
    return _verify(RecordReader(directory, {kit.group.name: kit.group}))


def test_it_verifies_and_its_counts_are_those_of_the_ballots(tmp_path: Path) -> None:
    kit, published = record()
    report = verify(kit, published, tmp_path)
    assert report.verdict is Verdict.PASS, [str(f) for check in report.checks for f in check.findings]
    result = json.loads((tmp_path / "record" / "result.json").read_bytes())
    totals = {
        contest["contest"]: {item["option"]: item["votes"] for item in contest["total"]["counts"]["votes"]}
        for contest in result["contests"]
    }
    # Marked too much on Mayor and Council by the fourth ballot: both count as zero there.
    assert totals == {"Mayor": {"Ada": 2, "Grace": 3}, "Council": {"Alan": 2, "Kurt": 2 + 9 + 3}}
    (council,) = (contest for contest in result["contests"] if contest["contest"] == "Council")
    facts = {item["kind"]: item["count"] for item in council["total"]["counts"]["facts"]}
    assert facts == {"overvote": 1, "undervote_difference": 3 * 2 + 3 + 2}
    assert [cell["weight"] for cell in council["cells"]] == [8, 2]


def test_a_style_that_the_unit_does_not_have_is_e2() -> None:
    """Also where the style exists and the unit reports, and everything else is right."""
    kit, _ = election()
    made, _ = kit.forge.ballot("City/East", "short", {"Council": {"Alan": 1}}, device="booth 1")
    with pytest.raises(VerificationError, match="no ballot style 'short'") as refused:
        verify_cast(kit.election, made)
    assert refused.value.check == "E.2"


def test_a_unit_that_only_sums_others_up_takes_no_ballot() -> None:
    kit, _ = record()
    made, _ = kit.forge.ballot("City", "plain", {}, device="booth 1")
    with pytest.raises(VerificationError) as refused:
        verify_cast(kit.election, made)
    assert refused.value.check == "E.2"


def test_a_cast_ballot_is_not_opened_and_a_challenged_one_not_counted() -> None:
    kit, ballots = election()
    with pytest.raises(VerificationError, match="only a challenged ballot"):
        verify_challenged(kit.election, ballots[0])
    with pytest.raises(VerificationError, match="only a cast ballot"):
        verify_cast(kit.election, ballots[-1])
    assert verify_challenged(kit.election, ballots[-1]).submitted is ballots[-1]


def _edited(edit: Callable[[Published], None]) -> Published:
    """The record after an edit; the result files follow from it where it has a whole result."""
    kit, published = record()
    before = kit.results(published)
    edit(published)
    try:
        kit.results(published)
    except VerificationError:
        published.result, published.csv = before["result.json"], before["result.csv"]
    return published


TALLIES: dict[str, Callable[[tuple[TalliedCell, ...]], tuple[TalliedCell, ...]]] = {
    "cells in another order": lambda cells: cells[::-1],
    "a cell twice": lambda cells: (*cells, cells[0]),
    "a cell that the manifest lacks": lambda cells: (*cells, replace(cells[0], cell="South")),
    "a cell missing": lambda cells: cells[1:],
    "options in another order": lambda cells: (
        replace(cells[0], fields=cells[0].fields[::-1]),
        *cells[1:],
    ),
    "an option twice": lambda cells: (
        replace(cells[0], fields=(*cells[0].fields, cells[0].fields[0])),
        *cells[1:],
    ),
    "another weight": lambda cells: (replace(cells[0], weight=cells[0].weight + 1), *cells[1:]),
    "another number of ballots": lambda cells: (replace(cells[0], ballots=cells[0].ballots - 1), *cells[1:]),
}


@pytest.mark.parametrize("what", TALLIES)
def test_e12_for_an_encrypted_tally_of_another_form(what: str, tmp_path: Path) -> None:
    def edit(published: Published) -> None:
        published.tally = replace(published.tally, cells=TALLIES[what](published.tally.cells))

    assert verify(election()[0], _edited(edit), tmp_path).failed == ("E.12",)


DECRYPTIONS: dict[str, Callable[[tuple[DecryptedCell, ...]], tuple[DecryptedCell, ...]]] = {
    "cells in another order": lambda cells: cells[::-1],
    "a cell twice": lambda cells: (cells[0], *cells),
    "options in another order": lambda cells: (
        replace(cells[0], fields=cells[0].fields[::-1]),
        *cells[1:],
    ),
    "an option twice": lambda cells: (
        replace(cells[0], fields=(cells[0].fields[0], *cells[0].fields)),
        *cells[1:],
    ),
    "a cell that the manifest lacks": lambda cells: (*cells, replace(cells[0], cell="South")),
}


@pytest.mark.parametrize("what", DECRYPTIONS)
def test_e12_for_a_decryption_of_another_form(what: str, tmp_path: Path) -> None:
    def edit(published: Published) -> None:
        cells = DECRYPTIONS[what](published.decryption.cells)
        published.decryption = replace(published.decryption, cells=cells)

    assert verify(election()[0], _edited(edit), tmp_path).failed == ("E.12",)


def test_e12_for_a_cell_that_is_decrypted_and_withheld(tmp_path: Path) -> None:
    def edit(published: Published) -> None:
        first = published.decryption.cells[0]
        both = WithheldCell(first.contest, first.cell, "both")
        published.decryption = replace(published.decryption, withheld=(both,))

    report = verify(election()[0], _edited(edit), tmp_path)
    assert report.failed == ("E.12",)
    assert any("decrypted and withheld" in finding.message for finding in report.check("E.12").findings)


@pytest.mark.parametrize("guardians", [(), (1,), (2, 1), (1, 1), (1, 2, 2), (1, 4), (1, 2, 3, 4)])
def test_e21_for_anything_but_a_quorum_of_the_guardians_in_order(
    guardians: tuple[int, ...], tmp_path: Path
) -> None:
    kit, published = record()
    published.decryption = replace(published.decryption, guardians=guardians)
    assert verify(kit, published, tmp_path).failed == ("E.21",)

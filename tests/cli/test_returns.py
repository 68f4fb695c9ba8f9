"""Unit returns on the command line: from nothing to a merged, published and audited night."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from evote.office.returns_keys import open_unit_key
from evote.record import RecordReader, Stage, load_election
from evote.report import Status, Verdict
from evote.returns import Rosters, read_return, sign_return
from evote.returns.schemes import BUILT_IN
from evote.secret import Secret
from evote.verifier.returns.ids import RETURNS
from evote.verifier.verify import verify_reader
from tests.cli.driver import GROUPS, PASSPHRASE, cheap_passphrases, evote, fine, refused
from tests.cli.returnstown import GOOD, HALL, NORTH, PAPER, ReturnsTown, csv

VOTERS = csv(registered=9, signed_in=3, rejected_only=0)


@pytest.fixture(scope="module")
def _closed(tmp_path_factory: pytest.TempPathFactory) -> ReturnsTown:
    """Three ballots were cast in the North, and the record is closed; nobody has reported."""
    with cheap_passphrases():
        town = ReturnsTown(tmp_path_factory.mktemp("returns") / "town")
        town.prepare()
        town.vote("Ada", "Ada", "Bo")
        town.close()
    return town


@pytest.fixture
def town(_closed: ReturnsTown, tmp_path: Path) -> ReturnsTown:
    fresh = ReturnsTown(tmp_path / "town")
    shutil.rmtree(fresh.root)
    shutil.copytree(_closed.root, fresh.root)
    return fresh


def _all(town: ReturnsTown) -> list[Path]:
    north, outcome = town.make(NORTH, VOTERS, "--box", town.root / "handed")
    fine(outcome)
    return [north, town.paper(PAPER), town.paper(HALL, Ada=39, null=4)]


def _merge(town: ReturnsTown, *sources: object, out: str = "night.returns") -> Any:
    return town.returns("merge", *sources, "--out", town.root / out)


def _decrypt(town: ReturnsTown) -> None:
    exchange = ("--exchange", town.exchange)
    fine(
        evote("decrypt", town.record, "--private", town.office, *exchange, "--guardians", "1,2", *town.sealed)
    )
    for _ in range(5):
        for index in (1, 2):
            fine(
                evote(
                    *("guardian", "decrypt", town.record, "--private", town.guardian(index)),
                    *(*exchange, *town.sealed),
                )
            )
    fine(evote("decrypt", town.record, "--private", town.office, *exchange, *town.sealed))


def test_from_nothing_to_a_published_and_audited_night_with_commands_only(town: ReturnsTown) -> None:
    north, paper, hall = _all(town)
    alone = town.returns("check", north)
    assert alone.code == 0 and "Totals:  PASS" in alone.out, alone
    assert fine(town.returns("check", paper, hall, "--json")).value()[0]["verdict"] == "good"  # type: ignore[index]
    merged = fine(_merge(town, town.inbox))
    assert "3 of 3 units have reported" in merged.out and "Ada 79" in merged.out
    night = town.root / "night.returns"
    published = town.root / "published"
    fine(evote("returns", "publish", night, *town.at, "--out", published, *town.office_keys))
    audited = fine(town.returns("audit", published, "--sent", town.inbox, "--all"))
    assert audited.out.count("ADDED") == 3
    fine(evote("returns", "publish", night, *town.at, *town.office_keys))
    voting = verify_reader(RecordReader(town.record, GROUPS), stage=Stage.VOTING)
    assert voting.verdict is Verdict.PASS, voting.failed
    _decrypt(town)
    report = verify_reader(RecordReader(town.record, GROUPS))
    assert not report.failed, [str(one) for check in report.checks for one in check.findings]
    assert report.verdict is Verdict.PASS, report.having(Status.NOT_CHECKED)
    assert all(report.check(identifier).status is Status.PASS for identifier in RETURNS)
    result = json.loads((town.record / "returns.json").read_bytes())
    chair = result["contests"][0]
    assert chair["ballots"][:2] == [2, 1] and chair["open"][:2] == [79, 70] and chair["sum"][:2] == [81, 71]
    assert result["units"][0]["contests"][0]["sum"] == chair["sum"]
    fine(town.returns("audit", town.record, "--sent", town.inbox, "--all"))
    form = ("results", "export", town.record, "--format", "csv", "--last-day", "2027-05-09")
    assert "Paper" in fine(evote(*form, "--returns", night)).out


def test_any_order_and_number_of_copies_give_the_same_bytes(town: ReturnsTown) -> None:
    north, paper, hall = _all(town)
    fine(_merge(town, north, paper, hall, out="one"))
    again = fine(_merge(town, hall, paper, paper, north, hall, out="two"))
    assert "duplicate" in again.out and "DUPLICATE" in again.out
    fine(_merge(town, town.root / "two", town.root / "one", out="three"))
    one, two, three = ((town.root / name).read_bytes() for name in ("one", "two", "three"))
    assert one == two == three


def test_who_is_missing_is_said_and_the_exit_code_is_3(town: ReturnsTown) -> None:
    paper = town.paper(PAPER)
    outcome = _merge(town, paper)
    assert outcome.code == 3 and "Waiting for Town/North, Town/Hall" in outcome.out
    status = town.returns("status", paper, "--json")
    assert status.code == 3
    document: Any = status.value()
    assert (document["reported"], document["expected"]) == (1, 3)
    statuses = {unit["unit"]: unit["status"] for unit in document["units"][0]["units"]}
    assert statuses == {NORTH: "MISSING", PAPER: "REPORTED", HALL: "MISSING"}


def test_a_stick_that_was_pulled_early_leaves_a_named_partial_copy(town: ReturnsTown) -> None:
    paper = town.paper(PAPER)
    stick = town.root / "stick"
    stick.mkdir()
    (stick / "holiday.jpg").write_bytes(b"\xff\xd8 no return")
    (stick / "Paper.return.part").write_bytes(paper.read_bytes()[:-40])
    outcome = _merge(town, stick)
    assert outcome.code == 3 and "PARTIAL" in outcome.out and "Paper.return.part" in outcome.out
    assert "holiday" not in outcome.out
    whole = _merge(town, stick, paper)
    assert "REPORTED" in whole.out


def test_a_correction_needs_the_unit_above_and_then_counts(town: ReturnsTown) -> None:
    paper = town.paper(PAPER)
    text = csv(**GOOD | {"registered": 130})
    draft, outcome = town.make(PAPER, text, "--corrects", paper, "--reason", "typed wrongly", name="draft")
    assert "Next: Town looks at" in fine(outcome).out
    assert town.returns("check", draft).code == 1
    assert "not-cosigned" in _merge(town, paper, draft).out
    second = town.root / "second.return"
    said = fine(town.cosign(draft, second))
    assert "typed wrongly" in said.out
    outcome = _merge(town, second, paper)
    assert outcome.code == 3 and "superseded" in outcome.out
    document: Any = town.returns("status", paper, second, "--json").value()
    assert document["voters"]["open"]["registered"] == 130


def test_two_versions_are_a_conflict_with_evidence_until_the_authority_decides(town: ReturnsTown) -> None:
    one, other = town.paper(PAPER), town.paper(PAPER, name="other", registered=121)
    evidence = town.root / "evidence"
    outcome = _merge(town, one, other, "--evidence", evidence)
    assert outcome.code == 1 and "CONFLICT" in outcome.out
    assert len(list(evidence.iterdir())) == 1
    digest = json.loads(fine(town.returns("check", other, "--json")).out)[0]["file"]
    decision = town.root / "paper.resolution"
    fine(
        evote(
            *("returns", "resolve", one, other, *town.at, "--unit", PAPER, "--choose", digest[:8]),
            *("--reason", "the minutes show it", "--out", decision, *town.office_keys),
        )
    )
    outcome = _merge(town, one, other, decision)
    assert outcome.code == 3 and "CONFLICT" not in outcome.out
    document: Any = town.returns("status", one, other, decision, "--json").value()
    assert document["voters"]["open"]["registered"] == 121


def test_a_lost_key_is_replaced_and_what_it_signed_later_is_stale(town: ReturnsTown) -> None:
    before = town.paper(PAPER)
    stolen = town.paper(PAPER, name="stolen", registered=122)
    key = town.root / "paper.key"
    fine(evote("returns", "roster", "key", *town.at, "--unit", PAPER, "--out", key, *town.office_keys))
    second = town.root / "second.roster"
    fine(
        evote(
            *("returns", "roster", "replace", key, *town.at, "--reason", "token lost", "--keep", before),
            *("--out", second, *town.office_keys),
        )
    )
    outcome = _merge(town, before, stolen, second)
    assert outcome.code == 1 and "stale" in outcome.out
    document: Any = town.returns("status", before, stolen, second, "--json").value()
    assert document["voters"]["open"]["registered"] == 120
    assert town.returns("check", before, "--roster", second).code == 0
    assert town.returns("check", stolen, "--roster", second).code == 1


def test_the_record_keeps_what_it_has_and_takes_a_late_return(town: ReturnsTown) -> None:
    north, paper, hall = _all(town)
    publish = ("returns", "publish")
    fine(evote(*publish, north, paper, *town.at, *town.office_keys))
    _decrypt(town)
    early = verify_reader(RecordReader(town.record, GROUPS))
    assert early.verdict is Verdict.INCOMPLETE and early.having(Status.NOT_CHECKED) == ("E.37",)
    assert "1 files were added" in fine(evote(*publish, hall, *town.at, *town.office_keys)).out
    late = verify_reader(RecordReader(town.record, GROUPS))
    assert late.verdict is Verdict.PASS, late.failed
    assert json.loads((town.record / "returns.json").read_bytes())["reported"] == 3


def test_figures_that_do_not_agree_end_with_1_and_are_named(town: ReturnsTown) -> None:
    paper, outcome = town.make(PAPER, csv(**GOOD | {"Ada": 41}))
    assert outcome.code == 1 and "too-many-votes" in outcome.out
    assert town.returns("check", paper).code == 1
    assert _merge(town, paper).code == 1


def test_totals_whose_ballots_are_not_here_are_not_checked(town: ReturnsTown) -> None:
    north, _, _ = _all(town)
    setup = town.root / "setup"
    setup.mkdir()
    for name in ("manifest.json", "parameters.msgpack", "guardians.msgpack", "keys.msgpack"):
        shutil.copy(town.record / name, setup / name)
    outcome = evote("returns", "check", north, "--manifest", setup / "manifest.json")
    assert outcome.code == 3 and "NOT_CHECKED" in outcome.out and "INCOMPLETE" in outcome.out
    whole = evote("returns", "check", north, "--record", setup, "--ballots", town.root / "handed")
    assert whole.code == 0 and "Totals:  PASS" in whole.out


def test_A50_guardians_refuse_a_record_whose_unit_reports_another_total(town: ReturnsTown) -> None:
    north, _, _ = _all(town)
    election = load_election(RecordReader(town.record, GROUPS))
    made = read_return(election, north.read_bytes()).returned
    row = made.sealed[0]
    swapped = (
        dataclasses.replace(row.fields[0], alpha=row.fields[1].alpha, beta=row.fields[1].beta),
        *row.fields[1:],
    )
    evil = dataclasses.replace(made, sealed=(dataclasses.replace(row, fields=swapped),))
    rosters = Rosters(election, BUILT_IN)
    key = open_unit_key(election.manifest, rosters.first, NORTH, town.office, Secret(PASSPHRASE))
    north.write_bytes(sign_return(evil, key))
    exchange = ("--exchange", town.exchange)
    office = ("--private", town.office, *exchange, *town.sealed)
    fine(evote("decrypt", town.record, *office, "--guardians", "1,2"))
    fine(evote("returns", "publish", north, *town.at, *town.office_keys))
    guardian = ("guardian", "decrypt", town.record, "--private", town.guardian(1), *exchange, *town.sealed)
    refused(evote(*guardian), 1, "not decrypted")
    refused(evote("decrypt", town.record, *office, "--guardians", "1,3"), 1, "E.38")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (csv(**{name: count for name, count in GOOD.items() if name != "Bo"}), "'Bo' is missing; write 0"),
        (csv(**GOOD) + "all,Chair,Cy,1\n", "does not report"),
        (csv(**GOOD) + "all,Chair,Ada,40\n", "twice"),
        (csv(**GOOD).replace(",40", ",-4"), "no count"),
        ("style;contest;field;count\n", "first line"),
        ("", "empty"),
        ('{"all": {"counts": {"registered": 1.5}}}', "only integers"),
    ],
)
def test_a_file_of_counts_is_complete_and_nothing_else(town: ReturnsTown, text: str, said: str) -> None:
    out, outcome = town.make(PAPER, text)
    refused(outcome, 2, said)
    assert not out.exists()

"""``evote results export``, drafts from ballot definitions, and the export of a record's setup."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from evote.record import RecordReader, RecordWriter
from evote.testing.elections import SMALL, Kit
from tests.cli.driver import GROUPS, evote, fine, refused
from tests.interop.test_draft21 import SCHEMAS, ceremony
from tests.office.official.kit import DAY
from tests.office.official.test_eml510 import parsed
from tests.office.official.test_nist_bd import EXAMPLES, candidates, definition, person, runs
from tests.office.official.test_nist_err import valid
from tests.shared import shared_data

DAYS = ("--last-day", DAY)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A decrypted record with names in French."""
    draft: dict[str, Any] = {**SMALL, "languages": ["fr"], "names": {"fr": "Ville"}, "cells": "each"}
    kit = Kit(draft, seed="results")
    for unit in ("North", "South", "South"):
        kit.vote(unit, {"Mayor": {"Ada": 1}, "Council": {"Kurt": 2}})
    return kit.write(kit.publish(), tmp_path_factory.mktemp("results") / "record")


def test_every_form_is_written_and_what_it_cannot_carry_is_said(record: Path, tmp_path: Path) -> None:
    for form in ("nist-err", "csv", "eml510"):
        out = tmp_path / form
        outcome = fine(evote("results", "export", record, "--format", form, *DAYS, "--out", out))
        assert outcome.out == ""
        assert out.read_bytes()
        if form != "nist-err":
            assert "not carried: names in fr" in outcome.err
    report = valid((tmp_path / "nist-err").read_bytes())
    assert report["Issuer"] == "Town of Testing 2026" and report["Status"] == "unofficial-complete"
    assert parsed((tmp_path / "eml510").read_bytes()).tag.endswith("EML")


def test_results_go_to_stdout_without_a_file(record: Path) -> None:
    table = fine(evote("results", "export", record, "--format", "csv", *DAYS, "--language", "fr"))
    lines = list(csv.DictReader(io.StringIO(table.out)))
    assert {line["name"] for line in lines if line["level"] == "election"} == {"Ville"}
    votes = [line["count"] for line in lines if line["option"] == "Ada" and line["level"] == "election"]
    assert votes == ["3", "3"]
    xml = fine(evote("results", "export", record, "--format", "eml510", *DAYS)).out
    assert ElementTree.fromstring(xml.encode()).attrib["Id"] == "510"


def test_the_office_says_who_it_is_and_what_the_results_are(record: Path) -> None:
    options = ("--issuer", "Town hall", "--issuer-abbreviation", "TH", "--standing", "certified")
    kind = ("--election-type", "general", "--first-day", "2026-06-29")
    outcome = fine(evote("results", "export", record, "--format", "nist-err", *DAYS, *options, *kind))
    report = valid(outcome.out.encode())
    assert (report["Issuer"], report["IssuerAbbreviation"], report["Status"]) == (
        "Town hall",
        "TH",
        "certified",
    )
    election = report["Election"][0]
    assert (election["Type"], election["StartDate"], election["EndDate"]) == ("general", "2026-06-29", DAY)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ((), "give the day"),
        (("--last-day", "tomorrow"), "a moment is written as"),
        ((*DAYS, "--first-day", "2026-07-01"), "before it begins"),
        ((*DAYS, "--language", "de"), "no names in 'de'"),
    ],
)
def test_what_cannot_be_exported_ends_with_2(record: Path, options: tuple[str, ...], part: str) -> None:
    refused(evote("results", "export", record, "--format", "csv", *options), 2, part)


def test_a_result_that_is_not_the_decrypted_one_ends_with_1(tmp_path: Path) -> None:
    kit = Kit(SMALL, seed="changed result")
    kit.vote("North", {"Mayor": {"Ada": 1}})
    kit.write(kit.publish(), tmp_path / "record")
    path = tmp_path / "record" / "result.json"
    path.write_bytes(path.read_bytes().replace(b'"cast": 1', b'"cast": 2'))
    outcome = evote("results", "export", tmp_path / "record", "--format", "csv", *DAYS)
    refused(outcome, 1, "not that of the decrypted cells")
    assert outcome.out == ""


def test_a_record_before_its_decryption_ends_with_2(tmp_path: Path) -> None:
    kit = Kit(SMALL, seed="early")
    RecordWriter.create(tmp_path / "record", kit.manifest, kit.parameters)
    refused(evote("results", "export", tmp_path / "record", "--format", "csv"), 2, "not decrypted yet")


# --- drafts from ballot definitions ------------------------------------------------------------------


def test_a_definition_becomes_a_draft_that_makes_an_election(tmp_path: Path) -> None:
    source, draft = tmp_path / "definition.json", tmp_path / "draft.json"
    source.write_text(json.dumps(definition()))
    outcome = fine(evote("election", "draft", source, "--out", draft))
    assert "Election.StartDate: not carried" in outcome.out and "LOST" not in outcome.out
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("correct horse\n")
    passphrase.chmod(0o600)
    folders = ("--record", tmp_path / "record", "--private", tmp_path / "office")
    group = ("-n", 1, "-k", 1, "--group", next(iter(GROUPS)), "--passphrase-file", passphrase)
    fine(evote("election", "new", draft, *folders, *group))
    manifest = RecordReader(tmp_path / "record", GROUPS).manifest()
    assert [contest.label for contest in manifest.contests] == ["m"]


def test_a_draft_without_a_contest_of_the_definition_ends_with_3(tmp_path: Path) -> None:
    source = shared_data("schemas/nist") / EXAMPLES[0]
    outcome = evote("election", "draft", source, "--out", tmp_path / "draft.json")
    assert outcome.code == 3
    assert outcome.out.splitlines()[0].startswith("LOST: contest Straight Party")
    assert json.loads((tmp_path / "draft.json").read_text())["label"] == "STATE GENERAL"


def test_a_rule_that_the_draft_breaks_is_said(tmp_path: Path) -> None:
    source = tmp_path / "definition.json"
    people = [person("p", "Ada\u202e")]
    source.write_text(json.dumps(definition(Candidate=people, Contest=[candidates("c", runs("1", "p"))])))
    outcome = evote("election", "draft", source, "--out", tmp_path / "draft.json")
    assert outcome.code == 3 and "BROKEN RULE" in outcome.out


def test_a_definition_that_is_none_or_a_draft_that_is_there_ends_with_2(tmp_path: Path) -> None:
    source, draft = tmp_path / "definition.json", tmp_path / "draft.json"
    source.write_text(
        '{"@type": "BallotDefinition.BallotDefinition", "Version": "1.0.0", "Version": "1.0.0"}'
    )
    refused(evote("election", "draft", source, "--out", draft), 2, "twice")
    source.write_text(json.dumps(definition()))
    refused(evote("election", "draft", source, "--out", draft, "--election", 2), 2, "no election 2")
    draft.write_text("mine")
    refused(evote("election", "draft", source, "--out", draft), 2, "choose a new file")
    assert draft.read_text() == "mine"


# --- the setup in the 2.1 draft ----------------------------------------------------------------------


def test_the_setup_is_exported_in_the_form_of_the_draft(tmp_path: Path) -> None:
    manifest, parameters, records, keys = ceremony()
    writer = RecordWriter.create(tmp_path / "record", manifest, parameters)
    writer.put_guardians(records)
    writer.put_keys(keys)
    groups = {parameters.group.name: parameters.group}
    form = ("--format", "electionguard-2.1", "--out", tmp_path / "draft")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.cli.driver.GROUPS", groups)
        outcome = fine(evote("record", "export", tmp_path / "record", *form))
    assert {path.name for path in (tmp_path / "draft").iterdir()} == set(SCHEMAS)
    assert "not carried: H_P and H_B" in outcome.err


def test_the_draft_has_no_other_group(record: Path, tmp_path: Path) -> None:
    form = ("--format", "electionguard-2.1", "--out", tmp_path / "draft")
    refused(evote("record", "export", record, *form), 2, "has the group electionguard-4096 only")
    assert not (tmp_path / "draft").exists()

"""Broken and hostile 2.0 records: every one gets a named finding, and none crashes the verifier."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from evote.errors import StorageError
from evote.interop import Request, recognise
from evote.interop.electionguard2.layout import Layout
from evote.interop.electionguard2.profile import curve_profile
from evote.record.values import Stage
from evote.report import Report, Status, Verdict
from tests.interop.kit2 import maker, unchecked, verified
from tests.interop.writer2 import DEVICE, Deviation, Maker

FILES = (
    "constants.json",
    "election_config.json",
    "election_initialized.json",
    "manifest.json",
    "encrypted_tally.json",
    "tally.json",
    f"encrypted_ballots/{DEVICE}/eballot-b0.json",
    f"encrypted_ballots/{DEVICE}/ballot_chain.json",
    "challenged_ballots/dballot-b1.json",
)
PARAMETERS = ("1.", "2.", "3.", "4.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An honest record with a chain."""
    return maker(chained=True).write(tmp_path)


def failed_at_form(report: Report, name: str) -> None:
    """F.1 names the file, and nothing that could not be looked at passes."""
    assert report.verdict is Verdict.FAIL
    assert "F.1" in report.failed
    assert any(finding.where.startswith(name) for finding in report.check("F.1").findings)


TEXTS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda raw: b"",
    "truncated": lambda raw: raw[: len(raw) // 2],
    "one byte short": lambda raw: raw.rstrip()[:-1],
    "something after it": lambda raw: raw + b"{}",
    "not UTF-8": lambda raw: raw.replace(b'"', b'"\xff', 1),
    "a byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "a list": lambda raw: b"[]",
    "null": lambda raw: b"null",
    "a number": lambda raw: b"1",
    "deep nesting": lambda raw: b"[" * 100_000 + b"]" * 100_000,
    "deep objects": lambda raw: b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "NaN": lambda raw: b"NaN",
    "no member": lambda raw: b"{}",
    "unknown member": lambda raw: b'{"surprise": 1, ' + raw.lstrip()[1:],
}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", ("constants.json", FILES[6], "tally.json"))
def test_a_file_of_another_form_is_a_finding(folder: Path, name: str, text: str) -> None:
    if name == "constants.json" and text == "unknown member":
        text = "no member"
    path = folder / name
    path.write_bytes(TEXTS[text](path.read_bytes()))
    failed_at_form(verified(folder), name)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_a_finding(folder: Path, name: str) -> None:
    (folder / name).unlink()
    report = verified(folder)
    assert report.verdict is Verdict.FAIL
    if name.startswith("challenged"):
        assert report.failed == ("F.6",)
    elif name.startswith("encrypted_ballots") and "eballot" in name:
        assert {"7.E", "8.A", "8.B", "F.4"} == set(report.failed)
    else:
        failed_at_form(report, name)
        assert report.failed == ("F.1",)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_a_finding_and_what_needs_it_is_not_checked(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes()[:-20])
    report = verified(folder)
    failed_at_form(report, name)
    # The manifest's raw bytes are hashed, whether or not they say anything.
    covered = {"1.G", "1.H", "4.A"} if name == "manifest.json" else set()
    assert set(report.failed) == {"F.1"} | covered
    assert unchecked(report)
    assert all(unchecked(report).values())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"timestamp": ', '"timestamp": 1, "timestamp": '),
        ('"timestamp": ', '"timestamp": 0.5, "x": '),
        ('"timestamp": 1700000000', '"timestamp": 1.7e9'),
        ('"timestamp": 1700000000', '"timestamp": ' + "9" * 5000),
        ('"timestamp": 1700000000', '"timestamp": -1'),
        ('"timestamp": 1700000000', '"timestamp": "1700000000"'),
        ('"state": "CAST"', '"state": "UNKNOWN"'),
        ('"state": "CAST"', '"state": "SPOILED"'),
        ('"is_preencrypt": false', '"is_preencrypt": 0'),
        ('"ballot_id": "b0"', '"ballot_id": "\\ud800"'),
        ('"ballot_id": "b0"', '"ballot_id": "' + "b" * 300 + '"'),
        ('"contests": [', '"contests": {}, "more": ['),
        ('"pad": "', '"pad": "*'),
        ('"pad": "', '"pad": " '),
        ('"challenge": "', '"challenge": "é'),
        ('"contest_hash": "', '"contest_hash": "AAAA'),
        ('"code_baux": "', '"code_baux": "0'),
        ('"code_baux": "', '"code_baux": "zz'),
        ('"sequence_order": 1', '"sequence_order": 2147483648'),
        ('"numBytes": 64', '"numBytes": 99999999'),
    ],
)
def test_hostile_json_in_a_ballot_is_a_finding(folder: Path, old: str, new: str) -> None:
    path = folder / FILES[6]
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("utf-8"))
    report = verified(folder)
    failed_at_form(report, FILES[6])
    assert report.failed == ("F.1",)
    assert {"8.A", "F.4", "7.E"} <= set(unchecked(report))


def test_base_64_with_stray_bits_is_another_form(folder: Path) -> None:
    path = folder / FILES[6]
    ballot = json.loads(path.read_text(encoding="utf-8"))
    code = ballot["confirmation_code"]
    assert code.endswith("=")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    ballot["confirmation_code"] = code[:-2] + alphabet[alphabet.index(code[-2]) | 1] + "="
    path.write_text(json.dumps(ballot), encoding="utf-8")
    failed_at_form(verified(folder), FILES[6])


def test_members_in_another_order_and_other_white_space_change_nothing(folder: Path) -> None:
    for path in folder.rglob("*.json"):
        if path.name != "manifest.json":
            value = json.loads(path.read_text(encoding="utf-8"))
            path.write_text(json.dumps(value, sort_keys=True), encoding="utf-8")
    assert verified(folder).verdict is Verdict.PASS


def test_the_manifest_is_hashed_as_it_is_stored(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes() + b" ")
    failed = set(verified(folder).failed)
    assert {"1.G", "1.H", "4.A"} <= failed


@pytest.mark.parametrize("order", ([1, 0], [0]))
def test_contests_that_are_reordered_or_left_out_are_a_finding(tmp_path: Path, order: list[int]) -> None:
    made = maker()
    name = made.ballot_path(0)
    contests = made.record[name]["contests"]
    made.record[name]["contests"] = [contests[place] for place in order]
    report = verified(made.write(tmp_path))
    assert "F.3" in report.failed


def test_reordered_options_are_a_finding(tmp_path: Path) -> None:
    made = maker()
    made.record[made.ballot_path(0)]["contests"][0]["selections"].reverse()
    assert "F.3" in verified(made.write(tmp_path)).failed


def test_an_option_twice_is_a_finding_and_not_summed(tmp_path: Path) -> None:
    made = maker()
    rows = made.record[made.ballot_path(0)]["contests"][0]["selections"]
    rows[1] = rows[0]
    report = verified(made.write(tmp_path))
    assert "F.3" in report.failed
    assert "8.A" in unchecked(report) or "8.A" in report.failed


@pytest.mark.parametrize("value", [b"", b"\x00" * 32, b"\xff" * 32, b"\x00" * 31 + b"\x05", b"\x02" * 33])
def test_a_selection_that_is_no_element_fails_membership(tmp_path: Path, value: bytes) -> None:
    made = maker()
    made.record[made.ballot_path(0)]["contests"][0]["selections"][0]["encrypted_vote"]["pad"] = value
    report = verified(made.write(tmp_path))
    assert {"5.A", "6.A"} <= set(report.failed)


@pytest.mark.parametrize(
    "name", ["notes.txt", "eballot-\\..json", "eballot-x.json.bak", "a/b/eballot-x.json"]
)
def test_a_stray_file_among_the_ballots_is_a_finding(folder: Path, name: str) -> None:
    path = folder / "encrypted_ballots" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}", encoding="utf-8")
    assert verified(folder).failed == ("F.1",)


def test_a_name_in_the_record_is_never_a_path(tmp_path: Path) -> None:
    made = maker()
    ballot = made.record[made.ballot_path(1)]
    ballot["ballot_id"] = "x/../../../etc"
    assert "F.6" in verified(made.write(tmp_path)).failed


def test_a_link_among_the_ballots_is_not_followed(folder: Path) -> None:
    path = folder / FILES[6]
    elsewhere = folder.parent / f"{folder.name}-elsewhere.json"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert "F.1" in verified(folder).failed


def test_a_folder_that_is_a_link_is_refused(folder: Path) -> None:
    elsewhere = folder.parent / f"{folder.name}-ballots"
    (folder / "encrypted_ballots").rename(elsewhere)
    (folder / "encrypted_ballots").symlink_to(elsewhere)
    with pytest.raises(StorageError):
        verified(folder)


def test_a_file_of_another_name_at_the_top_is_mentioned(folder: Path) -> None:
    (folder / "readme.txt").write_text("hello", encoding="utf-8")
    report = verified(folder)
    assert report.verdict is Verdict.PASS
    assert any("readme.txt" in warning for warning in report.warnings)


def test_the_private_folder_is_not_read(folder: Path) -> None:
    (folder / "private_data").mkdir()
    (folder / "private_data" / "pballot-1.json").write_text("{", encoding="utf-8")
    assert verified(folder).verdict is Verdict.PASS


def test_a_chain_is_seen_where_the_record_denies_it(tmp_path: Path) -> None:
    made = maker(chained=True)
    made.record["election_config.json"]["chain_confirmation_codes"] = False
    del made.record[f"encrypted_ballots/{DEVICE}/ballot_chain.json"]
    assert verified(made.write(tmp_path)).failed == ("F.10",)


def test_parameters_of_another_group_fail_and_nothing_else_is_checked(tmp_path: Path) -> None:
    folder = maker().write(tmp_path)
    found = recognise(folder)
    assert found is not None
    report = found.verify(Request())
    assert report.failed == ("1.B", "1.D", "1.E") or report.failed == ("1.B", "1.C", "1.D", "1.E")
    assert not [
        each.id for each in report.checks if each.status is Status.PASS and each.id not in ("1.A", "F.1")
    ]


# --- stages and absence ------------------------------------------------------------------------------


def test_a_setup_is_checked_as_far_as_it_goes(tmp_path: Path) -> None:
    made = maker()
    for name in list(made.record):
        if "/" in name or "tally" in name:
            del made.record[name]
    folder = made.write(tmp_path)
    report = verified(folder, Request(stage=Stage.SETUP))
    assert report.verdict is Verdict.PASS
    passed = {each.id[:2] for each in report.checks if each.status is Status.PASS}
    assert set(PARAMETERS) <= passed
    assert verified(folder).verdict is Verdict.FAIL


def test_ballots_so_far_are_checked_without_sums(tmp_path: Path) -> None:
    made = maker(chained=True)
    for name in ("encrypted_tally.json", "tally.json", "challenged_ballots/dballot-b1.json"):
        del made.record[name]
    report = verified(made.write(tmp_path), Request(stage=Stage.VOTING))
    assert report.verdict is Verdict.PASS
    assert report.check("8.A").status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("expected", (False, True))
def test_a_record_without_ballots_is_incomplete_unless_that_is_expected(
    tmp_path: Path, expected: bool
) -> None:
    made = maker()
    for name in list(made.record):
        if "/" in name or "tally" in name:
            del made.record[name]
    folder = made.write(tmp_path)
    (folder / "encrypted_ballots").mkdir()
    report = verified(folder, Request(stage=Stage.VOTING, zero_ballots_expected=expected))
    assert report.verdict is (Verdict.PASS if expected else Verdict.INCOMPLETE)


def test_contest_data_that_is_not_opened_leaves_the_verdict_incomplete(tmp_path: Path) -> None:
    made = maker()
    for contest in made.record["challenged_ballots/dballot-b1.json"]["contests"]:
        contest["decrypted_contest_data"] = None
    report = verified(made.write(tmp_path))
    assert report.verdict is Verdict.INCOMPLETE
    assert set(unchecked(report)) == {"14.A", "14.B", "F.9"}


def test_an_option_on_no_cast_ballot_must_count_zero(tmp_path: Path) -> None:
    made = maker(Deviation(challenged=frozenset(range(3))))
    for name in (made.ballot_path(3),):
        del made.record[name]
    made.record["encrypted_tally.json"]["cast_ballot_ids"] = []
    for contest in made.record["encrypted_tally.json"]["contests"]:
        contest["ballot_count"] = 0
    report = verified(made.write(tmp_path))
    assert report.failed == ("8.A",)
    assert "no cast ballot" in report.check("8.A").findings[0].message


# --- the curve ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def on_curve() -> Maker:
    """A chained record on P-256, made once."""
    return Maker(curve_profile(), chained=True).make()


def test_a_record_on_the_curve_passes(on_curve: Maker, tmp_path: Path) -> None:
    found = recognise(on_curve.write(tmp_path))
    assert found is not None
    report = found.verify(Request())
    assert report.verdict is Verdict.PASS
    assert report.subject.group == "p256"
    assert "no ElectionGuard specification" in report.subject.profile


@pytest.mark.parametrize(
    "point", [b"\x04" + b"\x01" * 32, b"\x02" + b"\xff" * 32, b"\x02" + b"\x00" * 31, b"\x00" * 33]
)
def test_bytes_that_are_no_point_fail_membership(on_curve: Maker, tmp_path: Path, point: bytes) -> None:
    folder = on_curve.write(tmp_path)
    name = on_curve.ballot_path(0)
    ballot = json.loads((folder / name).read_text(encoding="utf-8"))
    pair = ballot["contests"][0]["selections"][0]["encrypted_vote"]
    pair["pad"] = on_curve._text(point)
    (folder / name).write_text(json.dumps(ballot), encoding="utf-8")
    for other in range(1, 4):
        os.unlink(folder / on_curve.ballot_path(other))
    report = verified(folder, Request(stage=Stage.VOTING), curve_profile())
    assert {"5.A", "6.A"} <= set(report.failed)


@pytest.mark.parametrize("layout", list(Layout))
def test_each_layout_reads_only_its_own_bytes(tmp_path: Path, layout: Layout) -> None:
    made = maker(layout=layout)
    other = next(each for each in Layout if each is not layout)
    made.layout = other
    folder = made.write(tmp_path)
    report = verified(folder)
    assert report.verdict is Verdict.FAIL
    assert report.failed == ("F.1",)

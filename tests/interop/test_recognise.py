"""Which records are recognised as those of another system, and how the verifier and the command meet them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

import evote.report
from evote.errors import RefusedError, StorageError
from evote.interop import Request, recognise
from evote.interop.electionguard2.contestdata import buffer_form, holds, row_form
from evote.interop.electionguard2.profile import curve_profile
from evote.interop.electionguard2.values import OpenedData, Proof, Sealed
from evote.report import Verdict, html_page
from evote.verifier import verify_record
from tests.cli.driver import evote as run
from tests.interop.writer2 import Maker


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An honest record on P-256, which every program recognises."""
    return Maker(curve_profile()).make().write(tmp_path_factory.mktemp("foreign"))


@pytest.mark.parametrize("names", [(), ("manifest.json",), ("constants.json",), ("election_config.json",)])
def test_a_folder_without_the_files_of_2_0_is_none_of_its_records(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    for name in names:
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert recognise(tmp_path) is None


def test_a_record_is_recognised_by_names_even_if_its_files_are_broken(tmp_path: Path) -> None:
    for name in ("constants.json", "election_config.json"):
        (tmp_path / name).write_text("{", encoding="utf-8")
    found = recognise(tmp_path)
    assert found is not None
    assert found.verify(Request()).failed == ("F.1",)


def test_nothing_and_a_file_are_not_recognised(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("{}", encoding="utf-8")
    assert recognise(tmp_path / "nothing") is None
    assert recognise(tmp_path / "file") is None


def test_what_is_no_record_at_all_stays_unusable(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        verify_record(tmp_path / "nothing")


def test_the_verifier_reads_a_foreign_record_like_its_own(record: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    report = verify_record(record, progress=lambda *told: seen.append(told))
    assert report.verdict is Verdict.PASS
    assert report.format.startswith("ElectionGuard 2.0")
    assert ("ballots", 4, 4) in seen
    again = verify_record(record, expect=report.subject.fingerprint.upper())
    assert again.check("F.8").count == 1
    assert again.verdict is Verdict.PASS
    assert again.subject.digest == report.subject.digest


def test_an_unexpected_fingerprint_fails(record: Path) -> None:
    assert verify_record(record, expect="ab" * 32).failed == ("F.8",)
    with pytest.raises(ValueError, match="64 hexadecimal"):
        verify_record(record, expect="ab")


def test_batches_are_said_not_to_be_there_and_a_state_is_refused(record: Path, tmp_path: Path) -> None:
    report = verify_record(record, method="batch")
    assert report.verdict is Verdict.PASS
    assert any("no commitments" in warning for warning in report.warnings)
    with pytest.raises(RefusedError, match="keeps no state"):
        verify_record(record, resume=tmp_path / "state")


def test_the_command_ends_with_the_code_of_the_verdict(record: Path) -> None:
    found_by = run("verify", record, "--json", "-")
    assert found_by.code == 0
    found = found_by.value()
    assert isinstance(found, dict)
    assert found["verdict"] == "PASS"
    assert found["subject"]["fingerprint"] == verify_record(record).subject.fingerprint
    wrong = run("verify", record, "--expect", "00" * 32)
    assert wrong.code == 1
    assert "F.8 FAIL" in wrong.out
    assert run("verify", record, "--since", record / "state").code == 2


def test_the_report_has_the_documented_form(record: Path) -> None:
    schema = json.loads((Path(evote.report.__file__).parent / "report.schema.json").read_text("utf-8"))
    report = verify_record(record)
    jsonschema.validate(json.loads(report.to_json()), schema)
    assert report.subject.election == "TestElection"


def test_the_page_says_what_the_numbers_of_2_0_mean(record: Path) -> None:
    page = html_page(verify_record(record))
    assert "Every encrypted selection holds an allowed value" in page
    assert "No ballot occurs twice" not in page
    assert "TestElection" in page


# --- contest data ------------------------------------------------------------------------------------


def opened(over_votes: tuple[int, ...], write_ins: tuple[str, ...], status: str, size: int) -> OpenedData:
    sealed = Sealed(b"", b"", bytes(32), size)
    return OpenedData(over_votes, write_ins, status, sealed, Proof(b"", b""), b"")


@pytest.mark.parametrize(
    ("data", "row", "buffer"),
    [
        (opened((), (), "normal", 32), "0000066e6f726d616c", ""),
        (opened((), (), "null_vote", 32), "0000096e756c6c5f766f7465", "0801"),
        (
            opened((1, 300), ("Ö",), "over_vote", 40),
            "0201ac020102c396096f7665725f766f7465",
            "0802120301ac021a02c396",
        ),
        (opened((-1,), (), "over_vote", 40), "01ffffffff0f00096f7665725f766f7465", "08021205ffffffff0f"),
    ],
)
def test_opened_contest_data_is_compared_in_both_encodings(data: OpenedData, row: str, buffer: str) -> None:
    assert row_form(data).hex() == row
    assert buffer_form(data).hex() == buffer
    size = data.sealed.size
    assert holds(bytes.fromhex(row).ljust(64, b"\0"), data)
    stars = size - len(bytes.fromhex(buffer)) - 2
    filled = bytes.fromhex(buffer) + b"\x22" + bytes([stars]) + b"*" * stars
    assert holds(filled.ljust(64, b"\0"), data)
    assert not holds(filled.replace(b"*", b"+", 1).ljust(64, b"\0"), data)
    assert not holds(filled.ljust(63, b"\0") + b"\1", data)
    assert not holds(bytes.fromhex(row).ljust(size - 1, b"\0") + b"\1", data)


def test_a_long_filling_has_a_longer_length() -> None:
    data = opened((), (), "normal", 203)
    assert holds(b"\x22\xc8\x01" + b"*" * 200, data)
    assert not holds(b"\x22\xc7\x01" + b"*" * 200, data)
    assert holds(b"", opened((), (), "normal", 0))

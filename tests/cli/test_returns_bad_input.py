"""What is wrong with a return has its named verdict and exit code in the commands too."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evote.codec import MAX_MERGED_BYTES, encode
from evote.hashing import sha256
from evote.manifest import ReturnKind, moment_of, seconds_of
from evote.office.returns_audit import Outcome as Outcomes
from evote.office.returns_audit import audit
from evote.office.returns_published import Publication
from evote.record import Stage
from evote.returns import (
    FileKind,
    KeyChange,
    RosterName,
    RosterStatement,
    UnitReturn,
    completeness,
    correct_return,
    merge_returns,
    prove_unit_key,
    sign_return,
    sign_roster,
)
from evote.returns.envelope import seal
from evote.returns.roster import first_name
from evote.returns.signed import ReturnFile
from evote.returns.unitreturn import PlainField
from evote.signing import SigningKey
from evote.testing.boxes import RETURNED, Boxes
from evote.testing.elections import Kit
from evote.testing.randomness import SeededRandomness
from tests.cli.driver import Outcome, evote
from tests.verifier.returns_alone import (
    COUNTS,
    DRAFT,
    ISLAND,
    NORTH,
    OFFICES,
    PAPER,
    boxes,
    correction,
    voted,
)

YEAR = 365 * 24 * 60 * 60
LATE = "2026-07-10T20:00:01Z"


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record whose logs are closed and that has no returns yet."""
    box = voted(boxes())
    return box.kit.write(box.publish(), tmp_path_factory.mktemp("bad") / "record", stage=Stage.VOTING)


def _made(unit: str = PAPER, **changes: Any) -> UnitReturn:
    return dataclasses.replace(boxes().returned(unit, COUNTS[unit]), **changes)


def _signed(made: UnitReturn, who: str | None = None) -> bytes:
    return sign_return(made, boxes().offices.units[who or made.unit])


def _forged() -> bytes:
    return sign_return(_made(), SigningKey.generate(SeededRandomness("a stranger")))


def _foreign() -> bytes:
    draft: dict[str, Any] = DRAFT
    other = Kit.with_board(draft=draft, attended=True, offices=OFFICES, seed="foreign")
    return other.reported(PAPER, COUNTS[PAPER])


def _wrong_unit() -> bytes:
    """The front names the neighbour."""
    opened = _signed(_made())
    content = opened[len(seal(FileKind.RETURN, PAPER, b"")) :]
    return seal(FileKind.RETURN, "Land/South", content)


def _negative() -> bytes:
    box, made = boxes(), encode(_made())
    count = encode(PlainField("yes", 35))
    assert made.count(count) == 1
    statement = made.replace(count, encode(PlainField("yes", 0))[:-1] + b"\xff")
    signature = box.offices.units[PAPER].sign("unit-return", box.election.extended_hash, PAPER, statement)
    return seal(FileKind.RETURN, PAPER, encode(ReturnFile(statement, signature, None)))


def _oversized() -> bytes:
    data = _signed(_made())
    return data[:10] + (2**40).to_bytes(8, "big") + data[18:]


def _half() -> bytes:
    data = _signed(_made())
    return data[: len(data) // 2]


def _late() -> bytes:
    box = boxes()
    first = sha256(_signed(_made()))
    made = dataclasses.replace(
        box.returned(PAPER, COUNTS[PAPER], number=2, previous=first, reason="typed wrongly")
    )
    return correct_return(made, box.offices.units[PAPER], box.offices.units["Land"], LATE)


def _skewed(seconds: int) -> Callable[[], bytes]:
    return lambda: _signed(_made(made_at=moment_of(seconds_of(RETURNED) + seconds)))


BAD: dict[str, tuple[Callable[[], bytes], str, int]] = {
    "forged": (_forged, "forged", 1),
    "foreign election": (_foreign, "foreign-election", 1),
    "wrong unit": (_wrong_unit, "wrong-unit", 1),
    "a neighbour's key": (lambda: _signed(_made(), ISLAND), "neighbours-key", 1),
    "the key of the unit above": (lambda: _signed(_made(), "Land"), "neighbours-key", 1),
    "negative": (_negative, "negative", 1),
    "oversized": (_oversized, "oversized", 1),
    "half-written": (_half, "partial", 3),
    "empty": (lambda: b"", "partial", 3),
    "late-corrected": (_late, "late-correction", 1),
    "a clock a year behind": (_skewed(-YEAR), "clock-skewed", 0),
    "a clock a year ahead": (_skewed(YEAR), "clock-skewed", 0),
    "no return at all": (lambda: b"\xff\xd8 a photograph", "not-a-return", 2),
    "an unknown unit": (
        lambda: sign_return(dataclasses.replace(_made(), unit="Nowhere"), boxes().offices.units[PAPER]),
        "unknown-unit",
        3,
    ),
    "the wrong kind": (lambda: _signed(dataclasses.replace(_made(), unit=NORTH)), "wrong-kind", 1),
}


def _check(record: Path, *files: Path) -> Outcome:
    return evote("returns", "check", *files, "--record", record)


def _merge(record: Path, tmp_path: Path, *files: Path) -> Outcome:
    return evote("returns", "merge", *files, "--record", record, "--out", tmp_path / "merged")


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_has_its_verdict_and_exit_code_alone_and_among_others(
    name: str, record: Path, tmp_path: Path
) -> None:
    make, verdict, code = BAD[name]
    file, good = tmp_path / "bad.return", tmp_path / "island.return"
    file.write_bytes(make())
    good.write_bytes(_signed(_made(ISLAND)))
    alone = _check(record, file)
    assert (alone.code, f"bad.return: {verdict}" in alone.out) == (code, True), alone
    together = _merge(record, tmp_path, good, file)
    assert together.code == (3 if code == 0 else code), together  # others are missing all the same
    assert verdict in together.out
    assert "REPORTED    Island" in together.out or "Island  OPEN" in together.out


def _files(tmp_path: Path, *contents: bytes) -> list[Path]:
    files = []
    for number, data in enumerate(contents):
        files.append(tmp_path / f"{number}.return")
        files[-1].write_bytes(data)
    return files


def test_a_stale_return_was_signed_with_a_key_that_is_replaced(record: Path, tmp_path: Path) -> None:
    box: Boxes = boxes()
    key = SigningKey.generate(SeededRandomness("new key"))
    encoded = key.verify_key.encoded
    proof = prove_unit_key(encoded, key, box.manifest.salt, PAPER)
    statement = RosterStatement(
        box.election.extended_hash,
        2,
        first_name(box.election.extended_hash).digest,
        "token lost",
        (KeyChange(PAPER, "ed25519", encoded, proof, ()),),
    )
    old, roster = _files(tmp_path, _signed(_made()), sign_roster(statement, box.offices.authority))
    outcome = _merge(record, tmp_path, old, roster)
    assert outcome.code == 1 and "stale" in outcome.out and "MISSING" in outcome.out
    alone = evote("returns", "check", old, "--roster", roster, "--record", record)
    assert alone.code == 1 and "stale" in alone.out


def test_a_re_signed_statement_is_a_conflict(record: Path, tmp_path: Path) -> None:
    box = boxes()
    one, other = (
        correction(box, PAPER, lambda made: made),
        correct_return(
            box.returned(
                PAPER,
                COUNTS[PAPER],
                number=2,
                previous=sha256(box.reported(PAPER, COUNTS[PAPER])),
                reason="typed wrongly",
            ),
            box.offices.units[PAPER],
            box.offices.units["Land"],
            "2026-07-01T09:00:00Z",
        ),
    )
    outcome = _merge(record, tmp_path, *_files(tmp_path, one, other))
    assert outcome.code == 1 and "re-signed" in outcome.out and "CONFLICT" in outcome.out


def test_two_versions_without_a_link_are_a_conflict_whatever_comes_last(record: Path, tmp_path: Path) -> None:
    first = _signed(_made())
    other = _signed(_made(made_at="2026-06-30T22:30:00Z"))
    for files in ((first, other), (other, first)):
        outcome = _merge(record, tmp_path, *_files(tmp_path, *files))
        assert outcome.code == 1 and "CONFLICT" in outcome.out


def test_everything_bad_together_is_merged_to_the_same_bytes_as_the_good_alone(
    record: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for number, (make, _, _) in enumerate(BAD.values()):
        if make not in (BAD["a clock a year behind"][0], BAD["a clock a year ahead"][0]):
            (folder / f"{number}.return").write_bytes(make())
    (folder / "good.return").write_bytes(_signed(_made()))
    assert _merge(record, tmp_path, folder).code == 1
    merged = (tmp_path / "merged").read_bytes()
    _merge(record, tmp_path, folder / "good.return")
    assert (tmp_path / "merged").read_bytes() == merged


def test_a_source_that_cannot_be_read_is_never_replaced_by_the_merged_file(
    record: Path, tmp_path: Path
) -> None:
    (paper,) = _files(tmp_path, _signed(_made()))
    night = tmp_path / "merged"
    assert _merge(record, tmp_path, paper).code == 3
    torn = night.read_bytes()[:-9]
    night.write_bytes(torn)
    island = tmp_path / "island.return"
    island.write_bytes(_signed(_made(ISLAND)))
    for sources in ((night, island), (tmp_path,)):
        outcome = _merge(record, tmp_path, *sources)
        assert outcome.code == 2 and "not replaced" in outcome.err, outcome
        assert night.read_bytes() == torn


def test_names_of_files_and_units_obey_no_terminal(record: Path, tmp_path: Path) -> None:
    hostile = "\x1b[2J\nREPORTED  Island"
    torn = seal(FileKind.RETURN, hostile, b"nothing at all")[:-3]
    file = tmp_path / "a\x1b[31m\nb.return"
    file.write_bytes(torn)
    for outcome in (_merge(record, tmp_path, file), _check(record, file)):
        assert outcome.code == 3
        assert "\x1b" not in outcome.out and "\nb.return" not in outcome.out
        assert "\nREPORTED  Island" not in outcome.out
    assert "\\x1b" in _merge(record, tmp_path, file).out


def test_a_stick_with_films_and_folders_that_nobody_may_read_is_merged(
    record: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "paper.return").write_bytes(_signed(_made()))
    for name in ("film.mp4", "film.return"):
        with (stick / name).open("wb") as stream:
            stream.truncate(MAX_MERGED_BYTES + 1)  # has no bytes on the disk
    outcome = _merge(record, tmp_path, stick)
    assert outcome.code == 2 and "film.return" in outcome.out and "film.mp4" not in outcome.out
    assert "1 of 4 units" in outcome.out

    walk = os.walk

    def denied(folder: Path, onerror: Any) -> Any:
        for name in ("lost+found", "more"):
            onerror(PermissionError(13, "Permission denied", str(folder / name)))
        return walk(folder)

    (stick / "film.return").unlink()
    monkeypatch.setattr(os, "walk", denied)
    outcome = _merge(record, tmp_path, stick)
    assert outcome.code == 3 and "stick/more" in outcome.out and "lost+found" not in outcome.out


def test_what_was_sent_under_a_roster_that_is_not_published_is_named_in_the_audit() -> None:
    box: Boxes = boxes()
    waits = _made(roster=RosterName(2, bytes(31) + b"\x02"))
    merged, _ = merge_returns(box.election, [("counted", _signed(_made()))])
    rows = audit(Publication(merged, completeness(merged), b""), [("sent", _signed(waits))])
    found = {row.outcome: row for row in rows}
    assert found[Outcomes.WAITING].name == "sent" and found[Outcomes.WAITING].outcome.exit_code == 3


def test_what_is_published_in_a_conflict_is_not_what_was_sent() -> None:
    box: Boxes = boxes()
    one, other = _signed(_made()), _signed(_made(made_at="2026-06-30T22:30:00Z"))
    merged, _ = merge_returns(box.election, [("one", one), ("other", other)])
    (row,) = audit(Publication(merged, completeness(merged), b""), [("sent", one)])
    assert row.outcome is Outcomes.CONFLICT and row.outcome.exit_code == 1


def test_kinds_are_fixed_before_voting() -> None:
    assert OFFICES[PAPER] is ReturnKind.OPEN and OFFICES[NORTH] is ReturnKind.BALLOTS

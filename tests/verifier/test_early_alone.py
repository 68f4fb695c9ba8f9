"""E.60 to E.69: records that were published early and are wrong in one place fail there and nowhere else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evote.board.checkpoint import Checkpoint, sign_checkpoint
from evote.board.cosignature import cosign
from evote.codec import encode
from evote.decryption import RequestEntry, RequestFrame, RequestFrameKind, RequestLog
from evote.decryption.requestlog import stored
from evote.record import Stage
from evote.record.provisional import (
    ProvisionalResult,
    frame_digest,
    open_provisional,
    seal_provisional,
)
from evote.report import Report, Status, Verdict
from evote.signing import SigningKey
from evote.tally import ClosingHead, TalliedCell, UnitClosing, WithheldCell
from evote.testing.randomness import SeededRandomness
from evote.verifier.checks.e60_provisional import PROVISIONAL
from evote.verifier.checks.e67_requests import REQUESTS
from tests.guardian.early import DRAFT, WITNESS, Early, request_key, with_requests, witness_key
from tests.guardian.test_early import findings, voted

STRANGER = SigningKey.generate(SeededRandomness("somebody else"))


def _base(root: Path, draft: Any) -> Early:
    here = voted(root, draft, guardians=3)
    here.close("W")
    here.provisional()
    here.close("X")
    here.provisional((2, 3))
    return here


@pytest.fixture(scope="module")
def _plain(tmp_path_factory: pytest.TempPathFactory) -> Early:
    return _base(tmp_path_factory.mktemp("plain") / "here", DRAFT)


@pytest.fixture(scope="module")
def _logged(tmp_path_factory: pytest.TempPathFactory) -> Early:
    return _base(tmp_path_factory.mktemp("logged") / "here", with_requests())


def copy(base: Early, root: Path) -> Early:
    fresh = object.__new__(Early)
    fresh.__dict__.update(base.__dict__)
    fresh.root = root
    shutil.copytree(base.root, root)
    return fresh


@pytest.fixture
def plain(_plain: Early, tmp_path: Path) -> Early:
    return copy(_plain, tmp_path / "plain")


@pytest.fixture
def logged(_logged: Early, tmp_path: Path) -> Early:
    return copy(_logged, tmp_path / "logged")


# --- writing other files ---------------------------------------------------------------------------


def results(here: Early) -> list[ProvisionalResult]:
    return [open_provisional(sealed, here.reader.element_bytes) for _, _, sealed in here.reader.provisional()]  # type: ignore[arg-type]


def put(here: Early, made: Sequence[ProvisionalResult], signer: SigningKey | None = None) -> None:
    """Write these publications as a chain, and seal the record anew."""
    folder = here.root / "record" / "provisional"
    shutil.rmtree(folder)
    last = b""
    with here.writer.provisional() as frames:
        for number, result in enumerate(made, 1):
            linked = replace(result, sequence=number, previous=frame_digest(last) if last else None)
            last = frames.append(seal_provisional(linked, signer or here.kit.authority))
    seal(here)


def seal(here: Early) -> None:
    shutil.rmtree(here.root / "record" / "index")
    here.writer.seal(Stage.VOTING, here.now(), here.kit.authority)


def entries(here: Early) -> list[RequestEntry]:
    declared = here.kit.manifest.requests
    assert declared is not None
    log = RequestLog(declared, here.kit.election.extended_hash)
    for _, _, frame in here.reader.requests():
        if frame.kind is RequestFrameKind.ENTRY:  # type: ignore[union-attr]
            log.add(frame.body)  # type: ignore[union-attr]
    return log.entries


def put_log(here: Early, made: Sequence[RequestEntry], *, cosigned: bool = True) -> None:
    """Write a log of these entries under one head."""
    declared = here.kit.manifest.requests
    assert declared is not None
    log = RequestLog(declared, here.kit.election.extended_hash)
    shutil.rmtree(here.root / "record" / "requests")
    with here.writer.requests() as frames:
        for entry in made:
            frames.append(RequestFrame(RequestFrameKind.ENTRY, stored(entry)))
            log.add(stored(entry))
        head = Checkpoint.of_tree(declared.log.origin, log.tree)
        note = sign_checkpoint(head, request_key())
        if cosigned:
            note = note.having(cosign(head, WITNESS, witness_key(), 1_900_000_000))
        frames.append(RequestFrame(RequestFrameKind.HEAD, note.encode()))
    seal(here)


def verified(here: Early) -> Report:
    return here.verify(Stage.VOTING)


def changed(cell: TalliedCell) -> TalliedCell:
    """The cell with other sums: those of its first option, doubled."""
    first, *rest = cell.fields
    return replace(cell, fields=(replace(rest[0], option=first.option) if rest else first, *rest))


# --- each check alone ------------------------------------------------------------------------------


def test_the_records_that_every_case_starts_from_pass(plain: Early, logged: Early) -> None:
    for here in (plain, logged):
        put(here, results(here))
        report = verified(here)
        assert report.verdict is Verdict.PASS, findings(report)
    assert all(report.check(identifier).status is Status.PASS for identifier in (*PROVISIONAL, *REQUESTS))


Case = Callable[[Early], None]
CASES: dict[str, tuple[str, bool, Case]] = {}


def case(check: str, *, log: bool = False) -> Callable[[Case], Case]:
    def enter(make: Case) -> Case:
        CASES[make.__name__] = check, log, make
        return make

    return enter


@case("E.60")
def a_publication_that_somebody_else_signed(here: Early) -> None:
    put(here, results(here), STRANGER)


@case("E.60")
def a_publication_that_does_not_name_the_one_before(here: Early) -> None:
    made = results(here)
    shutil.rmtree(here.root / "record" / "provisional")
    with here.writer.provisional() as frames:
        frames.append(seal_provisional(made[0], here.kit.authority))
        frames.append(seal_provisional(replace(made[1], previous=bytes(32)), here.kit.authority))
    seal(here)


@case("E.61")
def a_unit_that_was_closed_with_other_ballots(here: Early) -> None:
    with here.writer.closings() as frames:
        frames.append(UnitClosing("Y", ClosingHead(1, bytes(32)), None, ""))
    seal(here)


@case("E.61")
def a_closing_without_a_link(here: Early) -> None:
    with here.writer.closings() as frames:
        frames.append(UnitClosing("X", ClosingHead(1, bytes(32)), None, ""))
    seal(here)


@case("E.61")
def a_discrepancy_that_is_not_published(here: Early) -> None:
    made = results(here)
    with here.writer.closings() as frames:
        frames.append(UnitClosing("W", ClosingHead(1, bytes(32)), made[0].units[0].head, "a box was found"))
    put(here, [*made, replace(made[1], closings=3)])


@case("E.62")
def a_publication_from_before_the_one_that_it_follows(here: Early) -> None:
    first, second = results(here)
    put(here, [replace(first, date="2026-07-30T20:00:00Z"), second])


@case("E.63")
def sums_of_other_ballots(here: Early) -> None:
    first, second = results(here)
    tally = tuple(changed(cell) if cell.cell == "X" else cell for cell in second.tally)
    sums = {(cell.contest, cell.cell): cell for cell in tally}
    cells = tuple(
        here.kit.decrypt_cell(sums[cell.contest, cell.cell]) if cell.cell == "X" else cell
        for cell in second.cells
    )
    put(here, [first, replace(second, tally=tally, cells=cells)])


@case("E.64")
def a_count_that_was_not_decrypted(here: Early) -> None:
    first, second = results(here)
    *others, last = second.cells
    field = replace(last.fields[0], count=last.fields[0].count + 1)
    put(here, [first, replace(second, cells=(*others, replace(last, fields=(field, *last.fields[1:]))))])


@case("E.65")
def a_cell_that_was_decrypted_again(here: Early) -> None:
    first, second = results(here)
    sums = {(cell.contest, cell.cell): cell for cell in second.tally}
    again = here.kit.decrypt_cell(sums["Mayor", "W"])
    assert again != first.cells[0] and again.fields[0].count == first.cells[0].fields[0].count
    put(here, [first, replace(second, cells=(again, *second.cells[1:]))])


@case("E.66")
def a_cell_that_is_withheld_without_reason(here: Early) -> None:
    first, second = results(here)
    cells = tuple(cell for cell in second.cells if cell.cell != "X")
    put(here, [first, replace(second, cells=cells, withheld=(WithheldCell("Mayor", "X", "we do not say"),))])


@case("E.67", log=True)
def a_log_of_requests_that_no_witness_cosigned(here: Early) -> None:
    put_log(here, entries(here), cosigned=False)


@case("E.67", log=True)
def a_log_of_requests_without_a_head_at_its_end(here: Early) -> None:
    with here.writer.requests() as frames:
        frames.append(RequestFrame(RequestFrameKind.ENTRY, stored(entries(here)[0])))
    seal(here)


@case("E.67", log=True)
def a_frame_that_is_no_request(here: Early) -> None:
    with here.writer.requests() as frames:
        frames.append(RequestFrame(RequestFrameKind.ENTRY, b"\x00"))
    seal(here)


@case("E.68", log=True)
def two_requests_for_other_ballots_of_one_unit(here: Early) -> None:
    made = entries(here)
    (unit,) = made[0].units
    other = replace(made[0], session=3, units=(replace(unit, head=ClosingHead(1, bytes(32))),))
    put_log(here, [*made, other])


@case("E.69", log=True)
def a_cell_that_nobody_requested(here: Early) -> None:
    put_log(here, entries(here)[:1])


@pytest.mark.parametrize("name", CASES)
def test_a_record_that_is_wrong_in_one_place_fails_exactly_there(
    name: str, request: pytest.FixtureRequest
) -> None:
    check, log, make = CASES[name]
    here = request.getfixturevalue("logged" if log else "plain")
    make(here)
    report = verified(here)
    assert report.failed == (check,), findings(report)
    assert report.verdict is Verdict.FAIL


def test_every_check_of_early_results_has_its_case() -> None:
    assert {check for check, _, _ in CASES.values()} == {*PROVISIONAL, *REQUESTS}


def test_bytes_that_are_no_publication_are_e60s_and_the_rest_is_not_checked(plain: Early) -> None:
    made = [encode(sealed) for _, _, sealed in plain.reader.provisional()]
    assert len(made) == 2
    sealed = seal_provisional(results(plain)[0], plain.kit.authority)
    with plain.writer.provisional() as frames:
        frames.append(replace(sealed, result=sealed.result[:-1]))
    seal(plain)
    report = verified(plain)
    assert report.failed == ("E.60",), findings(report)
    assert report.check("E.64").status is Status.NOT_CHECKED


def test_a_record_that_lacks_its_declared_log_of_requests_fails(logged: Early) -> None:
    shutil.rmtree(logged.root / "record" / "requests")
    seal(logged)
    report = verified(logged)
    assert report.failed == ("E.15",), findings(report)
    assert report.check("E.69").status is Status.NOT_CHECKED


def test_a_log_of_requests_that_nobody_declared_is_a_finding(plain: Early) -> None:
    with plain.writer.requests() as frames:
        frames.append(RequestFrame(RequestFrameKind.ENTRY, b"\x00"))
    seal(plain)
    report = verified(plain)
    assert report.failed == ("E.16",), findings(report)
    assert report.check("E.67").status is Status.NOT_APPLICABLE


def test_the_final_record_has_what_was_published(plain: Early) -> None:
    plain.end()
    assert plain.verify().verdict is Verdict.PASS
    made = plain.reader.decryption()
    tally = {(cell.contest, cell.cell): cell for cell in plain.reader.tally().cells}
    again = plain.kit.decrypt_cell(tally["Mayor", "W"])
    cells = tuple(again if (cell.contest, cell.cell) == ("Mayor", "W") else cell for cell in made.cells)
    for name in ("decryption.msgpack", "index"):
        path = plain.root / "record" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    plain.writer.put_decryption(replace(made, cells=cells))
    head = plain.kit.head(plain.kit.submitted)
    plain.writer.seal(Stage.FINAL, plain.now(), plain.kit.authority, head)
    report = plain.verify()
    assert report.failed == ("E.65",), findings(report)

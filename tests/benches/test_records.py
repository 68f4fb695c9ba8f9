"""Records for measuring: whole, distinct, of the seed's votes, and the same whoever made them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from evote.ballots.hints import BallotHint
from evote.bench import records
from evote.bench.records import Made, MakeTask, make_chunk, make_record
from evote.bench.shape import Shape
from evote.bench.votes import Votes
from evote.errors import RefusedError, WorkerError
from evote.record import RecordReader
from evote.testing.groups import toy
from evote.verifier.verify import verify_reader

SHAPE = Shape(options=4, selection_limit=2)
DATE = "2026-01-01T00:00:00Z"


def made(folder: Path, ballots: int = 6, seed: int = 3, **options: object) -> RecordReader:
    make_record(folder, group=toy(), shape=SHAPE, ballots=ballots, seed=seed, date=DATE, **options)  # type: ignore[arg-type]
    return RecordReader(folder, {toy().name: toy()})


def frames(reader: RecordReader) -> list[bytes]:
    return [frame for _, frame, _ in reader.ballots()]


def test_a_made_record_verifies_and_has_the_votes_of_its_seed(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    reader = made(tmp_path / "r", progress=lambda *step: told.append(step))
    report = verify_reader(reader)
    assert tuple(report.failed) == ()
    assert (report.counts["cast"], told[-1]) == (6, ("ballots", 6, 6))
    assert "Benchmark record: 6 ballots, 4 options, seed 3" in reader.manifest().label
    totals = [field.count for cell in reader.decryption().cells for field in cell.fields]
    assert totals == Votes(SHAPE, 3).totals(6)


def test_every_ballot_has_its_own_hint(tmp_path: Path) -> None:
    reader = made(tmp_path / "r")
    hints = list(reader.hints(limit=10**6, warn=lambda text: pytest.fail(text)))
    identifiers = [hint.identifier for hint in hints if isinstance(hint, BallotHint)]
    assert identifiers == [ballot.ballot.identifier for _, _, ballot in reader.ballots()]  # type: ignore[union-attr]


def test_one_seed_gives_equal_votes_and_no_equal_ciphertext(tmp_path: Path) -> None:
    one, other = made(tmp_path / "one"), made(tmp_path / "other")
    assert one.decryption().cells[0].fields[0].power != other.decryption().cells[0].fields[0].power
    for ours, theirs in zip(
        one.decryption().cells[0].fields, other.decryption().cells[0].fields, strict=True
    ):
        assert ours.count == theirs.count
    assert not set(frames(one)) & set(frames(other))
    assert one.manifest().salt != other.manifest().salt


def test_workers_make_the_ballots_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "CHUNK_SELECTIONS", 2 * SHAPE.options)
    with ThreadPoolExecutor(3) as executor:
        reader = made(tmp_path / "r", 7, executor=executor)
    assert len(set(frames(reader))) == 7
    assert tuple(verify_reader(reader).failed) == ()


def spoilt(task: MakeTask) -> Made:
    """A worker whose frames are not those that it added up."""
    answer = make_chunk(task)
    other = make_chunk(task)
    return replace(answer, frames=other.frames)


def lazy(task: MakeTask) -> Made:
    """A worker that leaves a ballot out."""
    return make_chunk(replace(task, end=task.end - 1))


@pytest.mark.parametrize("worker", [spoilt, lazy])
def test_a_worker_that_answers_for_other_ballots_ends_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worker: object
) -> None:
    monkeypatch.setattr(records, "make_chunk", worker)
    with pytest.raises(WorkerError, match="other ballots than 0 to 5"):
        made(tmp_path / "r")


def test_what_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one ballot"):
        made(tmp_path / "none", 0)
    with pytest.raises(ValueError, match="a seed is"):
        made(tmp_path / "none", 1, -1)
    assert not (tmp_path / "none").exists()
    made(tmp_path / "there", 1)
    with pytest.raises(RefusedError, match="not empty"):
        made(tmp_path / "there", 1)

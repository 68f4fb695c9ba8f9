"""The report does not depend on who worked, in how many parts, by which method, and with what hints."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from evote.ballots import Examination, VerifiedBallot, verified_of
from evote.codec import decode, encode
from evote.errors import StorageError, WorkerError
from evote.groups import standard_group
from evote.hashing import sha256
from evote.pool import Answer, processes
from evote.record import RecordReader, Stage, layout
from evote.record.segments import frame_bytes
from evote.report import Status, Verdict
from evote.verifier import verify_record
from evote.verifier.chunk import ChunkResult, ChunkTask, chunk_ballots
from evote.verifier.examining import Derived, chunk_seed
from evote.verifier.join import JoinTask, check_joined
from evote.verifier.look import check_chunk, look_at
from evote.verifier.method import Method, Way
from evote.verifier.plan import Options
from evote.verifier.setting import ElectionData
from evote.verifier.verify import _verify
from tests.verifier.alone import DRAFTS, ceremony, honest
from tests.verifier.ways import GROUPS, cases, hinted, long, said, some_hint, verify

CASES = cases()

WAYS = {
    "one by one": Options(chunk=1),
    "by three, plain": Options(Method(Way.PLAIN), chunk=3),
    "by three, in batches": Options(Method(Way.BATCH), chunk=3),
    "all at once, reproducible": Options(Method(Way.AUTO, reproducible=True), chunk=1000),
}


@pytest.mark.parametrize(("number", "name"), list(enumerate(CASES)))
def test_every_way_says_the_same(number: int, name: str, tmp_path: Path) -> None:
    draft, make = CASES[name]
    kit = ceremony(draft)
    directory = kit.write(make(kit), tmp_path / "record")
    wanted = said(verify(directory))
    hinted(directory)
    ways = list(WAYS)
    for way in (ways[number % len(ways)], ways[(number // len(ways) + number + 1) % len(ways)]):
        assert said(verify(directory, WAYS[way])) == wanted, way


@pytest.mark.parametrize("draft", DRAFTS)
def test_an_honest_record_passes_in_every_way(draft: str, tmp_path: Path) -> None:
    kit = ceremony(draft)
    directory = kit.write(honest(kit), tmp_path / "record")
    wanted = said(verify(directory))
    hinted(directory)
    assert all(said(verify(directory, options)) == wanted for options in WAYS.values())
    with ThreadPoolExecutor(3) as threads:
        assert said(verify(directory, Options(chunk=2, executor=threads))) == wanted


@pytest.fixture(scope="module")
def workers() -> Iterator[Executor]:
    with processes(2) as executor:
        assert executor is not None
        yield executor


@pytest.mark.parametrize("name", ["honest: opened", "two ballots with one identifier"])
def test_processes_say_the_same(name: str, workers: Executor, tmp_path: Path) -> None:
    draft, make = CASES[name]
    kit = ceremony(draft)
    directory = hinted(kit.write(make(kit), tmp_path / "record"))
    wanted = said(verify(directory))
    for chunk in (1, 3):
        assert said(verify(directory, Options(chunk=chunk, executor=workers, ahead=3))) == wanted


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty ballots with hints."""
    kit = long(ceremony("small"))
    return hinted(kit.write(kit.publish(), tmp_path_factory.mktemp("long") / "record"))


def copied(record: Path, tmp_path: Path) -> Path:
    """The record, to be changed."""
    for path in record.rglob("*"):
        if path.is_file():
            target = tmp_path / "copy" / path.relative_to(record)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return tmp_path / "copy"


def test_the_report_says_how_the_ballots_were_examined(record: Path) -> None:
    fast = verify(record).work
    assert fast is not None and (fast.method, fast.kernel, fast.batched) == ("auto", "gmpy2", 40)
    assert (fast.plain, fast.weights, fast.reused) == (0, "fresh from the system, 128 bits", 0)
    plain = verify(record, Options(Method(Way.PLAIN))).work
    assert plain is not None and (plain.batched, plain.plain, plain.weights, plain.bound) == (0, 40, "", "")
    again = verify(record, Options(Method(Way.BATCH, reproducible=True))).work
    assert again is not None and again.batched + again.plain == 40
    assert "256 bits" in again.weights and again.bound.startswith("2^(k-255)")
    assert standard_group().admission_error(256, by_subsets=False) == Fraction(1, 2**255)


def test_a_record_without_hints_is_checked_plainly_and_batch_says_so(record: Path, tmp_path: Path) -> None:
    directory = copied(record, tmp_path)
    for path in (directory / layout.HINTS).iterdir():
        path.unlink()
    report = verify(directory, Options(Method(Way.BATCH)))
    assert report.verdict is Verdict.PASS and report.work is not None and report.work.batched == 0
    assert any("no hints" in sentence for sentence in report.warnings)
    assert not any("hints" in sentence for sentence in verify(directory).warnings)


def _torn(path: Path, _: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def _noise(path: Path, _: Path) -> None:
    path.write_bytes(os.urandom(5000))


def _link(path: Path, record: Path) -> None:
    path.unlink()
    path.symlink_to(record / layout.MANIFEST)


def _empty(path: Path, _: Path) -> None:
    path.write_bytes(b"")


def _other(path: Path, record: Path) -> None:
    path.write_bytes(b"".join(frame_bytes(some_hint(record, 5).encode()) for _ in range(3)))


@pytest.mark.parametrize("damage", [_torn, _noise, _link, _empty, _other])
def test_whatever_is_wrong_with_hints_is_a_warning(
    damage: Callable[[Path, Path], None], record: Path, tmp_path: Path
) -> None:
    directory = copied(record, tmp_path)
    damage(directory / layout.HINTS / "000001.seg", directory)
    wanted = verify(record, Options(Method(Way.PLAIN)))
    report = verify(directory, Options(chunk=10))
    if damage is _link:  # a link has no place in a record, whatever it is called
        assert report.failed == ("E.10",)
        return
    assert said(report) == said(wanted)
    assert any("hint" in sentence for sentence in report.warnings)


def test_hints_behind_the_last_ballot_are_not_even_looked_at(
    record: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = copied(record, tmp_path)
    last = sorted((directory / layout.HINTS).iterdir())[-1]
    with last.open("ab") as file:
        file.write(frame_bytes(b"\x00") * 50_000)
    tasks: list[ChunkTask] = []

    def keeping(task: ChunkTask, **options: Any) -> ChunkResult:
        tasks.append(task)
        return look_at(task, **options)

    monkeypatch.setattr("evote.verifier.plan.look_at", keeping)
    report = verify(directory, Options(chunk=7))
    assert said(report) == said(verify(record)) and report.work is not None
    assert report.work.batched == verify(record, Options(chunk=7)).work.batched  # type: ignore[union-attr]
    assert [task.hints.frames for task in tasks[:6] if task.hints is not None] == [7, 7, 7, 7, 7, 5]


@pytest.mark.parametrize("way", [Way.PLAIN, Way.BATCH])
def test_progress_is_told_from_the_first_ballot_to_the_last_in_every_way(way: Way, record: Path) -> None:
    told: list[tuple[int, int]] = []

    def tell(what: str, done: int, total: int) -> None:
        if what == "ballots":
            told.append((done, total))

    _verify(RecordReader(record, GROUPS), progress=tell, options=Options(Method(way), chunk=15))
    assert told[0] == (0, 40) and told[-1] == (40, 40) and {(15, 40), (30, 40)} < set(told)
    assert told == sorted(told)


def test_sentences_about_hints_are_bounded(tmp_path: Path) -> None:
    kit = long(ceremony("small"), 28)
    directory = kit.write(kit.publish(), tmp_path / "record")
    wrong = some_hint(directory, 0).encode()
    hinted(directory, dict.fromkeys(range(1, 28), wrong))
    warned = [sentence for sentence in verify(directory, Options(chunk=7)).warnings if "hint" in sentence]
    assert 20 < len(warned) <= 22 and "more sentences" in warned[-1]


# --- who works ---------------------------------------------------------------------------------------


class Odd(Executor):
    """Works here, and changes some answers."""

    def __init__(self, change: Callable[[int, ChunkResult], Any]) -> None:
        self._change = change

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            answer = function(*args, **kwargs)
            if isinstance(answer.result, ChunkResult):
                answer = self._change(answer.number, answer.result)
            future.set_result(answer)
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)
        return future


def _other_bytes(number: int, result: ChunkResult) -> Answer[ChunkResult]:
    first, *rest = result.pieces
    return Answer(number, replace(result, pieces=(replace(first, digest=sha256(b"")), *rest)))


def _same_again(number: int, result: ChunkResult) -> Answer[ChunkResult]:
    return Answer(number, _same_again.held.setdefault("first", result))  # type: ignore[attr-defined]


_same_again.held = {}  # type: ignore[attr-defined]


def _another_number(number: int, result: ChunkResult) -> Answer[ChunkResult]:
    return Answer(number + 1, result)


def _too_few(number: int, result: ChunkResult) -> Answer[ChunkResult]:
    return Answer(number, replace(result, notes=result.notes[:-1]))


def _nothing(number: int, result: ChunkResult) -> Answer[None]:
    return Answer(number, None)


def _wrong_leaves(number: int, result: ChunkResult) -> Answer[ChunkResult]:
    return Answer(number, replace(result, leaves=result.leaves[:-1]))


def _no_sums(number: int, result: ChunkResult) -> Answer[ChunkResult]:
    cells = tuple(
        replace(cell, fields=tuple(replace(one, alpha=bytes(len(one.alpha))) for one in cell.fields))
        for cell in result.cells
    )
    return Answer(number, replace(result, cells=cells))


@pytest.mark.parametrize(
    "change",
    [_other_bytes, _same_again, _another_number, _too_few, _nothing, _wrong_leaves, _no_sums],
)
def test_an_answer_that_is_not_the_one_asked_for_ends_the_run(
    change: Callable[[int, ChunkResult], Any], record: Path
) -> None:
    with pytest.raises(WorkerError):
        verify(record, Options(chunk=10, executor=Odd(change)))


def test_a_worker_that_dies_ends_the_run(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evote.verifier.plan.check_chunk", _die)
    with processes(2) as executor, pytest.raises(WorkerError):
        verify(record, Options(chunk=10, executor=executor))


def _die(task: ChunkTask) -> ChunkResult:
    if task.stretch.number == 2:
        os._exit(9)
    return check_chunk(task)


def test_ballots_that_change_while_workers_read_them_are_never_verified(
    record: Path, tmp_path: Path
) -> None:
    directory = copied(record, tmp_path)
    path = directory / layout.BALLOTS / "000001.seg"

    def change(number: int, result: ChunkResult) -> Answer[ChunkResult]:
        if number == 0:
            data = bytearray(path.read_bytes())
            data[-1] ^= 1
            path.write_bytes(data)
        return Answer(number, result)

    with pytest.raises(StorageError, match="changed while"):
        verify(directory, Options(chunk=10, executor=Odd(change), ahead=1))


@pytest.mark.parametrize("head", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x01"])
def test_a_stretch_whose_frames_are_no_longer_those_surveyed_is_named_as_changed(
    head: bytes, record: Path, tmp_path: Path
) -> None:
    directory = copied(record, tmp_path)
    tasks: list[ChunkTask] = []

    def keeping(task: ChunkTask, **options: Any) -> ChunkResult:
        tasks.append(task)
        return look_at(task, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evote.verifier.plan.look_at", keeping)
        verify(directory, Options(chunk=1))
    piece = tasks[0].stretch.pieces[0]
    path = directory / layout.BALLOTS / piece.segment
    data = path.read_bytes()
    # One frame of one byte, then another of the rest; or a frame that is longer than there is.
    rest = (piece.end - piece.begin - 9).to_bytes(4, "big") if head[-1] == 1 else data[5:9]
    path.write_bytes(head + data[4:5] + rest + data[9:])
    with pytest.raises(StorageError, match="changed while"):
        check_chunk(tasks[0])


def test_a_stretch_has_few_sentences_about_hints_that_are_none(
    record: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evote.verifier.examining.MAX_WARNINGS", 8)
    directory = copied(record, tmp_path)
    for path in (directory / layout.HINTS).iterdir():
        path.unlink()
    (directory / layout.HINTS / "000001.seg").write_bytes(frame_bytes(b"none") * 40)
    held: list[ChunkResult] = []

    def keep(number: int, result: ChunkResult) -> Answer[ChunkResult]:
        held.append(result)
        return Answer(number, result)

    assert verify(directory, Options(chunk=40, executor=Odd(keep))).verdict is verify(record).verdict
    assert [len(result.warnings) for result in held] == [4]


def _flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def _shorter(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [(_flipped, "were changed and"), (_shorter, "cannot be read"), (Path.unlink, "cannot be read")],
)
@pytest.mark.parametrize("reproducible", [False, True])
def test_hints_that_change_under_way_are_a_warning_for_their_stretch_alone(
    change: Callable[[Path], None], sentence: str, reproducible: bool, record: Path, tmp_path: Path
) -> None:
    directory = copied(record, tmp_path)
    last = sorted((directory / layout.HINTS).iterdir())[-1]

    def once(number: int, result: ChunkResult) -> Answer[ChunkResult]:
        if number == 0:
            change(last)
        return Answer(number, result)

    method = Method(Way.BATCH, reproducible=reproducible)
    report = verify(directory, Options(method, chunk=10, executor=Odd(once), ahead=1))
    assert said(report) == said(verify(record, Options(Method(Way.PLAIN))))
    assert report.work is not None and 20 <= report.work.batched <= 30
    (warning,) = [each for each in report.warnings if "hint" in each]
    assert sentence in warning


def test_what_travels_holds_no_ballot_that_a_tally_would_accept(record: Path) -> None:
    seen: list[bytes] = []

    class Pickling(Odd):
        def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            seen.append(pickle.dumps((function, args)))
            name, arguments = pickle.loads(seen[-1])
            return super().submit(name, *arguments)

    def keep(number: int, result: ChunkResult) -> Answer[ChunkResult]:
        seen.append(pickle.dumps(result))
        return Answer(number, pickle.loads(seen[-1]))

    assert verify(record, Options(chunk=10, executor=Pickling(keep))).verdict is Verdict.PASS
    assert len(seen) == 4 + 4 + 4  # tasks, results, and tasks with openings
    for data in seen:
        assert not any(name in data for name in (b"Verified", b"SubmittedBallot", b"Examination", b"Secret"))


def test_a_result_has_one_written_form(record: Path) -> None:
    width = GROUPS[RecordReader(record, GROUPS).parameters().group].element_bytes
    held: list[ChunkResult] = []

    def keep(number: int, result: ChunkResult) -> Answer[ChunkResult]:
        held.append(result)
        return Answer(number, decode(ChunkResult, encode(result), element_bytes=width))

    assert said(verify(record, Options(chunk=9, executor=Odd(keep)))) == said(verify(record))
    assert [decode(ChunkResult, encode(one), element_bytes=width) for one in held] == held


# --- who looks on ------------------------------------------------------------------------------------


def test_an_observer_sees_every_ballot_in_order_and_can_count_it(record: Path) -> None:
    seen: list[Examination] = []
    report = verify(record, Options(chunk=7, observer=seen.append))
    ballots = [value for _, _, value in RecordReader(record, GROUPS).ballots()]
    assert [examination.submitted for examination in seen] == ballots
    cast = [verified_of(one.election, one.submitted, one) for one in seen]
    assert sum(isinstance(ballot, VerifiedBallot) for ballot in cast) == report.counts["cast"]


def test_an_observer_and_workers_exclude_each_other() -> None:
    with ThreadPoolExecutor(1) as executor, pytest.raises(ValueError, match="this process"):
        Options(executor=executor, observer=lambda examination: None)


@pytest.mark.parametrize("options", [{"method": "fast"}, {"kernel": "gpu"}])
def test_an_unknown_method_or_kernel_is_the_callers_mistake(options: dict[str, str], record: Path) -> None:
    with pytest.raises(ValueError):
        verify_record(record, **options)  # type: ignore[arg-type]


# --- stretches and seeds -----------------------------------------------------------------------------


def test_a_stretch_is_a_function_of_the_manifest_and_is_bounded() -> None:
    manifest = ceremony("small").manifest
    assert chunk_ballots(manifest, 512) == chunk_ballots(manifest, 512) == 1000
    assert 1 <= chunk_ballots(manifest, 10**7) < 1000
    assert chunk_ballots(manifest, 10**10) == 1


def test_reproducible_weights_depend_on_every_byte_of_the_stretch(record: Path) -> None:
    tasks: list[ChunkTask] = []

    class Listening(Odd):
        def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            tasks.extend(each for each in args if isinstance(each, ChunkTask))
            return super().submit(function, *args, **kwargs)

    verify(record, Options(chunk=10, executor=Listening(Answer)))
    election = ceremony("small").election
    task = tasks[0]
    seeds = {
        chunk_seed(task, election, b"ballots", b"hints"),
        chunk_seed(task, election, b"ballotshints", b""),
        chunk_seed(task, election, b"Ballots", b"hints"),
        chunk_seed(task, election, b"ballots", b"Hints"),
        chunk_seed(tasks[1], election, b"ballots", b"hints"),
        chunk_seed(task, ceremony("opened").election, b"ballots", b"hints"),
        # H_E covers K and the parameters; each enters by itself all the same (A67).
        chunk_seed(task, replace(election, vote_key=election.data_key), b"ballots", b"hints"),
        chunk_seed(task, replace(election, extended_hash=bytes(32)), b"ballots", b"hints"),
    }
    assert len(seeds) == 8
    assert chunk_seed(task, election, b"ballots", b"hints") in seeds
    source = Derived(sha256(b"seed"))
    drawn = [source.weights().draw() for _ in range(3)]
    again = Derived(sha256(b"seed"))
    assert len(set(drawn)) == 3 and [again.weights().draw() for _ in range(3)] == drawn


def test_a_reproducible_run_draws_nothing_from_the_system(
    record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> bytes:
        raise AssertionError("a random number was drawn")

    monkeypatch.setattr("evote.randomness.os.urandom", never)
    report = verify(record, Options(Method(Way.BATCH, reproducible=True)))
    assert report.check("6.D").status is Status.PASS


def test_only_one_report_is_written_for_the_setup_alone(tmp_path: Path) -> None:
    kit = ceremony("small")
    directory = kit.write(honest(kit), tmp_path / "record", stage=Stage.SETUP)
    assert verify(directory, stage=Stage.SETUP).work is None


def test_openings_are_never_examined_with_other_bytes_than_were_looked_at(record: Path) -> None:
    tasks: list[JoinTask] = []

    class Listening(Odd):
        def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            tasks.extend(each for each in args if isinstance(each, JoinTask))
            return super().submit(function, *args, **kwargs)

    verify(record, Options(chunk=40, executor=Listening(Answer)))
    task = tasks[0]
    assert check_joined(task).found == ()
    one, two = task.items[:2]
    for items in ((replace(one, leaf=bytes(32)),), (replace(one, leaf=two.leaf),)):
        with pytest.raises(StorageError, match="changed while"):
            check_joined(replace(task, items=items))


def test_a_worker_takes_no_other_manifest(record: Path, tmp_path: Path) -> None:
    kit = ceremony("small")
    data = replace(ElectionData.of(kit.election), manifest=sha256(b"another"))
    with pytest.raises(StorageError, match="changed while"):
        data.election(str(record))
    made = replace(ElectionData.of(kit.election), profile="named").election(str(record))
    assert made.extended_hash == kit.election.extended_hash and made is not kit.election

"""An interrupted verification goes on, a growing record is looked at once, and a changed one is refused."""

from __future__ import annotations

import functools
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from evote.ballots.values import SubmittedBallot
from evote.codec import encode
from evote.errors import RefusedError, StorageError
from evote.hashing import sha256
from evote.record import RecordReader, RecordWriter, Stage, layout
from evote.record.segments import frame_bytes
from evote.report import Report, Verdict
from evote.testing.elections import Kit, Published
from evote.verifier import look as look_module
from evote.verifier import verify_record
from evote.verifier.chunk import ChunkResult, ChunkTask
from evote.verifier.method import Method, Way
from evote.verifier.plan import Options
from tests.record.kit import DATES
from tests.verifier.alone import ceremony
from tests.verifier.ways import GROUPS, hinted, long, said, verify

BALLOTS = 23
SMALL_CHUNK = Options(chunk=4)


@functools.cache
def election() -> tuple[Kit, Published]:
    kit = long(ceremony("opened"), BALLOTS)
    return kit, kit.publish()


class Growing:
    """A record that is published step by step."""

    def __init__(self, directory: Path, ballots: list[SubmittedBallot] | None = None) -> None:
        kit, self.published = election()
        self.kit = kit
        self.directory = directory
        self.ballots = self.published.submitted if ballots is None else ballots
        self.steps = 0
        writer = RecordWriter.create(directory, kit.manifest, kit.parameters, segment_bytes=9_000)
        writer.put_guardians(self.published.guardians)
        writer.put_keys(self.published.keys)

    def grow(self, first: int, end: int) -> None:
        """Publish some more ballots."""
        writer = self._writer()
        with writer.ballots() as box:
            for submitted in self.ballots[first:end]:
                box.append(submitted)
        writer.put_devices(self.kit.devices(self.ballots[:end]))
        writer.seal(Stage.VOTING, self._date(), self.kit.authority)

    def finish(self) -> None:
        """Close, tally, decrypt, and publish everything."""
        published = self.published
        writer = self._writer()
        writer.put_tally(published.tally)
        with writer.openings() as openings:
            for opened in published.openings:
                openings.append(opened)
        with writer.data() as data:
            for decrypted in published.data:
                data.append(decrypted)
        writer.put_decryption(published.decryption)
        results = self.kit.results(published)
        writer.put_result(results[layout.RESULT_JSON], results[layout.RESULT_CSV])
        writer.seal(Stage.FINAL, self._date(), self.kit.authority, published.head)

    def _writer(self) -> RecordWriter:
        return RecordWriter.open(self.directory, GROUPS, segment_bytes=9_000)

    def _date(self) -> str:
        self.steps += 1
        return DATES[self.steps - 1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished record, several segments long."""
    growing = Growing(tmp_path_factory.mktemp("whole") / "record")
    growing.grow(0, BALLOTS)
    growing.finish()
    assert len(list((growing.directory / layout.BALLOTS).iterdir())) > 2
    return growing.directory


class Looks:
    """Counts the stretches that are looked at, and may stop at one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stop: int | None = None) -> None:
        self.numbers: list[int] = []
        self.stop = stop
        self._look = look_module.look_at
        monkeypatch.setattr("evote.verifier.plan.look_at", self)

    def __call__(self, task: ChunkTask, **options: object) -> ChunkResult:
        if task.stretch.number == self.stop:
            raise KeyboardInterrupt
        self.numbers.append(task.stretch.number)
        return self._look(task, **options)  # type: ignore[arg-type]


def test_an_interrupted_verification_goes_on_where_it_was(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    looks = Looks(monkeypatch, stop=3)
    with pytest.raises(KeyboardInterrupt):
        verify(whole, SMALL_CHUNK, resume=state)
    assert looks.numbers == [0, 1, 2]
    looks.stop = None
    report = verify(whole, SMALL_CHUNK, resume=state)
    assert looks.numbers == [0, 1, 2, 3, 4, 5]
    assert report.work is not None and report.work.reused == 12
    assert report.verdict is Verdict.PASS
    assert said(report) == said(verify(whole))


KILLED = """
import os, sys
from evote.verifier import look, plan
from evote.verifier.plan import Options
from tests.verifier.ways import verify
look_at = plan.look_at
def dying(task, **options):
    if task.stretch.number == 4:
        os.kill(os.getpid(), 9)
    return look_at(task, **options)
plan.look_at = dying
verify(sys.argv[1], Options(chunk=4), resume=sys.argv[2])
"""


def test_a_verification_that_was_killed_goes_on_too(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", KILLED, str(whole), str(state)]
    ended = subprocess.run(command, env=environment, cwd=root, check=False, capture_output=True)
    assert ended.returncode == -9, ended.stderr
    looks = Looks(monkeypatch)
    report = verify(whole, SMALL_CHUNK, resume=state)
    assert looks.numbers == [4, 5]
    assert said(report) == said(verify(whole))


def test_a_finished_state_answers_again_without_a_look(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    first = verify(whole, SMALL_CHUNK, resume=state)
    looks = Looks(monkeypatch)
    for again in (
        verify(whole, SMALL_CHUNK, resume=state),
        verify(whole, SMALL_CHUNK, since=state),
    ):
        assert said(again) == said(first)
    assert looks.numbers == []


def test_what_is_wrong_with_old_ballots_is_said_again(tmp_path: Path) -> None:
    _, published = election()
    ballots = list(published.submitted)
    ballots[1] = replace(ballots[1], ballot=replace(ballots[1].ballot, identifier_hash=bytes(32)))
    growing = Growing(tmp_path / "record", ballots)
    growing.grow(0, 10)
    state = tmp_path / "state"
    assert verify(growing.directory, SMALL_CHUNK, stage=Stage.VOTING, resume=state).failed == ("5.B",)
    growing.grow(10, BALLOTS)
    report = verify(growing.directory, SMALL_CHUNK, stage=Stage.VOTING, since=state)
    assert report.failed == ("5.B",)
    assert said(report) == said(verify(growing.directory, stage=Stage.VOTING))


def test_only_what_came_since_is_looked_at_and_the_report_is_that_of_a_whole_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    growing = Growing(tmp_path / "record")
    state = tmp_path / "state"
    growing.grow(0, 10)
    verify(growing.directory, SMALL_CHUNK, stage=Stage.VOTING, resume=state)
    looks = Looks(monkeypatch)
    growing.grow(10, 17)
    report = verify(growing.directory, SMALL_CHUNK, stage=Stage.VOTING, since=state)
    assert looks.numbers == [2, 3, 4]  # stretch 2 had two ballots, and has four now
    assert report.work is not None and report.work.reused == 8
    growing.grow(17, BALLOTS)
    growing.finish()
    looks.numbers.clear()
    final = verify(growing.directory, SMALL_CHUNK, since=state)
    assert looks.numbers == [4, 5]
    assert final.verdict is Verdict.PASS, final.failed
    assert said(final) == said(verify(growing.directory))


def test_since_and_workers_say_the_same(tmp_path: Path) -> None:
    growing = Growing(tmp_path / "record")
    state = tmp_path / "state"
    growing.grow(0, 9)
    verify(growing.directory, SMALL_CHUNK, stage=Stage.VOTING, resume=state)
    growing.grow(9, BALLOTS)
    growing.finish()
    with ThreadPoolExecutor(2) as threads:
        report = verify(growing.directory, Options(chunk=4, executor=threads), since=state)
    assert said(report) == said(verify(growing.directory))


def test_a_new_ballot_that_repeats_an_old_one_is_found(tmp_path: Path) -> None:
    _, published = election()
    ballots = [*published.submitted[:12], published.submitted[1]]
    growing = Growing(tmp_path / "record", ballots)
    growing.grow(0, 12)
    state = tmp_path / "state"
    verify(growing.directory, SMALL_CHUNK, stage=Stage.VOTING, resume=state)
    growing.grow(12, 13)
    report = verify(growing.directory, SMALL_CHUNK, stage=Stage.VOTING, since=state)
    assert report.failed == ("5.A", "E.6")
    assert said(report) == said(verify(growing.directory, stage=Stage.VOTING))


# --- somebody changes what was verified --------------------------------------------------------------


def _flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def _first_ballot(directory: Path) -> None:
    _flip(directory / layout.BALLOTS / "000001.seg", 50)


def _last_old_ballot(directory: Path) -> None:
    _flip(sorted((directory / layout.BALLOTS).iterdir())[-1], 20)


def _cut_off(directory: Path) -> None:
    path = sorted((directory / layout.BALLOTS).iterdir())[-1]
    path.write_bytes(path.read_bytes()[:-1])


def _taken_away(directory: Path) -> None:
    sorted((directory / layout.BALLOTS).iterdir())[-1].unlink()


def _one_missing_between(directory: Path) -> None:
    (directory / layout.BALLOTS / "000002.seg").unlink()


def _swapped(directory: Path) -> None:
    one, two = (directory / layout.BALLOTS / f"00000{number}.seg" for number in (1, 2))
    data = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)


def _two_ballots_changed_places(directory: Path) -> None:
    path = directory / layout.BALLOTS / "000001.seg"
    reader = RecordReader(directory, GROUPS)
    frames = [frame for _, frame, _ in reader.ballots()]
    ordered = b"".join(map(frame_bytes, frames[:2]))
    assert path.read_bytes().startswith(ordered)
    turned = b"".join(map(frame_bytes, (frames[1], frames[0])))
    path.write_bytes(turned + path.read_bytes()[len(ordered) :])


def _opening(directory: Path) -> None:
    _flip(directory / layout.OPENINGS / "000001.seg", 60)


def _contest_data(directory: Path) -> None:
    _flip(directory / layout.DATA / "000001.seg", 60)


CHANGES = [
    _first_ballot,
    _last_old_ballot,
    _cut_off,
    _taken_away,
    _one_missing_between,
    _swapped,
    _two_ballots_changed_places,
    _opening,
    _contest_data,
]


@pytest.fixture(scope="module")
def verified(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of a verification of the whole record."""
    state = tmp_path_factory.mktemp("state") / "state"
    verify(whole, SMALL_CHUNK, resume=state)
    return state


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("option", ["since", "resume"])
def test_a_change_of_what_was_verified_is_refused_and_a_whole_run_fails(
    change: Callable[[Path], None], option: str, whole: Path, verified: Path, tmp_path: Path
) -> None:
    directory, state = tmp_path / "record", tmp_path / "state"
    shutil.copytree(whole, directory)
    shutil.copy(verified, state)
    change(directory)
    with pytest.raises(RefusedError, match="not those that"):
        verify(directory, SMALL_CHUNK, **{option: state})
    if option == "since":
        assert verify(directory).verdict is Verdict.FAIL


@pytest.mark.parametrize("name", ["devices.msgpack", "tally.msgpack", "decryption.msgpack", "result.csv"])
def test_files_that_are_no_ballots_are_looked_at_every_time(
    name: str, whole: Path, verified: Path, tmp_path: Path
) -> None:
    directory, state = tmp_path / "record", tmp_path / "state"
    shutil.copytree(whole, directory)
    shutil.copy(verified, state)
    path = directory / name
    path.write_bytes(path.read_bytes()[:-1])
    report = verify(directory, SMALL_CHUNK, since=state)
    assert report.verdict is Verdict.FAIL
    assert said(report) == said(verify(directory))


def test_ballots_put_in_behind_a_closed_record_fail(whole: Path, verified: Path, tmp_path: Path) -> None:
    directory, state = tmp_path / "record", tmp_path / "state"
    shutil.copytree(whole, directory)
    shutil.copy(verified, state)
    _, published = election()
    path = sorted((directory / layout.BALLOTS).iterdir())[-1]
    path.write_bytes(path.read_bytes() + frame_bytes(encode(published.submitted[0])))
    report = verify(directory, SMALL_CHUNK, since=state)
    assert {"5.A", "E.6", "E.10", "E.11"} <= set(report.failed)
    assert said(report) == said(verify(directory))


# --- states that do not belong -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (Options(Method(Way.PLAIN), chunk=4), "method"),
        (Options(Method(Way.AUTO, reproducible=True), chunk=4), "method"),
        (Options(chunk=5), "stretch"),
    ],
)
def test_a_state_of_another_way_is_refused(options: Options, name: str, whole: Path, verified: Path) -> None:
    with pytest.raises(RefusedError, match=f"its {name} is"):
        verify(whole, options, since=verified)


def test_a_state_of_another_election_is_refused(verified: Path, tmp_path: Path) -> None:
    kit = long(ceremony("small"), 3)
    directory = kit.write(kit.publish(), tmp_path / "record")
    with pytest.raises(RefusedError, match="its fingerprint is"):
        verify(directory, SMALL_CHUNK, since=verified)


@pytest.mark.parametrize("name", ["fingerprint", "key", "group", "method", "stretch", "version", "format"])
def test_every_part_of_the_binding_says_something_and_is_compared(
    name: str, whole: Path, verified: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    shutil.copy(verified, state)
    database = sqlite3.connect(state)
    held = dict(database.execute("SELECT name, value FROM binding").fetchall())
    database.close()
    kit, _ = election()
    assert set(held) == {"fingerprint", "key", "group", "method", "stretch", "version", "format"}
    assert all(held.values())
    assert held["key"] == sha256(kit.election.vote_key.base.encode()).hex()
    _execute(state, f"UPDATE binding SET value = value || '0' WHERE name = '{name}'")
    with pytest.raises(RefusedError, match=f"its {name} is"):
        verify(whole, SMALL_CHUNK, since=state)


def test_a_state_of_another_version_of_the_program_is_refused(
    whole: Path, verified: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    shutil.copy(verified, state)
    _execute(state, "UPDATE binding SET value = '0.0.1' WHERE name = 'version'")
    with pytest.raises(RefusedError, match="its version is '0.0.1'"):
        verify(whole, SMALL_CHUNK, since=state)


def _execute(state: Path, statement: str) -> None:
    database = sqlite3.connect(state)
    with database:
        database.execute(statement)
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stretches SET result = zeroblob(length(result)) WHERE number = 1",
        "UPDATE stretches SET digest = zeroblob(32) WHERE number = 1",
        "UPDATE stretches SET result = (SELECT result FROM stretches WHERE number = 0) WHERE number = 1",
        "UPDATE stretches SET (result, digest) = (SELECT result, digest FROM stretches WHERE number = 0) "
        "WHERE number = 1",
        # What SQLite takes in any column, and what names no file of a record.
        "UPDATE stretches SET result = '' WHERE number = 1",
        "UPDATE stretches SET digest = 5 WHERE number = 1",
        "UPDATE stretches SET stretch = 'text' WHERE number = 1",
        "UPDATE prefixes SET size = 'x'",
        "UPDATE prefixes SET digest = 9000000000000000000",
        "UPDATE prefixes SET digest = 'text'",
        "UPDATE binding SET value = x'00' WHERE name = 'method'",
        "INSERT INTO prefixes VALUES ('../../etc/passwd', 3, x'00')",
        "INSERT INTO prefixes VALUES ('', 3, x'00')",
        "INSERT INTO prefixes VALUES ('manifest.json', 3, x'00')",
        "INSERT INTO prefixes VALUES (x'ff', 3, x'00')",
    ],
)
def test_a_damaged_state_is_refused(statement: str, whole: Path, verified: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    shutil.copy(verified, state)
    _execute(state, statement)
    with pytest.raises(RefusedError, match="damaged"):
        verify(whole, SMALL_CHUNK, since=state)


def test_a_result_from_the_state_of_another_method_is_refused(
    whole: Path, verified: Path, tmp_path: Path
) -> None:
    state, plain = tmp_path / "state", tmp_path / "plain"
    shutil.copy(verified, state)
    verify(whole, Options(Method(Way.PLAIN), chunk=4), resume=plain)
    theirs, ours = sqlite3.connect(plain), sqlite3.connect(state)
    rows = theirs.execute("SELECT * FROM stretches").fetchall()
    with ours:
        ours.executemany("INSERT OR REPLACE INTO stretches VALUES (?, ?, ?, ?)", rows)
    theirs.close()
    ours.close()
    with pytest.raises(RefusedError, match="damaged"):
        verify(whole, SMALL_CHUNK, since=state)


def test_a_result_under_the_number_of_another_stretch_is_looked_at_again(
    whole: Path, verified: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    shutil.copy(verified, state)
    _execute(state, "DELETE FROM stretches WHERE number = 2")
    _execute(state, "UPDATE stretches SET number = 2 WHERE number = 3")
    looks = Looks(monkeypatch)
    report = verify(whole, SMALL_CHUNK, since=state)
    assert looks.numbers == [2, 3]
    assert said(report) == said(verify(whole))


def test_since_wants_the_state_of_a_verification_that_ended(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    with pytest.raises(StorageError, match="does not exist"):
        verify(whole, SMALL_CHUNK, since=state)
    assert not state.exists()
    looks = Looks(monkeypatch, stop=1)
    with pytest.raises(KeyboardInterrupt):
        verify(whole, SMALL_CHUNK, resume=state)
    looks.stop = None
    with pytest.raises(RefusedError, match="did not end"):
        verify(whole, SMALL_CHUNK, since=state)


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be one" * 40, b"{}"])
def test_a_file_of_another_kind_is_no_state(content: bytes, whole: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.write_bytes(content)
    with pytest.raises(StorageError, match="could not be used as a state"):
        verify(whole, SMALL_CHUNK, resume=state)
    assert state.read_bytes() == content


def test_a_database_of_something_else_is_no_state(whole: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    _execute(state, "CREATE TABLE voters (name TEXT)")
    before = state.read_bytes()
    with pytest.raises(RefusedError, match="no state of a verification"):
        verify(whole, SMALL_CHUNK, resume=state)
    assert state.read_bytes() == before


def test_a_state_that_somebody_uses_is_refused(whole: Path, verified: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    shutil.copy(verified, state)
    other = sqlite3.connect(state, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StorageError, match="in use"):
            verify(whole, SMALL_CHUNK, resume=state)
    finally:
        other.close()


def test_one_state_at_a_time(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not both"):
        verify_record(whole, resume=tmp_path / "one", since=tmp_path / "two")


def test_hints_may_come_later_and_change_nothing(whole: Path, verified: Path, tmp_path: Path) -> None:
    directory, state = tmp_path / "record", tmp_path / "state"
    shutil.copytree(whole, directory)
    shutil.copy(verified, state)
    hinted(directory)
    report: Report = verify(directory, SMALL_CHUNK, since=state)
    assert said(report) == said(verify(whole))

"""A demonstration holds a whole election, and leaves a record that verifies and tells no secret."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from evote.ballots import BallotState
from evote.ballots.encrypt import encrypt
from evote.ceremony import run_local
from evote.demo.hold import Held, hold
from evote.demo.plan import Plan, estimate, france_2024, require_room
from evote.errors import DecodeError, RefusedError, StorageError
from evote.record import RecordReader, Stage
from evote.report import Report, Verdict
from evote.testing.groups import toy
from evote.verifier import verify_record
from evote.verifier.verify import verify_reader

SCALE = 100_000


def verified(folder: Path, stage: Stage = Stage.FINAL) -> Report:
    """The verifier's report where the toy group is known."""
    return verify_reader(RecordReader(folder, {toy().name: toy()}), stage=stage)


def quiet(stage: str, done: int, total: int) -> None:
    assert 0 <= done <= total or total == 0
    assert stage


@pytest.fixture(scope="module")
def plan() -> Plan:
    return france_2024(toy(), SCALE)


@pytest.fixture(scope="module")
def held(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> tuple[Held, Path]:
    folder = tmp_path_factory.mktemp("demo") / "record"
    return hold(plan, folder, quiet), folder


def test_every_count_is_what_was_cast(held: tuple[Held, Path], plan: Plan) -> None:
    outcome, _ = held
    assert outcome.agrees
    assert {key: +counts for key, counts in outcome.counted.items()} == plan.expected()
    assert outcome.ballots == sum(1 for _ in plan.voters())
    assert outcome.challenged == 11


def test_a_count_that_is_not_what_was_cast_is_noticed(held: tuple[Held, Path]) -> None:
    outcome, _ = held
    key = next(iter(outcome.counted))
    for wrong in (Counter({"Vote blanc": 100}), Counter()):
        assert not replace(outcome, counted={**outcome.counted, key: wrong}).agrees


def test_the_record_verifies_in_every_check_that_applies(held: tuple[Held, Path]) -> None:
    report = verified(held[1])
    assert report.verdict is Verdict.PASS, report.failed
    assert report.counts["ballots"] == held[0].ballots + 11


def test_a_toy_group_fails_where_only_published_groups_are_known(held: tuple[Held, Path]) -> None:
    assert verify_record(held[1]).failed == ("1.B", "1.C", "1.D")


def test_challenged_ballots_are_opened_and_not_counted(held: tuple[Held, Path]) -> None:
    reader = RecordReader(held[1], {toy().name: toy()})
    states: Counter[BallotState] = Counter()
    for _, _, submitted in reader.ballots():
        assert not isinstance(submitted, DecodeError)
        states[submitted.state] += 1
    assert states == {BallotState.CAST: held[0].ballots, BallotState.CHALLENGED: 11}
    assert sum(1 for _ in reader.openings()) == 11


def test_the_record_has_the_files_of_a_record_and_no_other(held: tuple[Held, Path]) -> None:
    folders = {path.name for path in held[1].iterdir() if path.is_dir()}
    assert folders == {"ballots", "hints", "index", "openings"}
    names = {path.name for path in held[1].iterdir() if path.is_file()}
    assert names == {
        "manifest.json",
        "parameters.msgpack",
        "guardians.msgpack",
        "keys.msgpack",
        "devices.msgpack",
        "tally.msgpack",
        "decryption.msgpack",
        "result.json",
        "result.csv",
    }


def test_nothing_secret_is_in_the_record(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted: list[bytes] = []
    ceremony, prepare = run_local, encrypt

    def watched_ceremony(setting):  # type: ignore[no-untyped-def]
        found = ceremony(setting)
        for share in found[2]:
            planted.extend([share.vote_share.reveal().encode(), share.data_share.reveal().encode()])
        return found

    def watched_encryption(device, ballot):  # type: ignore[no-untyped-def]
        prepared = prepare(device, ballot)
        planted.extend([prepared.pending()[2].reveal(), device.secret.reveal()])
        return prepared

    monkeypatch.setattr("evote.demo.hold.run_local", watched_ceremony)
    monkeypatch.setattr("evote.demo.hold.encrypt", watched_encryption)
    hold(plan, tmp_path / "record", quiet)
    published = b"".join(path.read_bytes() for path in (tmp_path / "record").rglob("*") if path.is_file())
    assert len(planted) > 20
    # Toy scalars are 8 significant bytes behind zeros; those 8 are looked for.
    assert [secret for secret in planted if secret.lstrip(b"\0") in published] == []
    assert list(tmp_path.iterdir()) == [tmp_path / "record"]


def test_voting_that_is_interrupted_leaves_a_sealed_record_of_the_ballots_so_far(
    plan: Plan, tmp_path: Path
) -> None:
    def interrupt(stage: str, done: int, total: int) -> None:
        if stage == "Voting" and done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hold(plan, tmp_path / "record", interrupt)
    report = verified(tmp_path / "record", Stage.VOTING)
    assert report.verdict is Verdict.PASS, report.failed
    assert report.counts["cast"] == 5


def test_a_folder_that_is_in_use_is_left_alone(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RefusedError, match="is not empty"):
        hold(plan, tmp_path, quiet)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_the_estimate_counts_ballots_and_fields_exactly(plan: Plan, held: tuple[Held, Path]) -> None:
    cost = estimate(plan)
    assert (cost.cast, cost.challenged) == (held[0].ballots, held[0].challenged)
    assert cost.selections == verified(held[1]).counts["selections"]
    size = sum(path.stat().st_size for path in held[1].rglob("*") if path.is_file())
    assert size <= cost.disk
    assert cost.seconds > 0


def test_too_little_disk_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("evote.demo.plan.shutil.disk_usage", lambda _: usage._replace(free=999))
    require_room(tmp_path / "not" / "there", 999)
    with pytest.raises(StorageError, match="make room, choose another folder, or take a larger scale"):
        require_room(tmp_path / "not" / "there", 1000)
    assert list(tmp_path.iterdir()) == []


def test_the_voters_are_the_same_every_time(plan: Plan) -> None:
    assert list(plan.voters()) == list(plan.voters())
    assert sum(voter.challenges for voter in plan.voters()) == 11

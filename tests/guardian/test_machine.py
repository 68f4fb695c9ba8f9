"""Guardians as separate programs and folders, from key generation to decryption."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evote.ballots import Election, PlaintextBallot, PlaintextContest
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.ceremony import GuardianRecords, joint_keys
from evote.codec import decode, encode
from evote.errors import CeremonyError, DecodeError, RefusedError, StorageError
from evote.guardian import (
    Exchange,
    Guardian,
    call_session,
    closed_record,
    finish_session,
    guardian_of,
    publish_guardians,
)
from evote.guardian.machine import CEREMONY, LEDGER
from evote.manifest import Manifest
from evote.record import RecordReader, RecordWriter
from evote.record.files import Lock
from evote.record.values import Stage
from evote.secret import Secret
from evote.signing import SigningKey
from evote.tally import Tallier
from evote.testing.elections import SMALL
from evote.testing.randomness import SeededRandomness
from tests.guardian.party import GUARDIANS, guardian, setting_in
from tests.guardian.places import CHEAP, GROUPS, place

ROOT = Path(__file__).resolve().parents[2]
WIDTH = 32


def announce(exchange: Path, authority: SigningKey | None = None) -> None:
    exchange.mkdir(parents=True)
    rng = SeededRandomness("machine")
    key = SigningKey.generate(rng) if authority is None else authority
    draft = {**SMALL, "guardian_opening": True}
    manifest = Manifest.build(draft, salt=rng.token(32), authority_key=key.verify_key.encoded)
    (exchange / "manifest.json").write_bytes(manifest.raw)


def start(what: str, private: Path, exchange: Path, index: int, *more: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.guardian.party", what, str(private), str(exchange), str(index)]
    return subprocess.Popen(
        [*command, *map(str, more)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def end(programs: list[subprocess.Popen[str]]) -> None:
    for program in programs:
        _, complaints = program.communicate(timeout=90)
        assert program.returncode == 0, complaints


@pytest.mark.slow
def test_five_programs_make_keys_and_three_of_them_decrypt_through_files_alone(tmp_path: Path) -> None:
    exchange = tmp_path / "exchange"
    authority = SigningKey.generate()
    announce(exchange, authority)
    messages = Exchange(exchange, WIDTH)
    parameters, manifest, setting = setting_in(exchange)
    folders = {index: tmp_path / f"private-{index}" for index in range(1, GUARDIANS + 1)}
    programs = [start("generate", folder, exchange, index) for index, folder in folders.items()]
    deadline = time.monotonic() + 60
    while messages.missing("confirmations", setting.indices):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    records = publish_guardians(setting, messages)
    end(programs)

    keys = joint_keys(setting, records.guardians)
    election = Election.of(parameters, manifest, keys.vote_key, keys.data_key)
    for index, folder in folders.items():
        share = guardian(folder, exchange, index).share()
        assert share.index == index and share.extended_hash == election.extended_hash

    device = Device(election, "device 1")
    submitted = []
    for unit, mark, challenge in (("North", "Ada", False), ("South", "Ada", True), ("South", "Grace", False)):
        contests = {"Mayor": PlaintextContest({mark: 1}), "Council": PlaintextContest({"Kurt": 2})}
        prepared = encrypt(device, PlaintextBallot(unit, "all", contests))
        submitted.append(prepared.challenge()[0] if challenge else prepared.cast())
    writer = RecordWriter.create(tmp_path / "record", manifest, parameters)
    writer.put_guardians(records)
    writer.put_keys(keys.encode())
    with writer.ballots() as ballots:
        for ballot in submitted:
            ballots.append(ballot)
    from evote.ballots import verify_cast, verify_challenged
    from evote.ballots.values import BallotState
    from evote.record.values import DevicesFile

    writer.put_devices(DevicesFile((device.close(),)))
    tallier = Tallier(election)
    for ballot in submitted:
        verify = verify_cast if ballot.state is BallotState.CAST else verify_challenged
        tallier.add(verify(election, ballot))
    head = tallier.head()
    writer.put_tally(tallier.tally(head).publish())
    writer.seal(Stage.VOTING, "2026-06-01T20:00:00Z", authority, head)

    closed = closed_record(RecordReader(tmp_path / "record", GROUPS))
    plan = call_session(closed, messages, (1, 3, 5))
    programs = [start("decrypt", folders[index], exchange, index, tmp_path / "record") for index in (1, 3, 5)]
    end(programs)
    decryption = finish_session(closed, messages, plan.session)
    counts = {(cell.contest, part.option): part.count for cell in decryption.cells for part in cell.fields}
    assert counts[("Mayor", "Ada")] == 1 == counts[("Mayor", "Grace")] and counts[("Council", "Kurt")] == 4
    assert len(decryption.openings) == 1


# --- key generation in one process, for what goes wrong ----------------------------------------------


def party(tmp_path: Path) -> tuple[Path, dict[int, Guardian]]:
    exchange = tmp_path / "exchange"
    announce(exchange)
    _, _, setting = setting_in(exchange)
    guardians = {
        index: Guardian(
            tmp_path / f"private-{index}", Secret(f"passphrase {index}"), setting, index, cost=CHEAP
        )
        for index in setting.indices
    }
    for each in guardians.values():
        each.begin()
    return exchange, guardians


def generate(exchange: Path, guardians: dict[int, Guardian], times: int) -> None:
    for _ in range(times):
        for each in guardians.values():
            each.generate(exchange)


def test_keys_come_out_of_four_rounds_and_the_published_record(tmp_path: Path) -> None:
    exchange, guardians = party(tmp_path)
    generate(exchange, guardians, 5)
    progress = guardians[1].generate(exchange)
    assert "office" in progress.waiting and not progress.finished
    _, _, setting = setting_in(exchange)
    records = publish_guardians(setting, Exchange(exchange, WIDTH))
    assert all(each.generate(exchange).finished for each in guardians.values())
    keys = joint_keys(setting, records.guardians)
    assert {each.share().extended_hash for each in guardians.values()} == {keys.extended_hash}
    for index in setting.indices:
        folder = tmp_path / f"private-{index}"
        assert sorted(os.listdir(folder)) == [CEREMONY, "ledger.anchor", LEDGER]
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_message_changed_on_its_way_ends_the_ceremony_with_a_complaint(tmp_path: Path) -> None:
    from dataclasses import replace

    from evote.ceremony import Round1Message

    exchange, guardians = party(tmp_path)
    generate(exchange, guardians, 1)
    generate(exchange, {index: guardians[index] for index in (1, 2, 3, 4)}, 1)
    guardians[5].generate(exchange)
    path = exchange / "round1" / "guardian-2.msgpack"
    message = decode(Round1Message, path.read_bytes(), element_bytes=WIDTH)
    record = replace(message.record, communication_key=message.record.vote_commitments[0])
    path.write_bytes(encode(replace(message, record=record)))
    with pytest.raises(CeremonyError, match="guardian 2") as caught:
        guardians[1].generate(exchange)
    assert caught.value.culprits == (2,)
    with pytest.raises(CeremonyError, match="guardian 1 complains") as caught:
        guardians[3].generate(exchange)
    assert caught.value.culprits == (2,)
    _, _, setting = setting_in(exchange)
    with pytest.raises(CeremonyError, match="complains"):
        publish_guardians(setting, Exchange(exchange, WIDTH))


def test_the_office_cannot_publish_before_everybody_has_confirmed(tmp_path: Path) -> None:
    exchange, guardians = party(tmp_path)
    generate(exchange, guardians, 1)
    _, _, setting = setting_in(exchange)
    with pytest.raises(CeremonyError, match="no record came from guardian|no confirmation came"):
        publish_guardians(setting, Exchange(exchange, WIDTH))


def test_a_published_record_that_differs_from_the_view_is_refused(tmp_path: Path) -> None:
    from dataclasses import replace

    exchange, guardians = party(tmp_path)
    generate(exchange, guardians, 5)
    _, _, setting = setting_in(exchange)
    publish_guardians(setting, Exchange(exchange, WIDTH))
    path = exchange / "guardians.msgpack"
    records = decode(GuardianRecords, path.read_bytes(), element_bytes=WIDTH)
    path.write_bytes(encode(replace(records, round0=records.round0[::-1])))
    with pytest.raises(CeremonyError, match="round0"):
        guardians[1].generate(exchange)


def test_the_same_bytes_are_sent_again_after_a_stop(tmp_path: Path) -> None:
    exchange, guardians = party(tmp_path)
    generate(exchange, guardians, 4)
    sent = {path: path.read_bytes() for path in exchange.rglob("guardian-3*")}
    assert len(sent) > 3
    last = [path for path in sent if path.parent.name in ("shares", "confirmations")]
    for path in last:
        path.unlink()
    guardians[3].generate(exchange)
    again = {path: path.read_bytes() for path in last if path.exists()}
    assert again and all(sent[path] == data for path, data in again.items())


# --- private folders -----------------------------------------------------------------------------------


def test_a_private_folder_serves_one_ceremony(tmp_path: Path) -> None:
    _, guardians = party(tmp_path)
    with pytest.raises(RefusedError, match="holds a guardian already"):
        guardians[1].begin()
    (tmp_path / "private-1" / CEREMONY).unlink()
    guardians[1].begin()  # nothing was decrypted with what is lost
    (tmp_path / "private-1" / CEREMONY).unlink()
    (tmp_path / "private-1" / LEDGER).write_bytes(b"something")
    with pytest.raises(RefusedError, match="ledger of another key"):
        guardians[1].begin()


def test_a_wrong_passphrase_stops_with_a_sentence(tmp_path: Path) -> None:
    exchange, _ = party(tmp_path)
    _, _, setting = setting_in(exchange)
    other = Guardian(tmp_path / "private-1", Secret("something else"), setting, 1, cost=CHEAP)
    with pytest.raises(StorageError, match="passphrase is wrong"):
        other.generate(exchange)


def test_a_share_is_there_only_at_the_end(tmp_path: Path) -> None:
    exchange, guardians = party(tmp_path)
    generate(exchange, guardians, 2)
    with pytest.raises(RefusedError, match="no share yet"):
        guardians[1].share()


def test_a_memory_is_read_by_the_guardian_it_belongs_to(tmp_path: Path) -> None:
    exchange, _ = party(tmp_path)
    _, _, setting = setting_in(exchange)
    shutil.copy(tmp_path / "private-1" / CEREMONY, tmp_path / "private-2" / CEREMONY)
    mixed = Guardian(tmp_path / "private-2", Secret("passphrase 1"), setting, 2, cost=CHEAP)
    with pytest.raises(RefusedError, match="belongs to guardian 1, not 2"):
        mixed.generate(exchange)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    announce(tmp_path / "exchange")
    _, _, setting = setting_in(tmp_path / "exchange")
    absent = Guardian(tmp_path / "absent", Secret("p"), setting, 1, cost=CHEAP)
    with pytest.raises(StorageError, match="begin the ceremony first"):
        absent.generate(tmp_path / "exchange")
    with pytest.raises(ValueError, match="index"):
        Guardian(tmp_path / "absent", Secret("p"), setting, 6, cost=CHEAP)
    with pytest.raises(ValueError, match="passphrase"):
        Guardian(tmp_path / "absent", Secret(""), setting, 1, cost=CHEAP)


def test_one_program_at_a_time_works_in_a_private_folder(tmp_path: Path) -> None:
    exchange, guardians = party(tmp_path)
    with Lock(tmp_path / "private-1"), pytest.raises(StorageError, match="somebody else"):
        guardians[1].generate(exchange)
    guardians[1].generate(exchange)


def test_a_record_of_another_election_is_refused(tmp_path: Path) -> None:
    here = place(tmp_path / "here")
    exchange, guardians = party(tmp_path / "there")
    generate(exchange, guardians, 5)
    _, _, setting = setting_in(exchange)
    publish_guardians(setting, Exchange(exchange, WIDTH))
    guardians[1].generate(exchange)
    call_session(here.record, here.messages(), (1, 2, 3))
    with pytest.raises(RefusedError, match="another election"):
        guardians[1].decrypt(here.record, here.exchange)
    foreign = guardian_of(
        here.record, tmp_path / "there" / "private-1", Secret("passphrase 1"), 1, cost=CHEAP
    )
    with pytest.raises(DecodeError, match="another election"):
        foreign.decrypt(here.record, here.exchange)


def test_guardians_print_nothing_secret(tmp_path: Path) -> None:
    _, guardians = party(tmp_path)
    assert "passphrase" not in repr(guardians[1]) and "private-1" in repr(guardians[1])

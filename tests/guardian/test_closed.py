"""What a guardian checks before it decrypts (A46): the record itself, and the sums made from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evote.ballots import VerifiedBallot, verify_cast
from evote.errors import DecodeError, RefusedError, StorageError, VerificationError
from evote.guardian import closed_record
from evote.record import RecordReader, RecordWriter
from evote.record.values import Stage
from evote.tally import PublishedTally
from evote.testing.elections import SMALL, Kit
from evote.testing.forge import Cheat
from tests.guardian.places import GROUPS, kit, write


def test_an_honest_record_is_verified_and_added_up(tmp_path: Path) -> None:
    made = kit()
    seen: list[tuple[str, int, int]] = []
    record = closed_record(write(made, tmp_path / "record"), lambda *step: seen.append(step))
    assert record.tally.publish() == made.tally(made.submitted, made.head(made.submitted))
    assert record.election.extended_hash == made.election.extended_hash
    assert record.shares.election is record.election
    assert ("ballots", 4) in [step[:2] for step in seen]


def test_a_record_without_ballots_is_a_record(tmp_path: Path) -> None:
    record = closed_record(write(Kit(SMALL, seed="none"), tmp_path / "record"))
    assert record.tally.head.size == 0 and record.tally.complete


def test_a_ballot_that_does_not_verify_stops_everything(tmp_path: Path) -> None:
    made = kit()
    made.vote("North", {"Mayor": {"Ada": 1}}, cheat=Cheat(values={"Mayor": [2, 0, 0]}))
    with pytest.raises(VerificationError, match="not decrypted") as caught:
        closed_record(write(made, tmp_path / "record"))
    assert caught.value.check in ("6.D", "7.D")


def test_a_repeated_ballot_stops_everything(tmp_path: Path) -> None:
    made = kit()
    made.submitted.append(made.submitted[0])
    with pytest.raises(VerificationError) as caught:
        closed_record(write(made, tmp_path / "record"))
    assert caught.value.check == "5.A"


def with_tally(made: Kit, folder: Path, tally: PublishedTally) -> RecordReader:
    """The record with another tally, sealed as if it were its own."""
    writer = RecordWriter.create(folder, made.manifest, made.parameters)
    writer.put_guardians(made.records)
    writer.put_keys(made.keys)
    with writer.ballots() as ballots:
        for submitted in made.submitted:
            ballots.append(submitted)
    writer.put_devices(made.devices(made.submitted))
    writer.put_tally(tally)
    head = made.head(made.submitted)
    writer.seal(Stage.VOTING, "2026-06-01T20:00:00Z", made.authority, head)
    return RecordReader(folder, GROUPS)


def test_a_tally_over_a_subset_is_refused(tmp_path: Path) -> None:
    """A46: the office tallies fewer ballots than the record has."""
    made = kit()
    head = made.head(made.submitted)
    subset = made.tally(made.submitted[:2], head)
    with pytest.raises(VerificationError, match="contest 'Mayor'.*option 'Ada'") as caught:
        closed_record(with_tally(made, tmp_path / "record", subset))
    assert caught.value.check == "9.A"
    honest_subset = made.tally(made.submitted[:2], made.head(made.submitted[:2]))
    with pytest.raises(VerificationError, match="covers other ballots"):
        closed_record(with_tally(made, tmp_path / "other", honest_subset))


def test_a_single_ciphertext_in_the_place_of_a_sum_is_refused(tmp_path: Path) -> None:
    """A50: one victim's ballot, raised to a large power or not, is no sum of the record."""
    made = kit()
    tally = made.tally(made.submitted, made.head(made.submitted))
    victim = verify_cast(made.election, made.submitted[0])
    assert isinstance(victim, VerifiedBallot)
    chosen = victim.selections[0][0]
    cell = tally.cells[0]
    field = replace(cell.fields[0], alpha=chosen.alpha.encode(), beta=chosen.beta.encode())
    forged = replace(cell, fields=(field, *cell.fields[1:]))
    with pytest.raises(VerificationError) as caught:
        closed_record(with_tally(made, tmp_path / "record", replace(tally, cells=(forged, *tally.cells[1:]))))
    assert caught.value.check == "9.A"
    beta_only = replace(cell, fields=(replace(cell.fields[0], beta=chosen.beta.encode()), *cell.fields[1:]))
    with pytest.raises(VerificationError) as caught:
        closed_record(
            with_tally(made, tmp_path / "beta", replace(tally, cells=(beta_only, *tally.cells[1:])))
        )
    assert caught.value.check == "9.B"
    with pytest.raises(VerificationError, match="another number"):
        closed_record(with_tally(made, tmp_path / "short", replace(tally, cells=tally.cells[:1])))


def test_a_record_that_is_not_closed_is_refused(tmp_path: Path) -> None:
    made = kit()
    with pytest.raises(RefusedError, match="not closed"):
        closed_record(write(made, tmp_path / "record", close=False))
    with pytest.raises((StorageError, DecodeError), match=r"tally\.msgpack"):
        closed_record(write(made, tmp_path / "untallied", tally=False))


def test_a_record_without_declared_index_is_closed_by_its_tally(tmp_path: Path) -> None:
    draft = {**SMALL, "extensions": ["context", "round0", "cells"]}
    made = Kit(draft, seed="plain")
    made.vote("North", {"Mayor": {"Ada": 1}})
    folder = tmp_path / "record"
    writer = RecordWriter.create(folder, made.manifest, made.parameters)
    writer.put_guardians(made.records)
    writer.put_keys(made.keys)
    with writer.ballots() as ballots:
        ballots.append(made.submitted[0])
    writer.put_devices(made.devices(made.submitted))
    writer.put_tally(made.tally(made.submitted, made.head(made.submitted)))
    assert closed_record(RecordReader(folder, GROUPS)).tally.head.size == 1


def test_files_that_changed_after_they_were_sealed_stop_everything(tmp_path: Path) -> None:
    made = kit()
    reader = write(made, tmp_path / "record")
    path = tmp_path / "record" / "devices.msgpack"
    path.write_bytes(path.read_bytes().replace(b"device 1", b"device 2"))
    with pytest.raises(VerificationError):
        closed_record(reader)


def test_contest_data_of_a_pseudonymous_ballot_stops_the_request(tmp_path: Path) -> None:
    from unittest import mock

    from evote.ballots import hashes

    made = kit(seed="pseudonym")
    original = hashes.context_identifier

    def with_pseudonym(extended: bytes, unit: str, style: str, _: bytes | None, randomness: bytes) -> bytes:
        return original(extended, unit, style, b"p" * 32, randomness)

    with mock.patch("evote.ballots.hashes.context_identifier", with_pseudonym):
        made.vote("North", {"Mayor": {"Ada": 1}})
    last = made.submitted[-1]
    assert last.context is not None
    made.submitted[-1] = replace(last, context=replace(last.context, pseudonym=b"p" * 32))
    with pytest.raises((RefusedError, VerificationError), match="pseudonym"):
        closed_record(write(made, tmp_path / "record"))

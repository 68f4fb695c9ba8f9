"""Published boards that somebody changed afterwards, and what a board tells of those who voted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evote.board.entries import ChallengeEntry, EntryKind, blinded
from evote.board.note import Note, NoteSignature
from evote.board.submission import Submission
from evote.codec import encode
from evote.record.values import ClosingNote, LogFrame
from evote.report import Verdict
from evote.testing.boxes import Boxes
from evote.testing.elections import Published
from tests.verifier.board_alone import board, boxes, honest
from tests.verifier.test_board_alone import verify

KINDS = (
    EntryKind.CAST,
    EntryKind.CHALLENGE,
    EntryKind.VERDICT,
    EntryKind.COUNTS,
    EntryKind.REISSUE,
    EntryKind.CLOSING,
    EntryKind.UNIT_HEAD,
)


def _first(log: list[LogFrame], kind: EntryKind) -> int:
    return next(at for at, frame in enumerate(log) if frame.kind is kind)


def _drop(log: list[LogFrame], at: int) -> None:
    del log[at]


def _double(log: list[LogFrame], at: int) -> None:
    log.insert(at, log[at])


def _turn(log: list[LogFrame], at: int) -> None:
    other = at + 1 if log[at + 1].log == log[at].log else at - 1
    log[at], log[other] = log[other], log[at]


def _move(log: list[LogFrame], at: int) -> None:
    log.append(replace(log.pop(at), log=3 - log[at].log))


@pytest.mark.parametrize("edit", [_drop, _double, _turn])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.value)
def test_a26_entries_dropped_doubled_or_turned_do_not_lead_to_the_checkpoint(
    kind: EntryKind, edit: Callable[[list[LogFrame], int], None], tmp_path: Path
) -> None:
    box = boxes("roll")
    published = honest(box)
    log = board(published).log
    edit(log, _first(log, kind))
    report = verify(box.kit.write(published, tmp_path / "record"), box.kit)
    assert "E.23" in report.failed and report.verdict is Verdict.FAIL


def test_an_entry_that_moves_to_another_unit_is_missed_in_both_logs(tmp_path: Path) -> None:
    box = boxes("roll")
    published = honest(box)
    log = board(published).log
    _move(log, _first(log, EntryKind.CHALLENGE))
    report = verify(box.kit.write(published, tmp_path / "record"), box.kit)
    assert {"E.23", "E.24", "E.27"} <= set(report.failed)


def test_ballots_aside_that_were_stripped_are_missed(tmp_path: Path) -> None:
    box = boxes("roll")
    published = honest(box)
    assert board(published).aside
    board(published).aside = []
    report = verify(box.kit.write(published, tmp_path / "record"), box.kit)
    assert "E.26" in report.failed and report.verdict is Verdict.FAIL


def _strange(note: bytes, key_id: bytes) -> bytes:
    """The note with its last cosignature under another key."""
    parsed = Note.parse(note)
    last = parsed.signatures[-1]
    lines = (*parsed.signatures[:-1], NoteSignature(last.name, key_id, last.signature))
    return Note(parsed.text, lines).encode()


def test_a_cosignature_under_a_key_that_the_policy_does_not_have_is_none(tmp_path: Path) -> None:
    box = boxes("roll")
    published = honest(box)
    files = board(published)
    first, *rest = files.checkpoints.closing
    wrong = ClosingNote(0, _strange(first.note, b"\x01\x02\x03\x04"))
    files.checkpoints = replace(files.checkpoints, closing=(wrong, *rest))
    report = verify(box.kit.write(published, tmp_path / "record"), box.kit)
    assert set(report.failed) == {"E.25"}


# --- what a board tells ------------------------------------------------------------------------------


def _secrets(box: Boxes, challenge: Submission) -> dict[str, bytes]:
    """What no published file of the election may hold."""
    assert challenge.blind is not None
    found = {
        "blinding bytes": challenge.blind,
        "signature under a challenge": challenge.signatures[0],
    }
    for name, key in {"log": box.keys.log, **box.keys.units, **box.witnesses}.items():
        found[f"key of {name}"] = key.seed().reveal()
    for number, voter in enumerate(box.voters):
        found[f"code {number}"] = voter.codes[0].text().reveal().encode()
        found[f"key of voter {number}"] = voter.holder.keys[0].seed().reveal()
    return found


def _published(box: Boxes) -> tuple[Published, Submission, ChallengeEntry]:
    box.restart()
    challenge, ballot = box.submission(box.voters[0], "yes", challenge=True)
    assert challenge.blind is not None and challenge.context.pseudonym is not None
    entry = ChallengeEntry(
        challenge.ballot.style, blinded(challenge.context.pseudonym, challenge.blind), ballot
    )
    box._admit(challenge, ballot, entry)
    box.cast(box.voters[0])
    box.cast(box.voters[3], "no")
    box.close()
    return box.publish(), challenge, entry


def test_a59_nothing_that_is_published_names_who_had_a_ballot_opened_or_holds_a_secret(
    tmp_path: Path,
) -> None:
    box = boxes("roll")
    published, challenge, entry = _published(box)
    folder = box.kit.write(published, tmp_path / "record")
    assert verify(folder, box.kit).verdict is Verdict.PASS
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert any(encode(entry) in data for data in files.values())
    assert [ballot.context is None for ballot in published.submitted] == [True, False, False]
    secrets = _secrets(box, challenge)
    secrets |= {
        f"nonce {at}": nonce
        for at, (identifier, nonce) in enumerate(box.kit.nonces.items())
        if identifier != challenge.ballot.identifier
    }
    for name, secret in secrets.items():
        assert len(secret) >= 16
        for path, data in files.items():
            assert secret not in data and secret.hex().encode() not in data, (name, path.name)


def test_a59_the_stand_in_of_a_challenge_is_no_pseudonym_of_the_roll() -> None:
    box = boxes("roll")
    _, _, entry = _published(box)
    names = [voter.holder.pseudonym for voter in box.voters]
    assert entry.blinded not in names
    assert entry.blinded not in [blinded(name, known) for name in names for known in (bytes(32), name)]

"""The ballot box of one unit as its keeper runs it: opened from the record, and handed over at its end.

What a closed box hands over is a folder that anybody can check and that holds nothing private:

================  =================================================================================
``log/``          the entries of its log, frames of :class:`evote.record.LogFrame`
``ballots/``      every admitted ballot in the order of the log, frames of submitted ballots
``hints/``        what came with each of them as its hint, frame by frame; nobody trusts it
``closing.txt``   the closing head with the proof that it continues the head before it
================  =================================================================================
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from evote.ballots import Election
from evote.ballots.hints import frame_of
from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.credential import BUILT_IN, Schemes
from evote.board.log import request_for
from evote.board.note import KeyKind, Note, NoteKey
from evote.board.roll import Roll
from evote.board.witness import Request
from evote.codec import encode
from evote.errors import RefusedError
from evote.office.roll import read_roll
from evote.record.files import write_atomic
from evote.record.folder import new_folder
from evote.record.layout import BALLOTS, HINTS, LOG, ROLL
from evote.record.segments import SegmentWriter
from evote.record.values import LogFrame
from evote.signing import SigningKey
from evote.storage.box import BallotBox
from evote.storage.box_checker import BoardRules
from evote.storage.box_intake import Examiner, examine_each
from evote.storage.box_setting import BoxSetting

CLOSING: Final = "closing.txt"
ENDED: Final = 2
"""Closing entries of a log that has ended."""


def roll_of(election: Election, record: Path) -> Roll | None:
    """The roll in a record, held to the manifest; None where the election has none."""
    return None if election.manifest.roll is None else read_roll(election.manifest, record / ROLL)


def open_unit_box(
    election: Election,
    record: Path,
    unit: str,
    location: str,
    key: SigningKey,
    *,
    make: bool = False,
    join: bool = False,
    anchor: Path | None = None,
    seen: Iterable[Note] = (),
    examiner: Examiner | None = examine_each,
    known: Schemes = BUILT_IN,
    clock: Callable[[], float] = time.time,
) -> BallotBox:
    """The box at ``location``.

    With ``make`` it may be new. A box that was there before begins on this machine, without its anchor, only
    with ``join``: a lost anchor may mean that the box came from a backup. ``seen`` are signed heads of the
    unit's log that others hold. ``known`` are the schemes of credentials
    (:func:`evote.board.credential.schemes`); if one that the manifest declares is not among them,
    :class:`RefusedError`. Raises as :class:`BallotBox`, for a roll that is not the manifest's, and
    :class:`DecodeError` or :class:`VerificationError` for a head that is none of the log.
    """
    rules = BoardRules.of(election, unit, roll_of(election, record), known)
    setting = BoxSetting.of(election, unit)
    log = NoteKey(setting.origin, KeyKind.ED25519, setting.log_key)
    return BallotBox(
        location,
        setting,
        key,
        rules,
        make=make,
        anchor=anchor,
        new_anchor=join,
        witnessed=[open_checkpoint(note, log) for note in seen],
        examiner=examiner,
        clock=clock,
    )


def head_request(box: BallotBox, since: int | None = None) -> Request:
    """The signed head of all entries so far, with the proof that it continues the one of ``since`` leaves.

    By default that is the head that was signed before it. Raises ``ValueError`` for a size that the log
    never had, and as :meth:`BallotBox.head`.
    """
    note = box.head()
    size = _size(note)
    if since is None:
        since = max((held for held in map(_size, box.heads()) if held < size), default=0)
    return request_for(box.tree(), since, note)


def export_box(
    box: BallotBox, election: Election, unit: str, out: Path, since: int | None = None
) -> Checkpoint:
    """Write what a closed box hands over into the new folder ``out``; its closing head.

    ``since`` is as in :func:`head_request`.

    Raises :class:`RefusedError` before the log has ended, or if there is something of that name.
    """
    if box.status().phase != ENDED:
        raise RefusedError("the log has not ended; end it first")
    number = [each.path for each in election.manifest.ballot_units()].index(unit) + 1
    request = head_request(box, since)
    with new_folder(out) as folder:
        with SegmentWriter(folder.subfolder(LOG)) as log:
            for entry in box.entries():
                log.append(encode(LogFrame(number, entry.kind, entry.body)))
        with (
            SegmentWriter(folder.subfolder(BALLOTS)) as ballots,
            SegmentWriter(folder.subfolder(HINTS)) as hints,
        ):
            for ballot in box.ballots():
                ballots.append(ballot.frame)
                hints.append(frame_of(ballot.hint))
        write_atomic(folder.path(CLOSING), request.encode())
    return Checkpoint.parse(request.note.text)


def _size(note: Note) -> int:
    return Checkpoint.parse(note.text).size

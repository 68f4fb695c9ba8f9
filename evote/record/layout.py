"""Which files a published record has, and how large each may be (``specs/record-format.md#layout``).

Names only; nothing here looks at a disk. A path that :func:`kind_of` does not know has no place in
a record: it is never read, never sealed, and a finding wherever it turns up.
"""

from __future__ import annotations

import enum
import re
from typing import Final

from evote.codec import MAX_MANIFEST_BYTES
from evote.manifest import Manifest
from evote.record.values import Stage

MANIFEST: Final = "manifest.json"
PARAMETERS: Final = "parameters.msgpack"
GUARDIANS: Final = "guardians.msgpack"
KEYS: Final = "keys.msgpack"
DEVICES: Final = "devices.msgpack"
TALLY: Final = "tally.msgpack"
DECRYPTION: Final = "decryption.msgpack"
RESULT_JSON: Final = "result.json"
RESULT_CSV: Final = "result.csv"
RETURNS_JSON: Final = "returns.json"
CHECKPOINTS: Final = "checkpoints.msgpack"

BALLOTS: Final = "ballots"
OPENINGS: Final = "openings"
DATA: Final = "data"
ROLL: Final = "roll"
LOG: Final = "log"
ASIDE: Final = "aside"
RETURNS: Final = "returns"
CLOSINGS: Final = "closings"
PROVISIONAL: Final = "provisional"
REQUESTS: Final = "requests"
INDEX: Final = "index"
HINTS: Final = "hints"

_MIB = 1024 * 1024
MAX_INDEX_BYTES: Final = 16 * _MIB
"""Most bytes of an index, without its signature."""

LIMITS: Final = {
    MANIFEST: MAX_MANIFEST_BYTES,
    PARAMETERS: 16 * 1024,
    GUARDIANS: 256 * _MIB,
    KEYS: 16 * 1024,
    DEVICES: 256 * _MIB,
    TALLY: 256 * _MIB,
    DECRYPTION: 256 * _MIB,
    RESULT_JSON: 256 * _MIB,
    RESULT_CSV: 256 * _MIB,
    RETURNS_JSON: 256 * _MIB,
    CHECKPOINTS: 256 * _MIB,
}
"""The single files, each with the most bytes it may have."""

INDEX_LIMIT: Final = MAX_INDEX_BYTES + 1024
"""Most bytes of an index file."""

SEGMENTED: Final = (
    *(BALLOTS, OPENINGS, DATA, ROLL, LOG, ASIDE),
    *(CLOSINGS, PROVISIONAL, REQUESTS, RETURNS),
)
"""Folders of segments that the index covers."""

FIXED: Final = (ROLL,)
"""Folders that stay as the first index seals them."""

BOARD: Final = (LOG, ASIDE, CHECKPOINTS)
"""What only elections with a board have."""

GROWING: Final = frozenset({DEVICES, CHECKPOINTS})
"""Single files whose content may differ from one index to the next, until the record is closed. What they say
is a function of ballots and logs, of which every sealed prefix stays."""

DERIVED: Final = frozenset({RETURNS_JSON})
"""Single files that follow from others, and change whenever these grow."""

_SETUP = (MANIFEST, PARAMETERS, GUARDIANS, KEYS)
_VOTING = (*_SETUP, DEVICES)
REQUIRED: Final = {
    Stage.SETUP: _SETUP,
    Stage.VOTING: _VOTING,
    Stage.FINAL: (*_VOTING, TALLY, DECRYPTION, RESULT_JSON, RESULT_CSV),
}
"""The single files that every record of a stage has. Segments depend on what happened, and what belongs to
a board or a roll on the manifest."""

STAGES: Final = (Stage.SETUP, Stage.VOTING, Stage.FINAL)
"""The stages in their order."""

MAX_SEGMENTS: Final = 999_999

_SEGMENT = re.compile(r"([0-9]{6})\.seg", re.ASCII)
_UNFINISHED = re.compile(r"\.[0-9]{6}\.seg\.[0-9a-f]{16}\.partial", re.ASCII)
"""What an interrupted replacement of hints leaves behind: nothing that a verdict should depend on."""
_NUMBERED_INDEX = re.compile(rf"{INDEX}/([0-9]{{6}})\.msgpack", re.ASCII)


class Kind(enum.Enum):
    """What a file is to the record."""

    SINGLE = "single"
    SEGMENT = "segment"
    INDEX = "index"
    HINT = "hint"
    """Helps a verifier to be fast; in no index, and never trusted."""


def kind_of(path: str) -> Kind | None:
    """The kind of a path relative to the record, with ``/`` between its parts; None if it has no place."""
    if path in LIMITS:
        return Kind.SINGLE
    folder, _, name = path.partition("/")
    if folder == HINTS and _UNFINISHED.fullmatch(name):
        return Kind.HINT
    if folder in (*SEGMENTED, HINTS) and segment_number(name):
        return Kind.HINT if folder == HINTS else Kind.SEGMENT
    return Kind.INDEX if index_number(path) else None


def segment_name(number: int) -> str:
    """The file name of segment ``number``, from 1 to ``MAX_SEGMENTS``: ``000001.seg``."""
    if not 1 <= number <= MAX_SEGMENTS:
        raise ValueError(f"segments count from 1 to {MAX_SEGMENTS}")
    return f"{number:06}.seg"


def segment_number(name: str) -> int:
    """The number of a segment by its file name, 0 if it is no such name."""
    found = _SEGMENT.fullmatch(name)
    return int(found[1]) if found else 0


def index_path(sequence: int) -> str:
    """The path of index ``sequence``, from 1 to 999999: ``index/000001.msgpack``."""
    if not 1 <= sequence <= MAX_SEGMENTS:
        raise ValueError(f"indexes count from 1 to {MAX_SEGMENTS}")
    return f"{INDEX}/{sequence:06}.msgpack"


def index_number(path: str) -> int:
    """The sequence number of an index by its path, 0 if it is no such path."""
    found = _NUMBERED_INDEX.fullmatch(path)
    return int(found[1]) if found else 0


# What a map of the codec adds around its values: names of fields, markers, lengths.
_PAIR = 128
_FRAME = 512


def largest_ballot(manifest: Manifest, element_bytes: int) -> int:
    """No submitted ballot of this election has a longer frame.

    A bound with some room, so that what is longer is refused before it is read (A34).
    """
    contests = 0
    for contest in manifest.contests:
        contests += _FRAME + _PAIR * (contest.limit + 1)
        contests += sum(_FRAME + 2 * element_bytes + _PAIR * (option.limit + 1) for option in contest.options)
        if contest.data is not None:
            contests += _FRAME + element_bytes + _PAIR + 32 * contest.data.blocks
    return 16 * 1024 + element_bytes + contests + _largest_pre_encryption(manifest, element_bytes)


def _largest_pre_encryption(manifest: Manifest, element_bytes: int) -> int:
    """What a pre-encrypted ballot may have besides; where there is none, nothing."""
    if manifest.pre_encryption is None:
        return 0
    total = 0
    for index in {
        index for label in manifest.pre_encryption.styles for index in manifest.style(label).contests
    }:
        contest = manifest.contest(index)
        fields = sum(_FRAME + 2 * element_bytes + _PAIR * (option.limit + 1) for option in contest.options)
        total += _FRAME + (len(contest.options) + contest.limit) * (_FRAME + fields)
    return total


def largest_hint(manifest: Manifest, element_bytes: int) -> int:
    """No hint of a ballot of this election has a longer frame: identifier, and all commitments there are."""
    commitments = 1
    for contest in manifest.contests:
        commitments += sum(2 * (option.limit + 1) for option in contest.options)
        commitments += 2 * (contest.limit + 1) + (contest.data is not None)
        if manifest.pre_encryption is not None and contest.limit > 1:  # L vectors beside their product
            commitments += contest.limit * sum(2 * (option.limit + 1) for option in contest.options)
    return 32 + commitments * element_bytes

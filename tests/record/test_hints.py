"""Hint files: in line with the ballots after anything, and nothing in them can stop a reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.ballots.hints import NO_HINT, BallotHint, frame_of
from evote.errors import StorageError
from evote.record import RecordReader
from evote.record.files import Lock
from evote.record.hints import HintFiller, HintWriter, align, cut_back, read_hints, whole_frames
from evote.record.layout import largest_hint
from evote.record.segments import SegmentWriter, frame_bytes, read_frames
from evote.testing.groups import toy
from tests.record.kit import GROUPS, begin, small, write_final

WIDTH = toy().element_bytes
LIMIT = 32 + 4 * WIDTH


def numbered(number: int, count: int = 2) -> BallotHint:
    return BallotHint(bytes((number,)) * 32, bytes(WIDTH * count))


HINTS = [numbered(1), None, numbered(3, 4), numbered(4, 1), numbered(5)]


def write(folder: Path, hints: list[BallotHint | None] = HINTS, *, segment_bytes: int = 200) -> Path:
    with HintWriter(folder, 0, segment_bytes=segment_bytes) as writer:
        for hint in hints:
            writer.append(hint)
    return folder


def read(folder: Path) -> tuple[list[BallotHint | None], list[str]]:
    warnings: list[str] = []
    return list(read_hints(folder, element_bytes=WIDTH, limit=LIMIT, warn=warnings.append)), warnings


def test_hints_are_read_back_in_order(tmp_path: Path) -> None:
    assert read(write(tmp_path / "hints")) == (HINTS, [])
    assert len(list((tmp_path / "hints").iterdir())) > 2


def test_a_folder_that_is_not_there_has_no_hints_and_nothing_to_warn_of(tmp_path: Path) -> None:
    assert read(tmp_path / "hints") == ([], [])


def _last(folder: Path) -> Path:
    return sorted(folder.iterdir())[-1]


def _torn(folder: Path) -> None:
    _last(folder).write_bytes(_last(folder).read_bytes()[:-1])


def _too_long(folder: Path) -> None:
    _last(folder).write_bytes(frame_bytes(bytes(LIMIT + 1)))


def _gap(folder: Path) -> None:
    (folder / "000002.seg").unlink()


def _link(folder: Path) -> None:
    _last(folder).unlink()
    (folder / "000004.seg").symlink_to("/etc/hostname")


@pytest.mark.parametrize("damage", [_torn, _too_long, _gap, _link])
def test_what_is_broken_ends_the_hints_with_a_warning(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    folder = write(tmp_path / "hints")
    damage(folder)
    found, warnings = read(folder)
    assert found == HINTS[: len(found)] and len(found) < len(HINTS)
    assert len(warnings) == 1 and "end here" in warnings[0]


def test_a_content_of_another_form_is_one_ballot_without_a_hint(tmp_path: Path) -> None:
    with SegmentWriter(tmp_path) as segments:
        for content in (frame_of(HINTS[0]), b"rubbish", frame_of(HINTS[4])):
            segments.append(content)
    found, warnings = read(tmp_path)
    assert found == [HINTS[0], None, HINTS[4]]
    assert warnings == ["hint 1 is none: 7 bytes are no identifier with commitments"]


@given(st.integers(0, 700), st.integers(0, 7))
def test_after_any_cut_the_hints_come_in_line_with_the_ballots_again(
    tmp_path_factory: pytest.TempPathFactory, size: int, ballots: int
) -> None:
    folder = write(tmp_path_factory.mktemp("cut") / "hints", segment_bytes=10**6)
    segment = folder / "000001.seg"
    segment.write_bytes(segment.read_bytes()[:size])
    with HintWriter(folder, ballots) as writer:
        writer.append(numbered(9))
    found, warnings = read(folder)
    assert warnings == [] and len(found) == ballots + 1 and found[-1] == numbered(9)
    kept = next((n for n in range(ballots) if n >= 5 or found[n] != HINTS[n]), ballots)
    assert found[:kept] == HINTS[:kept] and set(found[kept:ballots]) <= {None}


@pytest.mark.parametrize("ballots", range(7))
def test_across_segments_too(tmp_path: Path, ballots: int) -> None:
    folder = write(tmp_path / "hints")
    with HintWriter(folder, ballots):
        pass
    assert read(folder) == ((HINTS + [None] * 2)[:ballots], [])


@pytest.mark.parametrize("damage", [_torn, _too_long, _gap])
def test_what_stands_behind_a_break_is_cut_off_and_marked(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    folder = write(tmp_path / "hints")
    damage(folder)
    align(folder, 5)
    with SegmentWriter(folder):
        assert len(list(read_frames(folder))) == 5


def test_hints_that_are_known_fill_the_places_that_are_missing(tmp_path: Path) -> None:
    folder = write(tmp_path / "hints", HINTS[:1])
    align(folder, 5, {2: HINTS[2] or numbered(0), 4: numbered(5)})
    assert read(folder) == ([HINTS[0], None, HINTS[2], None, HINTS[4]], [])


def test_a_link_in_the_place_of_hints_is_never_written_through(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"precious")
    folder = tmp_path / "hints"
    folder.mkdir()
    (folder / "000001.seg").symlink_to(other)
    with pytest.raises(StorageError):
        HintWriter(folder, 3)
    assert other.read_bytes() == b"precious"


# --- in a record -------------------------------------------------------------------------------------


def test_a_record_takes_hints_beside_its_ballots(tmp_path: Path) -> None:
    kit, published = small()
    writer = begin(tmp_path / "record")
    for first, end in ((0, 2), (2, 6)):
        with writer.ballots() as ballots, writer.hints() as hints:
            for submitted in published.submitted[first:end]:
                ballots.append(submitted)
                hints.append(kit.hints[submitted.ballot.identifier])
    warnings: list[str] = []
    reader = RecordReader(tmp_path / "record", GROUPS)
    limit = largest_hint(kit.manifest, WIDTH)
    found = list(reader.hints(limit=limit, warn=warnings.append))
    assert found == [kit.hints[each.ballot.identifier] for each in published.submitted]
    assert warnings == []


def test_ballots_that_came_without_hints_are_marked(tmp_path: Path) -> None:
    _, published = small()
    writer = begin(tmp_path / "record")
    with writer.ballots() as ballots:
        for submitted in published.submitted:
            ballots.append(submitted)
    with writer.hints():
        pass
    frames = [content for _, content in read_frames(tmp_path / "record" / "hints")]
    assert frames == [NO_HINT] * 6


def test_a_folder_of_hints_that_is_a_link_is_a_warning(tmp_path: Path) -> None:
    reader = write_final(tmp_path / "record")
    (tmp_path / "record" / "hints").symlink_to(tmp_path)
    warnings: list[str] = []
    assert list(reader.hints(limit=LIMIT, warn=warnings.append)) == []
    assert len(warnings) == 1 and "symbolic link" in warnings[0]


# --- whole frames ------------------------------------------------------------------------------------


def segments(folder: Path, *contents: bytes) -> Path:
    folder.mkdir()
    for number, content in enumerate(contents, 1):
        (folder / f"{number:06}.seg").write_bytes(content)
    return folder


ONE, TWO = frame_bytes(b"one"), frame_bytes(b"two more")


@pytest.mark.parametrize(
    ("contents", "wanted"),
    [
        ((ONE + TWO, ONE), (3, 2, 7)),
        ((ONE + bytes(4) + TWO,), (1, 1, 7)),  # an empty frame
        ((ONE + frame_bytes(bytes(21)) + TWO,), (1, 1, 7)),  # a frame beyond the limit
        ((ONE + TWO[:-1], ONE), (1, 1, 7)),  # torn, and another segment behind
        ((ONE, b"", ONE), (1, 2, 0)),
        ((b"",), (0, 1, 0)),
    ],
)
def test_whole_frames_end_at_the_first_that_is_none(
    contents: tuple[bytes, ...], wanted: tuple[int, int, int], tmp_path: Path
) -> None:
    folder = segments(tmp_path / "hints", *contents)
    assert whole_frames(folder, limit=20) == wanted


def test_what_stands_behind_a_torn_frame_is_cut_off_with_all_later_segments(tmp_path: Path) -> None:
    folder = segments(tmp_path / "hints", ONE + TWO[:-1], ONE, TWO)
    assert cut_back(folder, 9) == 1
    assert [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.seg"))] == [("000001.seg", ONE)]


def test_nothing_is_cut_while_somebody_writes(tmp_path: Path) -> None:
    folder = segments(tmp_path / "hints", ONE + TWO[:-1])
    with Lock(folder), pytest.raises(StorageError, match="somebody else"):
        cut_back(folder, 9)
    assert (folder / "000001.seg").read_bytes() == ONE + TWO[:-1]


def fill(folder: Path, hints: list[BallotHint | None]) -> None:
    filler = HintFiller(folder, segment_bytes=200)
    for hint in hints:
        filler.append(hint)
    filler.close()
    filler.close()


@pytest.mark.parametrize(
    "before", [[], HINTS[:3], HINTS, [*HINTS, numbered(9)], [None] * 5, [HINTS[0], numbered(7)]]
)
def test_hints_of_all_ballots_take_the_place_of_whatever_is_there(
    tmp_path: Path, before: list[BallotHint | None]
) -> None:
    fill(write(tmp_path / "hints", before), HINTS)
    assert read(tmp_path / "hints") == (HINTS, [])


def test_hints_that_are_there_already_are_not_written_again(tmp_path: Path) -> None:
    folder = write(tmp_path / "hints")
    first = sorted(folder.iterdir())[0]
    inode, changed = first.stat().st_ino, first.stat().st_mtime_ns
    fill(folder, [*HINTS[:-1], numbered(8)])
    assert read(folder) == ([*HINTS[:-1], numbered(8)], [])
    assert (first.stat().st_ino, first.stat().st_mtime_ns) == (inode, changed)


def test_behind_a_torn_frame_hints_are_filled_in_anew(tmp_path: Path) -> None:
    folder = write(tmp_path / "hints")
    _torn(folder)
    fill(folder, HINTS)
    assert read(folder) == (HINTS, [])

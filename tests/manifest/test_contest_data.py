"""Contest data: one length, one form, and nothing that padding could be taken for."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evote.errors import DecodeError
from evote.manifest import (
    Contest,
    ContestData,
    ContestRecord,
    ContestStatus,
    FieldKind,
    Option,
    contest_data_blocks,
    contest_data_bytes,
)
from tests.manifest.samples import build, one_contest, sample

NORMAL, UNDERVOTE, OVERVOTE, NULL_VOTE = ContestStatus


def contest(options: int = 3, *, limit: int = 1, write_ins: int = 2, size: int = 20) -> Contest:
    """A contest of so many options with R = 1, one supplemental field, and contest data."""
    fields = tuple(Option(place, f"o{place}", 1) for place in range(1, options + 1))
    fields += (Option(options + 1, "overvote", 1, FieldKind.OVERVOTE),)
    blocks = contest_data_blocks(options, write_ins, size)
    return Contest(1, "C", limit, fields, ContestData(write_ins, size, blocks))


LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))


@st.composite
def records(draw: st.DrawFn, of: Contest) -> ContestRecord:
    assert of.data is not None
    status = draw(st.sampled_from(ContestStatus))
    marks: tuple[int, ...] = ()
    if status is OVERVOTE:
        count = len(of.selectable)
        marks = tuple(draw(st.lists(st.integers(0, 65535), min_size=count, max_size=count)))
        assume(sum(marks) > of.limit)
    texts = draw(st.lists(st.text(LETTERS, max_size=5), max_size=of.data.write_ins))
    assume(not texts or texts[-1])
    return ContestRecord(status, marks, tuple(texts))


@given(st.data(), st.integers(1, 5), st.integers(0, 3))
def test_every_record_is_read_back_and_all_have_one_length(
    data: st.DataObject, options: int, write_ins: int
) -> None:
    of = contest(options, write_ins=write_ins)
    record = data.draw(records(of))
    encoded = record.encode(of)
    assert len(encoded) == contest_data_bytes(of)
    assert ContestRecord.decode(encoded, of) == record


@given(st.data())
def test_two_records_never_share_an_encoding(data: st.DataObject) -> None:
    of = contest()
    left, right = data.draw(records(of)), data.draw(records(of))
    assert (left == right) == (left.encode(of) == right.encode(of))


@given(st.data())
def test_no_other_bytes_decode_to_a_record(data: st.DataObject) -> None:
    of = contest()
    encoded = bytearray(data.draw(records(of)).encode(of))
    place = data.draw(st.integers(0, len(encoded) - 1))
    encoded[place] ^= data.draw(st.integers(1, 255))
    try:
        other = ContestRecord.decode(bytes(encoded), of)
    except DecodeError:
        return
    assert other.encode(of) == encoded


@pytest.mark.parametrize(
    ("options", "write_ins", "size"), list(itertools.product((1, 2, 11, 100), (0, 1, 3), (1, 24, 64, 4096)))
)
def test_the_blocks_are_the_fewest_that_hold_the_longest_record(
    options: int, write_ins: int, size: int
) -> None:
    of = contest(options, write_ins=write_ins, size=size)
    longest = ContestRecord(OVERVOTE, (65535,) * options, ("x" * size,) * write_ins)
    encoded = longest.encode(of)
    assert len(encoded.rstrip(b"\x00")) > len(encoded) - 32


def test_the_form_is_the_documented_one() -> None:
    of = contest(2)
    record = ContestRecord(OVERVOTE, (1, 258), ("", "Zoë"))
    parts = "01 02  0002 0001 0102  0002 0000 0004 5a6fc3ab"
    assert record.encode(of) == bytes.fromhex(parts).ljust(64, b"\x00")
    assert ContestRecord().encode(of) == bytes.fromhex("0100").ljust(64, b"\x00")


def faults() -> list[tuple[str, str, str]]:
    """Id, hexadecimal start of 64 bytes, and what the error says; for a contest of two options."""
    return [
        ("form", "00 00", "form that is not known"),
        ("empty", "", "form that is not known"),
        ("status", "01 04", "4 is no status"),
        ("overvote without marks", "01 02 0000 0000", "marks are recorded for an overvote"),
        ("marks without overvote", "01 00 0002 0001 0001 0000", "marks are recorded for an overvote"),
        ("too few marks", "01 02 0001 0002 0000", "an overvote has 2 marks, not 1"),
        ("too many marks", "01 02 0003 0001 0001 0001 0000", "an overvote has 2 marks, not 3"),
        ("marks within the limits", "01 02 0002 0000 0001 0000", "keep every limit"),
        ("marks beyond the end", "01 02 ffff", "beyond its end"),
        ("too many write-ins", "01 00 0000 0003 000161 000161 000161", "3 write-ins are more than 2"),
        ("unused last write-in", "01 00 0000 0002 000161 0000", "after the last one used"),
        ("too long a write-in", "01 00 0000 0001 0015" + "61" * 21, "longer than 20 bytes"),
        ("write-in beyond the end", "01 00 0000 0001 0040", "beyond its end"),
        ("write-in not UTF-8", "01 00 0000 0001 0001 ff", "not UTF-8"),
        ("write-in with overlong UTF-8", "01 00 0000 0001 0002 c0af", "not UTF-8"),
        ("write-in with a line break", "01 00 0000 0001 0001 0a", "control characters"),
        ("padding not zero", "01 00 0000 0000 01", "padded with zero bytes"),
        ("padding of spaces", "01 00 0000 0000 20 20", "padded with zero bytes"),
    ]


@pytest.mark.parametrize(("name", "start", "error"), faults(), ids=[fault[0] for fault in faults()])
def test_other_bytes_are_refused(name: str, start: str, error: str) -> None:
    with pytest.raises(DecodeError, match=error):
        ContestRecord.decode(bytes.fromhex(start).ljust(64, b"\x00"), contest(2))


@pytest.mark.parametrize("size", [0, 32, 63, 65, 96])
def test_another_length_is_refused(size: int) -> None:
    encoded = ContestRecord().encode(contest(2))
    with pytest.raises(DecodeError, match=f"has 64 bytes, not {size}"):
        ContestRecord.decode(encoded.ljust(size, b"\x00")[:size], contest(2))


def test_a_last_byte_that_is_not_padding_is_refused() -> None:
    encoded = ContestRecord().encode(contest(2))
    with pytest.raises(DecodeError, match="padded with zero bytes"):
        ContestRecord.decode(encoded[:-1] + b"\x01", contest(2))


def test_an_overvote_of_one_option_is_one_though_the_contest_limit_holds() -> None:
    of = build(one_contest(options=["a", {"label": "b", "limit": 2}], limit=3, contest_data=True)).contest(1)
    record = ContestRecord(OVERVOTE, (2, 0))
    assert ContestRecord.decode(record.encode(of), of) == record
    with pytest.raises(ValueError, match="no overvote"):
        ContestRecord(OVERVOTE, (1, 2)).encode(of)


@pytest.mark.parametrize(
    ("record", "error"),
    [
        (lambda: ContestRecord(OVERVOTE), "marks are recorded"),
        (lambda: ContestRecord(UNDERVOTE, (1, 0, 0)), "marks are recorded"),
        (lambda: ContestRecord(OVERVOTE, (-1, 5, 0)), "between 0 and 65535"),
        (lambda: ContestRecord(OVERVOTE, (65536, 5, 0)), "between 0 and 65535"),
        (lambda: ContestRecord(NORMAL, (), ("tab\t",)), "control characters"),
        (lambda: ContestRecord(NORMAL, (), ("\ud800",)), "control characters"),
        (lambda: ContestRecord(NORMAL, (), ("a", "")), "after the last one used"),
        (lambda: ContestRecord(OVERVOTE, (1, 1)).encode(contest(3)), "contest 'C': an overvote has 3 marks"),
        (lambda: ContestRecord(NORMAL, (), ("a", "b", "c")).encode(contest()), "3 write-ins are more than 2"),
        (lambda: ContestRecord(NORMAL, (), ("é" * 11,)).encode(contest()), "longer than 20 bytes"),
    ],
)
def test_a_record_that_cannot_be_is_the_callers_mistake(record: object, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        record()  # type: ignore[operator]


def test_a_contest_without_the_field_takes_no_record() -> None:
    council = sample().contest_by_label("Council")
    for attempt in (
        lambda: ContestRecord().encode(council),
        lambda: ContestRecord.decode(bytes(32), council),
        lambda: contest_data_bytes(council),
    ):
        with pytest.raises(ValueError, match="contest 'Council' has no contest data field"):
            attempt()

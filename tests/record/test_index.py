"""The index: a record is what was sealed, at every publication, or the difference is named."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evote.codec import encode
from evote.errors import DecodeError, VerificationError
from evote.hashing import sha256
from evote.record import layout
from evote.record.folder import Found
from evote.record.index import (
    ORIGIN,
    TAG,
    examine_indexes,
    form_faults,
    growth_faults,
    is_date,
    next_index,
    open_index,
    seal_index,
    shown,
)
from evote.record.reader import RecordReader
from evote.record.segments import frame_bytes
from evote.record.values import FORMAT, Index, IndexEntry, SealedIndex, Stage
from evote.signing import SigningKey
from evote.tally import ClosingHead
from tests.record.kit import DATES, GROUPS, small, write_grown

GROWING = ("ballots/000001.seg", "devices.msgpack")


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record of five publications; not to be changed."""
    directory = tmp_path_factory.mktemp("grown") / "record"
    write_grown(directory)
    return directory


@pytest.fixture
def record(grown: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(grown, tmp_path / "record"))


def findings(directory: Path) -> list[tuple[str, str]]:
    """Place and message of everything that the check finds."""
    kit, _ = small()
    reader = RecordReader(directory, GROUPS)
    found = list(
        examine_indexes(reader, key=kit.authority.verify_key.encoded, fingerprint=kit.election.extended_hash)
    )
    assert all(isinstance(error, VerificationError) and not error.check for error in found)
    return [(error.where, error.message) for error in found]


def index_of(directory: Path, sequence: int) -> Index:
    path, _, sealed = RecordReader(directory, GROUPS).indexes()[sequence - 1]
    assert path == layout.index_path(sequence)
    assert isinstance(sealed, SealedIndex)
    return open_index(sealed)


def seal_again(directory: Path, sequence: int, change: Callable[[Index], Index]) -> None:
    """Let the authority itself change an index: signatures and hashes fit again from there on."""
    kit, _ = small()
    names = sorted(os.listdir(directory / "index"))
    for number in range(sequence, len(names) + 1):
        index = index_of(directory, number)
        if number == sequence:
            index = change(index)
        elif number > 1:
            index = replace(index, previous=sha256((directory / "index" / names[number - 2]).read_bytes()))
        (directory / "index" / names[number - 1]).write_bytes(encode(seal_index(index, kit.authority)))


# --- what grows honestly -----------------------------------------------------------------------------


def test_a_record_that_grew_through_every_stage_is_what_was_sealed(grown: Path) -> None:
    assert findings(grown) == []


def test_each_publication_seals_what_was_there_then(grown: Path) -> None:
    indexes = [index_of(grown, number) for number in range(1, 6)]
    assert [index.sequence for index in indexes] == [1, 2, 3, 4, 5]
    assert [index.stage for index in indexes] == [Stage.SETUP, *[Stage.VOTING] * 3, Stage.FINAL]
    assert [index.date for index in indexes] == list(DATES[:5])
    assert [index.head is not None for index in indexes] == [False, False, False, True, True]
    sizes = [sum(e.size for e in index.files if e.path.startswith("ballots/")) for index in indexes]
    assert sizes[0] == 0
    assert sizes == sorted(sizes) and len(set(sizes[:4])) == 4 and sizes[3] == sizes[4]
    whole = b"".join(path.read_bytes() for path in sorted((grown / "ballots").iterdir()))
    for index in indexes[1:]:
        for entry in index.files:
            if entry.path.startswith("ballots/"):
                assert sha256((grown / entry.path).read_bytes()[: entry.size]) == entry.digest
    assert sizes[4] == len(whole)


def test_each_index_names_the_hash_of_the_file_before(grown: Path) -> None:
    before: bytes | None = None
    for number in range(1, 6):
        assert index_of(grown, number).previous == before
        before = sha256((grown / layout.index_path(number)).read_bytes())


def test_every_file_but_indexes_and_hints_is_sealed(grown: Path) -> None:
    sealed = {entry.path for entry in index_of(grown, 5).files}
    there = {str(path.relative_to(grown)) for path in grown.rglob("*") if path.is_file()}
    assert sealed == {path for path in there if not path.startswith("index/")}


def test_hints_are_in_no_index_and_no_finding(record: Path) -> None:
    (record / "hints").mkdir()
    (record / "hints" / "000001.seg").write_bytes(b"anything")
    assert findings(record) == []


def test_a_prefix_of_the_publications_is_the_record_of_that_time(record: Path) -> None:
    index = index_of(record, 3)
    sizes = {entry.path: entry.size for entry in index.files}
    sizes |= {layout.index_path(number): 10**6 for number in (1, 2, 3)}
    for path in sorted(path for path in record.rglob("*") if path.is_file()):
        name = str(path.relative_to(record))
        if name in sizes:
            path.write_bytes(path.read_bytes()[: sizes[name]])
        else:
            path.unlink()
    kit, published = small()
    (record / "devices.msgpack").write_bytes(encode(kit.devices(published.submitted[:5])))
    assert findings(record) == []
    assert len(list(RecordReader(record, GROUPS).ballots())) == 5


# --- what others do to a record ----------------------------------------------------------------------


def damage(record: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    (record / name).parent.mkdir(exist_ok=True)
    before = (record / name).read_bytes() if (record / name).exists() else b""
    (record / name).write_bytes(change(before))


def flip(data: bytes) -> bytes:
    return data[:-1] + bytes((data[-1] ^ 1,))


SINGLE = (
    "manifest.json",
    "parameters.msgpack",
    "guardians.msgpack",
    "keys.msgpack",
    "devices.msgpack",
    "tally.msgpack",
    "decryption.msgpack",
    "result.json",
    "result.csv",
    "openings/000001.seg",
    "data/000001.seg",
)


@pytest.mark.parametrize("name", SINGLE)
def test_one_bit_of_any_file_is_found(record: Path, name: str) -> None:
    damage(record, name, flip)
    size = (record / name).stat().st_size
    assert findings(record) == [(name, f"the first {size} bytes are not those that were sealed")]


@pytest.mark.parametrize("name", SINGLE)
def test_bytes_more_or_less_are_found(record: Path, name: str) -> None:
    good = (record / name).read_bytes()
    (record / name).write_bytes(good + b"\n")
    assert findings(record) == [(name, "the file does not have its sealed length")]
    (record / name).write_bytes(good[:-1])
    assert findings(record) == [(name, "the file does not have its sealed length")]


@pytest.mark.parametrize("name", SINGLE)
def test_a_file_that_is_missing_is_found(record: Path, name: str) -> None:
    (record / name).unlink()
    if name == "manifest.json":
        with pytest.raises(Exception, match=r"has no manifest\.json"):
            findings(record)
        return
    assert findings(record) == [(name, "the file is missing")]


def test_a_bit_of_a_ballot_is_found_at_every_publication_that_sealed_it(record: Path) -> None:
    damage(record, "ballots/000001.seg", lambda data: bytes((data[0], data[1], data[2] ^ 1)) + data[3:])
    sealed = {
        entry.size
        for number in range(1, 6)
        for entry in index_of(record, number).files
        if entry.path == "ballots/000001.seg"
    }
    assert findings(record) == [
        ("ballots/000001.seg", f"the first {size} bytes are not those that were sealed")
        for size in sorted(sealed, reverse=True)
    ]


def test_a_ballot_behind_the_sealed_ones_is_found(record: Path) -> None:
    last = sorted(os.listdir(record / "ballots"))[-1]
    damage(record, f"ballots/{last}", lambda data: data + frame_bytes(b"one more"))
    assert findings(record) == [(f"ballots/{last}", "the file does not have its sealed length")]


def test_swapped_and_repeated_ballots_are_found(record: Path) -> None:
    path = record / "ballots" / "000001.seg"
    data = path.read_bytes()
    length = 4 + int.from_bytes(data[:4], "big")
    path.write_bytes(data[length:] + data[:length])
    assert {where for where, _ in findings(record)} == {"ballots/000001.seg"}
    path.write_bytes(data + data[:length])
    assert findings(record) == [("ballots/000001.seg", "the file does not have its sealed length")]


def test_a_whole_segment_that_nobody_sealed_is_found(record: Path) -> None:
    number = len(os.listdir(record / "ballots")) + 1
    damage(record, f"ballots/{number:06}.seg", lambda _: frame_bytes(b"one more"))
    assert findings(record) == [(f"ballots/{number:06}.seg", "the last index does not seal the file")]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("notes.txt", "the file has no place in a record"),
        ("ballots/1.seg", "the file has no place in a record"),
        ("index/1.msgpack", "the file has no place in a record"),
        ("index/000000.msgpack", "the file has no place in a record"),
        ("hints/other", "the file has no place in a record"),
        ("more/000001.seg", "the file has no place in a record"),
        (".keys.msgpack.0123456789abcdef.partial", "the file has no place in a record"),
        ("guardian1/share.bin", "looks private; take the record off the public place"),
        ("SECRET", "looks private"),
        ("authority.pem", "looks private"),
        ("hints/nonces", "looks private"),
        ("passphrase.txt", "looks private"),
    ],
)
def test_a_file_without_a_place_is_found(record: Path, name: str, message: str) -> None:
    damage(record, name, lambda _: b"x")
    [(where, said)] = findings(record)
    assert where == name
    assert message in said


def test_links_and_pipes_are_found(record: Path) -> None:
    (record / "keys.msgpack").unlink()
    (record / "keys.msgpack").symlink_to("parameters.msgpack")
    os.mkfifo(record / "result.json.fifo")
    assert findings(record) == [
        ("keys.msgpack", "a record holds files, and this is a link or a device"),
        ("result.json.fifo", "a record holds files, and this is a link or a device"),
        ("keys.msgpack", "the file is missing"),
    ]


def test_a_name_that_is_no_text_is_shown_harmlessly(record: Path) -> None:
    with open(os.fsencode(record) + b"/\xff\n\x1b", "wb"):
        pass
    [(where, _)] = findings(record)
    assert where == r"'\udcff\n\x1b'"
    assert shown("a" * 300) == ascii("a" * 200)


# --- the chain of indexes ----------------------------------------------------------------------------


def test_a_record_without_an_index_is_found(record: Path) -> None:
    shutil.rmtree(record / "index")
    assert findings(record) == [("index", "the record has no index")]


def test_an_index_that_is_missing_is_found(record: Path) -> None:
    (record / "index" / "000002.msgpack").unlink()
    found = findings(record)
    assert ("index", "index/000002.msgpack is missing") in found


def test_an_index_left_off_at_the_end_shows_files_that_nobody_sealed(record: Path) -> None:
    (record / "index" / "000005.msgpack").unlink()
    assert set(findings(record)) == {
        (name, "the last index does not seal the file")
        for name in (
            "data/000001.seg",
            "decryption.msgpack",
            "openings/000001.seg",
            "result.csv",
            "result.json",
            "tally.msgpack",
        )
    }


def test_an_index_that_does_not_decode_is_found_and_the_others_are_read(record: Path) -> None:
    damage(record, "index/000002.msgpack", lambda data: data[:-1])
    found = findings(record)
    assert [where for where, _ in found] == ["index/000002.msgpack", "index/000003.msgpack"]
    assert found[0][1].startswith("the index does not decode: index/000002.msgpack")
    assert found[1][1] == "the hash of the index before is another"


def test_another_signature_is_found(record: Path) -> None:
    kit, _ = small()
    raw = RecordReader(record, GROUPS).indexes()[4][2]
    assert isinstance(raw, SealedIndex)
    other = SigningKey.generate(kit.rng)
    election = kit.election.extended_hash
    for signature in (
        raw.signature[:-1] + bytes((raw.signature[-1] ^ 1,)),
        other.sign(TAG, election, ORIGIN, raw.index),
        kit.authority.sign("receipt", election, ORIGIN, raw.index),
        kit.authority.sign(TAG, bytes(32), ORIGIN, raw.index),
        kit.authority.sign(TAG, election, "log", raw.index),
        kit.authority.sign(TAG, election, ORIGIN, raw.index + b"\x00"),
    ):
        (record / "index" / "000005.msgpack").write_bytes(encode(SealedIndex(raw.index, signature)))
        [(where, message)] = findings(record)
        assert where == "index/000005.msgpack"
        assert message.startswith("the authority's signature does not hold: ")


def test_an_index_in_another_form_is_found_though_the_signature_holds(record: Path) -> None:
    kit, _ = small()
    sealed = RecordReader(record, GROUPS).indexes()[4][2]
    assert isinstance(sealed, SealedIndex)
    data = sealed.index + b"\x00"
    again = SealedIndex(data, kit.authority.sign(TAG, kit.election.extended_hash, ORIGIN, data))
    (record / "index" / "000005.msgpack").write_bytes(encode(again))
    assert findings(record)[0][1].startswith("the index does not decode: 1 bytes are left")


def test_a_key_that_is_none_is_found(grown: Path) -> None:
    kit, _ = small()
    source = RecordReader(grown, GROUPS)
    [error] = examine_indexes(source, key=bytes(32), fingerprint=kit.election.extended_hash)
    assert error.where == "manifest.json"


def test_the_index_of_another_election_is_found(grown: Path) -> None:
    kit, _ = small()
    source = RecordReader(grown, GROUPS)
    found = list(examine_indexes(source, key=kit.authority.verify_key.encoded, fingerprint=bytes(32)))
    assert {error.message.partition(":")[0] for error in found} == {
        "the authority's signature does not hold",
        "the index is that of another election",
    }
    assert len(found) == 10


# --- what the authority itself may not do ------------------------------------------------------------


def without(path: str) -> Callable[[Index], Index]:
    return lambda index: replace(index, files=tuple(e for e in index.files if e.path != path))


def entry(path: str, **changes: object) -> Callable[[Index], Index]:
    return lambda index: replace(
        index,
        files=tuple(replace(e, **changes) if e.path == path else e for e in index.files),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("sequence", "change", "wanted"),
    [
        (3, lambda index: replace(index, previous=bytes(32)), "the hash of the index before is another"),
        (3, lambda index: replace(index, previous=None), "the first index, and no other, names none before"),
        (1, lambda index: replace(index, previous=bytes(32)), "the first index, and no other, names none"),
        (3, lambda index: replace(index, sequence=4), "the sequence number is not that of the file"),
        (3, lambda index: replace(index, fingerprint=bytes(32)), "the index is that of another election"),
        (3, lambda index: replace(index, stage=Stage.SETUP), "the stage goes back"),
        (
            3,
            lambda index: replace(index, date="2026-06-01T00:00:00Z"),
            "the date lies before that of the index",
        ),
        (3, lambda index: replace(index, date="yesterday"), "is no date like 2026-06-30T20:00:00Z"),
        (5, lambda index: replace(index, head=None), "a final record has a closing head"),
        (5, lambda index: replace(index, head=ClosingHead(5, bytes(32))), "the closing head changes"),
        (
            1,
            lambda index: replace(index, head=ClosingHead(0, bytes(32))),
            "a record in setup has no closing head",
        ),
        (3, without("keys.msgpack"), "a record of stage voting has keys.msgpack"),
        (5, without("result.csv"), "a record of stage final has result.csv"),
        (3, without("ballots/000001.seg"), "a sealed file is no longer listed"),
        (3, entry("keys.msgpack", digest=bytes(32)), "a sealed file has changed"),
        (3, entry("manifest.json", size=1), "a sealed file has changed"),
        (5, entry("devices.msgpack", digest=bytes(32)), "a sealed file has changed"),
        (3, entry("ballots/000001.seg", size=1), "what was sealed of a segment has changed"),
        (5, entry("ballots/000001.seg", digest=bytes(32)), "what was sealed of a segment has changed"),
        (4, lambda index: replace(index, files=index.files[::-1]), "not listed once each in the order"),
        (4, lambda index: replace(index, files=(*index.files, index.files[-1])), "not listed once each"),
    ],
)
def test_a_rule_of_the_index_is_broken_by_the_authority(
    record: Path, sequence: int, change: Callable[[Index], Index], wanted: str
) -> None:
    seal_again(record, sequence, change)
    messages = [message for _, message in findings(record)]
    assert any(wanted in message for message in messages), messages


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "notes", "index/000001.msgpack", "hints/000001.seg"]
)
def test_an_index_cannot_make_the_verifier_read_other_files(record: Path, path: str) -> None:
    more = IndexEntry(path, 1, bytes(32))
    seal_again(record, 5, lambda i: replace(i, files=tuple(sorted((*i.files, more), key=lambda e: e.path))))
    assert findings(record) == [("index/000005.msgpack", f"{path!r} has no place in an index")]


def sample(stage: Stage = Stage.VOTING, head: ClosingHead | None = None, **sizes: int) -> Index:
    """An index with all required files and segments of the given sizes."""
    files = [IndexEntry(path, 1, bytes(32)) for path in layout.REQUIRED[stage]]
    files += [IndexEntry(f"{name[:-1]}/00000{name[-1]}.seg", size, bytes(32)) for name, size in sizes.items()]
    return Index(
        FORMAT, 2, bytes(32), stage, DATES[0], bytes(32), head, tuple(sorted(files, key=lambda e: e.path))
    )


HEAD = ClosingHead(3, bytes(32))


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        (sample(), sample(ballots1=5), ""),
        (sample(ballots1=5), sample(ballots1=6), ""),
        (sample(ballots1=5), sample(ballots1=6, ballots2=1), ""),
        (
            sample(ballots1=5, ballots2=1),
            sample(ballots1=6, ballots2=1),
            "a segment grew although another follows",
        ),
        (sample(ballots1=5), sample(ballots1=5, head=HEAD), ""),
        (
            sample(ballots1=5, head=HEAD),
            sample(ballots1=6, head=HEAD),
            "ballots were added to a closed record",
        ),
        (
            sample(ballots1=5, head=HEAD),
            sample(ballots1=5, ballots2=1, head=HEAD),
            "ballots were added to a closed",
        ),
        (sample(data1=5, head=HEAD), sample(data1=6, openings1=3, head=HEAD), ""),
        (sample(ballots1=5, head=HEAD), sample(Stage.FINAL, ballots1=5, head=HEAD), ""),
        (sample(Stage.FINAL, head=HEAD), sample(Stage.VOTING, head=HEAD), "the stage goes back"),
    ],
)
def test_what_may_grow_and_what_may_not(before: Index, after: Index, wanted: str) -> None:
    messages = [error.message for error in growth_faults(before, after)]
    if wanted:
        assert any(wanted in message for message in messages)
    else:
        assert messages == []


def test_a_segment_without_the_one_before_it_is_a_fault() -> None:
    assert [error.message for error in form_faults(sample(ballots2=1))] == [
        "the segment before ballots/000002.seg is not listed"
    ]


def test_an_index_that_breaks_a_rule_is_not_made() -> None:
    files = [IndexEntry(path, 1, bytes(32)) for path in layout.REQUIRED[Stage.SETUP]]
    first = next_index(
        None, None, stage=Stage.SETUP, date=DATES[1], fingerprint=bytes(32), head=None, files=files
    )
    assert (first.sequence, first.previous) == (1, None)
    second = next_index(
        b"raw", first, stage=Stage.SETUP, date=DATES[1], fingerprint=bytes(32), head=None, files=files
    )
    assert (second.sequence, second.previous) == (2, sha256(b"raw"))
    for change in ({"date": DATES[0]}, {"date": "2026"}, {"files": files[:-1]}, {"stage": Stage.FINAL}):
        arguments = {
            "stage": Stage.SETUP,
            "date": DATES[1],
            "fingerprint": bytes(32),
            "head": None,
            "files": files,
        }
        with pytest.raises(VerificationError):
            next_index(b"raw", first, **(arguments | change))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["2026-06-30T20:00:00Z", "2024-02-29T00:00:00Z"])
def test_dates_in_utc_are_dates(text: str) -> None:
    assert is_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-06-30",
        "2026-06-30T20:00:00",
        "2026-06-30T20:00:00+00:00",
        "2026-02-30T20:00:00Z",
        "2026-06-30T25:00:00Z",
        "2026-06-30T20:00:00Z\n",
        "٢٠٢٦-06-30T20:00:00Z",
        "2025-02-29T00:00:00Z",
    ],
)
def test_anything_else_is_no_date(text: str) -> None:
    assert not is_date(text)


# --- without a disk ----------------------------------------------------------------------------------


class Memory:
    """A record in memory, as the check sees it."""

    def __init__(self, contents: dict[str, bytes], indexes: Sequence[SealedIndex]) -> None:
        self.contents = contents
        self.sealed = [(layout.index_path(n), encode(sealed), sealed) for n, sealed in enumerate(indexes, 1)]

    def files(self) -> Sequence[Found]:
        return [Found(path, True) for path in sorted([*self.contents, *(path for path, _, _ in self.sealed)])]

    def indexes(self) -> Sequence[tuple[str, bytes, SealedIndex | DecodeError]]:
        return list(self.sealed)

    def digests(self, name: str, sizes: Iterable[int]) -> tuple[int, dict[int, bytes]]:
        data = self.contents[name]
        return len(data), {size: sha256(data[:size]) for size in sizes if size <= len(data)}


def test_the_check_needs_no_disk() -> None:
    kit, _ = small()
    contents = {path: path.encode() for path in layout.REQUIRED[Stage.SETUP]}
    files = [IndexEntry(path, len(data), sha256(data)) for path, data in contents.items()]
    fingerprint = kit.election.extended_hash
    index = next_index(
        None, None, stage=Stage.SETUP, date=DATES[0], fingerprint=fingerprint, head=None, files=files
    )
    source = Memory(contents, [seal_index(index, kit.authority)])
    key = kit.authority.verify_key.encoded
    assert list(examine_indexes(source, key=key, fingerprint=fingerprint)) == []
    contents["keys.msgpack"] += b"!"
    [error] = examine_indexes(source, key=key, fingerprint=fingerprint)
    assert (error.where, error.expected, error.computed) == ("keys.msgpack", "12", "13")


@pytest.mark.parametrize("name", [layout.DEVICES, layout.CHECKPOINTS])
def test_devices_and_checkpoints_may_change_until_a_record_is_closed_and_not_behind_that(name: str) -> None:
    def index(sequence: int, digest: bytes, head: ClosingHead | None) -> Index:
        entry = IndexEntry(name, 10, digest * 32)
        return Index(FORMAT, sequence, bytes(32), Stage.VOTING, DATES[0], bytes(32), head, (entry,))

    head = ClosingHead(0, bytes(32))
    before, after = index(1, b"a", None), index(2, b"b", head)
    assert not list(growth_faults(before, after))
    assert [str(fault) for fault in growth_faults(after, index(3, b"c", head))] == [
        f"index/000003.msgpack, {name}: a sealed file has changed"
    ]

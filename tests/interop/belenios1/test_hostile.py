"""Archives and JSON made to confuse: each is a named finding, and none ends the verifier."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from evote.interop.belenios1 import recognise
from evote.report import Verdict
from tests.interop.belenios1 import writer
from tests.interop.belenios1.conftest import Check
from tests.interop.belenios1.writer import compact, header, small, tar_file

BODY = b'{"a":1}'


def name(kind: str = "data") -> str:
    return f"{writer.sha(BODY)}.{kind}.json"


def block(change: Callable[[bytearray], None]) -> bytes:
    """A file whose header was changed, with a checksum that fits."""
    found = bytearray(header(name(), len(BODY)))
    change(found)
    found[148:156] = b" " * 8
    found[148:156] = f"{sum(found):06o}\0 ".encode()
    return bytes(found) + BODY + bytes(512 - len(BODY))


def put(place: int, value: bytes) -> Callable[[bytearray], None]:
    def change(found: bytearray) -> None:
        found[place : place + len(value)] = value

    return change


FILES = {
    "a symbolic link": block(put(156, b"2")),
    "a folder": block(put(156, b"5")),
    "a long name of GNU tar": block(put(156, b"L")),
    "a magic of ustar": block(put(257, b"ustar\x0000")),
    "the name of a link": block(put(157, b"/etc/passwd")),
    "an absolute path": tar_file("/" + name(), BODY),
    "a path that leaves": tar_file("../" + name(), BODY),
    "another kind of file": tar_file(f"{writer.sha(BODY)}.exe", BODY),
    "a name in capitals": tar_file(name().upper(), BODY),
    "an executable": block(put(100, b"0000755")),
    "a size that is not octal": block(put(124, b"0000000000x")),
    "a size with a sign": block(put(124, b"-0000000007")),
    "a huge size": header(name(), 8**11 - 1) + BODY,
    "a size beyond the end": header(name(), 4096) + BODY + bytes(505),
    "no body": header(name(), 7),
    "padding that is not zero": header(name(), len(BODY)) + BODY + b"\x01" + bytes(504),
    "an end of zeros": bytes(1024),
    "half a block": bytes(100),
    "a wrong checksum": header(name(), len(BODY)).replace(b"\0 \x30", b"\0\0\x30") + BODY + bytes(505),
}


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_the_format_does_not_write_is_found(what: str, check: Check) -> None:
    report = check(small().build() + FILES[what])
    assert "ARCHIVE.1" in report.failed
    assert set(report.failed) <= {"ARCHIVE.1", "ARCHIVE.4"}


FIRST = {
    "another version": b'{"version":2,"timestamp":"1700000000"}',
    "another time": b'{"version":1,"timestamp":"1700000001"}',
    "a time that is no number": b'{"version":1,"timestamp":[1700000000]}',
    "no time": b'{"version":1}',
    "members in another order": b'{"timestamp":"1700000000","version":1}',
    "no JSON": b"hello",
    "nothing": b"",
}


@pytest.mark.parametrize("what", FIRST)
def test_a_first_file_that_is_not_right_is_found(what: str, check: Check) -> None:
    data = small().build()
    report = check(tar_file("BELENIOS", FIRST[what]) + data[1024:])
    assert report.failed == ("ARCHIVE.1",)


def test_an_archive_cut_at_any_place_is_never_a_success(check: Check) -> None:
    data = small().build()
    places = random.Random("cut")
    for size in [0, 1, 511, 512, 1024, *(places.randrange(len(data)) for _ in range(12))]:
        report = check(data[:size])
        assert report.verdict in (Verdict.FAIL, Verdict.INCOMPLETE)
    assert check(data[: len(data) // 512 * 256]).verdict is not Verdict.PASS


def test_an_archive_with_one_bit_changed_is_never_a_success(check: Check) -> None:
    data = small().build()
    places = random.Random("bits")
    for _ in range(25):
        changed = bytearray(data)
        changed[places.randrange(len(data))] ^= 1 << places.randrange(8)
        assert check(bytes(changed)).verdict is Verdict.FAIL


def test_files_in_another_order_are_found(check: Check) -> None:
    parts = small()
    for seed in range(6):
        files = parts.files()
        random.Random(seed).shuffle(files)
        assert check(writer.container(files)).verdict is Verdict.FAIL
    files = parts.files()
    files[0], files[1] = files[1], files[0]
    assert "ARCHIVE.4" in check(writer.container(files)).failed


def text_of(part: str) -> tuple[str, bytes]:
    parts = small()
    value = {
        "election": parts.election,
        "trustees": parts.trustees,
        "credentials": parts.credentials,
        "ballot 0": parts.ballots[0],
        "tally": parts.tally,
        "share 0": parts.shares[0][1],
        "result": parts.result,
    }[part]
    return part, compact(value)


CHECK_OF = {
    "election": "ELECTION.1",
    "trustees": "TRUSTEES.1",
    "credentials": "CREDENTIALS.1",
    "ballot 0": "BALLOTS.1",
    "tally": "TALLY.1",
    "share 0": "DECRYPTIONS.1",
    "result": "RESULT.1",
}

JSON: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda text: b"",
    "half of it": lambda text: text[: len(text) // 2],
    "something after it": lambda text: text + b"{}",
    "a byte order mark": lambda text: b"\xef\xbb\xbf" + text,
    "wrong UTF-8": lambda text: text.replace(b'"', b'"\xff', 1),
    "deep nesting": lambda text: b"[" * 100_000,
    "deep nesting that is closed": lambda text: b"[" * 5000 + b"]" * 5000,
    "a fraction": lambda text: b'{"a":1.5}',
    "a huge number": lambda text: b"[" + b"9" * 100_000 + b"]",
    "an exponent": lambda text: b"[1e400]",
    "NaN": lambda text: b"[NaN]",
    "null": lambda text: b"null",
    "another value": lambda text: b'"text"',
    "half of a surrogate pair": lambda text: b'["\\ud800"]',
    "an empty list": lambda text: b"[]",
    "an empty object": lambda text: b"{}",
}


@pytest.mark.parametrize("part", CHECK_OF)
def test_hostile_json_is_a_finding_of_its_part(part: str, check: Check) -> None:
    _, text = text_of(part)
    for what, change in JSON.items():
        parts = small()
        parts.raw[part] = change(text)
        if part == "credentials" and what == "an empty list":
            continue  # an election without voters: its ballots are of nobody
        report = check(parts.build())
        assert CHECK_OF[part] in report.failed, what


@pytest.mark.parametrize("part", [part for part in CHECK_OF if part not in ("credentials", "tally")])
def test_a_member_twice_or_unknown_is_a_finding_of_its_part(part: str, check: Check) -> None:
    _, text = text_of(part)
    opening = text.index(b"{")
    first = text[opening + 1 : text.index(b":", opening)]
    for wrong in (first + b":1,", b'"stranger":1,'):
        parts = small()
        parts.raw[part] = text[: opening + 1] + wrong + text[opening + 1 :]
        assert CHECK_OF[part] in check(parts.build()).failed


@pytest.mark.parametrize("part", [part for part in CHECK_OF if part not in ("election", "trustees")])
def test_white_space_and_escapes_are_refused_where_there_is_one_form(part: str, check: Check) -> None:
    _, text = text_of(part)
    for wrong in (
        b" " + text,
        text + b"\n",
        text.replace(b'"', b' "', 1),
        text.replace(b'"', b'"\\u0061', 1),
    ):
        parts = small()
        parts.raw[part] = wrong
        report = check(parts.build())
        assert CHECK_OF[part] in report.failed


def test_what_is_no_archive_is_not_recognised(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert not recognise(path)
    assert not recognise(tmp_path)
    for data in (b"", b"BELENIOS", b"BELENIOSX" + bytes(600), b"\x1f\x8b" + bytes(600)):
        path.write_bytes(data)
        assert not recognise(path)
    path.write_bytes(small().build()[:600])
    assert recognise(path)

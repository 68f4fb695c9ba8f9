"""Attacks on encodings, verifiers and operations, each carried out and stopped (A24 to A44)."""

from __future__ import annotations

import json
import socket
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import gmpy2
import pytest

from evote.ballots import hashes
from evote.ballots.batch import examine_chunk
from evote.ballots.examine import examine
from evote.ballots.hints import BallotHint
from evote.ballots.values import ProofPair, SubmittedBallot
from evote.codec import decode, encode
from evote.elgamal import DiscreteLog
from evote.errors import DecodeError, DiscreteLogError
from evote.groups.modp import ModPGroup
from evote.hashing import hmac, tagged, text
from evote.manifest import Manifest
from evote.manifest.strict_json import read_json
from evote.record import RecordReader
from evote.report import Status, Verdict
from evote.report.html import html_page
from evote.secret import Secret
from evote.testing.elections import Kit
from evote.testing.forge import Cheat
from evote.testing.groups import toy
from tests.attacks.kit import kit, report_on, vote
from tests.ballots.chunks import hint, honest
from tests.record.mutations import spoiled
from tests.verifier import alone
from tests.verifier import test_small_cells as cells

# --- encodings ---------------------------------------------------------------------------------------

AMBIGUOUS: dict[str, bytes] = {
    "a member twice": b'{"a": 1, "a": 2}',
    "a member twice, once escaped": b'{"a": 1, "\\u0061": 2}',
    "a fraction": b'{"a": 1.0}',
    "an exponent": b'{"a": 1e3}',
    "minus zero": b'{"a": -0}',
    "not a number": b'{"a": NaN}',
    "infinity": b'{"a": Infinity}',
    "beyond 2^53": b'{"a": 9007199254740993}',
    "a leading zero": b'{"a": 01}',
    "a plus": b'{"a": +1}',
    "half a pair": b'{"a": "\\ud800"}',
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "trailing bytes": b'{"a": 1} {}',
    "a trailing comma": b'{"a": 1,}',
    "a comment": b'{"a": 1} // one',
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_A24_json_that_two_readers_understand_differently_is_read_by_nobody(name: str) -> None:
    """One file, two meanings: the signer's parser takes the first member, the verifier's the last."""
    with pytest.raises(DecodeError):
        read_json(AMBIGUOUS[name])
    assert read_json(b'{"a": 1}') == {"a": 1}


def test_A24_a_manifest_has_no_member_that_nobody_reads() -> None:
    """An unknown member, or a known one in other letters, could mean something to another program."""
    raw = kit().manifest.raw
    value = json.loads(raw)
    for name in ("Contests", "contest_selections", "evote "):
        with pytest.raises(DecodeError):
            Manifest.parse(json.dumps({**value, name: []}).encode())
    assert Manifest.parse(raw) == kit().manifest


def test_A25_no_two_lists_of_fields_share_one_encoding() -> None:
    """The border between two neighbours moves by a digit: another list, and another hash."""
    assert tagged("t", b"a", b"bc") != tagged("t", b"ab", b"c")
    assert tagged("t", b"a", b"") != tagged("t", b"a") != tagged("t", b"", b"a")
    assert tagged("ta", b"b") != tagged("t", b"ab")
    assert text("ab") + text("c") != text("a") + text("bc")
    key = bytes(32)
    assert hmac(key, 0x2A, text("12"), text("3")) != hmac(key, 0x2A, text("1"), text("23"))
    one = hashes.context_identifier(key, "North/1", "2 plain", None, key)
    other = hashes.context_identifier(key, "North/12", " plain", None, key)
    assert one != other
    assert hashes.context_identifier(key, "u", "s", b"", key) != hashes.context_identifier(
        key, "u", "s", None, key
    ), "no pseudonym equals the explicit NONE"
    with pytest.raises(ValueError):
        hashes.contest_hash(key, 2**32, [], [])


def test_A44_a_value_has_one_encoding() -> None:
    """A relay writes a ballot in another way: longer numbers, other order, a field more, trailing bytes."""
    submitted = vote()
    data = encode(submitted)
    width = kit().group.element_bytes
    assert decode(SubmittedBallot, data, element_bytes=width) == submitted
    for name, changed in spoiled(data):
        with pytest.raises(DecodeError):
            decode(SubmittedBallot, changed, element_bytes=width)
            pytest.fail(name)
    weight = data.index(b"weight") + len("weight")
    assert data[weight] == 1
    for longer in (b"\xcc\x01", b"\xcd\x00\x01", b"\xd0\x01", b"\xcb" + bytes(8)):
        with pytest.raises(DecodeError):
            decode(SubmittedBallot, data[:weight] + longer + data[weight + 1 :], element_bytes=width)
    group = kit().group
    for number in (b"\x00" + bytes(31) + b"\x01", b"\x01"):
        with pytest.raises(DecodeError):
            group.decode_scalar(number)
    with pytest.raises(DecodeError):
        group.decode_scalar((kit().q + 1).to_bytes(32, "big"))


def test_A34_what_would_take_memory_or_time_without_end_is_refused_first(tmp_path: Path) -> None:
    """Gigabytes that are declared and absent, brackets without end, a frame of 4 GiB, a power of no count."""
    width = kit().group.element_bytes
    header = encode(vote())[:40]
    hostile = [
        b"\xdf\xff\xff\xff\xff" * 10,
        b"\xdd\xff\xff\xff\xff",
        header + b"\xc6\xff\xff\xff\xff",
        b"\x91" * 1_000_000,
        b"\x82\xa5state\xa4cast\xa6ballot" + b"\xdd\xff\xff\xff\xff" + b"\x90" * 1000,
    ]
    texts = [b"[" * 30_000, b'{"a":' * 30_000, b"9" * 300_000, b'"' + b"\\" * 300_000, b'"' + b'\\"' * 20_000]
    made = kit()
    made.restart()
    vote()
    directory = made.write(made.publish(), tmp_path / "record")
    segment = directory / "ballots" / "000001.seg"
    segment.write_bytes(segment.read_bytes() + b"\xff\xff\xff\xff" + bytes(100))
    begun = time.process_time()
    for data in texts:
        with pytest.raises(DecodeError):
            read_json(data)
    assert time.process_time() - begun < 3, "reading takes time in proportion to the length"
    tracemalloc.start()
    try:
        for data in hostile:
            with pytest.raises(DecodeError):
                decode(SubmittedBallot, data, element_bytes=width)
        with pytest.raises(DecodeError, match="more than the limit"):
            list(RecordReader(directory, {made.group.name: made.group}).ballots())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100 * 2**20
    with pytest.raises(DecodeError, match="limit"):
        read_json(b" " * (17 * 2**20))
    with pytest.raises(DiscreteLogError):
        DiscreteLog(made.election.vote_key.base, 10**6).find(made.group.decode(made.keys.data_key))


# --- verifiers ---------------------------------------------------------------------------------------


def test_A30_a_check_that_was_not_made_is_never_a_success(tmp_path: Path) -> None:
    """The verifier lacks the data of a check: it says NOT CHECKED or FAIL, and ends with another code."""
    report = cells.verify(*cells.election(*cells.TWO, cells.ONE), tmp_path)
    assert report.having(Status.NOT_CHECKED) == ("11.D",)
    assert report.verdict is Verdict.INCOMPLETE and report.exit_code == 3
    made = alone.ceremony("opened")
    for name, checks in (
        ("guardians.msgpack", {"2.A", "2.B", "2.C"}),
        ("tally.msgpack", {"9.A", "9.B"}),
        ("decryption.msgpack", {"10.A", "10.B", "10.C"}),
        ("openings/000001.seg", {"E.13"}),
        ("data/000001.seg", {"E.20"}),
    ):
        directory = made.write(alone.honest(made), tmp_path / name.replace("/", " "))
        (directory / name).unlink()
        report = report_on(made, directory)
        assert report.verdict is Verdict.FAIL and report.exit_code == 1
        passed = set(report.having(Status.PASS))
        assert not checks & passed, (name, checks & passed)


OPENED = alone.ceremony("opened")
FILES = sorted(set(OPENED.files(alone.honest(OPENED))) - {"manifest.json"})


@pytest.mark.parametrize("name", FILES)
def test_A31_a_missing_file_is_never_a_complete_record(name: str, tmp_path: Path) -> None:
    """A memory stick gets lost on the way: every file of the record in turn."""
    made = alone.ceremony("opened")
    directory = made.write(alone.honest(made), tmp_path / "record")
    (directory / name).unlink()
    report = report_on(made, directory)
    assert report.verdict is Verdict.FAIL and report.exit_code == 1
    if name.startswith("index/"):
        assert "E.15" in report.failed
    elif name == "parameters.msgpack":
        assert report.failed == ("E.16",), "without the group nothing else can be read"
    else:
        assert "E.10" in report.failed
        assert any(name in str(finding) for finding in report.check("E.10").findings)


def test_A33_exponents_that_are_secret_take_the_constant_time_road(monkeypatch: pytest.MonkeyPatch) -> None:
    """A neighbour on the machine times a guardian's powers; how long they take says nothing of the share."""
    roads: list[str] = []
    real, plain = gmpy2.powmod_sec, gmpy2.powmod
    group = toy()
    base = group.power(group.generator, group.scalar(9))
    monkeypatch.setattr(gmpy2, "powmod_sec", lambda *parts: (roads.append("secret"), real(*parts))[1])
    monkeypatch.setattr(gmpy2, "powmod", lambda *parts: (roads.append("open"), plain(*parts))[1])
    power = ModPGroup._power
    monkeypatch.setattr(ModPGroup, "_power", lambda *parts: (roads.append("table"), power(*parts))[1])
    for exponent in (1, 2, group.order - 1):
        for value in (base, group.generator):
            group.power_secret(value, Secret(group.scalar(exponent)))
    assert roads == ["secret"] * 6
    with pytest.raises(TypeError, match="Secret"):
        group.power_secret(base, group.scalar(5))  # type: ignore[arg-type]


def test_A35_nothing_is_loaded_from_anywhere_while_a_record_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A side resource comes over a weak road: with the network closed everything works as before."""

    def closed(*arguments: object, **named: object) -> NoReturn:
        raise AssertionError("the network was used")

    for name in ("socket", "create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, closed)
    made = alone.ceremony("small")
    report = report_on(made, made.write(alone.honest(made), tmp_path / "record"))
    assert report.verdict is Verdict.PASS
    shown = html_page(report).lower()
    for outside in ("http://", "https://", "src=", "@import", "url(", "<link"):
        assert outside not in shown, outside


@pytest.mark.parametrize(
    "cheat",
    [
        Cheat(values={"Mayor": [2, 0, 0]}),
        Cheat(values={"Mayor": [1, 1, 0]}),
        Cheat(values={"Mayor": [1000, -1000, 0]}),
        Cheat(flip=frozenset({("Mayor", "Ada")})),
        Cheat(flip=frozenset({("Mayor", "Ada"), ("Mayor", "Grace")})),
        Cheat(fixed_nonces={("Mayor", "Ada"): 0}),
        Cheat(sealed_with=0),
        Cheat(weight=2),
    ],
)
def test_A38_the_fast_way_says_of_every_ballot_what_the_plain_way_says(cheat: Cheat) -> None:
    """A bad ballot is hidden among good ones that are verified together; each gets its own findings."""
    made = kit()
    ballots = honest(made, 24)
    hints: list[BallotHint | None] = [hint(made, submitted) for submitted in ballots]
    bad, _ = made.forge.ballot("North", "all", {"Mayor": {"Ada": 1}}, cheat=cheat)
    ballots.insert(7, bad)
    hints.insert(7, made.forge.hint(bad))
    (sound,) = honest(made, 1)
    ballots.insert(15, _plus_q(made, sound))
    hints.insert(15, hint(made, sound))
    chunk = examine_chunk(made.election, ballots, hints)
    assert chunk.batched > 0, "most ballots were verified together"
    for submitted, fast in zip(ballots, chunk.examinations, strict=True):
        plain = examine(made.election, submitted)
        assert [str(each) for each in fast.findings] == [str(each) for each in plain.findings]
        assert fast.counts == plain.counts
    assert [bool(each.findings) for each in chunk.examinations].count(True) == 2


def _plus_q(made: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    """c_0 + q in the place of c_0: every equation holds, and no hash is that large."""
    first, *contests = submitted.ballot.contests
    selection, *others = first.selections
    pair, *pairs = selection.proof
    raised = (int.from_bytes(pair.challenge, "big") + made.q).to_bytes(32, "big")
    proof = (ProofPair(raised, pair.response), *pairs)
    first = replace(first, selections=(replace(selection, proof=proof), *others))
    return replace(submitted, ballot=replace(submitted.ballot, contests=(first, *contests)))


def test_A43_an_auditor_does_not_say_yes_by_looking_at_nothing(tmp_path: Path) -> None:
    """One bad ballot among many is named, all are counted, and a record without ballots is no success."""
    made = alone.voted(alone.ceremony("small"), (2, Cheat(values={"Mayor": [2, 0, 0]})))
    report = report_on(made, made.write(made.publish(), tmp_path / "bad"))
    assert report.exit_code == 1
    bad = made.submitted[2].ballot.identifier.hex()[:16]
    assert any(bad in finding.where for finding in report.check("6.D").findings)
    assert report.counts["ballots"] == len(made.submitted)
    honest_report = report_on(made, made.write(alone.honest(made), tmp_path / "honest"))
    assert all(result.count > 0 for result in honest_report.checks if result.status is Status.PASS)
    made.restart()
    empty = report_on(made, made.write(_unclosed(made), tmp_path / "empty"))
    assert empty.verdict is not Verdict.PASS and empty.exit_code != 0


def _unclosed(made: Kit):  # type: ignore[no-untyped-def]
    """A record in which nobody voted, without a witnessed or sealed closing."""
    published = made.publish()
    published.edit_index = lambda index: replace(index, head=None)
    return published

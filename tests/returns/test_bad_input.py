"""Every bad input has its own named verdict and exit code, by itself and among others."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable

import pytest

from evote.codec import decode, encode
from evote.manifest import ReturnKind, moment_of, seconds_of
from evote.returns import FileKind, ReturnError, ReturnVerdict, Rosters, check_return, open_file, sign_return
from evote.returns.envelope import FRONT_BYTES, seal
from evote.returns.schemes import BUILT_IN
from evote.returns.signed import ReturnFile
from evote.returns.unitreturn import PlainField, PlainTotal, StyleCount, UnitReturn
from evote.signing import SigningKey
from evote.testing.randomness import SeededRandomness
from evote.testing.returns import MADE_AT, count_of
from tests.returns.kit import digest, foreign, kit, merged, state, verdicts

YEAR = 365 * 24 * 60 * 60


def _content(data: bytes) -> ReturnFile:
    return decode(ReturnFile, open_file(data).body, element_bytes=0)


def _resealed(data: bytes, **changes: object) -> bytes:
    """The file with other content, and a front that fits it."""
    content = dataclasses.replace(_content(data), **changes)  # type: ignore[arg-type]
    return seal(FileKind.RETURN, open_file(data).unit, encode(content))


def _negative() -> bytes:
    """A return with -1 in the place of a count, signed by the unit's own key: no program of ours makes it."""
    k = kit()
    made = encode(k.made("B", votes=5))
    count = encode(PlainField("Ada", 5))
    assert count in made
    statement = made.replace(count, count[:-1] + b"\xff", 1)
    signature = k.keys.units["B"].sign("unit-return", k.election.extended_hash, "B", statement)
    return seal(FileKind.RETURN, "B", encode(ReturnFile(statement, signature, None)))


def _negative_voters() -> bytes:
    k = kit()
    made = encode(k.made("B", votes=5))
    count = encode(count_of("full", 5))
    assert count in made
    statement = made.replace(count, count.replace(b"\xa9signed_in\x05", b"\xa9signed_in\xff"), 1)
    signature = k.keys.units["B"].sign("unit-return", k.election.extended_hash, "B", statement)
    return seal(FileKind.RETURN, "B", encode(ReturnFile(statement, signature, None)))


def _forged() -> bytes:
    stranger = SigningKey.generate(SeededRandomness("a stranger"))
    return kit().signed("B", key=stranger)


def _oversized() -> bytes:
    data = kit().signed("B")
    return data[:10] + (2**40).to_bytes(8, "big") + data[18:]


def _late() -> bytes:
    first = kit().signed("B")
    return kit().correction("B", digest(first), moment="2026-07-10T20:00:01Z")


def _made_late() -> bytes:
    late = "2026-07-11T08:00:00Z"
    return kit().correction("B", digest(kit().signed("B")), made_at=late, moment=late)


def _early() -> bytes:
    early = moment_of(seconds_of(MADE_AT) - YEAR)
    return kit().correction("B", digest(kit().signed("B")), made_at=early, moment=early)


def _uncosigned() -> bytes:
    return _resealed(kit().correction("B", digest(kit().signed("B"))), cosignature=None)


def _cosigned_by_itself() -> bytes:
    k = kit()
    made = k.made(
        "A/2", version=2, previous=digest(k.signed("A/2")), reason="wrong", made_at="2026-07-01T08:00:00Z"
    )
    from evote.returns import correct_return

    return correct_return(made, k.keys.units["A/2"], k.keys.units["A/2"], "2026-07-01T09:00:00Z")


def _another_front() -> bytes:
    opened = open_file(kit().signed("A/2"))
    return seal(FileKind.RETURN, "A/3", opened.body)


def _another_log() -> bytes:
    k = kit()
    log = k.log("A/1")
    return k.signed("A/1", log=dataclasses.replace(log, origin=f"{log.origin}/other"))


def _no_element() -> bytes:
    k = kit()
    made = k.made("A/1")
    first = made.sealed[0]
    broken = dataclasses.replace(first.fields[0], alpha=bytes(len(first.fields[0].alpha)))
    rows = (dataclasses.replace(first, fields=(broken, *first.fields[1:])), *made.sealed[1:])
    return k.signed("A/1", sealed=rows)


def _unknown_unit() -> bytes:
    k = kit()
    made = dataclasses.replace(k.made("B"), unit="C")
    return sign_return(made, k.keys.units["B"])


def _inner_unit() -> bytes:
    k = kit()
    return sign_return(dataclasses.replace(k.made("A/2"), unit="A"), k.keys.units["A"])


def _other_kind() -> bytes:
    k = kit()
    made = k.made("A/2")
    return sign_return(dataclasses.replace(made, unit="A/1"), k.keys.units["A/1"])


def _without_a_contest() -> bytes:
    return kit().signed("B", plain=kit().made("B").plain[:-1])


def _without_a_style() -> bytes:
    return kit().signed("B", counts=kit().made("B").counts[1:])


def _fields_swapped() -> bytes:
    made = kit().made("B")
    row = made.plain[0]
    swapped = (row.fields[1], row.fields[0], *row.fields[2:])
    return kit().signed("B", plain=(PlainTotal(row.style, row.contest, swapped), *made.plain[1:]))


def _flipped() -> bytes:
    data = bytearray(kit().signed("B"))
    data[-100] ^= 1
    return bytes(data)


CASES: dict[str, tuple[Callable[[], bytes], ReturnVerdict, int]] = {
    "signed with a key of nobody": (_forged, ReturnVerdict.FORGED, 1),
    "another election": (lambda: foreign().signed("B"), ReturnVerdict.FOREIGN_ELECTION, 1),
    "the neighbour's key": (
        lambda: kit().signed("A/2", key=kit().keys.units["A/3"]),
        ReturnVerdict.NEIGHBOURS_KEY,
        1,
    ),
    "the key of the unit above": (
        lambda: kit().signed("A/2", key=kit().keys.units["A"]),
        ReturnVerdict.NEIGHBOURS_KEY,
        1,
    ),
    "the authority's key": (
        lambda: kit().signed("A/2", key=kit().keys.authority),
        ReturnVerdict.NEIGHBOURS_KEY,
        1,
    ),
    "the neighbour's front": (_another_front, ReturnVerdict.WRONG_UNIT, 1),
    "another unit's log": (_another_log, ReturnVerdict.WRONG_UNIT, 1),
    "a unit above others": (_inner_unit, ReturnVerdict.WRONG_UNIT, 1),
    "a unit that is not there": (_unknown_unit, ReturnVerdict.UNKNOWN_UNIT, 3),
    "plain counts of a unit of ballots": (_other_kind, ReturnVerdict.WRONG_KIND, 1),
    "votes below zero": (_negative, ReturnVerdict.NEGATIVE, 1),
    "voters below zero": (_negative_voters, ReturnVerdict.NEGATIVE, 1),
    "a stated length beyond every limit": (_oversized, ReturnVerdict.OVERSIZED, 1),
    "bytes after the end": (lambda: kit().signed("B") + b"\x00", ReturnVerdict.OVERSIZED, 1),
    "half a file": (lambda: kit().signed("B")[:200], ReturnVerdict.PARTIAL, 3),
    "half a front": (lambda: kit().signed("B")[:12], ReturnVerdict.PARTIAL, 3),
    "an empty file": (lambda: b"", ReturnVerdict.PARTIAL, 3),
    "the end never written": (
        lambda: kit().signed("B")[:300] + bytes(len(kit().signed("B")) - 300),
        ReturnVerdict.PARTIAL,
        3,
    ),
    "one bit changed": (_flipped, ReturnVerdict.PARTIAL, 3),
    "no return at all": (lambda: b"%PDF-1.7", ReturnVerdict.NOT_A_RETURN, 2),
    "line breaks changed on the way": (
        lambda: kit().signed("B").replace(b"\r\n", b"\n"),
        ReturnVerdict.NOT_A_RETURN,
        2,
    ),
    "a format of later": (
        lambda: kit().signed("B")[:9] + b"\x02" + kit().signed("B")[10:],
        ReturnVerdict.UNKNOWN_FORMAT,
        2,
    ),
    "no content": (lambda: seal(FileKind.RETURN, "B", b"\x80"), ReturnVerdict.MALFORMED, 1),
    "a correction cosigned late": (_late, ReturnVerdict.LATE_CORRECTION, 1),
    "a correction made late": (_made_late, ReturnVerdict.LATE_CORRECTION, 1),
    "a correction a year early": (_early, ReturnVerdict.SKEWED_CORRECTION, 1),
    "a correction nobody cosigned": (_uncosigned, ReturnVerdict.NOT_COSIGNED, 1),
    "a correction cosigned by the unit itself": (_cosigned_by_itself, ReturnVerdict.NOT_COSIGNED, 1),
    "a total that is no element": (_no_element, ReturnVerdict.WRONG_SHAPE, 1),
    "a contest left out": (_without_a_contest, ReturnVerdict.WRONG_SHAPE, 1),
    "a style left out": (_without_a_style, ReturnVerdict.WRONG_SHAPE, 1),
    "two fields swapped": (_fields_swapped, ReturnVerdict.WRONG_SHAPE, 1),
}


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file_has_its_own_verdict_and_exit_code(name: str) -> None:
    make, verdict, code = CASES[name]
    with pytest.raises(ReturnError) as caught:
        check_return(Rosters(kit().election, BUILT_IN), make())
    assert caught.value.verdict is verdict
    assert caught.value.check == verdict.value
    assert verdict.exit_code == code


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file_never_enters_what_is_merged(name: str) -> None:
    make, verdict, _ = CASES[name]
    good = kit().signed("A/2")
    value, report = merged(good, make())
    assert report.arrivals[1].verdict is verdict
    assert not verdict.taken
    assert value.encode() == merged(good)[0].encode()


def test_good_files_have_no_fault() -> None:
    rosters = Rosters(kit().election, BUILT_IN)
    for unit in kit().kinds:
        assert check_return(rosters, kit().signed(unit)).unit == unit
    assert check_return(rosters, kit().correction("A/2", digest(kit().signed("A/2")))).version == 2
    assert check_return(rosters, kit().correction("B", digest(kit().signed("B")))).version == 2


def test_a_torn_file_says_whose_it_claims_to_be() -> None:
    data = kit().signed("A/2")
    for size in range(len(data)):
        with pytest.raises(ReturnError) as caught:
            open_file(data[:size])
        assert caught.value.verdict is ReturnVerdict.PARTIAL
        assert caught.value.unit == ("A/2" if size >= FRONT_BYTES + 2 + 3 else "")
    assert open_file(data).unit == "A/2"


@pytest.mark.parametrize("years", [-1, 1])
def test_a_first_return_of_a_clock_that_is_a_year_off_is_named_and_counts(years: int) -> None:
    data = kit().signed("B", made_at=moment_of(seconds_of(MADE_AT) + years * YEAR))
    assert verdicts(data) == ["clock-skewed"]
    assert ReturnVerdict.CLOCK_SKEWED.exit_code == 0
    assert "clock" in merged(data)[1].arrivals[0].message
    assert state(data).roots[1].status.value == "REPORTED"


def test_an_old_version_is_named_and_never_counts_again() -> None:
    first = kit().signed("B", votes=5)
    second = kit().correction("B", digest(first), votes=6)
    for files in ((first, second), (second, first), (second, first, first)):
        node = state(*files).roots[1]
        assert node.totals.plain["Mayor"][0] == 6 + 2 * 6
        assert node.standing is not None
        assert node.standing.verdict(digest(first)) is ReturnVerdict.SUPERSEDED
        assert node.standing.verdict(digest(second)) is ReturnVerdict.GOOD


def test_a_statement_under_two_signatures_is_a_conflict_by_name() -> None:
    """The signer of a scheme with random signatures, or one who makes two on purpose."""
    first = kit().signed("B", votes=5)
    one = kit().correction("B", digest(first), moment="2026-07-01T09:00:00Z")
    two = kit().correction("B", digest(first), moment="2026-07-01T09:00:01Z")
    assert _content(one).statement == _content(two).statement
    node = state(first, one, two).roots[1]
    assert node.status.value == "CONFLICT"
    assert node.standing is not None
    assert node.standing.verdict(digest(two)) is ReturnVerdict.RE_SIGNED
    assert ReturnVerdict.RE_SIGNED.exit_code == 1


def test_the_errors_survive_pickling() -> None:
    error = ReturnError(ReturnVerdict.FORGED, "no", unit="B", expected="a", computed="b")
    again = pickle.loads(pickle.dumps(error))
    assert (again.verdict, again.unit, again.expected, str(again)) == (error.verdict, "B", "a", str(error))


def test_a_return_that_nobody_could_mean_is_not_made() -> None:
    made = kit().made("B")
    with pytest.raises(ValueError, match="names the version before"):
        dataclasses.replace(made, version=2)
    with pytest.raises(ValueError, match="names the version before"):
        dataclasses.replace(made, reason="no reason is asked for")
    with pytest.raises(ValueError, match="closed log"):
        dataclasses.replace(made, kind=ReturnKind.BALLOTS)
    with pytest.raises(ValueError, match="never mixed"):
        dataclasses.replace(made, sealed=kit().made("A/1").sealed)
    with pytest.raises(ReturnError) as caught:
        PlainField("Ada", -1)
    assert caught.value.verdict is ReturnVerdict.NEGATIVE
    with pytest.raises(ReturnError):
        count_of("full", 5, registered=-1)


def test_signatures_of_one_role_hold_in_no_other() -> None:
    k = kit()
    made = k.made("B")
    for tag in ("unit-return-correction", "roster", "return-resolution", "index", "possession"):
        signature = k.keys.units["B"].sign(tag, made.election, "B", encode(made))
        data = seal(FileKind.RETURN, "B", encode(ReturnFile(encode(made), signature, None)))
        with pytest.raises(ReturnError) as caught:
            check_return(Rosters(k.election, BUILT_IN), data)
        assert caught.value.verdict is ReturnVerdict.FORGED


def test_a_statement_reads_back_as_it_was() -> None:
    for unit in kit().kinds:
        made = kit().made(unit)
        width = kit().election.group.element_bytes
        assert decode(UnitReturn, encode(made), element_bytes=width) == made
    assert isinstance(made.counts[0], StyleCount)

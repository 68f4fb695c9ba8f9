"""Making, recording and opening pre-encrypted ballots; what is published says what was marked, no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evote.ballots import (
    BallotState,
    OpenedBallot,
    PlaintextBallot,
    PlaintextContest,
    SubmittedBallot,
    examine,
    verify_cast,
    verify_challenged,
)
from evote.ballots import preencrypted_hashes as pre_hashes
from evote.ballots.batch import examine_chunk, serves
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.ballots.hints import counts_of
from evote.ballots.preencrypted_make import Sheet, make_sheet
from evote.ballots.preencrypted_opened import examine_uncast
from evote.ballots.preencrypted_record import marks_of_codes, overvoted, record_cast, record_uncast
from evote.ballots.preencrypted_vectors import ContestVectors, derive
from evote.ballots.rehint import compute_hint
from evote.codec import decode, encode
from evote.errors import DecodeError, RefusedError
from evote.manifest import Trimming
from evote.record.layout import largest_ballot, largest_hint
from evote.secret import Secret
from evote.testing.elections import Kit
from tests.verifier.pre_alone import DRAFT


@pytest.fixture(scope="module")
def kit() -> Kit:
    return Kit(DRAFT, seed="pre-encrypted")


@pytest.fixture(scope="module")
def sheet(kit: Kit) -> Sheet:
    return make_sheet(Device(kit.election, "printer 1"), "North", "all")


def cast(kit: Kit, sheet: Sheet, **marks: list[str]) -> SubmittedBallot:
    return record_cast(kit.election, sheet.ballot, sheet.context, sheet.nonce, marks)


def test_a_sheet_has_a_different_code_for_every_option_and_null_vote(sheet: Sheet) -> None:
    assert [contest.contest for contest in sheet.printed] == ["Mayor", "Council"]
    assert [row.option for row in sheet.printed[1].rows] == ["Alan", "Emmy", "Kurt", None, None]
    for contest in sheet.printed:
        assert len({row.short_code for row in contest.rows}) == len(contest.rows)


@pytest.mark.parametrize("marks", [{}, {"Mayor": ["Ada"]}, {"Mayor": ["Grace"], "Council": ["Emmy", "Alan"]}])
def test_what_is_cast_verifies_and_decrypts_to_the_marks(
    kit: Kit, sheet: Sheet, marks: dict[str, list[str]]
) -> None:
    submitted = cast(kit, sheet, **marks)
    verified = verify_cast(kit.election, submitted)
    for contest, ciphertexts in zip(kit.manifest.contests, verified.selections, strict=True):
        values = []
        for ciphertext in ciphertexts:
            shared = pow(int.from_bytes(ciphertext.alpha.encode(), "big"), kit.vote_secret, kit.p)
            beta = int.from_bytes(ciphertext.beta.encode(), "big")
            values.append(kit.count(beta * pow(shared, -1, kit.p) % kit.p))
        assert values == [int(option.label in marks.get(contest.label, ())) for option in contest.options]


def test_every_cast_ballot_shows_as_many_short_codes_as_the_limit(kit: Kit, sheet: Sheet) -> None:
    codes = {row.short_code for row in sheet.printed[1].rows}
    for marks in ([], ["Alan"], ["Alan", "Kurt"]):
        submitted = cast(kit, sheet, Council=marks)
        assert submitted.pre is not None
        shown = [vector.short_code for vector in submitted.pre.contests[1].vectors]
        assert len(shown) == 2 and set(shown) <= codes
        printed = {row.option: row.short_code for row in sheet.printed[1].rows}
        assert {printed[option] for option in marks} <= set(shown)


def test_an_overvote_is_recorded_as_null_votes_and_named(kit: Kit, sheet: Sheet) -> None:
    marks = {"Mayor": ["Ada", "Grace"], "Council": ["Alan"]}
    assert overvoted(kit.election, sheet.ballot, marks) == ("Mayor",)
    submitted = cast(kit, sheet, **marks)
    assert submitted.pre is not None
    null = sheet.printed[0].rows[-1].short_code
    assert [vector.short_code for vector in submitted.pre.contests[0].vectors] == [null]
    verify_cast(kit.election, submitted)


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ({"Sheriff": ["Ada"]}, "no contest 'Sheriff'"),
        ({"Mayor": ["Turing"]}, "no option 'Turing'"),
        ({"Council": ["Alan", "Alan"]}, "marked twice"),
    ],
)
def test_marks_that_a_sheet_does_not_have_are_the_callers_mistake(
    kit: Kit, sheet: Sheet, marks: dict[str, list[str]], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        cast(kit, sheet, **marks)


def test_short_codes_stand_for_their_options_and_null_votes_for_nothing(kit: Kit, sheet: Sheet) -> None:
    rows = sheet.printed[1].rows
    codes = {"Council": [rows[1].short_code, rows[3].short_code]}
    assert marks_of_codes(kit.election, sheet.ballot, sheet.nonce, codes) == {"Council": ["Emmy"]}
    with pytest.raises(ValueError, match="no short code 'zz'"):
        marks_of_codes(kit.election, sheet.ballot, sheet.nonce, {"Mayor": ["zz"]})
    with pytest.raises(ValueError, match="no contest"):
        marks_of_codes(kit.election, sheet.ballot, sheet.nonce, {"Sheriff": []})


def test_another_nonce_is_refused_before_anything_is_made_of_it(kit: Kit, sheet: Sheet) -> None:
    wrong = Secret(bytes(32))
    with pytest.raises(RefusedError, match="not that of the sheet"):
        record_cast(kit.election, sheet.ballot, sheet.context, wrong, {})
    with pytest.raises(RefusedError, match="not that of the sheet"):
        record_uncast(kit.election, sheet.ballot, wrong)


def test_an_uncast_sheet_opens_to_what_was_printed(kit: Kit, sheet: Sheet) -> None:
    submitted, opened = record_uncast(kit.election, sheet.ballot, sheet.nonce)
    assert submitted.state is BallotState.CHALLENGED and submitted.context is None
    verify_challenged(kit.election, submitted)
    findings, counts = examine_uncast(kit.election, submitted, opened)
    assert findings == () and counts["18.A"] == 1 and counts["17.A"] == 8
    assert opened.pre is not None
    shown = [[(vector.option, vector.short_code) for vector in one.vectors] for one in opened.pre]
    assert shown == [[(row.option, row.short_code) for row in one.rows] for one in sheet.printed]
    assert sheet.nonce.reveal() not in encode(opened) + encode(submitted)


def test_a_cast_ballot_has_neither_nonces_nor_the_vectors_that_were_not_chosen(
    kit: Kit, sheet: Sheet
) -> None:
    frame = encode(cast(kit, sheet, Mayor=["Ada"]))
    assert sheet.nonce.reveal() not in frame
    contests = derive(kit.election, "all", sheet.ballot.identifier_hash, sheet.nonce)
    grace = contests[0].vectors[1]
    assert grace.hash in frame
    assert all(ciphertext.alpha.encode() not in frame for ciphertext in grace.ciphertexts)
    ada = contests[0].vectors[0]
    assert all(ciphertext.alpha.encode() in frame for ciphertext in ada.ciphertexts)


def test_nonces_are_those_of_equation_121_with_null_vectors_behind_the_options(
    kit: Kit, sheet: Sheet
) -> None:
    key = sheet.ballot.identifier_hash
    contests = derive(kit.election, "all", key, sheet.nonce)
    for contest in contests:
        assert [vector.position for vector in contest.vectors] == list(range(1, len(contest.vectors) + 1))
        for vector in contest.vectors:
            for k, (nonce, ciphertext) in enumerate(
                zip(vector.nonces.reveal(), vector.ciphertexts, strict=True), 1
            ):
                wanted = pre_hashes.nonce(
                    kit.group, key, contest.contest.index, vector.position, k, sheet.nonce.reveal()
                )
                assert nonce == wanted
                assert ciphertext.alpha == kit.group.power(kit.group.generator, nonce)


def test_a_sheet_with_two_equal_codes_is_thrown_away_before_it_enters_the_chain(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ContestVectors] = []

    def collides(each: ContestVectors) -> bool:
        asked.append(each)
        return len(asked) < 4

    monkeypatch.setattr(ContestVectors, "collides", property(collides))
    device = Device(kit.election, "printer 1")
    made = make_sheet(device, "North", "all")
    assert device.codes == (made.ballot.confirmation_code,) and len(asked) == 5
    monkeypatch.setattr(ContestVectors, "collides", property(lambda _: True))
    with pytest.raises(RefusedError, match="longer codes"):
        make_sheet(device, "North", "all")
    assert len(device.codes) == 1


def test_tools_and_ordinary_devices_do_not_make_each_others_ballots(kit: Kit) -> None:
    with pytest.raises(ValueError, match="no tool that pre-encrypts"):
        make_sheet(Device(kit.election, "booth 1"), "North", "all")
    ballot = PlaintextBallot("North", "all", {"Mayor": PlaintextContest(), "Council": PlaintextContest()})
    with pytest.raises(ValueError, match="makes pre-encrypted ballots"):
        encrypt(Device(kit.election, "printer 1"), ballot)
    for unit, style in (("East", "all"), ("North", "none")):
        with pytest.raises(ValueError):
            make_sheet(Device(kit.election, "printer 1"), unit, style)


def test_hints_serve_pre_encrypted_ballots_and_a_mixed_chunk_has_the_plain_findings(
    kit: Kit, sheet: Sheet
) -> None:
    kit.restart()
    ballots = [
        kit.vote("North", {"Mayor": {"Ada": 1}}),
        cast(kit, sheet, Mayor=["Ada"], Council=["Alan", "Kurt"]),
        kit.uncast(kit.sheet("South")),
    ]
    hints = [compute_hint(kit.election, each) for each in ballots]
    width = kit.group.element_bytes
    for ballot, hint in zip(ballots, hints, strict=True):
        assert hint is not None
        assert len(hint.values) == counts_of(ballot).total * width
        assert len(hint.encode()) <= largest_hint(kit.manifest, width)
        assert len(encode(ballot)) <= largest_ballot(kit.manifest, width)
        assert serves(kit.election, ballot, hint)
    good = examine_chunk(kit.election, ballots, hints)
    assert not any(each.findings for each in good.examinations)
    pre = ballots[1].pre
    assert pre is not None
    vector = pre.contests[1].vectors[0]
    wrong = replace(pre.contests[1], vectors=(replace(vector, short_code="zz"), pre.contests[1].vectors[1]))
    ballots[1] = replace(ballots[1], pre=replace(pre, contests=(pre.contests[0], wrong)))
    bad = examine_chunk(kit.election, ballots, hints)
    assert [each.check for each in bad.examinations[1].findings] == ["17.A"]
    assert bad.examinations[1].findings == examine(kit.election, ballots[1]).findings


def test_ordinary_ballots_and_openings_have_the_bytes_that_they_always_had(kit: Kit) -> None:
    ordinary = Kit(seed="bytes").vote("North", {"Mayor": {"Ada": 1}})
    assert b"pre" not in encode(replace(ordinary, ballot=replace(ordinary.ballot, contests=())))
    assert encode(OpenedBallot(bytes(32), ()))[:1] == b"\x82"


def test_a_field_that_came_later_has_one_form(kit: Kit, sheet: Sheet) -> None:
    submitted = cast(kit, sheet)
    width = kit.group.element_bytes
    frame = encode(submitted)
    assert decode(SubmittedBallot, frame, element_bytes=width) == submitted
    plain = encode(replace(submitted, pre=None))
    assert decode(SubmittedBallot, plain, element_bytes=width).pre is None
    explicit = bytes([plain[0] + 1]) + plain[1:] + b"\xa3pre\xc0"
    with pytest.raises(DecodeError, match="left out"):
        decode(SubmittedBallot, explicit, element_bytes=width)


def test_the_eight_trimming_functions_are_those_of_the_specification() -> None:
    low, high, middle = bytes(32), b"\xff" * 32, bytes(30) + b"\x01\x9b"
    assert {each: each.short_code(low) for each in Trimming} == {
        Trimming.HEX_2: "00",
        Trimming.HEX_4: "0000",
        Trimming.LETTER_DIGIT: "A0",
        Trimming.DIGIT_LETTER: "0A",
        Trimming.NUMBER_0: "0",
        Trimming.NUMBER_1: "1",
        Trimming.NUMBER_100: "100",
        Trimming.NUMBER_101: "101",
    }
    assert [each.short_code(high) for each in Trimming] == [
        "FF",
        "FFFF",
        "Z5",
        "9V",
        "255",
        "256",
        "355",
        "356",
    ]
    assert Trimming.HEX_4.short_code(middle) == "019B" and Trimming.LETTER_DIGIT.short_code(middle) == "P5"
    for each in Trimming:
        found = {each.short_code(bytes(31) + bytes([last])) for last in range(256)}
        assert len(found) == 256
        with pytest.raises(ValueError, match="32 bytes"):
            each.short_code(b"")

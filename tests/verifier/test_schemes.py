"""Identities that others issue: what the manifest declares of their scheme, and who checks them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from evote.board.credential import CredentialVerifier, Schemes, schemes
from evote.board.entries import CastEntry
from evote.board.submission import CAST_TAG, signed_message
from evote.codec import encode
from evote.errors import DecodeError, RefusedError, VerificationError
from evote.guardian.closed import closed_record
from evote.office.unitbox import open_unit_box
from evote.pool import processes
from evote.record import RecordReader, Stage
from evote.report import Report, Status, Verdict
from evote.signing import VerifyKey
from evote.storage.box import BallotBox
from evote.storage.box_refusals import SubmissionRefusedError
from evote.testing.boxes import SEEN, Boxes
from evote.testing.elections import Published
from evote.testing.electorate import Voter
from evote.testing.groups import toy
from evote.verifier import verify_record
from evote.verifier.verify import verify_reader

GROUPS = {toy().name: toy()}
SCHEME = "toy-eid"


class ToyIdentity:
    """An identity is an Ed25519 key that signs in roles of its own; ``refused`` ones are unknown."""

    scheme = SCHEME

    def __init__(self, *refused: bytes) -> None:
        self.refused = refused

    def check_keys(self, keys: tuple[bytes, ...]) -> None:
        if set(keys) & set(self.refused):
            raise DecodeError("the register has no such identity")

    def verify(
        self,
        keys: tuple[bytes, ...],
        signatures: tuple[bytes, ...],
        *,
        tag: str,
        election: bytes,
        origin: str,
        message: bytes,
    ) -> None:
        if len(signatures) != len(keys):
            raise VerificationError("the identity did not sign")
        for key, signature in zip(keys, signatures, strict=True):
            VerifyKey(key).verify(
                signature, tag=f"toy-{tag}", election=election, origin=origin, message=message
            )


@cache
def made() -> Boxes:
    """The second voter of North and the one of South have identities of the toy scheme."""
    return Boxes(seed="schemes", schemes={1: SCHEME, 3: SCHEME})


@pytest.fixture
def boxes() -> Iterator[Boxes]:
    made().restart()
    yield made()


def cast(boxes: Boxes, voter: Voter) -> CastEntry:
    """The voter casts a ballot, signed as the toy scheme does."""
    entry = boxes.cast(voter)
    identifier = boxes.ballots[entry.ballot].ballot.identifier
    message = signed_message(identifier, entry.ballot, entry.previous)
    signatures = tuple(
        key.sign(f"toy-{CAST_TAG}", boxes.election.extended_hash, boxes.origin(voter.unit), message)
        for key in voter.holder.keys
    )
    index = boxes.logs[voter.unit].index(entry)
    boxes.edit(voter.unit, index, signatures=signatures)
    return replace(entry, signatures=signatures)


def voted(boxes: Boxes) -> Boxes:
    """Everybody votes, each as their scheme demands."""
    for number, voter in enumerate(boxes.voters):
        if number in (1, 3):
            cast(boxes, voter)
        else:
            boxes.cast(voter)
    return boxes


def report(boxes: Boxes, folder: Path, *given: CredentialVerifier, stage: Stage = Stage.FINAL) -> Report:
    boxes.close()
    return verified(boxes, boxes.publish(), folder, *given, stage=stage)


def verified(
    boxes: Boxes, published: Published, folder: Path, *given: CredentialVerifier, stage: Stage = Stage.FINAL
) -> Report:
    record = boxes.kit.write(published, folder / "record")
    return verify_reader(RecordReader(record, GROUPS), stage=stage, credential_schemes=given)


def test_with_the_verifier_of_the_scheme_the_record_passes(boxes: Boxes, tmp_path: Path) -> None:
    found = report(voted(boxes), tmp_path, ToyIdentity())
    assert found.verdict is Verdict.PASS, (found.failed, found.having(Status.NOT_CHECKED))
    assert found.check("E.17").count == 4


@pytest.mark.parametrize("stage", [Stage.SETUP, Stage.FINAL])
def test_without_it_the_record_is_incomplete_and_the_scheme_is_named(
    boxes: Boxes, tmp_path: Path, stage: Stage
) -> None:
    found = report(voted(boxes), tmp_path, stage=stage)
    assert (found.verdict, found.exit_code, found.failed) == (Verdict.INCOMPLETE, 3, ())
    wanted = ("E.22",) if stage is Stage.SETUP else ("E.17", "E.22")
    assert found.having(Status.NOT_CHECKED) == wanted
    assert all(SCHEME in found.check(identifier).note for identifier in wanted)


def test_nobody_of_the_scheme_need_have_voted_for_that(boxes: Boxes, tmp_path: Path) -> None:
    boxes.cast(boxes.voters[0])
    assert report(boxes, tmp_path).having(Status.NOT_CHECKED) == ("E.17", "E.22")


def test_the_verifier_of_another_scheme_does_not_help(boxes: Boxes, tmp_path: Path) -> None:
    other = ToyIdentity()
    other.scheme = "other"
    assert report(voted(boxes), tmp_path, other).exit_code == 3


def test_a_ballot_that_the_scheme_did_not_sign_fails(boxes: Boxes, tmp_path: Path) -> None:
    boxes.cast(boxes.voters[1])  # signed as a code does
    found = report(boxes, tmp_path, ToyIdentity())
    assert found.failed == ("E.17",)


def test_what_is_wrong_with_other_credentials_is_found_without_the_verifier_too(
    boxes: Boxes, tmp_path: Path
) -> None:
    cast(boxes, boxes.voters[1])
    cast(boxes, boxes.voters[0])  # a code that signs as the toy scheme does
    found = report(boxes, tmp_path)
    assert found.failed == ("E.17",) and found.verdict is Verdict.FAIL


def test_an_identity_that_the_verifier_refuses_may_not_stand_on_the_roll(
    boxes: Boxes, tmp_path: Path
) -> None:
    refusing = ToyIdentity(*boxes.voters[1].holder.public)
    found = report(voted(boxes), tmp_path, refusing)
    assert found.failed == ("E.22",)
    assert "no such identity" in found.check("E.22").findings[0].message


def test_a_scheme_that_the_manifest_does_not_declare_fails(tmp_path: Path) -> None:
    stripped = Boxes(seed="schemes")
    published = _closed(stripped)
    assert published.board is not None
    roll = [frame.replace(b"\xa7ed25519", b"\xa7toy-eid") for frame in published.board.roll]
    assert roll != published.board.roll
    published.board = replace(published.board, roll=roll)
    for given in ((), (ToyIdentity(),)):
        found = verified(stripped, published, tmp_path / str(len(given)), *given)
        assert "E.22" in found.failed and found.verdict is Verdict.FAIL
        assert any("declares no credentials" in one.message for one in found.check("E.22").findings)


def test_identities_that_are_passed_off_as_codes_fail(boxes: Boxes, tmp_path: Path) -> None:
    published = _closed(voted(boxes))
    assert published.board is not None
    roll = [frame.replace(b"\xa7toy-eid", b"\xa7ed25519") for frame in published.board.roll]
    published.board = replace(published.board, roll=roll)
    assert "E.22" in verified(boxes, published, tmp_path).failed


def _closed(boxes: Boxes) -> Published:
    boxes.close()
    return boxes.publish()


def test_new_identities_of_a_voter_are_checked_by_the_verifier(boxes: Boxes, tmp_path: Path) -> None:
    new = boxes.reissue(boxes.voters[3])
    cast(boxes, new)
    published = _closed(boxes)
    without = verified(boxes, published, tmp_path / "without")
    assert without.failed == ()
    assert without.having(Status.NOT_CHECKED) == ("E.17", "E.22", "E.29")
    assert SCHEME in without.check("E.29").note
    assert verified(boxes, published, tmp_path / "with", ToyIdentity()).verdict is Verdict.PASS
    refusing = ToyIdentity(*new.holder.public)
    found = verified(boxes, published, tmp_path / "refused", refusing)
    assert "E.29" in found.failed


def test_workers_get_the_verifier_too(boxes: Boxes, tmp_path: Path) -> None:
    boxes.cast(boxes.voters[1])
    boxes.close()
    record = boxes.kit.write(boxes.publish(), tmp_path / "record")
    with processes(1) as executor:
        found = verify_reader(
            RecordReader(record, GROUPS), executor=executor, credential_schemes=[ToyIdentity()]
        )
    assert found.failed == ("E.17",)


def test_a_guardian_does_not_decrypt_what_could_not_be_checked(boxes: Boxes, tmp_path: Path) -> None:
    voted(boxes).close()
    record = boxes.kit.write(boxes.publish(), tmp_path / "record")
    with pytest.raises(RefusedError, match=SCHEME):
        closed_record(RecordReader(record, GROUPS))
    assert closed_record(RecordReader(record, GROUPS), None, [ToyIdentity()]).tally.head.size == 4


def test_a_box_opens_with_the_verifier_only_and_then_takes_such_ballots(
    boxes: Boxes, tmp_path: Path
) -> None:
    record = boxes.kit.write(_closed(boxes), tmp_path / "record")
    place, key = str(tmp_path / "north.box"), boxes.keys.units["North"]

    def opened(known: Schemes) -> BallotBox:
        return open_unit_box(
            boxes.election, record, "North", place, key, make=True, known=known, clock=lambda: SEEN - 10_000
        )

    with pytest.raises(RefusedError, match=f"scheme '{SCHEME}'"):
        opened(schemes())
    voter = boxes.voters[1]
    by_code, ballot = boxes.submission(voter, "yes")
    message = signed_message(by_code.ballot.identifier, ballot, by_code.previous)
    origin = boxes.origin("North")
    signatures = tuple(
        key.sign(f"toy-{CAST_TAG}", boxes.election.extended_hash, origin, message)
        for key in voter.holder.keys
    )
    with opened(schemes(ToyIdentity())) as box:
        with pytest.raises(SubmissionRefusedError) as refused:
            box.admit(encode(by_code))
        assert refused.value.name == "wrong-signature"
        box.admit(encode(replace(by_code, signatures=signatures)))
        assert box.status().cast == 1


def test_one_scheme_has_one_verifier(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two verifiers"):
        verify_record(tmp_path, credential_schemes=[ToyIdentity(), ToyIdentity()])

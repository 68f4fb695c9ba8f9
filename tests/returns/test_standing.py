"""Which version counts: linked corrections do, contradictions never, until the authority decides."""

from __future__ import annotations

import pytest

from evote.codec import encode
from evote.returns import (
    FileKind,
    Resolution,
    ReturnError,
    ReturnVerdict,
    Standing,
    UnitStatus,
    check_evidence,
    make_evidence,
    sign_resolution,
    standings,
)
from evote.returns.envelope import seal
from evote.returns.evidence import EvidenceFile
from evote.signing import SigningKey
from tests.returns.kit import digest, foreign, kit, merged, verdicts
from tests.returns.rosters import change_of, roster_of


def standing(*files: bytes, unit: str = "B") -> Standing:
    return next(each for each in standings(merged(*files)[0]) if each.unit == unit)


def resolution(chosen: bytes, *rejected: bytes, signer: SigningKey | None = None, unit: str = "B") -> bytes:
    decided = Resolution(
        kit().election.extended_hash,
        unit,
        digest(chosen),
        tuple(sorted(map(digest, rejected))),
        "the paper was looked at",
        "2026-07-02T08:00:00Z",
    )
    return sign_resolution(decided, signer or kit().keys.authority)


FIRST = kit().signed("B", votes=5)
OTHER = kit().signed("B", votes=6)
SECOND = kit().correction("B", digest(FIRST), votes=7)
SECOND_TOO = kit().correction("B", digest(FIRST), votes=8)
THIRD = kit().correction("B", digest(SECOND), version=3, votes=9)


@pytest.mark.parametrize(
    ("files", "counted"),
    [
        ((FIRST,), FIRST),
        ((FIRST, SECOND), SECOND),
        ((FIRST, SECOND, THIRD), THIRD),
        ((SECOND,), SECOND),
        ((SECOND, THIRD), THIRD),
    ],
)
def test_the_last_of_linked_versions_counts(files: tuple[bytes, ...], counted: bytes) -> None:
    for order in (files, files[::-1]):
        found = standing(*order)
        assert found.status is UnitStatus.REPORTED
        assert found.counted is not None and found.counted.digest == digest(counted)
        assert len(found.superseded) == len(files) - 1


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ((FIRST, OTHER), "two different returns are version 1"),
        ((FIRST, SECOND, SECOND_TOO), "two corrections of one version 1"),
        ((FIRST, THIRD), "versions 1 and 3 are here, without what links them"),
        ((OTHER, SECOND), "version 2 corrects another file than the version 1 here"),
        ((FIRST, OTHER, SECOND), "two different returns are version 1"),
    ],
)
def test_versions_that_contradict_each_other_never_count(files: tuple[bytes, ...], reason: str) -> None:
    for order in (files, files[::-1]):
        found = standing(*order)
        assert found.status is UnitStatus.CONFLICT
        assert found.counted is None
        assert found.conflict is not None and found.conflict.reason == reason
        assert found.verdict(digest(files[0])) is ReturnVerdict.CONFLICT
        assert ReturnVerdict.CONFLICT.exit_code == 1


def test_what_links_two_versions_may_come_last() -> None:
    assert standing(FIRST, THIRD).status is UnitStatus.CONFLICT
    assert standing(FIRST, THIRD, SECOND).status is UnitStatus.REPORTED


def test_the_authority_resolves_a_conflict_by_name() -> None:
    found = standing(FIRST, OTHER, resolution(FIRST, OTHER))
    assert found.counted is not None and found.counted.digest == digest(FIRST)
    assert [signed.digest for signed in found.rejected] == [digest(OTHER)]
    assert len(found.resolutions) == 1
    assert found.verdict(digest(OTHER)) is ReturnVerdict.SUPERSEDED
    corrected = standing(FIRST, OTHER, resolution(FIRST, OTHER), SECOND)
    assert corrected.counted is not None and corrected.counted.digest == digest(SECOND)


def test_a_resolution_binds_the_files_that_it_names_and_no_later_one() -> None:
    third = kit().signed("B", votes=11)
    assert standing(FIRST, OTHER, third, resolution(FIRST, OTHER)).status is UnitStatus.CONFLICT
    both = resolution(FIRST, OTHER, third)
    assert standing(FIRST, OTHER, third, resolution(FIRST, OTHER), both).status is UnitStatus.REPORTED


def test_a_resolution_is_in_force_only_with_the_file_that_it_chooses() -> None:
    found = standing(OTHER, resolution(FIRST, OTHER))
    assert found.status is UnitStatus.REPORTED and not found.resolutions
    assert found.counted is not None and found.counted.digest == digest(OTHER)


def test_resolutions_that_contradict_each_other_leave_the_conflict() -> None:
    found = standing(FIRST, OTHER, resolution(FIRST, OTHER), resolution(OTHER, FIRST))
    assert found.status is UnitStatus.CONFLICT
    assert found.conflict is not None and "two resolutions" in found.conflict.reason


def test_nobody_but_the_authority_resolves() -> None:
    above = resolution(FIRST, OTHER, signer=kit().keys.units["A"])
    assert verdicts(FIRST, OTHER, above)[2] == "forged"
    assert standing(FIRST, OTHER, above).status is UnitStatus.CONFLICT
    elsewhere = sign_resolution(
        Resolution(
            foreign().election.extended_hash,
            "B",
            digest(FIRST),
            (digest(OTHER),),
            "x",
            "2026-07-02T08:00:00Z",
        ),
        kit().keys.authority,
    )
    assert verdicts(elsewhere) == ["foreign-election"]
    assert verdicts(resolution(FIRST, OTHER, unit="C")) == ["unknown-unit"]


@pytest.mark.parametrize(
    ("chosen", "rejected", "reason"),
    [(FIRST, (), "why"), (FIRST, (digest(FIRST),), "why"), (FIRST, (digest(OTHER),), " ")],
)
def test_a_resolution_says_what_and_why(chosen: bytes, rejected: tuple[bytes, ...], reason: str) -> None:
    with pytest.raises(ValueError, match="resolution"):
        Resolution(
            kit().election.extended_hash, "B", digest(chosen), rejected, reason, "2026-07-02T08:00:00Z"
        )


# --- evidence ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("files", [(FIRST, OTHER), (FIRST, SECOND, SECOND_TOO), (OTHER, SECOND)])
def test_a_conflict_is_carried_away_and_checked_by_anybody(files: tuple[bytes, ...]) -> None:
    data = make_evidence(merged(*files)[0], "B")
    conflict = check_evidence(kit().election, data)
    assert len(conflict.files) == 2
    assert {signed.unit for signed in conflict.files} == {"B"}
    with pytest.raises(ReturnError):
        check_evidence(foreign().election, data)


def test_evidence_carries_the_rosters_that_its_files_name() -> None:
    new, change = change_of("B")
    name, roster = roster_of(change)
    files = [kit().signed("B", key=new, roster=name, votes=votes) for votes in (5, 6)]
    conflict = check_evidence(kit().election, make_evidence(merged(roster, *files)[0], "B"))
    assert conflict.reason == "two different returns are version 1"


def test_a_unit_that_did_not_contradict_itself_cannot_be_shown_to() -> None:
    with pytest.raises(ValueError, match="no conflict"):
        make_evidence(merged(FIRST, SECOND)[0], "B")

    def shown(*files: bytes) -> bytes:
        return seal(FileKind.EVIDENCE, "B", encode(EvidenceFile(files, ())))

    forged = kit().signed("B", votes=99, key=kit().keys.units["A/2"])
    for files, verdict in (
        ((FIRST, SECOND), ReturnVerdict.MALFORMED),
        ((FIRST, FIRST), ReturnVerdict.DUPLICATE),
        ((FIRST, forged), ReturnVerdict.NEIGHBOURS_KEY),
        ((FIRST,), ReturnVerdict.MALFORMED),
    ):
        with pytest.raises(ReturnError) as caught:
            check_evidence(kit().election, shown(*files))
        assert caught.value.verdict is verdict
    with pytest.raises(ReturnError):
        check_evidence(kit().election, FIRST)
    assert verdicts(shown(FIRST, OTHER)) == ["malformed"]


def test_a_version_that_is_left_out_is_no_evidence_against_the_unit() -> None:
    """FIRST, SECOND and THIRD are linked; whoever hides SECOND has shown nothing."""
    data = seal(FileKind.EVIDENCE, "B", encode(EvidenceFile((FIRST, THIRD), ())))
    with pytest.raises(ReturnError, match="do not contradict each other"):
        check_evidence(kit().election, data)
    with pytest.raises(ValueError, match="without what links them"):
        make_evidence(merged(FIRST, THIRD)[0], "B")
    third = kit().correction("B", digest(SECOND), version=3, votes=10)
    found = check_evidence(kit().election, make_evidence(merged(FIRST, THIRD, third)[0], "B"))
    assert {signed.version for signed in found.files} == {3}


def test_a_cycle_of_resolutions_leaves_evidence_of_the_conflict_below_it() -> None:
    found = merged(FIRST, OTHER, resolution(FIRST, OTHER), resolution(OTHER, FIRST))[0]
    assert check_evidence(kit().election, make_evidence(found, "B")).proven
    linked = merged(FIRST, SECOND, resolution(FIRST, SECOND), resolution(SECOND, FIRST))[0]
    with pytest.raises(ValueError, match="two resolutions"):
        make_evidence(linked, "B")


def test_evidence_below_a_cycle_of_resolutions_shows_no_file_under_a_replaced_key() -> None:
    new, change = change_of("B")
    name, roster = roster_of(change)
    redone = kit().signed("B", key=new, roster=name, votes=6)
    found = merged(FIRST, redone, roster, resolution(FIRST, redone), resolution(redone, FIRST))[0]
    with pytest.raises(ValueError, match="two resolutions"):
        make_evidence(found, "B")


def test_a_roster_that_waits_does_not_spoil_evidence() -> None:
    _, waiting = roster_of(change_of("A/2")[1], version=3, previous=bytes(32))
    found = merged(waiting, FIRST, OTHER)[0]
    assert found.rosters.waiting
    assert check_evidence(kit().election, make_evidence(found, "B")).proven


def test_a_file_that_is_not_here_has_no_verdict() -> None:
    with pytest.raises(ValueError, match="has the name"):
        standing(FIRST).verdict(digest(OTHER))

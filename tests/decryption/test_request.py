"""Requests: what may be asked of guardians, and what a session is named by."""

from __future__ import annotations

import copy
import pickle
import sys
from dataclasses import replace

import pytest

from evote.decryption import (
    BallotData,
    BallotNonce,
    BallotValues,
    DecryptionRequest,
    FieldSum,
    JointKey,
    PublicShares,
    Scope,
    decryption_request,
    withheld,
)
from evote.errors import RefusedError, VerificationError
from evote.tally import ClosingHead, Tallier, Tally
from evote.tally.tally import _TOKEN
from evote.testing.elections import SMALL, Kit
from evote.testing.groups import tiny
from tests.decryption.sessions import OPEN, close, small


def test_a_request_has_every_field_and_what_the_manifest_opens() -> None:
    closed = small()
    request = closed.request((1, 2))
    kinds = [type(statement) for statement in request.statements]
    assert kinds.count(FieldSum) == 6 and kinds.count(BallotData) == 4 and kinds.count(BallotNonce) == 1
    assert {statement.key for statement in request.statements} == {JointKey.VOTES, JointKey.DATA}
    fields = [statement for statement in request.statements if isinstance(statement, FieldSum)]
    assert [(part.contest.label, part.option.label, part.bound) for part in fields][-2:] == [
        ("Council", "Emmy", 4),
        ("Council", "Kurt", 8),
    ]
    assert request.head == closed.tally.head and request.withheld == ()


def test_a_request_is_made_from_a_verified_record_only() -> None:
    closed = small()
    request = closed.request((1, 2))
    with pytest.raises(TypeError, match="verified record"):
        DecryptionRequest(
            object(), closed.tally, (1, 2), 1, request.scope, request.statements, request.withheld
        )
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(request)
    with pytest.raises(TypeError, match="not pickled"):
        copy.copy(request)
    with pytest.raises(TypeError, match="verified"):
        decryption_request(closed.tally, closed.kit.submitted, (1, 2), 1)  # type: ignore[arg-type]


def test_a_tally_over_a_subset_is_not_decrypted() -> None:
    closed = small()
    tallier = Tallier(closed.kit.election)
    tallier.add_all(closed.ballots[:3])
    with pytest.raises(RefusedError, match="does not cover"):
        decryption_request(tallier.tally(closed.tally.head), closed.ballots, (1, 2), 1)
    with pytest.raises(RefusedError, match="does not cover"):
        withheld(tallier.tally(closed.tally.head))


def test_values_of_ballots_outside_the_closed_record_are_not_decrypted() -> None:
    closed = small()
    fewer = Tallier(closed.kit.election)
    fewer.add_all(closed.ballots[:4])
    part = fewer.tally(fewer.head())
    with pytest.raises(RefusedError, match="closing head"):
        decryption_request(part, closed.ballots, (1, 2), 1)
    with pytest.raises(RefusedError, match="closing head"):
        decryption_request(closed.tally, closed.ballots[:4], (1, 2), 1)
    with pytest.raises(RefusedError, match="closing head"):
        decryption_request(closed.tally, closed.ballots[::-1], (1, 2), 1)
    with pytest.raises(RefusedError, match="closing head"):
        decryption_request(closed.tally, (), (1, 2), 1)
    with pytest.raises(RefusedError, match="another election"):
        decryption_request(closed.tally, small(5, 3).ballots, (1, 2), 1)


@pytest.mark.parametrize(
    "members", [(1, 1), (2, 1), (1,), (0, 1), (1, 4), (1, 2, 2), (), (True, 2), (1, "2")]
)
def test_guardians_are_named_in_order_once_and_are_enough(members: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="guardian"):
        small().request(members)


@pytest.mark.parametrize("session", [0, -1, 2**31])
def test_session_numbers_have_a_range(session: int) -> None:
    with pytest.raises(ValueError, match="session number"):
        small().request((1, 2), session)


def test_the_digest_names_election_head_guardians_session_and_statements() -> None:
    closed = small()
    digests = {
        closed.request((1, 2)).digest,
        closed.request((1, 3)).digest,
        closed.request((1, 2, 3)).digest,
        closed.request((1, 2), 2).digest,
        closed.request((1, 2), 1, Scope((1,), 0, 5)).digest,
        closed.request((1, 2), 1, Scope((1, 2), 0, 4)).digest,
        small(3, 2, opened=False).request((1, 2)).digest,
    }
    assert len(digests) == 7
    assert closed.request((1, 2)).digest == closed.request((1, 2)).digest


def test_scopes_are_ordered_and_inside_the_record() -> None:
    closed = small()
    with pytest.raises(ValueError, match="increasing"):
        Scope((2, 1), 0, 0)
    with pytest.raises(ValueError, match="stretch"):
        Scope((), 3, 2)
    with pytest.raises(ValueError, match="5 ballots"):
        closed.request((1, 2), 1, Scope((), 0, 6))
    with pytest.raises(ValueError, match="no contest"):
        closed.request((1, 2), 1, Scope((3,), 0, 0))
    assert closed.request((1, 2), 1, Scope((), 0, 0)).statements == ()


def test_a_session_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evote.decryption.request.MAX_STATEMENTS", 10)
    with pytest.raises(ValueError, match="split"):
        small().request((1, 2))
    monkeypatch.setattr("evote.decryption.request.MAX_STATEMENTS", 11)
    monkeypatch.setattr("evote.decryption.request.MAX_COMMITMENTS", 21)
    with pytest.raises(ValueError, match="split"):
        small().request((1, 2))


def test_contest_data_of_pseudonymous_ballots_is_never_decrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    kit = Kit(OPEN, seed="pseudonym")
    submitted = kit.vote("North", {"Mayor": {"Ada": 1}})
    assert submitted.context is not None
    from evote.ballots import hashes

    made = submitted.ballot
    identifier = hashes.context_identifier(
        kit.election.extended_hash, made.unit, made.style, b"p" * 32, submitted.context.randomness
    )
    # The whole ballot is made again for that identifier, as a device with a roll would.
    forged = _again(kit, identifier)
    kit.submitted[0] = replace(forged, context=replace(submitted.context, pseudonym=b"p" * 32))
    with pytest.raises(VerificationError, match=r"no roll") as refused:
        close(kit)
    assert refused.value.check == "E.1"
    # Guardians do not lean on that alone. (No manifest that has a roll lets contest data be decrypted.)
    monkeypatch.setattr(sys.modules["evote.ballots.examiner"], "ROLL", "context")
    closed = close(kit)
    with pytest.raises(RefusedError, match="pseudonym"):
        closed.request((1, 2))


def _again(kit: Kit, identifier: bytes):  # type: ignore[no-untyped-def]
    from unittest import mock

    with mock.patch("evote.ballots.hashes.context_identifier", return_value=identifier):
        submitted, _ = kit.forge.ballot("North", "all", {"Mayor": {"Ada": 1}})
    return submitted


def test_a_count_beyond_the_bounded_search_is_refused_before_anything_is_decrypted() -> None:
    draft = {
        "label": "Heavy",
        "test": True,
        "minimum_cell": 1,
        "contests": [{"label": "Mayor", "limit": 1000, "options": [{"label": "Ada", "limit": 1000}]}],
        "styles": [{"label": "w", "contests": ["Mayor"], "weight": 1_000_000}],
        "units": ["North"],
    }
    kit = Kit(draft, seed="huge")
    kit.vote("North", {"Mayor": {"Ada": 1}})
    closed = close(kit)
    request = closed.request((1, 2))
    first = request.statements[0]
    assert isinstance(first, FieldSum) and first.bound == 10**9
    tally = closed.tally
    sums = {key: replace(held, weight=held.weight * 1001) for key, held in tally.sums.items()}
    with pytest.raises(RefusedError, match="beyond what can be searched"):
        decryption_request(
            Tally(_TOKEN, tally.election, tally.head, tally.covered, sums), closed.ballots, (1, 2), 1
        )


def test_a_count_beyond_the_group_order_is_refused() -> None:
    kit = Kit(
        {**SMALL, "styles": [{"label": "w", "contests": ["Mayor", "Council"], "weight": 127}]},
        group=tiny(),
        guardians=1,
        quorum=1,
        seed="tiny 1",
    )
    tally = Tally.empty(kit.election, ClosingHead(0, Tallier(kit.election).head().root))
    contest = kit.manifest.contest(1)
    held = tally.cell(contest, kit.manifest.cells(1)[0])
    heavy = replace(held, ballots=1, weight=127, classes=((127, 1),))
    crowded = Tally(_TOKEN, tally.election, tally.head, (), {(1, kit.manifest.cells(1)[0].label): heavy})
    with pytest.raises(RefusedError, match="beyond what can be searched"):
        decryption_request(crowded, (), (1,), 1)


def test_public_shares_belong_to_the_guardians_of_the_election() -> None:
    closed, other = small(), small(5, 3)
    with pytest.raises(VerificationError, match="in order"):
        PublicShares.of(closed.kit.election, closed.guardians[:2])
    with pytest.raises(VerificationError, match="in order"):
        PublicShares.of(closed.kit.election, closed.guardians[::-1])
    same_size = close(Kit(OPEN, seed="again"))
    with pytest.raises(VerificationError, match="joint keys"):
        PublicShares.of(closed.kit.election, same_size.guardians)
    assert other.shares.election is other.kit.election


def test_what_was_gathered_in_one_pass_serves_every_session() -> None:
    closed = small()
    values = BallotValues.of(closed.kit.election, closed.ballots)
    for scope in (None, Scope((1,), 0, 3), Scope((), 2, 5)):
        gathered = decryption_request(closed.tally, values, (1, 2), 4, scope)
        assert gathered.digest == closed.request((1, 2), 4, scope).digest
    with pytest.raises(RefusedError, match="another election"):
        decryption_request(small(5, 3).tally, values, (1, 2, 3), 1)
    part = BallotValues.of(closed.kit.election, closed.ballots, Scope((), 1, 3))
    assert len(decryption_request(closed.tally, part, (1, 2), 1, Scope((), 1, 3)).statements) == 2
    with pytest.raises(ValueError, match="another stretch"):
        decryption_request(closed.tally, part, (1, 2), 1)
    with pytest.raises(RefusedError, match="closing head"):
        decryption_request(closed.tally, BallotValues(closed.kit.election), (1, 2), 1)

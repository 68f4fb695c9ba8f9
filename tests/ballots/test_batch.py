"""Many ballots at once: the same findings, counts and members as one by one, whatever is tried."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from evote.ballots import BallotState, SubmittedBallot, bisection, examine, hashes, verified_of
from evote.ballots.batch import MAX_WARNINGS, examine_chunk, serves
from evote.ballots.hints import BallotHint
from evote.ballots.values import EncryptedContest, ProofPair, Selection
from evote.ballots.verified import VerifiedBallot
from evote.errors import VerificationError
from evote.groups import Scalar
from evote.proofs.batch import Batch, DerivedWeights, Method
from evote.testing.elections import Kit
from evote.testing.forge import Cheat
from tests.ballots.chunks import MARKS, assert_same, both, hint, honest
from tests.verifier import alone, more

Ballots = list[SubmittedBallot]
Hints = list[BallotHint | None]


@pytest.fixture(scope="module")
def crowd(kit: Kit) -> tuple[Ballots, Hints]:
    """Enough honest ballots that all of them are batched."""
    ballots = honest(kit, 12)
    return ballots, [hint(kit, submitted) for submitted in ballots]


@pytest.fixture
def chunk(crowd: tuple[Ballots, Hints]) -> tuple[Ballots, Hints]:
    ballots, hints = crowd
    return list(ballots), list(hints)


def made(
    kit: Kit, cheat: Cheat, *, state: BallotState = BallotState.CAST
) -> tuple[SubmittedBallot, BallotHint]:
    """A ballot with what its device hashed."""
    submitted, _ = kit.forge.ballot("North", "all", MARKS, cheat=cheat, state=state)
    return submitted, kit.forge.hint(submitted)


def edited(
    submitted: SubmittedBallot, index: int, edit: Callable[[EncryptedContest], EncryptedContest]
) -> SubmittedBallot:
    contests = list(submitted.ballot.contests)
    contests[index] = edit(contests[index])
    return replace(submitted, ballot=replace(submitted.ballot, contests=tuple(contests)))


def in_selection(
    submitted: SubmittedBallot, option: int, edit: Callable[[Selection], Selection]
) -> SubmittedBallot:
    def change(contest: EncryptedContest) -> EncryptedContest:
        selections = list(contest.selections)
        selections[option] = edit(selections[option])
        return replace(contest, selections=tuple(selections))

    return edited(submitted, 0, change)


def off_by_one(pair: ProofPair) -> ProofPair:
    return replace(pair, response=(int.from_bytes(pair.response, "big") ^ 1).to_bytes(32, "big"))


# --- what is right -----------------------------------------------------------------------------------


def test_honest_ballots_are_all_batched_with_the_same_members_and_counts(
    kit: Kit, chunk: tuple[Ballots, Hints]
) -> None:
    ballots, hints = chunk
    found = both(kit, ballots, hints)
    assert (found.batched, found.plain, found.warnings, found.wrong_hints) == (12, 0, (), 0)
    for submitted, examination in zip(ballots, found.examinations, strict=True):
        assert isinstance(verified_of(kit.election, submitted, examination), VerifiedBallot)


def test_what_the_prover_hashed_is_what_anybody_computes_from_the_proofs(kit: Kit) -> None:
    for state in BallotState:
        submitted, hashed = made(kit, Cheat(), state=state)
        assert hint(kit, submitted) == hashed
        assert serves(kit.election, submitted, hashed)


def test_challenged_ballots_are_batched_with_data_and_nonce_only(kit: Kit) -> None:
    pairs = [made(kit, Cheat(), state=BallotState.CHALLENGED) for _ in range(40)]
    found = both(kit, [submitted for submitted, _ in pairs], [made_hint for _, made_hint in pairs])
    assert found.batched >= 30
    assert found.equations == 2 * found.batched  # one contest has data


def test_a_chunk_of_no_ballots_and_one_without_hints(kit: Kit, chunk: tuple[Ballots, Hints]) -> None:
    assert both(kit, [], []).examinations == ()
    found = both(kit, chunk[0], [None] * 12)
    assert (found.batched, found.plain, found.warnings, found.equations) == (0, 12, (), 0)


def test_there_is_one_hint_or_none_per_ballot(kit: Kit, chunk: tuple[Ballots, Hints]) -> None:
    with pytest.raises(ValueError, match="one hint"):
        examine_chunk(kit.election, chunk[0], chunk[1][:-1])


@pytest.mark.parametrize("method", ["jacobi", "subsets"])
def test_every_method_and_derived_weights_agree(
    kit: Kit, chunk: tuple[Ballots, Hints], method: Method
) -> None:
    ballots, hints = chunk
    bad = in_selection(ballots[3], 1, lambda s: replace(s, proof=(off_by_one(s.proof[0]), *s.proof[1:])))
    ballots[3] = bad
    found = examine_chunk(
        kit.election, ballots, hints, weights=lambda: DerivedWeights(bytes(32)), method=method
    )
    assert [each.findings != () for each in found.examinations] == [n == 3 for n in range(12)]


# --- the catalogue of what can be wrong with a ballot ------------------------------------------------


@functools.cache
def catalogue() -> dict[str, dict[str, tuple[Kit, SubmittedBallot, BallotHint | None]]]:
    """Per draft, every different ballot of all wrong records with the hint of the device that made it."""
    found: dict[str, dict[str, tuple[Kit, SubmittedBallot, BallotHint | None]]] = {}
    cases = [(case.draft, case.make) for case in alone.CASES.values() if not case.setup]
    for draft, make in [*cases, *((case.draft, case.make) for case in more.CASES)]:
        kit = alone.ceremony(draft)
        for submitted in make(kit).submitted:
            theirs = kit.hints.get(submitted.ballot.identifier)
            found.setdefault(draft, {}).setdefault(repr(submitted), (kit, submitted, theirs))
    return found


def test_the_ballots_of_every_wrong_record_are_found_as_one_by_one() -> None:
    """Each among honest ones, so that a batch is asked; and all of a draft together."""
    checks: set[str] = set()
    for entries in catalogue().values():
        kit = next(iter(entries.values()))[0]
        company = [kit.vote("North", MARKS) for _ in range(9)]
        hints: Hints = [kit.hints[each.ballot.identifier] for each in company]
        wrong = [(submitted, theirs) for _, submitted, theirs in entries.values()]
        for submitted, theirs in wrong:
            plain = examine(kit.election, submitted)
            if not plain.findings:
                continue
            found = examine_chunk(kit.election, [*company, submitted], [*hints, theirs])
            assert_same(submitted, found.examinations[-1], plain)
            assert not any(each.findings for each in found.examinations[:-1])
            assert found.batched >= 1
            checks |= {finding.check for finding in plain.findings}
        both(kit, [*(each for each, _ in wrong), *company], [*(each for _, each in wrong), *hints])
    wanted = "5.B 6.A 6.B 6.C 6.D 7.A 7.B 7.C 7.D 8.A 8.B 8.D E.1 E.2 E.3 E.4 E.5 E.7"
    assert not [check for check in wanted.split() if check not in checks]


FALSE: dict[str, Cheat] = {
    "a value beyond its option": Cheat(values={"Council": [2, 0, 0]}),
    "values that cancel in the sum": Cheat(values={"Mayor": [2, -1, 0]}),
    "too many votes": Cheat(values={"Mayor": [1, 1, 0]}),
    "a sign": Cheat(flip=frozenset({("Mayor", "Ada")})),
    "two signs that cancel in the contest": Cheat(flip=frozenset({("Mayor", "Ada"), ("Mayor", "Grace")})),
    "an identity": Cheat(fixed_nonces={("Mayor", "Ada"): 0}),
    "a wrong weight": Cheat(weight=3),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_statement_whose_commitments_hash_right_is_found_by_the_plain_way(
    kit: Kit, chunk: tuple[Ballots, Hints], name: str
) -> None:
    ballots, hints = chunk
    bad, hashed = made(kit, FALSE[name])
    found = both(kit, [*ballots[:5], bad, *ballots[5:]], [*hints[:5], hashed, *hints[5:]])
    assert [n for n, each in enumerate(found.examinations) if each.findings] == [5]
    assert not found.warnings and found.batched >= 3


def _late(pairs: tuple[ProofPair, ...]) -> tuple[ProofPair, ...]:
    return *pairs[:-1], off_by_one(pairs[-1])


EDITS: dict[str, Callable[[SubmittedBallot], SubmittedBallot]] = {
    "a response of a selection": lambda b: in_selection(b, 0, lambda s: replace(s, proof=_late(s.proof))),
    "a response of a limit": lambda b: edited(b, 1, lambda c: replace(c, limit_proof=_late(c.limit_proof))),
    "the response of the nonce": lambda b: replace(
        b, ballot=replace(b.ballot, nonce=replace(b.ballot.nonce, c2=off_by_one(b.ballot.nonce.c2)))
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_one_equation_off_is_found_wherever_it_is(kit: Kit, chunk: tuple[Ballots, Hints], name: str) -> None:
    """Challenges and commitments stay, so that only the equation can tell."""
    ballots, hints = chunk
    ballots[7] = EDITS[name](ballots[7])
    found = both(kit, ballots, hints)
    assert [n for n, each in enumerate(found.examinations) if each.findings] == [7]


def test_responses_that_are_off_by_opposite_amounts_do_not_cancel(
    kit: Kit, chunk: tuple[Ballots, Hints]
) -> None:
    ballots, hints = chunk

    def shifted(number: int, by: int) -> SubmittedBallot:
        def edit(selection: Selection) -> Selection:
            first = selection.proof[0]
            moved = (int.from_bytes(first.response, "big") + by) % kit.q
            return replace(
                selection, proof=(replace(first, response=moved.to_bytes(32, "big")), *selection.proof[1:])
            )

        return in_selection(ballots[number], 0, edit)

    ballots[2], ballots[9] = shifted(2, 5), shifted(9, -5)
    found = both(kit, ballots, hints)
    assert [n for n, each in enumerate(found.examinations) if each.findings] == [2, 9]


@pytest.mark.parametrize("which", ["challenge", "response"])
def test_c_plus_q_is_a_finding_though_no_equation_can_tell(
    kit: Kit, chunk: tuple[Ballots, Hints], which: str
) -> None:
    ballots, hints = chunk

    def edit(selection: Selection) -> Selection:
        first = selection.proof[0]
        above = int.from_bytes(getattr(first, which), "big") + kit.q
        return replace(
            selection,
            proof=(replace(first, **{which: above.to_bytes(32, "big")}), *selection.proof[1:]),
        )

    ballots[0] = in_selection(ballots[0], 0, edit)
    found = both(kit, ballots, hints)
    assert {each.check for each in found.examinations[0].findings} == {
        "6.B" if which == "challenge" else "6.C"
    }


def negated(kit: Kit, joined: bytes, *places: int) -> bytes:
    """Commitments with some of them as p - a: no squares, and nothing that q-th powers alone would see."""
    width = kit.group.element_bytes
    parts = [joined[at : at + width] for at in range(0, len(joined), width)]
    for place in places:
        parts[place] = (kit.p - int.from_bytes(parts[place], "big")).to_bytes(width, "big")
    return b"".join(parts)


@pytest.mark.parametrize("places", [(0,), (0, 1), (0, 2), (1, 3)])
def test_signs_that_a_device_hashed_into_its_challenge_never_pass(
    kit: Kit, chunk: tuple[Ballots, Hints], places: tuple[int, ...]
) -> None:
    """Single, and in pairs that cancel in a product with even or equal weights."""
    ballots, hints = chunk
    submitted, hashed = made(kit, Cheat())
    key, width = submitted.ballot.identifier_hash, kit.group.element_bytes
    old = submitted.ballot.contests[0].selections[0]
    joined: list[bytes] = []

    def challenge(commitments: Sequence[bytes]) -> Scalar:
        joined[:] = [negated(kit, b"".join(commitments), *places)]
        return hashes.selection_challenge(kit.group, key, 1, old.option, old.alpha, old.beta, joined)

    nonce = 4711
    alpha = pow(kit.forge.g, nonce, kit.p).to_bytes(width, "big")
    beta = pow(kit.forge.vote_key, 1 + nonce, kit.p).to_bytes(width, "big")
    old = replace(old, alpha=alpha, beta=beta)
    new = replace(old, proof=kit.forge.range_proof(1, nonce, 1, challenge))
    bad = in_selection(submitted, 0, lambda _: new)
    bad = replace(bad, ballot=kit.forge.rehash(bad.ballot))
    values = joined[0] + hashed.values[4 * width :]
    found = both(kit, [*ballots, bad], [*hints, replace(hashed, values=values)])
    assert "6.D" in {each.check for each in found.examinations[12].findings}


# --- hints that are wrong ----------------------------------------------------------------------------


def _swap(kit: Kit, values: bytes) -> bytes:
    width = kit.group.element_bytes
    return values[width : 2 * width] + values[:width] + values[2 * width :]


WRONG: dict[str, Callable[[Kit, bytes], bytes]] = {
    "swapped commitments": _swap,
    "one too few": lambda kit, values: values[: -kit.group.element_bytes],
    "one too many": lambda kit, values: values + values[: kit.group.element_bytes],
    "nothing": lambda kit, values: b"",
    "bytes cut off": lambda kit, values: values[:-1],
    "zero": lambda kit, values: bytes(kit.group.element_bytes) + values[kit.group.element_bytes :],
    "p": lambda kit, values: (
        kit.p.to_bytes(kit.group.element_bytes, "big") + values[kit.group.element_bytes :]
    ),
    "a non-square": lambda kit, values: negated(kit, values, 0),
    "two signs": lambda kit, values: negated(kit, values, 0, 1),
    "a sign at the nonce": lambda kit, values: negated(kit, values, -1),
    "a flipped bit": lambda kit, values: values[:-1] + bytes((values[-1] ^ 1,)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_hint_is_a_warning_and_no_finding(kit: Kit, chunk: tuple[Ballots, Hints], name: str) -> None:
    ballots, hints = chunk
    right = hints[4]
    assert right is not None
    hints[4] = replace(right, values=WRONG[name](kit, right.values))
    found = both(kit, ballots, hints)
    assert not any(each.findings for each in found.examinations)
    assert (found.batched, found.plain, found.wrong_hints) == (11, 1, 1)
    assert len(found.warnings) == 1 and ballots[4].ballot.identifier.hex()[:16] in found.warnings[0]


def test_hints_of_other_ballots_are_wrong_and_the_warnings_are_bounded(kit: Kit) -> None:
    ballots = honest(kit, MAX_WARNINGS + 5)
    hints: Hints = [hint(kit, submitted) for submitted in ballots]
    found = both(kit, ballots, hints[1:] + hints[:1])
    assert (found.batched, found.wrong_hints, len(found.warnings)) == (0, MAX_WARNINGS + 5, MAX_WARNINGS + 1)
    assert found.warnings[-1].startswith("5 more")
    renamed: Hints = [
        replace(theirs, identifier=submitted.ballot.identifier)
        for submitted, theirs in zip(ballots, hints[1:] + hints[:1], strict=True)
        if theirs is not None
    ]
    assert both(kit, ballots, renamed).wrong_hints == MAX_WARNINGS + 5


@pytest.mark.parametrize("more", [0, 1])
def test_the_sentence_about_further_warnings_comes_with_the_first_that_is_left_out(
    kit: Kit, more: int
) -> None:
    ballots = honest(kit, MAX_WARNINGS + more)
    other = hint(kit, ballots[0])
    found = both(kit, ballots, [replace(other, identifier=bytes(32))] * len(ballots))
    assert (found.wrong_hints, len(found.warnings)) == (MAX_WARNINGS + more, MAX_WARNINGS + more)
    assert found.warnings[-1].startswith("1 more") == bool(more)


def test_a_ballot_with_a_finding_is_left_to_the_plain_way_though_its_proofs_hold(
    kit: Kit, chunk: tuple[Ballots, Hints]
) -> None:
    ballots, hints = chunk
    ballots[5] = replace(ballots[5], ballot=replace(ballots[5].ballot, confirmation_code=bytes(32)))
    right = hints[5]
    assert right is not None
    found = both(kit, ballots, hints)
    assert {each.check for each in found.examinations[5].findings} == {"8.B"}
    assert (found.batched, found.plain, found.wrong_hints) == (11, 1, 0)
    assert not serves(kit.election, ballots[5], right)


def test_a_wrong_hint_on_a_bad_ballot_is_no_warning(kit: Kit, chunk: tuple[Ballots, Hints]) -> None:
    ballots, hints = chunk
    bad, _ = made(kit, FALSE["too many votes"])
    found = both(kit, [*ballots, bad], [*hints, hints[0]])
    assert found.examinations[12].findings and not found.warnings


def test_hints_never_make_a_ballot_of_a_wrong_shape_pass(kit: Kit, chunk: tuple[Ballots, Hints]) -> None:
    ballots, hints = chunk
    ballots[1] = edited(ballots[1], 0, lambda c: replace(c, limit_proof=c.limit_proof * 2))
    found = both(kit, ballots, hints)
    assert {each.check for each in found.examinations[1].findings} == {"E.2"}


# --- taking a rejected batch apart -------------------------------------------------------------------


@pytest.mark.parametrize("every", [1, 2, 3, 7])
def test_many_bad_ballots_are_all_named_and_cost_no_more_than_the_bound(kit: Kit, every: int) -> None:
    ballots: Ballots = []
    hints: Hints = []
    for number in range(28):
        submitted, hashed = made(kit, FALSE["too many votes"] if number % every == 0 else Cheat())
        ballots.append(submitted)
        hints.append(hashed)
    found = both(kit, ballots, hints)
    assert [bool(each.findings) for each in found.examinations] == [n % every == 0 for n in range(28)]


def test_a_batch_that_rejects_what_passes_one_by_one_is_an_internal_error(
    kit: Kit, chunk: tuple[Ballots, Hints], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Batch):
        def decide(self) -> None:
            return None

    monkeypatch.setattr(bisection, "Batch", Broken)
    with pytest.raises(RuntimeError, match="every ballot in it passes"):
        examine_chunk(kit.election, *chunk)


def test_a_rejected_ballot_is_named_by_the_plain_way_with_its_values(
    kit: Kit, chunk: tuple[Ballots, Hints]
) -> None:
    ballots, hints = chunk
    ballots[6] = EDITS["a response of a selection"](ballots[6])
    (finding,) = examine_chunk(kit.election, ballots, hints).examinations[6].findings
    assert isinstance(finding, VerificationError)
    assert finding.check == "6.D" and finding.expected and finding.computed

"""Cases of verifications 5 to 8."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from evote.ballots import EncryptedBallot
from evote.ballots.values import (
    ProofPair,
    Selection,
)
from evote.testing.elections import Kit, Published
from evote.testing.forge import Cheat
from evote.testing.randomness import SeededRandomness
from tests.verifier.cases.tools import (
    case,
    cheating,
    edited_ballot,
    edited_device,
    first_selection,
    other,
    plus,
    replaced,
)
from tests.verifier.records import CHAINED, honest_results, kit


class FirstToken(SeededRandomness):
    """Randomness whose first token is known: the random bytes of the ballot context."""

    def __init__(self, seed: str, first: bytes) -> None:
        super().__init__(seed)
        self._first: bytes | None = first

    def token(self, size: int) -> bytes:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        return super().token(size)


@case("5.A")
def an_identifier_twice() -> tuple[Kit, Published]:
    made = kit()
    context = made.submitted[0].context
    assert context is not None
    made.forge.rng = FirstToken("twice", context.randomness)
    made.vote("North", {"Mayor": {"Grace": 1}})
    return made, made.publish()


@case("5.B")
def another_identifier_hash() -> tuple[Kit, Published]:
    return edited_ballot(lambda made, ballot: replace(ballot, identifier_hash=other(ballot.identifier_hash)))


@case("6.A", "7.A", not_checked=("6.D", "7.D", "E.7"))
def selections_outside_the_subgroup_that_cancel_out() -> tuple[Kit, Published]:
    return cheating(Cheat(flip=frozenset({("Mayor", "Ada")})), times=2)


@case("6.A", "7.A", not_checked=("6.D", "7.D", "E.7", "9.A", "9.B"))
def a_selection_that_is_zero() -> tuple[Kit, Published]:
    made = kit()
    record = honest_results(made, made.publish())
    submitted = made.submitted[0]
    ballot = first_selection(
        submitted.ballot, lambda selection: replace(selection, alpha=bytes(len(selection.alpha)))
    )
    made.submitted[0] = replace(submitted, ballot=made.forge.rehash(ballot))
    head = made.head(made.submitted)
    return made, replace(
        record,
        submitted=list(made.submitted),
        head=head,
        devices=made.devices(made.submitted),
        tally=replace(record.tally, head=head),
    )


def edited_pair(number: int, **offsets: int) -> Callable[[Kit, EncryptedBallot], EncryptedBallot]:
    def edit(made: Kit, ballot: EncryptedBallot) -> EncryptedBallot:
        def change(selection: Selection) -> Selection:
            return replace(selection, proof=shifted(selection.proof, number, made, **offsets))

        return first_selection(ballot, change)

    return edit


def shifted(
    pairs: tuple[ProofPair, ...], number: int, made: Kit, *, challenge: int = 0, response: int = 0
) -> tuple[ProofPair, ...]:
    """A pair moved by multiples of q."""
    pair = pairs[number]
    moved = ProofPair(plus(pair.challenge, challenge * made.q), plus(pair.response, response * made.q))
    return replaced(pairs, number, moved)


@case("6.B")
def a_selection_challenge_of_q_and_more() -> tuple[Kit, Published]:
    return edited_ballot(edited_pair(0, challenge=1))


@case("6.C")
def a_selection_response_of_q_and_more() -> tuple[Kit, Published]:
    return edited_ballot(edited_pair(1, response=1))


@case("6.D")
def a_vote_above_the_option_limit() -> tuple[Kit, Published]:
    return cheating(Cheat(values={"Council": (2, 0, 0)}))


@case("6.D")
def a_negative_vote_that_another_makes_good() -> tuple[Kit, Published]:
    return cheating(Cheat(values={"Council": (-1, 1, 2)}))


def edited_limit(**offsets: int) -> tuple[Kit, Published]:
    def edit(made: Kit, ballot: EncryptedBallot) -> EncryptedBallot:
        contest = ballot.contests[1]
        changed = replace(contest, limit_proof=shifted(contest.limit_proof, 2, made, **offsets))
        return replace(ballot, contests=replaced(ballot.contests, 1, changed))

    return edited_ballot(edit)


@case("7.B")
def a_limit_challenge_of_q_and_more() -> tuple[Kit, Published]:
    return edited_limit(challenge=1)


@case("7.C")
def a_limit_response_of_q_and_more() -> tuple[Kit, Published]:
    return edited_limit(response=1)


@case("7.D")
def more_votes_than_the_contest_allows() -> tuple[Kit, Published]:
    return cheating(Cheat(values={"Council": (1, 1, 1)}))


@case("8.A")
def another_contest_hash() -> tuple[Kit, Published]:
    def edit(made: Kit, ballot: EncryptedBallot) -> EncryptedBallot:
        contest = replace(ballot.contests[0], contest_hash=other(ballot.contests[0].contest_hash))
        return replace(ballot, contests=replaced(ballot.contests, 0, contest))

    return edited_ballot(edit)


@case("8.B")
def another_confirmation_code() -> tuple[Kit, Published]:
    return edited_ballot(
        lambda made, ballot: replace(ballot, confirmation_code=other(ballot.confirmation_code))
    )


@case("8.C")
def another_device_hash() -> tuple[Kit, Published]:
    return edited_device(lambda device: replace(device, device_hash=bytes(32)))


@case("8.C")
def another_device_hash_in_a_chain() -> tuple[Kit, Published]:
    return edited_device(lambda device: replace(device, device_hash=bytes(32)), CHAINED)


@case("8.D")
def a_chaining_field_of_another_device() -> tuple[Kit, Published]:
    return edited_ballot(
        lambda made, ballot: made.forge.rehash(replace(ballot, chaining_field=bytes(4) + b"\x01" * 32))
    )


@case("8.E")
def a_broken_link() -> tuple[Kit, Published]:
    made = kit(CHAINED)
    made._last["device 1"] = bytes(32)
    made.vote("North", {"Mayor": {"Ada": 1}})
    made.vote("North", {"Mayor": {"Ada": 1}})
    return made, made.publish()


@case("8.E")
def a_first_ballot_that_does_not_start_the_chain() -> tuple[Kit, Published]:
    made = kit(CHAINED)
    made._last["device 3"] = bytes(32)
    made.vote("North", {"Mayor": {"Ada": 1}}, device="device 3")
    return made, made.publish()


@case("8.F")
def another_initial_field() -> tuple[Kit, Published]:
    return edited_device(lambda device: replace(device, initial_field=bytes(36)), CHAINED)


@case("8.F")
def another_start_hash() -> tuple[Kit, Published]:
    return edited_device(lambda device: replace(device, initial_hash=bytes(32)), CHAINED)


@case("8.G")
def another_closing_field() -> tuple[Kit, Published]:
    return edited_device(lambda device: replace(device, closing_field=bytes(36)), CHAINED)


@case("8.G")
def another_closing_hash() -> tuple[Kit, Published]:
    return edited_device(lambda device: replace(device, closing_hash=bytes(32)), CHAINED)


@case("8.F", "8.G")
def chains_that_are_not_published() -> tuple[Kit, Published]:
    return edited_device(
        lambda device: replace(
            device, initial_field=None, initial_hash=None, closing_field=None, closing_hash=None
        ),
        CHAINED,
    )

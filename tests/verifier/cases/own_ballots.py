"""Cases of evote's own checks on ballots."""

from __future__ import annotations

from dataclasses import replace

from evote.ballots import EncryptedBallot
from evote.ballots.values import (
    EncryptedContest,
    HashedCiphertext,
)
from evote.codec import encode
from evote.record.closing import closing_head
from evote.testing.elections import Kit, Published
from evote.testing.forge import Cheat
from tests.verifier.cases.tools import (
    case,
    cheating,
    edited_ballot,
    other,
    published,
    replaced,
)


@case("E.1")
def a_context_that_does_not_open_the_identifier() -> tuple[Kit, Published]:
    return cheating(Cheat(context_style="another"))


@case("E.2", not_checked=("8.A", "8.B", "8.D", "6.D", "7.D", "E.1", "E.3", "E.4", "E.5", "E.7"))
def contest_data_of_another_length() -> tuple[Kit, Published]:
    return cheating(Cheat(data_blocks=1))


@case("E.2")
def a_limit_proof_with_a_branch_too_many() -> tuple[Kit, Published]:
    def edit(made: Kit, ballot: EncryptedBallot) -> EncryptedBallot:
        contest = ballot.contests[0]
        more = replace(contest, limit_proof=(*contest.limit_proof, contest.limit_proof[0]))
        return replace(ballot, contests=replaced(ballot.contests, 0, more))

    return edited_ballot(edit)


@case("E.2")
def a_contest_twice_on_a_ballot() -> tuple[Kit, Published]:
    def edit(made: Kit, ballot: EncryptedBallot) -> EncryptedBallot:
        contests = (ballot.contests[0], made_again(made, ballot, 1), ballot.contests[1])
        return made.forge.rehash(replace(ballot, contests=contests))

    return edited_ballot(edit)


def made_again(made: Kit, ballot: EncryptedBallot, index: int) -> EncryptedContest:
    contest = made.manifest.contest(index)
    return made.forge._contest(ballot.identifier_hash, b"again" + bytes(27), contest, {}, Cheat())


@case(
    "E.2",
    not_checked=("5.A", "5.B", "6.A", "7.A", "8.A", "9.A", "9.B", "11.D", "E.6", "E.12", "E.13", "E.14"),
)
def a_frame_that_is_no_ballot() -> tuple[Kit, Published]:
    made, record = published()
    frames = [encode(ballot) for ballot in record.submitted]
    frames.insert(1, b"no ballot")
    head = closing_head(frames, made.election.extended_hash)
    return made, replace(record, frames=frames, head=head, tally=replace(record.tally, head=head))


@case("E.3")
def a_ballot_of_another_weight() -> tuple[Kit, Published]:
    return cheating(Cheat(weight=3))


def other_response(made: Kit, sealed: HashedCiphertext) -> HashedCiphertext:
    response = (int.from_bytes(sealed.c2.response, "big") + 1) % made.q
    return replace(sealed, c2=replace(sealed.c2, response=response.to_bytes(32, "big")))


@case("E.4")
def a_ballot_nonce_that_is_not_proven() -> tuple[Kit, Published]:
    return edited_ballot(lambda made, ballot: replace(ballot, nonce=other_response(made, ballot.nonce)))


@case("E.4")
def a_ballot_nonce_copied_from_another_ballot_and_changed() -> tuple[Kit, Published]:
    def edit(made: Kit, ballot: EncryptedBallot) -> EncryptedBallot:
        return replace(ballot, nonce=replace(ballot.nonce, c1=other(ballot.nonce.c1)))

    return edited_ballot(edit)


@case("E.5")
def contest_data_that_is_not_proven() -> tuple[Kit, Published]:
    def edit(made: Kit, ballot: EncryptedBallot) -> EncryptedBallot:
        contest = ballot.contests[1]
        assert contest.data is not None
        changed = replace(contest, data=other_response(made, contest.data))
        return made.forge.rehash(replace(ballot, contests=replaced(ballot.contests, 1, changed)))

    return edited_ballot(edit)


@case("E.6")
def a_nonce_used_for_two_selections() -> tuple[Kit, Published]:
    return cheating(Cheat(fixed_nonces={("Mayor", "Ada"): 4711}), times=2)


@case("E.6")
def a_nonce_used_twice_on_one_ballot() -> tuple[Kit, Published]:
    return cheating(Cheat(fixed_nonces={("Mayor", "Ada"): 4711, ("Council", "Emmy"): 4711}))


@case("E.4", "E.6")
def the_encrypted_nonce_of_another_ballot() -> tuple[Kit, Published]:
    return edited_ballot(lambda made, ballot: replace(ballot, nonce=made.submitted[1].ballot.nonce))


@case("E.5", "E.6")
def the_encrypted_nonce_of_another_ballot_as_contest_data() -> tuple[Kit, Published]:
    def edit(made: Kit, ballot: EncryptedBallot) -> EncryptedBallot:
        contest = ballot.contests[1]
        stolen = made.submitted[1].ballot.nonce
        assert contest.data is not None
        data = replace(contest.data, c0=stolen.c0)
        changed = replace(contest, data=data)
        return made.forge.rehash(replace(ballot, contests=replaced(ballot.contests, 1, changed)))

    return edited_ballot(edit)


@case("E.7")
def a_selection_that_hides_nothing() -> tuple[Kit, Published]:
    return cheating(Cheat(fixed_nonces={("Mayor", "Ada"): 0}))

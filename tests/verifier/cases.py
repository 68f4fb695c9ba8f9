"""Records in which one thing is wrong, each with exactly the checks that must fail.

Every case is otherwise consistent, as the record of somebody who cheats in this one place and makes
everything else right: hashes, products, proofs, results and the index are made again over it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from evote.ballots import Election, EncryptedBallot
from evote.ballots.values import (
    HashedCiphertext,
    OpenedBallot,
    OpenedContest,
    OpenedSelection,
    ProofPair,
    Selection,
)
from evote.ceremony import GuardianRecord, GuardianRecords, guardian_hash, joint_keys, record_commitment
from evote.ceremony.keys import GuardianSecrets, draw_secrets, make_record
from evote.record.closing import closing_head
from evote.secret import Secret
from evote.signing import SigningKey
from evote.tally import DecryptedCell, DecryptedField
from evote.testing.elections import SMALL, Kit, Published
from evote.testing.forge import Cheat, Forge
from evote.testing.randomness import SeededRandomness
from tests.verifier.records import CHAINED, OPENED, honest_results, kit

T = TypeVar("T")


@dataclass(frozen=True)
class Case:
    """What is wrong, which checks fail, and how the record is made."""

    name: str
    fails: frozenset[str]
    make: Callable[[], tuple[Kit, Published]]
    not_checked: frozenset[str] = frozenset()
    options: Mapping[str, object] = field(default_factory=dict)


CASES: list[Case] = []


def case(
    *fails: str, not_checked: tuple[str, ...] = (), **options: object
) -> Callable[[Callable[[], tuple[Kit, Published]]], Callable[[], tuple[Kit, Published]]]:
    """Register a case; the function's name says what is wrong."""

    def register(make: Callable[[], tuple[Kit, Published]]) -> Callable[[], tuple[Kit, Published]]:
        CASES.append(Case(make.__name__, frozenset(fails), make, frozenset(not_checked), options))
        return make

    return register


# --- tools -------------------------------------------------------------------------------------------


def published(draft: Mapping[str, object] = SMALL) -> tuple[Kit, Published]:
    made = kit(draft)
    return made, made.publish()


def with_parameters(**changes: object) -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, parameters=replace(record.parameters, **changes))  # type: ignore[arg-type]


def edited_ballot(
    edit: Callable[[Kit, EncryptedBallot], EncryptedBallot],
    draft: Mapping[str, object] = SMALL,
    place: int = 0,
) -> tuple[Kit, Published]:
    """One submitted ballot changed before everything downstream was made."""
    made = kit(draft)
    submitted = made.submitted[place]
    changed = edit(made, submitted.ballot)
    made.submitted[place] = replace(submitted, ballot=changed)
    return made, made.publish()


def first_selection(ballot: EncryptedBallot, edit: Callable[[Selection], Selection]) -> EncryptedBallot:
    contest = ballot.contests[0]
    selections = (edit(contest.selections[0]), *contest.selections[1:])
    return replace(ballot, contests=(replace(contest, selections=selections), *ballot.contests[1:]))


def plus(data: bytes, number: int) -> bytes:
    return (int.from_bytes(data, "big") + number).to_bytes(len(data), "big")


def other(data: bytes) -> bytes:
    """The same number of bytes, and not the same bytes."""
    return bytes((data[0] ^ 1,)) + data[1:]


def member(made: Kit, exponent: int) -> bytes:
    return made.group.power(made.group.generator, made.group.scalar(exponent)).encode()


def times(made: Kit, data: bytes, factor: bytes) -> bytes:
    product = int.from_bytes(data, "big") * int.from_bytes(factor, "big") % made.p
    return product.to_bytes(len(data), "big")


def replaced(items: tuple[T, ...], place: int, item: T) -> tuple[T, ...]:
    return (*items[:place], item, *items[place + 1 :])


def recommitted(made: Kit, guardians: tuple[GuardianRecord, ...]) -> GuardianRecords:
    """Guardian records with the commitments and confirmations that belong to them."""
    base = made.setting.base_hash
    confirmed = guardian_hash(base, made.keys.vote_key, made.keys.data_key, guardians)
    return GuardianRecords(
        guardians,
        tuple(record_commitment(base, guardian) for guardian in guardians),
        (confirmed,) * len(guardians),
    )


def edited_guardian(edit: Callable[[Kit, object], object]) -> tuple[Kit, Published]:
    made, record = published()
    changed = edit(made, record.guardians.guardians[1])
    guardians = replaced(record.guardians.guardians, 1, changed)
    return made, replace(record, guardians=recommitted(made, guardians))


def edited_device(
    edit: Callable[[object], object], draft: Mapping[str, object] = SMALL
) -> tuple[Kit, Published]:
    made, record = published(draft)
    devices = replaced(record.devices.devices, 0, edit(record.devices.devices[0]))
    return made, replace(record, devices=replace(record.devices, devices=devices))  # type: ignore[arg-type]


def edited_field(
    edit: Callable[[Kit, DecryptedField], DecryptedField],
) -> tuple[Kit, Published]:
    made, record = published()
    cell = record.decryption.cells[0]
    changed = replace(cell, fields=replaced(cell.fields, 0, edit(made, cell.fields[0])))
    return made, with_cells(record, replaced(record.decryption.cells, 0, changed))


def with_cells(record: Published, cells: tuple[DecryptedCell, ...]) -> Published:
    return replace(record, decryption=replace(record.decryption, cells=cells))


def edited_opening(
    edit: Callable[[Kit, OpenedBallot], OpenedBallot], draft: Mapping[str, object] = SMALL
) -> tuple[Kit, Published]:
    made, record = published(draft)
    return made, replace(record, openings=[edit(made, record.openings[0])])


def edited_opened_contest(
    edit: Callable[[Kit, OpenedContest], OpenedContest], place: int = 0
) -> tuple[Kit, Published]:
    def change(made: Kit, opened: OpenedBallot) -> OpenedBallot:
        return replace(opened, contests=replaced(opened.contests, place, edit(made, opened.contests[place])))

    return edited_opening(change)


def cheating(cheat: Cheat, *, times: int = 1, challenge: bool = False) -> tuple[Kit, Published]:
    made = kit()
    for _ in range(times):
        made.vote("North", {}, cheat=cheat, challenge=challenge)
    return made, made.publish()


# --- 1 to 4 ------------------------------------------------------------------------------------------


@case("1.A")
def another_version() -> tuple[Kit, Published]:
    return with_parameters(version="v2.0.0")


@case("1.B")
def another_p() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, parameters=replace(record.parameters, p=other(record.parameters.p)))


@case("1.C")
def another_q() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, parameters=replace(record.parameters, q=other(record.parameters.q)))


@case("1.D")
def another_g() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, parameters=replace(record.parameters, g=member(made, 2)))


@case("1.E")
def another_parameter_hash() -> tuple[Kit, Published]:
    return with_parameters(parameter_hash=bytes(32))


@case("1.F")
def another_base_hash() -> tuple[Kit, Published]:
    return with_parameters(base_hash=bytes(32))


@case("2.A", not_checked=("2.C", "E.9"))
def a_guardian_key_outside_the_subgroup() -> tuple[Kit, Published]:
    def edit(made: Kit, record):  # type: ignore[no-untyped-def]
        value = made.p - int.from_bytes(record.communication_key, "big")
        return replace(record, communication_key=value.to_bytes(made.group.element_bytes, "big"))

    return edited_guardian(edit)


@case("2.B")
def a_key_response_of_q_and_more() -> tuple[Kit, Published]:
    def edit(made: Kit, record):  # type: ignore[no-untyped-def]
        responses = record.vote_proof.responses
        proof = replace(record.vote_proof, responses=replaced(responses, 0, plus(responses[0], made.q)))
        return replace(record, vote_proof=proof)

    return edited_guardian(edit)


@case("2.C")
def a_key_proof_that_answers_nothing() -> tuple[Kit, Published]:
    def edit(made: Kit, record):  # type: ignore[no-untyped-def]
        response = (int.from_bytes(record.data_proof.responses[0], "big") + 1) % made.q
        responses = replaced(record.data_proof.responses, 0, response.to_bytes(32, "big"))
        return replace(record, data_proof=replace(record.data_proof, responses=responses))

    return edited_guardian(edit)


@case("3.A")
def another_joint_vote_key() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, keys=replace(record.keys, vote_key=member(made, 5)))


@case("3.B")
def another_joint_data_key() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, keys=replace(record.keys, data_key=member(made, 5)))


@case("4.A")
def another_extended_base_hash() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    fingerprint = made.keys.extended_hash
    return made, replace(
        record,
        keys=replace(record.keys, extended_hash=other(fingerprint)),
        edit_index=lambda index: replace(index, fingerprint=fingerprint),
    )


# --- 5 to 8 ------------------------------------------------------------------------------------------


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
    return edited_device(lambda device: replace(device, device_hash=bytes(32)))  # type: ignore[type-var]


@case("8.C")
def another_device_hash_in_a_chain() -> tuple[Kit, Published]:
    return edited_device(lambda device: replace(device, device_hash=bytes(32)), CHAINED)  # type: ignore[type-var]


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
    return edited_device(lambda device: replace(device, initial_field=bytes(36)), CHAINED)  # type: ignore[type-var]


@case("8.F")
def another_start_hash() -> tuple[Kit, Published]:
    return edited_device(lambda device: replace(device, initial_hash=bytes(32)), CHAINED)  # type: ignore[type-var]


@case("8.G")
def another_closing_field() -> tuple[Kit, Published]:
    return edited_device(lambda device: replace(device, closing_field=bytes(36)), CHAINED)  # type: ignore[type-var]


@case("8.G")
def another_closing_hash() -> tuple[Kit, Published]:
    return edited_device(lambda device: replace(device, closing_hash=bytes(32)), CHAINED)  # type: ignore[type-var]


@case("8.F", "8.G")
def chains_that_are_not_published() -> tuple[Kit, Published]:
    return edited_device(
        lambda device: replace(  # type: ignore[type-var]
            device, initial_field=None, initial_hash=None, closing_field=None, closing_hash=None
        ),
        CHAINED,
    )


# --- 9 to 12 -----------------------------------------------------------------------------------------


def edited_sum(**factors: Callable[[Kit], bytes]) -> tuple[Kit, Published]:
    """A sum that is not that of the ballots, decrypted and published as if it were."""
    made, record = published()
    cell = record.tally.cells[0]
    summed = cell.fields[0]
    changed = replace(
        summed, **{side: times(made, getattr(summed, side), factor(made)) for side, factor in factors.items()}
    )
    cells = replaced(record.tally.cells, 0, replace(cell, fields=replaced(cell.fields, 0, changed)))
    tally = replace(record.tally, cells=cells)
    return made, replace(record, tally=tally, decryption=made.decryption(tally))


@case("9.A")
def another_first_part_of_a_sum() -> tuple[Kit, Published]:
    return edited_sum(alpha=lambda made: member(made, 1))


@case("9.B")
def another_second_part_of_a_sum() -> tuple[Kit, Published]:
    return edited_sum(beta=lambda made: made.keys.vote_key)


@case("9.A", "9.B")
def a_vote_added_to_a_sum() -> tuple[Kit, Published]:
    return edited_sum(
        alpha=lambda made: member(made, 3),
        beta=lambda made: (pow(made.forge.vote_key, 4, made.p)).to_bytes(made.group.element_bytes, "big"),
    )


@case("10.A")
def a_decryption_response_of_q_and_more() -> tuple[Kit, Published]:
    return edited_field(lambda made, field: replace(field, response=plus(field.response, made.q)))


@case("10.B")
def a_decryption_proof_that_answers_nothing() -> tuple[Kit, Published]:
    def edit(made: Kit, field: DecryptedField) -> DecryptedField:
        response = (int.from_bytes(field.response, "big") + 1) % made.q
        return replace(field, response=response.to_bytes(32, "big"))

    return edited_field(edit)


@case("10.C")
def another_count_than_was_decrypted() -> tuple[Kit, Published]:
    return edited_field(lambda made, field: replace(field, count=field.count - 1))


@case("11.A", not_checked=("E.14",))
def a_decrypted_contest_that_does_not_exist() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    cells = record.decryption.cells
    return made, with_cells(record, (*cells, replace(cells[0], contest="Judge")))


@case("11.B", not_checked=("E.14",))
def a_decrypted_option_that_does_not_exist() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    cell = record.decryption.cells[0]
    more = replace(cell, fields=(*cell.fields, replace(cell.fields[0], option="Marie")))
    return made, with_cells(record, replaced(record.decryption.cells, 0, more))


@case("11.C", not_checked=("E.14",))
def a_decrypted_option_that_is_missing() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    cell = record.decryption.cells[0]
    return made, with_cells(
        record, replaced(record.decryption.cells, 0, replace(cell, fields=cell.fields[:-1]))
    )


@case("11.D", not_checked=("E.14",))
def a_contest_that_is_not_decrypted() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    return made, with_cells(record, record.decryption.cells[:1])


def edited_data(edit: Callable[[Kit, object], object]) -> tuple[Kit, Published]:
    made, record = published(OPENED)
    record = honest_results(made, record)
    return made, replace(record, data=[edit(made, record.data[0]), *record.data[1:]])  # type: ignore[list-item]


@case("12.A")
def a_data_response_of_q_and_more() -> tuple[Kit, Published]:
    return edited_data(lambda made, data: replace(data, response=plus(data.response, made.q)))  # type: ignore


@case("12.B")
def a_data_proof_that_answers_nothing() -> tuple[Kit, Published]:
    def edit(made: Kit, data):  # type: ignore[no-untyped-def]
        response = (int.from_bytes(data.response, "big") + 1) % made.q
        return replace(data, response=response.to_bytes(32, "big"))

    return edited_data(edit)


@case("12.C", not_checked=("E.14",))
def other_contest_data_than_was_decrypted() -> tuple[Kit, Published]:
    return edited_data(lambda made, data: replace(data, plaintext=other(data.plaintext)))  # type: ignore


# --- 13 and 14 ---------------------------------------------------------------------------------------


@case("13.A")
def other_contest_data_on_a_challenged_ballot() -> tuple[Kit, Published]:
    def edit(made: Kit, contest: OpenedContest) -> OpenedContest:
        assert contest.data is not None
        return replace(contest, data=replace(contest.data, plaintext=other(contest.data.plaintext)))

    return edited_opened_contest(edit, 1)


@case("13.B")
def another_vote_on_a_challenged_ballot() -> tuple[Kit, Published]:
    def edit(made: Kit, contest: OpenedContest) -> OpenedContest:
        values = [0, 1, 0]
        selections = tuple(
            replace(selection, value=value)
            for selection, value in zip(contest.selections, values, strict=True)
        )
        return replace(contest, selections=selections)

    return edited_opened_contest(edit)


@case("13.B")
def another_nonce_on_a_challenged_ballot() -> tuple[Kit, Published]:
    def edit(made: Kit, contest: OpenedContest) -> OpenedContest:
        first = replace(contest.selections[0], nonce=bytes(32))
        return replace(contest, selections=replaced(contest.selections, 0, first))

    return edited_opened_contest(edit)


@case("14.A")
def an_opened_contest_that_is_not_on_the_ballot() -> tuple[Kit, Published]:
    return edited_opening(
        lambda made, opened: replace(
            opened, contests=(*opened.contests, replace(opened.contests[0], contest="Judge"))
        )
    )


@case("14.B")
def a_contest_that_is_not_opened() -> tuple[Kit, Published]:
    return edited_opening(lambda made, opened: replace(opened, contests=opened.contests[:1]))


@case("14.C")
def an_opened_option_that_does_not_exist() -> tuple[Kit, Published]:
    return edited_opened_contest(
        lambda made, contest: replace(
            contest, selections=(*contest.selections, OpenedSelection("Marie", 0, bytes(32)))
        )
    )


@case("14.D")
def an_option_that_is_not_opened() -> tuple[Kit, Published]:
    return edited_opened_contest(lambda made, contest: replace(contest, selections=contest.selections[1:]))


@case("14.E")
def a_challenged_ballot_with_a_vote_above_the_option_limit() -> tuple[Kit, Published]:
    return cheating(Cheat(values={"Council": (2, 0, 0)}), challenge=True)


@case("14.F")
def a_challenged_ballot_with_more_votes_than_the_contest_allows() -> tuple[Kit, Published]:
    return cheating(Cheat(values={"Council": (1, 1, 2)}), challenge=True)


# --- evote's own -------------------------------------------------------------------------------------


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


def made_again(made: Kit, ballot: EncryptedBallot, index: int):  # type: ignore[no-untyped-def]
    contest = made.manifest.contest(index)
    return made.forge._contest(ballot.identifier_hash, b"again" + bytes(27), contest, {}, Cheat())


@case(
    "E.2",
    not_checked=("5.A", "5.B", "6.A", "7.A", "8.A", "9.A", "9.B", "11.D", "E.6", "E.12", "E.13", "E.14"),
)
def a_frame_that_is_no_ballot() -> tuple[Kit, Published]:
    made, record = published()
    frames = list(made_frames(made, record))
    frames.insert(1, b"no ballot")
    head = closing_head(frames, made.election.extended_hash)
    return made, replace(record, frames=frames, head=head, tally=replace(record.tally, head=head))


def made_frames(made: Kit, record: Published) -> list[bytes]:
    from evote.codec import encode

    return [encode(ballot) for ballot in record.submitted]


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


@case("E.8")
def a_guardian_that_confirmed_another_record() -> tuple[Kit, Published]:
    made, record = published()
    confirmations = replaced(record.guardians.confirmations, 2, bytes(32))
    return made, replace(record, guardians=replace(record.guardians, confirmations=confirmations))


@case("E.8")
def a_confirmation_that_is_missing() -> tuple[Kit, Published]:
    made, record = published()
    confirmations = record.guardians.confirmations[:2]
    return made, replace(record, guardians=replace(record.guardians, confirmations=confirmations))


@case("E.9")
def a_record_that_was_not_committed_to() -> tuple[Kit, Published]:
    made, record = published()
    round0 = replaced(record.guardians.round0, 0, bytes(32))
    return made, replace(record, guardians=replace(record.guardians, round0=round0))


@case("E.9")
def keys_that_are_not_proven_for_this_election() -> tuple[Kit, Published]:
    def edit(made: Kit, record):  # type: ignore[no-untyped-def]
        response = (int.from_bytes(record.binding_proof.responses[0], "big") + 1) % made.q
        responses = replaced(record.binding_proof.responses, 0, response.to_bytes(32, "big"))
        return replace(record, binding_proof=replace(record.binding_proof, responses=responses))

    return edited_guardian(edit)


@case("E.10")
def an_index_that_somebody_else_signed() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, signer=SigningKey.generate(SeededRandomness("somebody else")))


@case("E.10")
def an_index_with_another_digest() -> tuple[Kit, Published]:
    made, record = published()

    def edit(index):  # type: ignore[no-untyped-def]
        return replace(index, files=replaced(index.files, 2, replace(index.files[2], digest=bytes(32))))

    return made, replace(record, edit_index=edit)


@case("E.11")
def a_tally_with_another_closing_head() -> tuple[Kit, Published]:
    made, record = published()
    head = replace(record.tally.head, root=bytes(32))
    return made, replace(record, tally=replace(record.tally, head=head))


@case("E.11")
def an_index_with_another_closing_head() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, head=replace(record.head, size=record.head.size + 1))


@case("E.12")
def another_number_of_ballots_in_a_cell() -> tuple[Kit, Published]:
    made, record = published()
    cell = replace(record.tally.cells[0], ballots=record.tally.cells[0].ballots + 1)
    return made, replace(record, tally=replace(record.tally, cells=replaced(record.tally.cells, 0, cell)))


@case("E.12")
def cells_in_another_order() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, tally=replace(record.tally, cells=record.tally.cells[::-1]))


@case("E.12", not_checked=("11.D",))
def a_cell_that_is_withheld_without_a_reason() -> tuple[Kit, Published]:
    from evote.tally import WithheldCell

    made, record = published()
    cell = record.decryption.cells[1]
    decryption = replace(
        record.decryption,
        cells=record.decryption.cells[:1],
        withheld=(WithheldCell(cell.contest, cell.cell, "we would rather not"),),
    )
    return made, replace(record, decryption=decryption)


@case("E.13", not_checked=("13.B", "14.A"))
def a_challenged_ballot_that_is_not_opened() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, openings=[])


@case("E.13")
def a_cast_ballot_that_is_opened() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, openings=[*record.openings, made.opening(made.submitted[0])])


@case("E.13")
def a_ballot_that_is_opened_twice() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, openings=[*record.openings, *record.openings])


@case("E.13")
def a_device_that_lists_a_ballot_too_many() -> tuple[Kit, Published]:
    return edited_device(lambda device: replace(device, codes=(*device.codes, bytes(32))))  # type: ignore


@case("E.13")
def a_device_that_is_not_listed() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, devices=replace(record.devices, devices=record.devices.devices[:1]))


@case("E.13")
def a_device_that_lists_its_ballots_in_another_order() -> tuple[Kit, Published]:
    return edited_device(lambda device: replace(device, codes=device.codes[::-1]))  # type: ignore


@case("E.14")
def a_result_with_another_count() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    assert record.result is not None
    return made, replace(record, result=record.result.replace(b'"votes": 2', b'"votes": 3', 1))


@case("E.14")
def a_table_with_another_count() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    assert record.csv is not None
    return made, replace(record, csv=record.csv + b"\r\n")


@case("E.15", not_checked=("E.9",))
def round_0_declared_and_stripped() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, guardians=replace(record.guardians, round0=()))


@case("E.15", not_checked=("E.10", "E.11"))
def an_index_declared_and_stripped() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, left_out={"index"})


@case("E.18")
def a_key_that_two_guardians_share() -> tuple[Kit, Published]:
    return own_ceremony(lambda secrets: replace(secrets[1], vote=(secrets[1].vote[0], secrets[0].vote[1])))


@case("E.18")
def a_key_that_is_the_identity() -> tuple[Kit, Published]:
    def edit(secrets: list[GuardianSecrets]) -> GuardianSecrets:
        zero = secrets[1].vote[0].reveal()
        return replace(secrets[1], data=(secrets[1].data[0], Secret(zero - zero)))

    return own_ceremony(edit)


def own_ceremony(edit: Callable[[list[GuardianSecrets]], GuardianSecrets]) -> tuple[Kit, Published]:
    """An election whose second guardian chose its keys in its own way."""
    made = Kit()
    rng = SeededRandomness("own ceremony")
    secrets = [draw_secrets(made.setting, rng) for _ in made.setting.indices]
    secrets[1] = edit(secrets)
    guardians = tuple(
        make_record(made.setting, index, mine, rng)
        for index, mine in zip(made.setting.indices, secrets, strict=True)
    )
    computed = joint_keys(made.setting, guardians)
    made.keys = computed.encode()
    made.election = Election.of(made.parameters, made.manifest, computed.vote_key, computed.data_key)
    made.forge = Forge(made.election, "own ceremony/ballots")
    made.vote_secret = sum(mine.vote[0].reveal().value for mine in secrets) % made.q
    made.data_secret = sum(mine.data[0].reveal().value for mine in secrets) % made.q
    made.records = recommitted(made, guardians)
    made.vote("North", {"Mayor": {"Ada": 1}})
    made.vote("North", {"Mayor": {"Ada": 1}}, challenge=True)
    return made, made.publish()


@case("E.19", expect="0" * 64)
def another_fingerprint_than_was_expected() -> tuple[Kit, Published]:
    return published()


@case("E.20", not_checked=("12.A", "12.B", "12.C"))
def contest_data_that_is_missing() -> tuple[Kit, Published]:
    made, record = published(OPENED)
    return made, replace(record, data=record.data[1:])


@case("E.20")
def contest_data_that_is_decrypted_without_leave() -> tuple[Kit, Published]:
    made, record = published()
    record = honest_results(made, record)
    return made, replace(record, data=made.contest_data(record.submitted))


@case("E.21")
def too_few_guardians() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, decryption=replace(record.decryption, guardians=(1,)))


@case("E.21")
def a_guardian_that_does_not_exist() -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, decryption=replace(record.decryption, guardians=(1, 4)))

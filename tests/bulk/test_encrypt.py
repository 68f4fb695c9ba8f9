"""Bulk encryption: in order, each once, chains unbroken, no secret on the wire, wrong answers refused."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from evote import randomness
from evote.ballots import PlaintextBallot, SubmittedBallot, hashes, verify_cast
from evote.ballots import encrypt as encrypting
from evote.ballots.chain import chaining_field, initial_of
from evote.ballots.device import Device
from evote.ballots.hashes import device_hash
from evote.ballots.values import ContextOpening
from evote.bulk import encrypt as bulk
from evote.bulk.encrypt import Answer, EncryptTask, FinishedBallot, encrypt_ballots, encrypt_chunk
from evote.bulk.setting import ElectionSetting
from evote.codec import decode, encode
from evote.errors import WorkerError
from evote.manifest import ChainingMode
from evote.pool import processes
from evote.secret import Secret
from evote.testing.elections import Kit
from tests.bulk.kits import Liar, Wire, kit, plaintexts

MODES = (0, 1)
KITS = {mode: kit("bulk encryption", mode) for mode in MODES}


def checked(made: Kit, finished: list[FinishedBallot], wanted: list[PlaintextBallot]) -> None:
    """Everything a record would be verified for: proofs, order, chains, identifiers, frames, hints."""
    election = made.election
    assert [(done.submitted.ballot.unit, done.submitted.ballot.style) for done in finished] == [
        (ballot.unit, ballot.style) for ballot in wanted
    ]
    last: dict[str, bytes] = {}
    for done in finished:
        verify_cast(election, done.submitted)
        ballot = done.submitted.ballot
        hashed = device_hash(election.extended_hash, ballot.device)
        if made.manifest.chaining is ChainingMode.NONE:
            assert ballot.chaining_field == chaining_field(ChainingMode.NONE, hashed)
        else:
            before = last.get(ballot.device, initial_of(election, hashed)[1])
            assert ballot.chaining_field == chaining_field(ChainingMode.SIMPLE, before)
        last[ballot.device] = ballot.confirmation_code
        assert done.frame == encode(done.submitted)
        assert done.hint.identifier == ballot.identifier
        assert done.code == ballot.confirmation_code.hex().upper()
    assert len({done.submitted.ballot.identifier for done in finished}) == len(finished)
    sums = made.tally([done.submitted for done in finished], made.head([]))
    for cell in sums.cells:
        contest = made.manifest.contest_by_label(cell.contest)
        units = next(c.units for c in made.manifest.cells(contest.index) if c.label == cell.cell)
        for field, option in zip(made.decrypt_cell(cell).fields, contest.options, strict=True):
            marks = [b.contests[contest.label].marks.get(option.label, 0) for b in wanted if b.unit in units]
            assert field.count == sum(marks)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("chunk", [1, 4, 16])
def test_ballots_come_back_cast_in_their_order(mode: int, chunk: int) -> None:
    made = KITS[mode]
    wanted = plaintexts(made, 10)
    for executor in (None, Wire()):
        finished = list(encrypt_ballots(made.election, "Scanner", wanted, executor=executor, chunk=chunk))
        checked(made, finished, wanted)


def test_without_chains_there_is_one_device_and_with_chains_one_per_lane() -> None:
    for mode, names in ((0, {"Scanner"}), (1, {"Scanner/1", "Scanner/2", "Scanner/3"})):
        made = KITS[mode]
        finished = encrypt_ballots(
            made.election, "Scanner", plaintexts(made, 9), executor=Wire(), lanes=3, chunk=2
        )
        assert {done.submitted.ballot.device for done in finished} == names


def test_chains_go_on_where_they_stopped() -> None:
    made = KITS[1]
    wanted = plaintexts(made, 11)
    first = list(encrypt_ballots(made.election, "S", wanted[:5], executor=Wire(), lanes=2, chunk=2))
    codes = {done.submitted.ballot.device: done.submitted.ballot.confirmation_code for done in first}
    again = encrypt_ballots(
        made.election, "S", wanted[5:], executor=Wire(), lanes=3, chunk=2, codes={**codes, "Other": bytes(32)}
    )
    checked(made, first + list(again), wanted)


@pytest.mark.parametrize("mode", MODES)
def test_threads_and_processes_do_it_too(mode: int) -> None:
    made = KITS[mode]
    wanted = plaintexts(made, 12)
    with ThreadPoolExecutor(3) as threads:
        checked(
            made, list(encrypt_ballots(made.election, "S", wanted, executor=threads, chunk=2)), wanted
        )
    if mode:
        with processes(2) as workers:
            checked(
                made, list(encrypt_ballots(made.election, "S", wanted, executor=workers, chunk=2)), wanted
            )


def test_memory_is_bounded_by_the_tasks_under_way() -> None:
    made = KITS[0]
    taken = 0

    def source() -> Iterator[PlaintextBallot]:
        nonlocal taken
        for ballot in plaintexts(made, 40):
            taken += 1
            yield ballot

    for done, _ in enumerate(
        encrypt_ballots(made.election, "S", source(), executor=Wire(), chunk=2), 1
    ):
        assert taken <= done + 2 * (2 * Wire.workers + 1)


# --- nothing secret on the wire ------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_no_nonce_and_no_secret_is_ever_sent(mode: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = KITS[mode]
    secrets: set[bytes] = set()
    own_tagged, own_selection = encrypting.tagged, encrypting.hashes.selection_nonce

    def tagged(tag: str, *fields: bytes) -> bytes:
        """The ballot nonce, and what it is made from except the identifier, which is public."""
        nonce = own_tagged(tag, *fields)
        assert tag == "evote/v1/ballot-nonce"
        secrets.update((nonce, *fields[:2]))
        return nonce

    def selection_nonce(*arguments: Any) -> Any:
        nonce = own_selection(*arguments)
        secrets.add(nonce.encode())
        return nonce

    drawn: list[int] = []
    own_below = randomness.SystemRandomness.below

    def below(self: randomness.SystemRandomness, bound: int) -> int:
        drawn.append(own_below(self, bound))
        return drawn[-1]

    monkeypatch.setattr(encrypting, "tagged", tagged)
    monkeypatch.setattr(encrypting.hashes, "selection_nonce", selection_nonce)
    monkeypatch.setattr(randomness.SystemRandomness, "below", below)
    pickled: list[object] = []
    own_reduce = Secret.__reduce__

    def reduce(self: Secret[object]) -> Any:
        pickled.append(self)
        return own_reduce(self)

    monkeypatch.setattr(Secret, "__reduce__", reduce)
    wire = Wire()
    finished = list(encrypt_ballots(made.election, "S", plaintexts(made, 7), executor=wire, chunk=2))
    assert len(finished) == 7 and len(wire.answered) == 4
    assert len(secrets) >= 7 * 8 and drawn and not pickled
    everything = b"".join(wire.sent + wire.answered)
    assert not [nonce for nonce in secrets if nonce in everything]
    assert b"evote.secret" not in everything
    # Fake challenges c_j are drawn and published; of all other draws, which are exponents, none is.
    published = {
        pair.challenge
        for done in finished
        for contest in done.submitted.ballot.contests
        for proof in (contest.limit_proof, *(selection.proof for selection in contest.selections))
        for pair in proof
    } | {
        pair.response
        for done in finished
        for contest in done.submitted.ballot.contests
        for proof in (contest.limit_proof, *(selection.proof for selection in contest.selections))
        for pair in proof
    }
    exponents = {number.to_bytes(32, "big") for number in drawn} - published
    assert exponents
    assert not [exponent for exponent in exponents if exponent in everything]


def test_a_secret_cannot_be_sent_at_all() -> None:
    with pytest.raises(TypeError, match="not picklable"):
        pickle.dumps(Device(KITS[0].election, "S").secret)


def test_tasks_print_without_the_votes() -> None:
    made = KITS[0]
    task = EncryptTask(ElectionSetting.of(made.election), "S", None, tuple(plaintexts(made, 2)))
    assert repr(task) == "EncryptTask(device='S', previous=None)"


def test_two_equal_ballots_are_two_encryptions() -> None:
    made = KITS[0]
    (ballot,) = plaintexts(made, 1)
    one, two = encrypt_ballots(made.election, "S", [ballot, ballot], executor=Wire(), chunk=1)
    assert one.submitted.ballot.identifier != two.submitted.ballot.identifier
    assert one.submitted.ballot.contests[0].selections[0].alpha != (
        two.submitted.ballot.contests[0].selections[0].alpha
    )


# --- wrong ballots and wrong answers -------------------------------------------------------------------


@pytest.mark.parametrize("executor", [None, Wire()])
def test_a_ballot_that_the_manifest_does_not_know_comes_behind_those_before_it(executor: Wire | None) -> None:
    made = KITS[1]
    wanted = plaintexts(made, 5)
    wanted.append(PlaintextBallot("Nowhere", wanted[0].style, wanted[0].contests))
    finished = []
    with pytest.raises(ValueError, match="Nowhere"):
        for done in encrypt_ballots(made.election, "S", wanted, executor=executor, chunk=2):
            finished.append(done)
    checked(made, finished, wanted[:5])


@pytest.mark.parametrize("arguments", [{"chunk": 0}, {"lanes": 0}, {"device": ""}, {"device": "x" * 1025}])
def test_arguments_that_cannot_be_are_refused(arguments: dict[str, Any]) -> None:
    made = KITS[1]
    device = arguments.pop("device", "S")
    with pytest.raises(ValueError, match="task|lane|device"):
        list(encrypt_ballots(made.election, device, plaintexts(made, 1), **arguments))


def other_election(answer: Answer) -> Answer:
    other = kit("another election", 1)
    task = EncryptTask(ElectionSetting.of(other.election), "S/1", None, tuple(plaintexts(other, len(answer))))
    return encrypt_chunk(task)


def edited(edit: Callable[[SubmittedBallot], object]) -> Callable[[Answer], object]:
    def change(answer: Answer) -> object:
        made = KITS[1]
        frame, hint = answer[-1]
        submitted = decode(SubmittedBallot, frame, element_bytes=made.group.element_bytes)
        return (*answer[:-1], (encode(edit(submitted)), hint))

    return change


def replaced(**parts: object) -> Callable[[SubmittedBallot], SubmittedBallot]:
    def edit(submitted: SubmittedBallot) -> SubmittedBallot:
        return replace(submitted, ballot=replace(submitted.ballot, **parts))  # type: ignore[arg-type]

    return edit


def other_contest_hash(submitted: SubmittedBallot) -> SubmittedBallot:
    first, *others = submitted.ballot.contests
    return replaced(contests=(replace(first, contest_hash=bytes(32)), *others))(submitted)


def challenged(submitted: SubmittedBallot) -> SubmittedBallot:
    return SubmittedBallot(type(submitted.state).CHALLENGED, submitted.ballot, None)


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer[:-1],
        lambda answer: (*answer, answer[-1]),
        lambda answer: answer[::-1],
        lambda answer: (answer[0],) * len(answer),
        lambda answer: (*answer[:-1], (answer[-1][0], answer[0][1])),
        lambda answer: (*answer[:-1], (answer[-1][0], b"\x00")),
        lambda answer: (*answer[:-1], (b"\x80", answer[-1][1])),
        lambda answer: (*answer[:-1], answer[-1][0]),
        lambda answer: (*answer[:-1], (bytearray(answer[-1][0]), answer[-1][1])),
        lambda answer: list(answer),
        lambda answer: None,
        other_election,
        edited(challenged),
        edited(replaced(unit="North", style="other")),
        edited(replaced(device="S/2")),
        edited(replaced(weight=2)),
        edited(replaced(contests=())),
        edited(other_contest_hash),
        edited(replaced(identifier=bytes(32))),
        edited(replaced(identifier_hash=bytes(32))),
        edited(replaced(chaining_field=b"\0\0\0\1" + bytes(32))),
        edited(replaced(confirmation_code=bytes(32))),
    ],
)
def test_an_answer_that_is_not_what_was_asked_for_ends_the_run(change: Callable[[Answer], object]) -> None:
    made = KITS[1]
    wanted = plaintexts(made, 8)
    finished = []
    with pytest.raises(WorkerError):
        for done in encrypt_ballots(
            made.election, "S", wanted, executor=Liar(1, change), lanes=1, chunk=3
        ):
            finished.append(done)
    checked(made, finished, wanted[:3])


def test_a_pseudonym_that_nobody_asked_for_is_refused_however_well_it_fits() -> None:
    """Where pseudonyms have no place, one keeps contest data from being opened (A59)."""
    made = KITS[1]

    def named(answer: Answer) -> Answer:
        frame, hint = answer[-1]
        submitted = decode(SubmittedBallot, frame, element_bytes=made.group.element_bytes)
        ballot, context = submitted.ballot, ContextOpening(bytes(32), bytes(32))
        hashed = made.election.extended_hash
        identifier = hashes.context_identifier(hashed, ballot.unit, ballot.style, bytes(32), bytes(32))
        key = hashes.identifier_hash(hashed, identifier)
        ballot = made.forge.rehash(replace(ballot, identifier=identifier, identifier_hash=key))
        other = SubmittedBallot(submitted.state, ballot, context)
        return (*answer[:-1], (encode(other), identifier + hint[32:]))

    with pytest.raises(WorkerError, match="identifier is not that of its context"):
        list(encrypt_ballots(made.election, "S", plaintexts(made, 1), executor=Liar(0, named), lanes=1))


def test_an_answer_given_for_another_task_is_refused_too() -> None:
    made = KITS[1]
    first: list[Answer] = []

    def old(answer: Answer) -> Answer:
        return first[0]

    wire = Liar(1, old)
    wire_submit = wire.submit

    def submit(function: Any, /, *args: Any, **kwargs: Any) -> Any:
        future = wire_submit(function, *args, **kwargs)
        if not first:
            first.append(future.result().result)
        return future

    wire.submit = submit  # type: ignore[method-assign]
    with pytest.raises(WorkerError, match="chain"):
        list(encrypt_ballots(made.election, "S", plaintexts(made, 4) * 2, executor=wire, lanes=1, chunk=4))


def die(task: EncryptTask) -> Answer:
    """A worker's work, which ends the worker at the fifth ballot."""
    if any("Person 4" in marked.write_ins for ballot in task.ballots for marked in ballot.contests.values()):
        os._exit(1)
    return encrypt_chunk(task)


def test_a_worker_that_dies_ends_the_run_and_what_came_before_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    made = KITS[1]
    wanted = plaintexts(made, 12)
    monkeypatch.setattr(bulk, "encrypt_chunk", die)
    finished = []
    with processes(2) as workers, pytest.raises(WorkerError, match="worker"):
        for done in encrypt_ballots(made.election, "S", wanted, executor=workers, chunk=2):
            finished.append(done)
    assert len(finished) < 5
    checked(made, finished, wanted[: len(finished)])


def test_a_worker_that_computes_another_election_says_so() -> None:
    setting = replace(ElectionSetting.of(KITS[0].election), extended_hash=bytes(32))
    with pytest.raises(WorkerError, match="another base hash"):
        setting.election()

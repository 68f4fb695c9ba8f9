"""Processes killed at random moments, many clients at once: one entry, one receipt, one decision.

A child process serves clients that send everything several times; the parent notes every receipt
that a client got and kills the child. Then the next child goes on. In the end nothing may be lost,
doubled or decided twice.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import select
import signal
import struct
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from evote.board.admission import AdmissionReceipt
from evote.board.entries import EntryKind
from evote.board.submission import Submission
from evote.codec import decode, encode
from evote.errors import StorageError
from evote.storage.box import BallotBox
from evote.storage.box_refusals import SubmissionRefusedError
from tests.storage.box_kit import Place, leaf_of, log_key, minted, raw

FORK = multiprocessing.get_context("fork")
READY = 2**32 - 1


@dataclass(frozen=True)
class Job:
    """What a client sends: a ballot, cast or challenged."""

    number: int
    challenge: bool
    data: bytes


def job(number: int, challenge: bool = False) -> Job:
    return Job(number, challenge, raw(minted(number, challenge=challenge)))


def send(box: BallotBox, one: Job) -> bytes | None:
    """The receipt, or None if the other decision was first."""
    while True:
        try:
            return encode((box.challenge if one.challenge else box.admit)(one.data))
        except SubmissionRefusedError as refusal:
            assert refusal.name == "duplicate-id", refusal
            return None
        except StorageError as error:  # as a client does: send the same again
            assert "reached" in str(error) or "busy" in str(error), error
            time.sleep(0.01)


def serve(place: Place, jobs: Sequence[Job], clients: int, out: int, seed: int) -> None:
    """The child: every client sends its jobs in an order of its own and writes down what it gets."""

    def client(number: int) -> None:
        rng = random.Random(seed * 1000 + number)
        mine = [each for each in jobs for _ in range(rng.randint(1, 3))]
        rng.shuffle(mine)
        for one in mine:
            receipt = send(box, one) or b""
            os.write(out, struct.pack(">II?", one.number, len(receipt), one.challenge) + receipt)
        if number == 0:
            box.head()

    with place.box(examiner=None) as box:
        assert box.fault is None
        os.write(out, struct.pack(">II?", READY, 0, False))
        threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


@dataclass
class Campaign:
    """What the voters hold after many children."""

    place: Place
    clients: int
    receipts: dict[tuple[int, bool], bytes] = field(default_factory=dict)
    refused: set[tuple[int, bool]] = field(default_factory=set)
    killed: int = 0

    def run(self, jobs: Sequence[Job], *, kill_after: float | None, seed: int, processes: int = 1) -> None:
        """One round of children, killed so many seconds after the first one serves, or left to finish."""
        reading, writing = os.pipe()
        children = [
            FORK.Process(target=serve, args=(self.place, jobs, self.clients, writing, seed + 7919 * each))
            for each in range(processes)
        ]
        for child in children:
            child.start()
        os.close(writing)
        stream, deadline = b"", None
        try:
            while True:
                wait = None if deadline is None else max(0.0, deadline - time.monotonic())
                if not select.select([reading], [], [], wait)[0]:
                    for child in children:
                        if child.pid is not None and child.is_alive():
                            os.kill(child.pid, signal.SIGKILL)
                    self.killed += 1
                    deadline = None
                    continue
                data = os.read(reading, 65536)
                if not data:
                    break
                stream += data
                if kill_after is not None and deadline is None and self._is_ready(stream):
                    deadline, kill_after = time.monotonic() + kill_after, None
        finally:
            os.close(reading)
            for child in children:
                child.join(30)
                code = child.exitcode
                child.close()
                assert code in (0, -signal.SIGKILL), f"a child ended with {code}"
        self._note(stream)

    @staticmethod
    def _is_ready(stream: bytes) -> bool:
        return len(stream) >= 9

    def _note(self, stream: bytes) -> None:
        at = 0
        while at + 9 <= len(stream):
            number, size, challenge = struct.unpack_from(">II?", stream, at)
            receipt, at = stream[at + 9 : at + 9 + size], at + 9 + size
            if number == READY:
                continue
            assert len(receipt) == size
            if size:
                assert self.receipts.setdefault((number, challenge), receipt) == receipt, (
                    "one receipt for ever"
                )
            else:
                self.refused.add((number, challenge))

    def check(self, jobs: Sequence[Job]) -> None:
        """Every receipt verifies, every ballot is there once, decided as its receipt says."""
        decided = {number for number, _ in self.receipts}
        assert decided == {each.number for each in jobs}, "0 lost"
        assert len(decided) == len(self.receipts), "one decision for ever"
        assert not self.refused & self.receipts.keys(), "nobody was refused what was admitted"
        with self.place.box(make=False, examiner=None) as box:
            assert box.fault is None
            stored = list(box.entries())
            leaves = Counter(
                each.leaf for each in stored if each.kind in (EntryKind.CAST, EntryKind.CHALLENGE)
            )
            assert sum(leaves.values()) == len(decided) and max(leaves.values()) == 1, "0 doubled"
            status = box.status()
            assert status.cast + status.challenged == len(decided)
            assert len({each.identifier for each in box.ballots()}) == len(decided)
            assert [each.position for each in stored] == list(range(len(stored)))
            tree = box.tree()
        for (number, challenge), data in self.receipts.items():
            receipt = decode(AdmissionReceipt, data, element_bytes=0)
            receipt.verify(log_key().verify_key)
            assert receipt.admission.leaf == leaf_of(minted(number, challenge=challenge))
            assert leaves[receipt.admission.leaf] == 1
        assert tree.size == len(stored)


def campaign(place: Place, runs: int, *, clients: int, new: int, both: bool, processes: int = 1) -> Campaign:
    """``runs`` children are killed, each with ``new`` ballots more and all that has no receipt yet."""
    rng, held = random.Random(runs), Campaign(place, clients)
    jobs: list[Job] = []
    for run in range(runs):
        for number in range(run * new, (run + 1) * new):
            jobs.append(job(number))
            if both:
                jobs.append(job(number, challenge=True))
        open_jobs = [each for each in jobs if each.number not in {number for number, _ in held.receipts}]
        # A few old ones come again, as voters do who never saw their receipt.
        again = rng.sample(jobs, min(3, len(jobs)))
        held.run(open_jobs + again, kill_after=rng.random() * 0.04, seed=run, processes=processes)
    held.run(jobs[-40 * new :], kill_after=None, seed=runs)
    rest = [each for each in jobs if each.number not in {number for number, _ in held.receipts}]
    if rest:
        held.run(rest, kill_after=None, seed=runs + 1)
    held.check(jobs)
    return held


@pytest.mark.slow
def test_no_receipt_is_lost_and_no_ballot_doubled_across_kills(place: Place) -> None:
    runs = 70 if place.is_file else 30
    held = campaign(place, runs, clients=8, new=3, both=False)
    assert held.killed >= runs // 2


@pytest.mark.slow
def test_one_decision_when_64_clients_fire_cast_and_challenge_across_kills(place: Place) -> None:
    held = campaign(place, 6, clients=64, new=2, both=True)
    assert held.killed >= 3
    assert held.refused


def test_four_processes_that_admit_one_ballot_at_one_instant_make_one_entry(place: Place) -> None:
    held = Campaign(place, 4)
    place.box().close()
    held.run([job(1)], kill_after=None, seed=1, processes=4)
    held.check([job(1)])
    assert len(held.receipts) == 1


@pytest.mark.slow
def test_two_front_ends_are_killed_together(place: Place) -> None:
    held = campaign(place, 5, clients=4, new=3, both=True, processes=2)
    assert held.killed >= 2


@pytest.mark.long
def test_a_thousand_kills(place: Place) -> None:
    held = campaign(place, 1000, clients=8, new=3, both=False)
    assert held.killed >= 700


@pytest.mark.long
def test_two_hundred_kills_with_two_decisions(place: Place) -> None:
    held = campaign(place, 200, clients=64, new=2, both=True, processes=2)
    assert held.killed >= 100


def test_64_clients_in_one_process_share_transactions(place: Place) -> None:
    jobs = [job(number) for number in range(40)]
    got: dict[int, set[bytes]] = {each.number: set() for each in jobs}
    lock = threading.Lock()

    def client(box: BallotBox, number: int) -> None:
        rng = random.Random(number)
        for one in rng.sample(jobs, 10):
            receipt = send(box, one)
            assert receipt is not None
            with lock:
                got[one.number].add(receipt)

    with place.box(examiner=None) as box:
        threads = [threading.Thread(target=client, args=(box, number)) for number in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(len(each) == 1 for each in got.values() if each)
        assert box.status().cast == sum(bool(each) for each in got.values())


def test_revotes_of_one_slot_at_one_instant_leave_one_and_the_rest_stale(place: Place) -> None:
    made: list[Submission] = [minted(number, slot=1) for number in range(8)]
    outcomes: list[str] = []

    def client(box: BallotBox, one: Submission) -> None:
        try:
            box.admit(raw(one))
            outcomes.append("admitted")
        except SubmissionRefusedError as refusal:
            outcomes.append(refusal.name)

    with place.box(examiner=None) as box:
        threads = [threading.Thread(target=client, args=(box, one)) for one in made]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["admitted"] + ["stale"] * 7
        head = box.slot_head(1)
        box.admit(raw(replace(minted(9, slot=1), previous=head)))

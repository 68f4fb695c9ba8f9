"""No global state: elections, groups and keys live side by side in one process and in several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from evote.ballots import PlaintextBallot, PlaintextContest, verify_cast
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.decryption.local import decrypt_local
from evote.errors import RefusedError, VerificationError
from evote.groups import Group
from evote.tally import Tallier
from evote.testing.elections import SMALL, Kit
from evote.testing.groups import toy, toy48


def hold(kit: Kit, votes: int) -> list[list[int]]:
    """Encrypt, verify, tally and decrypt; the counts."""
    device, tallier = Device(kit.election, "booth"), Tallier(kit.election)
    for number in range(votes):
        marks = {
            "Mayor": PlaintextContest({("Ada", "Grace")[number % 2]: 1}),
            "Council": PlaintextContest({"Kurt": 2}),
        }
        submitted = encrypt(device, PlaintextBallot("North", "all", marks)).cast()
        tallier.add(verify_cast(kit.election, submitted))
    tally = tallier.tally(tallier.head())
    decryption = decrypt_local(tally, kit.records, kit.shares[1:])
    return [[field.count for field in cell.fields] for cell in decryption.cells]


def test_elections_in_several_threads_and_groups_do_not_meet() -> None:
    subjects: list[tuple[Callable[[], Group], str]] = [
        (group, f"{group().name} {number}") for number in range(3) for group in (toy, toy48)
    ]
    results: dict[str, list[list[int]]] = {}

    def run(group: Callable[[], Group], seed: str) -> None:
        results[seed] = hold(Kit(seed=seed, group=group()), 6)

    threads = [threading.Thread(target=run, args=subject) for subject in subjects]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {seed: [[3, 3, 0], [0, 0, 12]] for _, seed in subjects}


def test_one_device_serves_many_threads_and_its_chain_has_no_gap() -> None:
    kit = Kit({**SMALL, "chaining": 1}, seed="threads")
    device = Device(kit.election, "booth")
    marks = {"Mayor": PlaintextContest({"Ada": 1}), "Council": PlaintextContest()}

    def run() -> None:
        for _ in range(5):
            encrypt(device, PlaintextBallot("North", "all", marks))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(device.codes)) == 20


def test_what_belongs_to_one_election_is_refused_by_another() -> None:
    one, two = Kit(seed="one"), Kit(seed="two")
    marks = {"Mayor": PlaintextContest({"Ada": 1}), "Council": PlaintextContest()}
    submitted = encrypt(Device(one.election, "booth"), PlaintextBallot("North", "all", marks)).cast()
    with pytest.raises(VerificationError):
        verify_cast(two.election, submitted)
    with pytest.raises(RefusedError):
        Tallier(two.election).add(verify_cast(one.election, submitted))

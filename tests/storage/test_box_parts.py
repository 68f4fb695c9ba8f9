"""Group commit, the set of known ciphertexts, and the counts of minutes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.errors import StorageError
from evote.storage.box_counts import HOLD_SECONDS, Counts
from evote.storage.box_elements import SeenElements, numbers
from evote.storage.box_groups import GroupCommit
from evote.storage.box_log import Happened


def in_threads(number: int, work: object) -> None:
    assert callable(work)
    threads = [threading.Thread(target=work, args=(each,)) for each in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_callers_that_wait_share_one_group_and_each_gets_its_own_answer() -> None:
    sizes: list[int] = []
    first_runs, others_wait = threading.Event(), threading.Event()

    def work(group: Sequence[int]) -> list[int]:
        sizes.append(len(group))
        if len(sizes) == 1:
            first_runs.set()
            assert others_wait.wait(30)
        return [each * each for each in group]

    groups: GroupCommit[int, int] = GroupCommit(work, most=8)
    found: dict[int, int] = {}

    def caller(number: int) -> None:
        if number:
            assert first_runs.wait(30)
        found[number] = groups(number)

    watcher = threading.Timer(0.3, others_wait.set)
    watcher.start()
    in_threads(21, caller)
    assert found == {number: number * number for number in range(21)}
    assert sum(sizes) == 21 and max(sizes) <= 8 and len(sizes) <= 8


def test_an_error_of_the_work_reaches_every_caller_of_the_group_and_the_next_group_goes_on() -> None:
    fails = [True]

    def work(group: Sequence[int]) -> list[int]:
        if fails.pop() if fails else False:
            raise StorageError("the disk is full")
        return list(group)

    groups: GroupCommit[int, int] = GroupCommit(work, most=4)
    with pytest.raises(StorageError, match="full"):
        groups(1)
    assert groups(2) == 2


def test_an_interruption_is_for_the_thread_that_leads() -> None:
    first_runs, second_waits = threading.Event(), threading.Event()
    seen: dict[int, BaseException] = {}

    def work(group: Sequence[int]) -> list[int]:
        if 1 in group:
            first_runs.set()
            assert second_waits.wait(30)
            return list(group)
        raise KeyboardInterrupt

    groups: GroupCommit[int, int] = GroupCommit(work, most=4)

    def caller(number: int) -> None:
        if number != 1:
            assert first_runs.wait(30)
        try:
            groups(number)
        except (KeyboardInterrupt, StorageError) as error:
            seen[number] = error

    timer = threading.Timer(0.3, second_waits.set)
    timer.start()
    in_threads(4, caller)
    assert sorted(type(error).__name__ for error in seen.values()) == [
        "KeyboardInterrupt",
        "StorageError",
        "StorageError",
    ]


def test_as_many_groups_as_may_run_at_once_do() -> None:
    both = threading.Barrier(2)

    def work(group: Sequence[int]) -> list[int]:
        if group[0] < 2:
            both.wait(30)  # passes only if a second group runs beside this one
        return list(group)

    groups: GroupCommit[int, int] = GroupCommit(work, most=8, at_once=2)
    found: list[int] = []
    in_threads(2, lambda number: found.append(groups(number)))
    assert sorted(found) == [0, 1]
    in_threads(30, lambda number: found.append(groups(number + 2)))
    assert sorted(found) == list(range(32))


def test_a_caller_that_is_interrupted_while_it_waits_holds_nobody_up() -> None:
    first_runs, go_on = threading.Event(), threading.Event()
    groups: GroupCommit[int, int] = GroupCommit(
        lambda group: (first_runs.set(), go_on.wait(30), list(group))[2], most=1
    )
    found: list[int] = []
    first = threading.Thread(target=lambda: found.append(groups(1)))
    first.start()
    assert first_runs.wait(30)
    # The main thread waits behind it and is interrupted; another one comes behind both.
    second = threading.Thread(target=lambda: found.append(groups(3)))
    threading.Timer(0.2, second.start).start()
    main = threading.get_ident()
    threading.Timer(0.5, lambda: signal.pthread_kill(main, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        groups(2)
    assert not go_on.is_set() and not found
    go_on.set()
    for thread in (first, second):
        thread.join(30)
        assert not thread.is_alive()
    assert sorted(found) == [1, 3]
    assert groups(4) == 4


def test_a_wrong_number_of_answers_is_an_error() -> None:
    groups: GroupCommit[int, int] = GroupCommit(lambda group: [], most=4)
    with pytest.raises(RuntimeError, match="one answer each"):
        groups(1)


digests = st.lists(st.binary(min_size=8, max_size=8), min_size=1, max_size=40, unique=True)


@given(digests, st.binary(min_size=8, max_size=8))
def test_the_set_of_ciphertexts_knows_what_was_added_and_nothing_else(
    some: list[bytes], other: bytes
) -> None:
    seen = SeenElements()
    for each in some:
        assert not seen.repeats(each)
        seen.add(each)
    assert all(seen.repeats(each) for each in some)
    assert seen.repeats(other) is (numbers(other)[0] in {numbers(each)[0] for each in some})
    assert len(seen) == len({numbers(each)[0] for each in some})


def test_the_set_of_ciphertexts_grows() -> None:
    seen = SeenElements()
    many = [number.to_bytes(8, "big") for number in range(1, 50_000)]
    seen.add(b"".join(many))
    assert len(seen) == len(many)
    assert all(seen.repeats(each) for each in many[::997])
    assert not any(seen.repeats(number.to_bytes(8, "big")) for number in range(50_000, 60_000))
    assert seen.repeats(bytes(7) + b"\x00" + bytes(8))


def test_counts_wait_for_a_transaction_but_not_for_ever() -> None:
    counts = Counts(100)
    assert not counts.add(100, "stale")
    assert not counts.add(101, "stale")
    assert counts.add(100 + HOLD_SECONDS, "stale")
    taken = counts.take(115)
    assert taken == {Happened(60, "stale"): 3}
    counts.give_back(taken)
    counts.add(130, "closed", 5)
    assert counts.take(131) == {Happened(60, "stale"): 3, Happened(120, "closed"): 5}
    assert counts.take(132) == {}

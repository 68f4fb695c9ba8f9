"""A real Dask cluster of several processes: the same results, nothing lost or doubled when one is killed."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evote.bulk import cluster as module
from evote.bulk.cluster import ClusterExecutor, connect, is_loopback
from evote.bulk.encrypt import EncryptTask, FinishedBallot, encrypt_ballots, encrypt_chunk
from evote.bulk.tally import tally_record
from evote.codec import encode
from evote.errors import RefusedError, WorkerError
from evote.pool import ordered
from tests.bulk.kits import MARKS, kit, plaintexts, reader
from tests.bulk.test_encrypt import checked

NEEDS = "needs the extra 'cluster' (dask.distributed)"


# --- which addresses votes may go to -------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]"])
def test_this_machine_is_known_by_its_name(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["localhost.example", "10.0.0.1", "0.0.0.0", "::", "scheduler", "127.1.x"])
def test_everything_else_is_another_machine(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("address", ["tcp://198.51.100.7:8786", "198.51.100.7:8786", "tcp://scheduler:8786"])
def test_votes_are_not_sent_to_another_machine_without_tls(address: str) -> None:
    with pytest.raises(RefusedError, match="without TLS"), connect(address):
        pytest.fail("votes would have left the machine")


@pytest.mark.parametrize(
    "address",
    ["", "x", "tcp://", "tcp://host", "http://host:1", "tls://host:0", "tls://host:70000", "tcp://a b:1"],
)
@pytest.mark.parametrize("plaintext", [True, False])
def test_what_is_no_address_is_refused(address: str, plaintext: bool) -> None:
    with pytest.raises(ValueError, match="no address of a cluster"), connect(address, plaintext=plaintext):
        pytest.fail("there is no such address")


def test_without_dask_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RefusedError, match=r"pip install 'evote\[cluster\]'"), connect("tcp://127.0.0.1:1"):
        pytest.fail("there is no Dask")


class Client:
    """A scheduler that answers on the loopback address, with workers wherever the test says."""

    def __init__(self, scheduler: str, workers: tuple[str, ...]) -> None:
        self.address, self.workers, self.closed = scheduler, workers, False

    def nthreads(self) -> dict[str, int]:
        return dict.fromkeys(self.workers, 2)

    def scheduler_info(self) -> dict[str, object]:
        return {"address": self.address}

    def get_executor(self, *, pure: bool) -> Any:
        assert not pure  # or equal ballots would be encrypted once
        return self

    def shutdown(self, wait: bool) -> None:
        self.closed = not wait

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("scheduler", "workers", "accepted"),
    [
        ("tcp://127.0.0.1:1", ("tcp://127.0.0.1:2", "tcp://127.0.0.1:3"), True),
        ("tls://10.0.0.1:1", ("tls://10.0.0.2:2",), True),
        ("tcp://127.0.0.1:1", ("tcp://127.0.0.1:2", "tcp://10.0.0.2:3"), False),
        ("tcp://10.0.0.1:1", ("tcp://127.0.0.1:2",), False),
    ],
)
def test_a_loopback_address_that_leads_elsewhere_gets_no_votes(
    monkeypatch: pytest.MonkeyPatch, scheduler: str, workers: tuple[str, ...], accepted: bool
) -> None:
    client = Client(scheduler, workers)
    monkeypatch.setattr(module, "_client", lambda *_: client)
    with connect("tcp://127.0.0.1:1", plaintext=False) as executor:
        assert executor.workers == 2 * len(workers)
    if accepted:
        with connect("tcp://127.0.0.1:1"):
            client.closed = False
    else:
        with pytest.raises(RefusedError, match="without TLS"), connect("tcp://127.0.0.1:1"):
            pytest.fail("votes would have left the machine")
    assert client.closed


def test_a_cluster_without_workers_is_an_error_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_client", lambda *_: Client("tcp://127.0.0.1:1", ()))
    with pytest.raises(WorkerError, match="no workers"), connect("tcp://127.0.0.1:1"):
        pytest.fail("nobody works there")


# --- a cluster -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The scheduler of a cluster of three processes of this machine."""
    distributed = pytest.importorskip("distributed", reason=NEEDS)
    with distributed.LocalCluster(
        n_workers=3,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        memory_limit=0,
        silence_logs="CRITICAL",
    ) as started:
        yield started.scheduler_address


@pytest.fixture
def executor(address: str) -> Iterator[ClusterExecutor]:
    """With all three workers: one that a test killed is started again."""
    for _ in range(100):
        with connect(address) as executor:
            if executor.workers == 3:
                yield executor
                return
        time.sleep(0.2)
    pytest.fail("the cluster does not come back")


pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""What the cluster's own sockets and loops leave behind at its end is not evote's."""


def slow_chunk(task: EncryptTask) -> Any:
    """A worker's work with time to be killed in."""
    time.sleep(0.15)
    return encrypt_chunk(task)


def worker_of(_: int) -> int:
    time.sleep(0.02)
    return os.getpid()


def test_nobody_there_is_a_sentence() -> None:
    pytest.importorskip("distributed", reason=NEEDS)
    with pytest.raises(WorkerError, match="no cluster answers at"), connect("tcp://127.0.0.1:1", timeout=0.3):
        pytest.fail("nobody is there")


@pytest.mark.parametrize("mode", [0, 1])
def test_a_cluster_encrypts_as_one_process_does(executor: ClusterExecutor, mode: int) -> None:
    made = kit("cluster", mode)
    wanted = plaintexts(made, 20)
    checked(made, list(encrypt_ballots(made.election, "S", wanted, executor=executor, chunk=3)), wanted)


def test_equal_ballots_stay_two_ballots(executor: ClusterExecutor) -> None:
    made = kit("cluster")
    wanted = plaintexts(made, 1) * 6
    checked(made, list(encrypt_ballots(made.election, "S", wanted, executor=executor, chunk=1)), wanted)


@pytest.mark.parametrize("mode", [0, 1])
def test_a_killed_worker_loses_and_doubles_no_ballot(
    executor: ClusterExecutor, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    made = kit("cluster", mode)
    wanted = plaintexts(made, 36)
    pids = sorted(set(ordered(executor, worker_of, range(24))))
    assert len(pids) > 1 and os.getpid() not in pids
    monkeypatch.setattr("evote.bulk.encrypt.encrypt_chunk", slow_chunk)
    finished: list[FinishedBallot] = []
    try:
        for done in encrypt_ballots(made.election, "S", wanted, executor=executor, chunk=2):
            finished.append(done)
            if len(finished) == 5:
                os.kill(pids[0], signal.SIGKILL)
    except WorkerError:
        checked(made, finished, wanted[: len(finished)])
    else:
        checked(made, finished, wanted)


def test_a_cluster_tallies_to_the_same_bytes(address: str, tmp_path: Path) -> None:
    made = kit("cluster tally")
    for number in range(14):
        made.vote(("North", "South")[number % 2], MARKS, challenge=number % 5 == 1)
    files = reader(made, tmp_path / "record")
    with connect(address, plaintext=False) as executor:
        tally = tally_record(made.election, files, executor=executor)
    assert encode(tally.publish()) == encode(tally_record(made.election, files).publish())


def test_the_client_of_a_cluster_is_no_default_for_others(executor: ClusterExecutor) -> None:
    distributed = importlib.import_module("distributed")
    with pytest.raises(ValueError, match="client"):
        distributed.get_client()


def die(_: int) -> int:
    os._exit(1)


def test_work_that_kills_every_worker_ends_with_an_error(executor: ClusterExecutor) -> None:
    with pytest.raises(WorkerError, match="worker did not finish part 0"):
        list(ordered(executor, die, [0]))

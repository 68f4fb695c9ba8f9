"""A real cluster of several processes gives the report of one process, also where a worker is killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evote.bulk.cluster import connect
from evote.errors import WorkerError
from evote.verifier.chunk import ChunkResult, ChunkTask
from evote.verifier.look import check_chunk
from evote.verifier.plan import Options
from tests.verifier.alone import ceremony
from tests.verifier.ways import hinted, long, said, verify

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""What the cluster's own sockets and loops leave behind at its end is not evote's."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    distributed = pytest.importorskip("distributed", reason="needs the extra 'cluster' (dask.distributed)")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
        silence_logs="CRITICAL",
    ) as started:
        yield started.scheduler_address


def slow_check(task: ChunkTask) -> ChunkResult:
    """A worker's work with time to be killed in; once, by itself."""
    time.sleep(0.05)
    killed = Path(task.record).with_suffix(".killed")
    if task.stretch.number == 3 and not killed.exists():
        killed.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return check_chunk(task)


def test_a_cluster_says_the_same_and_a_killed_worker_changes_nothing(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = long(ceremony("small"), 30)
    directory = hinted(kit.write(kit.publish(), tmp_path / "record"))
    wanted = said(verify(directory))
    with connect(address, plaintext=False) as executor:
        assert said(verify(directory, Options(chunk=4, executor=executor))) == wanted
    monkeypatch.setattr("evote.verifier.plan.check_chunk", slow_check)
    with connect(address, plaintext=False) as executor:
        try:
            report = verify(directory, Options(chunk=4, executor=executor))
        except WorkerError:
            return  # an end without a verdict is right too
    assert said(report) == wanted

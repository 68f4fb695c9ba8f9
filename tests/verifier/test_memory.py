"""Memory does not grow with the number of ballots: measured from outside, in a process of its own."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from evote.bench.memory import peak
from evote.codec import encode
from evote.record import Stage, layout
from evote.record.segments import frame_bytes
from evote.testing.elections import SMALL, Kit

ROOT = Path(__file__).resolve().parents[2]

CHILD = """
import sys
from evote.record import Stage
from evote.verifier.plan import Options
from evote.record.unique import UniqueKeys
from tests.verifier.ways import verify
UniqueKeys.__init__.__kwdefaults__["memory"] = 1000  # its bound is reached soon
report = verify(sys.argv[1], Options(chunk=50), stage=Stage.VOTING)
assert report.counts["ballots"] == int(sys.argv[2])
"""


def peak_of(directory: Path, ballots: int) -> int:
    """Peak memory in bytes of a process that verifies a record of so many ballots."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", CHILD, str(directory), str(ballots)]
    return peak(command, environment=environment).memory


def record(directory: Path, times: int) -> Path:
    """A record whose one ballot stands there so many times, of a unit that is none: soon looked at."""
    kit = Kit(SMALL, seed="memory")
    submitted = kit.vote("North", {"Mayor": {"Ada": 1}, "Council": {"Alan": 1}})
    kit.submitted[0] = replace(submitted, ballot=replace(submitted.ballot, unit="Nowhere"))
    kit.write(kit.publish(), directory, stage=Stage.VOTING)
    segment = directory / layout.BALLOTS / "000001.seg"
    segment.write_bytes(frame_bytes(encode(kit.submitted[0])) * times)
    return directory


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system does not report the peak of a process")
def test_memory_does_not_grow_with_the_record(tmp_path: Path) -> None:
    few, many = 1100, 3300  # more than the findings that are kept
    before = peak_of(record(tmp_path / "few", few), few)
    after = peak_of(record(tmp_path / "many", many), many)
    size = (tmp_path / "many" / layout.BALLOTS / "000001.seg").stat().st_size
    assert size > 9_000_000
    # Decoded, the ballots would take several times their bytes.
    assert after - before < size / 10

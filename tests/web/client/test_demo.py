"""``evote web demo`` as people start it: it prints what a letter says, takes a ballot, and counts."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="starlette, of the extra 'web', is not installed")
pytest.importorskip("uvicorn", reason="uvicorn, of the extra 'web', is not installed")

from evote.report import Verdict
from evote.verifier import verify_record
from tests.web.client.node import ClientError, answers, needs_node

pytestmark = needs_node


def test_the_command_takes_a_ballot_until_it_is_ended_and_its_record_verifies(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "evote.cli", "web", "demo", "--group", "p256", "--listen", "127.0.0.1:0"]
    program = subprocess.Popen(
        [*command, "--voters", "2", "--out", str(tmp_path / "record")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None
        said = ""
        while "The page:" not in said:
            line = program.stdout.readline()
            assert line, said
            said += line
        codes = re.findall(r"^Code of voter \d+: (\S+)$", said, re.M)
        assert len(codes) == 2
        address, fingerprint = re.findall(
            r"^The page: (http://\S+?)/static\S+election=([0-9a-f]{64})", said, re.M
        )[0]
        choices = {
            "unit": "Town",
            "style": "ballot",
            "contests": {"Square": {"marks": {"Trees": 1}}, "Council": {"marks": {"Bo Martin": 1}}},
        }
        steps = [
            ["load", {"fingerprint": fingerprint}],
            ["identify", [codes[0]]],
            ["encrypt", choices],
            ["decide", "cast"],
            ["send"],
        ]
        now = int(time.time())
        (found,) = answers([{"op": "session", "address": address, "now": now, "steps": steps}], tmp_path)
        assert not isinstance(found, ClientError), found
        assert [each for each in found if "error" in each] == []
        program.send_signal(signal.SIGTERM)
        rest, _ = program.communicate(timeout=60)
        assert program.returncode == 0
        assert "Square, all: Trees 1, Parking 0" in rest
    finally:
        program.kill()
        program.wait()
        if program.stdout is not None:
            program.stdout.close()
    report = verify_record(tmp_path / "record")
    assert report.verdict is not Verdict.FAIL

"""Archives that the installed belenios-tool makes on the spot."""

from __future__ import annotations

from pathlib import Path

import pytest

from evote.interop import Request
from evote.interop.belenios1 import verify
from evote.report import Status, Verdict
from tests.interop.belenios1 import tool
from tests.interop.belenios1.writer import BLANK, PLAIN, SEALED

pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(not tool.installed(), reason="belenios-tool is not installed"),
]


def test_weights_revotes_and_blank_votes_of_belenios_2048(tmp_path: Path) -> None:
    votes = [(0, [[1, 0], [0, 1, 1]]), (1, [[0, 0], [1, 0, 0]]), (0, [[0, 1], [0, 0, 1]])]
    archive = tool.hold(tmp_path, "BELENIOS-2048", [PLAIN, BLANK], votes, weights=(1, 5, 1))
    report = verify(archive, Request())
    assert (report.verdict, report.failed) == (Verdict.PASS, ())
    assert report.summary is not None
    counts = [[field.count for field in contest.totals] for contest in report.summary.contests]
    assert counts == [[0, 1], [5, 0, 1]]


def test_sealed_answers_and_shuffles_of_rfc_3526(tmp_path: Path) -> None:
    votes = [(0, [[1, 2], [1, 0]]), (1, [[2, 1], [0, 1]])]
    archive = tool.hold(tmp_path, "RFC-3526-2048", [SEALED, PLAIN], votes, weights=(1, 1), shuffle=True)
    report = verify(archive, Request())
    assert (report.verdict, report.failed) == (Verdict.PASS, ())
    assert report.check("SHUFFLES.2").count == 2
    assert report.check("RESULT.3").status is Status.PASS
    # The order is that of the last shuffle.
    stored = archive.read_bytes()
    assert any(line in stored for line in (b"[[[1,2],[2,1]],[1,1]]", b"[[[2,1],[1,2]],[1,1]]"))

"""What the README shows is run: the election in a few lines of Python, and the commands that it names."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def example() -> str:
    """The Python block of the library section."""
    section = README.split("<!-- library:begin -->")[1].split("<!-- library:end -->")[0]
    (block,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    return block


def test_the_example_has_fewer_than_thirty_lines_of_code() -> None:
    assert 10 < len([line for line in example().splitlines() if line.strip()]) < 30


@pytest.mark.slow
def test_the_example_holds_an_election_that_verifies(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{example()}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    *codes, verdict = done.stdout.splitlines()
    assert verdict == "Verdict.PASS"
    assert len(codes) == 3 and all(re.fullmatch("confirmation code [0-9A-F]{64}", code) for code in codes)
    result = json.loads((tmp_path / "club-record" / "result.json").read_text(encoding="utf-8"))
    votes = result["contests"][0]["total"]["counts"]["votes"]
    assert votes == [{"option": "Ada", "votes": 2}, {"option": "Grace", "votes": 1}]

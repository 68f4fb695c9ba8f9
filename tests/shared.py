"""Where the published test data of others lies: beside the repository, or where the variable says.

The data is not part of the repository. A test that needs it is skipped, with the reason, where it
is absent; a file that is there and does not fit fails.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_data(name: str) -> Path:
    """The path of one file or folder of the data; skips the test where it is absent."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    roots = [beside]
    if named := os.environ.get("EVOTE_SHARED_DATA"):
        roots.append(Path(named))
    for root in roots:
        if (root / name).exists():
            return root / name
    pytest.skip(f"{name} of the published test data is not there (set EVOTE_SHARED_DATA)")

"""One small election for the tests of ballots."""

from __future__ import annotations

import pytest

from evote.testing.elections import Kit


@pytest.fixture(scope="module")
def kit() -> Kit:
    return Kit(seed="ballots")

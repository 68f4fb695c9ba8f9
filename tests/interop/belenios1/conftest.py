"""The reader, given the small field of the writer beside the groups of the format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evote.interop.belenios1 import groups, run, verify
from evote.interop.contract import Request
from evote.report import Report
from tests.interop.belenios1 import writer

Check = Callable[..., Report]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Verifies the bytes of an archive; further arguments are those of the request."""
    monkeypatch.setattr(run, "known_group", lambda name: name in (*groups.NAMES, "toy"))
    monkeypatch.setattr(run, "named", lambda name: writer.GROUP if name == "toy" else groups.named(name))

    def verified(data: bytes, **request: Any) -> Report:
        path = tmp_path / "archive.bel"
        path.write_bytes(data)
        return verify(path, Request(**request))

    return verified

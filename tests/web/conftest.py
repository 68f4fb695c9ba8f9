"""Servers for tests: one for a module where tests do not change what others see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="starlette, of the extra 'web', is not installed")
pytest.importorskip("uvicorn", reason="uvicorn, of the extra 'web', is not installed")
httpx = pytest.importorskip("httpx", reason="httpx, of the extra 'web', is not installed")

from evote.web.application import Application  # noqa: E402
from tests.web import kit  # noqa: E402


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "returns"


@pytest.fixture
def client(folder: Path) -> Iterator[httpx.Client]:
    """A collector with small limits."""
    with kit.served(Application(kit.SMALL, collector=kit.collector(folder))) as client:
        yield client


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A collector for tests that leave it as it is."""
    folder = tmp_path_factory.mktemp("shared")
    with kit.served(Application(kit.SMALL, collector=kit.collector(folder))) as client:
        yield client

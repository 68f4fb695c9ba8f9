"""Elections for the tests of the command line."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.driver import Town, cheap_passphrases, fine


@pytest.fixture(scope="package", autouse=True)
def _cheap() -> Iterator[None]:
    with cheap_passphrases():
        yield


@pytest.fixture(scope="package")
def _with_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an election whose ceremony is done; only ever copied."""
    town = Town(tmp_path_factory.mktemp("town") / "town")
    fine(town.new())
    town.ceremony()
    return town.root


@pytest.fixture
def town(_with_keys: Path, tmp_path: Path) -> Town:
    """An election with keys, for this test alone."""
    return copy_of(_with_keys, tmp_path / "town")


def copy_of(source: Path, target: Path) -> Town:
    fresh = Town(target)
    shutil.rmtree(target)
    shutil.copytree(source, target)
    return fresh

"""The page of HTTP says what the code does: names, statuses, limits, addresses, policies."""

from __future__ import annotations

import re
from pathlib import Path

from evote.web.application import EXPOSED_HEADERS, Application
from evote.web.limits import Limits
from evote.web.openapi import _DESCRIBED
from evote.web.pressure import LONGEST
from evote.web.problem import KINDS
from evote.web.sender import CAP_SECONDS, PIECE_BYTES
from evote.web.serve import HEADER_BYTES
from evote.web.static import PAGE_POLICY
from tests.web import kit
from tests.web.boards import Town

TEXT = (Path(__file__).resolve().parents[2] / "specs" / "http.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| ([0-9, ]+) \|([^|]*)\|", re.MULTILINE)


def test_the_table_of_refusals_is_that_of_the_code() -> None:
    table: dict[str, tuple[int, bool]] = {}
    for names, statuses, again in ROW.findall(TEXT):
        found = re.findall(r"`([a-z-]+)`", names)
        numbers = [int(each) for each in statuses.split(",")]
        if len(numbers) == 1:
            numbers *= len(found)
        for name, status in zip(found, numbers, strict=True):
            table[name] = (status, again.strip() == "yes" or f"`{name}`" in again)
    assert table == {kind.name: (kind.status, kind.again) for kind in KINDS.values()}


def test_the_numbers_of_the_page_are_the_defaults() -> None:
    limits = Limits()
    assert f"pauses for {limits.idle_seconds} s" in TEXT
    assert limits.least_rate == 1024 and "less than 1 KiB/s" in TEXT
    assert HEADER_BYTES == 16 * 1024 and f"at most 16 KiB and comes within {limits.header_seconds} s" in TEXT
    assert f"requests at work have {limits.stop_seconds} s" in TEXT
    assert f"more than {LONGEST:.0f} s" in TEXT
    assert f"min({CAP_SECONDS:.0f}, 2^n)" in TEXT
    assert PIECE_BYTES == 4 * 2**20 and "pieces of 4 MiB" in TEXT


def test_every_address_of_the_server_stands_on_the_page(tmp_path: Path) -> None:
    town = Town(tmp_path, kit.SMALL)
    with town.open() as board:
        application = Application(kit.SMALL, board=board, collector=kit.collector(tmp_path / "returns"))
        described = set()
        for path, operations in application.operations.items():
            described |= {each.name for each in operations.values()}
            stem = path.split("{")[0]
            assert stem in TEXT, path
        assert described == _DESCRIBED.keys()


def test_policies_and_headers_are_those_of_the_page() -> None:
    squeezed = " ".join(TEXT.split())
    assert PAGE_POLICY in squeezed
    for name in EXPOSED_HEADERS:
        assert f"`{name}`" in TEXT

"""A collector that inspects: real returns pass, and every other file is refused by the name of its fault."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from evote.returns import merge_returns
from evote.web.application import Application
from evote.web.returns import ReturnInspection
from tests.returns.kit import foreign, kit
from tests.web.kit import SMALL, bearer, collector, put, served, sha


def test_only_what_merging_would_take_arrives(tmp_path: Path) -> None:
    own = kit()
    good = own.signed("B")
    flipped = bytearray(good)
    flipped[-1] ^= 1
    cases = {
        "good": good,
        "partial": good[:-10],
        "not-a-return": b"GIF89a" + bytes(100),
        "foreign-election": foreign().signed("B"),
        "neighbours-key": own.signed("B", key=own.keys.units["A/2"]),
        "forged": own.signed("B", key=foreign().keys.units["B"]),
    }
    with served(
        Application(SMALL, collector=collector(tmp_path, inspect=ReturnInspection(own.election)))
    ) as client:
        for name, data in cases.items():
            found = put(client, data)
            if name == "good":
                assert (found.status_code, found.json()["verdict"]) == (201, "good")
            else:
                assert (found.status_code, found.json()["verdict"]) == (422, name)
        assert put(client, bytes(flipped)).json()["verdict"] in ("partial", "forged", "malformed")
        listed = client.get("/returns", headers=bearer()).json()["arrivals"]
        assert [each["sha256"] for each in listed if each["accepted"]] == [sha(good)]


def test_files_that_travel_with_returns_pass_when_everything_in_them_does(tmp_path: Path) -> None:
    own = kit()
    merged, _ = merge_returns(own.election, [("b", own.signed("B")), ("a", own.signed("A/2"))])
    inspect = ReturnInspection(own.election)
    assert inspect(merged.encode()).accepted
    other, _ = merge_returns(foreign().election, [("b", foreign().signed("B"))])
    refused = inspect(other.encode())
    assert (refused.accepted, refused.name) == (False, "foreign-election")


def test_an_election_without_returns_has_nothing_to_inspect() -> None:
    from evote.testing.electorate import Electorate

    with pytest.raises(ValueError, match="no unit returns"):
        ReturnInspection(Electorate().election)


def test_a_collector_asks_for_returns_and_says_what_a_client_may_repeat(tmp_path: Path) -> None:
    own = kit()
    inspect = ReturnInspection(own.election)
    with served(Application(SMALL, collector=collector(tmp_path, inspect=inspect))) as client:
        refused: httpx.Response = put(client, own.signed("B")[:-1])
        assert refused.json()["again"] is False
        assert put(client, own.signed("B")).status_code == 201

"""A collector is followed: every file once, by its hash, and nothing that it was not asked for."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from evote.record import Stage
from evote.secret import Secret
from evote.web.application import Application
from evote.web.follower import Follower
from evote.web.returns import ReturnInspection
from evote.web.sender import RoadError
from tests.cli.driver import evote
from tests.returns.kit import kit
from tests.verifier.returns_alone import COUNTS, PAPER, boxes, voted
from tests.web.kit import SMALL, TOKENS, collector, put, served, sha


def test_files_are_fetched_once_each_as_they_arrive(tmp_path: Path) -> None:
    own = kit()
    application = Application(SMALL, collector=collector(tmp_path, inspect=ReturnInspection(own.election)))
    with served(application) as client:
        address = str(client.base_url).rstrip("/")
        with Follower(address, Secret(TOKENS["lier"])) as follower:
            assert follower.files() == []
            first, second = own.signed("B"), own.signed("A/2")
            put(client, first)
            assert put(client, first[:-3]).status_code == 422
            assert [data for _, data in follower.files()] == [first]
            put(client, second)
            assert [data for _, data in follower.files()] == [first, second]
            assert [name.rpartition("/")[2] for name, _ in follower.files()] == [sha(first), sha(second)]
        with Follower(address, Secret(TOKENS["hands"])) as blind, pytest.raises(RoadError, match="403"):
            blind.files()


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"/returns": b"no json"}, "no list"),
        ({"/returns": b'{"arrivals": [{"number": 0, "sha256": "../x", "accepted": true}]}'}, "no hash"),
        (
            {
                "/returns": b'{"arrivals": [{"number": 0, "sha256": "'
                + b"0" * 64
                + b'", "accepted": true}]}',
                f"/returns/{'0' * 64}": b"another file",
            },
            "another file",
        ),
        ({}, "status 404"),
    ],
)
def test_a_server_that_answers_otherwise_is_no_collector(answers: dict[str, bytes], said: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        found = answers.get(request.url.path)
        return httpx.Response(404) if found is None else httpx.Response(200, content=found)

    transport = httpx.MockTransport(answer)
    with Follower("https://returns.example", None, transport=transport) as follower:
        with pytest.raises(RoadError, match=said):
            follower.files()


def test_status_follows_a_collector_and_a_dead_line_is_no_empty_tree(tmp_path: Path) -> None:
    box = voted(boxes())
    record = box.kit.write(box.publish(), tmp_path / "record", stage=Stage.VOTING)
    token = tmp_path / "token"
    token.write_text(TOKENS["eyes"] + "\n")
    given = ("returns", "status", "--record", record, "--token-file", token, "--collector")
    shelf = collector(tmp_path / "shelf", inspect=ReturnInspection(box.election))
    with served(Application(SMALL, collector=shelf)) as client:
        address = str(client.base_url).rstrip("/")
        assert put(client, box.reported(PAPER, COUNTS[PAPER])).status_code == 201
        outcome = evote(*given, address)
        assert outcome.code == 3 and "1 of 4 units have reported" in outcome.out
    outcome = evote(*given, address)
    assert outcome.code == 4 and "does not hold" in outcome.err and "units have reported" not in outcome.out


def test_status_needs_something_to_look_at(tmp_path: Path) -> None:
    outcome = evote("returns", "status", "--record", tmp_path)
    assert outcome.code == 2 and "--collector" in outcome.err

"""A voter's device against a real server: casting, challenging, coming again, and servers that lie."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="starlette, of the extra 'web', is not installed")
pytest.importorskip("uvicorn", reason="uvicorn, of the extra 'web', is not installed")
httpx = pytest.importorskip("httpx", reason="httpx, of the extra 'web', is not installed")

from evote.board.receipt_check import check_receipt  # noqa: E402
from evote.board.receipt_text import read_text  # noqa: E402
from evote.codec import encode  # noqa: E402
from evote.hashing import sha256  # noqa: E402
from evote.testing.groups import toy  # noqa: E402
from evote.web.application import Application  # noqa: E402
from tests.web import kit  # noqa: E402
from tests.web.boards import NOW, Town  # noqa: E402
from tests.web.client.meddling import Meddler, Plan  # noqa: E402
from tests.web.client.node import ClientError, answers, needs_node  # noqa: E402

pytestmark = needs_node

YES = {"unit": "North", "style": "plain", "contests": {"Question": {"marks": {"yes": 1}}}}
NO = {"unit": "North", "style": "plain", "contests": {"Question": {"marks": {"no": 1}}}}


def plans(*planned: tuple[str, bytes | None]) -> list[Plan]:
    """What happens to answers by the beginning of their address: another body, or, without one, none."""
    return [Plan(begins, body, None if body is None else bytes) for begins, body in planned]


@contextmanager
def town_of(folder: Path) -> Iterator[tuple[Town, Meddler, str, httpx.Client]]:
    town = Town(folder, kit.SMALL, kept=("North", "South"))
    with town.open() as board:
        application = Meddler(Application(kit.SMALL, board=board))
        with kit.served(application) as client:
            yield town, application, str(client.base_url), client


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Meddler, str, httpx.Client]]:
    with town_of(tmp_path_factory.mktemp("town")) as found:
        yield found


def session(
    town: Town, address: str, folder: Path, *steps: list[Any], begin: int = 1, **more: Any
) -> list[Any]:
    """The values of the steps, refusals as :class:`ClientError`; the election is loaded before them.

    With ``begin`` 0 the answer to that is among them.
    """
    p, q, g = toy().published_parameters()
    toys = {toy().name: {"p": sha256(p).hex(), "g": sha256(g).hex(), "q": q.hex()}}
    fingerprint = town.election.extended_hash.hex()
    load = ["load", {"fingerprint": fingerprint}]
    job = {"op": "session", "address": address.rstrip("/"), "toys": toys, "now": NOW, "steps": [load, *steps]}
    (found,) = answers([{**job, **more}], folder)
    assert not isinstance(found, ClientError), found
    return [ClientError(each["error"]) if "error" in each else each.get("value") for each in found][begin:]


def codes(town: Town, voter: int = 0) -> list[str]:
    return [code.text().reveal() for code in town.voters[voter].codes]


def refused(value: Any) -> str:
    assert isinstance(value, ClientError), value
    return str(value)


def test_a_voter_casts_keeps_the_receipt_and_checks_it_later_against_log_and_witnesses(
    tmp_path: Path,
) -> None:
    with town_of(tmp_path / "town") as (town, _, address, _):
        pseudonym, made, sealed, receipt, early = session(
            town,
            address,
            tmp_path,
            ["identify", [codes(town)[0].lower().replace("-", " ")]],
            ["encrypt", YES],
            ["decide", "cast"],
            ["send"],
            ["check-own"],
        )
        assert pseudonym == town.voters[0].holder.pseudonym.hex()
        assert (made["decision"], len(made["code"])) == (None, 64)
        assert made["code"].lower() not in bytes.fromhex(sealed).hex()
        assert early["verdict"] == "NOT YET DUE" and early["waiting"] in ("no-head", "not-logged")
        kept = read_text(receipt["text"].encode())
        assert check_receipt(town.setting, kept, at=NOW).verdict.name == "NOT_YET_DUE"
        town.publish()
        (later,) = session(town, address, tmp_path, ["check", receipt["text"]])
        assert (later["verdict"], later["final"], later["index"]) == ("LOGGED", False, 0)
        full = read_text(later["receipt"].encode())
        assert check_receipt(town.setting, full).verdict.name == "LOGGED"
        # A ballot more and a head more: the same receipt, and heads that continue those seen before.
        *_, other = session(
            town,
            address,
            tmp_path,
            ["identify", codes(town, 1)],
            ["encrypt", NO],
            ["decide", "cast"],
            ["send"],
        )
        assert other["text"] != receipt["text"]
        town.publish()
        (again,) = session(town, address, tmp_path, ["check", later["receipt"], later["heads"]])
        assert again["verdict"] == "LOGGED" and again["heads"] != later["heads"]
        (late,) = session(town, address, tmp_path, ["check", receipt["text"]], now=NOW + 1_000_000)
        assert late["verdict"] == "LOGGED"
        assert town.boxes["North"].status().pending == 0


def test_without_a_proof_in_time_the_promise_is_broken(
    both: tuple[Town, Meddler, str, httpx.Client], tmp_path: Path
) -> None:
    town, application, address, _ = both
    *_, receipt = session(
        town,
        address,
        tmp_path,
        ["identify", codes(town, 2)],
        ["encrypt", {**YES, "unit": "South"}],
        ["decide", "cast"],
        ["send", {"replace": True}],
    )
    assert not isinstance(receipt, ClientError), receipt
    soon, late, cut = session(
        town,
        address,
        tmp_path,
        ["check", receipt["text"]],
        ["clock", NOW + 601],
        ["check", receipt["text"]],
    )[0::1]
    assert soon["verdict"] == "NOT YET DUE"
    assert late is True
    assert cut["verdict"] == "BROKEN PROMISE"
    assert application.planned == []


def test_a_challenged_ballot_is_opened_on_a_second_device_and_only_behind_its_receipt(
    both: tuple[Town, Meddler, str, httpx.Client], tmp_path: Path
) -> None:
    town, _, address, _ = both
    own = town.voters[0].holder.pseudonym.hex()
    _, made, early, _, unsent, receipt, letters = session(
        town,
        address,
        tmp_path,
        ["identify", codes(town)],
        ["encrypt", NO],
        ["opening"],
        ["decide", "challenged"],
        ["opening"],
        ["send"],
        ["opening"],
    )
    assert (refused(early), refused(unsent)) == ("undecided", "undecided")
    assert "decision challenge\n" in receipt["text"]
    assert own not in receipt["text"]
    seen, with_code, foreign, other = session(
        town,
        address,
        tmp_path,
        ["inspect", letters, made["code"], own],
        ["inspect", letters, made["code"].lower(), codes(town)],
        ["inspect", letters, made["code"], codes(town, 1)],
        [
            "inspect",
            letters,
            "0" + made["code"][1:] if made["code"][0] != "0" else "1" + made["code"][1:],
            own,
        ],
    )
    assert seen == with_code
    assert seen["contests"] == [{"label": "Question", "values": {"yes": 0, "no": 1}, "data": None}]
    assert (refused(foreign), refused(other)) == ("wrong-opening", "wrong-opening")


def test_the_first_decision_stays_also_after_a_reload(
    both: tuple[Town, Meddler, str, httpx.Client], tmp_path: Path
) -> None:
    town, _, address, _ = both
    _, made, _, back, again, cast, other = session(
        town,
        address,
        tmp_path,
        ["identify", codes(town)],
        ["encrypt", YES],
        ["decide", "challenged"],
        ["reload"],
        ["decide", "cast"],
        ["decide", "challenged"],
        ["send"],
    )
    assert (back["code"], back["decision"]) == (made["code"], "challenged")
    assert refused(again) == "decided"
    assert not isinstance(cast, ClientError) and not isinstance(other, ClientError)


def test_a_second_vote_replaces_the_first_only_when_the_voter_says_so(tmp_path: Path) -> None:
    with town_of(tmp_path / "town") as (town, application, address, _):
        vote: list[list[Any]] = [["encrypt", YES], ["decide", "cast"]]
        _, _, _, first, _, _, stale, second, again = session(
            town,
            address,
            tmp_path,
            ["identify", codes(town)],
            *vote,
            ["send"],
            *vote,
            ["send"],
            ["send", {"replace": True}],
            ["send", {"replace": True}],
        )
        assert refused(stale) == "stale"
        assert first["text"] != second["text"] == again["text"]
        previous = next(line for line in second["text"].splitlines() if line.startswith("previous "))
        assert previous.split()[1] in first["text"]
        assert len(application.bodies) == 5


def test_a_line_that_breaks_is_tried_again_with_the_same_bytes_for_one_ballot(tmp_path: Path) -> None:
    with town_of(tmp_path / "town") as (town, application, address, _):
        application.cut("/units/1/ballots", 2)
        *_, receipt = session(
            town,
            address,
            tmp_path,
            ["identify", codes(town)],
            ["encrypt", YES],
            ["decide", "cast"],
            ["send"],
            tries=4,
        )
        assert not isinstance(receipt, ClientError), receipt
        assert len(application.bodies) == 3 and len(set(application.bodies)) == 1
        assert town.boxes["North"].status().cast == 1


def test_another_receipt_is_refused_and_the_ballot_stays_to_be_sent_again(tmp_path: Path) -> None:
    with town_of(tmp_path / "town") as (town, application, address, client):
        submission, data = town.submission(1)
        kit_type = {"Content-Type": "application/msgpack"}
        foreign = client.post("/units/1/ballots", content=data, headers=kit_type).content
        south, moved = town.submission(2)
        elsewhere = client.post("/units/2/ballots", content=moved, headers=kit_type).content
        assert submission != south
        cut = foreign[:-1]
        twisted = foreign[:-1] + bytes([foreign[-1] ^ 1])
        application.planned = plans(
            *(("/units/1/ballots", each) for each in (foreign, elsewhere, cut, twisted))
        )
        *_, first, second, third, fourth, good = session(
            town,
            address,
            tmp_path,
            ["identify", codes(town)],
            ["encrypt", YES],
            ["decide", "cast"],
            *[["send"]] * 5,
        )
        assert [refused(each) for each in (first, second, third, fourth)] == [
            "other-receipt",
            "other-unit",
            "malformed",
            "other-receipt",
        ]
        assert good["text"].startswith("evote receipt v1\n")
        assert len(set(application.bodies[2:])) == 1


def test_another_manifest_other_keys_and_another_fingerprint_are_refused(
    both: tuple[Town, Meddler, str, httpx.Client], tmp_path: Path
) -> None:
    town, application, address, client = both
    manifest = client.get("/record/manifest.json").content
    keys = client.get("/record/keys.msgpack").content
    application.planned = plans(
        ("/record/manifest.json", manifest.replace(b'"yes"', b'"YES"')),
        ("/record/keys.msgpack", keys[:-1] + bytes([keys[-1] ^ 1])),
    )
    fingerprint = town.election.extended_hash.hex()
    found = session(
        town,
        address,
        tmp_path,
        ["load", {"fingerprint": "00" + fingerprint[2:]}],
        ["load", {"fingerprint": " ".join(fingerprint.upper())}],
        begin=0,
    )
    assert application.planned == []
    assert [refused(each) for each in found[:2]] == ["wrong-parameters", "other-election"]
    view = found[2]
    assert view["fingerprint"] == fingerprint
    assert [unit["path"] for unit in view["units"]] == ["North", "South"]
    assert (view["parts"], view["group"]) == (1, toy().name)


def test_a_log_that_forgets_or_changes_what_it_showed_is_a_split_view(tmp_path: Path) -> None:
    with town_of(tmp_path / "town") as (town, application, address, client):
        *_, receipt = session(
            town,
            address,
            tmp_path,
            ["identify", codes(town)],
            ["encrypt", YES],
            ["decide", "cast"],
            ["send"],
        )
        town.publish()
        (found,) = session(town, address, tmp_path, ["check", receipt["text"]])
        old = client.get("/logs/0/consistency", params={"old": 0}).content
        client.post(
            "/units/1/ballots",
            content=encode(town.electorate.submission(town.voters[1])),
            headers={"Content-Type": "application/msgpack"},
        )
        town.publish()
        (newer,) = session(town, address, tmp_path, ["check", receipt["text"], found["heads"]])
        assert newer["verdict"] == "LOGGED"
        size = newer["heads"]["0"].splitlines()[1]
        application.planned = plans(("/logs/0/consistency", old.replace(b"old 0", f"old {size}".encode())))
        (rolled_back,) = session(town, address, tmp_path, ["check", receipt["text"], newer["heads"]])
        assert rolled_back["verdict"] == "SPLIT VIEW"


def test_what_the_server_refuses_has_its_name(
    both: tuple[Town, Meddler, str, httpx.Client], tmp_path: Path
) -> None:
    town, _, address, _ = both
    moved = {**YES, "unit": "South"}
    other_style = {**YES, "style": "heavy"}
    steps: list[list[Any]] = [["identify", codes(town)]]
    for choices in (moved, other_style):
        steps += [["encrypt", choices], ["decide", "cast"], ["send"]]
    steps += [["encrypt", {**YES, "style": "none"}], ["encrypt", {**YES, "unit": "East"}]]
    steps += [
        ["identify", ["0000-0000-0000-0000-0000-0000-0000"]],
        ["encrypt", YES],
        ["decide", "cast"],
        ["send"],
    ]
    steps += [["identify", ["0000-0000-0000-0000-0000-0000-0001"]], ["identify", ["short"]]]
    found = session(town, address, tmp_path, *steps)
    assert refused(found[3]) == "wrong-unit"
    assert refused(found[6]) == "wrong-style"
    assert [refused(each) for each in found[7:9]] == ["unknown-choice"] * 2
    assert refused(found[12]) == "unknown-credential"
    assert [refused(each) for each in found[13:]] == ["code-check", "code-length"]

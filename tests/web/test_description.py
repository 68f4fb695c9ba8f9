"""The description at /openapi.json and the running server say the same: every operation, every status."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from evote.codec import encode
from evote.errors import StorageError
from evote.web.application import Application
from evote.web.limits import Limits
from evote.web.problem import KINDS, ProblemError
from evote.web.resource import Operation
from tests.web import kit
from tests.web.boards import Town
from tests.web.kit import Described, bearer, data_of, sha

LIMITS = Limits(reserve_bytes=0, return_bytes=1000, idle_seconds=1, office_bytes=1300, stop_seconds=2)
MSGPACK = {"Content-Type": "application/msgpack"}


def test_the_description_is_one_of_openapi_3_1(tmp_path: Path) -> None:
    validator = pytest.importorskip(
        "openapi_spec_validator", reason="openapi-spec-validator is not installed"
    )
    with town_and_returns(tmp_path) as (_, client):
        validator.validate(client.get("/openapi.json").json())


@contextmanager
def town_and_returns(folder: Path) -> Iterator[tuple[Town, httpx.Client]]:
    town = Town(folder, LIMITS)
    with town.open() as board:
        shelf = kit.collector(folder / "returns", LIMITS)
        with kit.served(Application(LIMITS, board=board, collector=shelf)) as client:
            yield town, client


def test_every_operation_answers_as_it_is_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evote.web.patience.LINGER_SECONDS", 0.1)
    with town_and_returns(tmp_path) as (town, client):
        told = Described(client)
        get_everything(told, client)
        returns(told, client)
        ballots(told, town, client, monkeypatch)
        described = {
            (method, path, int(status))
            for path, item in told.document["paths"].items()
            for method, operation in item.items()
            if method != "parameters"
            for status in operation["responses"]
        }
        assert {(method, path) for method, path, _ in described if method != "head"} <= {
            (method, path) for method, path, _ in told.seen
        }
        for item in told.document["paths"].values():
            for method, operation in item.items():
                assert method == "parameters" or {"500", "503"} <= operation["responses"].keys()
        missing = {each for each in described - told.seen if not in_common(each)}
        assert missing == EXPECTED_ELSEWHERE


EXPECTED_ELSEWHERE: set[tuple[str, str, int]] = {
    # Slow bodies, full disks and boxes: each has a test of its own, on a server of its own.
    ("put", "/returns/{sha256}", 408),
    ("post", "/units/{unit}/ballots", 408),
    ("post", "/units/{unit}/challenges", 408),
}


def in_common(each: tuple[str, str, int]) -> bool:
    """What every operation can answer: provoked once, below."""
    return each[2] in (500, 503)


def get_everything(told: Described, client: httpx.Client) -> None:
    for path in ("/health", "/ready", "/metrics", "/openapi.json", "/election"):
        told.check(path, client.get(path))
        assert client.head(path).content == b""
    for path in ("/openapi.json", "/election", "/static", "/"):
        told.check(path, client.get(path, params={"x": "1"}))
    told.check("/problems/{name}", client.get("/problems/stale"))
    told.check("/problems/{name}", client.get("/problems/none"))
    page = told.check("/", client.get("/"))
    told.check("/", client.get("/", headers={"If-None-Match": page.headers["etag"]}))
    told.check("/static", client.get("/static"))
    style = told.check("/static/{name}", client.get("/static/style.css"))
    tag = {"If-None-Match": style.headers["etag"]}
    told.check("/static/{name}", client.get("/static/style.css", headers=tag))
    told.check("/static/{name}", client.get("/static/none.css"))
    told.check("/static/{name}", client.get("/static/style.css?x"))
    files(told, client, "/record/{file}", "/record/manifest.json", "/record/tally.msgpack", {})
    told.check("/record/{file}", client.get("/record/manifest.json?x=1"))


def files(
    told: Described, client: httpx.Client, path: str, there: str, absent: str, headers: dict[str, str]
) -> None:
    found = told.check(path, client.get(there, headers=headers))
    tag = {"If-None-Match": found.headers["etag"]}
    told.check(path, client.get(there, headers={**headers, **tag}))
    told.check(path, client.get(there, headers={**headers, "Range": "bytes=0-1"}))
    told.check(path, client.get(there, headers={**headers, "Range": "bytes=9999999-"}))
    told.check(path, client.get(absent, headers=headers))


def returns(told: Described, client: httpx.Client) -> None:
    path, data = "/returns/{sha256}", data_of("described", 600)
    told.check(path, kit.held(client, data))
    told.check(path, kit.put(client, data, part=slice(0, 10)))
    told.check(path, kit.held(client, data))
    told.check(path, kit.put(client, data, part=slice(20, 30)))  # gap
    (first, second) = (told.check(path, kit.put(client, data)) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    told.check(path, kit.put(client, data_of("much", 700), part=slice(0, 690)))
    told.check(path, kit.put(client, data_of("quota", 700)))
    told.check(path, kit.put(client, b"x", name=sha(b"y")))
    told.check(path, kit.put(client, b"FORGED"))
    told.check(path, kit.put(client, data_of("large", 1001)))
    told.check(path, kit.put(client, data, headers={"Content-Range": "nonsense"}))
    told.check(path, kit.put(client, data, headers={"Content-Type": "text/plain"}))
    told.check(path, kit.put(client, data, office="eyes"))
    told.check(path, client.put(f"/returns/{sha(data)}", content=data, headers=kit.TYPE))
    told.check(path, client.put("/returns/x", content=data, headers={**kit.TYPE, **bearer()}))
    own = {**kit.TYPE, **bearer()}
    told.check(path, client.put(f"/returns/{sha(data)}", content=iter([data]), headers=own))
    address, absent = f"/returns/{sha(data)}", f"/returns/{'0' * 64}"
    files(told, client, path, address, absent, bearer())
    told.check(path, client.get(address))
    told.check(path, client.get(address, headers=bearer("hands")))
    told.check(path, client.head(address))
    for headers in (bearer(), {}, bearer("hands")):
        told.check("/returns", client.get("/returns", headers=headers))
    told.check("/returns", client.get("/returns?limit=0", headers=bearer()))


def ballots(told: Described, town: Town, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = ("/logs/{log}/checkpoint", "/logs/{log}/consistency")
    for path in logs:
        told.check(path, client.get(path.replace("{log}", "0")))
        told.check(path, client.get(path.replace("{log}", "9")))
    first, data = town.submission()
    largest = client.get("/election").json()["largest_submission"]
    for name, challenge in (("ballots", False), ("challenges", True)):
        path, address = f"/units/{{unit}}/{name}", f"/units/1/{name}"
        if challenge:
            first, data = town.submission(challenge=True)

        def post(content: Any, at: str = address, headers: Any = MSGPACK) -> httpx.Response:
            return client.post(at, content=content, headers=headers)

        told.check(path, post(data))
        other = encode(town.electorate.submission(town.voters[0], challenge=not challenge))
        told.check(path, post(other))  # malformed
        told.check(path, post(encode(town.electorate.unsigned(town.voters[0], challenge=challenge))))
        told.check(path, post(encode(town.electorate.submission(town.voters[2], challenge=challenge))))
        told.check(path, post(data, "/units/2/" + name))
        told.check(path, post(b"x" * (largest + 1)))
        told.check(path, post(iter([data])))
        told.check(path, post(data, headers={"Content-Type": "text/plain"}))
        if not challenge:
            told.check(path, post(town.submission(option="no")[1]))  # stale
        else:
            decided = first.__class__(
                first.decision, first.ballot, first.context, first.previous, bytes(31) + b"\x01", "", ()
            )
            again = encode(town.voters[0].holder.sign(town.election, decided))
            monkeypatch.setattr(
                town.boxes["North"], "challenge", refusing(town.boxes["North"].challenge, again)
            )
            told.check(path, post(again))
    town.publish()
    leaf = town.desks[0].view.shown.leaf(0).hex()  # type: ignore[union-attr]
    inclusion, proof, tile = (
        "/units/{unit}/inclusion/{leaf}",
        "/logs/{log}/proof/{leaf}",
        "/logs/{log}/{tile}",
    )
    told.check(inclusion, client.get(f"/units/1/inclusion/{leaf}"))
    told.check(inclusion, client.get(f"/units/1/inclusion/{'0' * 64}"))
    told.check(inclusion, client.get(f"/units/1/inclusion/{leaf}?x=1"))
    told.check(proof, client.get(f"/logs/1/proof/{leaf}"))
    told.check(proof, client.get(f"/logs/1/proof/{'0' * 64}"))
    told.check(proof, client.get(f"/logs/1/proof/{leaf}?x=1"))
    told.check(tile, client.get("/logs/1/tile/0/000.p/1"))
    told.check(tile, client.get("/logs/1/tile/0/001"))
    told.check(tile, client.get("/logs/1/tile/0/000.p/1?x=1"))
    for path in logs:
        told.check(path, client.get(path.replace("{log}", "1")))
        told.check(path, client.get(path.replace("{log}", "1") + "?x=1"))


def refusing(before: Any, which: bytes) -> Any:
    """A box that finds an identifier decided otherwise before."""
    from evote.storage.box_refusals import SubmissionRefusedError

    def act(data: bytes) -> Any:
        if data == which:
            raise SubmissionRefusedError("duplicate-id", "decided before")
        return before(data)

    return act


def test_what_goes_wrong_anywhere_is_a_problem_document(tmp_path: Path) -> None:
    application = Application(kit.SMALL, collector=kit.collector(tmp_path))
    raised: list[BaseException] = []

    async def broken(exchange: Any) -> Any:
        raise raised[-1]

    application.collector.list = broken  # type: ignore[union-attr, method-assign]
    resource = next(
        route.app
        for route in application.app.routes
        if route.path == "/returns"  # type: ignore[attr-defined]
    )
    resource.operations["GET"] = Operation("listReturns", broken)
    with kit.served(application) as client:
        told = Described(client)
        for error, status, name in (
            (RuntimeError("x"), 500, "internal"),
            (StorageError("x"), 503, "storage"),
            (ProblemError("busy"), 503, "busy"),
        ):
            raised.append(error)
            found = told.check("/returns", client.get("/returns", headers=bearer()))
            assert (found.status_code, found.json()["name"]) == (status, name)


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "POST", "OPTIONS", "TRACE", "FOO"])
def test_other_methods_are_told_which_there_are(shared: httpx.Client, method: str) -> None:
    found = shared.request(method, f"/returns/{'0' * 64}")
    assert found.status_code == 405
    assert found.headers["allow"] == "GET, HEAD, PUT"
    assert found.json()["name"] == "wrong-method"
    missing = shared.request(method, "/nothing")
    assert missing.status_code in (404, 405)


def test_every_kind_of_problem_has_an_explanation(shared: httpx.Client) -> None:
    for kind in KINDS.values():
        text = shared.get(f"/problems/{kind.name}").text
        assert text.startswith(f"{kind.name} ({kind.status})")
        assert kind.title in text


def test_every_answer_has_the_headers_that_keep_browsers_strict(shared: httpx.Client) -> None:
    for path in ("/health", "/nothing", "/returns", "/openapi.json", "/", "/static/style.css"):
        headers = shared.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


def test_pages_of_other_origins_are_let_in_only_by_name(tmp_path: Path) -> None:
    application = Application(kit.SMALL, collector=kit.collector(tmp_path), origins=["https://vote.example"])
    with kit.served(application) as client:
        good = client.get("/health", headers={"Origin": "https://vote.example"})
        assert good.headers["access-control-allow-origin"] == "https://vote.example"
        assert "Retry-After" in good.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in good.headers
        bad = client.get("/health", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in bad.headers
        asked = {"Origin": "https://vote.example", "Access-Control-Request-Method": "PUT"}
        assert client.options("/returns", headers=asked).status_code == 200
        asked["Origin"] = "https://evil.example"
        refused = client.options("/returns", headers=asked)
        assert refused.status_code == 400
        assert "access-control-allow-origin" not in refused.headers


def test_metrics_are_in_the_form_of_prometheus(shared: httpx.Client) -> None:
    shared.get("/health")
    shared.get("/nothing/PLANTED")
    text = shared.get("/metrics").text
    line = re.compile(r'(# (HELP|TYPE) .+|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.e+-]+)')
    assert all(line.fullmatch(each) for each in text.splitlines())
    assert 'evote_http_requests_total{operation="getHealth",method="GET",status="200"} ' in text
    assert "PLANTED" not in text

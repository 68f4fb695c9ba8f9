"""The collector over HTTP: files arrive once, whole, by the right hash, whatever happens on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from evote.web.application import Application
from evote.web.limits import Limits
from evote.web.shelf import Shelf
from tests.web import kit
from tests.web.kit import SMALL, bearer, collector, data_of, forged_if_marked, held, put, served, sha, talk

FILE = data_of("a return", 300_000)


def problem(response: httpx.Response) -> str:
    assert response.headers["content-type"] == "application/problem+json"
    found = response.json()
    assert found["status"] == response.status_code
    assert found["type"] == f"/problems/{found['name']}"
    return str(found["name"])


def test_a_file_arrives_whole_and_is_given_back_byte_for_byte(client: httpx.Client, folder: Path) -> None:
    made = put(client, FILE)
    assert made.status_code == 201
    assert made.headers["location"] == f"/returns/{sha(FILE)}"
    assert made.json()["number"] == 0
    assert made.json()["office"] == "lier"
    assert (folder / "arrived" / f"{sha(FILE)}.return").read_bytes() == FILE
    got = client.get(f"/returns/{sha(FILE)}", headers=bearer())
    assert (got.status_code, got.content) == (200, FILE)
    assert not list((folder / "incoming").glob("*/*"))


def test_sending_a_file_again_changes_nothing(client: httpx.Client) -> None:
    first, second, third = put(client, FILE), put(client, FILE), put(client, FILE, office="mol")
    assert [first.status_code, second.status_code, third.status_code] == [201, 200, 200]
    assert first.json() == second.json() == third.json()
    assert client.get("/returns", headers=bearer()).json()["count"] == 1


def test_an_upload_goes_on_at_the_byte_where_it_broke(client: httpx.Client) -> None:
    assert held(client, FILE).status_code == 404
    first = put(client, FILE, part=slice(0, 100_001))
    assert (first.status_code, first.headers["upload-offset"]) == (202, "100001")
    standing = held(client, FILE)
    assert (standing.headers["upload-offset"], standing.headers["upload-complete"]) == ("100001", "?0")
    last = put(client, FILE, part=slice(100_001, None))
    assert (last.status_code, last.headers["upload-complete"]) == (201, "?1")
    assert held(client, FILE).headers["upload-offset"] == str(len(FILE))


def test_what_came_before_a_line_broke_is_held(client: httpx.Client) -> None:
    talk_part = kit.head_of_put(FILE) + FILE[:120_000]
    with kit.opened(client) as line:
        line.sendall(talk_part)
    kit.until(lambda: held(client, FILE).headers.get("upload-offset") == "120000")
    assert put(client, FILE, part=slice(120_000, None)).status_code == 201


def test_overlapping_pieces_overwrite_and_the_hash_decides(client: httpx.Client) -> None:
    wrong = b"x" * 200_000 + FILE[200_000:]
    assert put(client, wrong, part=slice(0, 200_000), name=sha(FILE)).status_code == 202
    healed = put(client, FILE, part=slice(0, 250_000))
    assert (healed.status_code, healed.headers["upload-offset"]) == (202, "250000")
    assert put(client, FILE, part=slice(240_000, None)).status_code == 201


def test_a_whole_file_with_another_hash_is_forgotten(client: httpx.Client, folder: Path) -> None:
    wrong = put(client, FILE[:-1] + b"!", name=sha(FILE))
    assert (wrong.status_code, problem(wrong)) == (422, "wrong-hash")
    assert wrong.headers["upload-offset"] == "0"
    assert held(client, FILE).status_code == 404
    assert not list((folder / "arrived").iterdir())
    assert put(client, FILE).status_code == 201


def test_a_piece_behind_what_is_held_is_told_where_to_go_on(client: httpx.Client) -> None:
    put(client, FILE, part=slice(0, 1000))
    gap = put(client, FILE, part=slice(2000, 3000))
    assert (gap.status_code, problem(gap), gap.headers["upload-offset"]) == (409, "gap", "1000")
    assert gap.json()["again"] is True


def test_a_file_whose_last_byte_is_held_is_finished_without_a_byte(
    client: httpx.Client, folder: Path
) -> None:
    put(client, FILE, part=slice(0, 1000))
    (folder / "incoming" / "lier" / sha(FILE)).write_bytes(FILE)  # as after a crash before the last step
    assert held(client, FILE).headers["upload-complete"] == "?0"
    assert put(client, FILE, part=slice(len(FILE), None)).status_code == 201


def test_pieces_of_a_file_of_another_length_begin_anew(client: httpx.Client) -> None:
    longer = FILE + b"more"
    put(client, longer, part=slice(0, len(longer) - 1), name=sha(FILE))
    assert problem(put(client, FILE, part=slice(10, None))) == "gap"
    assert put(client, FILE).status_code == 201


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("bytes 0-9/5", "bad-range"),
        ("bytes 5-4/10", "bad-range"),
        ("bytes -5-4/10", "bad-range"),
        ("bytes 0-8/100", "bad-range"),
        ("bytes 0-9/*", "bad-range"),
        ("bytes */0", "bad-range"),
        ("bytes 0-9,20-29/100", "bad-range"),
        ("bytes 0-9/99999999999999999999", "bad-range"),
        ("bytes 0-9/4194305", "too-large"),
        ("items 0-9/10", "bad-range"),
        ("bytes 0-9/1e3", "bad-range"),
        ("bytes ٠-9/10", "bad-range"),
    ],
)
def test_a_range_that_is_none_is_refused(shared: httpx.Client, given: str, name: str) -> None:
    headers: list[tuple[bytes, bytes]] = [
        (b"authorization", bearer()["Authorization"].encode()),
        (b"content-type", b"application/octet-stream"),
        (b"content-range", given.encode()),
    ]
    found = shared.put(f"/returns/{'0' * 64}", content=b"0123456789", headers=headers)
    assert problem(found) == name
    assert held(shared, b"").status_code == 404


def test_a_forged_file_is_refused_by_name_and_kept_as_evidence(client: httpx.Client, folder: Path) -> None:
    forged = b"FORGED return"
    for number in range(2):
        refused = put(client, forged)
        assert (refused.status_code, problem(refused)) == (422, "refused")
        assert refused.json()["verdict"] == "forged"
        assert refused.json()["arrival"] == 0, number
    listed = client.get("/returns", headers=bearer()).json()["arrivals"]
    assert [(each["accepted"], each["verdict"], each["office"]) for each in listed] == [
        (False, "forged", "lier")
    ]
    assert (folder / "refused" / f"{sha(forged)}.return").read_bytes() == forged
    assert client.get(f"/returns/{sha(forged)}", headers=bearer()).status_code == 404


def test_what_was_refused_is_inspected_again_when_it_comes_again(folder: Path) -> None:
    forged = b"FORGED return"
    with served(Application(SMALL, collector=collector(folder))) as client:
        assert put(client, forged).status_code == 422
    with served(Application(SMALL, collector=collector(folder, inspect=kit.looked_at))) as client:
        assert put(client, forged).status_code == 201
        listed = client.get("/returns", headers=bearer()).json()["arrivals"]
    assert [(each["number"], each["accepted"]) for each in listed] == [(0, False), (1, True)]
    assert not list((folder / "refused").iterdir())


def test_one_office_carries_anothers_file_and_spoils_no_upload(client: httpx.Client) -> None:
    put(client, b"y" * 1000 + FILE[1000:], part=slice(0, 1000), office="mol", name=sha(FILE))
    assert held(client, FILE, "mol").headers["upload-offset"] == "1000"
    assert held(client, FILE, "lier").status_code == 404
    assert put(client, FILE, office="lier").status_code == 201
    assert held(client, FILE, "mol").headers["upload-complete"] == "?1"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Basic bGllcjp4"}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": "Bearer evote-office-wrong"}, 401),
        ({"Authorization": "Bearer " + "a" * 4000}, 401),
    ],
)
def test_without_a_token_nothing_is_done(shared: httpx.Client, headers: dict[str, str], status: int) -> None:
    for answer in (
        shared.put(f"/returns/{sha(FILE)}", content=FILE, headers={**kit.TYPE, **headers}),
        shared.get("/returns", headers=headers),
        shared.get(f"/returns/{sha(FILE)}", headers=headers),
    ):
        assert answer.status_code == status
        assert problem(answer) == "no-token"
        assert "WWW-Authenticate" in answer.headers
    assert shared.head(f"/returns/{sha(FILE)}", headers=headers).status_code == 401


def test_a_token_is_for_what_it_is_for(client: httpx.Client) -> None:
    assert problem(put(client, FILE, office="eyes")) == "not-allowed"
    assert put(client, FILE, office="hands").status_code == 201
    assert problem(client.get("/returns", headers=bearer("hands"))) == "not-allowed"
    assert client.get("/returns", headers=bearer("eyes")).status_code == 200


def test_a_public_collector_shows_what_arrived_to_everybody(folder: Path) -> None:
    with served(Application(SMALL, collector=collector(folder, public=True))) as client:
        put(client, FILE)
        assert client.get("/returns").json()["count"] == 1
        assert client.get(f"/returns/{sha(FILE)}").content == FILE
        assert client.put(f"/returns/{sha(b'1')}", content=b"1", headers=kit.TYPE).status_code == 401


def test_the_list_is_given_page_by_page(client: httpx.Client) -> None:
    files = [data_of(str(number), 10) for number in range(5)]
    for each in files:
        put(client, each)
    found: list[str] = []
    address: str | None = "/returns?limit=2"
    while address is not None:
        page = client.get(address, headers=bearer()).json()
        found += [each["sha256"] for each in page["arrivals"]]
        address = page["next"]
    assert found == [sha(each) for each in files]
    assert client.get("/returns?after=4", headers=bearer()).json()["arrivals"] == []
    for query in ("after=-1", "limit=0", "limit=1001", "limit=1&limit=2", "x=1", "after=1e9", "after=٣"):
        assert problem(client.get(f"/returns?{query}", headers=bearer())) == "bad-query"


NO_ADDRESSES = (
    "/returns/..%2f..%2fetc%2fpasswd",
    "/returns/../../etc/passwd",
    "/returns/" + "A" * 64,
    "/returns/" + "0" * 63,
    "/returns/" + "0" * 65,
    "/returns/%00" + "0" * 63,
    "/returns/" + "0" * 64 + "/",
    "//returns/" + "0" * 64,
    "/returns/" + "0" * 64 + ".return",
    "/RETURNS",
)


def test_paths_that_are_no_address_lead_nowhere(client: httpx.Client, folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    for path in NO_ADDRESSES:
        for method in ("GET", "PUT"):
            request = (
                f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer()['Authorization']}\r\n"
                "Content-Type: application/octet-stream\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"
            )
            assert talk(client, request.encode()).startswith(b"HTTP/1.1 404 "), path
    assert sorted(folder.rglob("*")) == before


def test_bodies_that_are_too_large_are_refused_before_they_are_read(
    client: httpx.Client, folder: Path
) -> None:
    for length in (SMALL.return_bytes + 1, 10**18):
        answer = talk(client, kit.head_of_put(FILE, length=length), FILE[:1000])
        assert answer.startswith(b"HTTP/1.1 413 "), length
        assert b'"too-large"' in answer
    assert talk(client, kit.head_of_put(FILE, length=-1)).startswith(b"HTTP/1.1 400 ")
    assert not list((folder / "incoming").glob("*/*"))


def test_bodies_without_length_or_in_another_form_are_refused(client: httpx.Client) -> None:
    chunked = client.put(f"/returns/{sha(FILE)}", content=iter([FILE]), headers={**kit.TYPE, **bearer()})
    assert (chunked.status_code, problem(chunked)) == (411, "no-length")
    assert problem(put(client, FILE, headers={"Content-Encoding": "gzip"})) == "wrong-type"
    assert problem(put(client, FILE, headers={"Content-Type": "text/html"})) == "wrong-type"
    assert problem(put(client, b"")) == "bad-range"


def test_a_body_shorter_than_its_header_says_never_arrives(client: httpx.Client) -> None:
    with kit.opened(client) as line:
        line.sendall(kit.head_of_put(FILE) + FILE[:-1])
        line.shutdown(1)
        assert kit.heard(line) == b""
    kit.until(lambda: held(client, FILE).headers.get("upload-offset") == str(len(FILE) - 1))
    assert held(client, FILE).headers["upload-complete"] == "?0"


def test_many_uploads_of_one_file_at_once_make_one_arrival(client: httpx.Client, folder: Path) -> None:
    statuses: list[int] = []

    def send(number: int) -> None:
        office = ("lier", "mol")[number % 2]
        with httpx.Client(base_url=client.base_url, timeout=20, trust_env=False) as own:
            for _ in range(20):
                found = put(own, FILE, office=office)
                if found.status_code in (200, 201):
                    statuses.append(found.status_code)
                    return
                assert found.status_code == 503

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == 8
    assert 201 in statuses
    assert client.get("/returns", headers=bearer()).json()["count"] == 1
    assert (folder / "arrived" / f"{sha(FILE)}.return").read_bytes() == FILE


def test_a_slow_body_ends_with_408_and_what_came_is_held(folder: Path) -> None:
    limits = Limits(reserve_bytes=0, idle_seconds=1)
    with served(Application(limits, collector=collector(folder, limits))) as client:
        answer = talk(client, kit.head_of_put(FILE) + FILE[:5000])
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b'"too-slow"' in answer
        assert held(client, FILE).headers["upload-offset"] == "5000"


def test_a_body_that_crawls_ends_too(folder: Path) -> None:
    limits = Limits(reserve_bytes=0, idle_seconds=1, least_rate=1_000_000)
    crawl = [FILE[at : at + 1] for at in range(30)]
    with served(Application(limits, collector=collector(folder, limits))) as client:
        answer = talk(client, kit.head_of_put(FILE), *crawl, pause=0.1)
        assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("begin", [b"", b"GET /health HT", b"GET /health HTTP/1.1\r\nHost: x\r\n"])
def test_a_connection_without_a_header_is_closed(folder: Path, begin: bytes) -> None:
    limits = Limits(reserve_bytes=0, header_seconds=1)
    with served(Application(limits, collector=collector(folder, limits))) as client:
        assert talk(client, begin, seconds=5) == b""
        second = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + begin
        assert talk(client, second, seconds=5).count(b"HTTP/1.1 200 ") == 1


def test_a_full_disk_is_no_arrival(
    client: httpx.Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("evote.web.shelf.os.pwrite", full)
        found = put(client, FILE)
        assert (found.status_code, problem(found)) == (507, "disk-full")
        assert int(found.headers["retry-after"]) > 0
    with monkeypatch.context() as patch:
        patch.setattr("evote.web.shelf.os.fsync", full)
        assert put(client, FILE).status_code == 507
    with monkeypatch.context() as patch:
        patch.setattr("evote.web.arrivals.os.fsync", full)
        assert put(client, FILE).status_code in (503, 507)
    assert put(client, FILE).status_code in (200, 201)
    assert client.get("/returns", headers=bearer()).json()["count"] == 1


def test_storage_that_fails_is_no_arrival(
    client: httpx.Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> int:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("evote.web.shelf.os.replace", broken)
        found = put(client, FILE)
        assert (found.status_code, problem(found)) == (503, "storage")
    assert held(client, FILE).headers["upload-complete"] == "?0"
    assert put(client, FILE).status_code == 201


def test_no_room_is_said_before_a_byte_is_taken(folder: Path) -> None:
    limits = Limits(reserve_bytes=2**40)
    with served(Application(limits, collector=collector(folder, limits))) as client:
        assert problem(put(client, FILE)) == "disk-full"
        ready = client.get("/ready")
        assert ready.status_code == 503
        assert ready.json()["faults"] == ["collector: no room on the disk"]
        assert client.get("/health").status_code == 200


def test_an_office_has_a_share_and_no_more(folder: Path) -> None:
    limits = Limits(reserve_bytes=0, office_bytes=400_000, office_files=2)
    with served(Application(limits, collector=collector(folder, limits))) as client:
        put(client, FILE, part=slice(0, 250_000))
        other = data_of("other", 200_000)
        assert problem(put(client, other)) == "quota"
        assert put(client, other, office="mol").status_code == 201
        assert put(client, FILE).status_code == 201
        assert put(client, data_of("2", 10)).status_code == 201
        assert problem(put(client, data_of("3", 10))) == "quota"


def test_who_is_too_many_is_told_when_to_come_again(folder: Path) -> None:
    limits = Limits(reserve_bytes=0, uploads=1)
    with served(Application(limits, collector=collector(folder, limits))) as client:
        with kit.opened(client) as line:
            line.sendall(kit.head_of_put(FILE) + FILE[:10])
            kit.until(lambda: b'inside{gate="uploads"} 1' in client.get("/metrics").content)
            waits = []
            for _ in range(40):
                found = put(client, data_of("2", 10))
                assert (found.status_code, problem(found)) == (503, "busy")
                waits.append(int(found.headers["retry-after"]))
            assert client.get("/health").status_code == 200
        assert all(1 <= each <= 300 for each in waits)
        assert sum(waits[30:]) > sum(waits[:10]), "each one gets a later place in the line"
        kit.until(lambda: put(client, data_of("2", 10)).status_code in (200, 201))


def test_connections_beyond_the_most_are_answered_and_not_refused(folder: Path) -> None:
    limits = Limits(reserve_bytes=0, connections=3)
    with served(Application(limits, collector=collector(folder, limits))) as client:
        client.get("/health")
        with kit.opened(client), kit.opened(client), kit.opened(client):
            answer = talk(client, b"GET /static HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: " in answer.lower()
            assert client.get("/health").status_code == 200
        kit.until(lambda: client.get("/static").status_code == 200)


def test_who_asks_and_does_not_read_is_cut_off(folder: Path) -> None:
    limits = Limits(reserve_bytes=0, idle_seconds=1)
    large = data_of("large", 16 * 1024 * 1024)
    with served(Application(limits, collector=collector(folder, limits, public=True))) as client:
        assert put(client, large).status_code == 201
        request = f"GET /returns/{sha(large)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        with kit.opened(client) as line:
            line.sendall(request)
            kit.until(lambda: b"evote_connections 2" in client.get("/metrics").content)
            kit.until(lambda: b"evote_connections 1" in client.get("/metrics").content, 5)
            assert 0 < len(kit.heard(line)) < len(large)


def test_what_nobody_goes_on_with_is_forgotten_after_a_while(folder: Path) -> None:
    shelf = Shelf(folder, SMALL)
    for name in ("0" * 64, "1" * 64):
        with shelf.piece("lier", name, 0, 100) as piece:
            piece.write(b"x")
            assert piece.finish().offset == 1
    old = folder / "incoming" / "lier" / ("0" * 64)
    os.utime(old, (1, 1))
    assert shelf.forget_old() == 1
    assert shelf.held("lier", "0" * 64).offset == 0
    assert shelf.held("lier", "1" * 64).offset == 1


SERVER = """
import sys
from pathlib import Path
from evote.web.application import Application
from tests.web import kit
from evote.web.serve import Runner, listening
from evote.web.tokens import Office, Offices, token_hash
from evote.web.collector import Collector
from evote.web.shelf import Shelf
folder, token = Path(sys.argv[1]), sys.argv[2]
offices = Offices([Office("lier", token_hash(token))])
with listening("127.0.0.1", 0) as listener:
    print(listener.getsockname()[1], flush=True)
    found = Collector(Shelf(folder, kit.SMALL, kit.forged_if_marked), offices, kit.SMALL)
    Runner(Application(kit.SMALL, collector=found), "127.0.0.1", 0).run([listener])
"""


def start(folder: Path) -> tuple[subprocess.Popen[str], httpx.Client]:
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(folder), kit.TOKENS["lier"]],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    return process, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False)


def test_an_upload_survives_the_death_of_the_server(folder: Path) -> None:
    process, client = start(folder)
    with client, kit.opened(client) as line:
        kit.until(lambda: client.get("/health").status_code == 200)
        line.sendall(kit.head_of_put(FILE) + FILE[:280_000])
        kit.until(lambda: int(held(client, FILE).headers.get("upload-offset", "0")) >= 256 * 1024)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert process.stdout is not None
    process.stdout.close()
    process, client = start(folder)
    with client:
        kit.until(lambda: client.get("/health").status_code == 200)
        offset = int(held(client, FILE).headers["upload-offset"])
        assert 256 * 1024 <= offset <= 280_000
        assert put(client, FILE, part=slice(offset, None)).status_code == 201
        assert client.get(f"/returns/{sha(FILE)}", headers=bearer()).content == FILE
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert process.stdout is not None
    process.stdout.close()


def test_a_request_at_work_is_finished_when_the_server_is_told_to_stop(folder: Path) -> None:
    process, client = start(folder)
    with client, kit.opened(client) as line:
        kit.until(lambda: client.get("/health").status_code == 200)
        line.sendall(kit.head_of_put(FILE) + FILE[:1000])
        kit.until(lambda: b'inside{gate="uploads"} 1' in client.get("/metrics").content)
        process.send_signal(signal.SIGTERM)
        kit.until(lambda: not answers(client))
        line.sendall(FILE[1000:])
        assert kit.heard(line).startswith(b"HTTP/1.1 201 ")
    assert process.wait(10) == 0
    assert process.stdout is not None
    process.stdout.close()


def answers(client: httpx.Client) -> bool:
    """Whether somebody still listens there."""
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def test_a_file_that_a_crash_left_without_its_line_gets_one(folder: Path) -> None:
    collector(folder)
    (folder / "arrived" / f"{sha(FILE)}.return").write_bytes(FILE)
    (folder / "arrivals.jsonl").write_bytes(b'{"torn')
    with served(Application(SMALL, collector=collector(folder, inspect=forged_if_marked))) as client:
        assert put(client, FILE).status_code == 200
        assert put(client, b"next").status_code == 201
        listed = client.get("/returns", headers=bearer()).json()["arrivals"]
    assert [(each["sha256"], each["office"]) for each in listed] == [(sha(FILE), ""), (sha(b"next"), "lier")]

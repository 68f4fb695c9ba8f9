"""The board over HTTP: exact bytes in, exact bytes out, and nothing that a device could not check itself."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from evote.board.admission import AdmissionReceipt
from evote.board.entries import CountsEntry, EntryKind
from evote.board.note import Note
from evote.board.proof import LogProof
from evote.board.receipt import Ballot
from evote.board.receipt_client import accept_admission, accept_inclusion
from evote.board.receipt_text import read_text, write_text
from evote.board.tiles import read_entries, read_tree
from evote.board.witness import Request
from evote.codec import decode, encode
from evote.errors import StorageError
from evote.merkle import leaf_hash, verify_consistency
from evote.record import RecordReader, load_election
from evote.storage.box_refusals import BoxRefusal
from evote.testing.groups import toy
from evote.web.application import Application
from evote.web.limits import Limits
from tests.web import kit
from tests.web.boards import NOW, Town

TYPE = {"Content-Type": "application/msgpack"}


@contextmanager
def town_of(folder: Path, limits: Limits = kit.SMALL, **more: object) -> Iterator[tuple[Town, httpx.Client]]:
    town = Town(folder, limits, **more)  # type: ignore[arg-type]
    with town.open() as board, kit.served(Application(limits, board=board)) as client:
        yield town, client


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, httpx.Client]]:
    """A board whose tests use ballots of their own and only add."""
    with town_of(tmp_path_factory.mktemp("town")) as found:
        yield found


def cast(client: httpx.Client, data: bytes, unit: int = 1) -> httpx.Response:
    return client.post(f"/units/{unit}/ballots", content=data, headers=TYPE)


def challenge(client: httpx.Client, data: bytes) -> httpx.Response:
    return client.post("/units/1/challenges", content=data, headers=TYPE)


def receipt_in(answer: httpx.Response) -> AdmissionReceipt:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/msgpack"
    return decode(AdmissionReceipt, answer.content, element_bytes=toy().element_bytes)


def problem(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["name"])


def test_a_voter_casts_gets_a_receipt_and_later_its_proof_from_http_alone(tmp_path: Path) -> None:
    with town_of(tmp_path) as (town, client):
        submission, data = town.submission()
        answer = cast(client, data)
        ballot = Ballot.of(submission, town.hash_of(submission))
        receipt = accept_admission(town.setting, ballot, receipt_in(answer), now=NOW)
        leaf = ballot.leaf(town.election.extended_hash, town.unit_key().name).hex()
        waiting = client.get(f"/units/1/inclusion/{leaf}")
        assert (waiting.status_code, problem(waiting)) == (404, "not-logged")
        assert int(waiting.headers["retry-after"]) >= 1
        town.publish()
        proof = client.get(f"/units/1/inclusion/{leaf}")
        assert proof.status_code == 200
        # The answer is the end of the receipt's text, word for word.
        full = read_text(write_text(receipt) + proof.content)
        assert full.inclusion is not None
        assert accept_inclusion(town.setting, receipt, full.inclusion) == full
        # A later head gives a later proof of the same leaf.
        cast(client, town.submission(1)[1])
        town.publish()
        later = read_text(write_text(receipt) + client.get(f"/units/1/inclusion/{leaf}").content)
        assert later.inclusion is not None and later.inclusion != full.inclusion
        accept_inclusion(town.setting, receipt, later.inclusion)


def test_what_a_device_needs_comes_as_the_bytes_that_are_hashed(
    both: tuple[Town, httpx.Client], tmp_path: Path
) -> None:
    town, client = both
    overview = client.get("/election").json()
    assert overview["fingerprint"] == town.election.extended_hash.hex()
    assert [unit["path"] for unit in overview["units"]] == ["North", "South"]
    assert [unit["served"] for unit in overview["units"]] == [True, False]
    for address in overview["setup"]:
        got = client.get(address)
        assert got.status_code == 200
        (tmp_path / Path(address).name).write_bytes(got.content)
    loaded = load_election(RecordReader(tmp_path, {toy().name: toy()}))
    assert loaded.extended_hash == town.election.extended_hash


def test_the_same_ballot_again_gets_the_same_receipt(both: tuple[Town, httpx.Client]) -> None:
    town, client = both
    _, data = town.submission()
    first = cast(client, data)
    if first.status_code == 409:
        _, data = town.submission(previous=bytes.fromhex(first.json()["head"]))
        first = cast(client, data)
    receipt_in(first)
    assert {cast(client, data).content for _ in range(3)} == {first.content}


def test_a_stale_ballot_is_told_the_head_and_admitted_when_signed_over_it(tmp_path: Path) -> None:
    with town_of(tmp_path) as (town, client):
        first, data = town.submission()
        receipt_in(cast(client, data))
        second, data = town.submission(option="no")
        stale = cast(client, data)
        assert (stale.status_code, problem(stale)) == (409, "stale")
        assert stale.json()["head"] == town.hash_of(first).hex()
        again = replace(second, previous=town.hash_of(first), signatures=())
        signed = encode(town.voters[0].holder.sign(town.election, again))
        receipt_in(cast(client, signed))


def test_a_challenge_and_a_cast_ballot_have_addresses_of_their_own(both: tuple[Town, httpx.Client]) -> None:
    town, client = both
    _, data = town.submission(1, challenge=True)
    assert problem(cast(client, data)) == "malformed"
    receipt_in(challenge(client, data))
    _, data = town.submission(1)
    assert problem(challenge(client, data)) == "malformed"


def test_each_refusal_has_its_name_and_status(both: tuple[Town, httpx.Client]) -> None:
    town, client = both
    south = encode(town.electorate.submission(town.voters[2]))
    unsigned = encode(town.electorate.unsigned(town.voters[0]))
    stranger = encode(town.electorate.submission(town.voters[0], pseudonym=bytes(31) + b"\x01"))
    for data, status, name in (
        (b"", 400, "malformed"),
        (b"\xc1", 400, "malformed"),
        (b"\x93" * 1000, 400, "malformed"),
        (south, 422, "wrong-unit"),
        (unsigned, 403, "wrong-signature"),
        (stranger, 403, "unknown-credential"),
    ):
        found = cast(client, data)
        assert (found.status_code, problem(found)) == (status, name)
        assert client.get(found.json()["type"]).text.startswith(name)


def test_what_is_no_unit_log_or_leaf_is_not_found(both: tuple[Town, httpx.Client]) -> None:
    _, client = both
    assert problem(cast(client, b"x", unit=2)) == "unit-elsewhere"
    for unit in ("0", "3", "01", "-1", "1e0", "x", "1" * 40, "١"):
        found = client.post(f"/units/{unit}/ballots", content=b"x", headers=TYPE)
        assert (found.status_code, problem(found)) == (404, "not-found"), unit
    for path in ("/units/1/inclusion/00", f"/units/1/inclusion/{'A' * 64}", f"/logs/1/proof/{'g' * 64}"):
        assert problem(client.get(path)) == "not-found"
    assert problem(client.get(f"/logs/1/proof/{'0' * 64}")) in ("not-logged", "no-head")
    assert problem(client.get("/logs/2/checkpoint")) == "unit-elsewhere"
    assert problem(client.get("/logs/3/checkpoint")) == "not-found"
    assert problem(client.post("/units/1/ballots", content=b"x")) == "wrong-type"


def test_a_log_is_read_from_its_tiles(tmp_path: Path) -> None:
    with town_of(tmp_path) as (town, client):
        assert problem(client.get("/logs/0/checkpoint")) == "no-head"
        cast(client, town.submission()[1])
        challenge(client, town.submission(1, challenge=True)[1])
        town.publish()
        head = town.checkpoint_of(client.get("/logs/1/checkpoint").content)

        def read(path: str) -> bytes | None:
            found = client.get(f"/logs/1/{path}")
            return found.content if found.status_code == 200 else None

        tree = read_tree(read, head)
        entries = list(read_entries(read, head))
        assert len(entries) == head.size >= 4
        for at, entry in enumerate(entries):
            proof = LogProof.parse(client.get(f"/logs/1/proof/{entry.hex()}").content)
            assert proof.index == at
            assert proof.verify_included(leaf_hash(entry), town.unit_key()) == head
        assert tree.root() == head.root
        witnessed = Note.parse(client.get("/logs/0/checkpoint").content)
        town.setting.policy.verify(witnessed, town.setting.log)
        cast(client, town.submission(1)[1])
        town.publish()
        request = Request.parse(client.get(f"/logs/1/consistency?old={head.size}").content)
        newer = town.checkpoint_of(request.note.encode())
        assert request.old == head.size < newer.size
        verify_consistency(head.size, newer.size, request.proof, old_root=head.root, new_root=newer.root)
        for path in (
            "tile/0/001",
            "tile/0/000.p/255",
            "tile/0/000.p/0",
            "tile/1/000.p/1",
            "tile/64/000",
            "tile/../../x",
            "tile/entries/x001/000",
            "checkpoint/x",
        ):
            assert problem(client.get(f"/logs/1/{path}")) == "not-found", path
        for query in ("old=99999", "old=-1", "old=x", "new=1", "old=1&old=1"):
            assert problem(client.get(f"/logs/1/consistency?{query}")) == "bad-query"


def test_the_record_is_served_and_nothing_beside_it(both: tuple[Town, httpx.Client]) -> None:
    town, client = both
    (town.record / "secret.txt").write_text("hidden")
    (town.folder / "outside").write_text("hidden")
    link = town.record / "devices.msgpack"
    if not link.is_symlink():
        link.symlink_to(town.folder / "outside")
    raw = (town.record / "manifest.json").read_bytes()
    found = client.get("/record/manifest.json")
    assert (found.content, found.headers["content-type"]) == (raw, "application/json")
    again = client.get("/record/manifest.json", headers={"If-None-Match": found.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for path in ("secret.txt", "devices.msgpack", "../outside", "index/../../outside", "", "tally.msgpack"):
        answer = kit.talk(
            client, f"GET /record/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        assert answer.startswith(b"HTTP/1.1 404 ") and b"hidden" not in answer, path
    for given, status, content in (
        ("bytes=0-9", 206, raw[:10]),
        ("bytes=-5", 206, raw[-5:]),
        ("bytes=5-", 206, raw[5:]),
        (f"bytes={len(raw)}-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=9-3", 416, None),
        ("bytes=0-1,3-4", 200, raw),
        ("bytes=-", 200, raw),
        ("lines=1-2", 200, raw),
    ):
        part = client.get("/record/manifest.json", headers={"Range": given})
        assert part.status_code == status, given
        assert content is None or part.content == content
    assert client.head("/record/manifest.json").headers["content-length"] == str(len(raw))


def test_too_large_ballots_are_refused_unread_and_counted_in_the_log(tmp_path: Path) -> None:
    with town_of(tmp_path) as (town, client):
        largest = client.get("/election").json()["largest_submission"]
        header = (
            "POST /units/1/ballots HTTP/1.1\r\nHost: x\r\nContent-Type: application/msgpack\r\n"
            f"Content-Length: {largest + 1}\r\n\r\n"
        )
        for _ in range(3):
            with kit.opened(client) as line:
                line.sendall(header.encode() + b"x" * (largest + 1))
                assert line.recv(65536).startswith(b"HTTP/1.1 413 ")
        town.desks[0].look()
        assert counted(town, BoxRefusal.TOO_LARGE) == 3


def counted(town: Town, refusal: BoxRefusal) -> int:
    """What stands in the log of counts, after the minute is over."""
    town.now += 120
    town.boxes["North"].tick()
    total = 0
    for entry in town.boxes["North"].entries():
        if entry.kind is EntryKind.COUNTS:
            counts = decode(CountsEntry, entry.body, element_bytes=0).counts
            total += sum(each.count for each in counts if each.what == refusal.value)
    return total


def test_a_full_line_is_told_when_to_come_again_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(reserve_bytes=0, queue=1, stop_seconds=2)
    with town_of(tmp_path, limits) as (town, client):
        go, inside = threading.Event(), threading.Event()
        admit = town.boxes["North"].admit

        def slow(data: bytes) -> AdmissionReceipt:
            inside.set()
            assert go.wait(10)
            return admit(data)

        monkeypatch.setattr(town.boxes["North"], "admit", slow)
        _, data = town.submission()
        first: list[httpx.Response] = []
        thread = threading.Thread(target=lambda: first.append(cast(client, data)))
        thread.start()
        assert inside.wait(10)
        with httpx.Client(base_url=client.base_url, trust_env=False) as other:
            for _ in range(4):
                full = cast(other, town.submission(1)[1])
                assert (full.status_code, problem(full)) == (503, "queue-full")
                assert int(full.headers["retry-after"]) >= 1
        go.set()
        thread.join(10)
        receipt_in(first[0])
        town.desks[0].look()
        assert counted(town, BoxRefusal.QUEUE_FULL) == 4


def test_more_bodies_than_may_be_read_at_once_are_told_so_and_counted(tmp_path: Path) -> None:
    limits = Limits(reserve_bytes=0, submissions=1, stop_seconds=1)
    with town_of(tmp_path, limits) as (town, client):
        begun = b"POST /units/1/ballots HTTP/1.1\r\nHost: x\r\nContent-Type: application/msgpack\r\n"
        with kit.opened(client) as line:
            line.sendall(begun + b"Content-Length: 9\r\n\r\n")
            kit.until(lambda: b'inside{gate="submissions"} 1' in client.get("/metrics").content)
            for path in ("/units/1/ballots", "/units/1/challenges", "/units/x/ballots"):
                busy = client.post(path, content=b"x", headers=TYPE)
                assert (busy.status_code, problem(busy)) == (503, "busy")
        town.desks[0].look()
        assert counted(town, BoxRefusal.QUEUE_FULL) == 2
        with pytest.raises(ValueError, match="not counted"):
            town.boxes["North"].count_refused(BoxRefusal.QUEUE_FULL, 0)


def test_verdicts_that_were_left_for_later_are_given_by_the_keeper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evote.web.desk.PAUSE", 0.02)
    monkeypatch.setattr("evote.web.desk.VERDICTS", 1)
    with town_of(tmp_path, later=True) as (town, client):
        monkeypatch.setattr(town.boxes["North"], "_examiner", None)
        receipt_in(cast(client, town.submission()[1]))
        receipt_in(cast(client, town.submission(1)[1]))
        kit.until(lambda: town.boxes["North"].status().pending == 0)
        verdicts = [entry for entry in town.boxes["North"].entries() if entry.kind is EntryKind.VERDICT]
        assert len(verdicts) == 2


def test_a_client_that_goes_away_has_its_ballot_admitted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with town_of(tmp_path) as (town, client):
        _, data = town.submission()
        header = (
            "POST /units/1/ballots HTTP/1.1\r\nHost: x\r\nContent-Type: application/msgpack\r\n"
            f"Content-Length: {len(data)}\r\n\r\n"
        )
        with kit.opened(client) as line:
            line.sendall(header.encode() + data)
        kit.until(lambda: town.boxes["North"].status().cast == 1)
        receipt_in(cast(client, data))
        assert town.boxes["North"].status().cast == 1


def test_storage_that_fails_gives_no_receipt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with town_of(tmp_path) as (town, client):
        _, data = town.submission()

        def broken(data: bytes) -> AdmissionReceipt:
            raise StorageError("the disk is gone")

        with monkeypatch.context() as patch:
            patch.setattr(town.boxes["North"], "admit", broken)
            found = cast(client, data)
            assert (found.status_code, problem(found)) == (503, "storage")
            assert "retry-after" in found.headers
        receipt_in(cast(client, data))


def test_after_the_end_of_voting_nothing_new_enters_and_receipts_are_given_again(tmp_path: Path) -> None:
    with town_of(tmp_path) as (town, client):
        _, data = town.submission()
        first = cast(client, data)
        town.boxes["North"].end_voting()
        closed = cast(client, town.submission(1)[1])
        assert (closed.status_code, problem(closed)) == (403, "closed")
        assert cast(client, data).content == first.content


def test_a_box_that_was_stopped_says_so_and_is_not_ready(tmp_path: Path) -> None:
    with town_of(tmp_path) as (town, client):
        assert client.get("/ready").status_code == 200
        town.boxes["North"]._core.fault = "it is behind"
        found = cast(client, town.submission()[1])
        assert (found.status_code, problem(found)) == (503, "stopped")
        assert client.get("/ready").json()["faults"] == ["unit 1: the box signs nothing"]
        town.boxes["North"]._core.fault = None


def test_the_keeper_gives_verdicts_and_signs_heads_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evote.web.desk.PAUSE", 0.02)
    with town_of(tmp_path, head_seconds=0.05) as (town, client):
        cast(client, town.submission()[1])
        kit.until(lambda: client.get("/logs/1/checkpoint").status_code == 200)
        kit.until(
            lambda: (
                town.checkpoint_of(client.get("/logs/1/checkpoint").content).size
                == town.boxes["North"].status().size
            )
        )


def test_nothing_of_a_ballot_reaches_a_log_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    marker = b"PLANTED-MARKER"
    with caplog.at_level(logging.DEBUG):
        with town_of(tmp_path) as (town, client):
            submission, data = town.submission()
            receipt_in(cast(client, data))
            cast(client, marker * 20)
            cast(client, data + marker)
            cast(client, encode(town.electorate.unsigned(town.voters[0], style="plain")))
            client.get(f"/units/1/inclusion/{submission.ballot.identifier.hex()}?PLANTED-MARKER=1")
            client.get("/record/PLANTED-MARKER")
            monkeyed = town.boxes["North"].admit
            town.boxes["North"].admit = lambda data: (_ for _ in ()).throw(  # type: ignore[method-assign]
                RuntimeError(f"failed on {data!r}")
            )
            broken = cast(client, marker)
            assert (broken.status_code, problem(broken)) == (500, "internal")
            town.boxes["North"].admit = monkeyed  # type: ignore[method-assign]
    ours = [record for record in caplog.records if not record.name.startswith("http")]  # but the client's
    text = "".join(f"{record.getMessage()} {record.__dict__}" for record in ours)
    assert "castBallot 200" in text
    assert "RuntimeError" in text
    pseudonym = town.voters[0].holder.pseudonym
    for hidden in (
        "PLANTED",
        data.hex()[:64],
        submission.ballot.identifier.hex(),
        pseudonym.hex(),
        town.hash_of(submission).hex(),
        "127.0.0.1",
    ):
        assert hidden not in text

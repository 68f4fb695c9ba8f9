"""The sender: every file whole and once, over lines that break, without a herd. No network, no real time."""

from __future__ import annotations

import gzip
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.errors import StorageError
from evote.secret import Secret
from evote.web.application import Application
from evote.web.client import HttpLine, checked_address
from evote.web.limits import Limits
from evote.web.sender import CAP_SECONDS, Answer, Delivery, Parcel, RoadError, Sender, State
from evote.web.spool import Spool, parcel_of
from tests.web import kit
from tests.web.kit import TOKENS, collector, data_of, served, sha


def parcel(data: bytes, name: str = "x.return") -> Parcel:
    return Parcel(name, sha(data), len(data), lambda begin, size: data[begin : begin + size])


class Collector:
    """A collector in memory; ``trouble`` decides before each request what goes wrong."""

    def __init__(self, trouble: Callable[[str], Answer | Exception | None] = lambda what: None) -> None:
        self.trouble = trouble
        self.held: dict[str, bytes] = {}
        self.arrived: dict[str, bytes] = {}
        self.arrivals = 0
        self.requests: list[str] = []

    def ask(self, sha256: str) -> Answer:
        self._enter("ask")
        if sha256 in self.arrived:
            return Answer(200, len(self.arrived[sha256]), True)
        held = self.held.get(sha256, b"")
        return Answer(200 if held else 404, len(held))

    def put(self, sha256: str, begin: int, data: bytes, total: int) -> Answer:
        try:
            self._enter("put")
        except RoadError:
            # A line that breaks inside a body: half of it came.
            held = self.held.get(sha256, b"")
            if begin <= len(held):
                self.held[sha256] = held[:begin] + data[: len(data) // 2] + held[begin + len(data) // 2 :]
            raise
        held = self.held.get(sha256, b"")
        if begin > len(held):
            return Answer(409, len(held), name="gap", again=True)
        self.held[sha256] = held = held[:begin] + data + held[begin + len(data) :]
        if len(held) < total:
            return Answer(202, len(held))
        if sha(held) != sha256:
            del self.held[sha256]
            return Answer(422, 0, name="wrong-hash")
        self.arrived[sha256] = held
        self.arrivals += 1
        return Answer(201, total, True)

    def _enter(self, what: str) -> None:
        self.requests.append(what)
        found = self.trouble(what)
        if isinstance(found, Exception):
            raise found
        if found is not None:
            raise _Said(found)


class _Said(Exception):
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


class Answering:
    """A line over a collector whose trouble may be an answer."""

    def __init__(self, inner: Collector) -> None:
        self.inner = inner

    def ask(self, sha256: str) -> Answer:
        try:
            return self.inner.ask(sha256)
        except _Said as said:
            return said.answer

    def put(self, sha256: str, begin: int, data: bytes, total: int) -> Answer:
        try:
            return self.inner.put(sha256, begin, data, total)
        except _Said as said:
            return said.answer


class Night:
    """A clock that sleeping moves, and seeded chance."""

    def __init__(self, seed: int = 1) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []
        self.random = random.Random(seed)

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds

    def sender(self, inner: Collector, *, deadline: float | None = 3600, piece: int = 100) -> Sender:
        return Sender(
            Answering(inner),
            deadline=deadline,
            clock=lambda: self.now,
            sleep=self.sleep,
            uniform=self.random.uniform,
            piece=piece,
        )


def one(sender: Sender, data: bytes) -> Delivery:
    (delivery,) = sender.send([parcel(data)])
    return delivery


DATA = data_of("sent", 1050)


def test_a_file_is_sent_piece_by_piece_and_is_delivered_when_the_collector_says_so() -> None:
    night, there = Night(), Collector()
    delivery = one(night.sender(there), DATA)
    assert (delivery.state, delivery.attempts, delivery.sent) == (State.DELIVERED, 1, len(DATA))
    assert there.arrived == {sha(DATA): DATA}
    assert night.sleeps == []
    again = one(night.sender(there), DATA)
    assert (again.state, again.sent) == (State.DELIVERED, 0)


def test_after_a_break_nothing_that_is_held_is_sent_again() -> None:
    breaks = iter([None, None, None, RoadError("cut")])
    night, there = Night(), Collector(lambda what: next(breaks, None))
    delivery = one(night.sender(there), DATA)
    assert delivery.state is State.DELIVERED
    assert delivery.sent == len(DATA) + 50, "half a piece was lost"
    assert len(night.sleeps) == 1


@given(st.integers(0, 2**32), st.integers(1, 400))
def test_any_schedule_of_breaks_delivers_the_file_once(seed: int, piece: int) -> None:
    chance = random.Random(seed)

    def trouble(what: str) -> Answer | Exception | None:
        drawn = chance.random()
        if drawn < 0.3:
            return RoadError("cut")
        if drawn < 0.5:
            return Answer(503, retry_after=chance.choice((None, 1.0, 7.0)), name="busy", again=True)
        return None

    night, there = Night(seed), Collector(trouble)
    assert one(night.sender(there, deadline=None, piece=piece), DATA).state is State.DELIVERED
    assert there.arrived == {sha(DATA): DATA}
    assert there.arrivals == 1


def test_a_wait_is_at_least_what_the_collector_asks_for() -> None:
    answers = iter([Answer(503, retry_after=40.0, name="busy", again=True)] * 5)
    night, there = Night(), Collector(lambda what: next(answers, None))
    assert one(night.sender(there), DATA).state is State.DELIVERED
    assert len(night.sleeps) == 5
    assert all(40.0 <= each <= 40.0 + CAP_SECONDS for each in night.sleeps)


def test_random_waits_grow_to_a_bound_and_begin_anew_after_progress() -> None:
    night = Night()
    there = Collector(lambda what: RoadError("cut") if night.now < 3000 else None)
    one(night.sender(there), DATA)
    assert max(night.sleeps[:3]) <= 4.0
    assert max(night.sleeps) <= CAP_SECONDS
    assert max(night.sleeps) > CAP_SECONDS / 2


def test_a_thousand_senders_that_lost_one_line_do_not_come_back_together() -> None:
    seconds: Counter[int] = Counter()
    for office in range(1000):
        night = Night(office)

        def down(what: str, night: Night = night) -> Exception | None:
            if night.now < 600:
                return RoadError("the line is down")
            seconds[int(night.now)] += 1
            return None

        assert one(night.sender(Collector(down), piece=5000), DATA).state is State.DELIVERED
    arrivals = [count for second, count in seconds.items() if second < 720]
    assert sum(arrivals) == 2000, "all are in within two minutes of the line's return"
    assert max(arrivals) < 120, "and no second has more than a twentieth of the requests"


@pytest.mark.parametrize(
    ("answer", "state", "name"),
    [
        (Answer(422, name="refused", verdict="forged", detail="no"), State.REFUSED, "forged"),
        (Answer(413, name="too-large"), State.REFUSED, "too-large"),
        (Answer(401, name="no-token"), State.UNUSABLE, "no-token"),
        (Answer(403, name="not-allowed"), State.UNUSABLE, "not-allowed"),
        (Answer(404, name="status 404"), State.UNUSABLE, "status 404"),
    ],
)
def test_what_is_refused_for_good_is_not_sent_again(answer: Answer, state: State, name: str) -> None:
    night = Night()
    there = Collector(lambda what: answer if what == "put" else None)
    delivery = one(night.sender(there), DATA)
    assert (delivery.state, delivery.name, delivery.attempts) == (state, name, 1)
    assert night.sleeps == []


def test_a_collector_that_takes_nothing_is_asked_once_for_many_files() -> None:
    night, there = Night(), Collector(lambda what: Answer(401, name="no-token"))
    done = list(night.sender(there).send([parcel(data_of(str(each), 10)) for each in range(5)]))
    assert [each.state for each in done] == [State.UNUSABLE] * 5
    assert len(there.requests) == 1


def test_a_file_that_is_refused_does_not_stop_the_others() -> None:
    night, refused = Night(), Answer(422, name="refused", verdict="forged")
    there = Collector(lambda what: refused if there.requests.count("put") == 1 and what == "put" else None)
    done = list(night.sender(there).send([parcel(b"first"), parcel(b"second")]))
    assert [each.state for each in done] == [State.REFUSED, State.DELIVERED]


def test_a_wrong_hash_is_tried_from_the_start_a_few_times() -> None:
    night = Night()
    there = Collector()
    there.held[sha(DATA)] = b"junk of somebody else"
    assert one(night.sender(there), DATA).state is State.DELIVERED
    always = Collector(lambda what: Answer(422, 0, name="wrong-hash") if what == "put" else None)
    assert one(night.sender(always), DATA).state is State.REFUSED


def test_time_runs_out_with_what_is_held_kept() -> None:
    night = Night()
    there = Collector(lambda what: RoadError("cut") if len(there.requests) > 3 else None)
    delivery = one(night.sender(there, deadline=100), DATA)
    assert (delivery.state, delivery.name) == (State.WAITING, "unreachable")
    assert night.now < 100
    assert there.held[sha(DATA)]


def test_a_collector_that_forgets_what_it_was_sent_is_no_endless_loop() -> None:
    night = Night()
    there = Collector(lambda what: Answer(202, 0) if what == "put" else None)
    assert one(night.sender(there, deadline=500), DATA).state is State.WAITING


# --- over HTTP ---------------------------------------------------------------------------------------


def test_files_go_over_http_and_resume_there(tmp_path: Path) -> None:
    data = data_of("http", 300_000)
    with served(Application(kit.SMALL, collector=collector(tmp_path))) as client:
        kit.put(client, data, part=slice(0, 123_456))
        with HttpLine(str(client.base_url), Secret(TOKENS["lier"])) as line:
            delivery, forged = Sender(line, piece=100_000).send([parcel(data), parcel(b"FORGED")])
        assert (delivery.state, delivery.sent) == (State.DELIVERED, len(data) - 123_456)
        assert (forged.state, forged.name) == (State.REFUSED, "forged")
        with HttpLine(str(client.base_url), Secret("wrong")) as line:
            (unknown,) = Sender(line).send([parcel(data)])
        assert (unknown.state, unknown.name) == (State.UNUSABLE, "no-token")


def test_a_busy_collector_is_believed(tmp_path: Path) -> None:
    limits = Limits(reserve_bytes=0, uploads=1)
    waits: list[float] = []
    with served(Application(limits, collector=collector(tmp_path, limits))) as client:
        with kit.opened(client) as hog, HttpLine(str(client.base_url), Secret(TOKENS["mol"])) as line:
            hog.sendall(kit.head_of_put(DATA) + DATA[:10])
            kit.until(lambda: b'inside{gate="uploads"} 1' in client.get("/metrics").content)

            def sleep(seconds: float) -> None:
                waits.append(seconds)
                hog.close()
                kit.until(lambda: b'inside{gate="uploads"} 0' in client.get("/metrics").content)

            (delivery,) = Sender(line, sleep=sleep).send([parcel(DATA)])
    assert delivery.state is State.DELIVERED
    assert len(waits) == 1 and waits[0] >= 1.0


def test_no_answer_makes_the_sender_follow_or_read_for_ever() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "collector.example"
        return answers.pop(0)

    answers = [
        httpx.Response(302, headers={"Location": "https://evil.example/"}),
        httpx.Response(200, content=b"x" * 1_000_000),
        httpx.Response(502, content=b"<html>"),
        httpx.Response(400, content=b"{", headers={"Content-Type": "application/problem+json"}),
        httpx.Response(503, headers={"Retry-After": "9" * 50}),
        httpx.Response(503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT", "Upload-Offset": "-1"}),
    ]
    transport = httpx.MockTransport(respond)
    with HttpLine("https://collector.example", Secret("t"), transport=transport) as line:
        for _ in range(2):
            with pytest.raises(RoadError):
                line.ask("0" * 64)
        assert (line.ask("0" * 64).again, line.ask) is not None
        with pytest.raises(RoadError):
            line.ask("0" * 64)
        assert line.ask("0" * 64).retry_after == 3600.0
        last = line.ask("0" * 64)
        assert (last.retry_after, last.offset, last.again) == (None, None, True)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(400, content=b"[" * 200_000, headers={"Content-Type": "application/problem+json"}),
        httpx.Response(
            503, stream=httpx.ByteStream(gzip.compress(bytes(10**6))), headers={"Content-Encoding": "gzip"}
        ),
    ],
    ids=["nested", "packed"],
)
def test_an_answer_that_would_take_memory_or_stack_is_a_broken_line(answer: httpx.Response) -> None:
    asked = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["accept-encoding"])
        return answer

    with (
        HttpLine("https://c.example", Secret("t"), transport=httpx.MockTransport(respond)) as line,
        pytest.raises(RoadError),
    ):
        line.put("0" * 64, 0, b"x", 1)
    assert asked == ["identity"]


def test_an_error_names_no_token() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"cannot connect with {request.headers['authorization']}")

    with HttpLine("https://c.example", Secret("hidden"), transport=httpx.MockTransport(respond)) as line:
        with pytest.raises(RoadError) as caught:
            line.ask("0" * 64)
    assert "hidden" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "address",
    ["", "returns.example", "ftp://x", "https://", "http://returns.example", "https://u:p@x", "https://x?y"],
)
def test_addresses_that_are_none_or_open_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="."):
        checked_address(address)


def test_open_lines_are_for_this_machine_unless_somebody_says_so() -> None:
    assert checked_address("http://127.0.0.1:8080/") == "http://127.0.0.1:8080"
    assert checked_address("https://x.example/base/") == "https://x.example/base"
    assert checked_address("http://x.example", plain=True) == "http://x.example"


# --- the spool ---------------------------------------------------------------------------------------


def test_a_spool_keeps_files_until_every_collector_has_them(tmp_path: Path) -> None:
    file = tmp_path / "north.return"
    file.write_bytes(DATA)
    spool = Spool(tmp_path / "spool")
    spool.add(parcel_of(file))
    spool.add(parcel_of(file))
    file.unlink()
    again = Spool(tmp_path / "spool")
    (waiting,) = again.parcels()
    assert waiting.read(0, waiting.size) == DATA
    again.sent("https://a", waiting)
    assert again.due("https://a", [waiting]) == []
    assert again.due("https://b", [waiting]) == [waiting]


def test_a_damaged_file_of_a_spool_is_not_sent(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    (tmp_path / "waiting" / f"{'0' * 64}.return").write_bytes(DATA)
    with pytest.raises(StorageError, match="damaged"):
        spool.parcels()


def test_a_file_that_shrinks_or_is_empty_is_no_parcel(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"")
    with pytest.raises(StorageError, match="0 bytes"):
        parcel_of(file)
    file.write_bytes(DATA)
    made = parcel_of(file)
    file.write_bytes(DATA[:10])
    with pytest.raises(StorageError, match="shorter"):
        made.read(0, made.size)
    with pytest.raises(StorageError):
        parcel_of(tmp_path / "absent")

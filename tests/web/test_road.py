"""The whole road in memory: senders, collector, shelf and merge, over any schedule of faults.

HTTP requests go from the client into the application without a network. Between them, a schedule that is
drawn from a seed loses requests, answers and halves of bodies, sends old requests again and late, and kills
offices, the collector and the centre. Whatever happens, the merged bytes in the end are the same.
"""

from __future__ import annotations

import asyncio
import functools
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from evote.hashing import sha256
from evote.returns import MergedReturns, Merger
from evote.secret import Secret
from evote.web.application import Application
from evote.web.client import HttpLine
from evote.web.collector import Collector
from evote.web.returns import ReturnInspection
from evote.web.sender import Parcel, Sender, State, Stopped
from evote.web.shelf import Shelf
from evote.web.tokens import Offices
from tests.returns.kit import kit as returns_kit
from tests.returns.kit import merged
from tests.returns.rosters import change_of
from tests.web.kit import OFFICES, SMALL, TOKENS

CARRIERS = ("lier", "mol")


@functools.cache
def files() -> tuple[bytes, ...]:
    """Returns of both kinds, a correction, and a conflict."""
    k = returns_kit()
    first = k.signed("A/2", votes=5)
    b = k.signed("B")
    return (
        k.signed("A/1"),
        first,
        k.signed("A/2", votes=6),
        k.signed("A/3"),
        b,
        k.correction("B", sha256(b), votes=9),
    )


@functools.cache
def whole() -> bytes:
    return merged(*files())[0].encode()


class Collecting:
    """A collector's application over a folder; :meth:`crash` leaves nothing of it but the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loop = asyncio.new_event_loop()
        self.inspect = ReturnInspection(returns_kit().election)
        self.shelf, self.application = self._start()

    def crash(self, torn: bytes = b"") -> None:
        """Start again; ``torn`` is what a write that was cut off left at the end of the list."""
        if torn:
            with (self.folder / "arrivals.jsonl").open("ab") as stream:
                stream.write(torn)
        self.application._work.shutdown()
        self.shelf, self.application = self._start()

    def _start(self) -> tuple[Shelf, Application]:
        shelf = Shelf(self.folder, SMALL, self.inspect)
        return shelf, Application(SMALL, collector=Collector(shelf, Offices(OFFICES), SMALL))

    def close(self) -> None:
        self.application._work.shutdown()
        self.loop.close()

    def request(self, request: httpx.Request, upto: int | None = None) -> httpx.Response | None:
        """Answer a request; None for one whose body breaks off after ``upto`` bytes."""
        body = request.read()
        sent: list[dict[str, Any]] = []
        coming: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]
        if upto is not None:
            coming = [
                {"type": "http.request", "body": body[:upto], "more_body": True},
                {"type": "http.disconnect"},
            ]

        async def receive() -> dict[str, Any]:
            return coming.pop(0) if coming else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "path": request.url.path,
            "raw_path": request.url.raw_path,
            "root_path": "",
            "scheme": "http",
            "query_string": request.url.query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        self.loop.run_until_complete(self.application(scope, receive, send))
        if upto is not None:
            return None
        content = b"".join(each.get("body", b"") for each in sent[1:])
        return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=content)


class BadRoad(httpx.BaseTransport):
    """Carries requests to the collector as the schedule wants it."""

    def __init__(self, there: Collecting, chance: random.Random) -> None:
        self.there, self.chance = there, chance
        self.old: list[httpx.Request] = []
        self.troubles: Counter[str] = Counter()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self._between()
        drawn = self.chance.random()
        if drawn < 0.08:
            raise self._trouble("lost", request)
        if drawn < 0.16:
            self.old.append(request)
            raise self._trouble("late", request)
        if drawn < 0.26 and request.content:
            self.there.request(request, self.chance.randrange(len(request.content)))
            raise self._trouble("cut", request)
        answer = self.there.request(request)
        assert answer is not None
        if drawn < 0.34:
            raise self._trouble("answer lost", request)
        if drawn < 0.42:
            self.old.append(request)
        return answer

    def _between(self) -> None:
        """Old requests come now, as often as they like, and the collector may start again."""
        if self.old and self.chance.random() < 0.4:
            again = self.chance.choice(self.old)
            if self.chance.random() < 0.5:
                self.old.remove(again)
            self.troubles["again"] += 1
            self.there.request(again)
        if self.chance.random() < 0.05:
            self.troubles["collector killed"] += 1
            self.there.crash(self.chance.choice((b"", b'{"sha256": "')))

    def _trouble(self, name: str, request: httpx.Request) -> httpx.TransportError:
        self.troubles[name] += 1
        return httpx.ReadError(name, request=request)


def parcel(data: bytes) -> Parcel:
    return Parcel("x", sha256(data).hex(), len(data), lambda begin, size: data[begin : begin + size])


class Centre:
    """Merges what has arrived, now and then, and keeps the merged file; a crash loses what is not kept."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.current = MergedReturns.empty(returns_kit().election)
        self.kept = self.current.encode()

    def look(self, shelf: Shelf) -> None:
        merger = Merger(self.current)
        paths = sorted((shelf.folder / "arrived").iterdir())
        self.chance.shuffle(paths)
        merger.offer_all((path.name, path.read_bytes()) for path in paths)
        self.current, _ = merger.finish()
        if self.chance.random() < 0.5:
            self.kept = self.current.encode()
        if self.chance.random() < 0.3:
            self.current = MergedReturns.decode(returns_kit().election, self.kept)


@contextmanager
def line(road: BadRoad, office: str) -> Iterator[HttpLine]:
    with HttpLine("http://127.0.0.1", Secret(TOKENS[office]), transport=road) as found:
        yield found


def night(seed: int, folder: Path) -> Counter[str]:
    """One schedule, until everything is delivered; which troubles it had."""
    chance = random.Random(seed)
    there = Collecting(folder)
    road, centre = BadRoad(there, chance), Centre(chance)
    due = [(office, data) for data in files() for office in chance.sample(CARRIERS, chance.randint(1, 2))]
    chance.shuffle(due)

    def sleep(seconds: float) -> None:
        centre.look(there.shelf)
        if chance.random() < 0.2:
            raise Stopped

    try:
        while due:
            office, data = due.pop()
            with line(road, office) as found:
                piece = chance.randint(60, 900)
                sender = Sender(found, clock=lambda: 0.0, sleep=sleep, uniform=chance.uniform, piece=piece)
                try:
                    (delivery,) = sender.send([parcel(data)])
                except Stopped:
                    road.troubles["office killed"] += 1
                    due.insert(chance.randrange(len(due) + 1), (office, data))
                    continue
            assert delivery.state is State.DELIVERED, delivery
        for old in road.old:
            there.request(old)
        centre.look(there.shelf)
        merger = Merger(centre.current)
        merger.offer_all((path.name, path.read_bytes()) for path in (folder / "arrived").iterdir())
        assert merger.finish()[0].encode() == whole(), seed
        arrivals = [each.sha256 for _, each in there.shelf.arrivals.page(-1, 1000)]
        assert sorted(arrivals) == sorted(sha256(data).hex() for data in files()), seed
    finally:
        there.close()
    return road.troubles


def test_any_schedule_of_faults_and_crashes_ends_with_the_same_bytes(tmp_path: Path) -> None:
    troubles: Counter[str] = Counter()
    for seed in range(25):
        troubles += night(seed, tmp_path / str(seed))
    for name in ("lost", "late", "cut", "answer lost", "again", "collector killed", "office killed"):
        assert troubles[name] > 10, name


@pytest.mark.long
def test_thousands_of_schedules_do_too(tmp_path: Path) -> None:
    for seed in range(1000, 4000):
        night(seed, tmp_path / str(seed))


def test_a_key_that_is_not_of_the_roster_gets_nothing_in_by_this_road(tmp_path: Path) -> None:
    there = Collecting(tmp_path)
    new, _ = change_of("A/3")
    forged = returns_kit().signed("A/3", key=new)
    road = BadRoad(there, random.Random(1))
    try:
        with line(road, "mol") as found:
            sender = Sender(found, clock=lambda: 0.0, sleep=lambda seconds: None, piece=200)
            (delivery,) = sender.send([parcel(forged)])
        assert (delivery.state, delivery.name) == (State.REFUSED, "forged")
        assert not list((tmp_path / "arrived").iterdir())
    finally:
        there.close()

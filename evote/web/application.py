"""The ASGI application: collector, board, record and files of the package behind one set of addresses.

What is configured is served; the rest does not exist (404). The application keeps its desks running from the
lifespan's begin to its end, so that any ASGI server will do.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from evote.errors import StorageError
from evote.web.board import Board
from evote.web.collector import Collector
from evote.web.limits import Limits
from evote.web.metrics import MEDIA_TYPE, Metrics
from evote.web.openapi import description
from evote.web.pressure import Gate
from evote.web.problem import KINDS, ProblemError, explanation
from evote.web.published import Published
from evote.web.resource import Exchange, Operation, Resource, Server
from evote.web.static import Statics

ALLOWED_HEADERS = ("Authorization", "Content-Type", "Content-Range", "If-None-Match", "Range")
EXPOSED_HEADERS = (
    "Content-Range",
    "ETag",
    "Location",
    "Retry-After",
    "Upload-Complete",
    "Upload-Offset",
)
Resources = Mapping[str, Mapping[str, Operation]]


class Application:
    """The application. ``origins`` are the web origins whose pages may use it; none by default.

    ``crowd`` says how many connections are open, where the server tells it. ``work`` are the threads of
    everything that blocks but the boxes, whose threads are those of the desks; by default own ones.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        collector: Collector | None = None,
        board: Board | None = None,
        statics: Statics | None = None,
        origins: Iterable[str] = (),
        crowd: Callable[[], int] = lambda: 0,
        work: Executor | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.collector, self.board = collector, board
        self.statics = statics or Statics()
        self.metrics = Metrics()
        self.reading = Gate("reading", self.limits.reading)
        self._work = work or ThreadPoolExecutor(self.limits.threads, "evote-web")
        door = Gate("door", self.limits.connections)
        self.server = Server(self.limits, self.metrics, self._work, lambda: self.crowd(), door)
        self.crowd = crowd
        self.stopping = False
        self.operations = self._resources()
        self._description = json.dumps(description(self.operations, self.limits)).encode("utf-8")
        routes: Sequence[BaseRoute] = [
            Route(path, _endpoint(Resource(self.server, each))) for path, each in self.operations.items()
        ]
        nothing = _nothing(self.server)
        router = Router(routes=routes, redirect_slashes=False, default=nothing, lifespan=self._lifespan)
        listed = tuple(origins)
        self.app: ASGIApp = router
        if listed:
            self.app = CORSMiddleware(
                router,
                allow_origins=listed,
                allow_methods=("GET", "HEAD", "POST", "PUT"),
                allow_headers=ALLOWED_HEADERS,
                expose_headers=EXPOSED_HEADERS,
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        await self.app(scope, receive, send)

    def _resources(self) -> Resources:
        found: dict[str, Mapping[str, Operation]] = {
            "/health": {"GET": Operation("getHealth", self.health)},
            "/ready": {"GET": Operation("getReady", self.ready)},
            "/metrics": {"GET": Operation("getMetrics", self.counted)},
            "/openapi.json": {"GET": Operation("getDescription", self.described, self.reading)},
            "/problems/{name}": {"GET": Operation("getProblem", self.problem, self.reading)},
            **self.statics.resources(self.reading),
        }
        if self.collector is not None:
            found |= self.collector.resources()
        if self.board is not None:
            found |= self.board.resources(self.reading)
            found |= Published(self.board.record).resources(self.reading)
        return found

    @asynccontextmanager
    async def _lifespan(self, app: Any) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        desks = () if self.board is None else tuple(self.board.desks.values())
        for desk in desks:
            await loop.run_in_executor(self._work, desk.start)
        tidy = None if self.collector is None else asyncio.create_task(self._tidy(self.collector))
        try:
            yield
        finally:
            self.stopping = True
            if tidy is not None:
                tidy.cancel()
            for desk in desks:
                await loop.run_in_executor(self._work, desk.stop)

    async def _tidy(self, collector: Collector) -> None:
        """Forget uploads that nobody goes on with, about once an hour."""
        while True:
            await self.server.run(collector.shelf.forget_old)
            await asyncio.sleep(3600 * random.SystemRandom().uniform(0.8, 1.2))

    # --- about the server --------------------------------------------------------------------------

    async def health(self, exchange: Exchange) -> Response:
        """That the process lives."""
        return Response(b'{"status": "ok"}', media_type="application/json")

    async def ready(self, exchange: Exchange) -> Response:
        """Whether everything that is served works now; 503 with the reasons if not."""
        faults = await self.server.run(self._faults)
        body = json.dumps({"status": "ready" if not faults else "not ready", "faults": faults})
        headers = {"Retry-After": "30"} if faults else {}
        return Response(body, 503 if faults else 200, headers, "application/json")

    def _faults(self) -> list[str]:
        faults = ["stopping"] if self.stopping else []
        if self.collector is not None:
            try:
                if not self.collector.shelf.room():
                    faults.append("collector: no room on the disk")
            except StorageError:
                faults.append("collector: the disk cannot be read")
        for number, desk in () if self.board is None else self.board.desks.items():
            if desk.box.fault is not None:
                faults.append(f"unit {number}: the box signs nothing")
        return faults

    async def counted(self, exchange: Exchange) -> Response:
        """What was counted, for Prometheus."""
        gauges = await self.server.run(lambda: list(self._gauges()))
        return Response(self.metrics.write(gauges), media_type=MEDIA_TYPE)

    def _gauges(self) -> Iterable[tuple[str, str, Mapping[str, str], float]]:
        gates = [self.server.door, self.reading]
        gates += [self.collector.gate] if self.collector is not None else []
        gates += [self.board.gate] if self.board is not None else []
        for gate in gates:
            yield "evote_gate_inside", "Requests at work.", {"gate": gate.name}, gate.inside
        for gate in gates:
            yield (
                "evote_gate_refused_total",
                "Requests told to come again.",
                {"gate": gate.name},
                gate.refused,
            )
        yield "evote_connections", "Open connections.", {}, self.crowd()
        if self.collector is not None:
            count = self.collector.shelf.arrivals.count()
            yield "evote_returns_arrived", "Files that arrived.", {}, count
        desks = () if self.board is None else tuple(self.board.desks.values())
        states = [(str(desk.number), desk, desk.box.status()) for desk in desks]
        for unit, _, state in states:
            yield "evote_box_entries", "Entries in the log of a box.", {"unit": unit}, state.size
        for unit, _, state in states:
            yield "evote_box_pending", "Ballots without a verdict.", {"unit": unit}, state.pending
        for unit, _, state in states:
            yield "evote_box_signed", "Size of the newest head.", {"unit": unit}, state.signed
        for unit, _, state in states:
            yield "evote_box_fault", "Whether a box signs nothing.", {"unit": unit}, int(bool(state.fault))
        for unit, desk, _ in states:
            yield "evote_queue_inside", "Ballots in the line of a box.", {"unit": unit}, desk.gate.inside
        for unit, desk, _ in states:
            about = "Ballots told to come again."
            yield "evote_queue_refused_total", about, {"unit": unit}, desk.gate.refused

    async def described(self, exchange: Exchange) -> Response:
        """The OpenAPI description of what is served here."""
        exchange.only()
        return Response(self._description, media_type="application/json")

    async def problem(self, exchange: Exchange) -> Response:
        """What a problem means."""
        kind = KINDS.get(exchange.path["name"])
        if kind is None:
            raise ProblemError("not-found", "there is no problem of this name")
        return Response(explanation(kind), media_type="text/plain; charset=utf-8")


def _endpoint(resource: Resource) -> Any:
    """Starlette takes an object for an ASGI application, which then answers every method itself."""
    return resource


def _nothing(server: Server) -> ASGIApp:
    async def missing(exchange: Exchange) -> Response:
        raise ProblemError("not-found")

    operation = Operation("none", missing)
    methods = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
    answering = Resource(server, dict.fromkeys(methods, operation))

    async def default(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answering(scope, receive, send)

    return default

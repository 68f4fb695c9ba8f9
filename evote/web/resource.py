"""One address and its methods: gates, problems, counts and log lines around every operation.

An operation is a coroutine from an :class:`Exchange` to a response. Whatever ends it otherwise becomes a
problem document: its own :class:`ProblemError`, a full gate, storage that fails, and everything unforeseen as
500 with the places in the code, but not the text of the error, in the log, since that may hold what was sent.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from starlette.datastructures import Headers, QueryParams
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from evote.errors import StorageError
from evote.web.limits import Limits
from evote.web.metrics import Metrics
from evote.web.patience import CLOSE, Body, SlowReaderError, patient
from evote.web.pressure import BusyError, Gate
from evote.web.problem import Problem, ProblemError
from evote.web.shelf import DiskFullError, QuotaError

T = TypeVar("T")

RETRY: Final = 30
"""Seconds until storage that failed is tried again."""
SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of every answer, beside the policy."""
POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""The Content-Security-Policy of whatever is no page."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Server:
    """What all resources share. ``work`` runs what blocks: disks, boxes."""

    limits: Limits
    metrics: Metrics
    work: Executor
    crowd: Callable[[], int]
    """Number of open connections, where the server tells it, else 0."""
    door: Gate
    """Where those wait who are one connection too many."""

    async def run(self, function: Callable[[], T]) -> T:
        """The result of a function that blocks."""
        return await asyncio.get_running_loop().run_in_executor(self.work, function)


class Exchange:
    """A request while it is answered."""

    def __init__(self, scope: Scope, body: Body, server: Server) -> None:
        self.body, self.server = body, server
        self.method: str = scope["method"]
        self.headers = Headers(scope=scope)
        self.query = QueryParams(scope.get("query_string", b""))
        self.path: Mapping[str, str] = scope.get("path_params", {})

    def only(self, *known: str) -> None:
        """Raises a problem for any other parameter of the query, and for one that comes twice."""
        names = [name for name, _ in self.query.multi_items()]
        if set(names) - set(known) or len(names) != len(set(names)):
            raise ProblemError("bad-query", f"this address knows {', '.join(known) or 'no parameter'}")

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number of the query."""
        text = self.query.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit()) or len(text) > 16 or not least <= int(text) <= most:
            raise ProblemError("bad-query", f"{name} is a whole number from {least} to {most}")
        return int(text)

    def media(self, *allowed: str) -> None:
        """Raises a problem unless the body has one of these media types."""
        given = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given not in allowed:
            raise ProblemError("wrong-type", f"the body comes as {' or '.join(allowed)}")


Handler: TypeAlias = Callable[[Exchange], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Operation:
    """``name`` is that of the OpenAPI description; ``full`` hears of a request that found the gate full."""

    name: str
    handle: Handler
    gate: Gate | None = None
    full: Callable[[Exchange], None] | None = None


class Resource:
    """The ASGI application of one address: method -> operation."""

    def __init__(self, server: Server, operations: Mapping[str, Operation]) -> None:
        self._server = server
        self.operations = dict(operations)
        if "GET" in self.operations and "HEAD" not in self.operations:
            self.operations["HEAD"] = self.operations["GET"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, limits = time.monotonic(), self._server.limits
        method = scope["method"]
        operation = self.operations.get(method)
        body = Body(scope, receive, limits)
        exchange = Exchange(scope, body, self._server)
        name = "none" if operation is None else operation.name
        status = 499  # the client went away
        try:
            response = await self._answer(operation, exchange)
            if not body.ended and _has_body(exchange.headers):
                await body.linger()
                if not body.ended:
                    response.headers.update(CLOSE)
            response.headers.update({**SAFE, **_missing(response, "Content-Security-Policy", POLICY)})
            response.headers.update(_missing(response, "Cache-Control", "no-store"))
            status = response.status_code
            await response(scope, receive, patient(send, limits.idle_seconds))
        except ClientDisconnect:
            status = 499
        except SlowReaderError:
            status = 499
            _log.info("%s %s: nobody read the answer", method if operation else "-", name)
            raise
        finally:
            taken = time.monotonic() - begun
            known = method if operation is not None else "other"
            self._server.metrics.request(name, known, status, taken, body.received)
            _log.info("%s %s %d %.3f s, %d bytes in", known, name, status, taken, body.received)

    async def _answer(self, operation: Operation | None, exchange: Exchange) -> Response:
        try:
            gated = operation is None or operation.gate is not None
            if gated and self._server.crowd() > self._server.limits.connections:
                raise ProblemError("busy", headers={"Retry-After": str(self._server.door.wait()), **CLOSE})
            if operation is None:
                raise ProblemError("wrong-method", headers={"Allow": ", ".join(sorted(self.operations))})
            if operation.gate is None:
                return await operation.handle(exchange)
            with operation.gate.enter():
                return await operation.handle(exchange)
        except BusyError as error:
            if operation is not None and operation.full is not None:
                operation.full(exchange)
            return _problem("busy", retry=error.seconds)
        except ProblemError as error:
            return error.problem.response()
        except DiskFullError as error:
            _log.error("the disk is full: %s", error)
            return _problem("disk-full", retry=RETRY)
        except QuotaError as error:
            return _problem("quota", str(error))
        except StorageError as error:
            _log.error("storage failed: %s", error)
            return _problem("storage", retry=RETRY)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            places = "".join(traceback.format_tb(error.__traceback__))
            _log.error("%s failed with %s\n%s", operation and operation.name, type(error).__name__, places)
            return _problem("internal", retry=RETRY)


def _problem(name: str, detail: str = "", *, retry: int | None = None) -> Response:
    headers = {} if retry is None else {"Retry-After": str(retry)}
    problem: Problem = ProblemError(name, detail, headers=headers).problem
    return problem.response()


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _missing(response: Response, name: str, value: str) -> dict[str, str]:
    return {} if name in response.headers else {name: value}

"""Runs the application on uvicorn: connections with a deadline, an orderly stop.

uvicorn waits for ever for the header of a request; :class:`Patient` closes connections that do not get there.
SIGTERM and SIGINT end the listening at once, give requests at work their time, and then stop the desks, so
that what was counted is in the logs. Needs the extra ``web``.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from evote.errors import RefusedError
from evote.office.logkeys import open_log_key
from evote.office.open import OpenElection
from evote.office.unitbox import open_unit_box
from evote.secret import Secret
from evote.storage.box_intake import examine_each
from evote.storage.box_setting import BoxSetting
from evote.web.application import Application
from evote.web.board import Board
from evote.web.collector import Collector
from evote.web.config import BoardConfig, Config, UnitConfig
from evote.web.desk import Desk
from evote.web.inspection import Inspect, looked_at
from evote.web.limits import Limits
from evote.web.shelf import Shelf
from evote.web.tokens import Offices

HEADER_BYTES = 16 * 1024
"""Largest header of a request."""

Passphrase = Callable[[UnitConfig], Secret[str]]
"""The passphrase of a unit's log key."""


class Patient(H11Protocol):
    """A connection with ``header_seconds`` for the header of a request, and ``idle_seconds`` to read on."""

    header_seconds = float(Limits().header_seconds)
    idle_seconds = float(Limits().idle_seconds)
    _late: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_answered() and self.conn.their_state is h11.IDLE:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        self._flows()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        self._unwatch()
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._flows()
        self._stuck = self.loop.call_later(self.idle_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        self._flows()
        super().resume_writing()

    def _flows(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None

    def _is_answered(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _watch(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(self.header_seconds, self._close)

    def _unwatch(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _close(self) -> None:
        self._late = None
        if self._is_answered() and not self.transport.is_closing():
            self.transport.close()


class _Server(uvicorn.Server):
    """Ends in order at a signal and lets the program go on behind it; a second signal ends it at once."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


class Runner:
    """A server that listens at ``host`` and ``port`` (0 for any free one)."""

    def __init__(self, application: Application, host: str, port: int) -> None:
        limits = application.limits

        class Protocol(Patient):
            header_seconds = float(limits.header_seconds)
            idle_seconds = float(limits.idle_seconds)

        config = uvicorn.Config(
            application,
            host=host,
            port=port,
            http=Protocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=limits.header_seconds,
            timeout_graceful_shutdown=limits.stop_seconds,
            h11_max_incomplete_event_size=HEADER_BYTES,
        )
        self.server = _Server(config)
        application.crowd = lambda: len(self.server.server_state.connections)

    def run(self, sockets: Sequence[socket.socket] | None = None) -> None:
        """Serve until a signal, or until :meth:`stop` was called."""
        self.server.run(sockets=None if sockets is None else list(sockets))

    def stop(self) -> None:
        """End as a signal does; from any thread."""
        self.server.should_exit = True


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens, so that its port is known before the server runs. Raises ``OSError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048, reuse_port=False)


@contextmanager
def application_of(
    config: Config,
    opened: OpenElection | None,
    passphrase: Passphrase,
    inspect: Inspect = looked_at,
) -> Iterator[Application]:
    """The application of a configuration, with its boxes open; ``opened`` is the election of its board.

    Raises :class:`RefusedError` for a box that signs nothing, and as the boxes, keys and folders do.
    """
    limits = config.limits
    with ExitStack() as stack:
        work = stack.enter_context(ThreadPoolExecutor(limits.threads, "evote-web"))
        collector = None
        if config.collector is not None:
            shelf = Shelf(config.collector.folder, limits, inspect)
            offices = Offices(config.collector.offices)
            collector = Collector(shelf, offices, limits, public=config.collector.public)
        board = None
        if config.board is not None:
            if opened is None:
                raise ValueError("a board needs its election")
            board = _board(config.board, opened, passphrase, limits, stack)
        yield Application(limits, collector=collector, board=board, origins=config.origins, work=work)


def _board(
    config: BoardConfig, opened: OpenElection, passphrase: Passphrase, limits: Limits, stack: ExitStack
) -> Board:
    election = opened.election
    paths = [unit.path for unit in election.manifest.reporting_units()]
    admission = stack.enter_context(ThreadPoolExecutor(limits.threads, "evote-box"))
    desks = []
    for unit in config.units:
        setting = BoxSetting.of(election, unit.path)
        key = open_log_key(election.manifest, unit.path, unit.private, passphrase(unit))
        box = open_unit_box(
            election,
            config.record,
            unit.path,
            unit.box,
            key,
            anchor=unit.anchor,
            examiner=None if unit.later else examine_each,
        )
        stack.enter_context(box)
        if box.fault is not None:
            raise RefusedError(f"the box of {unit.path}: {box.fault}")
        number = paths.index(unit.path) + 1
        desks.append(
            Desk(
                number,
                setting,
                box,
                admission,
                queue=limits.queue,
                later=unit.later,
                head_seconds=unit.head_seconds,
            )
        )
    return Board(election, config.record, desks, limits, log_folder=config.election_log)

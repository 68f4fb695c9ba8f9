"""Offices of the replayed night, some in one process (``python -m benches.night_office``).

Every office keeps what it has to send in a spool (:mod:`evote.web.spool`) and calls from a loopback address
of its own. Three ways to try again can be compared:

* ``sender``: :class:`evote.web.sender.Sender`, with the night's clock in the place of the real one;
* ``fixed``: the whole file again, so many seconds after the last try;
* ``minute``: the whole file again at every whole minute of the clock, as timers of the system do.

A process may be killed at any moment and started again with the same arguments: it goes on with what its
spools do not know to be delivered. Every delivery is one line of JSON.
"""

from __future__ import annotations

import json
import math
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

import httpx

from evote.secret import Secret
from evote.web.client import HttpLine
from evote.web.sender import Delivery, Parcel, RoadError, Sender, State
from evote.web.spool import Spool

FIXED_SECONDS = 15.0
WAYS = ("sender", "fixed", "minute")


@dataclass(frozen=True)
class OfficeConfig:
    """One office: ``ready`` is when it has its totals, in seconds of the night."""

    name: str
    token: str
    address: str
    spool: str
    ready: float


@dataclass(frozen=True)
class NightConfig:
    """What one process needs to know; ``go`` as in :class:`benches.night_line.LineConfig`."""

    way: str
    port: int
    go: str
    ready: str
    """A file that the process makes when it waits for ``go``."""
    factor: float
    piece: int
    end: float
    """When offices give up."""
    log: str
    offices: list[OfficeConfig]


class Deliveries:
    """The lines of one process, written by all its threads."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._lock = out, threading.Lock()

    def say(self, office: str, at: float, delivery: Delivery) -> None:
        """Write down what became of a file."""
        line = {
            "office": office,
            "sha256": delivery.parcel.sha256,
            "at": at,
            "state": delivery.state.value,
            "attempts": delivery.attempts,
            "sent": delivery.sent,
            "size": delivery.parcel.size,
            "name": delivery.name,
        }
        with self._lock:
            self._out.write(json.dumps(line) + "\n")
            self._out.flush()


class Caller:
    """One office with its line."""

    def __init__(self, night: NightConfig, office: OfficeConfig, trust: ssl.SSLContext) -> None:
        self._night, self._office = night, office
        self._address = f"http://127.0.0.1:{night.port}"
        transport = httpx.HTTPTransport(verify=trust, local_address=office.address)
        self._line = HttpLine(self._address, Secret(office.token), transport=transport)
        self.epoch = 0.0

    def now(self) -> float:
        """Seconds of the night."""
        return (time.monotonic() - self.epoch) * self._night.factor

    def sleep(self, seconds: float) -> None:
        """Wait seconds of the night."""
        time.sleep(max(0.0, seconds) / self._night.factor)

    def run(self, out: Deliveries) -> None:
        """Wait for the totals, then send all that the spool has."""
        self.sleep(self._office.ready - self.now())
        spool = Spool(Path(self._office.spool))
        with self._line as line:
            due = spool.due(self._address, spool.parcels())
            ways = self._sender(line, due) if self._night.way == "sender" else self._loop(line, due)
            for delivery in ways:
                out.say(self._office.name, self.now(), delivery)
                if delivery.state is State.DELIVERED:
                    spool.sent(self._address, delivery.parcel)

    def _sender(self, line: HttpLine, due: list[Parcel]) -> Iterator[Delivery]:
        left = self._night.end - self.now()
        yield from Sender(
            line, deadline=left, clock=self.now, sleep=self.sleep, piece=self._night.piece
        ).send(due)

    def _loop(self, line: HttpLine, due: list[Parcel]) -> Iterator[Delivery]:
        for parcel in due:
            attempts = sent = 0
            state, name = State.WAITING, ""
            while self.now() < self._night.end:
                attempts += 1
                try:
                    sent += parcel.size
                    answer = line.put(parcel.sha256, 0, parcel.read(0, parcel.size), parcel.size)
                    name = answer.verdict or answer.name
                    if answer.status in (200, 201):
                        state = State.DELIVERED
                        break
                    if not answer.again:
                        state = State.REFUSED
                        break
                except RoadError:
                    name = "unreachable"
                self.sleep(self._pause())
            yield Delivery(parcel, state, attempts, sent, name)

    def _pause(self) -> float:
        if self._night.way == "fixed":
            return FIXED_SECONDS
        now = self.now()
        return 60.0 * (math.floor(now / 60.0) + 1) - now


def main() -> None:
    """The configuration is the file named by the first argument."""
    content = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    offices = [OfficeConfig(**each) for each in content.pop("offices")]
    night = NightConfig(offices=offices, **content)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the line is this machine's, without TLS
    with Path(night.log).open("a", encoding="utf-8") as out:
        deliveries = Deliveries(out)
        callers = [Caller(night, office, trust) for office in offices]
        threads = [threading.Thread(target=caller.run, args=(deliveries,)) for caller in callers]
        Path(night.ready).touch()
        while not Path(night.go).exists():
            time.sleep(0.01)
        for caller in callers:
            caller.epoch = float(Path(night.go).read_text(encoding="ascii"))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def configured(config: NightConfig, file: Path) -> list[str]:
    """The command that runs these offices; their configuration is written to ``file``."""
    file.write_text(json.dumps(asdict(config)), encoding="utf-8")
    return [sys.executable, "-m", "benches.night_office", str(file)]


if __name__ == "__main__":
    main()

"""The line in front of the collector: a TCP proxy that fails as told (``python -m benches.night_line``).

Each office calls from a loopback address of its own, so the line knows who has got through. When a share of
all offices has, it accepts no new connection for a while: whoever tries is reset at once. Otherwise each
connection draws a fate from a seeded generator:

* ``straight``: carried as it is;
* ``drop``: reset before anything is carried;
* ``truncate``: reset after so many bytes, somewhere inside a request;
* ``lost``: everything is carried up, and one of the first answers is not carried back;
* ``late``: carried after a wait, so that later connections overtake it;
* ``again``: carried, and all its bytes are sent to the collector once more, later, on another connection.

Every attempt is one line of JSON: time, address, fate, bytes up. The seed fixes what is drawn; who gets
which draw depends on who comes first, as on every line.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

CHUNK = 16 * 1024
FATES = {"straight": 0.62, "drop": 0.06, "truncate": 0.12, "lost": 0.06, "late": 0.08, "again": 0.06}
"""How often each fate is drawn."""


@dataclass(frozen=True)
class LineConfig:
    """Moments and waits are in seconds of the night, which runs ``factor`` times faster than the clock."""

    port: int
    upstream: int
    seed: int
    go: str
    """The file with the clock (``time.monotonic``) when the night begins, there before anybody calls."""
    factor: float
    offices: int
    share: float
    """Of the offices that get through before the line closes."""
    outage: float
    """How long it stays closed."""
    log: str


class ProxyLine:
    """One night of a line."""

    def __init__(self, config: LineConfig, out: TextIO) -> None:
        self._config, self._out = config, out
        self._random = random.Random(config.seed)
        self._through: set[str] = set()
        self._open: set[asyncio.StreamWriter] = set()
        self._closed_at: float | None = None
        self._epoch: float | None = None
        self._replays: set[asyncio.Task[None]] = set()

    def now(self) -> float:
        """Seconds of the night."""
        if self._epoch is None:
            self._epoch = float(Path(self._config.go).read_text(encoding="ascii"))
        return (time.monotonic() - self._epoch) * self._config.factor

    def down(self) -> bool:
        """Whether the line accepts nobody."""
        at = self._closed_at
        return at is not None and self.now() < at + self._config.outage

    async def serve(self, listener: socket.socket) -> None:
        """Carry connections until cancelled."""
        server = await asyncio.start_server(self._accept, sock=listener)
        self._say("listening", "", 0.0)
        async with server:
            await server.serve_forever()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = str(writer.get_extra_info("peername")[0])
        if self.down():
            self._say("refused", peer)
            _reset(writer)
            return
        fate = self._random.choices(list(FATES), list(FATES.values()))[0]
        self._open.add(writer)
        carried = bytearray()
        begun = self.now()
        try:
            if fate != "drop":
                await self._carry(reader, writer, fate, carried)
        except (OSError, asyncio.IncompleteReadError):
            fate += ", broken"
        finally:
            self._open.discard(writer)
            _reset(writer)
            self._say(fate, peer, begun, len(carried))
        if fate == "again":
            replay = asyncio.create_task(self._replay(bytes(carried)))
            self._replays.add(replay)
            replay.add_done_callback(self._replays.discard)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fate: str, carried: bytearray
    ) -> None:
        if fate == "late":
            await self._wait(self._random.uniform(5, 60))
        limit = self._random.randrange(200, 2500) if fate == "truncate" else None
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._config.upstream)
        down = asyncio.create_task(self._downwards(up_reader, writer, fate))
        try:
            while data := await reader.read(CHUNK):
                if limit is not None and len(carried) + len(data) > limit:
                    data = data[: limit - len(carried)]
                carried += data
                up_writer.write(data)
                await up_writer.drain()
                if limit is not None and len(carried) >= limit:
                    break
            else:
                up_writer.write_eof()
                await down
        finally:
            down.cancel()
            up_writer.close()

    async def _downwards(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fate: str) -> None:
        before = self._random.randrange(3) if fate == "lost" else None
        while data := await reader.read(CHUNK):
            if before == 0:
                _reset(writer)
                return
            before = None if before is None else before - 1
            # An office is through when it has been answered.
            self._count(writer)
            writer.write(data)
            await writer.drain()

    def _count(self, writer: asyncio.StreamWriter) -> None:
        self._through.add(str(writer.get_extra_info("peername")[0]))
        enough = len(self._through) >= self._config.share * self._config.offices
        if enough and self._closed_at is None:
            self._closed_at = self.now()
            self._say("closed", "")
            for each in list(self._open):
                _reset(each)

    async def _replay(self, data: bytes) -> None:
        """The same bytes once more, by another connection; what is answered is nobody's."""
        await self._wait(self._random.uniform(1, 120))
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._config.upstream)
            writer.write(data)
            writer.write_eof()
            while await reader.read(CHUNK):
                continue
            writer.close()
            self._say("replayed", "", None, len(data))
        except OSError as error:
            self._say(f"replay failed: {type(error).__name__}", "")

    async def _wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._config.factor)

    def _say(self, fate: str, peer: str, at: float | None = None, size: int = 0) -> None:
        line = {"at": self.now() if at is None else at, "peer": peer, "fate": fate, "bytes": size}
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection at once, as a broken line does."""
    sock = writer.get_extra_info("socket")
    if sock is not None and not writer.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport = writer.transport
    transport.abort()


def main() -> None:
    """The configuration is the first argument, as JSON."""
    config = LineConfig(**json.loads(sys.argv[1]))
    listener = socket.create_server(("127.0.0.1", config.port), backlog=1024)
    with Path(config.log).open("w", encoding="utf-8") as out:
        asyncio.run(ProxyLine(config, out).serve(listener))


def configured(config: LineConfig) -> list[str]:
    """The command that runs a line."""
    return [sys.executable, "-m", "benches.night_line", json.dumps(asdict(config))]


if __name__ == "__main__":
    main()

"""Real servers on loopback, and what is sent to them: by httpx, or byte by byte through a socket."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import jsonschema

from evote.web.application import Application
from evote.web.collector import Collector
from evote.web.inspection import Inspect, Verdict, looked_at
from evote.web.limits import Limits
from evote.web.serve import Runner, listening
from evote.web.shelf import Shelf
from evote.web.tokens import Office, Offices, new_token, token_hash

TOKENS = {name: new_token().reveal() for name in ("lier", "mol", "eyes", "hands")}
OFFICES = (
    Office("lier", token_hash(TOKENS["lier"])),
    Office("mol", token_hash(TOKENS["mol"])),
    Office("eyes", token_hash(TOKENS["eyes"]), send=False),
    Office("hands", token_hash(TOKENS["hands"]), read=False),
)
SMALL = Limits(reserve_bytes=0, return_bytes=4 * 1024 * 1024, stop_seconds=2)
TYPE = {"Content-Type": "application/octet-stream"}


def data_of(seed: str, size: int) -> bytes:
    """Bytes that are the same for the same seed."""
    return hashlib.shake_256(seed.encode()).digest(size)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def bearer(office: str = "lier") -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[office]}"}


def forged_if_marked(data: bytes) -> Verdict:
    """An inspection that refuses what says so."""
    return (
        Verdict(False, "forged", "the signature does not hold")
        if data.startswith(b"FORGED")
        else looked_at(data)
    )


def collector(
    folder: Path, limits: Limits = SMALL, inspect: Inspect = forged_if_marked, **more: Any
) -> Collector:
    return Collector(Shelf(folder, limits, inspect), Offices(OFFICES), limits, **more)


@contextmanager
def served(application: Application) -> Iterator[httpx.Client]:
    """A running server, and a client with its address."""
    listener = listening("127.0.0.1", 0)
    runner = Runner(application, "127.0.0.1", 0)
    thread = threading.Thread(target=runner.run, args=([listener],), daemon=True)
    thread.start()
    try:
        until(lambda: runner.server.started)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with httpx.Client(base_url=address, timeout=20, trust_env=False) as client:
            yield client
    finally:
        runner.stop()
        thread.join(20)
        listener.close()
        assert not thread.is_alive()


def until(found: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def talk(client: httpx.Client, *parts: bytes, pause: float = 0.0, seconds: float = 10.0) -> bytes:
    """Send these bytes as they are; everything that comes back until the server closes."""
    with opened(client, seconds) as line:
        for part in parts:
            try:
                line.sendall(part)
            except OSError:
                break
            time.sleep(pause)
        return heard(line)


@contextmanager
def opened(client: httpx.Client, seconds: float = 10.0) -> Iterator[socket.socket]:
    address = client.base_url
    assert address.port is not None
    with socket.create_connection((address.host, address.port), timeout=seconds) as line:
        yield line


def heard(line: socket.socket) -> bytes:
    """What a socket gets until its end."""
    answer = b""
    try:
        while piece := line.recv(65536):
            answer += piece
    except ConnectionError:
        return answer
    return answer


def head_of_put(data: bytes, *lines: str, length: int | None = None, office: str = "lier") -> bytes:
    """The header of a PUT of a file, for :func:`talk`."""
    given = [
        f"PUT /returns/{sha(data)} HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {TOKENS[office]}",
        "Content-Type: application/octet-stream",
        f"Content-Length: {len(data) if length is None else length}",
        *lines,
    ]
    return "\r\n".join([*given, "", ""]).encode()


def put(
    client: httpx.Client,
    data: bytes,
    *,
    part: slice | None = None,
    office: str = "lier",
    name: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """PUT a file, or a part of it."""
    own = {**TYPE, **bearer(office), **(headers or {})}
    body = data
    if part is not None:
        begin, end, _ = part.indices(len(data))
        body = data[begin:end]
        own["Content-Range"] = f"bytes {begin}-{end - 1}/{len(data)}" if body else f"bytes */{len(data)}"
    return client.put(f"/returns/{name or sha(data)}", content=body, headers=own)


def held(client: httpx.Client, data: bytes, office: str = "lier") -> httpx.Response:
    return client.head(f"/returns/{sha(data)}", headers=bearer(office))


class Described:
    """Holds answers to the description that the same server gives of itself."""

    def __init__(self, client: httpx.Client) -> None:
        self.document: dict[str, Any] = client.get("/openapi.json").json()
        self.seen: set[tuple[str, str, int]] = set()

    def check(self, path: str, response: httpx.Response) -> httpx.Response:
        """That the answer to an operation at ``path`` (as the description writes it) is a described one."""
        method = response.request.method.lower()
        operation = self.document["paths"][path][method]
        answer = operation["responses"].get(str(response.status_code))
        assert answer is not None, f"{method} {path} answers {response.status_code}, which is not described"
        for name, header in answer.get("headers", {}).items():
            assert name in response.headers, f"{method} {path} {response.status_code} has no header {name}"
            self._valid(header["schema"], response.headers[name])
        media = response.headers.get("content-type", "").partition(";")[0]
        content = answer.get("content")
        if content is None:
            assert response.content == b""
        elif method != "head":
            assert media in content or "*/*" in content, f"{method} {path} answers {media}"
            if media.endswith("json") and media in content:
                self._valid(content[media]["schema"], json.loads(response.content))
        self.seen.add((method, path, response.status_code))
        return response

    def _valid(self, schema: object, value: object) -> None:
        whole = {"components": self.document["components"], "allOf": [schema]}
        jsonschema.Draft202012Validator(whole).validate(value)

"""A line to a collector over HTTP (httpx), as the sender wants it. Needs the extra ``web``.

Rules: redirects are not followed and answers are read within a limit, so that nobody lends a token or memory
to another server; a token travels over TLS only, or on this machine, unless somebody says otherwise; no error
text holds it.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final
from urllib.parse import urlsplit

from evote.errors import StorageError
from evote.secret import Secret
from evote.web.sender import Answer, RoadError

try:
    import httpx
except ImportError:
    raise StorageError("files are sent by httpx, which is not here: pip install 'evote[web]'") from None

MAX_ANSWER_BYTES: Final = 256 * 1024
MAX_RETRY_AFTER: Final = 3600.0
CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 90.0
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def checked_address(text: str, *, plain: bool = False) -> str:
    """The address of a collector without a slash at its end.

    Raises ``ValueError`` for what is none, and for ``http`` to another machine unless ``plain``.
    """
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is no address of a collector, such as https://returns.example")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address holds no password; tokens come from a file")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not plain:
        raise ValueError(f"{text!r} would carry the token over an open line; use https")
    return text.rstrip("/")


class HttpLine:
    """A line to the collector at ``address``; a context manager.

    ``authorities`` is a file with certificates in the place of those of the system, ``proxy`` the address of
    a proxy. Raises ``ValueError`` as :func:`checked_address`, and ``OSError`` for the file.
    """

    def __init__(
        self,
        address: str,
        token: Secret[str],
        *,
        plain: bool = False,
        authorities: Path | None = None,
        proxy: str | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.address = checked_address(address, plain=plain)
        self._token = token
        context = _trust(self.address, authorities, proxy)
        self._client = httpx.Client(
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,
            verify=context,
            proxy=proxy,
            transport=transport,
        )

    def __enter__(self) -> HttpLine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def ask(self, sha256: str) -> Answer:
        """How a file stands."""
        return self._request("HEAD", sha256, None, {})

    def put(self, sha256: str, begin: int, data: bytes, total: int) -> Answer:
        """Send a piece."""
        place = f"bytes {begin}-{begin + len(data) - 1}/{total}" if data else f"bytes */{total}"
        headers = {"Content-Type": "application/octet-stream", "Content-Range": place}
        return self._request("PUT", sha256, data, headers)

    def _request(self, method: str, sha256: str, data: bytes | None, headers: Mapping[str, str]) -> Answer:
        own = {**headers, "Authorization": f"Bearer {self._token.reveal()}"}
        url = f"{self.address}/returns/{sha256}"
        try:
            with self._client.stream(method, url, content=data, headers=own) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > MAX_ANSWER_BYTES:
                        raise RoadError("the answer is longer than any of a collector")
                return _answer(response.status_code, response.headers, bytes(body))
        except httpx.HTTPError as error:
            raise RoadError(f"{type(error).__name__}: the line to {self.address} does not hold") from None


def _trust(address: str, authorities: Path | None, proxy: str | None) -> ssl.SSLContext:
    """Whom a line trusts. One without TLS trusts nobody: reading the system's list takes long."""
    if address.startswith("http://") and authorities is None and proxy is None:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return ssl.create_default_context(cafile=None if authorities is None else str(authorities))


def _answer(status: int, headers: httpx.Headers, body: bytes) -> Answer:
    offset = headers.get("upload-offset", "")
    problem: Mapping[str, object] = {}
    if headers.get("content-type", "").startswith("application/problem+json"):
        try:
            found = json.loads(body) if body else {}
        except ValueError:
            raise RoadError("the answer is cut off") from None
        problem = found if isinstance(found, dict) else {}
    # Of a proxy, a 5xx, 408 or 429 has no document, and means that the same may come again.
    again = problem.get("again", status in (408, 425, 429) or status >= 500)
    if 300 <= status < 400:
        raise RoadError(f"the collector answers with {status}, and redirects are not followed")
    return Answer(
        status,
        int(offset) if offset.isascii() and offset.isdigit() and len(offset) <= 16 else None,
        headers.get("upload-complete") == "?1",
        _seconds(headers.get("retry-after")),
        _text(problem, "name") or _named(status),
        again is True,
        _text(problem, "detail"),
        _text(problem, "verdict"),
    )


def _named(status: int) -> str:
    return {401: "no-token", 403: "not-allowed"}.get(status, f"status {status}" if status >= 400 else "")


def _text(problem: Mapping[str, object], name: str) -> str:
    value = problem.get(name)
    return "".join(each for each in value if each.isprintable())[:500] if isinstance(value, str) else ""


def _seconds(text: str | None) -> float | None:
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    return min(float(text[:9]), MAX_RETRY_AFTER)

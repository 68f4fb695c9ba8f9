"""Following a collector: its list page by page, and each file of it once. Needs the extra ``web``.

Rules: a file is taken only if its bytes have the hash that it was asked for by, so that the collector decides
when somebody sees a file and never what is in it; answers are read within limits, redirects are not followed.
"""

from __future__ import annotations

import json
import re
import ssl
from types import TracebackType
from typing import Final

from evote.codec import MAX_MERGED_BYTES
from evote.errors import StorageError
from evote.hashing import sha256
from evote.secret import Secret
from evote.web.client import CONNECT_SECONDS, READ_SECONDS, checked_address
from evote.web.sender import RoadError

try:
    import httpx
except ImportError:
    raise StorageError("files are fetched by httpx, which is not here: pip install 'evote[web]'") from None

MAX_PAGE_BYTES: Final = 8 * 1024 * 1024
_PAGE: Final = 1000
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Follower:
    """The files of the collector at ``address``; a context manager.

    ``token`` reads; None where everybody may. Raises ``ValueError`` for an address that is none.
    """

    def __init__(
        self,
        address: str,
        token: Secret[str] | None,
        *,
        plain: bool = False,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.address = checked_address(address, plain=plain)
        self._token = token
        self._after = -1
        self._files: dict[str, bytes] = {}
        self._client = httpx.Client(
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,
            verify=ssl.create_default_context(),
            transport=transport,
        )

    def __enter__(self) -> Follower:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def files(self) -> list[tuple[str, bytes]]:
        """Name and content of every file that has arrived by now; those of before are not fetched again.

        Raises :class:`RoadError` if the collector does not answer as one, or gives a file that is another.
        """
        while True:
            last, page = self._page()
            for name in page:
                if name not in self._files:
                    self._files[name] = self._file(name)
            if last == self._after:  # a page with nothing new on it is the end
                return [(f"{self.address}/returns/{name}", data) for name, data in self._files.items()]
            self._after = last

    def _page(self) -> tuple[int, list[str]]:
        """The number of the last arrival on the next page, and the hashes of the files of use on it."""
        after = "" if self._after < 0 else f"&after={self._after}"
        raw = self._get(f"/returns?limit={_PAGE}{after}", MAX_PAGE_BYTES)
        try:
            arrivals = json.loads(raw)["arrivals"]
            found = [
                (int(each["number"]), str(each["sha256"]), each["accepted"] is True) for each in arrivals
            ]
        except (ValueError, KeyError, TypeError):
            raise RoadError(f"{self.address} answers with no list of arrivals") from None
        if not all(_HASH.fullmatch(name) for _, name, _ in found):
            raise RoadError(f"{self.address} lists a file that is named by no hash")
        last = max((number for number, _, _ in found), default=self._after)
        return last, [name for _, name, accepted in found if accepted]

    def _file(self, name: str) -> bytes:
        data = self._get(f"/returns/{name}", MAX_MERGED_BYTES)
        if sha256(data).hex() != name:
            raise RoadError(f"{self.address} gave another file than {name}")
        return data

    def _get(self, path: str, limit: int) -> bytes:
        own = {} if self._token is None else {"Authorization": f"Bearer {self._token.reveal()}"}
        try:
            with self._client.stream("GET", f"{self.address}{path}", headers=own) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > limit:
                        raise RoadError(f"the answer of {self.address} is longer than any of a collector")
                if response.status_code != 200:
                    raise RoadError(f"{self.address} answers with status {response.status_code}")
                return bytes(body)
        except httpx.HTTPError as error:
            raise RoadError(f"{type(error).__name__}: the line to {self.address} does not hold") from None

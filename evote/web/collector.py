"""The collector: unit returns as files by the SHA-256 of their content (``specs/http.md#collector``).

The address of a file is its hash, so that sending it again changes nothing and no session is needed: HEAD
says how many bytes are held, PUT with Content-Range goes on from there, and only the right hash makes it
arrive.

Rules: 200 and 201 are said when file and line are on the disk; the token says who carries, never whose
file it is; who is refused is refused by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from evote.web.arrivals import Arrival
from evote.web.files import file_response
from evote.web.limits import Limits
from evote.web.patience import Body
from evote.web.pressure import Gate
from evote.web.problem import ProblemError
from evote.web.resource import Exchange, Operation
from evote.web.shelf import GapError, Held, Shelf, WrongHashError
from evote.web.tokens import MAX_TOKEN_BYTES, Office, Offices

MEDIA_TYPE: Final = "application/octet-stream"
PAGE: Final = 100
MAX_PAGE: Final = 1000
_WRITE_BYTES: Final = 256 * 1024
"""Bytes that are gathered before the disk is asked."""
_HASH = re.compile(r"[0-9a-f]{64}")
_RANGE = re.compile(r"bytes (?:([0-9]{1,16})-([0-9]{1,16})|\*)/([0-9]{1,16})")


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes ``begin`` to ``end - 1`` of ``total``."""

    begin: int
    end: int
    total: int


class Collector:
    """The operations. ``public`` lets everybody read what has arrived."""

    def __init__(self, shelf: Shelf, offices: Offices, limits: Limits, *, public: bool = False) -> None:
        self.shelf, self.offices, self.public = shelf, offices, public
        self._limits = limits
        self.gate = Gate("uploads", limits.uploads)

    def resources(self) -> Mapping[str, Mapping[str, Operation]]:
        """Path -> method -> operation."""
        gate = self.gate
        return {
            "/returns": {"GET": Operation("listReturns", self.list, gate)},
            "/returns/{sha256}": {
                "GET": Operation("getReturn", self.get, gate),
                "HEAD": Operation("headReturn", self.head, gate),
                "PUT": Operation("putReturn", self.put, gate),
            },
        }

    # --- operations --------------------------------------------------------------------------------

    async def list(self, exchange: Exchange) -> Response:
        """What has arrived, in order, page by page."""
        self._reader(exchange)
        exchange.only("after", "limit")
        after = exchange.number("after", -1, 0, 2**53 - 1)
        most = exchange.number("limit", PAGE, 1, MAX_PAGE)
        arrivals = self.shelf.arrivals
        lines = await exchange.server.run(partial(arrivals.page, after, most))
        count = await exchange.server.run(arrivals.count)
        last = lines[-1][0] if lines else after
        body = {
            "arrivals": [_described(number, arrival) for number, arrival in lines],
            "next": None if last + 1 >= count else f"/returns?after={last}&limit={most}",
            "count": count,
        }
        return _json(body)

    async def head(self, exchange: Exchange) -> Response:
        """How a file stands for the office that asks."""
        office, sha256 = self._office(exchange), _address(exchange)
        held = await exchange.server.run(partial(self.shelf.held, office.name, sha256))
        if held.offset == 0 and held.arrival is None:
            return Response(status_code=404, headers=_offset(held))
        return Response(status_code=200, headers=_offset(held), media_type=MEDIA_TYPE)

    async def get(self, exchange: Exchange) -> Response:
        """The bytes of a file that arrived."""
        self._reader(exchange)
        sha256 = _address(exchange)
        found = await exchange.server.run(partial(self.shelf.arrivals.find, sha256))
        if found is None or not found[1].accepted:
            raise ProblemError("not-found", "no file of use with this hash has arrived")
        headers = {
            "Cache-Control": "private, max-age=31536000, immutable",
            "Content-Disposition": f'attachment; filename="{sha256}.return"',
        }
        return await file_response(exchange, self.shelf.path(sha256), MEDIA_TYPE, headers, f'"{sha256}"')

    async def put(self, exchange: Exchange) -> Response:
        """Take a file, or a piece of it."""
        office, sha256 = self._office(exchange), _address(exchange)
        if not office.send:
            raise ProblemError("not-allowed", "this token reads and does not send")
        exchange.media(MEDIA_TYPE)
        body, most = exchange.body, self._limits.return_bytes
        length = body.length(most)
        piece = _range(exchange.headers.get("content-range"), length)
        if piece.total > most:
            raise ProblemError("too-large", f"at most {most} bytes are taken here")
        held = await exchange.server.run(partial(self.shelf.held, office.name, sha256))
        if held.arrival is not None and held.number is not None:
            return _arrived(200, held.number, held.arrival)  # the rest of the body is read and forgotten
        try:
            held = await self._take(exchange, office.name, sha256, piece, body, length)
        except GapError as error:
            raise ProblemError("gap", headers=_offset(Held(error.offset))) from None
        except WrongHashError:
            raise ProblemError("wrong-hash", headers=_offset(Held(0))) from None
        if held.arrival is None or held.number is None:
            return Response(status_code=202, headers=_offset(held))
        if not held.arrival.accepted:
            raise ProblemError(
                "refused",
                held.arrival.message,
                more={"verdict": held.arrival.verdict, "arrival": held.number},
            )
        return _arrived(201, held.number, held.arrival)

    async def _take(
        self, exchange: Exchange, office: str, sha256: str, piece: Range, body: Body, length: int
    ) -> Held:
        run = exchange.server.run
        open_piece = await run(partial(self.shelf.piece, office, sha256, piece.begin, piece.total))
        with open_piece:
            gathered = bytearray()
            try:
                async for chunk in body.chunks(length):
                    gathered += chunk
                    if len(gathered) >= _WRITE_BYTES:
                        data, gathered = bytes(gathered), bytearray()
                        await run(partial(open_piece.write, data))
            except (ClientDisconnect, ProblemError):
                if gathered:  # so that the client goes on behind it
                    await run(partial(open_piece.write, bytes(gathered)))
                raise
            if gathered:
                await run(partial(open_piece.write, bytes(gathered)))
            return await run(open_piece.finish)

    # --- who asks ----------------------------------------------------------------------------------

    def _office(self, exchange: Exchange) -> Office:
        scheme, _, token = exchange.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN_BYTES:
            raise ProblemError("no-token", headers={"WWW-Authenticate": 'Bearer realm="returns"'})
        office = self.offices.holding(token.strip())
        if office is None:
            raise ProblemError("no-token", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return office

    def _reader(self, exchange: Exchange) -> None:
        if not self.public and not self._office(exchange).read:
            raise ProblemError("not-allowed", "this token sends and does not read")


def _address(exchange: Exchange) -> str:
    sha256 = exchange.path["sha256"]
    if not _HASH.fullmatch(sha256):
        raise ProblemError("not-found", "a file is named by 64 hexadecimal digits in lower case")
    return sha256


def _range(text: str | None, length: int) -> Range:
    """The place of the body; without a header it is the whole file."""
    if text is None:
        if not length:
            raise ProblemError("bad-range", "a file has at least one byte")
        return Range(0, length, length)
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ProblemError("bad-range")
    total = int(match[3])
    if match[1] is None:  # "bytes */TOTAL": all bytes are there, and nothing comes with it
        found = Range(total, total, total)
    else:
        found = Range(int(match[1]), int(match[2]) + 1, total)
    if not found.begin <= found.end <= total or found.end - found.begin != length or not total:
        raise ProblemError("bad-range")
    return found


def _offset(held: Held) -> dict[str, str]:
    whole = held.arrival is not None and held.arrival.accepted
    return {"Upload-Offset": str(held.offset), "Upload-Complete": "?1" if whole else "?0"}


def _arrived(status: int, number: int, arrival: Arrival) -> Response:
    headers = {"ETag": f'"{arrival.sha256}"', **_offset(Held(arrival.size, number, arrival))}
    if status == 201:
        headers["Location"] = f"/returns/{arrival.sha256}"
    return _json(_described(number, arrival), status, headers)


def _described(number: int, arrival: Arrival) -> dict[str, object]:
    return {
        "number": number,
        "sha256": arrival.sha256,
        "size": arrival.size,
        "office": arrival.office,
        "time": arrival.time,
        "accepted": arrival.accepted,
        "verdict": arrival.verdict,
        "message": arrival.message,
    }


def _json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(value, ensure_ascii=False).encode("utf-8")
    return Response(body, status, headers, "application/json")

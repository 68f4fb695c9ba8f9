"""A file on the disk as an answer: entity tag, one range, pieces of bounded size.

Several ranges in one request are answered with the whole file, which RFC 9110 section 14.2 allows.

Rules: no link is followed and nothing but a regular file is opened; what the answer says about length and
range is that of the file that was opened; a file that becomes shorter ends the connection.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from starlette.responses import Response, StreamingResponse

from evote.errors import StorageError
from evote.record.files import NO_FOLLOW, open_regular
from evote.web.problem import ProblemError
from evote.web.resource import Exchange

_ABSENT: Final = (errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO)
_CHUNK: Final = 256 * 1024
_RANGE = re.compile(r"bytes=([0-9]{0,16})-([0-9]{0,16})")


async def file_response(
    exchange: Exchange, path: Path, media_type: str, headers: Mapping[str, str], tag: str | None = None
) -> Response:
    """The file, a part of it, or 304. ``tag`` is its entity tag, by default one of size and time.

    Raises :class:`ProblemError` for a file that is absent and for a range that it has not.
    """
    run = exchange.server.run
    try:
        stream = await run(partial(open_regular, path, NO_FOLLOW, 0))
    except StorageError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno not in _ABSENT:
            raise
        raise ProblemError("not-found", "there is no such file") from None
    try:
        found = os.fstat(stream.fileno())
        tag = tag or f'"{found.st_size:x}-{found.st_mtime_ns:x}"'
        own = {**headers, "ETag": tag, "Accept-Ranges": "bytes"}
        if has_tag(exchange, tag):
            stream.close()
            return Response(status_code=304, headers=own)
        begin, end = _range(exchange, tag, found.st_size)
        own["Content-Length"] = str(end - begin)
        whole = (begin, end) == (0, found.st_size)
        if not whole:
            own["Content-Range"] = f"bytes {begin}-{end - 1}/{found.st_size}"
        if exchange.method == "HEAD":
            stream.close()
            return Response(None, 200 if whole else 206, own, media_type)
    except BaseException:
        stream.close()
        raise
    content = _content(exchange, stream, begin, end)
    return StreamingResponse(content, 200 if whole else 206, own, media_type)


def has_tag(exchange: Exchange, tag: str) -> bool:
    """Whether the client says that it has this entity already."""
    given = exchange.headers.get("if-none-match", "")
    return given.strip() == "*" or tag in [each.strip().removeprefix("W/") for each in given.split(",")]


def _range(exchange: Exchange, tag: str, size: int) -> tuple[int, int]:
    match = _RANGE.fullmatch(exchange.headers.get("range", ""))
    if match is None or exchange.headers.get("if-range", tag) != tag or match[0] == "bytes=-":
        return 0, size
    first, last = match.groups()
    if not first:
        begin, end = max(size - int(last), 0), size
    else:
        begin, end = int(first), min(int(last) + 1, size) if last else size
    if begin >= end:
        raise ProblemError("no-range", headers={"Content-Range": f"bytes */{size}"})
    return begin, end


async def _content(exchange: Exchange, stream: BinaryIO, begin: int, end: int) -> AsyncIterator[bytes]:
    run = exchange.server.run
    with stream:
        while begin < end:
            chunk = await run(partial(os.pread, stream.fileno(), min(_CHUNK, end - begin), begin))
            if not chunk:
                raise StorageError("the file became shorter while it was sent")
            begin += len(chunk)
            yield chunk

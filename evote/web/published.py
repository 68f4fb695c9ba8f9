"""The files of the published record, as they are: manifest, parameters, guardians, keys, roll, logs, result.

Everything in a record is public. Only names that a record can have are looked for, and no link is followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from starlette.responses import Response

from evote.record.layout import GUARDIANS, KEYS, MANIFEST, PARAMETERS, Kind, kind_of
from evote.web.files import file_response
from evote.web.pressure import Gate
from evote.web.problem import ProblemError
from evote.web.resource import Exchange, Operation

SETUP: Final = (MANIFEST, PARAMETERS, GUARDIANS, KEYS)
"""What a voter's device needs to encrypt: everything that H_E covers, as bytes that are hashed."""
_TYPES: Final = {".json": "application/json", ".csv": "text/csv; charset=utf-8"}


class Published:
    """The record in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def resources(self, gate: Gate) -> Mapping[str, Mapping[str, Operation]]:
        """Path -> method -> operation."""
        return {"/record/{file:path}": {"GET": Operation("getRecordFile", self.get, gate)}}

    async def get(self, exchange: Exchange) -> Response:
        """A file of the record."""
        exchange.only()
        name = exchange.path["file"]
        kind = kind_of(name)
        if kind is None:
            raise ProblemError("not-found", "a record has no such file")
        path = self._folder / name
        fixed = name in SETUP or kind is Kind.INDEX
        headers = {"Cache-Control": "public, max-age=300" if fixed else "public, no-cache"}
        media = _TYPES.get(path.suffix, "application/octet-stream")
        return await file_response(exchange, path, media, headers)

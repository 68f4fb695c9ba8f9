"""Files that come with the package: pages, styles, scripts, each by its own name and by its version.

``/static/<name>`` is asked for anew each time (entity tag); ``/static/<version>/<name>`` never changes, since
the version is a hash over all of them, so that scripts that load each other always fit together. ``/static``
lists names, types and the hashes for ``integrity``.

Rules: nothing inline and nothing from elsewhere, which the Content-Security-Policy of every file says; names
are looked up in a table made at the start, so that no path reaches the disk.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.responses import Response

from evote.hashing import sha256, tagged
from evote.web.files import has_tag
from evote.web.pressure import Gate
from evote.web.problem import ProblemError
from evote.web.resource import Exchange, Operation

FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""What may be served, by the end of its name."""
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_IMMUTABLE: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file with its type and the tag that names its content."""

    data: bytes
    media_type: str
    sha256: str

    @property
    def tag(self) -> str:
        """The entity tag."""
        return f'"{self.sha256}"'

    @property
    def integrity(self) -> str:
        """For the attribute ``integrity`` of an element that loads the file."""
        return "sha256-" + base64.b64encode(bytes.fromhex(self.sha256)).decode("ascii")


class Statics:
    """The files of some folders, below which nothing else is served. A later folder's names win.

    Raises ``ValueError`` for a file whose type is not known.
    """

    def __init__(self, folders: Iterable[Path] = (FOLDER,)) -> None:
        self.files: dict[str, StaticFile] = {}
        for folder in folders:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not path.is_symlink() and path.name != "__init__.py":
                    self.files[path.relative_to(folder).as_posix()] = _read(path)
        fields = (part for name, file in sorted(self.files.items()) for part in (name, file.sha256))
        self.version = tagged("evote/v1/static", *(field.encode() for field in fields)).hex()[:32]

    def resources(self, gate: Gate) -> Mapping[str, Mapping[str, Operation]]:
        """Path -> method -> operation."""
        return {
            "/": {"GET": Operation("getIndex", self.index, gate)},
            "/static": {"GET": Operation("listStatic", self.list, gate)},
            "/static/{name:path}": {"GET": Operation("getStatic", self.get, gate)},
        }

    async def index(self, exchange: Exchange) -> Response:
        """The page of the server."""
        return self._file(exchange, "index.html", "no-cache")

    async def list(self, exchange: Exchange) -> Response:
        """All names with their types and hashes."""
        exchange.only()
        files = [
            {
                "name": name,
                "type": file.media_type,
                "size": len(file.data),
                "integrity": file.integrity,
                "address": f"/static/{self.version}/{name}",
            }
            for name, file in sorted(self.files.items())
        ]
        return Response(json.dumps({"version": self.version, "files": files}), media_type="application/json")

    async def get(self, exchange: Exchange) -> Response:
        """A file."""
        name = exchange.path["name"]
        version, _, rest = name.partition("/")
        if version == self.version:
            return self._file(exchange, rest, _IMMUTABLE)
        return self._file(exchange, name, "no-cache")

    def _file(self, exchange: Exchange, name: str, lasting: str) -> Response:
        exchange.only()
        file = self.files.get(name)
        if file is None:
            raise ProblemError("not-found")
        headers = {"ETag": file.tag, "Cache-Control": lasting, "Content-Security-Policy": PAGE_POLICY}
        if has_tag(exchange, file.tag):
            return Response(status_code=304, headers=headers)
        return Response(file.data, headers=headers, media_type=file.media_type)


def _read(path: Path) -> StaticFile:
    if path.suffix not in TYPES:
        raise ValueError(f"{path}: files of this type are not served")
    data = path.read_bytes()
    return StaticFile(data, TYPES[path.suffix], sha256(data).hex())

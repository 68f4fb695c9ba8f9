"""The OpenAPI 3.1 description of what a server serves, made from its own operations.

Every operation is described here by its name; an operation without a description, or one that can answer what
is not described, is a mistake that stops the server (:func:`description`) or fails a test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from evote import __version__
from evote.board.rules import Refusal
from evote.storage.box_refusals import BoxRefusal
from evote.web.limits import Limits
from evote.web.problem import KINDS, MEDIA_TYPE
from evote.web.resource import Operation

Json = dict[str, Any]

_DIGEST: Final = "^[0-9a-f]{64}$"
_MOMENT: Final = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_BOX: Final = (
    *(each.value for each in BoxRefusal if each is not BoxRefusal.TOO_LARGE),
    *(each.value for each in Refusal),
)
_ALWAYS: Final = ("busy", "internal", "storage")
_BODY: Final = ("too-slow", "no-length", "wrong-type", "too-large", "bad-range")


def _object(required: Json, **more: object) -> Json:
    return {
        "type": "object",
        "required": list(required),
        "properties": required,
        "additionalProperties": False,
        **more,
    }


_SCHEMAS: Final[Json] = {
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail", "name", "again"],
        "properties": {
            "type": {"type": "string", "description": "Address of an explanation."},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string"},
            "name": {"type": "string", "enum": sorted(KINDS), "description": "Stable; decide by it."},
            "again": {"type": "boolean", "description": "Whether the same request may succeed later."},
            "head": {"type": "string", "pattern": _DIGEST, "description": "With 'stale': sign over it."},
            "verdict": {"type": "string", "description": "With 'refused': what the inspection found."},
            "arrival": {**_COUNT, "description": "With 'refused': number of the arrival."},
        },
        "additionalProperties": False,
    },
    "Arrival": _object(
        {
            "number": _COUNT,
            "sha256": {"type": "string", "pattern": _DIGEST},
            "size": _COUNT,
            "office": {"type": "string"},
            "time": _MOMENT,
            "accepted": {"type": "boolean"},
            "verdict": {"type": "string"},
            "message": {"type": "string"},
        }
    ),
    "Arrivals": _object(
        {
            "arrivals": {"type": "array", "items": {"$ref": "#/components/schemas/Arrival"}},
            "next": {"type": ["string", "null"]},
            "count": _COUNT,
        }
    ),
    "Election": _object(
        {
            "fingerprint": {"type": "string", "pattern": _DIGEST},
            "group": {"type": "string"},
            "version": {"type": "string"},
            "origin": {"type": "string"},
            "closes": _MOMENT,
            "merge_delay": _COUNT,
            "largest_submission": _COUNT,
            "units": {
                "type": "array",
                "items": _object(
                    {
                        "number": _COUNT,
                        "path": {"type": "string"},
                        "origin": {"type": "string"},
                        "served": {"type": "boolean"},
                    }
                ),
            },
            "setup": {"type": "array", "items": {"type": "string"}},
            "time": _MOMENT,
        }
    ),
    "Health": _object({"status": {"const": "ok"}}),
    "Readiness": _object(
        {
            "status": {"enum": ["ready", "not ready"]},
            "faults": {"type": "array", "items": {"type": "string"}},
        }
    ),
    "Statics": _object(
        {
            "version": {"type": "string"},
            "files": {
                "type": "array",
                "items": _object(
                    {
                        "name": {"type": "string"},
                        "type": {"type": "string"},
                        "size": _COUNT,
                        "integrity": {"type": "string", "pattern": "^sha256-"},
                        "address": {"type": "string"},
                    }
                ),
            },
        }
    ),
}

_BYTES: Final = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_TEXT: Final = {"text/plain": {"schema": {"type": "string"}}}
_RECEIPT: Final = {"application/msgpack": {"schema": {"type": "string", "format": "binary"}}}
_ANY: Final = {"*/*": {"schema": {"type": "string", "format": "binary"}}}


def _json(name: str) -> Json:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _header(about: str, pattern: str = "") -> Json:
    schema = {"type": "string", **({"pattern": pattern} if pattern else {})}
    return {"description": about, "schema": schema, "required": True}


_UPLOAD: Final = {
    "Upload-Offset": _header("Bytes that are held: where to go on.", "^[0-9]+$"),
    "Upload-Complete": _header("Whether the file has arrived and is of use.", r"^\?[01]$"),
}


def _operation(
    summary: str,
    answers: Mapping[int, tuple[str, Json, Json]],
    problems: tuple[str, ...] = (),
    **more: object,
) -> Json:
    responses: Json = {}
    for status, (about, content, headers) in answers.items():
        responses[str(status)] = {"description": about, **({"content": content} if content else {})}
        if headers:
            responses[str(status)]["headers"] = headers
    by_status: dict[int, list[str]] = {}
    for name in dict.fromkeys((*problems, *_ALWAYS)):
        by_status.setdefault(KINDS[name].status, []).append(name)
    for status, names in sorted(by_status.items()):
        if str(status) in responses:  # one status with two bodies: 404 of HEAD has none
            continue
        responses[str(status)] = {
            "description": ", ".join(names),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return {"summary": summary, "responses": responses, **more}


def _body(*media: str) -> Json:
    content = {each: {"schema": {"type": "string", "format": "binary"}} for each in media}
    return {"required": True, "content": content}


def _query(name: str, about: str, least: int, most: int) -> Json:
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return {"name": name, "in": "query", "description": about, "required": False, "schema": schema}


_TOKEN: Final[list[Json]] = [{"office": []}]
_NOBODY: Final = ("no-token", "not-allowed")
_BALLOT: Final = _body("application/msgpack", "application/octet-stream")
_TAG: Final = {"ETag": _header("Names the content.")}
_UNCHANGED: Final[tuple[str, Json, Json]] = ("The client has it already (If-None-Match).", {}, _TAG)

_DESCRIBED: Final[Mapping[str, Json]] = {
    "getHealth": _operation("Does the process live?", {200: ("It does.", _json("Health"), {})}),
    "getReady": _operation(
        "Does everything that is served work?",
        {200: ("It does.", _json("Readiness"), {}), 503: ("It does not.", _json("Readiness"), {})},
    ),
    "getMetrics": _operation("Counts for Prometheus.", {200: ("Counts.", _TEXT, {})}),
    "getDescription": _operation(
        "This description.",
        {200: ("OpenAPI 3.1.", {"application/json": {"schema": {"type": "object"}}}, {})},
        ("bad-query",),
    ),
    "getProblem": _operation("What a problem means.", {200: ("A text.", _TEXT, {})}, ("not-found",)),
    "getIndex": _operation(
        "A page about this server.",
        {200: ("HTML.", {"text/html": {"schema": {"type": "string"}}}, _TAG), 304: _UNCHANGED},
        ("bad-query",),
    ),
    "listStatic": _operation(
        "Files that come with the package.", {200: ("All of them.", _json("Statics"), {})}, ("bad-query",)
    ),
    "getStatic": _operation(
        "A file by its name, or by version and name.",
        {200: ("The file.", _ANY, _TAG), 304: _UNCHANGED},
        ("not-found", "bad-query"),
    ),
    "listReturns": _operation(
        "What has arrived, in order.",
        {200: ("A page.", _json("Arrivals"), {})},
        (*_NOBODY, "bad-query"),
        parameters=[
            _query("after", "Number of the last arrival that is known.", 0, 2**53 - 1),
            _query("limit", "Most arrivals in the answer.", 1, 1000),
        ],
        security=_TOKEN,
    ),
    "headReturn": _operation(
        "How many bytes of a file are held.",
        {
            200: ("Some, or all.", {}, _UPLOAD),
            404: ("None.", {}, {}),
            401: ("no-token", {}, {}),
            503: ("busy, storage", {}, {}),
            500: ("internal", {}, {}),
        },
        security=_TOKEN,
    ),
    "getReturn": _operation(
        "A file that arrived.",
        {
            200: ("The file.", _BYTES, _TAG),
            206: ("The range that was asked for.", _BYTES, _TAG),
            304: _UNCHANGED,
        },
        (*_NOBODY, "not-found", "no-range"),
        security=_TOKEN,
    ),
    "putReturn": _operation(
        "Send a file, or go on with one (Content-Range).",
        {
            200: ("It had arrived before.", _json("Arrival"), _UPLOAD),
            201: ("It has arrived, durably.", _json("Arrival"), _UPLOAD),
            202: ("The piece is held; go on at Upload-Offset.", {}, _UPLOAD),
        },
        (*_NOBODY, *_BODY, "not-found", "gap", "wrong-hash", "refused", "quota", "disk-full"),
        requestBody=_body("application/octet-stream"),
        parameters=[
            {
                "name": "Content-Range",
                "in": "header",
                "required": False,
                "description": "Place of the body in the file; without it, the body is the whole file.",
                "schema": {"type": "string", "pattern": r"^bytes ([0-9]+-[0-9]+|\*)/[0-9]+$"},
            }
        ],
        security=_TOKEN,
    ),
    "getElection": _operation(
        "The election, its units and how they are numbered.",
        {200: ("In short.", _json("Election"), {})},
        ("bad-query",),
    ),
    "castBallot": _operation(
        "Cast a ballot.",
        {200: ("The admission receipt; the ballot is on the disk.", _RECEIPT, {})},
        (*_BODY, *_BOX, "not-found", "unit-elsewhere"),
        requestBody=_BALLOT,
    ),
    "challengeBallot": _operation(
        "Challenge a ballot. Open it only when this receipt is verified.",
        {200: ("The admission receipt; the challenge is on the disk.", _RECEIPT, {})},
        (*_BODY, *_BOX, "not-found", "unit-elsewhere"),
        requestBody=_BALLOT,
    ),
    "getInclusion": _operation(
        "Both proofs of a ballot's leaf, as they end the text of a receipt.",
        {200: ("Lines and two tlog-proofs.", _TEXT, {})},
        ("not-found", "unit-elsewhere", "not-logged", "bad-query"),
    ),
    "getCheckpoint": _operation(
        "The newest signed head of a log; 0 is the election's.",
        {200: ("A signed note.", _TEXT, {})},
        ("not-found", "unit-elsewhere", "no-head", "bad-query"),
    ),
    "getConsistency": _operation(
        "The newest head with the proof that it continues an older one.",
        {200: ("The request of C2SP tlog-witness.", _TEXT, {})},
        ("not-found", "unit-elsewhere", "no-head", "bad-query"),
        parameters=[_query("old", "Leaves of the older head; 0 for none.", 0, 2**53 - 1)],
    ),
    "getProof": _operation(
        "The proof of a leaf in its own log.",
        {200: ("A tlog-proof.", _TEXT, {})},
        ("not-found", "unit-elsewhere", "not-logged", "no-head", "bad-query"),
    ),
    "getTile": _operation(
        "A tile or bundle of a log (C2SP tlog-tiles).",
        {200: ("Hashes or leaf data.", _BYTES, {})},
        ("not-found", "unit-elsewhere", "no-head", "bad-query"),
    ),
    "getRecordFile": _operation(
        "A file of the published record.",
        {
            200: ("The file.", _ANY, _TAG),
            206: ("The range that was asked for.", _ANY, _TAG),
            304: _UNCHANGED,
        },
        ("not-found", "no-range", "bad-query"),
    ),
}

_PARAMETERS: Final[Mapping[str, Json]] = {
    "sha256": {"type": "string", "pattern": _DIGEST},
    "leaf": {"type": "string", "pattern": _DIGEST},
    "unit": {"type": "integer", "minimum": 1},
    "log": {"type": "integer", "minimum": 0},
    "tile": {"type": "string"},
    "file": {"type": "string"},
    "name": {"type": "string"},
}
_PLACE = re.compile(r"\{([a-z0-9]+)(?::path)?\}")


def description(operations: Mapping[str, Mapping[str, Operation]], limits: Limits) -> Json:
    """The description of these operations. Raises ``KeyError`` for one that nothing is said about."""
    paths: Json = {}
    for path, methods in operations.items():
        names = _PLACE.findall(path)
        item: Json = {}
        if names:
            item["parameters"] = [
                {"name": name, "in": "path", "required": True, "schema": _PARAMETERS[name]} for name in names
            ]
        for method, operation in methods.items():
            item[method.lower()] = {"operationId": operation.name, **_DESCRIBED[operation.name]}
        paths[_PLACE.sub(r"{\1}", path)] = item
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "evote",
            "version": __version__,
            "summary": "Unit returns, ballots, receipts and proofs over HTTP.",
            "description": (
                "Refusals are problem documents (RFC 9457) whose 'name' is stable. 503 and 507 come with "
                "Retry-After in seconds, which is when there is room: wait as long, and some random time. "
                f"A unit return has at most {limits.return_bytes} bytes."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": _SCHEMAS,
            "securitySchemes": {"office": {"type": "http", "scheme": "bearer"}},
        },
    }

"""Refusals as problem documents (RFC 9457): every one has a name, a status and what to do about it.

Rules: the name is stable, and programs decide by it; the sentence is for people and may change; nothing in a
problem repeats what was sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.responses import Response

from evote.board.rules import Refusal
from evote.storage.box_refusals import BoxRefusal

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem. ``again`` says whether the very same request may succeed later."""

    name: str
    status: int
    title: str
    again: bool = False


def _table(*kinds: Kind) -> Mapping[str, Kind]:
    return {kind.name: kind for kind in kinds}


KINDS: Final = _table(
    # Of every request.
    Kind("not-found", 404, "nothing has this address"),
    Kind("wrong-method", 405, "this address does not know the method; the header Allow says which it knows"),
    Kind("too-slow", 408, "the body came too slowly; send it again, in smaller pieces", again=True),
    Kind("no-length", 411, "a body comes with its length, in the header Content-Length"),
    Kind("wrong-type", 415, "the body has another media type or encoding than this address takes"),
    Kind("bad-query", 400, "a parameter of the query is not one that this address knows"),
    Kind("no-range", 416, "the file does not have these bytes; Content-Range says how many it has"),
    Kind("internal", 500, "the server failed; its operator finds the cause in its log", again=True),
    Kind("busy", 503, "too much comes at once; come again after the time in Retry-After", again=True),
    Kind("storage", 503, "the server's storage does not take it now; come again later", again=True),
    Kind("disk-full", 507, "the server has no room left; come again later, or use another one", again=True),
    # Of the collector.
    Kind("no-token", 401, "a token is wanted in the header Authorization, and this one is none"),
    Kind("not-allowed", 403, "this token is not for that"),
    Kind("bad-range", 400, "Content-Range is not 'bytes FIRST-LAST/TOTAL' for the body that comes with it"),
    Kind("gap", 409, "the piece begins behind what is held; go on from Upload-Offset", again=True),
    Kind("wrong-hash", 422, "the bytes do not have the hash in their address; send the file from its start"),
    Kind("refused", 422, "the file arrived whole, and it is no return that can be used; see the verdict"),
    Kind("quota", 507, "this office holds too much that is not finished or not used"),
    # Of the box: too large, and then what BoxRefusal and Refusal name.
    Kind("too-large", 413, "the body is larger than anything that can be right here"),
    Kind("malformed", 400, "the body is no submission in its one canonical form"),
    Kind("queue-full", 503, "too many ballots come at once; send the same again", again=True),
    Kind("closed", 403, "voting has ended"),
    Kind("repeated-ciphertext", 409, "a ciphertext stands in the box already; encrypt the ballot again"),
    Kind("stopped", 503, "the box found itself behind its promises and signs nothing; use another road"),
    Kind("failed", 503, "the box could not write it; send the same again", again=True),
    Kind("wrong-unit", 422, "ballot or credential are for another unit"),
    Kind("wrong-style", 422, "the credential is for another ballot style"),
    Kind("unknown-credential", 403, "no voter of the roll has this credential"),
    Kind("revoked-credential", 403, "the credential was replaced; the voter has a newer one"),
    Kind("unknown-device", 403, "no attended device has this name"),
    Kind("wrong-context", 422, "the identifier is not the hash of the ballot's context"),
    Kind("wrong-form", 422, "the ballot breaks a rule of form"),
    Kind("wrong-signature", 403, "a signature is missing or is not one over this ballot for this log"),
    Kind("duplicate-id", 409, "a ballot with this identifier was decided before, otherwise"),
    Kind("stale", 409, "the voter has a later ballot in the box; sign again over 'head'"),
    # Of the logs.
    Kind("unit-elsewhere", 404, "the box of this unit is not kept by this server"),
    Kind("not-logged", 404, "no published head covers this leaf yet; come again later", again=True),
    Kind("no-head", 404, "the log has no signed head yet", again=True),
)
"""Every kind by its name. The refusals of the box have the names that the log counts them by."""

_MISSING = {each.value for each in (*BoxRefusal, *Refusal)} - KINDS.keys()
if _MISSING:
    raise RuntimeError(f"refusals of the box without a status: {sorted(_MISSING)}")


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem with its sentence; ``more`` are further members, ``headers`` those of the response."""

    kind: Kind
    detail: str
    more: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, object]:
        """The members of the document."""
        return {
            "type": f"/problems/{self.kind.name}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "name": self.kind.name,
            "again": self.kind.again,
            **self.more,
        }

    def response(self) -> Response:
        """The response."""
        body = json.dumps(self.document(), ensure_ascii=False).encode("utf-8")
        headers = {"Cache-Control": "no-store", **self.headers}
        return Response(body, self.kind.status, headers, MEDIA_TYPE)


class ProblemError(Exception):
    """Ends a request with a problem."""

    def __init__(
        self,
        name: str,
        detail: str = "",
        *,
        more: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        kind = KINDS[name]
        self.problem = Problem(kind, detail or kind.title, more or {}, headers or {})
        super().__init__(self.problem.detail)


def explanation(kind: Kind) -> bytes:
    """What stands at the address of a kind: a text for people."""
    again = "yes, the same request may succeed later" if kind.again else "no, not as it is"
    return f"{kind.name} ({kind.status})\n\n{kind.title}\n\nSend it again? {again}.\n".encode()

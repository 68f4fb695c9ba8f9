"""The bulletin board over HTTP: ballots in, receipts and proofs out (``specs/http.md#board``).

The body of a ballot is exactly the bytes of :class:`evote.board.submission.Submission`; the answer is exactly
the bytes of the admission receipt, or a problem with the name under which the box counts the refusal.

Rules: nothing is read that is larger than any ballot of the election; whoever asks is not known and not
remembered; the head of a voter's slot is told only to who signed for that slot (``stale``), since it says
whether somebody voted.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from starlette.responses import Response

from evote.ballots import Election
from evote.board.entries import UnitHeadEntry, consistency_hash
from evote.board.log import proof_in, request_for
from evote.board.note import Note
from evote.codec import encode
from evote.manifest.moments import moment_of
from evote.office.electionlog import note_key
from evote.storage.box_refusals import BoxRefusal, SubmissionRefusedError
from evote.storage.box_setting import BoxSetting
from evote.web.desk import Desk
from evote.web.limits import Limits
from evote.web.logview import ElectionLogView, Shown
from evote.web.pressure import BusyError, Gate
from evote.web.problem import ProblemError
from evote.web.published import SETUP
from evote.web.resource import RETRY, Exchange, Operation

MEDIA_TYPES: Final = ("application/msgpack", "application/octet-stream")
RECEIPT_TYPE: Final = "application/msgpack"
NOTE_TYPE: Final = "text/plain; charset=utf-8"
ELECTION: Final = 0
"""The number of the election's log; units have theirs from 1, by their place in the manifest."""
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_SHORT: Final = "public, max-age=5"


class Board:
    """The operations. ``desks`` are the units whose boxes are kept here, by number."""

    def __init__(
        self,
        election: Election,
        record: Path,
        desks: Sequence[Desk],
        limits: Limits,
        *,
        log_folder: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        declared = election.manifest.board
        if declared is None:
            raise ValueError("the manifest declares no board, so there is nothing to serve")
        self.election, self.record = election, record
        self.desks = {desk.number: desk for desk in desks}
        self.units = [
            unit.path for unit in election.manifest.reporting_units() if unit.path in declared.units
        ]
        self.numbers = {path: at for at, path in enumerate(_paths(election), 1)}
        for number, desk in self.desks.items():
            if self.numbers.get(desk.setting.unit) != number:
                raise ValueError(f"{desk.setting.unit!r} is not unit {number} of the manifest")
        self._declared = declared
        self._log = None
        if log_folder is not None:
            self._log = ElectionLogView(election, note_key(declared.log), log_folder)
        self._clock = clock
        self.gate = Gate("submissions", limits.submissions)
        self.largest = BoxSetting.of(election, self.units[0]).largest_submission

    def resources(self, reading: Gate) -> Mapping[str, Mapping[str, Operation]]:
        """Path -> method -> operation."""

        def posted(name: str, *, challenge: bool) -> Mapping[str, Operation]:
            handle = partial(self.admit, challenge=challenge)
            return {"POST": Operation(name, handle, self.gate, self._full)}

        return {
            "/election": {"GET": Operation("getElection", self.overview, reading)},
            "/units/{unit}/ballots": posted("castBallot", challenge=False),
            "/units/{unit}/challenges": posted("challengeBallot", challenge=True),
            "/units/{unit}/inclusion/{leaf}": {"GET": Operation("getInclusion", self.inclusion, reading)},
            "/logs/{log}/checkpoint": {"GET": Operation("getCheckpoint", self.checkpoint, reading)},
            "/logs/{log}/consistency": {"GET": Operation("getConsistency", self.consistency, reading)},
            "/logs/{log}/proof/{leaf}": {"GET": Operation("getProof", self.proof, reading)},
            "/logs/{log}/{tile:path}": {"GET": Operation("getTile", self.tile, reading)},
        }

    # --- ballots -----------------------------------------------------------------------------------

    async def admit(self, exchange: Exchange, *, challenge: bool) -> Response:
        """Admit a ballot, cast or challenged."""
        desk = self._desk(exchange)
        exchange.media(*MEDIA_TYPES)
        try:
            length = exchange.body.length(self.largest)
        except ProblemError as error:
            if error.problem.kind.name == "too-large":
                desk.refuse(BoxRefusal.TOO_LARGE)
            raise
        data = await exchange.body.whole(length)
        try:
            receipt = await desk.admit(data, challenge=challenge)
        except BusyError as error:
            raise ProblemError("queue-full", headers={"Retry-After": str(error.seconds)}) from None
        except SubmissionRefusedError as refusal:
            raise _refused(desk, refusal) from None
        return Response(encode(receipt), media_type=RECEIPT_TYPE)

    def _full(self, exchange: Exchange) -> None:
        for number, desk in self.desks.items():
            if exchange.path["unit"] == str(number):
                desk.refuse(BoxRefusal.QUEUE_FULL)

    # --- what everybody reads ----------------------------------------------------------------------

    async def overview(self, exchange: Exchange) -> Response:
        """The election in short; whoever relies on it computes it from the files of the record."""
        exchange.only()
        election, declared = self.election, self._declared
        units = [
            {
                "number": self.numbers[path],
                "path": path,
                "origin": declared.units[path].origin,
                "served": self.numbers[path] in self.desks,
            }
            for path in self.units
        ]
        body = {
            "fingerprint": election.extended_hash.hex(),
            "group": election.group.name,
            "version": election.group.version,
            "origin": declared.log.origin,
            "closes": declared.closes,
            "merge_delay": declared.merge_delay,
            "largest_submission": self.largest,
            "units": units,
            "setup": [f"/record/{name}" for name in SETUP],
            "time": moment_of(int(self._clock())),
        }
        return Response(json.dumps(body, ensure_ascii=False), media_type="application/json")

    async def checkpoint(self, exchange: Exchange) -> Response:
        """The newest signed head; that of the election's log with its cosignatures."""
        exchange.only()
        shown = await self._shown(exchange)
        return Response(shown.note.encode(), headers={"Cache-Control": _SHORT}, media_type=NOTE_TYPE)

    async def consistency(self, exchange: Exchange) -> Response:
        """The newest head with the proof that it continues the one of ``old`` leaves."""
        exchange.only("old")
        shown = await self._shown(exchange)
        old = exchange.number("old", 0, 0, shown.size)
        request = request_for(shown.tree, old, shown.note)
        return Response(request.encode(), headers={"Cache-Control": _SHORT}, media_type=NOTE_TYPE)

    async def tile(self, exchange: Exchange) -> Response:
        """A tile or bundle of C2SP tlog-tiles."""
        exchange.only()
        path = exchange.path["tile"]
        shown = await self._shown(exchange)
        data = shown.file(path)
        if data is None or not path.startswith("tile/"):
            raise ProblemError("not-found", "the log has no such tile under its newest head")
        lasting = _SHORT if ".p/" in path else _IMMUTABLE
        return Response(data, headers={"Cache-Control": lasting}, media_type="application/octet-stream")

    async def proof(self, exchange: Exchange) -> Response:
        """The C2SP tlog-proof of a leaf under the newest head of its log."""
        exchange.only()
        number, leaf = _number(exchange.path["log"]), _leaf(exchange)
        shown = await self._shown(exchange)
        if number == ELECTION:
            at = next((at for at in range(shown.size) if shown.leaf(at) == leaf), None)
        else:
            at = self.desks[number].view.place(leaf)
        if at is None or at >= shown.size:
            raise self._not_logged(number)
        text = proof_in(shown.tree, at, shown.note).encode()
        return Response(text, headers={"Cache-Control": _SHORT}, media_type=NOTE_TYPE)

    async def inclusion(self, exchange: Exchange) -> Response:
        """Both proofs of a ballot's leaf, word for word as they end the text of a receipt."""
        exchange.only()
        desk, leaf = self._desk(exchange), _leaf(exchange)
        at = desk.view.place(leaf)
        shown, entries = await self._election_log(exchange)
        found = None if at is None or shown is None else self._covering(desk, at, entries)
        if at is None or shown is None or found is None or desk.view.shown is None:
            raise self._not_logged(desk.number)
        place, entry, head = found
        closing = "yes" if entry.closing else "no"
        text = (
            f"consistency {consistency_hash(entry.proof).hex()}\nclosing {closing}\n\n".encode()
            + proof_in(desk.view.shown.tree, at, head).encode()
            + b"\n"
            + proof_in(shown.tree, place, shown.note).encode()
        )
        return Response(text, headers={"Cache-Control": _SHORT}, media_type=NOTE_TYPE)

    def _covering(
        self, desk: Desk, at: int, entries: Sequence[UnitHeadEntry]
    ) -> tuple[int, UnitHeadEntry, Note] | None:
        """The unit's newest head in the election's log, if it covers the leaf."""
        for place in range(len(entries) - 1, -1, -1):
            entry = entries[place]
            if entry.unit == desk.setting.unit:
                head = desk.view.head_of(entry.size)
                return (place, entry, head) if entry.size > at and head is not None else None
        return None

    def _not_logged(self, number: int) -> ProblemError:
        desk = self.desks.get(number)
        wait = RETRY if desk is None else max(1, int(min(desk.head_seconds, 600)))
        return ProblemError("not-logged", headers={"Retry-After": str(wait)})

    # --- which log ---------------------------------------------------------------------------------

    def _desk(self, exchange: Exchange) -> Desk:
        number = _number(exchange.path["unit"])
        if not 1 <= number <= len(self.numbers):
            raise ProblemError("not-found", "the manifest has no unit of this number")
        if number not in self.desks:
            raise ProblemError("unit-elsewhere")
        return self.desks[number]

    async def _shown(self, exchange: Exchange) -> Shown:
        number = _number(exchange.path["log"])
        if number == ELECTION:
            shown, _ = await self._election_log(exchange)
        elif number in self.desks:
            shown = self.desks[number].view.shown
        else:
            name = "unit-elsewhere" if number <= len(self.numbers) else "not-found"
            raise ProblemError(name)
        if shown is None:
            raise ProblemError("no-head", headers={"Retry-After": str(RETRY)})
        return shown

    async def _election_log(self, exchange: Exchange) -> tuple[Shown | None, Sequence[UnitHeadEntry]]:
        if self._log is None:
            raise ProblemError("unit-elsewhere", "the election's log is not kept by this server")
        return await exchange.server.run(self._log.look)


def _refused(desk: Desk, refusal: SubmissionRefusedError) -> ProblemError:
    """The refusal of the box as a problem; its sentence is of the rules and repeats no vote."""
    more = {} if refusal.head is None else {"head": refusal.head.hex()}
    headers = {}
    if refusal.name == BoxRefusal.QUEUE_FULL.value:
        headers = {"Retry-After": str(desk.gate.wait())}
    elif refusal.name == BoxRefusal.FAILED.value:
        headers = {"Retry-After": str(RETRY)}
    detail = "" if refusal.name == BoxRefusal.STOPPED.value else refusal.message
    return ProblemError(refusal.name, detail, more=more, headers=headers)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or text != str(int(text)):
        raise ProblemError("not-found", "logs and units have numbers")
    return int(text)


def _leaf(exchange: Exchange) -> bytes:
    text = exchange.path["leaf"]
    if len(text) != 64 or set(text) - set("0123456789abcdef"):
        raise ProblemError("not-found", "a leaf is 64 hexadecimal digits in lower case")
    return bytes.fromhex(text)


def _paths(election: Election) -> list[str]:
    return [unit.path for unit in election.manifest.reporting_units()]

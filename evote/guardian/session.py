"""One decryption session of one guardian on its own machine (specification section 3.6.5; rule A52).

::

    sessions/<request>/state.sealed        u_i and what was committed to, then what was opened, sealed
    sessions/<request>/consumed.msgpack    u_i is spent: it answered, or it never will
    sessions/<request>/responses.msgpack   the answer, as it was sent

The order of what reaches the disk, and of what leaves the machine:

1. state (committed) - then the commitments leave;
2. state (opened, with the commitments of all) - ledger - then the openings leave;
3. mark of consumption - state overwritten and removed - responses on the own disk - then they leave.

So u_i answers at most once whatever crashes in between: before 3 nothing was answered; from the mark on
nothing can be. A session that was interrupted inside 3 is lost, and is held again under another
number. What leaves can be sent again: it is the same bytes. Other commitments than those that were
opened for, another set of guardians or another statement are another session.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from evote.ceremony import GuardianShare
from evote.codec import MAX_FRAME_BYTES, MAX_TEXT_BYTES, AtMost, Digest, Index, decode, encode
from evote.decryption import (
    Commitments,
    Committed,
    Complaint,
    DecryptionRequest,
    Opened,
    Openings,
    Responses,
    commit,
)
from evote.errors import DecryptionError, RefusedError
from evote.guardian import exchange as names
from evote.guardian.exchange import Exchange, from_guardian
from evote.guardian.keygen import Progress
from evote.guardian.ledger import Ledger
from evote.record.files import read_limited, sentences, sync_folder, write_atomic
from evote.secret import Secret
from evote.storage.keep import Keep
from evote.storage.sealed import Sealer
from evote.tally import ClosingHead

STATE = "state.sealed"
CONSUMED = "consumed.msgpack"
RESPONSES = "responses.msgpack"


class Stage(enum.Enum):
    """Which round the sealed state belongs to."""

    COMMITTED = "committed"
    OPENED = "opened"


@dataclass(frozen=True, slots=True, repr=False)
class State:
    """What is sealed between two calls."""

    stage: Stage
    memory: Annotated[bytes, AtMost(2 * MAX_FRAME_BYTES)]


@dataclass(frozen=True, slots=True)
class Consumed:
    """The mark that u_i of this session is spent."""

    request: Digest
    index: Index


class DecryptionSession:
    """Guardian ``share.index`` in the session of ``request``.

    ``folder`` is the session's own folder on this machine; ``exchange`` is shared with the other
    guardians of the session and holds messages of this session only. ``log`` is the head of the log of
    requests on which the request was found, where the manifest declares one.
    """

    def __init__(
        self,
        share: GuardianShare,
        request: DecryptionRequest,
        folder: Path,
        sealer: Sealer,
        ledger: Ledger,
        exchange: Exchange,
        log: ClosingHead | None = None,
    ) -> None:
        if share.index not in request.guardians:
            raise RefusedError(f"guardian {share.index} does not take part in this session")
        self._share = share
        self._request = request
        self._folder = folder
        self._keep = Keep(folder / STATE, sealer, kind="decryption session")
        self._ledger = ledger
        self._exchange = exchange
        self._log = log

    def advance(self) -> Progress:
        """Do every round whose messages are all there; send what comes out.

        Raises :class:`DecryptionError` if somebody complained or a message is wrong (a complaint of this
        guardian is in the exchange folder then, and its part in the session is over);
        :class:`RefusedError` for what the ledger forbids, and where only a new session helps.
        """
        done: list[str] = []
        if self._consumed():
            return self._again(done)
        if not self._keep.exists():
            self._begin()
        while True:
            state = self._load()
            self._heed()
            try:
                if state.stage is Stage.COMMITTED:
                    waiting = self._committed(Secret(state.memory), done)
                else:
                    waiting = self._opened(Secret(state.memory), done)
            except DecryptionError as error:
                self._complain(error)
                raise
            if waiting is not None:
                return waiting

    # --- rounds ----------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Round 1: what may not be decrypted is refused before a nonce is drawn for it."""
        self._ledger.check(self._request)
        for folder in (self._folder.parent, self._folder):
            with sentences(folder, "written"):
                folder.mkdir(mode=0o700, exist_ok=True)
                sync_folder(folder.parent)
        self._keep.destroy()  # what an interrupted first write left behind
        state, _ = commit(self._share, self._request)
        self._save(Stage.COMMITTED, state.to_secret_bytes())

    def _committed(self, memory: Secret[bytes], done: list[str]) -> Progress | None:
        state = Committed.from_secret_bytes(self._share, self._request, memory)
        self._send(names.COMMITMENTS, state.message(), done)
        if missing := self._missing(names.COMMITMENTS):
            return _waiting(done, "the commitments", missing)
        self._refuse_if_sent(names.OPENINGS)  # the opened state was on the disk before they left
        members = self._request.guardians
        opened, _ = state.open(self._exchange.from_each(Commitments, names.COMMITMENTS, members))
        self._save(Stage.OPENED, opened.to_secret_bytes())
        return None

    def _opened(self, memory: Secret[bytes], done: list[str]) -> Progress | None:
        state = Opened.from_secret_bytes(self._share, self._request, memory)
        if self._missing(names.COMMITMENTS) or not state.answers(
            self._exchange.from_each(Commitments, names.COMMITMENTS, self._request.guardians)
        ):
            raise RefusedError(
                "the commitments in the exchange folder are not those for which this guardian opened "
                "its own; hold a new session under another number"
            )
        self._ledger.append(self._request, self._log)  # before M_i leaves
        self._send(names.OPENINGS, state.message(), done)
        if missing := self._missing(names.OPENINGS):
            return _waiting(done, "the openings", missing)
        self._refuse_if_sent(names.RESPONSES)
        members = self._request.guardians
        responses = state.respond(self._exchange.from_each(Openings, names.OPENINGS, members))
        self._consume()
        self._write(RESPONSES, encode(responses))
        return self._again(done)

    def _again(self, done: list[str]) -> Progress:
        """Send the answer that stands on this machine; u_i is gone."""
        self._keep.destroy()
        path = self._folder / RESPONSES
        if not path.exists():
            raise RefusedError(
                "this guardian's part in the session ended before it answered, and its one-time secret is "
                "destroyed; hold a new session under another number"
            )
        data = read_limited(path, MAX_FRAME_BYTES)
        answer = decode(Responses, data, element_bytes=self._request.election.group.element_bytes)
        self._send(names.RESPONSES, answer, done)
        return Progress(tuple(done), "", True)

    # --- the one-time secret ---------------------------------------------------------------------

    def _consumed(self) -> bool:
        return (self._folder / CONSUMED).exists()

    def _consume(self) -> None:
        """u_i is spent from here on: the mark first, then the secret itself goes; both durably."""
        self._write(CONSUMED, encode(Consumed(self._request.digest, self._share.index)))
        self._keep.destroy()

    # --- complaints ------------------------------------------------------------------------------

    def _heed(self) -> None:
        """Stop if anybody complained; this guardian's part is then over, with nothing to add."""
        culprits: list[int] = []
        reasons: list[str] = []
        for index in self._request.guardians:
            name = from_guardian(names.COMPLAINTS, index)
            if not self._exchange.has(name):
                continue
            complaint = self._exchange.message(Complaint, name, index)
            if complaint.request != self._request.digest:
                continue
            accused = complaint.culprits
            sound = index not in accused and all(each in self._request.guardians for each in accused)
            culprits.extend(accused if sound else (index,))
            reasons.append(f"guardian {index} complains: {complaint.reason}")
        if reasons:
            self._consume()
            raise DecryptionError("; ".join(reasons), tuple(culprits))

    def _complain(self, error: DecryptionError) -> None:
        """Tell everybody, and end this guardian's part: its one-time secret is destroyed unused."""
        self._consume()
        name = from_guardian(names.COMPLAINTS, self._share.index)
        if not self._exchange.has(name):
            reason = error.message.encode("utf-8")[:MAX_TEXT_BYTES].decode("utf-8", errors="ignore")
            culprits = tuple(each for each in error.culprits if each != self._share.index)
            self._exchange.send(name, Complaint(self._share.index, self._request.digest, culprits, reason))

    # --- files -----------------------------------------------------------------------------------

    def _send(self, folder: str, message: object, done: list[str]) -> None:
        name = from_guardian(folder, self._share.index)
        if not self._exchange.has(name):
            done.append(f"sent {name}")
        self._exchange.send(name, message)

    def _refuse_if_sent(self, folder: str) -> None:
        """A message that this machine must have sent and does not know of: its memory is an old copy."""
        if self._exchange.has(from_guardian(folder, self._share.index)):
            raise RefusedError(
                f"the exchange folder has {folder} of this guardian already, which its own machine does not "
                "know: it was restored from a copy; hold a new session under another number"
            )

    def _missing(self, folder: str) -> tuple[int, ...]:
        return self._exchange.missing(folder, self._request.guardians)

    def _load(self) -> State:
        return decode(
            State,
            self._keep.load().reveal(),
            element_bytes=self._request.election.group.element_bytes,
            limit=2 * MAX_FRAME_BYTES,
        )

    def _save(self, stage: Stage, memory: Secret[bytes]) -> None:
        self._keep.save(Secret(encode(State(stage, memory.reveal()))))

    def _write(self, name: str, data: bytes) -> None:
        write_atomic(self._folder / name, data, mode=0o600)


def _waiting(done: list[str], what: str, missing: tuple[int, ...]) -> Progress:
    who = ", ".join(map(str, missing))
    whose = f"guardian {who}" if len(missing) == 1 else f"guardians {who}"
    return Progress(tuple(done), f"{what} of {whose}", False)

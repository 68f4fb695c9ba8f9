"""The log of requests to decrypt as the office keeps it, and its key (rule A51).

===================  ==================================================================================
``requests.sealed``  the seed of the key that signs the log's heads
``requests/``        the entries as they are stored, frames of :class:`evote.decryption.RequestFrame`
``requests.txt``     the newest signed head, with the cosignatures that came so far
===================  ==================================================================================

Rules: an entry is on the disk before a head that covers it is signed, and entries only come behind; a request
that overlaps with an earlier one is refused here already, where it is a mistake; guardians refuse it anyway.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from evote.ballots import Election
from evote.board.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from evote.board.cosignature import cosignatures
from evote.board.log import request_for
from evote.board.note import Note, NoteSignature
from evote.board.witness import MAX_REQUEST_BYTES, Request
from evote.codec import decode, encode
from evote.decryption import (
    DecryptionRequest,
    RequestEntry,
    RequestFrame,
    RequestFrameKind,
    RequestLog,
    ShownRequests,
)
from evote.decryption.requestlog import MAX_REQUEST_ENTRY, entry_of, overlap, stored
from evote.errors import RefusedError, StorageError, VerificationError
from evote.guardian import Exchange
from evote.guardian.exchange import requests_name
from evote.record.files import read_limited, write_atomic
from evote.record.segments import SegmentWriter, read_frames, recover
from evote.secret import Secret
from evote.signing import SigningKey, prove_possession
from evote.storage.keep import Keep

KEY: Final = "requests.sealed"
ENTRIES: Final = "requests"
HEAD: Final = "requests.txt"


def new_request_log(
    salt: bytes, origin: str, witnesses: str, private: Path, passphrase: Secret[str], out: Path
) -> None:
    """Draw the log's key into ``private`` and write the draft's member ``requests`` to ``out``.

    Raises :class:`RefusedError` if key or declaration are there already.
    """
    if out.exists() or (private / KEY).exists():
        raise RefusedError(f"{out} or a key in {private} exists; every election has keys of its own")
    try:
        private.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{private}: {error.strerror}; choose another folder") from error
    key = SigningKey.generate()
    Keep(private / KEY, passphrase).save(key.seed())
    content = {
        "key": key.verify_key.encoded.hex(),
        "possession": prove_possession(key, salt=salt, origin=origin).hex(),
        "origin": origin,
        "witnesses": witnesses,
    }
    write_atomic(out, json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n")


class OfficeRequests:
    """The log in the office's private ``folder``; its files are made with the first entry."""

    def __init__(self, election: Election, folder: Path) -> None:
        declared = election.manifest.requests
        if declared is None:
            raise RefusedError("the manifest declares no log of requests")
        self._folder = folder
        self._stored: list[bytes] = []
        self.log = RequestLog(declared, election.extended_hash)
        if (folder / ENTRIES).is_dir():
            limit = MAX_REQUEST_ENTRY + 1024
            recover(folder / ENTRIES, limit=limit)
            for _, frame in read_frames(folder / ENTRIES, limit=limit):
                self._keep(decode(RequestFrame, frame, element_bytes=0, limit=limit).body)

    def add(self, request: DecryptionRequest) -> RequestEntry:
        """Enter a request; one that stands there already is not entered again.

        Raises :class:`RefusedError` for one that overlaps with an entry.
        """
        entry = entry_of(request)
        if entry in self.log.entries:
            return entry
        for number, other in enumerate(self.log.entries):
            reason = overlap(entry, other)
            if reason:
                raise RefusedError(
                    f"the request overlaps with entry {number} of the log of requests: {reason}"
                )
        data = stored(entry)
        frame = RequestFrame(RequestFrameKind.ENTRY, data)
        with SegmentWriter(self._folder / ENTRIES) as entries:
            entries.append(encode(frame))
            entries.sync()
        self._keep(data)
        return entry

    def _keep(self, data: bytes) -> None:
        self.log.add(data)
        self._stored.append(data)

    # --- heads -------------------------------------------------------------------------------------

    def key(self, passphrase: Secret[str]) -> SigningKey:
        """The log's key; raises :class:`StorageError`, and :class:`RefusedError` for another key."""
        key = SigningKey.from_seed(Keep(self._folder / KEY, passphrase).load())
        if key.verify_key.encoded != self.log.declared.log.key:
            raise RefusedError(f"{self._folder / KEY} is not the key that the manifest declares")
        return key

    def head(self, key: SigningKey) -> Note:
        """The signed head over all entries, kept with its cosignatures.

        Raises :class:`RefusedError` where a head was signed over entries that are gone.
        """
        held = self.held()
        if held is not None:
            checkpoint = open_checkpoint(held, self.log.key)
            tree = self.log.tree
            if checkpoint.size > tree.size or tree.root(checkpoint.size) != checkpoint.root:
                raise RefusedError(
                    f"{self._folder / ENTRIES} lacks entries that a signed head covers; put an intact copy "
                    "back"
                )
            if checkpoint.size == tree.size:
                return held
        note = sign_checkpoint(Checkpoint.of_tree(self.log.declared.log.origin, self.log.tree), key)
        write_atomic(self._folder / HEAD, note.encode())
        return note

    def held(self) -> Note | None:
        """The newest signed head, None before the first."""
        path = self._folder / HEAD
        return Note.parse(read_limited(path, MAX_REQUEST_BYTES)) if path.exists() else None

    def request(self, since: int) -> Request:
        """What a witness is asked that saw ``since`` entries last; :class:`RefusedError` before a head."""
        held = self.held()
        if held is None:
            raise RefusedError("no head of the log of requests is signed yet")
        return request_for(self.log.tree, since, held)

    def cosign(self, lines: Iterable[NoteSignature]) -> Note:
        """Keep the answers of witnesses; the head with all of them.

        Raises :class:`RefusedError` before there is a head, :class:`VerificationError` for a line that is no
        cosignature of the policy's witnesses under it; nothing is kept then.
        """
        held, policy = self.held(), self.log.policy
        if held is None:
            raise RefusedError("no head of the log of requests is signed yet")
        lines = tuple(lines)
        for line in lines:
            if not any(line.is_of(key) for key in policy.keys):
                raise VerificationError(f"{line.name} is no witness of the manifest", where="cosignature")
        note = held.having(*lines)
        cosignatures(note, policy.keys)
        write_atomic(self._folder / HEAD, note.encode())
        return note

    # --- for others --------------------------------------------------------------------------------

    def shown(self) -> ShownRequests:
        """The whole log under a head that is cosigned as the manifest demands.

        Raises :class:`RefusedError` before there is a head over all entries, and
        :class:`VerificationError` while cosignatures are missing.
        """
        held = self.held()
        if held is None or open_checkpoint(held, self.log.key).size != self.log.tree.size:
            raise RefusedError("the head over all requests is not signed yet")
        self.log.verify(held)
        return ShownRequests(tuple(self._stored), held.encode())

    def show(self, exchange: Exchange) -> int:
        """Put the log where guardians read it; how many entries it has. Errors as :meth:`shown`."""
        shown = self.shown()
        name = requests_name(len(shown.entries))
        if not exchange.has(name):  # later cosignatures change nothing of what it says
            exchange.send(name, shown)
        return len(shown.entries)

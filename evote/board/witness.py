"""What a witness does: one head per log, and a cosignature only for what continues it (C2SP tlog-witness).

A request is the text that tlog-witness sends to ``add-checkpoint``::

    old <size that the witness saw last>
    <consistency proof from there, one hash per line>

    <the new checkpoint with the log's signature>

:func:`consider` decides, and says what to remember. Keeping it, and signing afterwards, is for the
caller (:mod:`evote.storage.witness` does it with files); the transport is for others too.

Rules:

* The head to remember is on the disk before the cosignature exists: a witness that forgets is one
  that a log can tell two stories.
* A smaller head is refused. The same head is cosigned again, with a fresh time. The clock is an
  argument and does not go back.
* Two heads of one size with different roots are no refusal but evidence, whatever the request says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.cosignature import cosign
from evote.board.lines import MAX_NUMBER, decode64, decode_number, encode64
from evote.board.note import MAX_NOTE_BYTES, Note, NoteKey, NoteSignature
from evote.board.splitview import SplitView
from evote.errors import DecodeError, RefusedError, VerificationError
from evote.merkle import HASH_BYTES, verify_consistency

if TYPE_CHECKING:
    from evote.signing import SigningKey

MAX_REQUEST_BYTES: Final = MAX_NOTE_BYTES + 4096
MAX_PROOF_LINES: Final = 63


class StaleRequestError(RefusedError):
    """The proof does not start at the head that the witness has: ask again with one from ``size``."""

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"the witness has seen {size} leaves; send a consistency proof from there")

    def __reduce__(self) -> tuple[type[StaleRequestError], tuple[int]]:
        return type(self), (self.size,)


@dataclass(frozen=True, slots=True)
class Request:
    """A head to be cosigned, with the proof that it continues the one of ``old`` leaves.

    Raises ``ValueError`` for a size outside 0 to 2^63 - 1, more than 63 hashes, and one that has not
    32 bytes.
    """

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def __post_init__(self) -> None:
        if not 0 <= self.old <= MAX_NUMBER:
            raise ValueError(f"no log has {self.old} leaves")
        if len(self.proof) > MAX_PROOF_LINES or any(len(each) != HASH_BYTES for each in self.proof):
            raise ValueError(f"a proof has at most {MAX_PROOF_LINES} hashes of 32 bytes")

    def encode(self) -> bytes:
        """The body of ``add-checkpoint``."""
        lines = (f"old {self.old}", *map(encode64, self.proof), "", "")
        return "\n".join(lines).encode("ascii") + self.note.encode()

    @classmethod
    def parse(cls, data: bytes) -> Request:
        """The request of these bytes; :class:`DecodeError` for anything else than its one form."""
        if len(data) > MAX_REQUEST_BYTES:
            raise DecodeError(f"{len(data)} bytes are more than a request has", "request")
        head, separator, note = data.partition(b"\n\n")
        if not separator:
            raise DecodeError("no empty line parts the proof from the checkpoint", "request")
        try:
            first, *proof = head.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            raise DecodeError("a request is UTF-8 text", "request") from None
        if not first.startswith("old "):
            raise DecodeError("a request starts with the old size", "request")
        old = decode_number(first.removeprefix("old "), "old size")
        hashes = tuple(decode64(line, f"proof[{at}]", HASH_BYTES) for at, line in enumerate(proof))
        parsed = Note.parse(note)
        Checkpoint.parse(parsed.text)
        try:
            return cls(old, hashes, parsed)
        except ValueError as error:
            raise DecodeError(str(error), "request") from None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a witness knows of one log: its last head, with the log's signature, and when it cosigned it."""

    head: Note
    time: int


@dataclass(frozen=True, slots=True)
class Advance:
    """A head that may be cosigned, once ``remember`` is kept."""

    checkpoint: Checkpoint
    remember: Remembered

    def cosign(self, name: str, key: SigningKey) -> NoteSignature:
        """The signature line, with the time that is remembered. Only after ``remember`` is on the disk."""
        return cosign(self.checkpoint, name, key, self.remember.time)


def consider(log: NoteKey, last: Remembered | None, request: Request, now: int) -> Advance | SplitView:
    """What a witness of ``log`` that remembers ``last`` (None at first) does with a request.

    ``now`` is in seconds since 1970, at least 1 (``ValueError``). The head to remember and sign, or the
    evidence that the log shows two views. Raises, and then nothing changes:

    * :class:`DecodeError`: the note is no checkpoint of the accepted form;
    * :class:`VerificationError`: another log's, not signed by the log, or not consistent;
    * :class:`StaleRequestError`: the proof starts at another size than that of the last head;
    * :class:`RefusedError`: the head is smaller than its proof's start, or the clock went back.
    """
    if not 1 <= now <= MAX_NUMBER:
        raise ValueError(f"no cosignature is made at the time {now}")
    new = open_checkpoint(request.note, log)
    note = request.note.of_key(log)
    old = None if last is None else open_checkpoint(last.head, log)
    if old is not None and last is not None and new.size == old.size and new.root != old.root:
        return SplitView.of(last.head, note, log)
    seen = 0 if old is None else old.size
    if request.old > new.size:
        raise RefusedError(f"a head of {new.size} leaves does not continue one of {request.old}")
    if request.old != seen:
        raise StaleRequestError(seen)
    if last is not None and now < last.time:
        raise RefusedError("the clock went back since the last cosignature; set it right and ask again")
    _check_continues(old, new, request.proof)
    return Advance(new, Remembered(note, now))


def _check_continues(old: Checkpoint | None, new: Checkpoint, proof: tuple[bytes, ...]) -> None:
    """That the new head starts with the leaves of the old one; the empty log needs no proof for it."""
    if old is not None and old.size:
        verify_consistency(old.size, new.size, proof, old_root=old.root, new_root=new.root)
    elif proof:
        raise VerificationError(
            "every log continues the empty one, without a proof",
            where="proof",
            expected="no hashes",
            computed=f"{len(proof)} hashes",
        )

"""Cosignatures: a witness says that it saw a head, and when (C2SP tlog-cosignature, cosignature/v1).

The signature in the note line is the time, 8 big-endian bytes of seconds since 1970, followed by the
Ed25519 signature of::

    cosignature/v1
    time <seconds>
    <the whole text of the checkpoint>

What it says: at that time, this was the largest consistent head of the log that the witness had
seen. What is left out: ML-DSA-44 cosignatures, which are 2.4 kB each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evote.board.checkpoint import Checkpoint
from evote.board.lines import MAX_NUMBER
from evote.board.note import COSIGNED_HEADER, KeyKind, Note, NoteKey, NoteSignature
from evote.errors import DecodeError, VerificationError
from evote.signing import SIGNATURE_BYTES

if TYPE_CHECKING:
    from evote.signing import SigningKey

TIME_BYTES: Final = 8
COSIGNATURE_BYTES: Final = TIME_BYTES + SIGNATURE_BYTES


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A verified one: ``witness`` saw the head at ``time``, in seconds since 1970."""

    witness: NoteKey
    time: int


def cosigned_bytes(checkpoint: Checkpoint, time: int) -> bytes:
    """What a witness signs. Requires ``1 <= time < 2^63`` (``ValueError``)."""
    if not 1 <= time <= MAX_NUMBER:
        raise ValueError(f"no cosignature is made at the time {time}")
    return COSIGNED_HEADER + f"time {time}\n{checkpoint.text}".encode()


def cosign(checkpoint: Checkpoint, name: str, key: SigningKey, time: int) -> NoteSignature:
    """The signature line of the witness called ``name``. Raises ``ValueError`` as its parts do.

    That the head is consistent with all the witness saw before is decided by
    :func:`evote.board.witness.consider`; nobody else calls this.
    """
    public = NoteKey(name, KeyKind.COSIGNATURE, key.verify_key)
    signature = key.sign_note(cosigned_bytes(checkpoint, time))
    return NoteSignature(name, public.key_id, time.to_bytes(TIME_BYTES, "big") + signature)


def verify_cosignature(checkpoint: Checkpoint, line: NoteSignature, witness: NoteKey) -> Cosignature:
    """That the line is a cosignature of ``witness``, a key of type 04, under this checkpoint.

    Raises :class:`VerificationError` if it is not, ``ValueError`` for a key of another type.
    """
    if witness.kind is not KeyKind.COSIGNATURE:
        raise ValueError(f"{witness.name} is no key for cosignatures")
    where = f"cosignature of {witness.name}"
    if not line.is_of(witness):
        raise VerificationError(
            "the line is of another key", where=where, expected=str(witness), computed=line.name
        )
    if len(line.signature) != COSIGNATURE_BYTES:
        raise VerificationError(
            "a cosignature has a time and a signature",
            where=where,
            expected=f"{COSIGNATURE_BYTES} bytes",
            computed=f"{len(line.signature)} bytes",
        )
    time = int.from_bytes(line.signature[:TIME_BYTES], "big")
    if not 1 <= time <= MAX_NUMBER:
        raise VerificationError(
            "no cosignature is made at this time", where=where, expected="1 to 2^63 - 1", computed=f"{time}"
        )
    try:
        witness.key.verify_note(cosigned_bytes(checkpoint, time), line.signature[TIME_BYTES:])
    except VerificationError as error:
        raise VerificationError(
            error.message, where=where, expected=error.expected, computed=error.computed
        ) from error
    return Cosignature(witness, time)


def cosignatures(note: Note, witnesses: tuple[NoteKey, ...]) -> tuple[Cosignature, ...]:
    """The cosignatures of known witnesses under a checkpoint, in the order of ``witnesses``.

    Of several by one witness the latest stands. Lines of others are ignored. Raises
    :class:`DecodeError` for a note that is no checkpoint, :class:`VerificationError` if a line of a known
    witness does not verify: such a note is wrong as a whole.
    """
    checkpoint = Checkpoint.parse(note.text)
    found = []
    for witness in witnesses:
        seen = [
            verify_cosignature(checkpoint, line, witness) for line in note.signatures if line.is_of(witness)
        ]
        if seen:
            found.append(max(seen, key=lambda each: each.time))
    return tuple(found)


def parse_cosignatures(text: str) -> tuple[NoteSignature, ...]:
    """The answer of a witness: one or more signature lines, each with its newline.

    Raises :class:`DecodeError` for anything else.
    """
    if not text.endswith("\n"):
        raise DecodeError("signature lines end with a newline", "cosignatures")
    lines = text[:-1].split("\n")
    return tuple(NoteSignature.parse(line, f"cosignatures[{at}]") for at, line in enumerate(lines))

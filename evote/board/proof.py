"""Proofs that a leaf is in a log: the text form of C2SP tlog-proof v1, and a compact one.

::

    c2sp.org/tlog-proof@v1
    extra <base 64>              (only if there is extra data)
    index <place of the leaf>
    <one hash per line, from the leaf's sibling up>

    <the checkpoint with its signatures>

The compact form is for codes that are printed; it leaves out what the reader knows, the names of
log and witnesses, and everything that nobody could check, extra data and signatures of strangers::

    01 || index (8 bytes) || size (8 bytes) || root (32 bytes) || path (32 bytes each)
       || for each signature: key ID (4 bytes) || signature (64 bytes of a log, 72 of a witness)

Numbers are big-endian. How long the path is follows from index and size, how long a signature is from
the key. The first signature is that of the log; those of the witnesses follow, by key ID, one each.

Rules: extra data is carried and never looked at; a proof is believed only after
:meth:`LogProof.verify` or :meth:`LogProof.verify_included`, for a leaf that the caller computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.cosignature import COSIGNATURE_BYTES, cosignatures
from evote.board.lines import MAX_NUMBER, decode64, decode_number, encode64
from evote.board.note import KEY_ID_BYTES, MAX_NOTE_BYTES, KeyKind, Note, NoteKey, NoteSignature
from evote.board.policy import Policy, WitnessedHead
from evote.errors import DecodeError
from evote.merkle import HASH_BYTES, inclusion_length, verify_inclusion
from evote.signing import SIGNATURE_BYTES

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_EXTRA_BYTES: Final = 64 * 1024
MAX_PROOF_BYTES: Final = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES

_COMPACT: Final = b"\x01"
_NUMBER_BYTES = 8
_SIZES = {KeyKind.ED25519: SIGNATURE_BYTES, KeyKind.COSIGNATURE: COSIGNATURE_BYTES}


@dataclass(frozen=True, slots=True)
class LogProof:
    """A leaf's place, its path, and the checkpoint that the path leads to; nothing of it is verified.

    Raises ``ValueError`` for an index outside 0 to 2^63 - 1, more than 63 hashes or one that has not 32
    bytes, and more than 64 kB of extra data.
    """

    index: int
    path: tuple[bytes, ...]
    note: Note
    extra: bytes = b""
    """Whatever somebody put there. Nothing authenticates it."""

    def __post_init__(self) -> None:
        if not 0 <= self.index <= MAX_NUMBER:
            raise ValueError(f"no leaf has the index {self.index}")
        if len(self.path) > 63 or any(len(each) != HASH_BYTES for each in self.path):
            raise ValueError("a path has at most 63 hashes of 32 bytes")
        if len(self.extra) > MAX_EXTRA_BYTES:
            raise ValueError(f"a proof carries at most {MAX_EXTRA_BYTES} bytes of extra data")

    def encode(self) -> bytes:
        """The text form."""
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {encode64(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(map(encode64, self.path))
        return "\n".join((*lines, "", "")).encode("utf-8") + self.note.encode()

    @classmethod
    def parse(cls, data: bytes) -> LogProof:
        """The proof of a text; :class:`DecodeError` for anything else than its one form."""
        if len(data) > MAX_PROOF_BYTES:
            raise DecodeError(f"{len(data)} bytes are more than a proof has", "proof")
        head, separator, note = data.partition(b"\n\n")
        if not separator:
            raise DecodeError("no empty line parts the path from the checkpoint", "proof")
        try:
            lines = head.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            raise DecodeError("a proof is UTF-8 text", "proof") from None
        if lines.pop(0) != HEADER:
            raise DecodeError(f"a proof starts with the line {HEADER}", "proof")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = decode64(lines.pop(0).removeprefix("extra "), "extra")
            if not extra:
                raise DecodeError("a line of extra data without data is left out", "extra")
        if not lines or not lines[0].startswith("index "):
            raise DecodeError("the index line is absent or not in its place", "proof")
        index = decode_number(lines.pop(0).removeprefix("index "), "index")
        path = tuple(decode64(line, f"path[{at}]", HASH_BYTES) for at, line in enumerate(lines))
        parsed = Note.parse(note)
        Checkpoint.parse(parsed.text)
        try:
            return cls(index, path, parsed, extra)
        except ValueError as error:
            raise DecodeError(str(error), "proof") from None

    def verify_included(self, leaf: bytes, log: NoteKey) -> Checkpoint:
        """The checkpoint that ``log`` signed and that has the leaf hash ``leaf`` at ``index``.

        Witnesses are not asked: enough for the head of a unit's log, which is itself a leaf of a
        witnessed log, and for nothing else. Raises :class:`DecodeError` or :class:`VerificationError`.
        """
        checkpoint = open_checkpoint(self.note, log)
        self._check(leaf, checkpoint)
        return checkpoint

    def verify(self, leaf: bytes, log: NoteKey, policy: Policy) -> WitnessedHead:
        """The head that ``log`` signed, ``policy`` believes, and that has ``leaf`` at ``index``.

        Raises :class:`DecodeError` or :class:`VerificationError`.
        """
        head = policy.verify(self.note, log)
        self._check(leaf, head.checkpoint)
        return head

    def _check(self, leaf: bytes, checkpoint: Checkpoint) -> None:
        verify_inclusion(leaf, self.index, checkpoint.size, self.path, checkpoint.root)

    def pack(self, log: NoteKey, witnesses: Sequence[NoteKey] = ()) -> bytes:
        """The compact form, with the signatures of these keys; of several by one witness, the latest.

        Raises :class:`VerificationError` if the log's is absent or one of them does not verify,
        ``ValueError`` if two keys share a key ID or the path has not the length that it must have.
        """
        _distinct(log, witnesses)
        checkpoint = open_checkpoint(self.note, log)
        if self.index >= checkpoint.size or len(self.path) != inclusion_length(self.index, checkpoint.size):
            raise ValueError("the path does not belong to this place in a tree of this size")
        latest = {each.witness: each.time for each in cosignatures(self.note, tuple(witnesses))}
        lines = [next(line for line in self.note.signatures if line.is_of(log))]
        for witness, time in sorted(latest.items(), key=lambda item: item[0].key_id):
            stamp = time.to_bytes(_NUMBER_BYTES, "big")
            lines.append(
                next(
                    line
                    for line in self.note.signatures
                    if line.is_of(witness) and line.signature.startswith(stamp)
                )
            )
        return b"".join(
            (
                _COMPACT,
                self.index.to_bytes(_NUMBER_BYTES, "big"),
                checkpoint.size.to_bytes(_NUMBER_BYTES, "big"),
                checkpoint.root,
                *self.path,
                *(line.key_id + line.signature for line in lines),
            )
        )

    @classmethod
    def unpack(cls, data: bytes, log: NoteKey, witnesses: Sequence[NoteKey] = ()) -> LogProof:
        """The proof of a compact form; its checkpoint is one of ``log``, and nothing is verified yet.

        Raises :class:`DecodeError` for anything else than the one form and for signatures of other keys,
        ``ValueError`` if two keys share a key ID.
        """
        _distinct(log, witnesses)
        source = _Bytes(data)
        if source.take(1, "form") != _COMPACT:
            raise DecodeError("this is no compact proof of a known form", "form")
        index, size = source.number("index"), source.number("size")
        root = source.take(HASH_BYTES, "root")
        if index >= size:
            raise DecodeError(f"a tree of {size} leaves has no leaf {index}", "index")
        path = tuple(source.take(HASH_BYTES, "path") for _ in range(inclusion_length(index, size)))
        lines = [source.signature(log)]
        known = {key.key_id: key for key in witnesses}
        while source.rest:
            key = known.get(source.peek(KEY_ID_BYTES))
            if key is None:
                raise DecodeError("a signature is of a key that is not known", "signatures")
            lines.append(source.signature(key))
        ids = [line.key_id for line in lines[1:]]
        if any(after <= before for before, after in pairwise(ids)):
            raise DecodeError("the cosignatures do not stand in the order of their keys", "signatures")
        try:
            return cls(index, path, Note(Checkpoint(log.name, size, root).text, tuple(lines)))
        except ValueError as error:
            raise DecodeError(str(error), "proof") from None


class _Bytes:
    """Compact bytes, read from the front."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def peek(self, size: int) -> bytes:
        return self.rest[:size]

    def take(self, size: int, where: str) -> bytes:
        if len(self.rest) < size:
            raise DecodeError("the proof ends too early", where)
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def number(self, where: str) -> int:
        value = int.from_bytes(self.take(_NUMBER_BYTES, where), "big")
        if value > MAX_NUMBER:
            raise DecodeError("a number below 2^63 is wanted here", where)
        return value

    def signature(self, key: NoteKey) -> NoteSignature:
        key_id = self.take(KEY_ID_BYTES, "signatures")
        if key_id != key.key_id:
            raise DecodeError(f"a signature of {key.name} is wanted here", "signatures")
        return NoteSignature(key.name, key_id, self.take(_SIZES[key.kind], "signatures"))


def _distinct(log: NoteKey, witnesses: Sequence[NoteKey]) -> None:
    if log.kind is not KeyKind.ED25519 or any(key.kind is not KeyKind.COSIGNATURE for key in witnesses):
        raise ValueError("a compact proof has one key of type 01, the log's, and witnesses of type 04")
    if len({key.key_id for key in (log, *witnesses)}) != 1 + len(witnesses):
        raise ValueError("two of the keys share a key ID; use the text form")

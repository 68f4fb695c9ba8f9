"""A witness's folder: its sealed key, and one remembered head per log.

====================  ================================================================================
``witness.vkey``      the public key, as policies name it
``witness.sealed``    the seed of the key, under a passphrase
``heads.msgpack``     the logs that are witnessed, each with its last head and the time of the cosignature
``evidence/``         what proves that a log showed two views (:mod:`evote.board.splitview`)
====================  ================================================================================

Rules: a head is on the disk before its cosignature is made; without ``heads.msgpack`` nothing is
signed, because a witness that has lost its memory could sign a second history. A folder that is
brought back from an older copy has lost memory too, and cannot know it: a witness whose disk was
restored gets a new key.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from evote.board.checkpoint import Checkpoint
from evote.board.note import KeyKind, Note, NoteKey, NoteSignature
from evote.board.splitview import SplitView
from evote.board.witness import Advance, Remembered, Request, consider
from evote.codec import AtMost, Between, Count, Digest, Label, decode, encode
from evote.errors import DecodeError, RefusedError, StorageError
from evote.hashing import tagged
from evote.record.files import Lock, read_limited, sentences, write_atomic
from evote.secret import Secret
from evote.signing import SigningKey, VerifyKey
from evote.storage.keep import Keep

VKEY: Final = "witness.vkey"
SEALED: Final = "witness.sealed"
HEADS: Final = "heads.msgpack"
EVIDENCE: Final = "evidence"

MAX_LOGS: Final = 10_000
_MAX_VKEY_BYTES = 4096
_MAX_HEADS_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LogHead:
    """A witnessed log; ``note`` is empty and ``time`` 0 before its first head."""

    origin: Label
    key: Digest
    note: Annotated[bytes, AtMost(4096)]
    time: Count


@dataclass(frozen=True, slots=True)
class Heads:
    """The memory of a witness, in the order of the origins."""

    format: Annotated[int, Between(1, 1)]
    logs: Annotated[tuple[LogHead, ...], AtMost(MAX_LOGS)]


@dataclass(frozen=True, slots=True)
class WitnessedLog:
    """A log and what is remembered of it."""

    key: NoteKey
    last: Remembered | None

    @property
    def size(self) -> int:
        """Leaves of the last head, 0 before the first."""
        return 0 if self.last is None else Checkpoint.parse(self.last.head.text).size


class WitnessFolder:
    """The folder at ``root``; raises :class:`StorageError` if it is none."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            text = read_limited(root / VKEY, _MAX_VKEY_BYTES).decode("utf-8")
            self.key = NoteKey.parse(text.removesuffix("\n"))
        except (UnicodeDecodeError, DecodeError) as error:
            raise StorageError(f"{root / VKEY} holds no verifier key ({error}); restore it") from None
        if self.key.kind is not KeyKind.COSIGNATURE:
            raise StorageError(f"{root / VKEY} holds no key for cosignatures; restore it")

    @classmethod
    def make(cls, root: Path, name: str, passphrase: Secret[str]) -> WitnessFolder:
        """A new witness called ``name`` with a fresh key, in a folder that is not there yet or empty.

        Raises ``ValueError`` for a name that is no key name, :class:`RefusedError` for a folder with
        something in it, :class:`StorageError`.
        """
        key = SigningKey.generate()
        public = NoteKey(name, KeyKind.COSIGNATURE, key.verify_key)
        with sentences(root, "written"):
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(root.iterdir()):
                raise RefusedError(f"{root} is not empty; a new witness gets a new folder")
        _save(root, Heads(1, ()))
        Keep(root / SEALED, passphrase, kind=SEALED).save(key.seed())
        write_atomic(root / VKEY, f"{public}\n".encode())
        return cls(root)

    def signing_key(self, passphrase: Secret[str]) -> SigningKey:
        """The secret key; raises :class:`StorageError` for a wrong passphrase or another folder's key."""
        key = SigningKey.from_seed(Keep(self.root / SEALED, passphrase, kind=SEALED).load())
        if key.verify_key != self.key.key:
            raise StorageError(f"{self.root / SEALED} is not the key of {VKEY}; put the right file back")
        return key

    def logs(self) -> tuple[WitnessedLog, ...]:
        """The witnessed logs in the order of their origins; raises :class:`StorageError`."""
        return tuple(_read_log(entry) for entry in self._load().logs)

    def trust(self, log: NoteKey) -> None:
        """Witness a log from now on.

        Raises :class:`RefusedError` for an origin that has a key here, for a key that is no log's and for
        the witness's own.
        """
        if log.kind is not KeyKind.ED25519 or log.key == self.key.key:
            raise RefusedError(f"{log.name}: this is not the key of a log (type 01, and not the witness's)")
        with Lock(self.root):
            heads = self._load()
            if any(entry.origin == log.name for entry in heads.logs):
                raise RefusedError(f"{log.name} is witnessed already; its key is never replaced")
            added = (*heads.logs, LogHead(log.name, log.key.encoded, b"", 0))
            _save(self.root, Heads(1, tuple(sorted(added, key=lambda entry: entry.origin))))

    def cosign(self, request: Request, signer: SigningKey, now: int) -> NoteSignature | Path:
        """The cosignature that a request asks for; or the file of the evidence that its log shows two views.

        ``signer`` is :meth:`signing_key`, ``now`` in seconds since 1970. Raises what
        :func:`evote.board.witness.consider` does, :class:`RefusedError` for a log that is not witnessed, and
        :class:`StorageError`; then nothing is signed.
        """
        if signer.verify_key != self.key.key:
            raise ValueError("this is not the key of the witness")
        origin = Checkpoint.parse(request.note.text).origin
        with Lock(self.root):
            heads = self._load()
            entry = next((each for each in heads.logs if each.origin == origin), None)
            if entry is None:
                raise RefusedError(f"{origin} is no log of this witness; add its key first")
            log = _read_log(entry)
            outcome = consider(log.key, log.last, request, now)
            if isinstance(outcome, SplitView):
                return self._keep(outcome)
            _save(self.root, _with(heads, entry, outcome))
        return outcome.cosign(self.key.name, signer)

    def _keep(self, evidence: SplitView) -> Path:
        data = evidence.encode()
        folder = self.root / EVIDENCE
        with sentences(folder, "written"):
            folder.mkdir(mode=0o700, exist_ok=True)
        file = folder / f"{tagged('evote/v1/split-view', data).hex()[:32]}.msgpack"
        write_atomic(file, data)
        return file

    def _load(self) -> Heads:
        file = self.root / HEADS
        if not file.exists():
            raise StorageError(
                f"{file} is gone, and with it what this witness has signed; make a new witness with a new key"
            )
        try:
            return decode(Heads, read_limited(file, _MAX_HEADS_BYTES), element_bytes=0)
        except DecodeError as error:
            raise StorageError(f"{file} is damaged ({error}); make a new witness with a new key") from None


def _with(heads: Heads, entry: LogHead, advance: Advance) -> Heads:
    """The memory after ``advance``."""
    new = LogHead(entry.origin, entry.key, advance.remember.head.encode(), advance.remember.time)
    return Heads(1, tuple(new if each is entry else each for each in heads.logs))


def _read_log(entry: LogHead) -> WitnessedLog:
    try:
        key = NoteKey(entry.origin, KeyKind.ED25519, VerifyKey(entry.key))
        last = Remembered(Note.parse(entry.note), entry.time) if entry.note else None
    except (DecodeError, ValueError) as error:
        raise StorageError(f"{HEADS} is damaged ({error}); make a new witness with a new key") from None
    return WitnessedLog(key, last)


def _save(root: Path, heads: Heads) -> None:
    write_atomic(root / HEADS, encode(heads), mode=0o600)

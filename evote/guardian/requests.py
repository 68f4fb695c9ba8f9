"""What a guardian knows of the log of requests, and what it does with the next view of it (rule A51).

::

    requests.seen        the largest head of the log that this guardian has seen
    evidence/…           two heads that the log signed and that contradict each other

The log is shown whole, so that a guardian follows it from its first entry: its head is signed and cosigned as
the manifest demands, it begins with what was seen before, the request stands on it, and nothing on it
overlaps with the request. A head is on the disk before anything that depends on it leaves.

Refused: a log that is shorter than before (a rollback), one that is not a continuation (a fork; where both
heads have one size, they are kept as evidence that convicts the log's key), and a memory that is gone
although the ledger names a head.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from evote.board.checkpoint import open_checkpoint
from evote.board.note import Note
from evote.board.splitview import SplitView
from evote.codec import AtMost, Between, decode, encode
from evote.decryption import DecryptionRequest, RequestLog
from evote.errors import DecodeError, RefusedError, StorageError
from evote.hashing import tagged
from evote.record.files import read_limited, sentences, write_atomic
from evote.tally import ClosingHead

SEEN = "requests.seen"
EVIDENCE = "evidence"

_MAX_SEEN_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class SeenHead:
    """A signed note, as it was seen last."""

    format: Annotated[int, Between(1, 1)]
    note: Annotated[bytes, AtMost(64 * 1024)]


class SeenRequests:
    """The memory in a guardian's private ``folder``; for one program at a time.

    ``known`` is the largest head that the ledger names, None if it names none.
    """

    def __init__(self, folder: Path, known: ClosingHead | None) -> None:
        self._path = folder / SEEN
        self._evidence = folder / EVIDENCE
        self._known = known

    def require(self, log: RequestLog, note: Note, request: DecryptionRequest) -> ClosingHead:
        """That the request may be answered, as far as the log goes; the head that was seen, which is kept.

        ``log`` has all entries that are shown, ``note`` is their head. Raises
        :class:`~evote.errors.VerificationError` for a head that is not that of the entries, not signed, or
        not witnessed, :class:`RefusedError` for a rollback, a fork, a request that is not there, and for an
        overlap, :class:`StorageError` for a memory that is lost or damaged.
        """
        head = log.verify(note)
        self._follow(log, note)
        write_atomic(self._path, encode(SeenHead(1, note.encode())), mode=0o600)
        log.require(request)
        return ClosingHead(head.size, head.root)

    def _follow(self, log: RequestLog, note: Note) -> None:
        """Refuse what does not continue what was seen."""
        held = self._held(log)
        for size, root, seen in held:
            if log.tree.size < size:
                raise RefusedError(
                    f"the log of requests was rolled back: this guardian has seen {size} entries, and now "
                    f"there are {log.tree.size}; nothing is decrypted until the whole log is shown"
                )
            if log.tree.root(size) != root:
                kept = self._keep(seen, note, log)
                raise RefusedError(
                    "the log of requests was forked: it does not begin with the entries that this guardian "
                    f"has seen, so it shows others something else{kept}; nothing more is decrypted"
                )

    def _held(self, log: RequestLog) -> list[tuple[int, bytes, Note | None]]:
        """What was seen: size, root, and the note where there is one."""
        found: list[tuple[int, bytes, Note | None]] = []
        if self._path.exists():
            try:
                seen = decode(SeenHead, read_limited(self._path, _MAX_SEEN_BYTES), element_bytes=0)
                note = Note.parse(seen.note)
                checkpoint = open_checkpoint(note, log.key)
            except DecodeError as error:
                raise StorageError(f"{self._path} is damaged ({error}); put the newest copy back") from None
            found.append((checkpoint.size, checkpoint.root, note))
        elif self._known is not None:
            raise StorageError(
                f"{self._path} is gone, with what this guardian has seen of the log of requests; put the "
                "newest "
                "copy back"
            )
        if self._known is not None:
            found.append((self._known.size, self._known.root, None))
        return found

    def _keep(self, seen: Note | None, note: Note, log: RequestLog) -> str:
        if seen is None or open_checkpoint(seen, log.key).size != log.tree.size:
            return ""
        data = SplitView.of(seen, note, log.key).encode()
        file = self._evidence / f"{tagged('evote/v1/split-view', data).hex()[:32]}.msgpack"
        with sentences(self._evidence, "written"):
            self._evidence.mkdir(mode=0o700, exist_ok=True)
        write_atomic(file, data)
        return f"; both signed heads are in {file}"

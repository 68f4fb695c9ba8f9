"""A witness of a demonstration, which lives in memory (rules in :mod:`evote.board.witness`).

Left out: a folder; what a real one remembers there (:mod:`evote.storage.witness`) is forgotten with the
program.
"""

from __future__ import annotations

from collections.abc import Sequence

from evote.board.note import KeyKind, NoteKey, NoteSignature
from evote.board.splitview import SplitView
from evote.board.witness import Remembered, Request, consider
from evote.errors import VerificationError
from evote.signing import SigningKey


class DemoWitness:
    """Remembers one head of one log, and cosigns what continues it."""

    def __init__(self, name: str) -> None:
        self._signer = SigningKey.generate()
        self._last: Remembered | None = None
        self.key = NoteKey(name, KeyKind.COSIGNATURE, self._signer.verify_key)

    def cosign(self, log: NoteKey, request: Request, now: int) -> NoteSignature:
        """The cosignature of the head in a request; raises as :func:`evote.board.witness.consider`."""
        found = consider(log, self._last, request, now)
        if isinstance(found, SplitView):
            raise VerificationError(f"{log.name} shows two logs", where=self.key.name)
        self._last = found.remember
        return found.cosign(self.key.name, self._signer)


def policy_of(witnesses: Sequence[DemoWitness]) -> str:
    """The policy (C2SP tlog-policy) that asks for all of them."""
    names = " ".join(each.key.name for each in witnesses)
    lines = [f"witness {each.key.name} {each.key}" for each in witnesses]
    return "\n".join((*lines, f"group all all {names}", "quorum all", ""))

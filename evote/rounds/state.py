"""A guardian's state between two rounds: it holds its memory, and answers once.

Rules: what a state answers from is taken out of it before the answer is made, so that of two
threads one gets it. An answer that fails puts it back, because nothing left the guardian; after an
answer that was given, every further request raises :class:`~evote.errors.RefusedError`. A second
answer from the same secrets, for other inputs, would give them away.

What it leaves out: what a memory holds and how it is read back, sealing, and files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from evote.codec import encode
from evote.errors import RefusedError
from evote.secret import Secret

M = TypeVar("M")


def write_memory(memory: Secret[M]) -> Secret[bytes]:
    """The canonical bytes of a memory."""
    return Secret(encode(memory.reveal()))


class RoundState(Generic[M]):
    """A state that holds its memory, a codec value, until it has answered.

    ``refusal`` is what it says when it is asked again.
    """

    __slots__ = ("_held", "_refusal")

    def __init__(self, memory: Secret[M], refusal: str) -> None:
        self._held = [memory]
        self._refusal = refusal

    def to_secret_bytes(self) -> Secret[bytes]:
        """The whole memory of the state as canonical bytes, to be sealed.

        Raises :class:`RefusedError` if the state has answered.
        """
        with self._remembering() as memory:
            return write_memory(Secret(memory))

    @contextmanager
    def _remembering(self) -> Iterator[M]:
        memory = self._take()
        try:
            yield memory.reveal()
        finally:
            self._held.append(memory)

    @contextmanager
    def _answering(self) -> Iterator[M]:
        memory = self._take()
        try:
            yield memory.reveal()
        except BaseException:
            self._held.append(memory)  # nothing left the guardian, so nothing is spent
            raise

    def _take(self) -> Secret[M]:
        try:
            return self._held.pop()  # one thread gets it
        except IndexError:
            raise RefusedError(self._refusal) from None

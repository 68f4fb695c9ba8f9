"""One message from each guardian of a session, and who is to blame otherwise.

Rules: all culprits of a round are named together, each fault with its reason. A fault that is
nobody's among the guardians of the session stops it too, with no culprit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from evote.decryption.request import DecryptionRequest
from evote.errors import DecryptionError
from evote.rounds import inbox

OUTSIDER = "does not take part"


class Sent(inbox.Sent, Protocol):
    """A message that says who sent it, and for which session."""

    @property
    def request(self) -> bytes: ...


M = TypeVar("M", bound=Sent)


class Blame(inbox.Blame):
    """The faults of one round; :meth:`settle` raises :class:`DecryptionError`."""

    def __init__(self) -> None:
        super().__init__(DecryptionError)

    def add(self, reason: str, *culprits: int) -> None:
        """Record a fault; without culprits it is nobody's among the guardians.

        The first fault of a guardian is told, and further ones of the same guardian are not.
        """
        if not culprits or any(index not in self for index in culprits):
            super().add(reason, *culprits)


def one_from_each(
    request: DecryptionRequest, me: int | None, messages: Iterable[M], own: M | None, kind: str
) -> dict[int, M]:
    """The messages of all guardians of U by sender, ``own`` included if there is one.

    ``me`` is the reading guardian (None for one who combines); its own message may be among
    ``messages`` if it is the one it sent. Raises :class:`DecryptionError` that names whose message is
    missing, comes twice, belongs to another session, or comes from outside U.
    """
    return inbox.one_from_each(
        request.guardians,
        me,
        messages,
        own,
        kind,
        Blame(),
        outsider=OUTSIDER,
        fault=_of_another_session(request, kind),
    )


def by_sender(
    request: DecryptionRequest,
    me: int | None,
    messages: Iterable[M],
    own: M | None,
    kind: str,
    blame: Blame,
) -> dict[int, M]:
    """The messages that are there, by sender; what is wrong with others is added to ``blame``."""
    return inbox.by_sender(
        request.guardians,
        me,
        messages,
        own,
        kind,
        blame,
        outsider=OUTSIDER,
        fault=_of_another_session(request, kind),
    )


def _of_another_session(request: DecryptionRequest, kind: str) -> Callable[[Sent], str | None]:
    def fault(message: Sent) -> str | None:
        if message.request == request.digest:
            return None
        return f"the {kind} of guardian {message.sender} belongs to another session"

    return fault


def check_length(request: DecryptionRequest, sender: int, length: int, kind: str, blame: Blame) -> None:
    """One entry per statement; otherwise the sender is to blame."""
    if length != len(request.statements):
        wanted = len(request.statements)
        blame.add(f"the {kind} of guardian {sender} has {length} values instead of {wanted}", sender)

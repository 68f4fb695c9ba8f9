"""One message from each guardian of a session, and who is to blame otherwise.

Rules: all culprits of a round are named together, each fault with its reason. A fault that is
nobody's among the guardians of the session stops it too, with no culprit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from evote.decryption.request import DecryptionRequest
from evote.errors import DecryptionError


class Sent(Protocol):
    """A message that says who sent it, and for which session."""

    @property
    def sender(self) -> int: ...

    @property
    def request(self) -> bytes: ...


M = TypeVar("M", bound=Sent)


class Blame:
    """The faults of one round, and those who committed them."""

    def __init__(self) -> None:
        self._reasons: list[str] = []
        self._culprits: set[int] = set()

    def add(self, reason: str, *culprits: int) -> None:
        """Record a fault; without culprits it is nobody's among the guardians.

        The first fault of a guardian is told, and further ones of the same guardian are not.
        """
        if culprits and self._culprits.issuperset(culprits):
            return
        self._reasons.append(reason)
        self._culprits.update(culprits)

    def __contains__(self, index: int) -> bool:
        return index in self._culprits

    def settle(self) -> None:
        """Raises :class:`DecryptionError` if any fault was recorded."""
        if self._reasons:
            raise DecryptionError("; ".join(self._reasons), tuple(self._culprits))


def one_from_each(
    request: DecryptionRequest, me: int | None, messages: Iterable[M], own: M | None, kind: str
) -> dict[int, M]:
    """The messages of all guardians of U by sender, ``own`` included if there is one.

    ``me`` is the reading guardian (None for one who combines); its own message may be among
    ``messages`` if it is the one it sent. Raises :class:`DecryptionError` that names whose message is
    missing, comes twice, belongs to another session, or comes from outside U.
    """
    blame = Blame()
    found = by_sender(request, me, messages, own, kind, blame)
    for index in request.guardians:
        if index not in found and index != me:
            # One whose message was put aside is blamed for that, and not for its absence.
            blame.add(f"no {kind} came from guardian {index}", index)
    blame.settle()
    return found


def by_sender(
    request: DecryptionRequest,
    me: int | None,
    messages: Iterable[M],
    own: M | None,
    kind: str,
    blame: Blame,
) -> dict[int, M]:
    """The messages that are there, by sender; what is wrong with others is added to ``blame``."""
    found: dict[int, M] = {}
    seen: set[int] = set()
    for message in messages:
        sender = message.sender
        if sender == me:
            if message != own:
                blame.add(f"a {kind} in the name of guardian {me} is not the one that it sent")
            continue
        if sender not in request.guardians:
            blame.add(f"a {kind} comes from {sender}, who does not take part", sender)
        elif sender in seen:
            blame.add(f"guardian {sender} sent more than one {kind}", sender)
        elif message.request != request.digest:
            blame.add(f"the {kind} of guardian {sender} belongs to another session", sender)
        else:
            found[sender] = message
        seen.add(sender)
    if own is not None:
        found[own.sender] = own
    return found


def check_length(request: DecryptionRequest, sender: int, length: int, kind: str, blame: Blame) -> None:
    """One entry per statement; otherwise the sender is to blame."""
    if length != len(request.statements):
        wanted = len(request.statements)
        blame.add(f"the {kind} of guardian {sender} has {length} values instead of {wanted}", sender)

"""One message from each member of a round, and who is to blame otherwise.

Rules: all culprits of a round are named together, each fault with its reason. A fault that is
nobody's among the members stops the round too, with no culprit.

What it leaves out: what the messages say, and the error of the protocol, which is a parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Protocol, TypeVar

from evote.errors import BlameError


class Sent(Protocol):
    """A message that says who sent it."""

    @property
    def sender(self) -> int: ...


M = TypeVar("M", bound=Sent)


class Blame:
    """The faults of one round, and those who committed them; ``error`` is what they are raised as."""

    def __init__(self, error: type[BlameError]) -> None:
        self._error = error
        self._reasons: list[str] = []
        self._culprits: set[int] = set()

    def add(self, reason: str, *culprits: int) -> None:
        """Record a fault; without culprits it is nobody's among the members."""
        self._reasons.append(reason)
        self._culprits.update(culprits)

    def __contains__(self, index: int) -> bool:
        return index in self._culprits

    def settle(self) -> None:
        """Raises the error of the protocol if any fault was recorded."""
        if self._reasons:
            raise self._error("; ".join(self._reasons), tuple(self._culprits))


def by_sender(
    members: Collection[int],
    me: int | None,
    messages: Iterable[M],
    own: M | None,
    kind: str,
    blame: Blame,
    *,
    outsider: str,
    fault: Callable[[M], str | None] = lambda message: None,
) -> dict[int, M]:
    """The messages of ``members`` by sender, ``own`` included; what is wrong is added to ``blame``.

    ``me`` is the reading member (None for somebody else, who has no message of its own); its own
    message may be among ``messages`` if it is the one it sent. ``kind`` is what a message is called,
    ``outsider`` what is said of a sender that is no member. ``fault`` tells why a member's message does
    not count, or None; such a message is put aside, and a second one from its sender is still one too
    many.
    """
    found: dict[int, M] = {}
    seen: set[int] = set()
    for message in messages:
        sender = message.sender
        if sender == me:
            if message != own:
                blame.add(f"a {kind} in the name of guardian {me} is not the one that it sent")
            continue
        if sender not in members:
            blame.add(f"a {kind} comes from {sender}, who {outsider}", sender)
        elif sender in seen:
            blame.add(f"guardian {sender} sent more than one {kind}", sender)
        elif (reason := fault(message)) is not None:
            blame.add(reason, sender)
        else:
            found[sender] = message
        seen.add(sender)
    if own is not None:
        found[own.sender] = own
    return found


def one_from_each(
    members: Collection[int],
    me: int | None,
    messages: Iterable[M],
    own: M | None,
    kind: str,
    blame: Blame,
    *,
    outsider: str,
    fault: Callable[[M], str | None] = lambda message: None,
) -> dict[int, M]:
    """The same as :func:`by_sender`, with a message from every member.

    Settles ``blame``: raises its error if a message is missing, or anything else was wrong. One whose
    message was put aside is blamed for that, and not for its absence.
    """
    found = by_sender(members, me, messages, own, kind, blame, outsider=outsider, fault=fault)
    for index in members:
        if index != me and index not in found and index not in blame:
            blame.add(f"no {kind} came from guardian {index}", index)
    blame.settle()
    return found

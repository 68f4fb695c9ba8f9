"""The folder through which guardians and the office exchange messages, as files.

A folder on a stick, a share or a mailbox that everybody syncs: whoever sends a message puts one file
there, whoever needs it reads it. Nothing in it is secret; whatever comes from it is checked by those
who read it. The names say who sent what:

======================================  ====================================================
file                                    content
======================================  ====================================================
``round0/guardian-I.msgpack``           :class:`evote.ceremony.Round0Message`
``round1/guardian-I.msgpack``           :class:`evote.ceremony.Round1Message`
``shares/guardian-I-to-J.msgpack``      :class:`evote.ceremony.ShareMessage`
``confirmations/guardian-I.msgpack``    :class:`evote.ceremony.Confirmation`
``complaints/guardian-I.msgpack``       :class:`evote.ceremony.Complaint`
``guardians.msgpack``                   :class:`evote.ceremony.GuardianRecords`, from the office
``requests/NNNNNN.msgpack``             :class:`evote.decryption.ShownRequests`, from the office:
                                        the log of requests when it had so many entries
======================================  ====================================================

A decryption session has a folder of its own below, ``session-1`` and so on:

======================================  ====================================================
file                                    content
======================================  ====================================================
``plan.msgpack``                        :class:`evote.guardian.plan.SessionPlan`, from the office
``commitments/guardian-I.msgpack``      :class:`evote.decryption.Commitments`
``openings/guardian-I.msgpack``         :class:`evote.decryption.Openings`
``responses/guardian-I.msgpack``        :class:`evote.decryption.Responses`
``complaints/guardian-I.msgpack``       :class:`evote.decryption.Complaint`
======================================  ====================================================

The openings of a session in which challenged ballots are opened show the nonces of those ballots: such a
folder goes to the guardians and the office only, and is never published.

Rules: a file is written whole and never replaced by another; the same message again changes nothing.
A message whose sender is not the one in its name is malformed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, TypeVar

from evote.codec import MAX_FRAME_BYTES, decode, encode
from evote.errors import DecodeError, RefusedError
from evote.record.files import read_limited, sentences, write_atomic

ROUND0 = "round0"
ROUND1 = "round1"
SHARES = "shares"
CONFIRMATIONS = "confirmations"
COMPLAINTS = "complaints"
PLAN = "plan.msgpack"
COMMITMENTS = "commitments"
OPENINGS = "openings"
RESPONSES = "responses"
GUARDIANS = "guardians.msgpack"
REQUESTS = "requests"


_REQUESTS = re.compile(r"([0-9]{6,12})\.msgpack", re.ASCII)
_SESSION = re.compile(r"session-([1-9][0-9]{0,8})", re.ASCII)


class Sent(Protocol):
    """A message that says who sent it."""

    @property
    def sender(self) -> int: ...


T = TypeVar("T")
S = TypeVar("S", bound=Sent)


def from_guardian(folder: str, index: int) -> str:
    """The name of the message of guardian ``index``, from 1."""
    return f"{folder}/guardian-{index}.msgpack"


def share_name(sender: int, receiver: int) -> str:
    """The name of the shares that one guardian sends another."""
    return f"{SHARES}/guardian-{sender}-to-{receiver}.msgpack"


def requests_name(entries: int) -> str:
    """The name of the log of requests when it had so many entries."""
    return f"{REQUESTS}/{entries:06}.msgpack"


def session_name(number: int) -> str:
    """The name of the folder of a decryption session."""
    return f"session-{number}"


def session_number(name: str) -> int:
    """The number in the name of a session's folder; 0 for another name."""
    found = _SESSION.fullmatch(name)
    return 0 if found is None else int(found[1])


class Exchange:
    """The messages in one folder; ``element_bytes`` is the width of the group's elements."""

    def __init__(self, root: Path, element_bytes: int) -> None:
        self.root = root
        self._element_bytes = element_bytes

    def put(self, name: str, data: bytes) -> None:
        """Write a message that was encoded before.

        Raises :class:`RefusedError` if another message stands under that name, and
        :class:`StorageError` if the folder cannot be written.
        """
        path = self.root / name
        if path.exists():
            if read_limited(path, MAX_FRAME_BYTES) == data:
                return
            raise RefusedError(
                f"{path} holds another message already; every ceremony and every session has a folder of "
                "its own, and nobody sends in another's name"
            )
        with sentences(path.parent, "written"):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, data)

    def send(self, name: str, message: object) -> None:
        """:meth:`put` of a wire value."""
        self.put(name, encode(message))

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return (self.root / name).exists()

    def get(self, kind: type[T], name: str) -> T:
        """The value in a file; raises :class:`DecodeError` or :class:`StorageError` that names it."""
        path = self.root / name
        data = read_limited(path, MAX_FRAME_BYTES)
        try:
            return decode(kind, data, element_bytes=self._element_bytes)
        except DecodeError as error:
            raise DecodeError(error.message, f"{path}{', ' if error.where else ''}{error.where}") from None

    def message(self, kind: type[S], name: str, sender: int) -> S:
        """A message of that sender; raises :class:`DecodeError` if it says that somebody else sent it."""
        found = self.get(kind, name)
        if found.sender != sender:
            raise DecodeError(f"the message says that guardian {found.sender} sent it", str(self.root / name))
        return found

    def from_each(self, kind: type[S], folder: str, indices: Iterable[int]) -> list[S]:
        """The messages of those guardians, all of which must be there."""
        return [self.message(kind, from_guardian(folder, index), index) for index in indices]

    def sessions(self) -> tuple[int, ...]:
        """The numbers of the decryption sessions that have a plan, increasing."""
        if not self.root.is_dir():
            return ()
        with sentences(self.root, "read"):
            numbers = sorted(session_number(name) for name in os.listdir(self.root))
        return tuple(number for number in numbers if number and self.session(number).has(PLAN))

    def requests(self) -> str:
        """The name of the newest log of requests here, empty if there is none."""
        folder = self.root / REQUESTS
        if not folder.is_dir():
            return ""
        with sentences(folder, "read"):
            sizes = (int(found[1]) for found in map(_REQUESTS.fullmatch, os.listdir(folder)) if found)
            newest = max(sizes, default=0)
        return requests_name(newest) if newest else ""

    def session(self, number: int) -> Exchange:
        """The messages of one decryption session."""
        return Exchange(self.root / session_name(number), self._element_bytes)

    def missing(self, folder: str, indices: Iterable[int]) -> tuple[int, ...]:
        """The guardians whose message is not there yet."""
        return tuple(index for index in indices if not self.has(from_guardian(folder, index)))

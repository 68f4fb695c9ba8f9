"""Trust policies: whose cosignatures make a head believable (C2SP tlog-policy).

::

    witness canton-a  canton-a.example/w1+0f5d…+BP…
    witness canton-b  canton-b.example/w1+77aa…+BK…
    witness press     press.example/w1+e02c…+BH…
    group cantons any canton-a canton-b
    group both all cantons press
    quorum both

Lines are split at spaces and tabs; names are octets and mean nothing outside the text. A name is used
below the line that defines it, in one group at most, so that a witness counts once and no group
contains itself.

Rules of our own, stricter than the document: no key is that of a log and that of a witness, since a
log that is its own witness proves nothing; log keys have type 01 and witness keys type 04.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.cosignature import Cosignature, cosignatures
from evote.board.note import KeyKind, Note, NoteKey
from evote.errors import DecodeError, VerificationError

MAX_POLICY_BYTES: Final = 256 * 1024
MAX_ENTRIES: Final = 256
"""Most logs, most witnesses and most groups of one policy."""

NONE: Final = b"none"
"""Stands for no quorum at all."""

_ALLOWED = frozenset((0x09, 0x0A, *range(0x20, 0x7F), *range(0x80, 0x100)))


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness line: a key and its name inside the policy."""

    name: bytes
    key: NoteKey


@dataclass(frozen=True, slots=True)
class Group:
    """A group line: it has witnessed a head when ``threshold`` of its ``members`` have."""

    name: bytes
    threshold: int
    members: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class WitnessedHead:
    """A checkpoint that its log signed and that a quorum of the policy cosigned."""

    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...]
    """All valid ones of the policy's witnesses, in the policy's order."""
    time: int | None
    """The latest moment that a quorum says had come; None where no witness is asked for."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy; made by :meth:`parse`, which holds its rules."""

    logs: tuple[NoteKey, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: bytes

    @classmethod
    def parse(cls, data: bytes) -> Policy:
        """The policy of a text; :class:`DecodeError` with the number of the line for anything else."""
        return _Parser().read(data)

    @property
    def witnessed(self) -> bool:
        """Whether any cosignature is asked for."""
        return self.quorum != NONE

    @property
    def keys(self) -> tuple[NoteKey, ...]:
        """The keys of the witnesses, in the order of their lines."""
        return tuple(witness.key for witness in self.witnesses)

    def log_of(self, note: Note) -> NoteKey:
        """The listed log whose checkpoint the note says to be; its signature is not verified here.

        Raises :class:`VerificationError` if there is none, :class:`DecodeError` for no checkpoint.
        """
        origin = Checkpoint.parse(note.text).origin
        for log in self.logs:
            if log.name == origin and any(line.is_of(log) for line in note.signatures):
                return log
        raise VerificationError(
            "no log of the policy signed this",
            where="origin",
            expected=", ".join(log.name for log in self.logs) or "none",
            computed=origin,
        )

    def satisfied(self, witnesses: Collection[NoteKey]) -> bool:
        """Whether these witnesses make a quorum."""
        if not self.witnessed:
            return True
        held = {witness.name for witness in self.witnesses if witness.key in witnesses}
        # Members stand above their group, so one pass from the top decides every group.
        for group in self.groups:
            if sum(member in held for member in group.members) >= group.threshold:
                held.add(group.name)
        return self.quorum in held

    def quorum_time(self, found: Iterable[Cosignature]) -> int | None:
        """The latest time T such that the cosignatures from T on make a quorum; None if none does.

        Fewer witnesses than a quorum cannot push it into the future. None too where no quorum is asked for.
        """
        held = tuple(found)
        if not self.witnessed:
            return None
        for time in sorted({each.time for each in held}, reverse=True):
            if self.satisfied([each.witness for each in held if each.time >= time]):
                return time
        return None

    def verify(self, note: Note, log: NoteKey) -> WitnessedHead:
        """The checkpoint of a note that ``log`` signed and a quorum cosigned.

        Where the policy lists logs, ``log`` must be one of them (``ValueError``). Raises
        :class:`DecodeError` for a note that is no checkpoint, :class:`VerificationError` for another
        origin, a signature of a known key that does not verify, and too few cosignatures.
        """
        if self.logs and log not in self.logs:
            raise ValueError(f"{log.name} is no log of this policy")
        checkpoint = open_checkpoint(note, log)
        found = cosignatures(note, self.keys)
        if not self.satisfied([each.witness for each in found]):
            raise VerificationError(
                "too few witnesses cosigned the checkpoint",
                where="cosignatures",
                expected=f"the quorum {self.quorum.decode('utf-8', 'replace')!r}",
                computed=", ".join(each.witness.name for each in found) or "none",
            )
        return WitnessedHead(checkpoint, found, self.quorum_time(found))


class _Parser:
    """Reads a policy from its first line to its last."""

    def __init__(self) -> None:
        self._logs: list[NoteKey] = []
        self._witnesses: list[Witness] = []
        self._groups: list[Group] = []
        self._defined: set[bytes] = set()
        self._free: set[bytes] = set()
        """Names that are in no group yet."""
        self._quorum: bytes | None = None
        self._where = ""

    def read(self, data: bytes) -> Policy:
        if len(data) > MAX_POLICY_BYTES:
            raise DecodeError(f"a policy has at most {MAX_POLICY_BYTES} bytes", "policy")
        if not _ALLOWED.issuperset(data):
            raise DecodeError("tab and newline are the only control characters of a policy", "policy")
        if data and not data.endswith(b"\n"):
            raise DecodeError("the last line does not end with a newline", "policy")
        for number, line in enumerate(data.split(b"\n"), 1):
            self._where = f"policy line {number}"
            words = line.replace(b"\t", b" ").split(b" ")
            words = [word for word in words if word]
            if words and not words[0].startswith(b"#"):
                self._line(words)
        if self._quorum is None:
            raise DecodeError("a policy has a quorum line", "policy")
        return Policy(tuple(self._logs), tuple(self._witnesses), tuple(self._groups), self._quorum)

    def _line(self, words: list[bytes]) -> None:
        keyword, *rest = words
        if keyword == b"log" and 1 <= len(rest) <= 2:
            self._log(rest[0])
        elif keyword == b"witness" and 2 <= len(rest) <= 3:
            self._witness(rest[0], rest[1])
        elif keyword == b"group" and len(rest) >= 3:
            self._group(rest[0], rest[1], rest[2:])
        elif keyword == b"quorum" and len(rest) == 1:
            self._set_quorum(rest[0])
        else:
            raise self._error(
                "this is none of: log VKEY [URL], witness NAME VKEY [URL], "
                "group NAME all|any|K MEMBER…, quorum NAME"
            )

    def _log(self, vkey: bytes) -> None:
        key = self._key(vkey, KeyKind.ED25519)
        self._room(len(self._logs))
        self._logs.append(key)

    def _witness(self, name: bytes, vkey: bytes) -> None:
        key = self._key(vkey, KeyKind.COSIGNATURE)
        self._define(name)
        self._room(len(self._witnesses))
        self._witnesses.append(Witness(name, key))

    def _group(self, name: bytes, count: bytes, members: list[bytes]) -> None:
        for member in members:
            if member not in self._defined:
                raise self._error(f"{_shown(member)} is not defined above this line")
            if member not in self._free:
                raise self._error(f"{_shown(member)} is a member of a group already")
            self._free.remove(member)
        self._define(name)
        self._room(len(self._groups))
        self._groups.append(Group(name, self._threshold(count, len(members)), tuple(members)))

    def _threshold(self, count: bytes, members: int) -> int:
        if count == b"all":
            return members
        if count == b"any":
            return 1
        # isdigit of bytes knows ASCII digits only; a number with more digits than n is above n.
        if not count.isdigit() or count.startswith(b"0") or len(count) > len(str(members)):
            raise self._error(f"all, any or a number from 1 to {members} is wanted, not {_shown(count)}")
        if int(count) > members:
            raise self._error(f"{int(count)} of {members} members can never be reached")
        return int(count)

    def _set_quorum(self, name: bytes) -> None:
        if self._quorum is not None:
            raise self._error("a policy has one quorum line only")
        if name != NONE and name not in self._defined:
            raise self._error(f"{_shown(name)} is not defined above this line")
        self._quorum = name

    def _define(self, name: bytes) -> None:
        if name == NONE or name in self._defined:
            raise self._error(f"the name {_shown(name)} is taken")
        self._defined.add(name)
        self._free.add(name)

    def _key(self, vkey: bytes, kind: KeyKind) -> NoteKey:
        try:
            key = NoteKey.parse(vkey.decode("utf-8"))
        except UnicodeDecodeError:
            raise self._error("a verifier key is UTF-8 text") from None
        except DecodeError as error:
            raise self._error(str(error)) from None
        if key.kind is not kind:
            raise self._error(f"a key of type {kind:02x} is wanted here, not one of type {key.kind:02x}")
        if key.key in (*(log.key for log in self._logs), *(witness.key.key for witness in self._witnesses)):
            raise self._error(f"the key of {key.name} stands in this policy already")
        return key

    def _room(self, held: int) -> None:
        if held >= MAX_ENTRIES:
            raise self._error(f"a policy has at most {MAX_ENTRIES} logs, witnesses and groups each")

    def _error(self, message: str) -> DecodeError:
        return DecodeError(message, self._where)


def _shown(name: bytes) -> str:
    return repr(name[:80].decode("utf-8", "replace"))


UNWITNESSED: Final = Policy.parse(b"quorum none\n")
"""The policy that asks for no witness."""

"""The election as a worker gets it: bytes from which every process makes the same election.

An election holds tables of powers and lives in one process. What travels are the group's numbers, both
keys, and the SHA-256 of the manifest, which a worker reads from the record; a process builds each election
once. The verification that sends these has checked them; a worker takes them as they are, as it takes
the whole task.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from evote.ballots import Election
from evote.groups import NAMES, Group, Profile, named
from evote.groups.modp import ModPGroup
from evote.hashing import sha256
from evote.manifest import Manifest, Parameters
from evote.record import layout
from evote.record.folder import Folder
from evote.record.stretches import changed

_HELD = 4
"""Elections that a process keeps ready: tables of some megabytes each."""


@dataclass(frozen=True, slots=True)
class ElectionData:
    """What makes an election."""

    group: str
    profile: str
    parameters: bytes
    """p, q and g as they enter H_P."""
    guardians: int
    quorum: int
    manifest: bytes
    """SHA-256 of the manifest's file."""
    vote_key: bytes
    data_key: bytes

    @classmethod
    def of(cls, election: Election) -> ElectionData:
        """The data of an election, which this process from now on has ready."""
        group, parameters = election.group, election.parameters
        data = cls(
            group.name,
            group.profile.value,
            group.parameter_bytes(),
            parameters.guardians,
            parameters.quorum,
            sha256(election.manifest.raw),
            election.vote_key.base.encode(),
            election.data_key.base.encode(),
        )
        _ready.put(data, election)
        return data

    def election(self, record: str) -> Election:
        """The election, made at the first call in a process from the manifest in that record.

        Raises :class:`~evote.errors.StorageError` if the manifest there cannot be read or is another.
        """
        return _ready.get(self, record)


class _Ready:
    """The elections of this process."""

    def __init__(self) -> None:
        self._elections: OrderedDict[ElectionData, Election] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, data: ElectionData, election: Election) -> None:
        with self._lock:
            self._keep(data, election)

    def get(self, data: ElectionData, record: str) -> Election:
        with self._lock:  # made once, whatever the number of threads that ask
            found = self._elections.get(data)
            if found is None:
                found = _make(data, record)
            self._keep(data, found)
            return found

    def _keep(self, data: ElectionData, election: Election) -> None:
        self._elections[data] = election
        self._elections.move_to_end(data)
        while len(self._elections) > _HELD:
            self._elections.popitem(last=False)


def _make(data: ElectionData, record: str) -> Election:
    group = _group(data)
    manifest = Folder(record).read(layout.MANIFEST, layout.LIMITS[layout.MANIFEST])
    if sha256(manifest) != data.manifest:
        raise changed(Path(record) / layout.MANIFEST)
    return Election.of(
        Parameters(group, data.guardians, data.quorum),
        Manifest.parse(manifest),
        group.decode(data.vote_key),
        group.decode(data.data_key),
    )


def _group(data: ElectionData) -> Group:
    if data.group in NAMES:
        group = named(data.group)
        if group.parameter_bytes() == data.parameters:
            return group
    width = (len(data.parameters) - 32) // 2
    p, q, g = data.parameters[:width], data.parameters[width:-width], data.parameters[-width:]
    numbers = {name: int.from_bytes(part, "big") for name, part in (("p", p), ("q", q), ("g", g))}
    return ModPGroup(data.group, Profile(data.profile), **numbers)


_ready = _Ready()

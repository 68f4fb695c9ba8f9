"""An election in a form that travels to workers: published values only, checked where they arrive.

A worker rebuilds the election once per process, with its tables, and keeps it. The group travels as its
name where it is a published one and else as its parameters, so that toy groups serve in tests; whether a
group is fit for an election is for the verifier, which compares with the published sets.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from evote.ballots import Election
from evote.errors import WorkerError
from evote.groups import NAMES, Group, Profile, named
from evote.groups.modp import ModPGroup
from evote.manifest import Manifest, Parameters

KEPT = 4
"""Elections whose tables a worker keeps at once."""


@dataclass(frozen=True, slots=True)
class GroupSetting:
    """A group by name and, unless it is a published one, its parameters."""

    name: str
    profile: Profile
    numbers: tuple[int, int, int] | None
    """p, q and g; None for a published group."""


@dataclass(frozen=True, slots=True)
class ElectionSetting:
    """Everything that an :class:`Election` is made from, and H_E to compare the result with."""

    group: GroupSetting
    guardians: int
    quorum: int
    manifest: bytes
    vote_key: bytes
    data_key: bytes
    extended_hash: bytes
    window: int

    @classmethod
    def of(cls, election: Election, *, window: int = 8) -> ElectionSetting:
        """The setting of an election; workers build tables of ``window`` bits.

        Raises ``ValueError`` for a group that is neither a published one nor integers modulo p.
        """
        return cls(
            _group_setting(election.group),
            election.parameters.guardians,
            election.parameters.quorum,
            election.manifest.raw,
            election.vote_key.base.encode(),
            election.data_key.base.encode(),
            election.extended_hash,
            window,
        )

    def election(self) -> Election:
        """The election, rebuilt once per process; raises :class:`WorkerError` if it is another one."""
        return _election(self)


@functools.lru_cache(maxsize=KEPT)
def _election(setting: ElectionSetting) -> Election:
    group = _group(setting.group)
    election = Election.of(
        Parameters(group, setting.guardians, setting.quorum),
        Manifest.parse(setting.manifest),
        group.decode(setting.vote_key),
        group.decode(setting.data_key),
        window=setting.window,
    )
    if election.extended_hash != setting.extended_hash:
        raise WorkerError(
            "a worker computes another base hash for the election; install one version of evote everywhere"
        )
    return election


def _group_setting(group: Group) -> GroupSetting:
    if group.name in NAMES and named(group.name) is group:
        return GroupSetting(group.name, group.profile, None)
    if not isinstance(group, ModPGroup):
        raise ValueError(f"the group {group.name} does not travel to workers")
    numbers = (group.modulus, group.order, int.from_bytes(group.generator.encode(), "big"))
    return GroupSetting(group.name, group.profile, numbers)


@functools.lru_cache(maxsize=KEPT)
def _group(setting: GroupSetting) -> Group:
    if setting.numbers is None:
        return named(setting.name)
    p, q, g = setting.numbers
    return ModPGroup(setting.name, setting.profile, p=p, q=q, g=g)

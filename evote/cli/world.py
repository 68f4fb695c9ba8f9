"""What commands know beside their arguments: the groups that exist.

It is an argument of :func:`evote.cli.main` and no setting: programs that embed the command line, and
tests, pass groups of their own, and a verifier still fails every group that is not a published one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from evote.cli.ending import UnusableError
from evote.groups import NAMES, Group, named


@dataclass(frozen=True, slots=True)
class World:
    """``groups`` by name; None means the published ones."""

    groups: Mapping[str, Group] | None = None

    @property
    def group_names(self) -> tuple[str, ...]:
        """The names of all groups, the standard one first."""
        return NAMES if self.groups is None else tuple(self.groups)

    def group(self, name: str) -> Group:
        """The group of that name; raises :class:`UnusableError` if there is none."""
        if self.groups is None and name in NAMES:
            return named(name)
        if self.groups is not None and name in self.groups:
            return self.groups[name]
        raise UnusableError(f"there is no group {name!r}; known are {', '.join(self.group_names)}")

    @staticmethod
    def now() -> str:
        """The moment as an index states it: UTC, ``2026-06-30T20:00:00Z``."""
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

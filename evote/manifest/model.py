"""The parts of a manifest: contests, options, ballot styles, units, cells (specification 3.1.3).

Values only. Whether they fit together is decided by ``rules``; a value that comes out of
:class:`evote.manifest.Manifest` has passed all of them. Indices count from 1 and are positions in
the manifest's lists; labels identify, names are for display, per language.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evote.errors import EvoteError


class FieldKind(enum.Enum):
    """What a field of a contest counts (specification 3.3.9)."""

    OPTION = "option"
    """What a voter selects; the only kind that counts toward the contest limit L."""
    OVERVOTE = "overvote"
    """1 if the voter marked more than allowed."""
    UNDERVOTE = "undervote"
    """1 if the voter selected less than L."""
    UNDERVOTE_DIFFERENCE = "undervote_difference"
    """L less what the voter selected."""
    NULL_VOTE = "null_vote"
    """1 if the voter selected nothing."""


class ChainingMode(enum.IntEnum):
    """How confirmation codes of one device are linked (specification 3.4.4)."""

    NONE = 0
    SIMPLE = 1


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """One rule that a manifest breaks: where, and what the rule is."""

    where: str
    rule: str

    def __str__(self) -> str:
        return f"{self.where}: {self.rule}"


class ManifestError(EvoteError):
    """A well-formed manifest that breaks rules; ``broken`` has all of them, in the manifest's order."""

    def __init__(self, broken: tuple[BrokenRule, ...]) -> None:
        self.broken = broken
        lines = [str(rule) for rule in broken]
        text = lines[0] if len(lines) == 1 else "\n".join((f"{len(lines)} rules are broken:", *lines))
        super().__init__(text)

    def __reduce__(self) -> tuple[type[ManifestError], tuple[tuple[BrokenRule, ...]]]:
        return type(self), (self.broken,)


@dataclass(frozen=True, slots=True, eq=False)
class Names(Mapping[str, str]):
    """An immutable map from language to display name; equal to any equal mapping, and hashable."""

    pairs: tuple[tuple[str, str], ...] = ()

    def __getitem__(self, language: str) -> str:
        for key, name in self.pairs:
            if key == language:
                return name
        raise KeyError(language)

    def __iter__(self) -> Iterator[str]:
        return (key for key, _ in self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __hash__(self) -> int:
        return hash(frozenset(self.pairs))


NO_NAMES = Names()


@dataclass(frozen=True, slots=True)
class Option:
    """A field of a contest that is encrypted and counted: an option, or a supplemental field."""

    index: int
    """ind_o, from 1."""
    label: str
    limit: int
    """R: the largest value on one ballot."""
    kind: FieldKind = FieldKind.OPTION
    names: Mapping[str, str] = NO_NAMES

    @property
    def in_limit(self) -> bool:
        """Whether the field counts toward the contest limit L; supplemental fields do not."""
        return self.kind is FieldKind.OPTION

    def name(self, language: str) -> str:
        """What to show in that language: the name, or the label where there is none."""
        return self.names.get(language, self.label)


@dataclass(frozen=True, slots=True)
class ContestData:
    """What the encrypted contest data field of a contest has room for (specification 3.3.10)."""

    write_ins: int
    """Number of write-in texts; 0 where only over- and undervotes are recorded."""
    write_in_bytes: int
    """UTF-8 bytes that one text may have; 0 where there are no write-ins."""
    blocks: int
    """b_Lambda: 32-byte blocks, the fewest that hold the longest record."""


@dataclass(frozen=True, slots=True)
class Contest:
    """One question: options, then supplemental fields, with the limit L on the sum of the options."""

    index: int
    """ind_c, from 1."""
    label: str
    limit: int
    """L: the largest sum of what the voter assigns to the options."""
    options: tuple[Option, ...]
    data: ContestData | None = None
    names: Mapping[str, str] = NO_NAMES

    def option(self, label: str) -> Option:
        """The field with that label; raises ``ValueError`` if the contest has none."""
        for option in self.options:
            if option.label == label:
                return option
        raise ValueError(f"contest {self.label!r} has no option {label!r}")

    def field(self, kind: FieldKind) -> Option | None:
        """The supplemental field of that kind, or None; for ``OPTION`` the first option."""
        return next((option for option in self.options if option.kind is kind), None)

    @property
    def selectable(self) -> tuple[Option, ...]:
        """The options a voter selects from; they come first, so positions agree with ``options``."""
        return tuple(option for option in self.options if option.in_limit)

    def name(self, language: str) -> str:
        """What to show in that language: the name, or the label where there is none."""
        return self.names.get(language, self.label)


@dataclass(frozen=True, slots=True)
class BallotStyle:
    """The contests that stand together on one ballot, and the weight W of such a ballot."""

    index: int
    """ind_s, from 1."""
    label: str
    contests: tuple[int, ...]
    """Contest indices, increasing."""
    weight: int = 1
    names: Mapping[str, str] = NO_NAMES

    def name(self, language: str) -> str:
        """What to show in that language: the name, or the label where there is none."""
        return self.names.get(language, self.label)


@dataclass(frozen=True, slots=True)
class Unit:
    """A place in the tree of those that report; only leaves report."""

    path: str
    """Labels from the root down to this unit, joined by ``/``."""
    label: str
    names: Mapping[str, str] = NO_NAMES
    styles: tuple[str, ...] = ()
    """Labels of the ballot styles that are cast here; none for a unit with children."""
    children: tuple[Unit, ...] = ()

    @property
    def reports(self) -> bool:
        """Whether ballots are cast here: a unit with children only sums them up."""
        return not self.children

    def leaves(self) -> Iterator[Unit]:
        """The reporting units in and below this one, in order."""
        if self.reports:
            yield self
        for child in self.children:
            yield from child.leaves()

    def tree(self) -> Iterator[Unit]:
        """This unit and everything below it, parents first."""
        yield self
        for child in self.children:
            yield from child.tree()

    def name(self, language: str) -> str:
        """What to show in that language: the name, or the label where there is none."""
        return self.names.get(language, self.label)


@dataclass(frozen=True, slots=True)
class Cell:
    """Reporting units whose ballots are decrypted together, for one contest (A51)."""

    contest: int
    label: str
    units: tuple[str, ...]
    """Paths of reporting units."""


@dataclass(frozen=True, slots=True)
class Extension:
    """A declared addition to the plain 2.1 record, which is then required to be there (A60)."""

    name: str
    key: str | None = None
    """Where the extension is signed: the signer's Ed25519 key, 64 lower-case hexadecimal digits."""

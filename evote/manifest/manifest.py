"""The election manifest: a value with the bytes it was read from (specification 3.1.3).

:meth:`Manifest.parse` reads ``manifest.json``, :meth:`Manifest.build` writes one from a draft and
reads it back, so that there is one way in. H_B covers ``raw``, byte for byte; nothing is ever
hashed that was written again. The form of the file is described in ``specs/manifest.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from evote.manifest import draft as _draft
from evote.manifest import reading
from evote.manifest.declarations import (
    DeclaredBoard,
    DeclaredPreEncryption,
    DeclaredRequests,
    DeclaredReturns,
    DeclaredRoll,
)
from evote.manifest.model import (
    BallotStyle,
    Cell,
    ChainingMode,
    Contest,
    Extension,
    ManifestError,
    Unit,
)
from evote.manifest.rules import broken_rules
from evote.manifest.texts import quoted

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Manifest:
    """An election as it was announced. Made by :meth:`parse` and :meth:`build`; equal if ``raw`` is.

    The constructor raises :class:`ManifestError` if a rule is broken: no manifest that exists in
    memory breaks one. Pickling carries ``raw`` and reads it again.
    """

    raw: bytes = field(repr=False)
    """The file, which H_B covers."""
    label: str = field(compare=False)
    contests: tuple[Contest, ...] = field(compare=False, repr=False)
    styles: tuple[BallotStyle, ...] = field(compare=False, repr=False)
    units: tuple[Unit, ...] = field(compare=False, repr=False)
    """The roots of the tree of units."""
    cell_table: tuple[tuple[Cell, ...], ...] = field(compare=False, repr=False)
    """The cells of each contest, in the order of the contests."""
    names: Mapping[str, str] = field(compare=False, repr=False)
    languages: tuple[str, ...] = field(compare=False, repr=False)
    test: bool = field(compare=False)
    """A rehearsal: every report says so, and cells may be smaller."""
    salt: bytes = field(compare=False, repr=False)
    """32 random bytes that make codes and keys of this election its own (A55)."""
    chaining: ChainingMode = field(compare=False, repr=False)
    minimum_cell: int = field(compare=False, repr=False)
    """Fewest counted ballots that are decrypted together."""
    decrypt_contest_data: bool = field(compare=False, repr=False)
    guardian_opening: bool = field(compare=False, repr=False)
    """Devices are attended, and guardians open the nonces of challenged ballots (A57)."""
    extensions: Mapping[str, Extension] = field(compare=False, repr=False)
    board: DeclaredBoard | None = field(compare=False, repr=False)
    """The bulletin board, where one is declared."""
    roll: DeclaredRoll | None = field(compare=False, repr=False)
    """The roll of credentials, where one is declared."""
    returns: DeclaredReturns | None = field(compare=False, repr=False)
    """The roster of unit returns, where one is declared."""
    pre_encryption: DeclaredPreEncryption | None = field(compare=False, repr=False)
    """How ballots are encrypted before their voters choose, where that is declared."""
    requests: DeclaredRequests | None = field(compare=False, repr=False)
    """The log of requests to decrypt, where one is declared."""
    _contests: dict[str, Contest] = field(init=False, compare=False, repr=False)
    _styles: dict[str, BallotStyle] = field(init=False, compare=False, repr=False)
    _units: dict[str, Unit] = field(init=False, compare=False, repr=False)
    _cells: dict[tuple[int, str], Cell] = field(init=False, compare=False, repr=False)
    _open: frozenset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        broken = broken_rules(self)
        if broken:
            raise ManifestError(broken)
        cells = {(cell.contest, path): cell for row in self.cell_table for cell in row for path in cell.units}
        for name, value in (
            ("_contests", {contest.label: contest for contest in self.contests}),
            ("_styles", {style.label: style for style in self.styles}),
            ("_units", {unit.path: unit for root in self.units for unit in root.tree()}),
            ("_cells", cells),
            ("_open", self.open_paths()),
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def parse(cls, raw: bytes) -> Manifest:
        """The manifest that the file ``raw`` holds.

        Raises :class:`DecodeError` for what is not the form of a manifest, with the path of the
        field, and :class:`ManifestError` with every rule that it breaks.
        """
        return cls(raw, **reading.read(raw))

    @classmethod
    def build(cls, draft: object, *, salt: bytes, authority_key: bytes | None) -> Manifest:
        """A manifest from a draft: the map that a person writes (see :mod:`evote.manifest.draft`).

        ``salt`` is 32 fresh random bytes. ``authority_key`` is the Ed25519 public key of those who
        seal the record, 32 bytes; with None, a draft that does not list its extensions declares no
        signed index. Every default is written out. Raises :class:`DecodeError` for a draft that
        is not well formed, :class:`ManifestError` with every rule that it breaks, and ``ValueError``
        for a salt or key of the wrong length.
        """
        return cls.parse(_draft.write(draft, salt=salt, authority_key=authority_key))

    def __reduce__(self) -> tuple[Any, ...]:
        return Manifest.parse, (self.raw,)

    # --- lookups; unknown names raise ValueError ---------------------------------------------------

    def contest(self, index: int) -> Contest:
        """The contest with that index, from 1."""
        if not 1 <= index <= len(self.contests):
            raise ValueError(f"there is no contest {index}; the election has {len(self.contests)}")
        return self.contests[index - 1]

    def contest_by_label(self, label: str) -> Contest:
        """The contest with that label."""
        return _found(self._contests, label, "contest")

    def style(self, label: str) -> BallotStyle:
        """The ballot style with that label."""
        return _found(self._styles, label, "ballot style")

    def contests_of(self, style_label: str) -> tuple[Contest, ...]:
        """The contests of a ballot style, in the order of their indices."""
        return tuple(self.contests[index - 1] for index in self.style(style_label).contests)

    def unit(self, path: str) -> Unit:
        """The unit with that path."""
        return _found(self._units, path, "unit")

    def reporting_units(self) -> tuple[Unit, ...]:
        """The units without others below them, in the order of the tree."""
        return tuple(unit for root in self.units for unit in root.leaves())

    def ballot_units(self) -> tuple[Unit, ...]:
        """The reporting units in which encrypted ballots are cast: all but those of kind OPEN."""
        return tuple(unit for unit in self.reporting_units() if unit.path not in self._open)

    def takes_ballots(self, path: str) -> bool:
        """Whether encrypted ballots are cast in that unit."""
        return self.unit(path).reports and path not in self._open

    def open_paths(self) -> frozenset[str]:
        """Paths of the units of kind OPEN, which report plain counts; empty without unit returns."""
        return frozenset() if self.returns is None else self.returns.open_paths()

    def pre_encrypts(self, device: str) -> bool:
        """Whether the ballots of a device, by its information string, are pre-encrypted ones."""
        return self.pre_encryption is not None and device in self.pre_encryption.tools

    def cells(self, contest_index: int) -> tuple[Cell, ...]:
        """The cells of a contest."""
        return self.cell_table[self.contest(contest_index).index - 1]

    def cell_of(self, contest_index: int, unit_path: str) -> Cell:
        """The cell in which a unit's ballots are decrypted for a contest."""
        contest = self.contest(contest_index)
        cell = self._cells.get((contest_index, unit_path))
        if cell is None:
            raise ValueError(f"unit {quoted(unit_path)} has no ballots with contest {quoted(contest.label)}")
        return cell

    def name(self, language: str) -> str:
        """What the election is called in that language; its label where it has no names."""
        return self.names.get(language, self.label)


def _found(table: dict[str, T], label: str, kind: str) -> T:
    found = table.get(label)
    if found is None:
        raise ValueError(f"the election has no {kind} {quoted(label)}")
    return found

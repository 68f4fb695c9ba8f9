"""The rules that a well-formed manifest must keep (specification 3.1.3, 3.3.9; A51, A59, A60, A70).

Each function yields the rules that are broken in one part; :func:`broken_rules` yields all of them.
A manifest that breaks one is refused as a whole, with the list of all that it breaks. The reasons
stand in ``specs/manifest.md``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from evote.codec import (
    MAX_CONTEST_DATA_BYTES,
    MAX_PATH_BYTES,
    MAX_SELECTION_LIMIT,
    MAX_TEXT_BYTES,
    MAX_WEIGHT,
    MAX_WRITE_INS,
)
from evote.manifest.contest_data import BLOCK_BYTES, contest_data_blocks
from evote.manifest.coverage import Coverage
from evote.manifest.extensions import CELLS, KNOWN
from evote.manifest.model import BallotStyle, BrokenRule, Cell, ChainingMode, Contest, FieldKind, Option, Unit
from evote.manifest.texts import LANGUAGE, label_faults, name_faults

if TYPE_CHECKING:
    from evote.manifest.manifest import Manifest

MINIMUM_CELL = 10
"""Fewest counted ballots that are decrypted together, in an election that is not a test."""

MAX_BROKEN = 1000
"""Most broken rules that one error lists."""

_KEY = re.compile(r"[0-9a-f]{64}")
_SHOWN = 60


def quoted(label: str) -> str:
    """A label as it stands in messages: quoted, escaped, and cut if it is long."""
    return repr(label if len(label) <= _SHOWN else label[:_SHOWN] + "…")


def broken_rules(manifest: Manifest) -> tuple[BrokenRule, ...]:
    """Every rule that the manifest breaks, in the order of its parts; at most ``MAX_BROKEN`` of them.

    The limit keeps a small hostile file from making a huge error; the last entry then says so.
    """
    broken = tuple(islice(_all(manifest), MAX_BROKEN))
    if len(broken) == MAX_BROKEN:
        return (*broken[:-1], BrokenRule("the election", "there are more broken rules than are listed here"))
    return broken


def _all(manifest: Manifest) -> Iterator[BrokenRule]:
    yield from _election(manifest)
    yield from _labels("the election", "contest", (contest.label for contest in manifest.contests))
    for contest in manifest.contests:
        yield from _contest(contest)
    yield from _labels("the election", "ballot style", (style.label for style in manifest.styles))
    for style in manifest.styles:
        yield from _style(style, len(manifest.contests))
    yield from _use_of_contests(manifest)
    yield from _units(manifest)
    coverage = Coverage(manifest.styles, manifest.units)
    for contest, cells in zip(manifest.contests, manifest.cell_table, strict=True):
        yield from _cells(contest, cells, coverage.units_of(contest.index))
    yield from _names(manifest)
    yield from _extensions(manifest)
    yield from _policies(manifest)


def _label(where: str, label: str) -> Iterator[BrokenRule]:
    for fault in label_faults(label):
        yield BrokenRule(where, f"the label {fault}")


def _labels(where: str, kind: str, labels: Iterable[str]) -> Iterator[BrokenRule]:
    for label, times in Counter(labels).items():
        if times > 1:
            yield BrokenRule(where, f"{times} {kind}s have the label {quoted(label)}; labels are unique")


def _election(manifest: Manifest) -> Iterator[BrokenRule]:
    yield from _label("the election", manifest.label)
    if not manifest.contests:
        yield BrokenRule("the election", "there is no contest")
    if manifest.minimum_cell < 1:
        yield BrokenRule("the election", "the minimum size of a cell is 1 or more")
    elif manifest.minimum_cell < MINIMUM_CELL and not manifest.test:
        yield BrokenRule(
            "the election",
            f"the minimum size of a cell is {manifest.minimum_cell}; only an election marked as a test may "
            f"go below {MINIMUM_CELL}",
        )


# --- contests ----------------------------------------------------------------------------------------


def _contest(contest: Contest) -> Iterator[BrokenRule]:
    where = f"contest {quoted(contest.label)}"
    yield from _label(where, contest.label)
    yield from _labels(where, "option", (option.label for option in contest.options))
    for option in contest.options:
        yield from _label(f"{where}, option {quoted(option.label)}", option.label)
    yield from _limits(where, contest)
    yield from _supplemental(where, contest)
    yield from _data(where, contest)


def _limits(where: str, contest: Contest) -> Iterator[BrokenRule]:
    if not contest.selectable:
        yield BrokenRule(where, "there is no option to select")
        return
    if not 1 <= contest.limit <= MAX_SELECTION_LIMIT:
        yield BrokenRule(
            where, f"the contest limit is {contest.limit}; it lies between 1 and {MAX_SELECTION_LIMIT}"
        )
    for option in contest.selectable:
        if not 1 <= option.limit <= MAX_SELECTION_LIMIT:
            yield BrokenRule(
                f"{where}, option {quoted(option.label)}",
                f"the option limit is {option.limit}; it lies between 1 and {MAX_SELECTION_LIMIT}",
            )
        elif option.limit > contest.limit >= 1:
            yield BrokenRule(
                f"{where}, option {quoted(option.label)}",
                f"the option limit {option.limit} is more than the contest limit {contest.limit}",
            )
    total = sum(option.limit for option in contest.selectable)
    if contest.limit > total:
        yield BrokenRule(
            where, f"the contest limit {contest.limit} is more than {total}, the sum of its option limits"
        )


def _supplemental(where: str, contest: Contest) -> Iterator[BrokenRule]:
    behind = False
    for option in contest.options:
        if option.in_limit and behind:
            yield BrokenRule(
                f"{where}, option {quoted(option.label)}", "options stand before all supplemental fields"
            )
        behind = behind or not option.in_limit
        wanted = _supplemental_limit(option, contest)
        if option.limit != wanted:
            yield BrokenRule(
                f"{where}, option {quoted(option.label)}",
                f"a field of kind {option.kind.value} has the limit {wanted} here, not {option.limit}",
            )
    for kind, times in Counter(option.kind for option in contest.options).items():
        if times > 1 and kind is not FieldKind.OPTION:
            yield BrokenRule(where, f"there are {times} fields of kind {kind.value}; one is enough")


def _supplemental_limit(option: Option, contest: Contest) -> int:
    if option.in_limit:
        return option.limit
    return contest.limit if option.kind is FieldKind.UNDERVOTE_DIFFERENCE else 1


def _data(where: str, contest: Contest) -> Iterator[BrokenRule]:
    data = contest.data
    if data is None:
        return
    where = f"{where}, contest data"
    if not 0 <= data.write_ins <= MAX_WRITE_INS:
        yield BrokenRule(where, f"there are at most {MAX_WRITE_INS} write-ins, not {data.write_ins}")
    if not 0 <= data.write_in_bytes <= MAX_TEXT_BYTES:
        yield BrokenRule(where, f"a write-in has at most {MAX_TEXT_BYTES} bytes, not {data.write_in_bytes}")
    if (data.write_ins == 0) != (data.write_in_bytes == 0):
        yield BrokenRule(where, "the number of write-ins and their length are both 0 or both positive")
    wanted = contest_data_blocks(len(contest.selectable), data.write_ins, data.write_in_bytes)
    if data.blocks != wanted:
        yield BrokenRule(where, f"{wanted} blocks hold the longest record, so {data.blocks} is wrong")
    if data.blocks * BLOCK_BYTES > MAX_CONTEST_DATA_BYTES:
        yield BrokenRule(where, f"the field is longer than {MAX_CONTEST_DATA_BYTES} bytes")


# --- ballot styles, units, cells ---------------------------------------------------------------------


def _style(style: BallotStyle, contests: int) -> Iterator[BrokenRule]:
    where = f"ballot style {quoted(style.label)}"
    yield from _label(where, style.label)
    if not style.contests:
        yield BrokenRule(where, "a ballot has at least one contest")
    for index, times in Counter(style.contests).items():
        if not 1 <= index <= contests:
            yield BrokenRule(where, f"there is no contest {index}; contests count from 1 to {contests}")
        if times > 1:
            yield BrokenRule(where, f"contest {index} stands there {times} times; once is enough")
    if not 1 <= style.weight <= MAX_WEIGHT:
        yield BrokenRule(where, f"the weight is {style.weight}; it lies between 1 and {MAX_WEIGHT}")


def _use_of_contests(manifest: Manifest) -> Iterator[BrokenRule]:
    used = {index for style in manifest.styles for index in style.contests}
    for contest in manifest.contests:
        if contest.index not in used:
            yield BrokenRule(f"contest {quoted(contest.label)}", "no ballot style has this contest")


def _units(manifest: Manifest) -> Iterator[BrokenRule]:
    styles = {style.label for style in manifest.styles}
    used: set[str] = set()
    if not manifest.units:
        yield BrokenRule("the election", "there is no unit that reports")
    yield from _labels("the election", "unit", (unit.label for unit in manifest.units))
    for unit in (unit for root in manifest.units for unit in root.tree()):
        where = f"unit {quoted(unit.path)}"
        yield from _label(where, unit.label)
        if "/" in unit.label:
            yield BrokenRule(where, "the label holds a '/', which separates the labels of a path")
        if len(unit.path.encode("utf-8")) > MAX_PATH_BYTES:
            yield BrokenRule(where, f"the path is longer than {MAX_PATH_BYTES} bytes")
        yield from _labels(where, "unit", (child.label for child in unit.children))
        if unit.reports and not unit.styles:
            yield BrokenRule(where, "a unit that reports has at least one ballot style")
        if not unit.reports and unit.styles:
            yield BrokenRule(where, "ballot styles belong to units that report, and this one has units below")
        for label, times in Counter(unit.styles).items():
            if label not in styles:
                yield BrokenRule(where, f"there is no ballot style {quoted(label)}")
            if times > 1:
                yield BrokenRule(where, f"ballot style {quoted(label)} stands there {times} times")
        if unit.reports:
            used.update(unit.styles)
    for style in manifest.styles:
        if style.label not in used:
            yield BrokenRule(f"ballot style {quoted(style.label)}", "no unit that reports has this style")


def _cells(contest: Contest, cells: tuple[Cell, ...], carrying: tuple[str, ...]) -> Iterator[BrokenRule]:
    where = f"contest {quoted(contest.label)}"
    yield from _labels(where, "cell", (cell.label for cell in cells))
    wanted = set(carrying)
    seen: dict[str, str] = {}
    for cell in cells:
        place = f"{where}, cell {quoted(cell.label)}"
        yield from _label(place, cell.label)
        if not cell.units:
            yield BrokenRule(place, "a cell has at least one unit")
        for path in cell.units:
            if path not in wanted:
                yield BrokenRule(place, f"{quoted(path)} is no reporting unit with a ballot for this contest")
            if path in seen:
                yield BrokenRule(
                    place,
                    f"unit {quoted(path)} is in cell {quoted(seen[path])} already; "
                    "a ballot enters one decrypted sum only",
                )
            seen.setdefault(path, cell.label)
    for path in carrying:
        if path not in seen:
            yield BrokenRule(where, f"unit {quoted(path)} votes on it and is in none of its cells")


# --- names, extensions, policies ---------------------------------------------------------------------


def _names(manifest: Manifest) -> Iterator[BrokenRule]:
    for language, times in Counter(manifest.languages).items():
        if not LANGUAGE.fullmatch(language):
            yield BrokenRule("the election", f"{quoted(language)} is no language tag like 'fr' or 'de-CH'")
        if times > 1:
            yield BrokenRule("the election", f"language {quoted(language)} stands there {times} times")
    for where, names in _all_names(manifest):
        for language in names:
            if language not in manifest.languages:
                yield BrokenRule(where, f"a name in {quoted(language)}, which is no language of the election")
        if names:
            for language in manifest.languages:
                if language not in names:
                    yield BrokenRule(where, f"there is no name in {quoted(language)}, but in other languages")
        for language, name in names.items():
            for fault in name_faults(name):
                yield BrokenRule(where, f"the name in {quoted(language)} {fault}")


def _all_names(manifest: Manifest) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield "the election", manifest.names
    for contest in manifest.contests:
        yield f"contest {quoted(contest.label)}", contest.names
        for option in contest.options:
            yield f"contest {quoted(contest.label)}, option {quoted(option.label)}", option.names
    for style in manifest.styles:
        yield f"ballot style {quoted(style.label)}", style.names
    for root in manifest.units:
        for unit in root.tree():
            yield f"unit {quoted(unit.path)}", unit.names


def _extensions(manifest: Manifest) -> Iterator[BrokenRule]:
    for name, extension in manifest.extensions.items():
        where = f"extension {quoted(name)}"
        kind = KNOWN.get(name)
        if kind is None:
            yield BrokenRule(where, f"it is not known; known are {', '.join(KNOWN)}")
        elif kind.keyed and extension.key is None:
            yield BrokenRule(where, "it is signed, so its declaration names the key")
        elif not kind.keyed and extension.key is not None:
            yield BrokenRule(where, "it is not signed, so it has no key")
        if extension.key is not None and not _KEY.fullmatch(extension.key):
            yield BrokenRule(where, "a key is 64 hexadecimal digits in lower case")
    if CELLS not in manifest.extensions:
        for contest, cells in zip(manifest.contests, manifest.cell_table, strict=True):
            if len(cells) > 1:
                yield BrokenRule(
                    f"contest {quoted(contest.label)}",
                    f"it has {len(cells)} cells, so the extension {CELLS!r} is declared",
                )
        if manifest.minimum_cell > 1:
            yield BrokenRule(
                "the election",
                f"cells have a minimum size of {manifest.minimum_cell}, so the extension {CELLS!r} is declared",
            )


def _policies(manifest: Manifest) -> Iterator[BrokenRule]:
    for name in manifest.extensions:
        if name not in KNOWN or not KNOWN[name].revotes:
            continue
        if manifest.chaining is not ChainingMode.NONE:
            yield BrokenRule(
                "the election",
                f"chaining mode {manifest.chaining.value} and extension {name!r} exclude each other: "
                "a chain cannot skip the ballots that a later one replaces",
            )
        if manifest.decrypt_contest_data:
            yield BrokenRule(
                "the election",
                f"decrypting contest data and extension {name!r} exclude each other: "
                "what one voter wrote would be shown beside the voter's pseudonym",
            )

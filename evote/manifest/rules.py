"""The rules that a well-formed manifest must keep (specification 3.1.3, 3.3.9; A51, A59, A60, A70).

Each function yields the rules that are broken in one part; :func:`broken_rules` yields all of them.
A manifest that breaks one is refused as a whole, with the list of all that it breaks. The reasons
stand in ``specs/manifest.md``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from evote.errors import DecodeError
from evote.manifest.extensions import BOARD, CELLS, KNOWN, REQUESTS, RETURNS, ROLL
from evote.manifest.model import BrokenRule, ChainingMode
from evote.manifest.rules_of_boards import rules_of_boards
from evote.manifest.rules_of_contests import contest_rules
from evote.manifest.rules_of_places import rules_of_places
from evote.manifest.rules_of_preencryption import rules_of_preencryption
from evote.manifest.rules_of_returns import rules_of_returns
from evote.manifest.texts import LANGUAGE, name_faults, quoted, unique, well_labelled
from evote.signing import VerifyKey

if TYPE_CHECKING:
    from evote.manifest.manifest import Manifest

MINIMUM_CELL = 10
"""Fewest counted ballots that are decrypted together, in an election that is not a test."""

MAX_BROKEN = 1000
"""Most broken rules that one error lists."""

_KEY = re.compile(r"[0-9a-f]{64}")


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
    yield from unique("the election", "contest", (contest.label for contest in manifest.contests))
    for contest in manifest.contests:
        yield from contest_rules(contest)
    yield from rules_of_places(
        manifest.contests, manifest.styles, manifest.units, manifest.cell_table, manifest.open_paths()
    )
    yield from _names(manifest)
    yield from _extensions(manifest)
    yield from _policies(manifest)
    yield from rules_of_boards(manifest)
    yield from rules_of_returns(manifest)
    yield from rules_of_preencryption(manifest)


def _election(manifest: Manifest) -> Iterator[BrokenRule]:
    yield from well_labelled("the election", manifest.label)
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
        if extension.key is not None and name not in (BOARD, ROLL, RETURNS, REQUESTS):  # these have proofs
            yield from _key(where, extension.key)
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
                f"cells have a minimum size of {manifest.minimum_cell}, "
                f"so the extension {CELLS!r} is declared",
            )


def _key(where: str, digits: str) -> Iterator[BrokenRule]:
    if not _KEY.fullmatch(digits):
        yield BrokenRule(where, "a key is 64 hexadecimal digits in lower case")
        return
    try:
        VerifyKey(bytes.fromhex(digits))
    except DecodeError as error:
        yield BrokenRule(where, f"the key is no Ed25519 key that is accepted: {error}")


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

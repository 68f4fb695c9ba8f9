"""The rules of declared pre-encryption (specification section 4; A57, A59, A60).

Each vector holds at most one vote, and L null vectors stand for what is not selected, so a style that is
made so has contests of options alone, each with R = 1: a voter on paper can then say all that others can.
Contest data is allowed; pre-encrypted ballots have none (section 4.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evote.manifest.declarations import DeclaredPreEncryption
from evote.manifest.extensions import CONTEXT, PREENCRYPTED, ROLL
from evote.manifest.model import BrokenRule, Contest
from evote.manifest.texts import quoted, unique

if TYPE_CHECKING:
    from evote.manifest.manifest import Manifest

MAX_CIPHERTEXTS = 16_384
"""Most encryptions on one uncast ballot: options times vectors, over its contests."""

MAX_TOOL_BYTES = 1024
"""Longest device information string."""

_WHERE = f"extension {quoted(PREENCRYPTED)}"


def rules_of_preencryption(manifest: Manifest) -> Iterator[BrokenRule]:
    """The rules that the declared pre-encryption breaks, alone and together with the rest."""
    declared = manifest.pre_encryption
    if declared is None:
        return
    yield from _names(declared)
    yield from _styles(manifest, declared)
    if CONTEXT not in manifest.extensions:
        yield BrokenRule(
            _WHERE, f"its ballots are made for a unit and nobody, so {CONTEXT!r} is declared too"
        )
    if manifest.roll is not None:
        yield BrokenRule(
            "the election",
            f"extensions {ROLL!r} and {PREENCRYPTED!r} exclude each other: a sheet is for nobody, "
            "and no credential signs it",
        )
    if manifest.guardian_opening:
        yield BrokenRule(
            "the election",
            f"opening by guardians and extension {PREENCRYPTED!r} exclude each other: "
            "uncast ballots are opened where they are recorded",
        )


def _names(declared: DeclaredPreEncryption) -> Iterator[BrokenRule]:
    if not declared.tools:
        yield BrokenRule(_WHERE, "no tool makes its ballots")
    yield from unique(_WHERE, "tool", declared.tools)
    for tool in declared.tools:
        if not tool or len(tool.encode("utf-8")) > MAX_TOOL_BYTES:
            yield BrokenRule(_WHERE, f"the name of a tool has 1 to {MAX_TOOL_BYTES} bytes")
    if not declared.styles:
        yield BrokenRule(_WHERE, "no ballot style is made so")
    yield from unique(_WHERE, "ballot style", declared.styles)


def _styles(manifest: Manifest, declared: DeclaredPreEncryption) -> Iterator[BrokenRule]:
    known = {style.label: style for style in manifest.styles}
    for label in dict.fromkeys(declared.styles):
        style = known.get(label)
        if style is None:
            yield BrokenRule(_WHERE, f"there is no ballot style {quoted(label)}")
            continue
        contests = [
            manifest.contests[index - 1] for index in style.contests if 1 <= index <= len(manifest.contests)
        ]
        for contest in contests:
            yield from _contest(declared, contest)
        ciphertexts = sum(len(each.options) * (len(each.options) + each.limit) for each in contests)
        if ciphertexts > MAX_CIPHERTEXTS:
            yield BrokenRule(
                _WHERE,
                f"style {quoted(label)} has {ciphertexts} encryptions; {MAX_CIPHERTEXTS} is the most",
            )


def _contest(declared: DeclaredPreEncryption, contest: Contest) -> Iterator[BrokenRule]:
    where = f"contest {quoted(contest.label)}"
    if any(not option.in_limit for option in contest.options):
        yield BrokenRule(where, "its ballots are pre-encrypted, so it counts no facts beside its options")
    if any(option.limit != 1 for option in contest.options):
        yield BrokenRule(where, "its ballots are pre-encrypted, so every option has the limit 1")
    vectors = len(contest.options) + contest.limit
    # Codes are drawn by chance: with too few of them nearly every ballot would have to be made again.
    if vectors * (vectors - 1) > 8 * declared.trimming.codes:
        yield BrokenRule(
            where,
            f"{vectors} vectors are too many for {declared.trimming.codes} short codes that have to differ; "
            "choose longer ones",
        )

"""A draft from a ballot definition of NIST SP 1500-20, version 1 (``specs/official-formats.md#nist-bd``).

What the draft does not carry is named, down to the member of an object; what would make it another ballot
is grave. Where a ballot stands on paper, parties of candidates, dates and contacts have no place in a
manifest.

What it leaves out: whether the draft makes a manifest that its rules allow
(:meth:`evote.manifest.Manifest.build` says so), and everything a definition does not say: cells, how many
ballots are decrypted together, the board.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evote.errors import DecodeError
from evote.manifest import Manifest, ManifestError
from evote.manifest.strict_json import Node, read_json
from evote.office.official.bd_contests import Contests
from evote.office.official.bd_places import Places
from evote.office.official.bd_reading import MAX_ITEMS, Fields, Loss, Losses, by_identifier
from evote.office.official.bd_texts import Shown, Texts

VERSION = "1.0.0"
MAX_DEFINITION_BYTES = 64 * 1024 * 1024

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ImportedDraft:
    """A draft (:mod:`evote.manifest.draft`), and everything of the definition that is not in it."""

    draft: Object
    losses: tuple[Loss, ...]

    @property
    def faithful(self) -> bool:
        """Whether nothing grave is missing."""
        return not any(loss.grave for loss in self.losses)


def read_ballot_definition(raw: bytes, *, election: int = 1, language: str | None = None) -> ImportedDraft:
    """The draft of one election of the definition ``raw``.

    ``election`` counts from 1; ``language`` is that of the labels, by default the first of the
    election's name. Raises :class:`DecodeError` for what is no ballot definition, and ``ValueError`` for an
    election that it does not have.
    """
    losses = Losses()
    texts = Texts(losses, language)
    top = losses.open(Node(read_json(raw, limit=MAX_DEFINITION_BYTES, fractions=True)), "BallotDefinition")
    if top.text("Version") != VERSION:
        raise DecodeError(f"only version {VERSION} is read", "Version")
    chosen = _election(top, election, losses)
    label = texts.read(chosen.need("Name"), "election")
    parties = {
        key: texts.read(fields.need("Name"), key)
        for key, fields in by_identifier(top.items("Party"), losses, "Party", "Coalition").items()
    }
    candidates = {
        key: _candidate(key, fields, texts, losses)
        for key, fields in by_identifier(chosen.items("Candidate"), losses, "Candidate").items()
    }
    reader = Contests(losses, texts, candidates, parties)
    contests, labels = reader.read(chosen.items("Contest"))
    for what, member, known in (("candidate", "CandidateIds", candidates), ("party", "PartyIds", parties)):
        for key, shown in known.items():
            if (member, key) not in reader.used:
                losses.state(f"{what} {shown.label}", "not carried, for no option is called so")
    places = Places(losses, texts, labels)
    styles = places.styles(chosen.items("BallotStyle"))
    units = places.units(top.items("GpUnit"))
    if styles:
        contests = _on_ballots(contests, styles, losses)
    else:
        several = len(reader.districts) > 1
        losses.state("", "there is no ballot style, so every unit votes on all contests", grave=several)
    test = top.take("IsTest")
    draft: Object = {
        "label": label.label,
        "test": test is not None and test.boolean(),
        "languages": texts.languages,
        "contests": [_named(contest, texts) for contest in contests],
        "names": texts.names(label),
    }
    if styles:
        draft["styles"] = styles
    if units:
        draft["units"] = [_named(unit, texts) for unit in units]
    texts.account()
    return ImportedDraft(draft, losses.report())


def broken_by(draft: Object) -> tuple[str, ...]:
    """What keeps a draft from being a manifest, in sentences; none if nothing does."""
    try:
        Manifest.build(draft, salt=bytes(32), authority_key=None)
    except ManifestError as error:
        return tuple(str(rule) for rule in error.broken)
    except DecodeError as error:
        return (str(error),)
    return ()


def _election(top: Fields, wanted: int, losses: Losses) -> Fields:
    nodes = top.need("Election").items(MAX_ITEMS)
    if not 1 <= wanted <= len(nodes):
        raise ValueError(f"the definition has {len(nodes)} elections, and no election {wanted}")
    for number in range(1, len(nodes) + 1):
        if number != wanted:
            losses.state(f"election {number}", "left out: a manifest is one election", grave=True)
    return losses.open(nodes[wanted - 1], "Election")


def _candidate(key: str, fields: Fields, texts: Texts, losses: Losses) -> Shown:
    shown = texts.read(fields.need("BallotName"), key)
    status = fields.take("PreElectionStatus")
    if status is not None and status.text(100) == "withdrawn":
        losses.state(f"candidate {shown.label}", "withdrawn, and still in the draft", grave=True)
    return shown


def _on_ballots(contests: list[Object], styles: list[Object], losses: Losses) -> list[Object]:
    used = {label for style in styles for label in style["contests"]}
    for contest in contests:
        if contest["label"] not in used:
            losses.state(f"contest {contest['label']}", "left out: it is on no ballot", grave=True)
    return [contest for contest in contests if contest["label"] in used]


def _named(thing: Object, texts: Texts) -> Object:
    """A contest, an option or a unit as a draft has it: with its names, and what is in it likewise."""
    shown: Shown = thing["shown"]
    plain: Object = {"label": thing["label"]}
    names = texts.names(shown)
    if names:
        plain["names"] = names
    for member, value in thing.items():
        if member in ("options", "units"):
            plain[member] = [_named(each, texts) for each in value]
        elif member not in ("shown", "label"):
            plain[member] = value
    return plain

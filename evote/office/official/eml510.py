"""OASIS Election Markup Language 5.0, message 510: a count (``specs/official-formats.md#eml-510``).

Elements in the order of the standard::

    EML  TransactionId  ManagingAuthority(AuthorityIdentifier, AuthorityAddress)  IssueDate
         Count( EventIdentifier(EventName)
                Election( ElectionIdentifier(ElectionName)
                          Contests( Contest+ ) ) )
    Contest  ContestIdentifier(ContestName)  TotalVotes  ReportingUnitVotes*
    TotalVotes, ReportingUnitVotes
             [ReportingUnitIdentifier]  Selection+(Candidate(CandidateIdentifier(CandidateName)), ValidVotes)
             Cast  TotalCounted  RejectedVotes[overvote]?  UncountedVotes[undervote]?

The message has no tree: the reporting units of a contest are the smallest places that do not overlap,
so that they add up to the total. A contest of which nothing was counted is left out and named.

``Cast`` is the weight of the ballots that carry the contest, ``TotalCounted`` the sum of the valid votes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from xml.etree import ElementTree

from evote.manifest import Contest
from evote.office.official.form import (
    Exported,
    Issuer,
    bounded,
    other_languages,
    shown,
    unproved_facts,
    unusual_units,
    withheld_cells,
)
from evote.office.official.levels import ContestLevels, Levels, levels_of
from evote.office.official.sheet import Figures, ResultSheet, Standing

NAMESPACE = "urn:oasis:names:tc:evs:schema:eml"
MESSAGE = "510"
VERSION = "5.0"

_NO_XML = "\ufffe\uffff"
_INSTEAD = "\ufffd"


def eml_count(sheet: ResultSheet, issuer: Issuer, *, language: str | None = None) -> Exported:
    """The message as UTF-8 XML; ``language`` chooses the names, which are labels without it.

    Characters that XML does not have become U+FFFD. Raises ``ValueError`` where nothing was counted,
    because the standard wants at least one contest with votes.
    """
    levels = levels_of(sheet)
    counted = [level for level in levels.contests if _top(levels, level) is not None]
    if not counted:
        raise ValueError("nothing is counted yet, and a count without votes is no EML 510")
    # The namespace as an attribute: qualified names would need a prefix, which attributes must not have.
    root = ElementTree.Element("EML", {"xmlns": NAMESPACE, "Id": MESSAGE, "SchemaVersion": VERSION})
    _add(root, "TransactionId", sheet.moment)
    authority = _add(root, "ManagingAuthority")
    _add(authority, "AuthorityIdentifier", issuer.name)
    _add(authority, "AuthorityAddress")
    _add(root, "IssueDate", sheet.moment[:10])
    count = _add(root, "Count")
    name = shown(sheet.manifest.label, sheet.manifest.names, language)
    _add(_add(count, "EventIdentifier"), "EventName", name)
    election = _add(count, "Election")
    _add(_add(election, "ElectionIdentifier", Id="election"), "ElectionName", name)
    contests = _add(election, "Contests")
    for level in counted:
        _contest(_add(contests, "Contest"), level, levels, language)
    ElementTree.indent(root, " ")
    body = ElementTree.tostring(root, encoding="unicode")
    data = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()
    return Exported(data, bounded(_left_out(sheet, levels, language)))


def _left_out(sheet: ResultSheet, levels: Levels, language: str | None) -> Iterator[str]:
    yield from other_languages(sheet, language)
    yield f"standing: {sheet.standing.value}"
    if sheet.manifest.test or sheet.standing is not Standing.CERTIFIED:
        yield "a mark that the results are provisional, or those of a test"
    if sheet.fingerprint is not None:
        yield f"fingerprint: {sheet.fingerprint.hex()}"
    yield "the tree of units, and sub-totals of units that have others below them"
    yield f"units that have reported: {sheet.reported} of {len(sheet.units)}"
    if any(line.registered is not None or line.signed_in is not None for line in sheet.units.values()):
        yield "registered and signed-in voters"
    if sheet.open:
        yield "which votes were decrypted and which are open counts of a unit"
    for level in levels.contests:
        if _top(levels, level) is None:
            yield f"contest {level.contest.label}: nothing is counted yet"
    yield from chain(unusual_units(sheet), withheld_cells(sheet), unproved_facts(sheet, levels))


def _top(levels: Levels, level: ContestLevels) -> Figures | None:
    subtotal = level.subtotals.get(levels.places[0].id)
    return None if subtotal is None else subtotal.total


def _contest(parent: ElementTree.Element, level: ContestLevels, levels: Levels, language: str | None) -> None:
    contest = level.contest
    identifier = _add(parent, "ContestIdentifier", Id=f"contest-{contest.index}")
    _add(identifier, "ContestName", shown(contest.label, contest.names, language))
    total = _top(levels, level)
    if total is not None:
        _votes(_add(parent, "TotalVotes"), contest, total, language)
    places = {place.id: place for place in levels.places}
    for key in level.parts:
        figures = level.subtotals[key].total
        if figures is not None:
            place = places[key]
            votes = _add(parent, "ReportingUnitVotes")
            label = place.label if place.path is None else place.path
            _add(votes, "ReportingUnitIdentifier", shown(label, place.names, language), Id=key)
            _votes(votes, contest, figures, language)


def _votes(parent: ElementTree.Element, contest: Contest, figures: Figures, language: str | None) -> None:
    for option in contest.selectable:
        selection = _add(parent, "Selection")
        key = f"option-{contest.index}-{option.index}"
        identifier = _add(_add(selection, "Candidate"), "CandidateIdentifier", Id=key)
        _add(identifier, "CandidateName", shown(option.label, option.names, language))
        _add(selection, "ValidVotes", str(figures.counts[option.index - 1]))
    _add(parent, "Cast", str(figures.weight))
    _add(parent, "TotalCounted", str(sum(figures.counts[: len(contest.selectable)])))
    undervotes = figures.undervotes(contest)
    if figures.overvotes is not None:
        _add(parent, "RejectedVotes", str(figures.overvotes), ReasonCode="overvote")
    if undervotes is not None:
        _add(parent, "UncountedVotes", str(undervotes), ReasonCode="undervote")


def _add(
    parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str
) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, name, attributes)
    if text is not None:
        child.text = "".join(_INSTEAD if letter in _NO_XML else letter for letter in text)
    return child

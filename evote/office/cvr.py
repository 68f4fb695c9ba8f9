"""Cast vote records in the JSON form of NIST SP 1500-103 (version 1.0): one CVR is one ballot.

What is called what is decided by the names in the report: a contest is that of the manifest with its name,
abbreviation, code or identifier as label, the first of these that fits; options likewise, a candidate by
name; units by path, or by label where only one has it; ballot styles by identifier.

Of a CVR the current snapshot counts. A position is a mark if it is allocable, or, where that is not said, if
it has an indication; in a contest that is said to be overvoted every indication is one, so that the
overvote is encrypted as such. A contest that is not in the snapshot has no marks. Refused, with the reason:
what is not adjudicated (``unknown``, a write-in of which there is only an image), ranked and fractional
votes, contests and selections that the election does not have. The identifier of a ballot is the first of
``UniqueId``, ``BallotPrePrintedId`` and ``BallotAuditId`` that it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from evote.ballots import PlaintextBallot, PlaintextContest
from evote.codec import MAX_TEXT_BYTES
from evote.errors import DecodeError
from evote.manifest import Contest, Manifest, read_json
from evote.manifest.strict_json import Node
from evote.office.jsonstream import JsonStream
from evote.office.places import style_or_only, unit_or_only
from evote.office.rows import Row, row_of

VERSION = "1.0.0"
NAMES = ("UniqueId", "BallotPrePrintedId", "BallotAuditId")

_MOST = 100_000
_VOTES = 1_000_000

T = TypeVar("T")
Fields = Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a selection of the report is: an option of the manifest, a write-in, or both."""

    option: str | None
    write_in: bool


@dataclass(frozen=True, slots=True)
class Definitions:
    """What the identifiers of a report mean in this election; what is missing is not in the manifest."""

    elections: frozenset[str]
    contests: Mapping[str, tuple[Contest, Mapping[str, Choice]]]
    units: Mapping[str, str]


class CvrReport:
    """The report at ``path``."""

    def __init__(self, manifest: Manifest, path: Path) -> None:
        self._manifest = manifest
        self._definitions: Definitions | None = None
        self._digest = b""
        self.path = path

    @property
    def digest(self) -> bytes:
        """As :class:`~evote.office.rows.RowSource` says."""
        return self._digest

    def rows(self) -> Iterator[Row]:
        """As :class:`~evote.office.rows.RowSource` says. Definitions are read first, wherever they are."""
        self._digest = b""
        if self._definitions is None:
            with self.path.open("rb") as stream:
                self._definitions = self._define(JsonStream(stream))
        with self.path.open("rb") as stream:
            source = JsonStream(stream)
            number = 0
            for name, raw in source.members("CVR"):
                if name == "CVR":
                    number += 1
                    yield self._row(self._definitions, number, raw)
            self._digest = source.digest()

    # --- definitions -------------------------------------------------------------------------------

    def _define(self, source: JsonStream) -> Definitions:
        found = {name: Node(read_json(raw), name) for name, raw in source.members("CVR") if name != "CVR"}
        if "@type" not in found or found["@type"].value != "CVR.CastVoteRecordReport":
            raise DecodeError("the file is no cast vote record report of NIST SP 1500-103")
        if "Version" not in found or found["Version"].value != VERSION:
            raise DecodeError(f"only version {VERSION} is read", "Version")
        parties = {_identifier(item): item.entries() for item in _list(found, "Party")}
        elections = [item.entries() for item in _list(found, "Election")]
        contests: dict[str, tuple[Contest, Mapping[str, Choice]]] = {}
        known = {contest.label: contest for contest in self._manifest.contests}
        taken: set[str] = set()
        for election in elections:
            people = {_identifier(item): item.entries() for item in _list(election, "Candidate")}
            for item in _list(election, "Contest"):
                fields = item.entries()
                contest = _first(_labels(fields), known)
                if contest is None:
                    continue
                if contest.label in taken:
                    raise DecodeError(f"two contests are {contest.label!r} of the election", item.where)
                taken.add(contest.label)
                contests[_identifier(item)] = (contest, _choices(contest, fields, people, parties))
        return Definitions(
            frozenset(_text(election, "@id") for election in elections),
            contests,
            self._units(_list(found, "GpUnit")),
        )

    def _units(self, items: Iterable[Node]) -> dict[str, str]:
        units = self._manifest.ballot_units()
        known = {unit.path: unit.path for unit in units}
        labels = [unit.label for unit in units]
        known |= {unit.label: unit.path for unit in units if labels.count(unit.label) == 1}
        found = {}
        for item in items:
            path = _first(_labels(item.entries()), known)
            if path is not None:
                found[_identifier(item)] = path
        return found

    # --- ballots -----------------------------------------------------------------------------------

    def _row(self, definitions: Definitions, number: int, raw: bytes) -> Row:
        place = f"CVR[{number - 1}]"
        try:
            fields = Node(read_json(raw)).entries()
            names = [_text(fields, name) for name in NAMES if name in fields]
        except DecodeError as error:
            return Row(number, place, None, None, str(error))
        return row_of(
            self._manifest,
            number,
            place,
            names[0] if names else None,
            lambda: self._ballot(definitions, fields),
        )

    def _ballot(self, definitions: Definitions, fields: Fields) -> PlaintextBallot:
        manifest = self._manifest
        if _text(fields, "ElectionId") not in definitions.elections:
            raise ValueError("the ballot is one of another election than those of the report")
        unit = None
        if "BallotStyleUnitId" in fields:
            identifier = _text(fields, "BallotStyleUnitId")
            unit = definitions.units.get(identifier)
            if unit is None and len(manifest.ballot_units()) > 1:
                raise ValueError(f"the unit {identifier!r} is not one of the election that takes ballots")
        unit = unit_or_only(manifest, unit)
        style = None
        if "BallotStyleId" in fields and len(manifest.unit(unit).styles) > 1:
            style = _text(fields, "BallotStyleId")
        style = style_or_only(manifest, unit, style)
        contests = {contest.label: PlaintextContest() for contest in manifest.contests_of(style)}
        seen: set[str] = set()
        for item in _list(_snapshot(fields), "CVRContest"):
            part = item.entries()
            identifier = _text(part, "ContestId")
            known = definitions.contests.get(identifier)
            if known is None:
                raise ValueError(f"the contest {identifier!r} is not one of the election")
            contest, choices = known
            if contest.label in seen:
                raise ValueError(f"contest {contest.label!r} stands twice on the ballot")
            seen.add(contest.label)
            contests[contest.label] = _marked(contest, choices, part)
        return PlaintextBallot(unit, style, contests)


def _snapshot(fields: Fields) -> Fields:
    current = _text(fields, "CurrentSnapshotId")
    for item in _list(fields, "CVRSnapshot"):
        if _identifier(item) == current:
            return item.entries()
    raise ValueError(f"the current snapshot {current!r} is absent")


def _marked(contest: Contest, choices: Mapping[str, Choice], part: Fields) -> PlaintextContest:
    """What is marked in a contest of a snapshot."""
    where = f"contest {contest.label!r}"
    over = any(item.value == "overvoted" for item in _list(part, "Status")) or (
        "Overvotes" in part and part["Overvotes"].integer(0, _VOTES) > 0
    )
    marks: dict[str, int] = {}
    write_ins: list[str] = []
    for item in _list(part, "CVRContestSelection"):
        selection = item.entries()
        if "Rank" in selection or "TotalFractionalVotes" in selection:
            raise ValueError(f"{where} has ranked or fractional votes, which are not encrypted")
        choice = _choice(where, choices, selection)
        for position in _list(selection, "SelectionPosition"):
            votes, text = _position(where, position.entries(), over)
            if not votes:
                continue
            if choice.option is not None:
                marks[choice.option] = marks.get(choice.option, 0) + votes
            if text is not None:
                write_ins.append(text)
            elif choice.option is None:
                raise ValueError(f"{where} has a write-in without its text; adjudicate it first")
    if (
        over
        and sum(marks.values()) <= contest.limit
        and all(mark <= contest.option(label).limit for label, mark in marks.items())
    ):
        raise ValueError(f"{where} is said to be overvoted, and its marks keep the limits")
    return PlaintextContest(marks, tuple(write_ins))


def _choice(where: str, choices: Mapping[str, Choice], selection: Fields) -> Choice:
    if "ContestSelectionId" not in selection:
        return Choice(None, True)
    identifier = _text(selection, "ContestSelectionId")
    choice = choices.get(identifier)
    if choice is None:
        raise ValueError(f"{where} has no option {identifier!r}")
    return choice


def _position(where: str, position: Fields, over: bool) -> tuple[int, str | None]:
    """The votes of a position, 0 if it does not count, and what was written in there."""
    if "Rank" in position or "FractionalVotes" in position:
        raise ValueError(f"{where} has ranked or fractional votes, which are not encrypted")
    indication = _text(position, "HasIndication")
    allocable = _text(position, "IsAllocable") if "IsAllocable" in position else None
    if "unknown" in (indication, allocable):
        raise ValueError(f"{where} has a mark that is not adjudicated")
    for value in (indication, allocable or "no"):
        if value not in ("yes", "no"):
            raise ValueError(f"{where}: {value[:40]!r} is neither yes, no nor unknown")
    counts = indication == "yes" if over or allocable is None else allocable == "yes"
    if not counts:
        return 0, None
    text = None
    if "CVRWriteIn" in position:
        written = position["CVRWriteIn"].entries()
        text = _text(written, "Text").strip() if "Text" in written else None
    return _member(position, "NumberVotes").integer(1, _VOTES), text


def _choices(
    contest: Contest, fields: Fields, people: Mapping[str, Fields], parties: Mapping[str, Fields]
) -> dict[str, Choice]:
    """What the selections of a contest of the report are."""
    known = {option.label: option.label for option in contest.options if option.in_limit}
    found: dict[str, Choice] = {}
    for item in _list(fields, "ContestSelection"):
        selection = item.entries()
        labels = [_text(selection, "Selection")] if "Selection" in selection else []
        for member, table in (("CandidateIds", people), ("PartyIds", parties)):
            named = [table.get(node.text(MAX_TEXT_BYTES), {}) for node in _list(selection, member)]
            if len(named) == 1:
                labels += _labels(named[0])
            elif named:
                labels.append(" / ".join(_text(one, "Name") for one in named if "Name" in one))
        option = _first((*labels, *_labels(selection)), known)
        write_in = "IsWriteIn" in selection and selection["IsWriteIn"].boolean()
        if option is None and not write_in:
            continue
        if option is not None and any(choice.option == option for choice in found.values()):
            raise DecodeError(f"two selections are {option!r} of contest {contest.label!r}", item.where)
        found[_identifier(item)] = Choice(option, write_in)
    return found


# --- fields ------------------------------------------------------------------------------------------


def _labels(fields: Fields) -> list[str]:
    """What a thing may be called in the manifest, best first."""
    labels = [_text(fields, name) for name in ("Name", "Abbreviation") if name in fields]
    labels += [_text(code.entries(), "Value") for code in _list(fields, "Code")]
    return [*labels, _text(fields, "@id")] if "@id" in fields else labels


def _first(labels: Iterable[str], known: Mapping[str, T]) -> T | None:
    return next((known[label] for label in labels if label in known), None)


def _identifier(node: Node) -> str:
    return _text(node.entries(), "@id")


def _member(fields: Fields, name: str) -> Node:
    if name not in fields:
        raise DecodeError(f"the field {name} is absent")
    return fields[name]


def _text(fields: Fields, name: str) -> str:
    return _member(fields, name).text(MAX_TEXT_BYTES)


def _list(fields: Fields, name: str) -> tuple[Node, ...]:
    return fields[name].items(_MOST) if name in fields else ()

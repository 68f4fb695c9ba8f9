"""Contests of a ballot definition (``specs/official-formats.md#nist-bd``).

A contest whose marks count in other contests, or are ranked, is not what a manifest has; it is left out,
and that is grave. Several write-in lines are one option with their number as its limit, and as many texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evote.codec import MAX_SELECTION_LIMIT, MAX_TEXT_BYTES, MAX_WRITE_INS
from evote.errors import DecodeError
from evote.manifest.strict_json import Node
from evote.manifest.texts import quoted
from evote.office.official.bd_reading import Fields, Losses, by_identifier, ordered
from evote.office.official.bd_texts import Shown, Texts

Object = dict[str, Any]

KINDS = ("CandidateContest", "BallotMeasureContest", "RetentionContest", "PartyContest")
LEFT_OUT = {
    "StraightPartyContest": "a mark in it counts in other contests",
    "PartyPreferenceContest": "a mark in it decides about other contests",
    "ActivationContest": "a mark in it decides about other contests",
}
_OPTIONS = ("CandidateOption", "BallotMeasureOption", "PartyOption", "ActivationOption")
_PLAIN = ("approval", "majority", "n-of-m", "plurality", "proportional", "super-majority")
_DECIDED = ("majority", "proportional", "super-majority")
"""Variations that say how seats follow from votes, which a manifest does not."""
_CUMULATIVE = "cumulative"
WRITE_IN = "Write-in"


class Contests:
    """Reads the contests of one election."""

    def __init__(
        self, losses: Losses, texts: Texts, candidates: Mapping[str, Shown], parties: Mapping[str, Shown]
    ) -> None:
        self._losses = losses
        self._texts = texts
        self._candidates = candidates
        self._parties = parties
        self.used: set[tuple[str, str]] = set()
        """("CandidateIds" or "PartyIds", identifier) of all that name an option."""
        self.districts: set[str] = set()
        """Identifiers of the districts that the contests are held in."""

    def read(self, nodes: tuple[Node, ...]) -> tuple[list[Object], dict[str, str | None]]:
        """The contests of a draft in order, and the label of every identifier; None where it is left out."""
        found = by_identifier(nodes, self._losses, *KINDS, *LEFT_OUT)
        keys = {id(fields): key for key, fields in found.items()}
        labels: dict[str, str | None] = dict.fromkeys(found)
        kept: list[tuple[str, Shown, Object]] = []
        for fields in ordered(list(found.values())):
            key = keys[id(fields)]
            shown = self._title(fields)
            district = fields.peek("ElectionDistrictId")
            if district is not None:
                self.districts.add(district.text(MAX_TEXT_BYTES))
            contest = self._contest(fields, shown)
            if contest is not None:
                kept.append((key, shown, contest))
        unique = self._texts.unique([shown for _, shown, _ in kept], [key for key, _, _ in kept], "contest")
        for label, (key, shown, contest) in zip(unique, kept, strict=True):
            labels[key] = label
            contest["label"] = label
            contest["shown"] = shown
        return [contest for _, _, contest in kept], labels

    def _title(self, fields: Fields) -> Shown:
        name = self._texts.plain(fields.text("Name"))
        title = fields.take("BallotTitle")
        if not name:
            raise DecodeError("the contest has no name", fields.where)
        return Shown(name, {} if title is None else self._texts.read(title, name).names)

    def _contest(self, fields: Fields, shown: Shown) -> Object | None:
        where = f"contest {shown.label}"
        reason = LEFT_OUT.get(fields.kind) or self._ranked(fields)
        if reason is not None:
            self._losses.state(where, f"left out: {reason}", grave=True)
            return None
        variation = self._variation(fields)
        if variation not in (*_PLAIN, _CUMULATIVE):
            self._losses.state(where, f"left out: votes are counted by {variation!r}", grave=True)
            return None
        if variation in _DECIDED:
            self._losses.state(where, f"that it is decided by {variation} is not carried")
        limit = 1
        if fields.kind == "CandidateContest":
            limit = fields.need("VotesAllowed").integer(1, MAX_SELECTION_LIMIT)
        options, write_ins = self._options(fields, limit if variation == _CUMULATIVE else 1)
        if write_ins:
            options.append({"shown": Shown(WRITE_IN, {}), "limit": min(write_ins, limit), "id": WRITE_IN})
        if not options:
            self._losses.state(where, "left out: it has nothing to choose from", grave=True)
            return None
        room = sum(option["limit"] for option in options)
        if limit > room:
            self._losses.state(where, f"{limit} votes are allowed, and its options have room for {room}")
            limit = room
        labels = self._texts.unique(
            [option["shown"] for option in options], [option.pop("id") for option in options], "option"
        )
        for option, label in zip(options, labels, strict=True):
            option["label"] = label
        contest: Object = {"limit": limit, "options": options}
        if write_ins:
            contest["write_ins"] = write_ins
        return contest

    def _variation(self, fields: Fields) -> str:
        node = fields.take("VoteVariation")
        if node is None:
            return "n-of-m"
        variation = node.text(100)
        if variation == "other":
            other = fields.take("OtherVoteVariation")
            return variation if other is None else other.text(1000)
        return variation

    def _ranked(self, fields: Fields) -> str | None:
        ranks = fields.take("RanksAllowed") if fields.kind == "CandidateContest" else None
        if ranks is not None and ranks.integer(0, MAX_SELECTION_LIMIT) > 1:
            return "options are ranked"
        return None

    # --- options -----------------------------------------------------------------------------------

    def _options(self, fields: Fields, limit: int) -> tuple[list[Object], int]:
        """The options, and how many write-ins stand beside them."""
        found = by_identifier(fields.items("ContestOption"), self._losses, *_OPTIONS)
        keys = {id(option): key for key, option in found.items()}
        options: list[Object] = []
        write_ins = 0
        for option in ordered(list(found.values())):
            key = keys[id(option)]
            if option.kind == "CandidateOption" and self._is_write_in(option):
                write_ins += 1
                continue
            options.append({"id": key, "shown": self._shown(option, key), "limit": limit})
        if write_ins > MAX_WRITE_INS:
            raise DecodeError(f"{write_ins} write-ins are more than {MAX_WRITE_INS}", fields.where)
        return options, write_ins

    def _is_write_in(self, option: Fields) -> bool:
        node = option.take("IsWriteIn")
        return node is not None and node.boolean()

    def _shown(self, option: Fields, key: str) -> Shown:
        if option.kind == "CandidateOption":
            return self._referred(option, "CandidateIds", self._candidates, key)
        if option.kind == "PartyOption":
            return self._referred(option, "PartyIds", self._parties, key)
        return self._texts.read(option.need("Selection"), key)

    def _referred(self, option: Fields, member: str, known: Mapping[str, Shown], key: str) -> Shown:
        keys = option.texts(member)
        for each in keys:
            if each not in known:
                raise DecodeError(f"nothing has the identifier {quoted(each)}", f"{option.where}.{member}")
            self.used.add((member, each))
        if not keys:
            self._losses.state(option.where, f"the option has no name; {quoted(key)} stands for it")
            return Shown(self._texts.plain(key), {})
        return self._texts.joined(known[each] for each in keys)

"""Reads ``manifest.json``, computes its hash as electionguard-python does, and derives the placeholders.

The hash covers values, not bytes: names of fields, order of members and candidates are not in it, nor are
``spec_version`` and ``primary_party_ids``. A contest has as many placeholders as votes may be given; their
names and numbers follow from those of its options.
"""

from __future__ import annotations

from datetime import UTC, datetime

from evote.codec import (
    MAX_CONTESTS,
    MAX_INDEX,
    MAX_LANGUAGES,
    MAX_OPTIONS,
    MAX_SELECTION_LIMIT,
    MAX_STYLES,
    MAX_UNITS,
)
from evote.errors import DecodeError
from evote.interop.electionguard1.hashes import Hashes
from evote.interop.electionguard1.parts import label, members_of, text
from evote.interop.electionguard1.values import Described, Manifest, ManifestContest
from evote.manifest.strict_json import Node, read_json

Members = dict[str, Node]


def manifest_of(raw: bytes, hashes: Hashes) -> Manifest:
    """The manifest and its hash; raises :class:`DecodeError`."""
    members = members_of(
        Node(read_json(raw)),
        (
            "election_scope_id",
            "spec_version",
            "type",
            "start_date",
            "end_date",
            "geopolitical_units",
            "parties",
            "candidates",
            "contests",
            "ballot_styles",
        ),
        ("name", "contact_information"),
    )
    reader = _Reader(hashes)
    name = label(members["election_scope_id"])
    units = [reader.unit(each) for each in members["geopolitical_units"].items(MAX_UNITS)]
    parties = [reader.party(each) for each in members["parties"].items(MAX_UNITS)]
    contests: dict[str, ManifestContest] = {}
    options: set[str] = set()
    for node in members["contests"].items(MAX_CONTESTS):
        contest = reader.contest(node)
        names = [each.label for each in contest.selections]
        if contest.label in contests or options.intersection(names):
            raise DecodeError("its name, or that of an option, is another one's as well", node.where)
        contests[contest.label] = contest
        options.update(names)
    styles: dict[str, frozenset[str]] = {}
    style_hashes = []
    for node in members["ballot_styles"].items(MAX_STYLES):
        style, districts, digest = reader.style(node)
        if style in styles:
            raise DecodeError(f"two ballot styles are called {style!r}", node.where)
        styles[style] = districts
        style_hashes.append(digest)
    members["candidates"].items(MAX_CONTESTS * MAX_OPTIONS)
    digest = hashes.of(
        name,
        label(members["type"]),
        _date(members["start_date"]),
        _date(members["end_date"]),
        reader.words(members, "name"),
        reader.contact(members),
        units,
        parties,
        [each.hash for each in contests.values()],
        style_hashes,
    )
    return Manifest(name, digest, contests, styles)


class _Reader:
    """Reads entities and hashes them."""

    __slots__ = ("_hashes",)

    def __init__(self, hashes: Hashes) -> None:
        self._hashes = hashes

    def unit(self, node: Node) -> str:
        members = members_of(node, ("object_id", "name", "type"), ("contact_information",))
        name, kind = text(members["name"]), label(members["type"])
        return self._hashes.of(label(members["object_id"]), name, kind, self.contact(members))

    def party(self, node: Node) -> str:
        members = members_of(node, ("object_id",), ("name", "abbreviation", "color", "logo_uri"))
        words = self.words(members, "name") or self._hashes.of(None)
        rest = (_optional(members, each) for each in ("abbreviation", "color", "logo_uri"))
        return self._hashes.of(label(members["object_id"]), words, *rest)

    def style(self, node: Node) -> tuple[str, frozenset[str], str]:
        members = members_of(node, ("object_id",), ("geopolitical_unit_ids", "party_ids", "image_uri"))
        name = label(members["object_id"])
        districts = _labels(members, "geopolitical_unit_ids")
        digest = self._hashes.of(
            name, districts, _labels(members, "party_ids"), _optional(members, "image_uri")
        )
        return name, frozenset(districts), digest

    def contest(self, node: Node) -> ManifestContest:
        members = members_of(
            node,
            (
                "object_id",
                "sequence_order",
                "electoral_district_id",
                "vote_variation",
                "number_elected",
                "name",
                "ballot_selections",
            ),
            ("votes_allowed", "ballot_title", "ballot_subtitle", "primary_party_ids"),
        )
        name = label(members["object_id"])
        order = members["sequence_order"].integer(0, MAX_INDEX)
        district = label(members["electoral_district_id"])
        limit = members["number_elected"].integer(1, MAX_SELECTION_LIMIT)
        allowed = members.get("votes_allowed")
        options = [self._option(each) for each in members["ballot_selections"].items(MAX_OPTIONS)]
        orders = {each.order for each in options}
        if (
            len(orders) != len(options)
            or len({each.label for each in options}) != len(options)
            or not options
        ):
            raise DecodeError("a contest has options, no two of one name or number", node.where)
        digest = self._hashes.of(
            name,
            order,
            district,
            label(members["vote_variation"]),
            self.words(members, "ballot_title"),
            self.words(members, "ballot_subtitle"),
            text(members["name"]),
            limit,
            None if allowed is None else allowed.integer(0, MAX_INDEX),
            [each.hash for each in options],
        )
        places = range(max(orders) + 1, max(orders) + 1 + limit)
        selections = (*options, *(self._placeholder(name, place) for place in places))
        return ManifestContest(name, order, district, limit, digest, selections)

    def _option(self, node: Node) -> Described:
        members = members_of(node, ("object_id", "sequence_order", "candidate_id"))
        name, order = label(members["object_id"]), members["sequence_order"].integer(0, MAX_INDEX)
        return Described(name, order, self._hashes.of(name, order, label(members["candidate_id"])), False)

    def _placeholder(self, contest: str, order: int) -> Described:
        name = f"{contest}-{order}-placeholder"
        return Described(name, order, self._hashes.of(name, order, f"{contest}-{order}-candidate"), True)

    def words(self, members: Members, name: str) -> str | None:
        """A text in several languages."""
        if name not in members:
            return None
        found = members_of(members[name], ("text",))["text"].items(MAX_LANGUAGES)
        return self._hashes.of([self._annotated(each, "value", "language") for each in found])

    def contact(self, members: Members) -> str | None:
        """How somebody can be reached."""
        if "contact_information" not in members:
            return None
        found = members_of(members["contact_information"], (), ("address_line", "email", "phone", "name"))
        lines = [text(each) for each in found["address_line"].items(100)] if "address_line" in found else None
        return self._hashes.of(
            _optional(found, "name"), lines, self._entries(found, "email"), self._entries(found, "phone")
        )

    def _entries(self, members: Members, name: str) -> list[str] | None:
        if name not in members:
            return None
        return [self._annotated(each, "annotation", "value") for each in members[name].items(100)]

    def _annotated(self, node: Node, first: str, second: str) -> str:
        members = members_of(node, (first, second))
        return self._hashes.of(text(members[first]), text(members[second]))


def _optional(members: Members, name: str) -> str | None:
    return text(members[name]) if name in members else None


def _labels(members: Members, name: str) -> list[str]:
    return [label(each) for each in members[name].items(MAX_UNITS)] if name in members else []


def _date(node: Node) -> str:
    """A time to the second; one with an offset is told in UTC."""
    stated = label(node)
    try:
        moment = datetime.fromisoformat(stated)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise DecodeError("this is no date", node.where) from None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

"""What is encrypted for what a voter marked: expectations written down, not computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.vectors.form import Case, Document, case, document, group
from tests.vectors.setting import TOY, world

FILE = "plaintext-ballots.json"

Marks = Mapping[str, object]

NORMAL, UNDERVOTE, OVERVOTE, NULL_VOTE = "normal", "undervote", "overvote", "null_vote"

COUNCIL = {"Alan": 1, "Emmy": 1}
COUNCIL_VOTE = ("Council", (1, 1, 0), NORMAL, (), ())

# Fields of Mayor: Ada, Grace, overvote, undervote, undervote difference, null vote.
VOTES: list[tuple[str, str, Marks, tuple[object, ...]]] = [
    ("one", "one mark where L is 1", {"Ada": 1}, ((1, 0, 0, 0, 0, 0), NORMAL, (), ())),
    ("zero-mark", "a mark of 0 is no mark", {"Ada": 1, "Grace": 0}, ((1, 0, 0, 0, 0, 0), NORMAL, (), ())),
    ("none", "no mark: undervote and null vote", {}, ((0, 0, 0, 1, 1, 1), NULL_VOTE, (), ())),
    (
        "too-many",
        "an overvote: options are 0, the marks are kept; it is neither an undervote nor a null vote",
        {"Ada": 1, "Grace": 1},
        ((0, 0, 1, 0, 0, 0), OVERVOTE, (1, 1), ()),
    ),
    (
        "too-high",
        "one mark beyond R is an overvote too",
        {"Ada": 2},
        ((0, 0, 1, 0, 0, 0), OVERVOTE, (2, 0), ()),
    ),
    (
        "huge",
        "the largest mark that is recorded",
        {"Ada": 65535},
        ((0, 0, 1, 0, 0, 0), OVERVOTE, (65535, 0), ()),
    ),
]
COUNCIL_VOTES: list[tuple[str, str, Marks, tuple[str, ...], tuple[object, ...]]] = [
    ("two", "two marks where L is 2", {"Alan": 1, "Emmy": 1}, (), ((1, 1, 0), NORMAL, (), ())),
    ("one-of-2", "2 where R is 2", {"Kurt": 2}, (), ((0, 0, 2), NORMAL, (), ())),
    ("fewer", "one mark less than L", {"Kurt": 1}, (), ((0, 0, 1), UNDERVOTE, (), ())),
    ("three", "R is kept and L is not", {"Alan": 1, "Kurt": 2}, (), ((0, 0, 0), OVERVOTE, (1, 0, 2), ())),
    ("r-alone", "L is kept and R is not", {"Alan": 2}, (), ((0, 0, 0), OVERVOTE, (2, 0, 0), ())),
    (
        "write-in",
        "the text of a write-in is recorded and counts nothing",
        {"Alan": 1, "Emmy": 1},
        ("Zoë",),
        ((1, 1, 0), NORMAL, (), ("Zoë",)),
    ),
    ("write-in-alone", "without a mark", {}, ("Zoë",), ((0, 0, 0), NULL_VOTE, (), ("Zoë",))),
]


def make() -> Document:
    w = world("plaintexts", TOY, "town")
    accepted = [
        _case(
            f"plaintext-mayor-{name}",
            comment,
            {"Mayor": _marked(marks), "Council": _marked(COUNCIL)},
            [_vote("Mayor", *vote), _vote(*COUNCIL_VOTE)],
        )
        for name, comment, marks, vote in VOTES
    ]
    accepted += [
        _case(
            f"plaintext-council-{name}",
            comment,
            {"Council": _marked(marks, write_ins)},
            [_vote("Council", *vote)],
            style="council",
        )
        for name, comment, marks, write_ins, vote in COUNCIL_VOTES
    ]
    council = _marked(COUNCIL)
    good = {"Mayor": _marked({"Ada": 1}), "Council": council}
    refused = [
        _refused("unknown-unit", "a unit that there is not", good, unit="East"),
        _refused("unknown-style", "a style that there is not", good, style="empty"),
        _refused(
            "style-of-another-unit",
            "South does not vote in this style",
            {"Council": council},
            unit="South",
            style="council",
        ),
        _refused(
            "contest-left-out",
            "a contest of the style is missing: a null vote is said, not guessed",
            {"Mayor": _marked({"Ada": 1})},
        ),
        _refused("contest-too-many", "the style does not have this contest", good, style="council"),
        _refused("unknown-contest", "a contest that there is not", {**good, "Judge": _marked({})}),
        _refused("unknown-option", "an option that there is not", {**good, "Mayor": _marked({"Kurt": 1})}),
        _refused("negative", "a mark below 0", {**good, "Mayor": _marked({"Ada": -1})}),
        _refused(
            "too-large", "65536 has no place in the contest data", {**good, "Mayor": _marked({"Ada": 65536})}
        ),
        _refused(
            "counted-fact",
            "a fact that the device counts cannot be marked",
            {**good, "Mayor": _marked({"overvote": 1})},
        ),
        _refused("true", "true is not 1", {**good, "Mayor": _marked({"Ada": True})}),
        _refused(
            "write-in-without-field",
            "this contest takes none",
            {**good, "Mayor": _marked({"Ada": 1}, ("Zoë",))},
        ),
    ]
    refused_late = [
        _refused(
            "write-in-too-long",
            "31 bytes where 30 are allowed",
            {**good, "Council": _marked(COUNCIL, ("x" * 31,))},
        ),
        _refused("two-write-ins", "one is allowed", {**good, "Council": _marked(COUNCIL, ("a", "b"))}),
    ]
    params = {"manifest": w.manifest.raw.decode()}
    notes = [
        "input: what a device is told; expect: per contest of the style what is encrypted, or misuse.",
        "values has one number per field of the contest in the manifest's order, supplemental ones included.",
        "status, marks and write_ins are what the contest data field records, where the contest has one.",
        "In an overvote every option is 0, and of the supplemental fields only overvote is 1.",
        "kind record: the marks are well formed, and the record of them has no place in the contest data.",
    ]
    groups = [
        group({**params, "kind": "accepted"}, accepted),
        group({**params, "kind": "refused"}, refused),
        group({**params, "kind": "record"}, refused_late),
    ]
    return document("sections 3.3.5 and 3.3.9", notes, groups)


def _marked(marks: Marks, write_ins: Sequence[str] = ()) -> dict[str, object]:
    return {"marks": marks, "write_ins": write_ins}


def _vote(
    contest: str, values: object, status: object, marks: object, write_ins: object
) -> dict[str, object]:
    return {"contest": contest, "values": values, "status": status, "marks": marks, "write_ins": write_ins}


def _case(name: str, comment: str, contests: object, expect: object, style: str = "full") -> Case:
    given = {"unit": "North", "style": style, "contests": contests}
    return case(name, comment, given, expect)


def _refused(name: str, comment: str, contests: object, unit: str = "North", style: str = "full") -> Case:
    given = {"unit": unit, "style": style, "contests": contests}
    return case(f"plaintext-{name}", comment, given, "misuse", base="plaintext-mayor-one")

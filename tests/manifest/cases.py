"""Manifests that are refused: the sample with one fault each. Tests and vectors are made from this.

``PATCHES`` change the JSON value (operations of RFC 6902: add, replace, remove), ``SWAPS`` its text.
``BROKEN`` break one rule, ``MALFORMED`` and ``SWAPS`` have a wrong form.
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from evote.manifest import device_origin
from evote.signing import SigningKey, prove_possession
from evote.testing.boards import ORIGIN
from tests.manifest.samples import KEYS, SALT, document, raw_of


class Patch(NamedTuple):
    """A fault in the JSON value, and what the error says."""

    id: str
    operations: list[dict[str, Any]]
    error: str
    base: str = "sample"
    """Which of the samples has the fault."""

    def raw(self) -> bytes:
        return raw_of(patched(document(self.base), self.operations))


class Swap(NamedTuple):
    """A fault in the text: ``old``, which stands there, becomes ``new`` at its first place.

    ``error`` is the start of the message: the rest of it may be the JSON library's.
    """

    id: str
    old: str
    new: str
    error: str

    def raw(self) -> bytes:
        text = raw_of(document())
        old, new = self.old.encode("utf-8"), self.new.encode("utf-8", "surrogatepass")
        if old not in text:
            raise ValueError(f"{self.id}: {self.old!r} is not in the sample")
        return text.replace(old, new, 1)


def patched(value: Any, operations: list[dict[str, Any]]) -> Any:
    """The JSON value after the operations of a patch."""
    value = copy.deepcopy(value)
    for operation in operations:
        *path, last = [part.replace("~1", "/") for part in operation["path"].split("/")[1:]]
        target = value
        for part in path:
            target = target[int(part) if isinstance(target, list) else part]
        key = int(last) if isinstance(target, list) and last != "-" else last
        if operation["op"] == "remove":
            del target[key]
        elif operation["op"] == "add" and isinstance(target, list):
            target.insert(len(target) if key == "-" else key, operation["value"])
        else:
            target[key] = operation["value"]
    return value


def put(path: str, value: object) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def add(path: str, value: object) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def remove(path: str) -> dict[str, Any]:
    return {"op": "remove", "path": path}


MAYOR, OWN_MAYOR = "/contests/0", "/evote/contests/0"
COUNCIL, OWN_COUNCIL = "/contests/1", "/evote/contests/1"
NORTH, SOUTH = "/evote/units/0", "/evote/units/1"
EXTENSIONS = "/evote/extensions"
KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
LONG = "x" * 257


def _option(label: str, kind: str) -> list[dict[str, Any]]:
    """One more field at the end of the first contest."""
    return [
        add(f"{MAYOR}/options/-", {"label": label}),
        add(f"{OWN_MAYOR}/options/-", {"kind": kind, "names": {}}),
    ]


BOARD, ROLL = f"{EXTENSIONS}/board", f"{EXTENSIONS}/roll"
SOUTH_LOG, BOOTH = f"{BOARD}/units/South", f"{BOARD}/devices/booth 1"
PROOF = "00" * 64
IDENTITY = "01" + "00" * 31
NOT_PROVEN = "the proof of possession is not that of the key for this election"
NOT_A_KEY = "the key is no Ed25519 key that is accepted: the public key is the identity"


def _online(id: str, operations: list[dict[str, Any]], error: str) -> Patch:
    return Patch(id, operations, error, "online")


def _attended(id: str, operations: list[dict[str, Any]], error: str) -> Patch:
    return Patch(id, operations, error, "attended")


def _declared(path: str, content: dict[str, Any]) -> list[dict[str, Any]]:
    """Other values for some members of what stands at a path."""
    return [put(f"{path}/{member}", value) for member, value in content.items()]


def _log(origin: str, key: SigningKey = KEYS.units["South"]) -> dict[str, Any]:
    """The log of South with another origin, well proven."""
    return {
        "origin": origin,
        "key": key.verify_key.encoded.hex(),
        "possession": prove_possession(key, salt=SALT, origin=origin).hex(),
    }


BOARDS = [
    # the election's log
    _online(
        "board-without-context",
        [remove(f"{EXTENSIONS}/context")],
        "extension 'board': ballots are signed for their unit and voter, so 'context' is declared too",
    ),
    _online(
        "board-possession-wrong", [put(f"{BOARD}/possession", PROOF)], f"extension 'board': {NOT_PROVEN}"
    ),
    _online("board-key-small-order", [put(f"{BOARD}/key", IDENTITY)], f"extension 'board': {NOT_A_KEY}"),
    _online(
        "board-possession-of-another-origin",
        [put(f"{BOARD}/origin", "logs.example/other")],
        f"extension 'board': {NOT_PROVEN}",
    ),
    _online(
        "board-possession-of-another-election",
        _declared(BOARD, {"possession": prove_possession(KEYS.log, salt=bytes(32), origin=ORIGIN).hex()}),
        f"extension 'board': {NOT_PROVEN}",
    ),
    _online(
        "board-closes-never",
        [put(f"{BOARD}/closes", "2026-02-30T20:00:00Z")],
        "extension 'board': the end of voting is no date: there is no moment 2026-02-30T20:00:00Z",
    ),
    _online(
        "board-closes-in-local-time",
        [put(f"{BOARD}/closes", "2026-06-30T20:00:00+02:00")],
        "extension 'board': the end of voting is no date: a moment is written as 2026-06-30T20:00:00Z",
    ),
    _online(
        "merge-delay-zero",
        [put(f"{BOARD}/merge_delay", 0)],
        "extension 'board': the merge delay is 0 seconds; it lies between 1 and 2592000",
    ),
    _online(
        "merge-delay-huge",
        [put(f"{BOARD}/merge_delay", 2_592_001)],
        "extension 'board': the merge delay is 2592001 seconds; it lies between 1 and 2592000",
    ),
    _online(
        "witnesses-without-line-break",
        [put(f"{BOARD}/witnesses", "quorum none")],
        "extension 'board': the policy of witnesses does not end with a line break",
    ),
    _online(
        "witnesses-control",
        [put(f"{BOARD}/witnesses", "quorum\u001b none\n")],
        "extension 'board': the policy of witnesses holds a control character",
    ),
    # units' logs
    _online(
        "unit-without-log", [remove(SOUTH_LOG)], "extension 'board': the reporting unit 'South' has no log"
    ),
    _online(
        "log-of-a-parent-unit",
        [add(f"{BOARD}/units/North", _log("logs.example/north", KEYS.devices["booth 1"]))],
        "extension 'board': 'North' is no reporting unit, so it has no log",
    ),
    _online(
        "log-possession-wrong",
        [put(f"{SOUTH_LOG}/possession", PROOF)],
        f"extension 'board', unit 'South': {NOT_PROVEN}",
    ),
    _online(
        "log-possession-of-another-unit",
        [
            put(
                f"{SOUTH_LOG}/possession",
                prove_possession(KEYS.units["South"], salt=SALT, origin=f"{ORIGIN}/North/N1").hex(),
            )
        ],
        f"extension 'board', unit 'South': {NOT_PROVEN}",
    ),
    _online(
        "log-key-small-order",
        [put(f"{SOUTH_LOG}/key", IDENTITY)],
        f"extension 'board', unit 'South': {NOT_A_KEY}",
    ),
    _online(
        "log-origin-empty",
        [put(f"{SOUTH_LOG}/origin", "")],
        "extension 'board', unit 'South': the origin is empty",
    ),
    _online(
        "log-origin-space",
        [put(SOUTH_LOG, _log("logs.example/the south"))],
        "extension 'board', unit 'South': the origin holds a plus sign "
        "or a space, which end the name of a key",
    ),
    _online(
        "log-origin-plus",
        [put(SOUTH_LOG, _log("logs.example+south"))],
        "extension 'board', unit 'South': the origin holds a plus sign "
        "or a space, which end the name of a key",
    ),
    _online(
        "log-origin-line-break",
        [put(SOUTH_LOG, _log("logs.example\u0007"))],
        "extension 'board', unit 'South': the origin holds a line break, tab or other control character",
    ),
    _online(
        "log-origin-too-long",
        [put(SOUTH_LOG, _log("o" * 257))],
        "extension 'board', unit 'South': the origin is longer than 256 bytes",
    ),
    _online(
        "log-origin-decomposed",
        [put(SOUTH_LOG, _log("e\u0301"))],
        "extension 'board', unit 'South': the origin is not in Unicode normal form C, "
        "so another origin could look the same",
    ),
    _online(
        "log-origin-of-the-election",
        [put(SOUTH_LOG, _log(ORIGIN))],
        f"extension 'board': the log of 'South' and the election's log have the origin '{ORIGIN}'; "
        "every log has its own",
    ),
    _online(
        "log-key-of-another-unit",
        [put(SOUTH_LOG, _log(f"{ORIGIN}/South", KEYS.units["North/N1"]))],
        "the election: the log of 'South' and the log of 'North/N1' have one key; every duty has its own",
    ),
    _online(
        "log-key-of-the-roll",
        [put(SOUTH_LOG, _log(f"{ORIGIN}/South", KEYS.authorities[0]))],
        "the election: the log of 'South' and the credential authority have one key; every duty has its own",
    ),
    _online(
        "log-key-of-the-index",
        [put(f"{EXTENSIONS}/index/key", KEYS.log.verify_key.encoded.hex())],
        "the election: the election's log and the authority have one key; every duty has its own",
    ),
    # who signs
    _attended(
        "board-without-signers",
        [remove(BOOTH)],
        "extension 'board': somebody signs ballots: declare 'roll' or attended devices",
    ),
    _attended(
        "device-possession-wrong",
        [put(f"{BOOTH}/possession", PROOF)],
        f"extension 'board', device 'booth 1': {NOT_PROVEN}",
    ),
    _attended(
        "device-key-small-order",
        [put(f"{BOOTH}/key", IDENTITY)],
        f"extension 'board', device 'booth 1': {NOT_A_KEY}",
    ),
    _attended(
        "device-name-empty",
        [
            remove(BOOTH),
            add(
                f"{BOARD}/devices/",
                {
                    "key": KEYS.devices["booth 1"].verify_key.encoded.hex(),
                    "possession": prove_possession(
                        KEYS.devices["booth 1"], salt=SALT, origin=device_origin("")
                    ).hex(),
                },
            ),
        ],
        "extension 'board', device '': the label is empty",
    ),
    _attended(
        "device-twice-as-seen",
        [
            add(
                f"{BOARD}/devices/booth\u200d 1",
                {
                    "key": KEYS.authorities[0].verify_key.encoded.hex(),
                    "possession": prove_possession(
                        KEYS.authorities[0], salt=SALT, origin=device_origin("booth\u200d 1")
                    ).hex(),
                },
            )
        ],
        "extension 'board': 2 devices have the label 'booth 1'; labels are unique",
    ),
    _attended(
        "board-with-chaining",
        [put("/evote/chaining", 1)],
        "the election: chaining mode 1 and extension 'board' exclude each other: "
        "a chain cannot skip the ballots that are rejected after they were admitted",
    ),
    _online(
        "roll-with-devices",
        [put(f"{BOARD}/devices", KEYS.board(SALT)["devices"])],
        "extension 'board': with 'roll' credentials sign ballots, and no devices are declared",
    ),
    # the roll
    _online(
        "roll-without-board",
        [remove(BOARD)],
        "extension 'roll': ballots are signed for a log, so 'board' is declared too",
    ),
    _online(
        "roll-with-opening-by-guardians",
        [put("/evote/guardian_opening", True)],
        "the election: opening by guardians and extension 'roll' exclude each other: "
        "devices are not attended where voters sign for themselves",
    ),
    _online(
        "roll-possession-wrong",
        [put(f"{ROLL}/possession", PROOF)],
        f"extension 'roll': credential authority: {NOT_PROVEN}",
    ),
    _online(
        "roll-key-small-order",
        [put(f"{ROLL}/key", IDENTITY)],
        f"extension 'roll': credential authority: {NOT_A_KEY}",
    ),
    _online(
        "roll-second-possession-wrong",
        [put(f"{ROLL}/second/possession", PROOF)],
        f"extension 'roll': second credential authority: {NOT_PROVEN}",
    ),
    _online(
        "roll-second-is-the-first",
        [
            put(
                f"{ROLL}/second",
                {
                    "key": KEYS.authorities[0].verify_key.encoded.hex(),
                    "possession": prove_possession(
                        KEYS.authorities[0], salt=SALT, origin="second credential authority"
                    ).hex(),
                },
            )
        ],
        "the election: the second credential authority and the credential authority have one key; "
        "every duty has its own",
    ),
    _online(
        "roll-two-parts-of-one-authority",
        [put(f"{ROLL}/second", None)],
        "extension 'roll': there is a second authority exactly if credentials have two parts: each draws one",
    ),
    _online(
        "roll-one-part-of-two-authorities",
        [put(f"{ROLL}/parts", 1)],
        "extension 'roll': there is a second authority exactly if credentials have two parts: each draws one",
    ),
    _online(
        "roll-empty",
        [put(f"{ROLL}/slots", 0)],
        "extension 'roll': the roll has 0 slots; it has between 1 and 100000000",
    ),
    _online(
        "roll-huge",
        [put(f"{ROLL}/slots", 100_000_001)],
        "extension 'roll': the roll has 100000001 slots; it has between 1 and 100000000",
    ),
    _online(
        "roll-stretched-too-little",
        [put(f"{ROLL}/iterations", 999)],
        "extension 'roll': codes are stretched 999 times; it is between 1000 and 10000000",
    ),
    _online(
        "roll-scheme-that-is-built-in",
        [add(f"{ROLL}/schemes", ["ed25519"])],
        "extension 'roll': 2 schemes have the label 'ed25519'; labels are unique",
    ),
    _online(
        "roll-scheme-twice",
        [add(f"{ROLL}/schemes", ["e-id", "e-id"])],
        "extension 'roll': 2 schemes have the label 'e-id'; labels are unique",
    ),
    _online(
        "roll-scheme-without-name",
        [add(f"{ROLL}/schemes", [""])],
        "extension 'roll': the label is empty",
    ),
    _online(
        "roll-stretched-too-much",
        [put(f"{ROLL}/iterations", 10_000_001)],
        "extension 'roll': codes are stretched 10000001 times; it is between 1000 and 10000000",
    ),
]

_FIELDS = {
    BOARD: ("key", "possession", "origin", "closes", "merge_delay", "witnesses", "units", "devices"),
    ROLL: ("key", "possession", "second", "slots", "root", "parts", "iterations"),
    SOUTH_LOG: ("origin", "key", "possession"),
}
_NAMES = {BOARD: "board", ROLL: "roll", SOUTH_LOG: "log"}

MALFORMED_BOARDS = [
    *(
        _online(
            f"{_NAMES[path]}-{field.replace('_', '-')}-absent",
            [remove(f"{path}/{field}")],
            f"{path[1:].replace('/', '.')}: the field {field} is absent",
        )
        for path, fields in _FIELDS.items()
        for field in fields
    ),
    *(
        _online(
            f"{_NAMES[path]}-field-unknown",
            [add(f"{path}/colour", "red")],
            f"{path[1:].replace('/', '.')}: the field 'colour' is unknown",
        )
        for path in _FIELDS
    ),
    _attended(
        "device-possession-absent",
        [remove(f"{BOOTH}/possession")],
        "evote.extensions.board.devices.booth 1: the field possession is absent",
    ),
    _online(
        "board-key-null", [put(f"{BOARD}/key", None)], "evote.extensions.board.key: a text is wanted here"
    ),
    _online(
        "board-key-upper-case",
        [put(f"{BOARD}/key", KEYS.log.verify_key.encoded.hex().upper())],
        "evote.extensions.board.key: 64 hexadecimal digits in lower case are wanted here",
    ),
    _online(
        "board-possession-short",
        [put(f"{BOARD}/possession", "00" * 63)],
        "evote.extensions.board.possession: 128 hexadecimal digits in lower case are wanted here",
    ),
    _online(
        "board-merge-delay-text",
        [put(f"{BOARD}/merge_delay", "600")],
        "evote.extensions.board.merge_delay: an integer is wanted here",
    ),
    _online(
        "board-witnesses-too-long",
        [put(f"{BOARD}/witnesses", "#" * 65_536 + "\n")],
        "evote.extensions.board.witnesses: the text is longer than 65536 bytes",
    ),
    _online(
        "board-units-list",
        [put(f"{BOARD}/units", [])],
        "evote.extensions.board.units: an object is wanted here",
    ),
    _online(
        "roll-parts-three", [put(f"{ROLL}/parts", 3)], "evote.extensions.roll.parts: 3 is not between 1 and 2"
    ),
    _online(
        "roll-root-short",
        [put(f"{ROLL}/root", "00" * 31)],
        "evote.extensions.roll.root: 64 hexadecimal digits in lower case are wanted here",
    ),
    _online(
        "roll-slots-negative",
        [put(f"{ROLL}/slots", -1)],
        "evote.extensions.roll.slots: -1 is not between 0 and 2147483647",
    ),
    _online("roll-null", [put(ROLL, None)], "evote.extensions.roll: an object is wanted here"),
]

BROKEN = [
    # labels
    Patch("label-empty", [put("/label", "")], "the election: the label is empty"),
    Patch("label-too-long", [put("/label", LONG)], "the election: the label is longer than 256 bytes"),
    Patch(
        "label-line-break",
        [put(f"{MAYOR}/label", "May\nor")],
        r"contest 'May\nor': the label holds a line break, tab or other control character",
    ),
    Patch(
        "label-tab",
        [put(f"{MAYOR}/options/0/label", "A\tda")],
        r"contest 'Mayor', option 'A\tda': the label holds a line break, tab or other control character",
    ),
    Patch(
        "label-line-separator",
        [put(f"{MAYOR}/label", "May\u2028or")],
        r"contest 'May\u2028or': the label holds a line break, tab or other control character",
    ),
    Patch(
        "label-leading-space",
        [put("/label", " E")],
        "the election: the label starts or ends with white space",
    ),
    Patch(
        "label-trailing-space",
        [put("/label", "E ")],
        "the election: the label starts or ends with white space",
    ),
    Patch(
        "label-double-space",
        [put("/label", "E  F")],
        "the election: the label holds several white-space characters in a row",
    ),
    Patch(
        "label-no-break-space", [put("/label", "E\u00a0F")], "the election: the label holds a no-break space"
    ),
    Patch(
        "label-direction",
        [put("/label", "E\u202eF")],
        "the election: the label holds a mark that turns the writing direction",
    ),
    Patch(
        "label-decomposed",
        [put("/label", "E\u0301")],
        "the election: the label is not in Unicode normal form C, so another label could look the same",
    ),
    Patch(
        "contest-label-twice",
        [put(f"{COUNCIL}/label", "Mayor")],
        "the election: 2 contests have the label 'Mayor'; labels are unique",
    ),
    Patch(
        "option-label-twice",
        [put(f"{MAYOR}/options/1/label", "Ada")],
        "contest 'Mayor': 2 options have the label 'Ada'; labels are unique",
    ),
    Patch(
        "style-label-twice",
        [
            put("/ballot_styles/1/label", "full"),
            put(f"{NORTH}/units/1/styles", ["full"]),
            put(f"{SOUTH}/styles", ["full"]),
            put(f"{OWN_COUNCIL}/cells/0/units", ["North/N1", "North/N2", "South"]),
        ],
        "the election: 2 ballot styles have the label 'full'; labels are unique",
    ),
    Patch(
        "cell-label-twice",
        [put(f"{OWN_MAYOR}/cells/1/label", "north")],
        "contest 'Mayor': 2 cells have the label 'north'; labels are unique",
    ),
    Patch(
        "unit-label-slash",
        [put(f"{SOUTH}/label", "S/1"), put(f"{OWN_MAYOR}/cells/1/units", ["S/1"])],
        "unit 'S/1': the label holds a '/', which separates the labels of a path",
    ),
    # limits
    Patch(
        "contest-limit-zero",
        [put(f"{COUNCIL}/selection_limit", 0)],
        "contest 'Council': the contest limit is 0; it lies between 1 and 1000",
    ),
    Patch(
        "contest-limit-huge",
        [
            put(f"{COUNCIL}/selection_limit", 1001),
            *(add(f"{COUNCIL}/options/{i}/selection_limit", 500) for i in range(3)),
        ],
        "contest 'Council': the contest limit is 1001; it lies between 1 and 1000",
    ),
    Patch(
        "contest-limit-above-sum",
        [put(f"{COUNCIL}/selection_limit", 8)],
        "contest 'Council': the contest limit 8 is more than 7, the sum of its option limits",
    ),
    Patch(
        "option-limit-zero",
        [put(f"{COUNCIL}/options/0/selection_limit", 0)],
        "contest 'Council', option 'Red': the option limit is 0; it lies between 1 and 1000",
    ),
    Patch(
        "option-limit-above-contest-limit",
        [put(f"{COUNCIL}/options/0/selection_limit", 5)],
        "contest 'Council', option 'Red': the option limit 5 is more than the contest limit 4",
    ),
    Patch(
        "contest-without-options",
        [put(f"{COUNCIL}/options", []), put(f"{OWN_COUNCIL}/options", [])],
        "contest 'Council': there is no option to select",
    ),
    # supplemental fields
    Patch(
        "option-after-fields",
        _option("Di", "option"),
        "contest 'Mayor', option 'Di': options stand before all supplemental fields",
    ),
    Patch(
        "field-twice",
        _option("empty", "null_vote"),
        "contest 'Mayor': there are 2 fields of kind null_vote; one is enough",
    ),
    Patch(
        "overvote-limit",
        [add(f"{MAYOR}/options/3/selection_limit", 2)],
        "contest 'Mayor', option 'overvote': a field of kind overvote has the limit 1 here, not 2",
    ),
    Patch(
        "undervote-limit",
        [add(f"{MAYOR}/options/4/selection_limit", 2)],
        "contest 'Mayor', option 'undervote': a field of kind undervote has the limit 1 here, not 2",
    ),
    Patch(
        "null-vote-limit",
        [add(f"{MAYOR}/options/6/selection_limit", 0)],
        "contest 'Mayor', option 'null vote': a field of kind null_vote has the limit 1 here, not 0",
    ),
    Patch(
        "undervote-difference-limit",
        [
            add(f"{COUNCIL}/options/-", {"label": "left over"}),
            add(f"{OWN_COUNCIL}/options/-", {"kind": "undervote_difference", "names": {}}),
        ],
        "contest 'Council', option 'left over': a field of kind undervote_difference has the limit 4 here, "
        "not 1",
    ),
    # contest data
    Patch(
        "contest-data-blocks",
        [put(f"{OWN_MAYOR}/contest_data/blocks", 4)],
        "contest 'Mayor', contest data: 3 blocks hold the longest record, so 4 is wrong",
    ),
    Patch(
        "contest-data-length-without-write-ins",
        [put(f"{OWN_MAYOR}/contest_data", {"write_ins": 0, "write_in_bytes": 64, "blocks": 1})],
        "contest 'Mayor', contest data: the number of write-ins and their length are both 0 or both positive",
    ),
    Patch(
        "contest-data-too-many-write-ins",
        [put(f"{OWN_MAYOR}/contest_data", {"write_ins": 101, "write_in_bytes": 1, "blocks": 10})],
        "contest 'Mayor', contest data: there are at most 100 write-ins, not 101",
    ),
    Patch(
        "contest-data-too-long-write-ins",
        [put(f"{OWN_MAYOR}/contest_data", {"write_ins": 1, "write_in_bytes": 4097, "blocks": 129})],
        "contest 'Mayor', contest data: a write-in has at most 4096 bytes, not 4097",
    ),
    Patch(
        "contest-data-too-long",
        [put(f"{OWN_MAYOR}/contest_data", {"write_ins": 8, "write_in_bytes": 4096, "blocks": 1025})],
        "contest 'Mayor', contest data: the field is longer than 32768 bytes",
    ),
    # ballot styles
    Patch(
        "style-empty",
        [
            put("/ballot_styles/1/contests", []),
            put(f"{OWN_MAYOR}/cells", [{"label": "north", "units": ["North/N1", "North/N2"]}]),
        ],
        "ballot style 'short': a ballot has at least one contest",
    ),
    Patch(
        "style-contest-zero",
        [put("/ballot_styles/1/contests", [0, 1])],
        "ballot style 'short': there is no contest 0; contests count from 1 to 2",
    ),
    Patch(
        "style-contest-unknown",
        [put("/ballot_styles/1/contests", [1, 3])],
        "ballot style 'short': there is no contest 3; contests count from 1 to 2",
    ),
    Patch(
        "style-contest-twice",
        [put("/ballot_styles/1/contests", [1, 1])],
        "ballot style 'short': contest 1 stands there 2 times; once is enough",
    ),
    Patch(
        "style-weight-zero",
        [put("/evote/ballot_styles/1/weight", 0)],
        "ballot style 'short': the weight is 0; it lies between 1 and 1000000",
    ),
    Patch(
        "style-weight-huge",
        [put("/evote/ballot_styles/1/weight", 1_000_001)],
        "ballot style 'short': the weight is 1000001; it lies between 1 and 1000000",
    ),
    Patch(
        "contest-on-no-style",
        [put("/ballot_styles/0/contests", [1]), put(f"{OWN_COUNCIL}/cells", [])],
        "contest 'Council': no ballot style has this contest",
    ),
    Patch(
        "no-contest",
        [
            put("/contests", []),
            put("/evote/contests", []),
            put("/ballot_styles", []),
            put("/evote/ballot_styles", []),
            put("/evote/units", []),
        ],
        "2 rules are broken:\nthe election: there is no contest\nthe election: there is no unit that reports",
    ),
    # units
    Patch(
        "style-in-no-unit",
        [
            put(f"{NORTH}/units/1/styles", ["full"]),
            put(f"{SOUTH}/styles", ["full"]),
            put(f"{OWN_COUNCIL}/cells/0/units", ["North/N1", "North/N2", "South"]),
        ],
        "ballot style 'short': no unit that reports has this style",
    ),
    Patch(
        "unit-label-twice",
        [
            put(f"{NORTH}/units/1/label", "N1"),
            put(f"{OWN_MAYOR}/cells/0/units", ["North/N1"]),
            put(f"{OWN_COUNCIL}/cells/0/units", ["North/N1"]),
        ],
        "unit 'North': 2 units have the label 'N1'; labels are unique",
    ),
    Patch(
        "unit-without-style",
        [
            put(f"{NORTH}/units/0/styles", []),
            put(f"{OWN_MAYOR}/cells/0/units", ["North/N2"]),
            put(f"{OWN_COUNCIL}/cells/0/units", ["North/N2"]),
        ],
        "unit 'North/N1': a unit that reports has at least one ballot style",
    ),
    Patch(
        "parent-with-style",
        [put(f"{NORTH}/styles", ["full"])],
        "unit 'North': ballot styles belong to units that report, and this one has units below",
    ),
    Patch(
        "unit-style-unknown",
        [put(f"{SOUTH}/styles", ["short", "long"])],
        "unit 'South': there is no ballot style 'long'",
    ),
    Patch(
        "unit-style-twice",
        [put(f"{SOUTH}/styles", ["short", "short"])],
        "unit 'South': ballot style 'short' stands there 2 times",
    ),
    # cells
    Patch(
        "cell-empty",
        [add(f"{OWN_MAYOR}/cells/-", {"label": "nobody", "units": []})],
        "contest 'Mayor', cell 'nobody': a cell has at least one unit",
    ),
    Patch(
        "cell-unknown-unit",
        [add(f"{OWN_MAYOR}/cells/0/units/-", "East")],
        "contest 'Mayor', cell 'north': 'East' is no reporting unit with a ballot for this contest",
    ),
    Patch(
        "cell-parent-unit",
        [add(f"{OWN_MAYOR}/cells/0/units/-", "North")],
        "contest 'Mayor', cell 'north': 'North' is no reporting unit with a ballot for this contest",
    ),
    Patch(
        "cell-unit-without-the-contest",
        [add(f"{OWN_COUNCIL}/cells/0/units/-", "South")],
        "contest 'Council', cell 'all': 'South' is no reporting unit with a ballot for this contest",
    ),
    Patch(
        "cells-overlap",
        [add(f"{OWN_MAYOR}/cells/1/units/-", "North/N2")],
        "contest 'Mayor', cell 'south': unit 'North/N2' is in cell 'north' already; "
        "a ballot enters one decrypted sum only",
    ),
    Patch(
        "cell-unit-twice",
        [add(f"{OWN_MAYOR}/cells/1/units/-", "South")],
        "contest 'Mayor', cell 'south': unit 'South' is in cell 'south' already; "
        "a ballot enters one decrypted sum only",
    ),
    Patch(
        "unit-in-no-cell",
        [remove(f"{OWN_MAYOR}/cells/1")],
        "contest 'Mayor': unit 'South' votes on it and is in none of its cells",
    ),
    Patch(
        "minimum-cell-zero",
        [put("/evote/minimum_cell", 0), put("/evote/test", True)],
        "the election: the minimum size of a cell is 1 or more",
    ),
    Patch(
        "minimum-cell-too-small",
        [put("/evote/minimum_cell", 9)],
        "the election: the minimum size of a cell is 9; only an election marked as a test may go below 10",
    ),
    # names
    Patch(
        "language-tag",
        [
            put("/evote/languages/1", "FR"),
            put("/evote/names", {}),
            put(f"{OWN_MAYOR}/names", {}),
            put(f"{OWN_MAYOR}/options/2/names", {}),
        ],
        "the election: 'FR' is no language tag like 'fr' or 'de-CH'",
    ),
    Patch(
        "language-twice",
        [add("/evote/languages/-", "fr")],
        "the election: language 'fr' stands there 2 times",
    ),
    Patch(
        "name-in-no-language",
        [add(f"{OWN_MAYOR}/names/de", "Bürgermeister")],
        "contest 'Mayor': a name in 'de', which is no language of the election",
    ),
    Patch(
        "name-missing",
        [remove(f"{OWN_MAYOR}/names/fr")],
        "contest 'Mayor': there is no name in 'fr', but in other languages",
    ),
    Patch("name-empty", [put(f"{OWN_MAYOR}/names/fr", "")], "contest 'Mayor': the name in 'fr' is empty"),
    Patch(
        "name-control",
        [put("/evote/names/en", "City\u001b[2J")],
        "the election: the name in 'en' holds a line break, tab or other control character",
    ),
    # extensions and policies
    Patch(
        "extension-unknown",
        [add(f"{EXTENSIONS}/telepathy", {"key": None})],
        "extension 'telepathy': it is not known; "
        "known are index, context, round0, cells, board, roll, returns, preencrypted, requests",
    ),
    Patch(
        "extension-key-absent",
        [put(f"{EXTENSIONS}/index/key", None)],
        "extension 'index': it is signed, so its declaration names the key",
    ),
    Patch(
        "extension-key-idle",
        [put(f"{EXTENSIONS}/round0/key", KEY)],
        "extension 'round0': it is not signed, so it has no key",
    ),
    Patch(
        "extension-key-upper-case",
        [put(f"{EXTENSIONS}/index/key", KEY.upper())],
        "extension 'index': a key is 64 hexadecimal digits in lower case",
    ),
    Patch(
        "extension-key-short",
        [put(f"{EXTENSIONS}/index/key", KEY[:-2])],
        "extension 'index': a key is 64 hexadecimal digits in lower case",
    ),
    Patch(
        "extension-key-small-order",
        [put(f"{EXTENSIONS}/index/key", "01" + "00" * 31)],
        "extension 'index': the key is no Ed25519 key that is accepted: the public key is the identity",
    ),
    Patch(
        "cells-not-declared",
        [remove(f"{EXTENSIONS}/cells"), put("/evote/minimum_cell", 1), put("/evote/test", True)],
        "contest 'Mayor': it has 2 cells, so the extension 'cells' is declared",
    ),
    Patch(
        "minimum-cell-not-declared",
        [
            remove(f"{EXTENSIONS}/cells"),
            put(f"{OWN_MAYOR}/cells", [{"label": "all", "units": ["North/N1", "North/N2", "South"]}]),
        ],
        "the election: cells have a minimum size of 10, so the extension 'cells' is declared",
    ),
    Patch(
        "roll-with-chaining",
        [put("/evote/chaining", 1)],
        "the election: chaining mode 1 and extension 'roll' exclude each other: "
        "a chain cannot skip the ballots that a later one replaces",
        "online",
    ),
    Patch(
        "roll-with-contest-data-decrypted",
        [put("/evote/decrypt_contest_data", True)],
        "the election: decrypting contest data and extension 'roll' exclude each other: "
        "what one voter wrote would be shown beside the voter's pseudonym",
        "online",
    ),
    *BOARDS,
]

MALFORMED = [
    *MALFORMED_BOARDS,
    Patch("field-absent", [remove("/evote/salt")], "evote: the field salt is absent"),
    Patch("evote-absent", [remove("/evote")], "the field evote is absent"),
    Patch("field-unknown", [add("/evote/colour", "red")], "evote: the field 'colour' is unknown"),
    Patch(
        "field-unknown-in-draft-part", [add(f"{MAYOR}/order", 1)], "contests[0]: the field 'order' is unknown"
    ),
    Patch("format-unknown", [put("/evote/format", 2)], "evote.format: only format 1 is known"),
    Patch("label-number", [put("/label", 5)], "label: a text is wanted here"),
    Patch(
        "limit-text",
        [put(f"{COUNCIL}/selection_limit", "4")],
        "contests[1].selection_limit: an integer is wanted here",
    ),
    Patch(
        "contest-no-limit",
        [put(f"{COUNCIL}/selection_limit", "NO_LIMIT")],
        "contests[1].selection_limit: an integer is wanted here",
    ),
    Patch(
        "option-limit-word",
        [put(f"{COUNCIL}/options/0/selection_limit", "NO_LIMIT")],
        "contests[1].options[0].selection_limit: an integer is wanted here",
    ),
    Patch(
        "limit-negative",
        [put(f"{COUNCIL}/selection_limit", -1)],
        "contests[1].selection_limit: -1 is not between 0 and 2147483647",
    ),
    Patch(
        "limit-too-large",
        [put(f"{COUNCIL}/selection_limit", 2**31)],
        "contests[1].selection_limit: 2147483648 is not between 0 and 2147483647",
    ),
    Patch(
        "limit-true",
        [put(f"{COUNCIL}/selection_limit", True)],
        "contests[1].selection_limit: an integer is wanted here",
    ),
    Patch("test-number", [put("/evote/test", 1)], "evote.test: true or false is wanted here"),
    Patch("contests-object", [put("/contests", {})], "contests: a list is wanted here"),
    Patch("contest-text", [put(MAYOR, "Mayor")], "contests[0]: an object is wanted here"),
    Patch(
        "lists-not-parallel",
        [remove(f"{OWN_MAYOR}/options/0")],
        "evote.contests[0].options: 6 members stand beside 7 of contests[0].options",
    ),
    Patch(
        "kind-unknown",
        [put(f"{OWN_MAYOR}/options/0/kind", "candidate")],
        "evote.contests[0].options[0].kind: one of option, overvote, undervote, undervote_difference, "
        "null_vote is wanted here",
    ),
    Patch("chaining-unknown", [put("/evote/chaining", 2)], "evote.chaining: 2 is not between 0 and 1"),
    Patch(
        "salt-short",
        [put("/evote/salt", "00" * 31)],
        "evote.salt: 64 hexadecimal digits in lower case are wanted here",
    ),
    Patch(
        "salt-upper-case",
        [put("/evote/salt", "AA" * 32)],
        "evote.salt: 64 hexadecimal digits in lower case are wanted here",
    ),
    Patch("extension-list", [put(EXTENSIONS, ["index"])], "evote.extensions: an object is wanted here"),
    Patch(
        "extension-without-key-field",
        [put(f"{EXTENSIONS}/context", {})],
        "evote.extensions.context: the field key is absent",
    ),
]

SWAPS = [
    Swap(
        "member-twice",
        '"label":"City',
        '"label":"Town","label":"City',
        "the member 'label' stands twice in one object",
    ),
    Swap(
        "member-twice-escaped",
        '"label":"City',
        '"l\\u0061bel":"Town","label":"City',
        "the member 'label' stands twice in one object",
    ),
    Swap(
        "number-with-fraction",
        '"minimum_cell":10',
        '"minimum_cell":10.0',
        "the number 10.0 has a fraction or an exponent; only integers are read",
    ),
    Swap(
        "number-with-exponent",
        '"minimum_cell":10',
        '"minimum_cell":1e1',
        "the number 1e1 has a fraction or an exponent; only integers are read",
    ),
    Swap("number-nan", '"minimum_cell":10', '"minimum_cell":NaN', "NaN is not a number of JSON"),
    Swap(
        "number-infinity",
        '"minimum_cell":10',
        '"minimum_cell":-Infinity',
        "-Infinity is not a number of JSON",
    ),
    Swap(
        "number-minus-zero",
        '"chaining":0',
        '"chaining":-0',
        "the number -0 is not an integer within 2^53 - 1",
    ),
    Swap(
        "number-leading-zero",
        '"minimum_cell":10',
        '"minimum_cell":010',
        "not JSON: ",
    ),
    Swap(
        "number-above-2-53",
        '"minimum_cell":10',
        '"minimum_cell":9007199254740992',
        "the number 9007199254740992 is not an integer within 2^53 - 1",
    ),
    Swap(
        "number-huge",
        '"minimum_cell":10',
        '"minimum_cell":' + "9" * 400,
        "the number 99999999999999999999 is not an integer within 2^53 - 1",
    ),
    Swap("lone-surrogate-escaped", "City election", "City\\ud83d", "a text holds half of a surrogate pair"),
    Swap(
        "lone-surrogate-in-name",
        '"kind":"option"',
        '"\\udc00":1,"kind":"option"',
        "a text holds half of a surrogate pair",
    ),
    Swap(
        "control-character",
        "City election",
        "City\nelection",
        "not JSON: ",
    ),
    Swap(
        "byte-order-mark",
        '{"label":"City',
        '\ufeff{"label":"City',
        "the text starts with a byte order mark; write UTF-8 without it",
    ),
    Swap("surrogate-bytes", "City election", "City\ud800", "not UTF-8: byte "),
    Swap(
        "white-space-before",
        '{"label":"City',
        ' {"label":"City',
        "a manifest starts with { and ends with }, without white space around them",
    ),
    Swap(
        "newline-at-the-end",
        '"cells":{"key":null}}}}',
        '"cells":{"key":null}}}}\n',
        "a manifest starts with { and ends with }, without white space around them",
    ),
    Swap(
        "bytes-after-the-end",
        '"cells":{"key":null}}}}',
        '"cells":{"key":null}}}}{}',
        "not JSON: ",
    ),
    Swap(
        "truncated",
        '"cells":{"key":null}}}}',
        '"cells":{"key":null}}}',
        "not JSON: ",
    ),
    Swap(
        "nested-too-deep",
        '"names":{"en":"City election"',
        '"names":{"en":' + "[" * 100 + "]" * 100,
        "objects and lists are nested deeper than 64",
    ),
    Swap(
        "nested-far-too-deep",
        '"names":{"en":"City election"',
        '"names":{"en":' + "[" * 2000,
        "objects and lists are nested deeper than 64",
    ),
    Swap(
        "comment",
        '{"label":"City',
        '{/* */"label":"City',
        "not JSON: ",
    ),
]

"""Manifests that are refused: the sample with one fault each. Tests and vectors are made from this.

``PATCHES`` change the JSON value (operations of RFC 6902: add, replace, remove), ``SWAPS`` its text.
``BROKEN`` break one rule, ``MALFORMED`` and ``SWAPS`` have a wrong form.
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from tests.manifest.samples import document, raw_of


class Patch(NamedTuple):
    """A fault in the JSON value, and what the error says."""

    id: str
    operations: list[dict[str, Any]]
    error: str

    def raw(self) -> bytes:
        return raw_of(patched(document(), self.operations))


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
        "extension 'telepathy': it is not known; known are index, context, round0, cells, roll",
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
        [add(f"{EXTENSIONS}/roll", {"key": KEY}), put("/evote/chaining", 1)],
        "the election: chaining mode 1 and extension 'roll' exclude each other: "
        "a chain cannot skip the ballots that a later one replaces",
    ),
    Patch(
        "roll-with-contest-data-decrypted",
        [add(f"{EXTENSIONS}/roll", {"key": KEY}), put("/evote/decrypt_contest_data", True)],
        "the election: decrypting contest data and extension 'roll' exclude each other: "
        "what one voter wrote would be shown beside the voter's pseudonym",
    ),
]

MALFORMED = [
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

"""One form per value: everything else is a DecodeError, and nothing else is ever raised."""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import struct
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, cast

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.codec import (
    MAX_COUNT,
    MAX_FRAME_BYTES,
    MAX_INDEX,
    NIL,
    AtMost,
    Between,
    Count,
    Digest,
    ElementBytes,
    Index,
    Label,
    ScalarBytes,
    Width,
    decode,
    decode_fields,
    encode,
    joined,
)
from evote.errors import DecodeError

ELEMENT_BYTES = 6


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class Pair:
    alpha: ElementBytes
    scalar: ScalarBytes


@dataclass(frozen=True, slots=True)
class Parcel:
    """Every form once."""

    index: Index
    count: Count
    offset: Annotated[int, Between(-1000, 1000)]
    label: Annotated[str, AtMost(40)]
    blob: Annotated[bytes, AtMost(300)]
    open: bool
    colour: Colour
    note: Annotated[str, AtMost(10)] | None
    pair: Pair
    pairs: Annotated[tuple[Pair, ...], AtMost(20)]
    flags: tuple[bool, ...]


def parcel(**changes: Any) -> Parcel:
    fields: dict[str, Any] = {
        "index": 7,
        "count": 300,
        "offset": -5,
        "label": "Genève",
        "blob": b"\x00\x01",
        "open": True,
        "colour": Colour.GREEN,
        "note": None,
        "pair": Pair(b"abcdef", bytes(32)),
        "pairs": (Pair(b"uvwxyz", bytes(range(32))),),
        "flags": (True, False),
    }
    return Parcel(**(fields | changes))


def read(data: bytes) -> Parcel:
    return decode(Parcel, data, element_bytes=ELEMENT_BYTES)


def plain(value: Parcel) -> dict[str, Any]:
    """The parcel as a general decoder sees it; tests change it and pack it again."""
    return cast("dict[str, Any]", msgpack.unpackb(encode(value)))


def refused(data: bytes) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        read(data)
    return caught.value


# --- round trip ----------------------------------------------------------------------------------

texts = st.text(max_size=40).filter(lambda text: len(text.encode()) <= 40)
pairs = st.builds(
    Pair,
    st.binary(min_size=ELEMENT_BYTES, max_size=ELEMENT_BYTES),
    st.binary(min_size=32, max_size=32),
)
parcels = st.builds(
    Parcel,
    st.integers(1, MAX_INDEX),
    st.integers(0, MAX_COUNT),
    st.integers(-1000, 1000),
    texts,
    st.binary(max_size=300),
    st.booleans(),
    st.sampled_from(Colour),
    st.none() | st.text(st.characters(max_codepoint=127), max_size=10),
    pairs,
    st.lists(pairs, max_size=20).map(tuple),
    st.lists(st.booleans(), max_size=20).map(tuple),
)


@given(parcels)
def test_what_is_encoded_decodes_to_the_same_value(value: Parcel) -> None:
    assert read(encode(value)) == value


@given(parcels)
def test_the_encoding_is_msgpack_with_the_fields_in_declared_order(value: Parcel) -> None:
    tree = plain(value)
    assert list(tree) == [
        "index", "count", "offset", "label", "blob", "open", "colour", "note", "pair", "pairs", "flags",
    ]  # fmt: skip
    assert msgpack.packb(tree) == encode(value)


def test_equal_values_have_equal_bytes_and_unequal_ones_do_not() -> None:
    assert encode(parcel()) == encode(parcel())
    assert encode(parcel(note="")) != encode(parcel(note=None))
    assert encode(parcel(flags=())) != encode(parcel(flags=(False,)))


def test_an_absent_optional_value_is_written_as_nil() -> None:
    assert plain(parcel(note=None))["note"] is None


# --- truncation, trailing bytes, order of fields -------------------------------------------------


def test_every_proper_prefix_is_refused() -> None:
    data = encode(parcel())
    for end in range(len(data)):
        refused(data[:end])


@pytest.mark.parametrize("extra", [b"\x00", b"\xc0", b"\x80", b"x" * 1000])
def test_trailing_bytes_are_refused(extra: bytes) -> None:
    assert "left over" in refused(encode(parcel()) + extra).message


def test_fields_in_another_order_are_refused() -> None:
    tree = plain(parcel())
    names = list(tree)
    for first in range(len(names) - 1):
        swapped = names.copy()
        swapped[first], swapped[first + 1] = swapped[first + 1], swapped[first]
        error = refused(msgpack.packb({name: tree[name] for name in swapped}))
        assert names[first] in error.message


def test_a_missing_field_is_refused_and_named() -> None:
    for name in plain(parcel()):
        tree = plain(parcel())
        del tree[name]
        assert f"the field {name} is absent" in refused(msgpack.packb(tree)).message


def test_an_unknown_field_is_refused_wherever_it_stands() -> None:
    tree = plain(parcel())
    for place in range(len(tree) + 1):
        items = [*tree.items()]
        items.insert(place, ("colour2", 1))
        assert "'colour2' is unknown" in refused(msgpack.packb(dict(items))).message


def _map(items: list[tuple[Any, Any]]) -> bytes:
    """A map with the given keys, also those that no dict could hold."""
    body = b"".join(msgpack.packb(key) + msgpack.packb(value) for key, value in items)
    return bytes((0x80 | len(items),)) + body


def test_a_duplicate_key_is_refused_beside_and_instead_of_another() -> None:
    items = list(plain(parcel()).items())
    assert "twice" in refused(_map([*items, items[0]])).message
    assert "twice" in refused(_map([*items, items[-1]])).message
    assert "twice" in refused(_map([items[0], items[0], *items[2:]])).message


@pytest.mark.parametrize("key", [0, 1.5, None, True, b"index", [1], {"index": 1}, "Index", "index\x00", ""])
def test_keys_that_are_not_the_fields_name_are_refused(key: object) -> None:
    items = list(plain(parcel()).items())
    refused(_map([(key, items[0][1]), *items[1:]]))


def test_an_unknown_key_is_quoted_shortly_and_safely() -> None:
    items = list(plain(parcel()).items())
    message = refused(_map([("\x1b[31m" + "k" * 200, 1), *items[1:]])).message
    assert "\x1b" not in message
    assert len(message) < 80


# --- forms of numbers, lengths and other kinds ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class OneInt:
    n: Annotated[int, Between(-(2**63), 2**64 - 1)]


@dataclass(frozen=True, slots=True)
class OneText:
    t: Annotated[str, AtMost(2**17)]


@dataclass(frozen=True, slots=True)
class OneBlob:
    b: Annotated[bytes, AtMost(2**17)]


@dataclass(frozen=True, slots=True)
class OneList:
    m: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class OneFlag:
    f: bool


@dataclass(frozen=True, slots=True)
class Empty:
    pass


def one(kind: type, written: bytes) -> Any:
    """Decode a value of one field whose bytes are ``written``."""
    name = next(iter(kind.__dataclass_fields__))  # type: ignore[attr-defined]
    return decode(kind, b"\x81" + msgpack.packb(name) + written, element_bytes=ELEMENT_BYTES)


INTEGER_FORMS = (
    (">B", 0xCC, 0, 2**8 - 1),
    (">H", 0xCD, 0, 2**16 - 1),
    (">I", 0xCE, 0, 2**32 - 1),
    (">Q", 0xCF, 0, 2**64 - 1),
    (">b", 0xD0, -(2**7), 2**7 - 1),
    (">h", 0xD1, -(2**15), 2**15 - 1),
    (">i", 0xD2, -(2**31), 2**31 - 1),
    (">q", 0xD3, -(2**63), 2**63 - 1),
)
EDGES = sorted(
    {0, 1, 2**64 - 1, -(2**63)}
    | {sign * 2**bits + step for bits in (5, 7, 8, 15, 16, 31, 32) for sign in (1, -1) for step in (-1, 0, 1)}
)


@pytest.mark.parametrize("number", EDGES)
def test_an_integer_has_its_shortest_form_only(number: int) -> None:
    shortest = msgpack.packb(number)
    assert one(OneInt, shortest).n == number
    for form, tag, low, high in INTEGER_FORMS:
        if low <= number <= high:
            written = bytes((tag,)) + struct.pack(form, number)
            if written != shortest:
                with pytest.raises(DecodeError, match="longer than needed"):
                    one(OneInt, written)


@pytest.mark.parametrize("size", [0, 1, 31, 32, 255, 256, 65535, 65536])
@pytest.mark.parametrize(
    ("kind", "fixed", "tags", "body"),
    [
        (OneText, 0xA0, (0xD9, 0xDA, 0xDB), b"a"),
        (OneBlob, None, (0xC4, 0xC5, 0xC6), b"a"),
        (OneList, 0x90, (None, 0xDC, 0xDD), b"\xc2"),
    ],
)
def test_a_length_has_its_shortest_form_only(
    size: int, kind: type, fixed: int | None, tags: tuple[int | None, ...], body: bytes
) -> None:
    forms = [
        bytes((tag,)) + size.to_bytes(width, "big")
        for tag, width in zip(tags, (1, 2, 4), strict=True)
        if tag is not None and size < 2 ** (8 * width)
    ]
    room = 16 if kind is OneList else 32
    if fixed is not None and size < room:
        forms.append(bytes((fixed | size,)))
    shortest = min(forms, key=len)
    for form in forms:
        if form == shortest:
            value = one(kind, form + body * size)
            assert len(getattr(value, value.__slots__[0])) == size
        else:
            with pytest.raises(DecodeError, match="longer than needed"):
                one(kind, form + body * size)


def test_a_map_header_has_its_shortest_form_only() -> None:
    body = encode(parcel())[1:]
    refused(b"\xde\x00\x0b" + body)
    refused(b"\xdf\x00\x00\x00\x0b" + body)
    with pytest.raises(DecodeError):
        decode(Empty, b"\xde\x00\x00", element_bytes=ELEMENT_BYTES)
    assert decode(Empty, b"\x80", element_bytes=ELEMENT_BYTES) == Empty()


FOREIGN = {
    "float": b"\xcb" + struct.pack(">d", 7.0),
    "float of 32 bits": b"\xca" + struct.pack(">f", 7.0),
    "not a number": b"\xcb" + struct.pack(">d", float("nan")),
    "infinity": b"\xcb" + struct.pack(">d", float("inf")),
    "extension": b"\xd4\x05\x00",
    "long extension": b"\xc7\x03\x05abc",
    "timestamp": b"\xd6\xff" + bytes(4),
    "never used tag": b"\xc1",
    "nil": b"\xc0",
    "map": b"\x80",
}


@pytest.mark.parametrize("kind", [OneInt, OneText, OneBlob, OneList, OneFlag])
@pytest.mark.parametrize("written", FOREIGN.values(), ids=FOREIGN.keys())
def test_kinds_that_no_field_has_are_refused(kind: type, written: bytes) -> None:
    with pytest.raises(DecodeError):
        one(kind, written)


@pytest.mark.parametrize("kind", [OneInt, OneText, OneBlob, OneList, OneFlag])
@pytest.mark.parametrize("value", [1, "a", b"a", [True], True], ids=["int", "text", "bytes", "list", "bool"])
def test_one_kind_does_not_stand_for_another(kind: type, value: object) -> None:
    own = {OneInt: int, OneText: str, OneBlob: bytes, OneList: list, OneFlag: bool}[kind]
    if type(value) is own:
        assert one(kind, msgpack.packb(value)) is not None
    else:
        with pytest.raises(DecodeError, match="wanted here"):
            one(kind, msgpack.packb(value))


@pytest.mark.parametrize(
    "raw",
    [b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"],
    ids=["no lead", "no continuation", "surrogate", "surrogate 2", "overlong nul", "above U+10FFFF", "cut"],
)
def test_text_that_is_not_utf8_is_refused(raw: bytes) -> None:
    with pytest.raises(DecodeError, match="UTF-8"):
        one(OneText, bytes((0xA0 | len(raw),)) + raw)


def test_a_surrogate_cannot_be_encoded() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        encode(OneText("\ud800"))


# --- widths and ranges ---------------------------------------------------------------------------

OUT_OF_FORM: list[tuple[str, Any, str]] = [
    ("index", 0, "index"),
    ("index", -1, "index"),
    ("index", 2**31, "index"),
    ("count", -1, "count"),
    ("count", 2**53, "count"),
    ("count", 2**64 - 1, "count"),
    ("offset", 1001, "offset"),
    ("offset", -1001, "offset"),
    ("label", "a" * 41, "label"),
    ("label", "é" * 21, "label"),
    ("blob", bytes(301), "blob"),
    ("open", 1, "open"),
    ("open", None, "open"),
    ("colour", "blue", "colour"),
    ("colour", "RED", "colour"),
    ("colour", 0, "colour"),
    ("note", "a" * 11, "note"),
    ("note", 0, "note"),
    ("pair", None, "pair"),
    ("pair", [b"abcdef", bytes(32)], "pair"),
    ("pair", {"alpha": b"abcde", "scalar": bytes(32)}, "pair.alpha"),
    ("pair", {"alpha": b"abcdefg", "scalar": bytes(32)}, "pair.alpha"),
    ("pair", {"alpha": b"", "scalar": bytes(32)}, "pair.alpha"),
    ("pair", {"alpha": "abcdef", "scalar": bytes(32)}, "pair.alpha"),
    ("pair", {"alpha": b"abcdef", "scalar": bytes(31)}, "pair.scalar"),
    ("pair", {"alpha": b"abcdef", "scalar": bytes(33)}, "pair.scalar"),
    ("pair", {"alpha": b"abcdef"}, "pair"),
    ("pairs", [{"alpha": b"abcdef", "scalar": bytes(32)}] * 21, "pairs"),
    ("pairs", [{"alpha": b"abcdef", "scalar": bytes(32)}, None], "pairs[1]"),
    ("pairs", [{"alpha": b"abcdef", "scalar": 5}], "pairs[0].scalar"),
    ("pairs", None, "pairs"),
    ("pairs", {}, "pairs"),
    ("flags", [True, 0], "flags[1]"),
]


@pytest.mark.parametrize(("field", "value", "where"), OUT_OF_FORM)
def test_a_value_out_of_form_is_refused_at_its_place(field: str, value: Any, where: str) -> None:
    error = refused(msgpack.packb(plain(parcel()) | {field: value}))
    assert error.where == where
    assert str(error).startswith(f"{where}: ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("index", 1), ("index", 2**31 - 1), ("count", 0), ("count", 2**53 - 1), ("offset", 1000),
        ("label", "a" * 40), ("label", ""), ("blob", bytes(300)), ("blob", b""), ("note", "a" * 10),
        ("pairs", ()), ("pairs", (Pair(b"abcdef", bytes(32)),) * 20), ("flags", (True,) * 70_000),
    ],
)  # fmt: skip
def test_the_ends_of_every_range_are_accepted(field: str, value: Any) -> None:
    assert getattr(read(encode(parcel(**{field: value}))), field) == value


def test_the_width_of_elements_is_the_groups() -> None:
    pair = Pair(bytes(512), bytes(32))
    assert decode(Pair, encode(pair), element_bytes=512) == pair
    with pytest.raises(DecodeError, match="384 bytes are wanted"):
        decode(Pair, encode(pair), element_bytes=384)


def test_more_bytes_than_the_limit_are_refused_unread() -> None:
    data = encode(parcel())
    assert decode(Parcel, data, element_bytes=ELEMENT_BYTES, limit=len(data)) == parcel()
    with pytest.raises(DecodeError, match="limit"):
        decode(Parcel, data, element_bytes=ELEMENT_BYTES, limit=len(data) - 1)
    with pytest.raises(DecodeError, match="limit"):
        read(bytes(MAX_FRAME_BYTES + 1))


@dataclass(frozen=True, slots=True)
class Ordered:
    low: Index
    high: Index

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is not above high")


@dataclass(frozen=True, slots=True)
class Holder:
    parts: tuple[Ordered, ...]


def test_an_invariant_of_a_type_is_part_of_its_form() -> None:
    data = msgpack.packb({"parts": [{"low": 1, "high": 2}, {"low": 3, "high": 2}]})
    with pytest.raises(DecodeError, match="low is not above high") as caught:
        decode(Holder, data, element_bytes=ELEMENT_BYTES)
    assert caught.value.where == "parts[1]"


# --- hostile sizes -------------------------------------------------------------------------------

MEGABYTE = 2**20
HOSTILE = {
    "list of 4 billion": b"\xdd\xff\xff\xff\xff",
    "map of 4 billion": b"\xdf\xff\xff\xff\xff",
    "text of 4 GB": b"\xdb\xff\xff\xff\xff",
    "bytes of 4 GB": b"\xc6\xff\xff\xff\xff",
    "extension of 4 GB": b"\xc9\xff\xff\xff\xff\x05",
    "lists in lists": b"\x91" * MEGABYTE,
    "long lists in long lists": b"\xdd\x00\x0f\x00\x00" * (MEGABYTE // 5),
    "maps in maps": b"\x81\xa1a" * (MEGABYTE // 3),
    "a million empty maps": b"\xdd\x00\x0f\x42\x40" + b"\x80" * 1_000_000,
    "a million empty lists": b"\xdd\x00\x0f\x42\x40" + b"\x90" * 1_000_000,
    "optional in optional": b"\xc0" * MEGABYTE,
}


@pytest.mark.parametrize("kind", [Parcel, OneInt, OneText, OneBlob, OneList, OneFlag])
@pytest.mark.parametrize("written", HOSTILE.values(), ids=HOSTILE.keys())
def test_declared_sizes_and_nesting_cost_no_memory(kind: type, written: bytes) -> None:
    name = next(iter(kind.__dataclass_fields__))  # type: ignore[attr-defined]
    start = bytes((0x80 | len(kind.__dataclass_fields__),)) + msgpack.packb(name)  # type: ignore[attr-defined]
    with pytest.raises(DecodeError):  # what a class looks like is found out once, and not counted
        decode(kind, b"", element_bytes=ELEMENT_BYTES)
    for data in (written, start + written):
        tracemalloc.start()
        try:
            with pytest.raises(DecodeError):
                decode(kind, data, element_bytes=ELEMENT_BYTES)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 100_000


def test_a_list_that_ends_early_costs_only_what_is_there() -> None:
    data = b"\x81\xa1m\xdd\xff\xff\xff\xff" + b"\xc2" * 10_000
    with pytest.raises(DecodeError):
        decode(OneList, b"", element_bytes=ELEMENT_BYTES)
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError, match="end too early") as caught:
            decode(OneList, data, element_bytes=ELEMENT_BYTES)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.where == "m[10000]"
    assert peak < 500_000


# --- fuzzing -------------------------------------------------------------------------------------


def _accepts_only_its_own_bytes(data: bytes) -> None:
    try:
        value = read(data)
    except DecodeError:
        return
    assert encode(value) == data


@given(st.binary(max_size=300))
def test_arbitrary_bytes_raise_nothing_but_a_decode_error(data: bytes) -> None:
    _accepts_only_its_own_bytes(data)
    for kind, width in ((OneInt, 2), (OneText, 2), (OneBlob, 2), (OneList, 2), (OneFlag, 2)):
        try:
            value = one(kind, data)
        except DecodeError:
            continue
        assert encode(value)[1 + width :] == data


@given(parcels, st.data())
def test_a_changed_byte_gives_another_value_or_none(value: Parcel, data: st.DataObject) -> None:
    written = bytearray(encode(value))
    place = data.draw(st.integers(0, len(written) - 1))
    written[place] ^= data.draw(st.integers(1, 255))
    _accepts_only_its_own_bytes(bytes(written))
    with contextlib.suppress(DecodeError):
        assert read(bytes(written)) != value


trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(list(plain(parcel()))), trees)
def test_any_other_msgpack_in_any_field_is_refused_or_canonical(field: str, tree: Any) -> None:
    _accepts_only_its_own_bytes(msgpack.packb(plain(parcel()) | {field: tree}))
    _accepts_only_its_own_bytes(msgpack.packb(tree))


# --- the caller's side ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("index", 0, ValueError), ("index", 2**31, ValueError), ("index", True, TypeError),
        ("index", 1.0, TypeError), ("index", None, TypeError), ("label", "a" * 41, ValueError),
        ("label", b"a", TypeError), ("blob", bytes(301), ValueError), ("blob", "a", TypeError),
        ("open", 1, TypeError), ("colour", "red", TypeError), ("note", "a" * 11, ValueError),
        ("pair", None, TypeError), ("pair", Pair(b"abcdef", bytes(31)), ValueError),
        ("pairs", (Pair(b"abcdef", bytes(32)),) * 21, ValueError), ("pairs", [], TypeError),
        ("flags", (0,), TypeError),
    ],
)  # fmt: skip
def test_encode_refuses_what_nobody_could_decode(field: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        encode(parcel(**{field: value}))


@pytest.mark.parametrize("value", [5, "a", b"a", None, (1, 2), {"a": 1}, [1]])
def test_only_wire_types_are_encoded(value: object) -> None:
    with pytest.raises(TypeError):
        encode(value)


@pytest.mark.parametrize("data", ["text", 5, None, bytearray(b"\x80"), memoryview(b"\x80")])
def test_only_bytes_are_decoded(data: Any) -> None:
    with pytest.raises(TypeError):
        decode(Empty, data, element_bytes=ELEMENT_BYTES)


def test_only_a_wire_type_is_decoded_to() -> None:
    for kind in (int, bytes, dict, tuple):
        with pytest.raises(TypeError):
            decode(kind, b"\x01", element_bytes=ELEMENT_BYTES)


class Number(enum.Enum):
    ONE = 1


@pytest.mark.parametrize(
    "form",
    [
        int, str, bytes, float, list[bool], dict[str, bool], tuple[bool, bool], Number, int | str,
        Annotated[int, AtMost(3)], Annotated[str, Width(3)], Annotated[bytes, Between(0, 1)],
        Annotated[float, Between(0, 1)], Annotated[bytes, AtMost(3), Width(2)], Annotated[str, "note"],
        object,
    ],
    ids=str,
)  # fmt: skip
def test_a_field_without_a_limit_or_a_form_is_refused_at_first_use(form: Any) -> None:
    kind: Any = dataclass(frozen=True)(type("Loose", (), {"__annotations__": {"field": form}}))
    with pytest.raises(TypeError):
        decode(kind, b"\x81\xa5field\x01", element_bytes=ELEMENT_BYTES)
    with pytest.raises(TypeError):
        encode(kind(1))


def test_the_named_forms_have_the_widths_of_the_specification() -> None:
    @dataclass(frozen=True, slots=True)
    class Names:
        digest: Digest
        label: Label

    assert decode(Names, encode(Names(bytes(32), "a" * 256)), element_bytes=1) == Names(bytes(32), "a" * 256)
    for wrong in (Names(bytes(31), ""), Names(bytes(33), ""), Names(bytes(32), "a" * 257)):
        with pytest.raises(ValueError, match="bytes"):
            encode(wrong)


@dataclass(frozen=True, slots=True)
class Run:
    """Byte strings of fixed length, then something else, then such byte strings again."""

    first: Annotated[bytes, Width(3)]
    second: ElementBytes
    number: Annotated[int, Between(0, 300)]
    third: Annotated[bytes, Width(2)]
    fourth: Digest


@dataclass(frozen=True, slots=True)
class OnlyRun:
    """Nothing but byte strings of fixed length."""

    first: Annotated[bytes, Width(1)]
    second: Annotated[bytes, Width(300)]


RUNS = (Run(b"abc", b"12345678", 7, b"de", bytes(32)), OnlyRun(b"x", bytes(300)))


def said(reads: Callable[[], object]) -> object:
    """What reading gives: the value, or message and place of the error."""
    try:
        return reads()
    except DecodeError as error:
        return error.message, error.where


@given(st.sampled_from(RUNS), st.data())
def test_fields_read_in_one_step_and_one_by_one_are_read_alike(
    value: Run | OnlyRun, data: st.DataObject
) -> None:
    written = bytearray(encode(value))
    for _ in range(data.draw(st.integers(0, 2))):
        # The first bytes of each field are where forms differ.
        place = data.draw(st.integers(0, min(len(written) - 1, 60)))
        written[place] = data.draw(st.sampled_from((0, 0x81, 0x82, 0x85, 0x86, 0xC0, 0xC4, 0xC5, 0xC6, 0x61)))
    cut = data.draw(st.integers(0, 4))
    tried = bytes(written)[: len(written) - cut]
    kind = type(value)
    together = said(lambda: decode(kind, tried, element_bytes=8))
    apart = said(lambda: decode_fields(kind, tried, element_bytes=8)[0])
    assert together == apart
    if tried == encode(value):
        assert together == value


@given(parcels)
def test_the_bytes_of_fields_are_those_of_the_whole(value: Parcel) -> None:
    written = encode(value)
    again, fields = decode_fields(Parcel, written, element_bytes=ELEMENT_BYTES)
    assert again == value
    assert list(fields) == [field.name for field in dataclasses.fields(Parcel)]
    assert joined(Parcel, fields) == written
    assert fields["note"] == (NIL if value.note is None else msgpack.packb(value.note))


def test_fields_are_joined_only_if_all_are_there_and_no_others() -> None:
    _, fields = decode_fields(Parcel, encode(parcel()), element_bytes=ELEMENT_BYTES)
    for wrong in (fields | {"more": NIL}, {name: data for name, data in fields.items() if name != "open"}):
        with pytest.raises(ValueError, match="fields of Parcel"):
            joined(Parcel, wrong)

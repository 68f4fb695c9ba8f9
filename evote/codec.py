"""One canonical encoding per value: msgpack maps in declared field order, decoded strictly.

A wire type is a frozen dataclass whose annotations say the form of every field::

    @dataclass(frozen=True, slots=True)
    class Pair:
        alpha: ElementBytes            # as wide as the group's elements
        note: Annotated[str, AtMost(64)]

:func:`encode` writes it as a map of field name to value; :func:`decode` accepts exactly those
bytes and nothing else: the same keys in the same order, the shortest form of every number and
length, the declared widths and ranges, nothing left over. Decoding checks *form*; whether a value
is true is for the verifier. Absent optional values are written as nil, never left out.

Forms: ``bool``; ``Annotated[int, Between(a, b)]``; ``Annotated[str, AtMost(n)]`` (UTF-8 bytes);
``Annotated[bytes, Width(n) | AtMost(n) | ELEMENT]``; ``tuple[T, ...]`` bare or
``Annotated[..., AtMost(n)]``; ``T | None``; ``Enum`` with text values; another wire type. Plain
``int``, ``str`` and ``bytes`` are refused when the type is first used: every length has a limit.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgpack

from evote.errors import DecodeError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Width:
    """Exactly ``size`` bytes."""

    size: int


@dataclass(frozen=True, slots=True)
class AtMost:
    """At most ``size`` bytes of text or data, or members of a tuple."""

    size: int


@dataclass(frozen=True, slots=True)
class Between:
    """An integer from ``low`` to ``high``, both included."""

    low: int
    high: int


class _ElementWidth:
    """As many bytes as an element of the group in use."""


ELEMENT: Final = _ElementWidth()

# One table of limits (A34): what does not fit is refused before anything is allocated for it.
MAX_INDEX: Final = 2**31 - 1
MAX_COUNT: Final = 2**53 - 1
MAX_LABEL_BYTES: Final = 256
MAX_PATH_BYTES: Final = 1024
MAX_TEXT_BYTES: Final = 4096
MAX_CONTESTS: Final = 1000
MAX_OPTIONS: Final = 1000
MAX_GUARDIANS: Final = 1000
MAX_SELECTION_LIMIT: Final = 1000
MAX_CONTEST_DATA_BYTES: Final = 32 * 1024
MAX_FRAME_BYTES: Final = 64 * 1024 * 1024
MAX_MANIFEST_BYTES: Final = 16 * 1024 * 1024
MAX_JSON_DEPTH: Final = 64
MAX_LANGUAGES: Final = 100
MAX_STYLES: Final = 10_000
MAX_UNITS: Final = 100_000
MAX_UNIT_DEPTH: Final = 16
MAX_WEIGHT: Final = 1_000_000
MAX_WRITE_INS: Final = 100

ElementBytes = Annotated[bytes, ELEMENT]
ScalarBytes = Annotated[bytes, Width(32)]
Digest = Annotated[bytes, Width(32)]
Index = Annotated[int, Between(1, MAX_INDEX)]
Count = Annotated[int, Between(0, MAX_COUNT)]
Label = Annotated[str, AtMost(MAX_LABEL_BYTES)]
Path = Annotated[str, AtMost(MAX_PATH_BYTES)]
Text = Annotated[str, AtMost(MAX_TEXT_BYTES)]

_Reader = Callable[[object, int, str], Any]
_Writer = Callable[[Any], object]


def encode(value: object) -> bytes:
    """The canonical bytes of a wire value (a dataclass of the kind above)."""
    return msgpack.packb(_form(cast(Any, type(value)))[1](value), use_bin_type=True)


def decode(kind: type[T], data: bytes, *, element_bytes: int, limit: int = MAX_FRAME_BYTES) -> T:
    """The value of type ``kind`` whose canonical bytes are ``data``.

    ``element_bytes`` is the width of the group's elements. Raises :class:`DecodeError` with the
    path of the field for anything else than the one canonical form, and for more than ``limit`` bytes.
    """
    if len(data) > limit:
        raise DecodeError(f"{len(data)} bytes are more than the limit of {limit}")
    try:
        raw = msgpack.unpackb(data, raw=False, strict_map_key=True, object_pairs_hook=_unique)
    except DecodeError:
        raise
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as error:
        raise DecodeError(f"not msgpack: {error}") from None
    value = _form(cast(Any, kind))[0](raw, element_bytes, "")
    if encode(value) != data:
        raise DecodeError("not the canonical form: a number or a length is written longer than needed")
    return cast("T", value)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DecodeError("a field stands twice in one map")
    return found


@functools.cache
def _form(kind: Any) -> tuple[_Reader, _Writer]:
    """Reader and writer of an annotation; compiled once per type."""
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _dataclass_form(kind)
    if kind is bool:
        return _read_bool, _same
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _enum_form(kind)
    origin = get_origin(kind)
    if origin is Annotated:
        base, *marks = get_args(kind)
        return _annotated_form(base, tuple(marks))
    if origin in (Union, types.UnionType):
        inner = [option for option in get_args(kind) if option is not type(None)]
        if len(inner) == 1:
            return _optional_form(inner[0])
    if origin is tuple:
        return _tuple_form(kind, MAX_COUNT)
    raise TypeError(f"{kind!r} has no wire form; give its length or range with Annotated")


def _dataclass_form(kind: type) -> tuple[_Reader, _Writer]:
    hints = get_type_hints(kind, include_extras=True)
    names = tuple(field.name for field in dataclasses.fields(kind))
    forms = tuple(_form(hints[name]) for name in names)

    def read(raw: object, element_bytes: int, where: str) -> Any:
        if type(raw) is not dict:
            raise DecodeError(f"a map of {kind.__name__} is wanted here", where)
        if tuple(raw) != names:
            raise DecodeError(_key_message(names, tuple(raw)), where)
        prefix = f"{where}." if where else ""
        values = [
            reader(raw[name], element_bytes, prefix + name)
            for name, (reader, _) in zip(names, forms, strict=True)
        ]
        try:
            return kind(*values)
        except ValueError as error:  # an invariant stated by the type itself
            raise DecodeError(str(error), where) from None

    def write(value: Any) -> object:
        return {name: writer(getattr(value, name)) for name, (_, writer) in zip(names, forms, strict=True)}

    return read, write


def _key_message(wanted: tuple[str, ...], found: tuple[object, ...]) -> str:
    absent = [name for name in wanted if name not in found]
    extra = [str(name)[:40] for name in found if name not in wanted]
    if absent:
        return f"the field {absent[0]} is absent"
    if extra:
        return f"the field {extra[0]!r} is unknown"
    return "the fields are not in their order"


def _annotated_form(base: Any, marks: tuple[object, ...]) -> tuple[_Reader, _Writer]:
    if len(marks) != 1:
        raise TypeError("one mark per field")
    mark = marks[0]
    if base is int and isinstance(mark, Between):
        return _int_form(mark.low, mark.high)
    if base is str and isinstance(mark, AtMost):
        return _str_form(mark.size)
    if base is bytes and isinstance(mark, Width | AtMost | _ElementWidth):
        return _bytes_form(mark)
    if get_origin(base) is tuple and isinstance(mark, AtMost):
        return _tuple_form(base, mark.size)
    raise TypeError(f"{mark!r} says nothing about {base!r}")


def _same(value: Any) -> object:
    return value


def _read_bool(raw: object, element_bytes: int, where: str) -> bool:
    if type(raw) is not bool:
        raise DecodeError("true or false is wanted here", where)
    return raw


def _int_form(low: int, high: int) -> tuple[_Reader, _Writer]:
    def read(raw: object, element_bytes: int, where: str) -> int:
        if type(raw) is not int:
            raise DecodeError("an integer is wanted here", where)
        if not low <= raw <= high:
            raise DecodeError(f"{raw} is not between {low} and {high}", where)
        return raw

    return read, _same


def _str_form(limit: int) -> tuple[_Reader, _Writer]:
    def read(raw: object, element_bytes: int, where: str) -> str:
        if type(raw) is not str:
            raise DecodeError("a text is wanted here", where)
        if len(raw) > limit or len(raw.encode("utf-8")) > limit:
            raise DecodeError(f"the text is longer than {limit} bytes", where)
        return raw

    return read, _same


def _bytes_form(mark: Width | AtMost | _ElementWidth) -> tuple[_Reader, _Writer]:
    def read(raw: object, element_bytes: int, where: str) -> bytes:
        if type(raw) is not bytes:
            raise DecodeError("a byte string is wanted here", where)
        if isinstance(mark, AtMost):
            if len(raw) > mark.size:
                raise DecodeError(f"{len(raw)} bytes are more than {mark.size}", where)
            return raw
        size = mark.size if isinstance(mark, Width) else element_bytes
        if len(raw) != size:
            raise DecodeError(f"{size} bytes are wanted here, not {len(raw)}", where)
        return raw

    return read, _same


def _tuple_form(kind: Any, limit: int) -> tuple[_Reader, _Writer]:
    arguments = get_args(kind)
    if len(arguments) != 2 or arguments[1] is not Ellipsis:
        raise TypeError(f"{kind!r}: only tuple[T, ...] has a wire form")
    reader, writer = _form(arguments[0])

    def read(raw: object, element_bytes: int, where: str) -> tuple[Any, ...]:
        if type(raw) is not list:
            raise DecodeError("a list is wanted here", where)
        if len(raw) > limit:
            raise DecodeError(f"{len(raw)} members are more than {limit}", where)
        return tuple(reader(item, element_bytes, f"{where}[{index}]") for index, item in enumerate(raw))

    def write(value: Any) -> object:
        return [writer(item) for item in value]

    return read, write


def _optional_form(inner: Any) -> tuple[_Reader, _Writer]:
    reader, writer = _form(inner)

    def read(raw: object, element_bytes: int, where: str) -> Any:
        return None if raw is None else reader(raw, element_bytes, where)

    def write(value: Any) -> object:
        return None if value is None else writer(value)

    return read, write


def _enum_form(kind: type[enum.Enum]) -> tuple[_Reader, _Writer]:
    members = {member.value: member for member in kind}

    def read(raw: object, element_bytes: int, where: str) -> Any:
        if type(raw) is not str or raw not in members:
            raise DecodeError(f"one of {', '.join(map(str, members))} is wanted here", where)
        return members[raw]

    def write(value: Any) -> object:
        return value.value

    return read, write

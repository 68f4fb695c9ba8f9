"""One canonical encoding per value: msgpack maps in declared field order, decoded strictly.

A wire type is a frozen dataclass whose annotations say the form of every field::

    @dataclass(frozen=True, slots=True)
    class Pair:
        alpha: ElementBytes            # as wide as the group's elements
        note: Annotated[str, AtMost(64)]

:func:`encode` writes it as a map of field name to value; :func:`decode` accepts exactly those
bytes and nothing else: the same keys in the same order, the shortest form of every number and
length, the declared widths and ranges, nothing left over. Decoding checks *form*; whether a value
is true is for the verifier. Absent optional values are written as nil, never left out; only a last
field that a type got after others had been published (:data:`LATER`) is left out where it is None, so
that what was written before it keeps its bytes.

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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgpack

from evote.codec.reading import DATA, LIST, MAP, NIL_BYTES, Input, Layout, data_header, map_header
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


_LATER: Final = "later"
LATER: Final = types.MappingProxyType({_LATER: True})
"""Metadata of a dataclass's last field, optional, that its type got later: left out where it is None."""


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
MAX_POLICY_BYTES: Final = 64 * 1024
MAX_SIGNER_BYTES: Final = 8 * 1024
"""Longest key or signature of a scheme that is not built in."""
MAX_RETURN_BYTES: Final = 32 * 1024 * 1024
MAX_MERGED_BYTES: Final = 1024 * 1024 * 1024
MAX_REJECTED: Final = 1000
"""Most files that one resolution sets aside, or that one change of a key keeps."""

ElementBytes = Annotated[bytes, ELEMENT]
ScalarBytes = Annotated[bytes, Width(32)]
Digest = Annotated[bytes, Width(32)]
Index = Annotated[int, Between(1, MAX_INDEX)]
Count = Annotated[int, Between(0, MAX_COUNT)]
Label = Annotated[str, AtMost(MAX_LABEL_BYTES)]
Path = Annotated[str, AtMost(MAX_PATH_BYTES)]
Text = Annotated[str, AtMost(MAX_TEXT_BYTES)]

NIL: Final = NIL_BYTES
"""The canonical bytes of None."""

_SEVERAL: Final = 64
"""Most members of a tuple that are read in one step."""

_Reader = Callable[[Input], Any]
_Writer = Callable[[Any], object]
_Field = tuple[str, bytes, _Reader]
"""Name, written key, and reader of one field."""


def encode(value: object) -> bytes:
    """The canonical bytes of a wire value (a dataclass of the kind above).

    Raises ``ValueError`` or ``TypeError`` for a value that does not have its declared form, which
    nobody could decode. The width of elements alone is not known here.
    """
    return msgpack.packb(_wire_form(type(value))[1](value), use_bin_type=True)


def decode(kind: type[T], data: bytes, *, element_bytes: int, limit: int = MAX_FRAME_BYTES) -> T:
    """The value of type ``kind`` (a dataclass of the kind above) whose canonical bytes are ``data``.

    ``element_bytes`` is the width of the group's elements. Raises :class:`DecodeError` with the
    path of the field for anything else than the one canonical form, and for more than ``limit`` bytes.
    """
    source = _input(data, element_bytes, limit)
    value = _wire_form(kind)[0](source)
    source.end()
    return cast("T", value)


def decode_fields(
    kind: type[T], data: bytes, *, element_bytes: int, limit: int = MAX_FRAME_BYTES
) -> tuple[T, dict[str, bytes]]:
    """What :func:`decode` gives, and by name the bytes in ``data`` of each of its fields.

    They can stand in another value (:func:`joined`) without being written again. Raises as
    :func:`decode` does.
    """
    source = _input(data, element_bytes, limit)
    _wire_form(kind)
    value, fields = _members(cast("Any", kind)).read_apart(source)
    source.end()
    return value, fields


def joined(kind: type, fields: Mapping[str, bytes]) -> bytes:
    """The canonical bytes of a value of type ``kind`` whose fields have these canonical bytes.

    Raises ``ValueError`` unless there are the bytes of every field and no others; whether they have the
    form that the type declares is for the caller to know.
    """
    keys, later = _keys(kind), _members(cast("Any", kind)).later
    if later and later not in fields:
        keys = {name: key for name, key in keys.items() if name != later}
    if fields.keys() != keys.keys():
        raise ValueError(f"the fields of {kind.__name__} are {', '.join(_keys(kind))}")
    parts = [map_header(len(keys))]
    for name, key in keys.items():
        parts += (key, fields[name])
    return b"".join(parts)


def data_form(data: bytes) -> bytes:
    """The canonical bytes of a byte string, as the field of a value; see :func:`joined`."""
    return data_header(len(data)) + data


@functools.cache
def _keys(kind: type) -> dict[str, bytes]:
    """The fields of a type in their order, with their written names."""
    return {field.name: msgpack.packb(field.name) for field in dataclasses.fields(kind)}


def _input(data: bytes, element_bytes: int, limit: int) -> Input:
    if not isinstance(data, bytes):
        raise TypeError("bytes are decoded, and nothing else")
    if len(data) > limit:
        raise DecodeError(f"{len(data)} bytes are more than the limit of {limit}")
    return Input(data, element_bytes)


def _wire_form(kind: type) -> tuple[_Reader, _Writer]:
    if not dataclasses.is_dataclass(kind):
        raise TypeError(f"{kind!r} is not a dataclass")
    return _form(cast("Any", kind))


@functools.cache
def _form(kind: Any) -> tuple[_Reader, _Writer]:
    """Reader and writer of an annotation; compiled once per type."""
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _dataclass_form(kind)
    if kind is bool:
        return Input.boolean, _write_bool
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


def _dataclass_form(kind: type) -> tuple[_Reader, _Writer]:
    members = _members(kind)
    return members.read, members.write


@functools.cache
def _members(kind: type) -> _Members:
    return _Members(kind)


_Steps = list[tuple[Layout | None, list[_Field]]]


class _Members:
    """Reads and writes one dataclass.

    Byte strings of fixed length that follow one another, which most bytes of a ballot are, are compared
    and cut in one step. Where something else stands there, the same fields are read one by one, which says
    what is wrong; so the two never accept different bytes.
    """

    __slots__ = ("_kind", "_names", "_runs", "_several", "_steps", "_writers", "later")

    def __init__(self, kind: type) -> None:
        hints = get_type_hints(kind, include_extras=True)
        self._kind = kind
        self._names = tuple(field.name for field in dataclasses.fields(kind))
        marked = [field.name for field in dataclasses.fields(kind) if _LATER in field.metadata]
        if marked and marked != [self._names[-1]]:
            raise TypeError("only the last field of a type may have come later")
        self.later = marked[0] if marked else ""
        """The field that is left out where it is None; empty where there is none."""
        forms = {name: _form(hints[name]) for name in self._names}
        self._writers = tuple((name, writer) for name, (_, writer) in forms.items())
        # Runs of byte strings of fixed length, with their marks, and every other field by itself.
        self._runs: list[tuple[list[_Field], list[Width | _ElementWidth]]] = []
        for name, (reader, _) in forms.items():
            mark, field = _fixed(hints[name]), (name, msgpack.packb(name), reader)
            if mark is not None and self._runs and self._runs[-1][1]:
                self._runs[-1][0].append(field)
                self._runs[-1][1].append(mark)
            else:
                self._runs.append(([field], [] if mark is None else [mark]))
        self._steps: dict[int, tuple[Layout | None, _Steps]] = {}
        self._several: dict[tuple[int, int], Layout] = {}

    @property
    def fixed(self) -> bool:
        """Whether a value has fields of fixed length only, and every one of them makes a value."""
        return len(self._runs) == 1 and bool(self._runs[0][1]) and not hasattr(self._kind, "__post_init__")

    def read_several(self, source: Input, count: int) -> tuple[Any, ...] | None:
        """So many values of a :attr:`fixed` type, one behind the other; None, with nothing read, if not."""
        layout = self._several.get((source.element_bytes, count))
        if layout is None:
            ((fields, marks),) = self._runs
            header, (first, *others) = map_header(len(fields)), [key for _, key, _ in fields]
            sizes = [mark.size if isinstance(mark, Width) else source.element_bytes for mark in marks]
            layout = Layout.of([header + first, *others] * count, sizes * count)
            self._several[source.element_bytes, count] = layout
        found = source.pieces(layout)
        if found is None:
            return None
        width = len(self._names)
        return tuple(map(self._kind, *(found[at::width] for at in range(width))))

    def read(self, source: Input) -> Any:
        names = self._names
        head, steps = self._steps.get(source.element_bytes) or self._laid_out(source.element_bytes)
        found = None if head is None else source.pieces(head)
        if found is None:
            count, values, left = source.size(MAP), list[Any](), steps
        elif len(found) == len(names):
            return self._made(found)
        else:
            count, values, left = len(names), list(found), steps[1:]
        for layout, fields in left:
            found = None if layout is None or count < len(names) else source.pieces(layout)
            if found is not None:
                values += found
                continue
            for field in fields:
                if field[0] != self.later or len(values) != count:
                    values.append(self._field(source, count, len(values), field))
        self._no_more(source, count)
        return self._made(values)

    def read_apart(self, source: Input) -> tuple[Any, dict[str, bytes]]:
        """The value, and the bytes of each field."""
        count, values, found = source.size(MAP), list[Any](), dict[str, bytes]()
        for fields, _ in self._runs:
            for field in fields:
                if field[0] == self.later and len(values) == count:
                    continue
                begin = source.at + len(field[1])
                values.append(self._field(source, count, len(values), field))
                found[field[0]] = source.since(begin)
        self._no_more(source, count)
        return self._made(values), found

    def write(self, value: Any) -> object:
        if type(value) is not self._kind:
            raise TypeError(f"{self._kind.__name__} is wanted here, not {type(value).__name__}")
        written = {name: writer(getattr(value, name)) for name, writer in self._writers}
        if self.later and written[self.later] is None:
            del written[self.later]
        return written

    def _field(self, source: Input, count: int, done: int, field: _Field) -> Any:
        name, key, reader = field
        if done == count:
            raise DecodeError(f"the field {name} is absent")
        if not source.accept(key):
            raise DecodeError(_key_message(self._names, done, source.text(MAX_LABEL_BYTES)))
        try:
            value = reader(source)
        except DecodeError as error:
            raise DecodeError(error.message, _below(name, error.where)) from None
        if value is None and name == self.later:
            raise DecodeError("a field that came later is left out where there is nothing", name)
        return value

    def _no_more(self, source: Input, count: int) -> None:
        done = len(self._names)
        if done < count:
            raise DecodeError(_key_message(self._names, done, source.text(MAX_LABEL_BYTES)))

    def _made(self, values: Sequence[Any]) -> Any:
        try:
            return self._kind(*values)
        except ValueError as error:  # an invariant stated by the type itself
            raise DecodeError(str(error)) from None

    def _laid_out(self, element_bytes: int) -> tuple[Layout | None, _Steps]:
        """The first run with the header of the map before it, if the type begins with one; all steps."""
        steps: _Steps = []
        head = None
        for fields, marks in self._runs:
            sizes = [mark.size if isinstance(mark, Width) else element_bytes for mark in marks]
            written = [key for _, key, _ in fields]
            if marks and not steps:
                header = map_header(len(self._names))
                head = Layout.of([header + written[0], *written[1:]], sizes)
                steps.append((None, fields))
            else:
                steps.append((Layout.of(written, sizes) if marks else None, fields))
        self._steps[element_bytes] = head, steps
        return head, steps


def _fixed(hint: Any) -> Width | _ElementWidth | None:
    """The mark of a byte string whose length the type and the group fix; None for every other field."""
    if get_origin(hint) is Annotated:
        base, *marks = get_args(hint)
        if base is bytes and len(marks) == 1 and isinstance(marks[0], Width | _ElementWidth):
            return marks[0]
    return None


def _key_message(names: tuple[str, ...], done: int, found: str) -> str:
    if found in names[:done]:
        return f"the field {found} stands twice"
    if found in names[done:]:
        return f"the field {names[done]} is absent or not in its place"
    return f"the field {found[:40]!r} is unknown"


def _below(name: str, where: str) -> str:
    """The path of a field, of a member of it or of a field inside it."""
    return f"{name}{where}" if not where or where.startswith("[") else f"{name}.{where}"


def _write_bool(value: Any) -> object:
    if type(value) is not bool:
        raise TypeError("true or false is wanted here")
    return value


def _int_form(low: int, high: int) -> tuple[_Reader, _Writer]:
    def read(source: Input) -> int:
        value = source.integer()
        if not low <= value <= high:
            raise DecodeError(f"{value} is not between {low} and {high}")
        return value

    def write(value: Any) -> object:
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError("an integer is wanted here")
        if not low <= value <= high:
            raise ValueError(f"{value} is not between {low} and {high}")
        return value

    return read, write


def _str_form(limit: int) -> tuple[_Reader, _Writer]:
    def read(source: Input) -> str:
        return source.text(limit)

    def write(value: Any) -> object:
        if not isinstance(value, str):
            raise TypeError("a text is wanted here")
        if len(value.encode("utf-8")) > limit:
            raise ValueError(f"the text is longer than {limit} bytes")
        return value

    return read, write


def _bytes_form(mark: Width | AtMost | _ElementWidth) -> tuple[_Reader, _Writer]:
    def wrong(size: int, element_bytes: int) -> str | None:
        if isinstance(mark, AtMost):
            return f"{size} bytes are more than {mark.size}" if size > mark.size else None
        wanted = mark.size if isinstance(mark, Width) else element_bytes
        return f"{wanted} bytes are wanted here, not {size}" if size != wanted else None

    def read(source: Input) -> bytes:
        size = source.size(DATA)
        message = wrong(size, source.element_bytes)
        if message:
            raise DecodeError(message)
        return source.take(size)

    def write(value: Any) -> object:
        if not isinstance(value, bytes):
            raise TypeError("a byte string is wanted here")
        message = wrong(len(value), len(value))
        if message:
            raise ValueError(message)
        return value

    return read, write


def _tuple_form(kind: Any, limit: int) -> tuple[_Reader, _Writer]:
    arguments = get_args(kind)
    if len(arguments) != 2 or arguments[1] is not Ellipsis:
        raise TypeError(f"{kind!r}: only tuple[T, ...] has a wire form")
    reader, writer = _form(arguments[0])
    several = _several_of(arguments[0])

    def read(source: Input) -> tuple[Any, ...]:
        size = source.size(LIST)
        if size > limit:
            raise DecodeError(f"{size} members are more than {limit}")
        if several is not None and 0 < size <= _SEVERAL:
            found = several(source, size)
            if found is not None:
                return found
        values: list[Any] = []
        try:
            for _ in range(size):
                values.append(reader(source))
        except DecodeError as error:
            raise DecodeError(error.message, _below(f"[{len(values)}]", error.where)) from None
        return tuple(values)

    def write(value: Any) -> object:
        if not isinstance(value, tuple):
            raise TypeError("a tuple is wanted here")
        if len(value) > limit:
            raise ValueError(f"{len(value)} members are more than {limit}")
        return [writer(item) for item in value]

    return read, write


def _several_of(kind: Any) -> Callable[[Input, int], tuple[Any, ...] | None] | None:
    """What reads several values of a type in one step, or None where there is no such thing."""
    if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)):
        return None
    members = _members(kind)
    return members.read_several if members.fixed else None


def _optional_form(inner: Any) -> tuple[_Reader, _Writer]:
    reader, writer = _form(inner)

    def read(source: Input) -> Any:
        return None if source.nil() else reader(source)

    def write(value: Any) -> object:
        return None if value is None else writer(value)

    return read, write


def _enum_form(kind: type[enum.Enum]) -> tuple[_Reader, _Writer]:
    members = {member.value: member for member in kind}
    if not all(isinstance(name, str) for name in members):
        raise TypeError(f"{kind.__name__}: only an Enum with text values has a wire form")

    def read(source: Input) -> Any:
        member = members.get(source.text(MAX_LABEL_BYTES))
        if member is None:
            raise DecodeError(f"one of {', '.join(members)} is wanted here")
        return member

    def write(value: Any) -> object:
        if not isinstance(value, kind):
            raise TypeError(f"a {kind.__name__} is wanted here")
        return value.value

    return read, write

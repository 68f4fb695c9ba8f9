"""How cases and files are written, and how the harness reads a case's values back.

Bytes are upper-case hexadecimal, small numbers are JSON numbers, absent values are null. A value
of a wire type is an object with the type's field names in their order; the harness turns it into
MessagePack and lets the package's one decoder read it, so that a form that the package would not
take from a file is not taken from a vector either.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgpack

from evote.codec import LATER, decode
from evote.errors import DecodeError, VerificationError
from evote.manifest import VERSION

FOLDER = Path(__file__).resolve().parents[2] / "vectors"
SCHEMA = "evote/vectors/1"
SOURCE = "tests/vectors/generate.py"
SPEC = f"ElectionGuard Design Specification {VERSION}"

Case = dict[str, Any]
Group = dict[str, Any]
Document = dict[str, Any]

T = TypeVar("T")


# --- writing ------------------------------------------------------------------------------------------


def plain(value: object) -> Any:
    """A value as JSON: bytes as upper-case hexadecimal, members in their order."""
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, Mapping):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(member) for member in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    raise TypeError(f"{type(value).__name__} has no form in a vector")


def case(
    name: str,
    comment: str,
    given: Mapping[str, object],
    expect: object,
    *,
    flags: Sequence[str] = (),
    base: str | None = None,
    checks: Sequence[str] = (),
    rejected: Sequence[tuple[str, object]] = (),
) -> Case:
    """One case. ``checks`` are the verifications that fail, ``rejected`` other readings and their values."""
    made: Case = {
        "id": name,
        "comment": comment,
        "flags": list(flags),
        "input": plain(given),
        "expect": plain(expect),
    }
    if base is not None:
        made["base_id"] = base
    if checks:
        made["checks"] = sorted(checks)
    if rejected:
        made["rejected"] = [{"reading": reading, "value": plain(value)} for reading, value in rejected]
    return made


def group(params: Mapping[str, object], cases: list[Case]) -> Group:
    """Cases with what they have in common."""
    return {"params": plain(params), "cases": cases}


def document(section: str, notes: list[str], groups: list[Group]) -> Document:
    """A whole file."""
    return {
        "schema": SCHEMA,
        "source": SOURCE,
        "spec": f"{SPEC}, {section}",
        "notes": notes,
        "groups": groups,
    }


def text(made: Document) -> str:
    """A file as it is written."""
    return json.dumps(made, indent=1, ensure_ascii=True) + "\n"


# --- changing -----------------------------------------------------------------------------------------


def replaced(path: str, value: object) -> dict[str, Any]:
    """One operation of a patch (RFC 6902)."""
    return {"op": "replace", "path": path, "value": plain(value)}


def patched(value: Any, operations: Sequence[Mapping[str, Any]]) -> Any:
    """``value`` after a patch of add, remove and replace (RFC 6902); the value itself stays as it is."""
    changed = json.loads(json.dumps(value))
    for operation in operations:
        *path, last = operation["path"].removeprefix("/").split("/")
        place = changed
        for step in path:
            place = place[int(step) if isinstance(place, list) else step]
        at = int(last) if isinstance(place, list) else last
        match operation["op"]:
            case "remove":
                del place[at]
            case "replace":
                place[at]
                place[at] = operation["value"]
            case "add" if isinstance(place, list):
                place.insert(at, operation["value"])
            case "add":
                place[at] = operation["value"]
            case other:
                raise ValueError(f"{other} is no operation of these files")
    return changed


def completed(case: Case, every: Mapping[str, Case]) -> dict[str, Any]:
    """The input of a case; a patch is applied to the input of its base."""
    given: dict[str, Any] = case["input"]
    if "patch" in given:
        base = completed(every[case["base_id"]], every)
        given = patched(base, given["patch"])
    return given


# --- reading ------------------------------------------------------------------------------------------


def read_value(kind: type[T], value: Any, element_bytes: int) -> T:
    """The value of a wire type, through MessagePack and the package's decoder."""
    packed = msgpack.packb(_bytes_of(kind, value), use_bin_type=True)
    return decode(kind, packed, element_bytes=element_bytes)


def _bytes_of(kind: Any, value: Any) -> Any:
    """The members of ``value`` that ``kind`` declares as bytes, from hexadecimal; all else unchanged."""
    if isinstance(kind, type) and dataclasses.is_dataclass(kind) and isinstance(value, dict):
        hints = get_type_hints(kind, include_extras=True)
        return {name: _bytes_of(hints.get(name), member) for name, member in value.items()}
    origin = get_origin(kind)
    if origin is Annotated:
        return _bytes_of(get_args(kind)[0], value)
    if origin in (Union, types.UnionType) and value is not None:
        (inner,) = (option for option in get_args(kind) if option is not type(None))
        return _bytes_of(inner, value)
    if origin is tuple and isinstance(value, list):
        return [_bytes_of(get_args(kind)[0], member) for member in value]
    if kind is bytes and isinstance(value, str):
        return bytes.fromhex(value)
    return value


def members(value: Mapping[str, Any], *names: str) -> list[Any]:
    """The members of an object of a case, which has these and no others."""
    if set(value) != set(names):
        raise TypeError(f"{sorted(value)} is not {sorted(names)}: an unexpected keyword argument")
    return [value[name] for name in names]


def written(value: Any) -> Any:
    """A wire value as a vector holds it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: written(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.metadata != LATER or getattr(value, field.name) is not None
        }
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, tuple):
        return [written(member) for member in value]
    return plain(value)


def outcome(run: Callable[[], object]) -> str:
    """``accept``, or what kind of refusal it was; any other error passes through."""
    try:
        run()
    except DecodeError:
        return "decode"
    except VerificationError:
        return "verify"
    except (ValueError, TypeError):
        return "misuse"
    return "accept"


def stored(name: str) -> Document:
    """A file of the folder."""
    value: Document = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return value


def cases_of(name: str) -> dict[str, Case]:
    """All cases of a file by id."""
    return {case["id"]: case for group in stored(name)["groups"] for case in group["cases"]}

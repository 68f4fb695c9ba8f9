"""``encodings.json``: decoding of elements, scalars and messages, encoding of small fields."""

from __future__ import annotations

from typing import Any

from evote import codec
from evote.ballots import OpenedBallot, SubmittedBallot
from evote.ballots.values import OpenedSelection
from evote.hashing import text, u32
from evote.tally import ClosingHead
from tests.vectors.form import outcome
from tests.vectors.run import Kinds, Result
from tests.vectors.setting import package_group

FILE = "encodings.json"

TYPES: dict[str, type] = {
    kind.__name__: kind for kind in (ClosingHead, OpenedBallot, OpenedSelection, SubmittedBallot)
}


def run(params: dict[str, Any], **given: Any) -> Result:
    return KINDS[params["kind"]](params, **given)


def _element(params: dict[str, Any], data: str) -> Result:
    group = package_group(params["group"])
    raw = bytes.fromhex(data)

    def there_and_back() -> None:
        if group.decode(raw).encode() != raw:
            raise AssertionError("an element is not written as it was read")

    return Result(outcome(there_and_back))


def _scalar(params: dict[str, Any], data: str) -> Result:
    group = package_group(params["group"])
    raw = bytes.fromhex(data)

    def there_and_back() -> None:
        if group.decode_scalar(raw).encode() != raw:
            raise AssertionError("a scalar is not written as it was read")

    return Result(outcome(there_and_back))


def _integer(params: dict[str, Any], value: int) -> Result:
    try:
        return Result(u32(value).hex().upper())
    except ValueError:
        return Result("misuse")


def _text(params: dict[str, Any], text_: str) -> Result:
    return Result(text(text_).hex().upper())


def _message(params: dict[str, Any], data: str) -> Result:
    raw = bytes.fromhex(data)

    def there_and_back() -> None:
        value: Any = codec.decode(TYPES[params["type"]], raw, element_bytes=params["element_bytes"])
        if codec.encode(value) != raw:
            raise AssertionError("a message is not written as it was read")

    return Result(outcome(there_and_back))


KINDS: Kinds = {
    "element": _element,
    "scalar": _scalar,
    "integer": _integer,
    "text": lambda params, text: _text(params, text),
    "message": _message,
}

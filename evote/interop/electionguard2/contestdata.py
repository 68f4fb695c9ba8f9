"""What opened contest data says, in the two private encodings that the Kotlin programs have used.

The specification leaves the encoding open. The later one is a row of numbers and texts behind their
lengths, filled with zeros. The earlier one, of electionguard-kotlin-multiplatform, is a protocol buffer:
status (1), over-votes (2, packed), write-ins (3), and a text of stars that fills it (4). Numbers are
written in groups of seven bits, lowest first. Content is compared by encoding what is said, so nothing of
a hostile plaintext is parsed.
"""

from __future__ import annotations

from evote.interop.electionguard2.values import OpenedData

_STATUSES = ("normal", "null_vote", "over_vote", "under_vote")
_STATUS, _OVER_VOTES, _WRITE_IN, _FILLER = b"\x08", b"\x12", b"\x1a", b"\x22"


def holds(plain: bytes, data: OpenedData) -> bool:
    """Whether a plaintext is what ``data`` says, in either encoding, with its filling."""
    content = plain[: data.sealed.size]
    if any(plain[data.sealed.size :]):
        return False
    row = row_form(data)
    if content == row.ljust(len(content), b"\x00"):
        return True
    buffer = buffer_form(data)
    return content.startswith(buffer) and _is_filler(content[len(buffer) :])


def row_form(data: OpenedData) -> bytes:
    """The later encoding: counts, numbers and texts one after another."""
    parts = [_number(len(data.over_votes)), *map(_number, data.over_votes), _number(len(data.write_ins))]
    return b"".join([*parts, *map(_text, (*data.write_ins, data.status))])


def buffer_form(data: OpenedData) -> bytes:
    """The earlier encoding, as a protocol buffer without its filling; defaults are left out."""
    parts = []
    status = _STATUSES.index(data.status) if data.status in _STATUSES else len(_STATUSES)
    if status:
        parts += [_STATUS, _number(status)]
    if data.over_votes:
        parts += [_OVER_VOTES, _prefixed(b"".join(map(_number, data.over_votes)))]
    parts += [_WRITE_IN + _text(text) for text in data.write_ins]
    return b"".join(parts)


def _is_filler(rest: bytes) -> bool:
    """Nothing, or field 4 with stars only."""
    if not rest:
        return True
    # The length takes one to three bytes, as many as it needs.
    return any(rest == _FILLER + _prefixed(b"*" * (len(rest) - 1 - width)) for width in (1, 2, 3))


def _number(number: int) -> bytes:
    rest = number & 0xFFFFFFFF
    groups = bytearray()
    while rest > 0x7F:
        groups.append(rest & 0x7F | 0x80)
        rest >>= 7
    groups.append(rest)
    return bytes(groups)


def _prefixed(data: bytes) -> bytes:
    return _number(len(data)) + data


def _text(text: str) -> bytes:
    return _prefixed(text.encode("utf-8"))

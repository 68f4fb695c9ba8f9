"""Base 64 (RFC 4648 section 4) and decimal numbers as the formats of logs write them: one form each.

Python's decoder takes several texts for one value (bits behind the last one, characters that it
skips); here a text is taken only if writing its value gives the same text again.
"""

from __future__ import annotations

import binascii
import re

from evote.errors import DecodeError

MAX_NUMBER = 2**63 - 1
"""Sizes, indices and times stay below 2^63."""

_NUMBER = re.compile("0|[1-9][0-9]{0,18}")


def encode64(data: bytes) -> str:
    """The padded text of the bytes."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def decode64(text: str, where: str, size: int | None = None) -> bytes:
    """The bytes of a text, exactly ``size`` of them if that is given; :class:`DecodeError` otherwise."""
    try:
        data = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        raise DecodeError("this is not base 64", where) from None
    if encode64(data) != text:
        raise DecodeError("this is not the one base 64 form of its bytes", where)
    if size is not None and len(data) != size:
        raise DecodeError(f"{size} bytes are wanted here, not {len(data)}", where)
    return data


def decode_number(text: str, where: str) -> int:
    """A decimal number from 0 to 2^63 - 1 without leading zeros; :class:`DecodeError` otherwise."""
    if not _NUMBER.fullmatch(text) or int(text) > MAX_NUMBER:
        raise DecodeError("a decimal number below 2^63, without leading zeros, is wanted here", where)
    return int(text)

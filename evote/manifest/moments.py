"""Moments as texts: UTC to the second, ``2026-06-30T20:00:00Z``.

One form, so that texts of one moment are equal and texts compare as the moments do. Leap seconds
and years beyond 1970 to 9999 are left out. Nothing here reads a clock.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from evote.errors import DecodeError

MOMENT_BYTES = 20

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = int((datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH).total_seconds())


def seconds_of(moment: str) -> int:
    """Seconds since 1970-01-01T00:00:00Z.

    Raises :class:`DecodeError` for another form, for a day or time that does not exist, and for years
    before 1970.
    """
    if not _FORM.fullmatch(moment):
        raise DecodeError("a moment is written as 2026-06-30T20:00:00Z")
    try:
        day = datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise DecodeError(f"there is no moment {moment}") from None
    if day < _EPOCH:
        raise DecodeError(f"the moment {moment} lies before 1970")
    return int((day - _EPOCH).total_seconds())


def moment_of(seconds: int) -> str:
    """The text of a moment, 0 <= ``seconds`` since 1970-01-01T00:00:00Z; ``ValueError`` otherwise."""
    if not 0 <= seconds <= _LAST:
        raise ValueError(f"{seconds} seconds since 1970 are no moment of the years 1970 to 9999")
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

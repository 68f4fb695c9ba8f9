"""What an application says of a file that arrived whole: of use, or refused by name.

The transport treats content as opaque. Whoever runs a collector gives it an inspection, which decides by
signature and roster; without one, every file is taken for what it is: bytes with the right hash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Verdict:
    """``name`` is stable and for programs, ``message`` a sentence for people."""

    accepted: bool
    name: str
    message: str = ""


Inspect: TypeAlias = Callable[[bytes], Verdict]
"""Looks at the bytes of one file. It must not raise for bytes that somebody may send."""

NOT_INSPECTED: Final = Verdict(True, "not-inspected", "this collector carries files and does not read them")


def looked_at(data: bytes) -> Verdict:
    """The inspection of a collector that only carries: an empty file is refused, everything else taken."""
    return NOT_INSPECTED if data else Verdict(False, "empty", "the file has no bytes")

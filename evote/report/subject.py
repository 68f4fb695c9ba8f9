"""What was verified, and by what program."""

from __future__ import annotations

from dataclasses import dataclass

from evote import __version__


@dataclass(frozen=True, slots=True)
class Tool:
    """The program that verified."""

    name: str = "evote"
    version: str = __version__


@dataclass(frozen=True, slots=True)
class Subject:
    """The record that was verified; what could not be read is empty.

    ``digest`` is the SHA-256 of the newest index, or of the list of all files where there is no
    index; ``fingerprint`` is H_E as 64 hexadecimal digits; ``profile`` says how the group stands to
    the specification (empty for the standard set); ``expected`` is the fingerprint that the caller
    knew from elsewhere, or None; ``test`` is the manifest's mark for rehearsals.
    """

    digest: str = ""
    fingerprint: str = ""
    group: str = ""
    profile: str = ""
    expected: str | None = None
    election: str = ""
    stage: str = ""
    test: bool = False

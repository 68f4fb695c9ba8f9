"""The files of a 1.x record, as electionguard-python 1.4.0 exports them.

A folder, with these names at its top::

    constants.json  context.json  manifest.json  coefficients.json  encrypted_tally.json  tally.json
    guardians/guardian_*.json               submitted_ballots/submitted_ballot_*.json
    encryption_devices/device_*.json        spoiled_ballots/spoiled_ballot_*.json

Rules: names decide, not contents; names of files come from the folder's own list, never from a record; a
number is text in one form, upper-case hexadecimal digits, two for a byte, without leading zeros, because
that text is what hashes cover.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from evote.errors import DecodeError

CONSTANTS: Final = "constants.json"
CONTEXT: Final = "context.json"
MANIFEST: Final = "manifest.json"
COEFFICIENTS: Final = "coefficients.json"
ENCRYPTED_TALLY: Final = "encrypted_tally.json"
TALLY: Final = "tally.json"
GUARDIANS: Final = "guardians"
DEVICES: Final = "encryption_devices"
SUBMITTED: Final = "submitted_ballots"
SPOILED: Final = "spoiled_ballots"

PREFIXES: Final = {
    GUARDIANS: "guardian_",
    DEVICES: "device_",
    SUBMITTED: "submitted_ballot_",
    SPOILED: "spoiled_ballot_",
}
"""How the names in each folder begin."""

KNOWN: Final = frozenset((CONSTANTS, CONTEXT, MANIFEST, COEFFICIENTS, ENCRYPTED_TALLY, TALLY, *PREFIXES))
"""Everything that may stand at the top of a record."""

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
MAX_BALLOT_BYTES: Final = 16 * 1024 * 1024
MAX_NUMBER_TEXT: Final = 2048

_DIGITS: Final = re.compile(r"[0-9A-F]++")


def recognise(path: Path) -> bool:
    """Whether ``path`` is a folder with the files that only a 1.x record has together."""
    try:
        names = set(os.listdir(path))
    except OSError:
        return False
    return CONTEXT in names and bool({CONSTANTS, COEFFICIENTS} & names)


def file_name(folder: str, label: str) -> str:
    """What the file of a ballot of that name is called in ``folder``, to be looked up in its list."""
    return f"{PREFIXES[folder]}{label}.json"


def decrypted_name(name: str) -> str:
    """What the file of a ballot's decryption is called, by that of the ballot."""
    return PREFIXES[SPOILED] + name.removeprefix(PREFIXES[SUBMITTED])


def number_text(text: str, where: str) -> str:
    """A number as hashes cover it; raises :class:`DecodeError` for another form."""
    padded = text.startswith("00") and text != "00"
    if padded or len(text) % 2 or not _DIGITS.fullmatch(text):
        raise DecodeError(
            "a number is written in upper-case hexadecimal digits, two for a byte, without leading zeros",
            where,
        )
    return text


def text_of(number: int) -> str:
    """The one text of a number from 0 on."""
    digits = f"{number:X}"
    return "0" * (len(digits) % 2) + digits

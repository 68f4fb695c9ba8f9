"""The files of a 2.0 record, and the two ways in which its JSON writes bytes.

======================  ==========================  ====================================
what                    egk-ec                      electionguard-kotlin-multiplatform
======================  ==========================  ====================================
bytes                   base 64                     hexadecimal digits
``constants.json``      object ``constants``        ``large_prime`` and others beside it
``baux0`` of config     base 64                     list of byte values
``baux0`` of a chain    list of byte values         hexadecimal digits of H_0
first link of a chain   H_0 and B_aux,0             H_0 alone
challenged              CHALLENGED                  SPOILED
======================  ==========================  ====================================

Rules: text decodes to bytes in one way only (base 64 with padding and without stray bits); a record is
recognised by names of files alone, so that one with a broken file is still recognised, and then fails.
"""

from __future__ import annotations

import base64
import binascii
import enum
import os
import re
from pathlib import Path
from typing import Final

from evote.errors import DecodeError

CONSTANTS: Final = "constants.json"
CONFIG: Final = "election_config.json"
INITIALIZED: Final = "election_initialized.json"
MANIFEST: Final = "manifest.json"
TALLY: Final = "encrypted_tally.json"
DECRYPTED: Final = "tally.json"
BALLOTS: Final = "encrypted_ballots"
CHALLENGED: Final = "challenged_ballots"
CHAIN: Final = "ballot_chain.json"
PRIVATE: Final = "private_data"

BALLOT_NAME: Final = re.compile(r"eballot-[^\\]*\.json")
DECRYPTED_NAME: Final = re.compile(r"dballot-[^\\]*\.json")

SETUP_FILES: Final = (CONSTANTS, CONFIG, INITIALIZED, MANIFEST)
KNOWN: Final = (*SETUP_FILES, TALLY, DECRYPTED, BALLOTS, CHALLENGED, PRIVATE)
"""Everything that may stand at the top of a record."""

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
MAX_BALLOT_BYTES: Final = 16 * 1024 * 1024

_HEXADECIMAL: Final = re.compile(r"(?:[0-9A-Fa-f]{2})*+")


class Layout(enum.Enum):
    """Who wrote the JSON."""

    EGK_EC = "egk-ec"
    MULTIPLATFORM = "electionguard-kotlin-multiplatform"

    def octets(self, text: str, where: str) -> bytes:
        """The bytes that a text of this layout stands for; raises :class:`DecodeError`."""
        return base64_bytes(text, where) if self is Layout.EGK_EC else hexadecimal_bytes(text, where)

    @property
    def challenged(self) -> str:
        """The state of a ballot that is not counted."""
        return "CHALLENGED" if self is Layout.EGK_EC else "SPOILED"


def recognise(path: Path) -> bool:
    """Whether ``path`` is a folder with the files that only a 2.0 record has together."""
    try:
        names = set(os.listdir(path))
    except OSError:
        return False
    return CONSTANTS in names and bool({CONFIG, INITIALIZED} & names)


def base64_bytes(text: str, where: str) -> bytes:
    """Base 64 with padding, in its one form."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise DecodeError("this is not base 64", where) from None
    if base64.b64encode(data).decode("ascii") != text:
        raise DecodeError("the base 64 is not in its one form", where)
    return data


def hexadecimal_bytes(text: str, where: str) -> bytes:
    """An even number of hexadecimal digits, of either case."""
    if not _HEXADECIMAL.fullmatch(text):
        raise DecodeError("these are not hexadecimal digits, two for a byte", where)
    return bytes.fromhex(text)

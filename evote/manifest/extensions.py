"""What a manifest may declare beyond plain 2.1, by name.

A declared extension must be present in the record and hold; a record that lacks it fails (A60).
Extensions that are not in this table are refused by name: a program that does not know what an
election relies on cannot say that it is right.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExtensionKind:
    """What is known of an extension before any election declares it."""

    meaning: str
    keyed: bool = False
    """Whether its declaration names the key that signs it."""
    revotes: bool = False
    """Whether ballots carry a pseudonym and a later ballot may replace an earlier one."""


INDEX = "index"
CONTEXT = "context"
ROUND0 = "round0"
CELLS = "cells"
BOARD = "board"
ROLL = "roll"
RETURNS = "returns"
PREENCRYPTED = "preencrypted"
REQUESTS = "requests"

KNOWN = {
    INDEX: ExtensionKind("every file of the record is listed and the list signed", keyed=True),
    CONTEXT: ExtensionKind("the selection encryption identifier of a ballot is a hash over its context"),
    ROUND0: ExtensionKind("guardians commit to their keys, and prove them under H_B, before any is shown"),
    CELLS: ExtensionKind("units are decrypted in fixed groups of a minimum size"),
    BOARD: ExtensionKind(
        "every ballot stands on the log of its unit, and the heads of all logs on the election's", keyed=True
    ),
    ROLL: ExtensionKind("ballots are signed with credentials of a roll", keyed=True, revotes=True),
    RETURNS: ExtensionKind("every unit reports with a signed return, of a kind that is fixed", keyed=True),
    PREENCRYPTED: ExtensionKind("ballots may be encrypted before their voters choose"),
    REQUESTS: ExtensionKind(
        "every request to decrypt stands on a log before a guardian answers it", keyed=True
    ),
}
"""Every extension by its name."""

"""What a decryption session gives (sections 3.6.5 to 3.6.7): values to be published."""

from __future__ import annotations

from dataclasses import dataclass

from evote.ballots import OpenedBallot
from evote.tally import DecryptedCell, DecryptedData, WithheldCell


@dataclass(frozen=True, slots=True)
class UnopenedBallot:
    """A challenged ballot whose decrypted nonce does not open it: its device did not keep to the rules.

    The voter's challenge succeeded, in that it showed a device that encrypts another nonce or another
    vote than it should. Nothing is published for such a ballot, so that verifiers report it as not opened
    (E.13): the record fails there, and people have to say what follows.
    """

    identifier: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Decryption:
    """All values of one request, in its order."""

    guardians: tuple[int, ...]
    """U."""
    cells: tuple[DecryptedCell, ...]
    withheld: tuple[WithheldCell, ...]
    data: tuple[DecryptedData, ...]
    openings: tuple[OpenedBallot, ...]
    unopened: tuple[UnopenedBallot, ...]

"""Encryption by a device of the office: plaintext ballots become pending ones.

Each ballot is encrypted and kept, durably, before the next one: whatever stops the program leaves the
ballots so far, and the chain of the device goes on behind them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evote.ballots import Election, PlaintextBallot
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.storage.pending import PendingStore
from evote.storage.vault import Vault

NONCE = "ballot nonce"
"""What a sealed nonce is sealed as; its owner is the ballot's identifier."""


def encrypt_ballots(
    election: Election,
    store: PendingStore,
    vault: Vault,
    device: str,
    ballots: Iterable[PlaintextBallot],
) -> Iterator[str]:
    """Encrypt on the device of that name, and yield each confirmation code once its ballot is kept.

    Raises ``ValueError`` for a device name or marks that cannot be, and
    :class:`~evote.errors.RefusedError` if another program encrypts for the device at the same time.
    """
    codes = store.codes(device)
    machine = Device(election, device, codes=codes)
    for place, plaintext in enumerate(ballots, len(codes)):
        prepared = encrypt(machine, plaintext)
        ballot, context, nonce = prepared.pending()
        store.add(place, ballot, context, vault.seal(NONCE, ballot.identifier, nonce))
        yield prepared.code

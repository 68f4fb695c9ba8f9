"""A voting device: its information string, its chain of confirmation codes, its own secret.

Specification sections 3.4.3 and 3.4.4. In chaining mode 0 every ballot carries the device hash; in
mode 1 it carries the code of the ballot before. A device is the one object here that changes: it
remembers its last code. It never serves two threads at once (calls are serialised by a lock).
"""

from __future__ import annotations

import threading

from evote.ballots.chain import chaining_field, device_record, family_of, initial_of
from evote.ballots.election import Election
from evote.ballots.values import DeviceRecord
from evote.errors import RefusedError
from evote.manifest import ChainingMode
from evote.randomness import SYSTEM, Randomness
from evote.secret import Secret

MAX_DEVICE_BYTES = 1024


class Device:
    """One device of an election; ``information`` is the string S_device.

    ``codes`` continues a device that was stopped: the confirmation codes that it made so far.
    """

    def __init__(
        self, election: Election, information: str, *, codes: tuple[bytes, ...] = (), rng: Randomness = SYSTEM
    ) -> None:
        if not information or len(information.encode("utf-8")) > MAX_DEVICE_BYTES:
            raise ValueError(f"the device information has 1 to {MAX_DEVICE_BYTES} bytes")
        self.election = election
        self.information = information
        self.lock = threading.RLock()
        self._family = family_of(election, information)
        self._hash = self._family.device_hash(election.extended_hash, information)
        self._codes = list(codes)
        self._closed = False
        # Mixed into every ballot nonce, so that one bad draw of randomness is not enough (A63).
        self.secret: Secret[bytes] = Secret(rng.token(32))

    def __repr__(self) -> str:
        return f"<device {self.information!r}, {len(self._codes)} ballots>"

    @property
    def codes(self) -> tuple[bytes, ...]:
        """The confirmation codes made so far, in order."""
        return tuple(self._codes)

    def next_field(self) -> bytes:
        """The chaining field of the next ballot."""
        if self._closed:
            raise RefusedError(f"device {self.information!r} is closed; it makes no more ballots")
        if self.election.manifest.chaining is ChainingMode.NONE:
            return chaining_field(ChainingMode.NONE, self._hash)
        last = self._codes[-1] if self._codes else initial_of(self.election, self._hash, self._family)[1]
        return chaining_field(ChainingMode.SIMPLE, last)

    def advance(self, code: bytes) -> None:
        """Remember the confirmation code of the ballot that was just made."""
        self._codes.append(code)

    def close(self) -> DeviceRecord:
        """End the device's work and give what is published of it."""
        with self.lock:
            self._closed = True
            return device_record(self.election, self.information, self.codes)

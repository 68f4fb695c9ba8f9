"""Every hash of a 1.x record: SHA-256 over texts between bars, as a number modulo q.

``h(x_1, .., x_k) = SHA-256("|" t_1 "|" .. t_k "|") mod q``, where t is upper-case hexadecimal for elements
and hashes, decimal for other numbers, a text itself, "null" for what is absent and for an empty list, and
for a list the h of its members. (``hash.py`` of electionguard-python 1.4.0; it departs from the 1.x text in
the order of fields only where this module says so.)

The encoding is not injective: a text with a bar in it can be read in two ways. That is the format's;
``specs/foreign-records.md`` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evote.groups import Group
from evote.hashing import sha256
from evote.interop.electionguard1.layout import text_of
from evote.interop.electionguard1.values import Device, Pair, Ring

Field = str | int | None | Sequence[str]
"""A text (numbers in hexadecimal are texts), a decimal number, nothing, or a list of texts."""


@dataclass(frozen=True, slots=True)
class Hashes:
    """The hashes over the group with order ``order``; every result is the text of a number below it."""

    order: int

    def of(self, *fields: Field) -> str:
        """h(x_1, .., x_k)."""
        parts = [self._text(field) for field in fields]
        raw = "|" + "".join(f"{part}|" for part in parts)
        return text_of(int.from_bytes(sha256(raw.encode("utf-8")), "big") % self.order)

    def _text(self, field: Field) -> str:
        if isinstance(field, str):
            return field
        if isinstance(field, int):
            return str(field)
        return self.of(*field) if field else "null"

    # --- setup -----------------------------------------------------------------------------------

    def base(self, group: Group, guardians: int, quorum: int, manifest: str) -> str:
        """Q: p, q, g, n, k and the manifest hash."""
        p, q, g = (text_of(int.from_bytes(part, "big")) for part in group.published_parameters())
        return self.of(p, q, g, guardians, quorum, manifest)

    def commitments(self, commitments: Sequence[str]) -> str:
        """The commitment hash: all K_i,j as one list, guardian by guardian."""
        return self.of(commitments)

    def extended(self, base: str, commitments: str) -> str:
        """Q-bar."""
        return self.of(base, commitments)

    def key_challenge(self, key: str, commitment: str) -> str:
        """Challenge of the Schnorr proof for K_i,j; neither Q nor the guardian is in it."""
        return self.of(key, commitment)

    # --- ballots ---------------------------------------------------------------------------------

    def challenge(self, extended: str, pair: Pair, *further: str) -> str:
        """Challenge of every other proof: Q-bar, the pair, the commitments (and M_i, of a decryption)."""
        return self.of(extended, pair.pad, pair.data, *further)

    def pair(self, pair: Pair) -> str:
        """The hash of a ciphertext."""
        return self.of(pair.pad, pair.data)

    def selection(self, label: str, description: str, pair: Pair) -> str:
        """The hash of a selection."""
        return self.of(label, description, self.pair(pair))

    def contest(self, label: str, description: str, selections: Iterable[str]) -> str:
        """The hash of a contest, over those of its selections in order."""
        return self.of(label, description, *selections)

    def ballot(self, label: str, manifest: str, contests: Iterable[str]) -> str:
        """The hash of a ballot, over those of its contests in order."""
        return self.of(label, manifest, *contests)

    def code(self, ring: Ring, ballot: str) -> str:
        """The confirmation code: the one before, the time, the ballot's hash."""
        return self.of(ring.seed, ring.time, ballot)

    def start(self, device: Device) -> str:
        """What stands before the first code of a device."""
        return self.of(device.number, device.session, device.launch_code, device.location)

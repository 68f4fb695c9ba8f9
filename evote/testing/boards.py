"""Seeded keys of logs, devices and authorities, and the declarations that a draft makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evote.manifest.declarations import AUTHORITY_ORIGIN, SECOND_AUTHORITY_ORIGIN, device_origin
from evote.signing import SigningKey, prove_possession
from evote.testing.randomness import SeededRandomness

ORIGIN = "logs.example/election"
CLOSES = "2026-06-30T20:00:00Z"


@dataclass(frozen=True)
class BoardKeys:
    """Who signs what in an election with a board."""

    log: SigningKey
    units: Mapping[str, SigningKey]
    """Path of the unit -> key of its log."""
    devices: Mapping[str, SigningKey]
    authorities: tuple[SigningKey, ...]

    @classmethod
    def drawn(
        cls, seed: str, units: Iterable[str], *, devices: Iterable[str] = (), authorities: int = 1
    ) -> BoardKeys:
        """Keys that are the same for the same seed and names."""

        def key(name: str) -> SigningKey:
            return SigningKey.generate(SeededRandomness(f"{seed}/{name}"))

        return cls(
            key("election log"),
            {path: key(f"unit {path}") for path in units},
            {name: key(f"device {name}") for name in devices},
            tuple(key(f"authority {number}") for number in range(authorities)),
        )

    def board(self, salt: bytes, **changes: object) -> dict[str, Any]:
        """The member "board" of a draft, in the form of the manifest, with other values for some members."""
        content: dict[str, Any] = {
            **_log(self.log, salt, ORIGIN),
            "closes": CLOSES,
            "merge_delay": 600,
            "witnesses": "",
            "units": {path: _log(key, salt, unit_origin(path)) for path, key in self.units.items()},
            "devices": {name: _key(key, salt, device_origin(name)) for name, key in self.devices.items()},
        }
        return content | changes

    def roll(self, salt: bytes, *, slots: int, root: bytes, **changes: object) -> dict[str, Any]:
        """The member "roll" of a draft, likewise."""
        origins = (AUTHORITY_ORIGIN, SECOND_AUTHORITY_ORIGIN)
        proven = [_key(key, salt, origin) for key, origin in zip(self.authorities, origins, strict=False)]
        content: dict[str, Any] = {
            **proven[0],
            "second": proven[1] if len(proven) > 1 else None,
            "slots": slots,
            "root": root.hex(),
            "parts": len(proven),
            "iterations": 1,
        }
        return content | changes


def unit_origin(path: str) -> str:
    """The origin of a unit's log."""
    return f"{ORIGIN}/{path}"


def _key(key: SigningKey, salt: bytes, origin: str) -> dict[str, Any]:
    proof = prove_possession(key, salt=salt, origin=origin)
    return {"key": key.verify_key.encoded.hex(), "possession": proof.hex()}


def _log(key: SigningKey, salt: bytes, origin: str) -> dict[str, Any]:
    return {**_key(key, salt, origin), "origin": origin}

"""Seeded keys of the units of a roster, and the declaration that a draft makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evote.manifest.declarations import ROSTER_ORIGIN, ReturnKind, unit_key_origin
from evote.signing import SigningKey, prove_possession
from evote.testing.randomness import SeededRandomness

CORRECT_UNTIL = "2026-07-10T20:00:00Z"


@dataclass(frozen=True)
class ReturnKeys:
    """Who signs what in an election with unit returns."""

    authority: SigningKey
    units: Mapping[str, SigningKey]
    """Path of every unit of the tree -> its key."""

    @classmethod
    def drawn(cls, seed: str, paths: Iterable[str]) -> ReturnKeys:
        """Keys that are the same for the same seed and paths; the units above those of ``paths`` get some too."""
        names: list[str] = []
        for path in paths:
            labels = path.split("/")
            names += ["/".join(labels[: depth + 1]) for depth in range(len(labels))]

        def key(name: str) -> SigningKey:
            return SigningKey.generate(SeededRandomness(f"{seed}/returns/{name}"))

        return cls(key("roster authority"), {path: key(f"unit {path}") for path in dict.fromkeys(names)})

    def returns(self, salt: bytes, kinds: Mapping[str, ReturnKind], **changes: object) -> dict[str, Any]:
        """The member "returns" of a draft; ``kinds`` has the reporting units."""
        content: dict[str, Any] = {
            **_key(self.authority, salt, ROSTER_ORIGIN),
            "correct_until": CORRECT_UNTIL,
            "units": {
                path: {
                    "kind": kinds[path].value if path in kinds else None,
                    **_key(key, salt, unit_key_origin(path)),
                }
                for path, key in self.units.items()
            },
        }
        return content | changes


def _key(key: SigningKey, salt: bytes, origin: str) -> dict[str, Any]:
    proof = prove_possession(key, salt=salt, origin=origin)
    return {"key": key.verify_key.encoded.hex(), "possession": proof.hex()}

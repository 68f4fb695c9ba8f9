"""The election as everybody sees it once the keys exist: parameters, manifest, keys, hashes.

Specification sections 3.1.4 and 3.2.3. A value that callers pass on; many elections live side by
side. Nothing in it is secret.
"""

from __future__ import annotations

from dataclasses import dataclass

from evote.ceremony import extended_base_hash
from evote.elgamal import PublicKey
from evote.groups import Element, Group
from evote.manifest import Manifest, Parameters, base_hash, parameter_base_hash


@dataclass(frozen=True, slots=True, eq=False)
class Election:
    """Parameters, manifest and joint keys, with H_P, H_B and H_E computed from them."""

    parameters: Parameters
    manifest: Manifest
    vote_key: PublicKey
    """K, under which votes are encrypted."""
    data_key: PublicKey
    """K-hat, under which ballot nonces and contest data are encrypted."""
    parameter_hash: bytes
    base_hash: bytes
    extended_hash: bytes

    @classmethod
    def of(
        cls,
        parameters: Parameters,
        manifest: Manifest,
        vote_key: Element,
        data_key: Element,
        *,
        window: int = 8,
    ) -> Election:
        """Compute the hashes and build the tables of both keys (``window`` bits a row)."""
        parameter_hash = parameter_base_hash(parameters)
        election_hash = base_hash(parameter_hash, manifest.raw)
        return cls(
            parameters,
            manifest,
            PublicKey.of(vote_key, window),
            PublicKey.of(data_key, window),
            parameter_hash,
            election_hash,
            extended_base_hash(election_hash, vote_key.encode(), data_key.encode()),
        )

    @property
    def group(self) -> Group:
        return self.parameters.group

    @property
    def fingerprint(self) -> str:
        """H_E as 64 hexadecimal digits: it covers parameters, manifest and both keys."""
        return self.extended_hash.hex()

"""The election as everybody sees it once the keys exist: parameters, manifest, keys, hashes.

Specification sections 3.1.4 and 3.2.3. A value that callers pass on; many elections live side by
side. Nothing in it is secret.
"""

from __future__ import annotations

from dataclasses import dataclass

from evote.ceremony import JointKeys, Setting, extended_base_hash
from evote.elgamal import PublicKey
from evote.errors import VerificationError
from evote.groups import Element, Group
from evote.manifest import Manifest, Parameters, base_hash, parameter_base_hash


def ceremony_setting(parameters: Parameters, manifest: Manifest) -> Setting:
    """What guardians agree on before they make keys: group, n, k, H_P and H_B (equations 4, 5)."""
    hashed = parameter_base_hash(parameters)
    return Setting(
        parameters.group, parameters.guardians, parameters.quorum, hashed, base_hash(hashed, manifest.raw)
    )


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
        setting = ceremony_setting(parameters, manifest)
        return cls(
            parameters,
            manifest,
            PublicKey.of(vote_key, window),
            PublicKey.of(data_key, window),
            setting.parameter_hash,
            setting.base_hash,
            extended_base_hash(setting.base_hash, vote_key.encode(), data_key.encode()),
        )

    @classmethod
    def from_keys(
        cls, parameters: Parameters, manifest: Manifest, keys: JointKeys, *, window: int = 8
    ) -> Election:
        """The election of published keys.

        Raises :class:`~evote.errors.DecodeError` or :class:`~evote.groups.MembershipError` for keys
        that are no elements, and :class:`~evote.errors.VerificationError` if H_E is not theirs (4.A).
        """
        group = parameters.group
        election = cls.of(
            parameters, manifest, group.decode(keys.vote_key), group.decode(keys.data_key), window=window
        )
        if election.extended_hash != keys.extended_hash:
            raise VerificationError(
                "the keys belong to other parameters or another manifest",
                check="4.A",
                expected=election.extended_hash.hex(),
                computed=keys.extended_hash.hex(),
            )
        return election

    @property
    def setting(self) -> Setting:
        """The setting of the ceremony that made the keys."""
        parameters = self.parameters
        return Setting(
            parameters.group, parameters.guardians, parameters.quorum, self.parameter_hash, self.base_hash
        )

    @property
    def group(self) -> Group:
        return self.parameters.group

    @property
    def fingerprint(self) -> str:
        """H_E as 64 hexadecimal digits: it covers parameters, manifest and both keys."""
        return self.extended_hash.hex()
